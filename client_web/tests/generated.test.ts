import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
// @ts-expect-error a build script without types
import { generated } from "../scripts/generate.mjs";

it("the generated types are those of the schema", async () => {
  const file = new URL("../src/protocol/generated.ts", import.meta.url);
  expect(await readFile(file, "utf8")).toBe(await (generated as () => Promise<string>)());
});
