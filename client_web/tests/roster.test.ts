import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COLUMN_WORDS, guessed, problemsOf, readTable, rosterText, Unreadable } from "../src/state/roster";

const codes = (text: string): [string, number, number | null][] => {
  const table = readTable(text);
  return problemsOf(table, guessed(table.titles)).map(({ code, line, column }) => [code, line, column]);
};

interface Vectors {
  words: globalThis.Record<string, string[]>;
  titles: [string, string | null][];
}

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/roster.json", import.meta.url), "utf8")) as Vectors;

test("columns are known by the words that the server knows", () => {
  expect(COLUMN_WORDS).toEqual(vectors.words);
  for (const [title, field] of vectors.titles) expect([title, guessed([title])]).toEqual([title, [field ?? "attribute"]]);
});

test("columns are known by their titles; what is not known is an attribute, what has no title is left out", () => {
  expect(guessed(["E-Mail", "Full name", "Student ID", "Group", "Team", "", "Points"])).toEqual(["email", "name", "external_id", "room", "attribute", "ignore", "score"]);
  expect(guessed(["id", "user id"])).toEqual(["external_id", "attribute"]);
});

test("quotes, semicolons, line breaks in cells and empty lines are read as spreadsheets write them", () => {
  const table = readTable('\ufeffemail;name\r\na@x.org;"Ann ""A""\r\nBell"\r\n\r\nb@x.org;Bob\r\n');
  expect(table.rows).toEqual([{ line: 2, cells: ["a@x.org", 'Ann "A"\nBell'] }, { line: 5, cells: ["b@x.org", "Bob"] }]);
});

test("problems name line and column", () => {
  expect(codes("email,score\na@x.org,1.5\nnobody,2\nb@x.org,many\na@x.org,3\n,4\nc@x.org\n")).toEqual([
    ["not_an_email", 3, 1], ["not_a_number", 4, 2], ["twice", 5, 1], ["no_key", 6, null], ["fields", 7, 1],
  ]);
  expect(codes("name\nAnn\n")).toEqual([["no_key_column", 1, null]]);
  expect(() => readTable('email\n"a@x.org\n')).toThrow(Unreadable);
  expect(() => readTable("[1]")).toThrow(Unreadable);
});

test("what is taken has the server's headers, and everybody in the line they had", () => {
  const table = readTable('Courriel;Nom;Équipe;x\n\na@x.org;"Ann, A";rouge;1\n');
  expect(rosterText(table, ["email", "name", "attribute", "ignore"])).toBe('email,name,attribute:Équipe\n\na@x.org,"Ann, A",rouge\n');
});

test("JSON is read into the same columns", () => {
  const table = readTable('{"people": [{"email": "a@x.org", "attributes": {"team": "red"}}, {"email": "b@x.org", "score": 3}]}');
  expect(table.titles).toEqual(["email", "team", "score"]);
  expect(rosterText(table, guessed(table.titles))).toBe("email,attribute:team,score\na@x.org,red,\nb@x.org,,3\n");
});

test("what would not get through to the server, or not be taken there, is told before it is sent", () => {
  const row = (number: number): string => `person${String(number)}@example.org,${"名".repeat(20)}\n`;
  const rows = (count: number): string => `email,name\n${Array.from({ length: count }, (_, index) => row(index)).join("")}`;
  expect(codes(rows(1_000))).toEqual([]);
  expect(codes(rows(3_000))).toEqual([["too_large", 0, null]]);
  expect(codes(`email,name\na@x.org,${"x".repeat(501)}\nb@x.org,${"😀".repeat(500)}\n`)).toEqual([["too_long", 2, 2]]);
  const titles = ["email", ...Array.from({ length: 100 }, (_, index) => `a${String(index)}`)];
  const table = readTable(`${titles.join(",")}\na@x.org${",1".repeat(100)}\n`);
  expect(problemsOf(table, guessed(titles))).toMatchObject([{ code: "too_many_columns", line: 1, column: 101 }]);
  expect(problemsOf(table, guessed(titles).map((role, index) => (index === 7 ? "ignore" : role)))).toEqual([]);
});
