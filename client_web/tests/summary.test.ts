import { expect, test } from "vitest";
import type { AttendanceReport, ExportedPoll } from "../src/core/programme";
import type { Criterion, PollRecord, ReviewResultRecord, TallyRecord } from "../src/protocol/wire";
import { criteriaOf, exportedPolls, numbersOf, talkers } from "../src/state/summary";

const none = { done: 0, offered: 0 };
const report = (fields: Partial<AttendanceReport>): AttendanceReport => ({
  participant_id: "p_1", name: "Ann", role: "learner", percent: 100, verdict: "present", joined_at_ms: 0, present_ms: 0, session_ms: 0, breakout_ms: 0, spoken_ms: 0,
  polls: none, reviews: none, works: none, objection: "", objected_at_ms: null, correction: "", corrected_at_ms: null, final: true, ...fields,
});

test("who came is counted among those who were expected, and only learners count", () => {
  const people = [
    report({ polls: { done: 1, offered: 2 }, works: { done: 1, offered: 1 }, spoken_ms: 3_000 }),
    report({ participant_id: "p_2", name: "Bob", verdict: "partial", polls: { done: 0, offered: 1 } }),
    report({ participant_id: null, name: "Zoé", verdict: "absent", percent: 0 }),
    report({ participant_id: "p_f", name: "Fay", role: "facilitator", spoken_ms: 9_000, polls: { done: 5, offered: 5 } }),
  ];
  expect(numbersOf(people)).toEqual({ came: 2, expected: 3, present: 1, partial: 1, absent: 1, activity: 50, spoke: 1, learnersTalk: 25 });
  expect(talkers(people).map(({ name, host }) => [name, host])).toEqual([["Fay", true], ["Ann", false], ["Bob", false]]);
});

test("where nothing was asked and nobody spoke there are no percentages", () => {
  expect(numbersOf([report({})])).toMatchObject({ activity: null, learnersTalk: null });
});

test("polls that were never opened are left out, and a second vote has the first beside it", () => {
  const poll = (poll_id: string, fields: Partial<PollRecord>): ExportedPoll => ({
    poll: { poll_id, status: "closed", follows: null, ...fields } as PollRecord, key: null, tally: { poll_id } as TallyRecord, rooms: [], answers: [], shift: null,
  });
  const shown = exportedPolls([poll("q_1", {}), poll("q_2", { status: "draft" }), poll("q_3", { follows: "q_1" })]);
  expect(shown.map((item) => [item.poll.poll_id, item.before?.poll_id, item.rooms])).toEqual([["q_1", undefined, null], ["q_3", "q_1", null]]);
});

test("a criterion's result is the mean of the works' medians, in percent of its scale; without scores there is none", () => {
  const criterion = (criterion_id: string, scale: Criterion["scale"]): Criterion => ({ criterion_id, title: criterion_id, scale: scale ?? null });
  const result = (median: number): { result: ReviewResultRecord } => ({
    result: { criteria: [{ criterion_id: "c_1", count: 2, median, lowest: 1, highest: 5, spread: 1 }] } as unknown as ReviewResultRecord,
  });
  const found = criteriaOf({ criteria: [criterion("c_1", { least: 1, most: 5 }), criterion("c_2", null)], submissions: [result(2), result(3), { result: null }] });
  expect(found).toMatchObject([{ mean: 2.5, percent: 38, works: 2 }]);
});
