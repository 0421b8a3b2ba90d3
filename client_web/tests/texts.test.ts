import { readdir, readFile } from "node:fs/promises";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { en } from "../src/locales/en";
import { fr } from "../src/locales/fr";
import { ja } from "../src/locales/ja";

type Tree = { [key: string]: string | Tree };
const texts = (tree: Tree, at = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[at + key, value] as [string, string]] : texts(value, `${at}${key}.`)));
const base = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, "");
const holes = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "").sort();

describe.each([["fr", fr], ["ja", ja]] as [string, Tree][])("%s", (language, translation) => {
  const english = new Map(texts(en).map(([key, text]) => [base(key), text]));

  test("says everything that English says, with the same placeholders", () => {
    expect([...new Set(texts(translation).map(([key]) => base(key)))].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of texts(translation)) expect([key, holes(text)]).toEqual([key, holes(english.get(base(key)) ?? "")]);
  });

  test("has the plural forms that its grammar uses below a million", () => {
    const keys = new Set(texts(translation).map(([key]) => key));
    const used = new Set([0, 1, 2, 5, 21, 100].map((count) => new Intl.PluralRules(language).select(count)));
    for (const key of keys) {
      if (key.endsWith("_other")) for (const form of used) expect(keys).toContain(`${base(key)}_${form}`);
    }
  });
});

/** Every string of the sources, and every template as an expression: what it is filled with may be any one part of a key. */
async function saidInSources(): Promise<{ strings: Set<string>; templates: RegExp[] }> {
  const root = new URL("../src/", import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((file) => /\.tsx?$/.test(file) && !/^(locales|protocol)\//.test(file));
  const strings = new Set<string>();
  const templates: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) strings.add(node.text);
    if (ts.isTemplateExpression(node)) {
      const parts = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
      const isKey = parts.every((part) => /^[\w.]*$/.test(part)) && parts.some((part) => /\w\.|\.\w/.test(part));
      if (isKey) templates.push(new RegExp(`^${parts.map((part) => part.replaceAll(".", "\\.")).join("\\w+")}$`));
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    const source = await readFile(new URL(file, root), "utf8");
    visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  }
  return { strings, templates };
}

describe("en", () => {
  const keys = [...new Set(texts(en).map(([key]) => base(key)))];
  const sections = new Set(Object.keys(en));

  test("has every text that is asked for, and none that nothing asks for", async () => {
    const { strings, templates } = await saidInSources();
    const asked = [...strings].filter((each) => /^\w+(\.\w+)+$/.test(each) && sections.has(each.split(".")[0] ?? ""));
    expect(asked.length).toBeGreaterThan(300);
    expect(asked.filter((each) => !keys.includes(each) && !keys.some((key) => key.startsWith(`${each}.`)))).toEqual([]);
    expect(keys.filter((key) => !strings.has(key) && !templates.some((template) => template.test(key)))).toEqual([]);
  });
});
