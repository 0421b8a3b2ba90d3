import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { applied, greeted, noRecords, type Records } from "../src/core/records";
import type { Changes, HelloAck, WireRecord } from "../src/protocol/wire";

type Step = (Changes & { message: "changes" }) | (HelloAck & { message: "hello" });

interface Vector {
  viewer: string;
  steps: Step[];
  records: globalThis.Record<string, WireRecord>;
}

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/records.json", import.meta.url), "utf8")) as Vector[];
const sequence = (steps: Step[]): Records => steps.reduce((records, step) => (step.message === "hello" ? greeted(records, step) : applied(records, step)), noRecords);

describe("the records", () => {
  test.each(vectors)("of $viewer are what the server says that they have", ({ steps, records }) => {
    const made = sequence(steps);
    expect(Object.fromEntries(made.byKey)).toEqual(records);
    expect(made.seq).toBe(Math.max(...steps.map(({ seq }) => seq)));
    expect(made.since).toBeLessThanOrEqual(made.seq);
  });

  test("have vectors of snapshots, differences, removals and a resumed connection", () => {
    const all = vectors.flatMap(({ steps }) => steps);
    const hellos = all.filter((step) => step.message === "hello");
    expect(new Set(hellos.map(({ snapshot }) => snapshot))).toEqual(new Set([true, false]));
    expect(all.some(({ remove }) => remove.length > 0)).toBe(true);
  });
});
