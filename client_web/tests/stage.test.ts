import { describe, expect, test } from "vitest";
import type { ParticipantRecord } from "../src/protocol/wire";
import { castOf, gridFor } from "../src/state/stage";

const person = (id: string, fields: Partial<ParticipantRecord> = {}): ParticipantRecord => ({
  kind: "participant", participant_id: id, name: id, role: "learner", presence: "present", room_id: "plenary",
  hand_raised_seq: null, mic: false, camera: false, screen: false, may_send: [], home_room_id: null, listening_to: null, ...fields,
});
const ids = (people: ParticipantRecord[]): string => people.map((each) => each.participant_id).join("");

describe("gridFor", () => {
  test("has the columns that give the largest tiles, on a screen and on a phone", () => {
    expect([1, 2, 4, 5, 9].map((count) => gridFor(count, 1280, 680).columns)).toEqual([1, 2, 2, 3, 3]);
    expect([1, 2, 3, 5].map((count) => gridFor(count, 374, 720).columns)).toEqual([1, 1, 1, 2]);
  });

  test("never overflows its area", () => {
    for (let count = 1; count <= 30; count += 1) {
      for (const [width, height] of [[1280, 680], [374, 720], [200, 200], [900, 90]] as const) {
        const grid = gridFor(count, width, height);
        const rows = Math.ceil(count / grid.columns);
        expect(grid.columns * grid.width + (grid.columns - 1) * 12).toBeLessThanOrEqual(width);
        expect(rows * grid.height + (rows - 1) * 12).toBeLessThanOrEqual(Math.max(height, (rows - 1) * 12));
      }
    }
  });

  test("is nothing where there is no room", () => {
    expect(gridFor(3, 0, 0)).toMatchObject({ width: 0, height: 0 });
  });
});

describe("castOf", () => {
  const people = ["a", "b", "c", "d", "e", "f"].map((id) => person(id));

  test("everybody stays in place while they fit", () => {
    expect(castOf(people, "f", ["e"], 6)).toEqual({ shown: people, hidden: 0 });
  });

  test("speakers, hands and cameras come before the others, and I am always there", () => {
    const crowd = people.map((each) => ({ ...each, camera: each.participant_id === "c", hand_raised_seq: each.participant_id === "d" ? 3 : null }));
    const { shown, hidden } = castOf(crowd, "f", ["e"], 5);
    expect([ids(shown), hidden]).toEqual(["cdef", 2]);
  });
});
