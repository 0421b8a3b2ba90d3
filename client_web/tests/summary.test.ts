import { expect, test } from "vitest";
import type { AttendanceReport, Criterion, PollRecord, PollResult, ReviewResultRecord, StepSummary, SubmissionSummary, TallyRecord } from "../src/protocol/wire";
import { criteriaOf, exportedPolls, heldAgenda, talkers, tookPart } from "../src/state/summary";

const none = { done: 0, offered: 0 };
const report = (fields: Partial<AttendanceReport>): AttendanceReport =>
  ({ participant_id: "p_1", name: "Ann", role: "learner", spoken_ms: 0, polls: none, reviews: none, works: none, ...fields }) as AttendanceReport;

test("whoever spoke most comes first, and only learners count for what was done of what was asked", () => {
  const people = [
    report({ polls: { done: 1, offered: 2 }, works: { done: 1, offered: 1 }, spoken_ms: 3_000 }),
    report({ participant_id: "p_2", name: "Bob", polls: { done: 0, offered: 1 } }),
    report({ participant_id: null, name: "Zoé" }),
    report({ participant_id: "p_f", name: "Fay", role: "facilitator", spoken_ms: 9_000, polls: { done: 5, offered: 5 } }),
  ];
  expect(tookPart(people)).toBe(50);
  expect(talkers(people).map(({ name, host }) => [name, host])).toEqual([["Fay", true], ["Ann", false], ["Bob", false]]);
});

test("where nothing was asked there is no percentage", () => {
  expect(tookPart([report({})])).toBeNull();
});

test("the agenda as it was held: how far each step was from its plan, and all together", () => {
  const step = (step_id: string, planned_ms: number, took_ms: number | null): StepSummary => ({ step_id, planned_ms, took_ms }) as StepSummary;
  const held = heldAgenda([step("a", 600_000, 720_000), step("b", 300_000, null), step("c", 60_000, 30_000)]);
  expect(held.lines.map(({ step: { step_id: id }, apart_ms: apart }) => [id, apart])).toEqual([["a", 120_000], ["b", null], ["c", -30_000]]);
  expect([held.planned_ms, held.took_ms]).toEqual([960_000, 750_000]);
});

test("polls that were never opened are left out, and a second vote has the first beside it", () => {
  const poll = (poll_id: string, fields: Partial<PollRecord>): PollResult => ({
    poll: { poll_id, status: "closed", follows: null, ...fields } as PollRecord, key: null, tally: { poll_id } as TallyRecord, rooms: [], answers: [], shift: null,
  });
  const shown = exportedPolls([poll("q_1", {}), poll("q_2", { status: "draft" }), poll("q_3", { follows: "q_1" })]);
  expect(shown.map((item) => [item.poll.poll_id, item.before?.poll_id, item.rooms])).toEqual([["q_1", undefined, null], ["q_3", "q_1", null]]);
});

test("a criterion's result is the mean of the works' medians, in percent of its scale; without scores there is none", () => {
  const criterion = (criterion_id: string, scale: Criterion["scale"]): Criterion => ({ criterion_id, title: criterion_id, scale: scale ?? null });
  const work = (median: number | null): SubmissionSummary =>
    ({ result: median === null ? null : ({ criteria: [{ criterion_id: "c_1", count: 2, median, lowest: 1, highest: 5, spread: 1 }] } as unknown as ReviewResultRecord) }) as SubmissionSummary;
  const found = criteriaOf({ criteria: [criterion("c_1", { least: 1, most: 5 }), criterion("c_2", null)], submissions: [work(2), work(3), work(null)] });
  expect(found).toMatchObject([{ mean: 2.5, percent: 38, works: 2 }]);
});
