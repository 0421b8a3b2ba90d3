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
