/**
 * A roster before it is taken: its cells, what each column is, and what is wrong with it, by line and column. Pure.
 *
 * What is taken is written anew as CSV (`rosterText`) with the server's headers, each person in the line they had, so that what the server says about a line is
 * true of the file. The server checks everything again (rooms/roster/).
 */
export const FIELDS = ["email", "external_id", "name", "room", "score"] as const;
export type Field = (typeof FIELDS)[number];
/** `attribute`: kept under the column's own title. */
export type Role = Field | "attribute" | "ignore";

export interface Cells {
  /** Of the file, from 1. */
  line: number;
  cells: string[];
}

export interface Table {
  titles: string[];
  rows: Cells[];
}

export type ProblemCode =
  | "empty" | "quote" | "json" | "fields" | "no_key_column" | "twice_column" | "no_key" | "not_an_email" | "not_a_number" | "twice" | "untitled" | "too_many" | "too_many_columns" | "too_long" | "too_large";

export interface RosterProblem {
  code: ProblemCode;
  line: number;
  /** Of the table, from 1; null where it is about a whole line. */
  column: number | null;
  /** What stands there, or how many were expected. */
  value: string;
}

const MOST_ROWS = 10_000;
const MOST_COLUMNS = 100;
const LONGEST_CELL_CHARS = 500;
/** What a message to the server may have (200 kB), less what stands around the roster in it. A larger one would end the connection, again and again. */
const MOST_BYTES = 190_000;
const MOST_PROBLEMS = 20;
const ATTRIBUTE = /^attribute:\s*/i;

/** How columns are called that are known by their title, without case and signs; the same words as the server knows (tests/vectors/roster.json). */
export const COLUMN_WORDS: Readonly<globalThis.Record<Field, readonly string[]>> = {
  email: ["email", "e mail", "mail", "email address", "e mail address", "e mail adresse", "adresse e mail", "courriel", "メール", "メールアドレス"],
  external_id: ["external id", "id", "user id", "student id", "participant id", "learner id", "identifiant", "学籍番号"],
  name: ["name", "full name", "display name", "participant", "nom", "nom complet", "名前", "氏名"],
  room: ["room", "group", "room name", "group name", "breakout", "breakout room", "pre assign room name", "raum", "salle", "groupe", "ルーム", "グループ"],
  score: ["score", "points", "grade", "pre work score", "note", "点数"],
};

/** What the columns most likely are: known titles, else attributes; a column without a title is left out. */
export function guessed(titles: readonly string[]): Role[] {
  const taken = new Set<Role>();
  return titles.map((title) => {
    const plain = title.toLowerCase().replace(/[\s_\-.]+/g, " ").trim();
    const field = FIELDS.find((each) => COLUMN_WORDS[each].includes(plain));
    if (plain === "") return "ignore";
    if (field === undefined || taken.has(field)) return "attribute";
    taken.add(field);
    return field;
  });
}

export class Unreadable extends Error {
  constructor(readonly problem: RosterProblem) {
    super(problem.code);
  }
}

/** The cells of a CSV or JSON text. Throws `Unreadable`. */
export function readTable(text: string): Table {
  const plain = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  if (plain.trim() === "") throw new Unreadable({ code: "empty", line: 1, column: null, value: "" });
  return /^\s*[[{]/.test(plain) ? fromJson(plain) : fromCsv(plain);
}

function fromJson(text: string): Table {
  const bad = new Unreadable({ code: "json", line: 1, column: null, value: "" });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw bad;
  }
  const people: unknown = Array.isArray(parsed) ? parsed : (parsed as { people?: unknown }).people;
  if (!Array.isArray(people) || people.length === 0 || people.some((each) => typeof each !== "object" || each === null)) throw bad;
  const flat = people.map((person: Readonly<globalThis.Record<string, unknown>>) => {
    const { attributes, ...plain } = person;
    const more = typeof attributes === "object" && attributes !== null ? Object.entries(attributes) : [];
    return new Map([...Object.entries(plain), ...more].map(([key, value]) => [key, value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean)]));
  });
  const titles = [...new Set(flat.flatMap((person) => [...person.keys()]))];
  return { titles, rows: flat.map((person, index) => ({ line: index + 2, cells: titles.map((title) => person.get(title) ?? "") })) };
}

function fromCsv(text: string): Table {
  const separator = /^sep=(.)\n/i.exec(text)?.[1];
  const records = recordsOf(separator === undefined ? text : text.slice(6), separator ?? delimiterOf(text), separator === undefined ? 1 : 2);
  const [header, ...rows] = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  if (header === undefined) throw new Unreadable({ code: "empty", line: 1, column: null, value: "" });
  return { titles: header.cells.map((cell) => cell.trim()), rows };
}

function delimiterOf(text: string): string {
  const outside = (text.trimStart().split("\n", 1)[0] ?? "").split('"').filter((_, index) => index % 2 === 0).join("");
  const times = (sign: string): number => outside.split(sign).length;
  return [",", ";", "\t"].reduce((best, sign) => (times(sign) > times(best) ? sign : best));
}

function recordsOf(text: string, delimiter: string, firstLine: number): Cells[] {
  const records: Cells[] = [];
  let [at, line] = [0, firstLine];
  while (at < text.length) {
    const record: Cells = { line, cells: [] };
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        const began = line;
        at += 1;
        for (;;) {
          const end = text.indexOf('"', at);
          if (end < 0) throw new Unreadable({ code: "quote", line: began, column: record.cells.length + 1, value: "" });
          cell += text.slice(at, end);
          line += text.slice(at, end).split("\n").length - 1;
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at += 1;
        }
        if (at < text.length && text[at] !== delimiter && text[at] !== "\n") throw new Unreadable({ code: "quote", line, column: record.cells.length + 1, value: "" });
      } else {
        const began = at;
        while (at < text.length && text[at] !== delimiter && text[at] !== "\n") at += 1;
        cell = text.slice(began, at);
        if (cell.includes('"')) throw new Unreadable({ code: "quote", line, column: record.cells.length + 1, value: "" });
      }
      record.cells.push(cell);
      if (text[at] !== delimiter) break;
      at += 1;
    }
    if (text[at] === "\n") {
      at += 1;
      line += 1;
    }
    records.push(record);
  }
  return records;
}

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s.]+$|^[^@\s]+@localhost$/;
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,2})?$/i;

/** What is wrong with the table if its columns are these, in the order of the file; at most 20. */
export function problemsOf({ titles, rows }: Table, roles: readonly Role[]): RosterProblem[] {
  const found: RosterProblem[] = [];
  const at = (field: Field): number => roles.indexOf(field);
  roles.forEach((role, index) => {
    if (role === "attribute" && (titles[index] ?? "").replace(ATTRIBUTE, "") === "") found.push({ code: "untitled", line: 1, column: index + 1, value: "" });
    else if (role !== "ignore" && roles.findIndex((each, other) => each === role && (role !== "attribute" || titles[other] === titles[index])) < index) found.push({ code: "twice_column", line: 1, column: index + 1, value: titles[index] ?? "" });
  });
  if (at("email") < 0 && at("external_id") < 0) found.push({ code: "no_key_column", line: 1, column: null, value: "" });
  const kept = roles.map((_, index) => index).filter((index) => roles[index] !== "ignore");
  if (kept.length > MOST_COLUMNS) found.push({ code: "too_many_columns", line: 1, column: (kept[MOST_COLUMNS] ?? 0) + 1, value: String(MOST_COLUMNS) });
  if (rows.length === 0) found.push({ code: "empty", line: 1, column: null, value: "" });
  if (rows.length > MOST_ROWS) found.push({ code: "too_many", line: rows[MOST_ROWS]?.line ?? 1, column: null, value: String(MOST_ROWS) });
  if (found.length > 0) return found;
  const known = new Map<string, number>();
  for (const { line, cells } of rows) {
    if (found.length >= MOST_PROBLEMS) break;
    if (cells.length !== titles.length) {
      found.push({ code: "fields", line, column: Math.min(cells.length, titles.length), value: String(titles.length) });
      continue;
    }
    for (const index of kept) {
      if (lengthOf((cells[index] ?? "").trim()) > LONGEST_CELL_CHARS) found.push({ code: "too_long", line, column: index + 1, value: String(LONGEST_CELL_CHARS) });
    }
    const of = (field: Field): string => (at(field) < 0 ? "" : (cells[at(field)] ?? "").trim());
    const [email, id, score] = [of("email").toLowerCase(), of("external_id"), of("score")];
    if (email === "" && id === "") found.push({ code: "no_key", line, column: null, value: "" });
    if (email !== "" && !EMAIL.test(email)) found.push({ code: "not_an_email", line, column: at("email") + 1, value: of("email") });
    if (score !== "" && !NUMBER.test(score)) found.push({ code: "not_a_number", line, column: at("score") + 1, value: score });
    for (const [field, key] of [["email", email], ["external_id", id]] as const) {
      if (key === "") continue;
      if (known.has(`${field} ${key}`)) found.push({ code: "twice", line, column: at(field) + 1, value: key });
      else known.set(`${field} ${key}`, line);
    }
  }
  if (found.length === 0 && isTooLarge(rosterText({ titles, rows }, roles))) found.push({ code: "too_large", line: 0, column: null, value: "" });
  return found.slice(0, MOST_PROBLEMS);
}

/** In characters as the server counts them. */
const lengthOf = (text: string): number => (text.length <= LONGEST_CELL_CHARS ? text.length : [...text].length);

const isTooLarge = (text: string): boolean => new TextEncoder().encode(text).length > MOST_BYTES;

/** The roster as the server takes it: CSV, everybody in the line they had. */
export function rosterText({ titles, rows }: Table, roles: readonly Role[]): string {
  const kept = roles.map((_, index) => index).filter((index) => roles[index] !== "ignore");
  const header = (index: number): string => {
    const role = roles[index];
    return role === "attribute" ? `attribute:${(titles[index] ?? "").replace(ATTRIBUTE, "")}` : (role ?? "");
  };
  const written = (cells: readonly string[]): string => cells.map((cell) => (/[",\n;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
  let text = `${written(kept.map(header))}\n`;
  let line = 2;
  for (const row of rows) {
    const empty = Math.max(0, row.line - line);
    const record = written(kept.map((index) => row.cells[index] ?? ""));
    text += `${"\n".repeat(empty)}${record}\n`;
    line += empty + record.split("\n").length;
  }
  return text;
}
