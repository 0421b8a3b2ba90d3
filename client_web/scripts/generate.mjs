// src/protocol/generated.ts from src/protocol/schema.json, which `make schema` writes from the server's classes.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const folder = new URL("../src/protocol/", import.meta.url);

/** Titles name types; those of single fields would make an alias of every string. */
function withoutFieldTitles(schema) {
  if (Array.isArray(schema)) return schema.map(withoutFieldTitles);
  if (typeof schema !== "object" || schema === null) return schema;
  if ("$ref" in schema) return { $ref: schema.$ref }; // a default beside it would make another type of the same shape
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === "title" && typeof value === "string"))
      .map(([key, value]) => [key, withoutFieldTitles(value)]),
  );
}

/** `const` and `default` on a tag mean that it is always there. */
function requireTags(definition) {
  const tags = ["type", "kind"].filter((tag) => definition.properties?.[tag]?.const);
  return tags.length ? { ...definition, required: [...new Set([...(definition.required ?? []), ...tags])] } : definition;
}

export async function generated() {
  const schema = JSON.parse(await readFile(new URL("schema.json", folder), "utf8"));
  const definitions = Object.fromEntries(
    Object.entries(schema.$defs).map(([name, definition]) => [
      name,
      { ...requireTags(withoutFieldTitles(definition)), title: name },
    ]),
  );
  const roots = ["ClientCommand", "Record"];
  const root = {
    title: "Messages",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(roots.map((name) => [name, { $ref: `#/$defs/${name}` }])),
    $defs: definitions,
  };
  return compile(root, "Messages", {
    additionalProperties: false,
    bannerComment: "// Generated from schema.json by `npm run generate`. Do not edit.",
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile(new URL("generated.ts", folder), await generated());
}
