import { describe, expect, test } from "vitest";
import { applied, greeted, noRecords } from "../src/core/records";
import type { HelloAck, RoomRecord } from "../src/protocol/wire";

const room = (id: string, name: string): { key: string; record: RoomRecord } => ({
  key: `room:${id}`,
  record: { kind: "room", room_id: id, name, room_kind: "breakout", order: 1, capacity: null, ends_at_ms: null },
});

const hello = (fields: Partial<HelloAck>): HelloAck => ({
  ok: true, participant_id: "p_1", connection_id: "c_1", workshop_id: "w_1", now_ms: 0, snapshot: false,
  since: 0, seq: 0, put: [], remove: [], rtc: { ice_servers: [] }, node: "n1#1", entries: [], ...fields,
});

describe("records", () => {
  test("a put replaces the whole record and a removal comes before the puts of its batch", () => {
    const first = applied(noRecords, { since: 1, seq: 1, put: [room("a", "Room 1"), room("b", "Room 2")], remove: [] });
    const second = applied(first, { since: 2, seq: 2, put: [room("a", "Garden")], remove: ["room:a", "room:b"] });
    expect([...second.byKey.values()]).toEqual([room("a", "Garden").record]);
  });

  test("applying a batch leaves the earlier map as it was", () => {
    const first = applied(noRecords, { since: 1, seq: 1, put: [room("a", "Room 1")], remove: [] });
    applied(first, { since: 2, seq: 2, put: [], remove: ["room:a"] });
    expect(first.byKey.has("room:a")).toBe(true);
  });

  test("a client resumes from the largest `since` it has seen, whatever order messages come in", () => {
    let records = applied(noRecords, { since: 7, seq: 7, put: [], remove: [] });
    records = applied(records, { since: 5, seq: 5, put: [], remove: [] });
    expect(records.since).toBe(7);
  });

  test("a snapshot forgets what it does not hold, and a resume keeps it", () => {
    const before = applied(noRecords, { since: 3, seq: 3, put: [room("a", "Room 1")], remove: [] });
    const put = [room("b", "Room 2")];
    expect([...greeted(before, hello({ snapshot: true, since: 9, put })).byKey.keys()]).toEqual(["room:b"]);
    expect([...greeted(before, hello({ since: 9, seq: 9, put })).byKey.keys()]).toEqual(["room:a", "room:b"]);
  });

  test("a snapshot starts the counting anew", () => {
    const before = applied(noRecords, { since: 30, seq: 30, put: [], remove: [] });
    expect(greeted(before, hello({ snapshot: true, since: 9 })).since).toBe(9);
  });
});
