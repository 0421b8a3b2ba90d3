import { describe, expect, it } from "vitest";
import { applied, greeted, noRecords } from "../src/core/records";
import type { HelloAck, RoomRecord } from "../src/protocol/wire";

const room = (room_id: string, name = room_id): RoomRecord => ({ kind: "room", room_id, name, room_kind: "breakout", order: 1 });
const put = (record: RoomRecord) => ({ key: `room:${record.room_id}`, record });
const hello = (over: Partial<HelloAck>): HelloAck => ({
  ok: true, participant_id: "p", connection_id: "c", workshop_id: "w", now_ms: 0, since: 5, seq: 5, snapshot: true, put: [], remove: [],
  rtc: { ice_servers: [] }, ...over,
});

describe("records", () => {
  it("a put replaces the whole record and removals come first", () => {
    const one = applied(noRecords, { since: 1, put: [put(room("a")), put(room("b"))], remove: [] });
    const two = applied(one, { since: 2, put: [put(room("a", "A"))], remove: ["room:a", "room:b"] });
    expect([...two.byKey.values()]).toEqual([room("a", "A")]);
    expect(one.byKey.size).toBe(2);
  });

  it("resumes from the largest since that it has seen", () => {
    const one = applied(noRecords, { since: 7, put: [], remove: [] });
    expect(applied(one, { since: 3, put: [], remove: [] }).since).toBe(7);
    expect(noRecords.since).toBeNull();
  });

  it("a snapshot forgets everything else, a resume keeps it", () => {
    const before = applied(noRecords, { since: 1, put: [put(room("old"))], remove: [] });
    const fresh = [put(room("new"))];
    expect([...greeted(before, hello({ put: fresh })).byKey.keys()]).toEqual(["room:new"]);
    expect([...greeted(before, hello({ snapshot: false, put: fresh })).byKey.keys()]).toEqual(["room:old", "room:new"]);
  });
});
