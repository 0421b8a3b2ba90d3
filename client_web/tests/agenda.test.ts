import { describe, expect, test } from "vitest";
import { noRecords, type Records } from "../src/core/records";
import type { AgendaRecord, AgendaStepRecord, WireRecord } from "../src/protocol/wire";
import { agendaView, driftMinutes, driftMs, endsAtMs, lineOf, overMs, stepRecord, totalMs, type AgendaView } from "../src/state/agenda";

const MINUTE = 60_000;
const entry = (id: string, status: AgendaRecord["steps"][number]["status"]): AgendaRecord["steps"][number] => ({
  step_id: id, step_kind: "plenary", title: id.toUpperCase(), duration_ms: 10 * MINUTE, status,
});

function view(change: Partial<AgendaRecord> = {}, host = true): AgendaView {
  const agenda: AgendaRecord = {
    kind: "agenda", title: "T", status: "running", steps: [entry("a", "done"), entry("b", "running"), entry("c", "skipped"), entry("d", "todo")],
    current_id: "b", started_at_ms: 1_000, ends_at_ms: 100 * MINUTE, ...change,
  };
  const step = (id: string, order: number): AgendaStepRecord => ({
    kind: "agenda_step", step_id: id, order, step: { kind: "plenary", title: id, duration_ms: 1 }, status: "todo", planned_start_ms: null, started_at_ms: null,
    ended_at_ms: null, poll_id: null, plan_id: null, round_id: null, review_round_id: null, warnings: [],
  });
  const hosts: [string, WireRecord][] = [
    ["agenda_step:b", step("b", 1)],
    ["agenda_step:a", step("a", 0)],
    ["agenda_progress", { kind: "agenda_progress", version: 1, started_at_ms: 0, next_id: "d", drift_ms: 2 * MINUTE, planned_end_ms: 0, projected_end_ms: 130 * MINUTE, held: false }],
  ];
  const records: Records = { ...noRecords, byKey: new Map<string, WireRecord>([["agenda", agenda], ...(host ? hosts : [])]) };
  const found = agendaView(records);
  if (found === null) throw new Error("no agenda");
  return found;
}

describe("the agenda", () => {
  test("without a record there is none", () => {
    expect(agendaView(noRecords)).toBeNull();
  });

  test("knows the running step, what comes next past those skipped, and whether there is a way back", () => {
    const found = view();
    expect([found.current?.step_id, found.number, found.next?.step_id, found.before]).toEqual(["b", 2, "d", true]);
    const first = view({ current_id: "a", steps: [entry("a", "running"), entry("b", "todo")] });
    expect([first.number, first.next?.step_id, first.before]).toEqual([1, "b", false]);
    const ready = view({ status: "ready", current_id: null, ends_at_ms: null });
    expect([ready.current, ready.number, ready.next?.step_id, ready.before]).toEqual([null, 0, "a", false]);
    const ended = view({ status: "ended", current_id: "d", ends_at_ms: null });
    expect([ended.current, ended.next, ended.before]).toEqual([null, null, true]);
    expect(totalMs(found)).toBe(30 * MINUTE);
  });

  test("what a step takes too long adds to the drift and to the end", () => {
    const found = view();
    expect([overMs(found, 99 * MINUTE), driftMs(found, 99 * MINUTE), endsAtMs(found, 99 * MINUTE)]).toEqual([0, 2 * MINUTE, 130 * MINUTE]);
    expect([overMs(found, 103 * MINUTE), driftMs(found, 103 * MINUTE), endsAtMs(found, 103 * MINUTE)]).toEqual([3 * MINUTE, 5 * MINUTE, 133 * MINUTE]);
    expect([driftMinutes(59_000), driftMinutes(-61_000)]).toEqual([0, -1]);
  });

  test("learners have neither drift nor whole steps", () => {
    const found = view({}, false);
    expect([driftMs(found, 0), endsAtMs(found, 0), found.steps, stepRecord(found, "b")]).toEqual([null, null, [], null]);
    expect(view().steps.map((step) => step.step_id)).toEqual(["a", "b"]);
  });

  test("the place of a line in a text", () => {
    expect([lineOf("ab\ncd\ne", 2), lineOf("ab", 1), lineOf("ab", 9)]).toEqual([[3, 5], [0, 2], [3, 3]]);
  });
});
