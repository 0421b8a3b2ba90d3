import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// ui → state → core → protocol: a layer imports from those to its right only.
const layers = ["protocol", "core", "state", "ui"];
const direction = layers.map((layer, index) => ({
  files: [`src/${layer}/**/*.{ts,tsx}`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...layers.slice(index + 1).map((above) => ({ group: [`**/${above}/**`], message: `${layer} must not import ${above}.` })),
          ...(layer === "ui" ? [] : [{ group: ["react", "react-dom", "@mantine/*"], message: "React lives in ui/ only." }]),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["dist", "src/protocol/generated.ts"] },
  ...tseslint.configs.strict,
  {
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "max-lines": ["error", 500],
      "no-console": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  ...direction,
);
