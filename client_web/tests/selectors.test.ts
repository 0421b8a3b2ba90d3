import { describe, expect, test } from "vitest";
import { applied, noRecords, type Records } from "../src/core/records";
import type { ParticipantRecord, PollRecord, QuestionRecord, WireRecord } from "../src/protocol/wire";
import { clockText, initials, secondsLeft, workshopView } from "../src/state/selectors";

const person = (id: string, fields: Partial<ParticipantRecord> = {}): ParticipantRecord => ({
  kind: "participant", participant_id: id, name: id, role: "learner", presence: "present", room_id: "plenary",
  hand_raised_seq: null, mic: false, camera: false, screen: false, may_send: ["mic", "camera", "screen"], home_room_id: null, listening_to: [], ...fields,
});

const keyOf = (record: WireRecord): string => {
  switch (record.kind) {
    case "participant": return `participant:${record.participant_id}`;
    case "room": return `room:${record.room_id}`;
    case "poll": return `poll:${record.poll_id}`;
    case "question": return `question:${record.question_id}`;
    case "my_question": return `my_question:${record.question_id}:${record.participant_id}`;
    case "tally": return `tally:${record.poll_id}`;
    case "ballot": return `ballot:${record.poll_id}:${record.participant_id}`;
    case "message": return `message:${record.message_id}`;
    case "me": return `me:${record.participant_id}`;
    default: return record.kind;
  }
};

const records = (...all: WireRecord[]): Records =>
  applied(noRecords, { since: 1, seq: 1, put: all.map((record) => ({ key: keyOf(record), record })), remove: [] });

const poll = (id: string, fields: Partial<PollRecord> = {}): PollRecord => ({
  kind: "poll", poll_id: id, seq: 1, question: "Which?", status: "open", anonymous: true, results: "facilitators",
  options: [{ option_id: "o1", text: "This" }, { option_id: "o2", text: "That" }], poll_kind: "single", min_choices: 1, max_choices: 1,
  scale: null, target: "workshop", closes_at_ms: null, duration_ms: null, follows: null, ...fields,
});

describe("workshopView", () => {
  test("nobody knows who I am before the first records", () => {
    const view = workshopView(noRecords, null);
    expect([view.me, view.here, view.isHost, view.people]).toEqual([null, null, false, []]);
  });

  test("people who left are gone, facilitators come first, the rest by name", () => {
    const view = workshopView(
      records(person("zoe"), person("amy"), person("fay", { role: "facilitator" }), person("bob", { presence: "left" })),
      "amy",
    );
    expect(view.people.map(({ name }) => name)).toEqual(["fay", "amy", "zoe"]);
    expect(view.isHost).toBe(false);
  });

  test("rooms stand in their order, each with its people, and mine is `here`", () => {
    const view = workshopView(
      records(
        { kind: "room", room_id: "r2", name: "Room 2", room_kind: "breakout", order: 2, capacity: null, ends_at_ms: null },
        { kind: "room", room_id: "plenary", name: "Plenary", room_kind: "plenary", order: 0, capacity: null, ends_at_ms: null },
        { kind: "room", room_id: "r1", name: "Room 1", room_kind: "breakout", order: 1, capacity: null, ends_at_ms: null },
        person("amy", { room_id: "r2" }),
        person("bob", { room_id: "r1" }),
      ),
      "amy",
    );
    expect(view.rooms.map(({ room, people }) => [room.name, people.map(({ name }) => name)])).toEqual([
      ["Plenary", []], ["Room 1", ["bob"]], ["Room 2", ["amy"]],
    ]);
    expect(view.here?.room.name).toBe("Room 2");
  });

  test("hands are in the order in which they were raised", () => {
    const view = workshopView(records(person("amy", { hand_raised_seq: 9 }), person("bob", { hand_raised_seq: 4 }), person("cy")), "amy");
    expect(view.hands.map(({ name }) => name)).toEqual(["bob", "amy"]);
  });

  test("a poll comes with its tally and with my ballot only; the newest poll is first", () => {
    const view = workshopView(
      records(
        person("amy"), poll("a", { seq: 1 }), poll("b", { seq: 5 }),
        {
          kind: "tally", poll_id: "a", counts: [{ option_id: "o1", count: 2 }, { option_id: "o2", count: 0 }], ballots: 2, eligible: 3,
          scores: [], values: [], mean: null, words: [], right: null,
        },
        { kind: "ballot", poll_id: "a", participant_id: "amy", option_ids: ["o1"], value: null, text: "", answer_id: null },
        { kind: "ballot", poll_id: "b", participant_id: "bob", option_ids: ["o1"], value: null, text: "", answer_id: null },
      ),
      "amy",
    );
    expect(view.polls.map((each) => [each.poll.poll_id, each.tally?.ballots ?? null, each.ballot?.option_ids ?? null])).toEqual([
      ["b", null, null], ["a", 2, ["o1"]],
    ]);
  });

  test("the most wanted open question is first; mine says that I voted", () => {
    const question = (id: string, fields: Partial<QuestionRecord>): QuestionRecord => ({
      kind: "question", question_id: id, seq: 1, text: "Why?", author_id: null, status: "open", votes: 0, answer: "", answered_by: null, merged_into: null, ...fields,
    });
    const view = workshopView(
      records(
        person("amy"), question("a", { seq: 1, votes: 1 }), question("b", { seq: 2, votes: 3 }), question("c", { seq: 3, votes: 1 }),
        question("d", { seq: 0, votes: 9, status: "answered" }), question("e", { seq: 0, votes: 10, status: "dismissed" }),
        { kind: "my_question", question_id: "b", participant_id: "amy", asked: false, voted: true },
        { kind: "my_question", question_id: "a", participant_id: "bob", asked: true, voted: true },
      ),
      "amy",
    );
    expect(view.questions.map((each) => [each.question.question_id, each.mine?.voted ?? false])).toEqual([
      ["b", true], ["a", false], ["c", false], ["d", false], ["e", false],
    ]);
  });

  test("what may be done is what the server says, not what the role suggests", () => {
    const view = workshopView(records(person("fay", { role: "facilitator" }), { kind: "me", participant_id: "fay", allowed: ["Leave"] }), "fay");
    expect([...view.allowed]).toEqual(["Leave"]);
  });
});

describe("small things", () => {
  test("the time left counts down to zero and stays there", () => {
    expect([secondsLeft(10_000, 8_001), secondsLeft(10_000, 10_000), secondsLeft(10_000, 12_000)]).toEqual([2, 0, 0]);
    expect([clockText(0), clockText(65), clockText(3_600)]).toEqual(["00:00", "01:05", "1:00:00"]);
  });

  test("initials are the first letters of the first and the last name, whatever the script", () => {
    expect(["Fay", "Ana María Ruiz", "élodie", "佐藤 花子", "👩‍🏫 Kim", ""].map(initials)).toEqual(["F", "AR", "É", "佐花", "👩K", "?"]);
  });
});
