import { expect, test } from "vitest";
import { noRecords } from "../src/core/records";
import type { BreakoutsRecord, ParticipantRecord, ReviewRoundRecord, RoomRecord, WireRecord } from "../src/protocol/wire";
import { endsAt } from "../src/state/breakouts";
import { isWhole, NEW_CRITERION, NEW_ROUND, roundCommand, toDo } from "../src/state/review";
import { workshopView } from "../src/state/selectors";

const person = (id: string, fields: Partial<ParticipantRecord> = {}): ParticipantRecord => ({
  kind: "participant", participant_id: id, name: id, role: "learner", presence: "present", room_id: "r1", hand_raised_seq: null,
  mic: false, camera: false, screen: false, may_send: [], home_room_id: null, listening_to: [], ...fields,
});
const records = (all: globalThis.Record<string, WireRecord>) => ({ ...noRecords, byKey: new Map(Object.entries(all)) });
const round: ReviewRoundRecord = {
  kind: "review_round", round_id: "rr", seq: 1, settings: { title: "Essays" }, criteria: [], phase: "submit", ends_at_ms: null, turn: 0, turns: 0, revealed: false,
};

test("a round is written with a rubric of criteria that differ", () => {
  const draft = { ...NEW_ROUND, title: "Essays", criteria: [{ ...NEW_CRITERION, title: "Clarity" }] };
  expect(isWhole(NEW_ROUND)).toBe(false);
  expect(isWhole(draft)).toBe(true);
  expect(isWhole({ ...draft, criteria: [...draft.criteria, ...draft.criteria] })).toBe(false);
  expect(roundCommand(draft)).toMatchObject({
    settings: { title: "Essays", times: { submit_ms: 600_000, review_ms: 600_000, discuss_ms: 0 } },
    criteria: [{ title: "Clarity", scale: { least: 1, most: 5 } }],
  });
});

test("a learner is told what to do, phase by phase, and nobody else is", () => {
  const review: WireRecord = {
    kind: "review", review_id: "v", round_id: "rr", submission_id: "s", own: false, marks: [], missing: [], submitted: false, rating: null,
  };
  const feedback: WireRecord = { kind: "feedback", review_id: "w", round_id: "rr", submission_id: "t", reviewer_id: null, own: false, marks: [], rating: null };
  const all = (phase: ReviewRoundRecord["phase"]) => records({
    "participant:ann": person("ann"), "participant:fay": person("fay", { role: "facilitator" }), "review_round:rr": { ...round, phase }, "review:v": review, "feedback:w": feedback,
  });
  expect(toDo(all("submit"), "ann")).toMatchObject([{ kind: "submit", title: "Essays" }]);
  expect(toDo(all("review"), "ann")).toMatchObject([{ kind: "review", count: 1 }]);
  expect(toDo(all("feedback"), "ann")).toMatchObject([{ kind: "rate", count: 1 }]);
  expect(toDo(all("closed"), "ann")).toEqual([]);
  expect(toDo(all("submit"), "fay")).toEqual([]);
});

test("the end of the rooms that comes first is shown", () => {
  const room: RoomRecord = { kind: "room", room_id: "r1", name: "r1", room_kind: "breakout", order: 1, capacity: null, ends_at_ms: 5_000 };
  const breakouts: BreakoutsRecord = {
    kind: "breakouts", round_id: "b", opened_at_ms: 0, ends_at_ms: 9_000, warn_at_ms: null, recall_at_ms: 7_000, choose: false, may_leave: true, voice_id: null,
  };
  const at = (all: globalThis.Record<string, WireRecord>) => endsAt(workshopView(records({ "participant:ann": person("ann"), ...all }), "ann"));
  expect(at({ "room:r1": room, breakouts })).toBe(5_000);
  expect(at({ "room:r1": { ...room, ends_at_ms: null }, breakouts })).toBe(7_000);
  expect(at({ "room:r1": room })).toBeNull();
});
