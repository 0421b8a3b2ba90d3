import { describe, expect, it } from "vitest";
import { applied, noRecords } from "../src/core/records";
import type { ParticipantRecord, RoomRecord } from "../src/protocol/wire";
import { clockText, columnsFor, initials, secondsLeft, workshopView } from "../src/state/selectors";

const person = (id: string, over: Partial<ParticipantRecord> = {}): ParticipantRecord => ({
  kind: "participant", participant_id: id, name: id.toUpperCase(), role: "learner", presence: "present", room_id: "plenary",
  hand_raised_seq: null, mic: true, camera: true, screen: false, may_send: ["mic", "camera", "screen"], ...over,
});
const plenary: RoomRecord = { kind: "room", room_id: "plenary", name: "Plenary", room_kind: "plenary", order: 0 };

function viewOf(...people: ParticipantRecord[]) {
  const put = people.map((record) => ({ key: `participant:${record.participant_id}`, record }));
  return workshopView(applied(noRecords, { since: 1, put: [...put, { key: "room:plenary", record: plenary }], remove: [] }), "ann");
}

describe("workshopView", () => {
  it("lists facilitators first and leaves out who has left", () => {
    const view = viewOf(person("zoe"), person("ann"), person("fay", { role: "facilitator" }), person("bob", { presence: "left" }));
    expect(view.people.map((each) => each.participant_id)).toEqual(["fay", "ann", "zoe"]);
    expect(view.here?.people).toHaveLength(3);
    expect(view.isHost).toBe(false);
  });

  it("orders hands by when they were raised", () => {
    const view = viewOf(person("ann", { hand_raised_seq: 9 }), person("bob", { hand_raised_seq: 4 }), person("cid"));
    expect(view.hands.map((each) => each.participant_id)).toEqual(["bob", "ann"]);
  });
});

describe("small things", () => {
  it("counts whole seconds and never below none", () => {
    expect([secondsLeft(10_500, 10_000), secondsLeft(9_000, 10_000)]).toEqual([1, 0]);
    expect([clockText(59), clockText(600), clockText(3_725)]).toEqual(["00:59", "10:00", "1:02:05"]);
  });

  it("makes initials of any name", () => {
    expect([initials("Ann Lee"), initials("  zoe "), initials("山田 太郎"), initials("")]).toEqual(["AL", "Z", "山太", "?"]);
  });

  it("chooses the columns that make the largest tiles", () => {
    expect([columnsFor(1, 1200, 700), columnsFor(4, 1200, 700), columnsFor(2, 400, 800), columnsFor(16, 1200, 700)]).toEqual([1, 2, 1, 4]);
  });
});
