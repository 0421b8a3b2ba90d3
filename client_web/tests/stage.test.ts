import { describe, expect, test } from "vitest";
import type { ParticipantRecord } from "../src/protocol/wire";
import { castOf, gridFor, heard, rowFor, type Direction } from "../src/state/stage";

const person = (id: string, fields: Partial<ParticipantRecord> = {}): ParticipantRecord => ({
  kind: "participant", participant_id: id, name: id, role: "learner", presence: "present", room_id: "plenary",
  hand_raised_seq: null, mic: false, camera: false, screen: false, may_send: [], home_room_id: null, listening_to: [], ...fields,
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

describe("rowFor", () => {
  test("has everybody where they fit, as large as there is room for", () => {
    expect(rowFor(2, 374, 104)).toEqual({ columns: 2, width: 181, height: 104 });
    expect(rowFor(1, 374, 104)).toEqual({ columns: 1, width: 184, height: 104 });
    expect(rowFor(3, 344, 100)).toMatchObject({ columns: 3, height: 100 });
  });

  test("else as many as fit beside the button for the others, and never overflows", () => {
    expect(rowFor(5, 344, 100).columns).toBe(3);
    for (let count = 1; count <= 40; count += 1) {
      for (const [width, height] of [[374, 104], [344, 60], [304, 100], [60, 40], [0, 0]] as const) {
        const row = rowFor(count, width, height);
        const more = row.columns < count ? 52 + 12 : 0;
        expect(row.columns * row.width + (row.columns - 1) * 12 + more).toBeLessThanOrEqual(Math.max(width, (row.columns - 1) * 12 + more));
        expect(row.height).toBeLessThanOrEqual(height);
      }
    }
  });
});

describe("castOf", () => {
  const people = ["a", "b", "c", "d", "e", "f"].map((id) => person(id));
  const direction: Direction = { meId: "f", speakers: [], pinned: null, layout: "grid", page: 0, most: 6 };
  const cast = (change: Partial<Direction>, crowd = people): string => {
    const { focus, shown, page, pages } = castOf(crowd, { ...direction, ...change });
    return `${focus?.participant_id ?? "-"} ${ids(shown)} ${String(page + 1)}/${String(pages)}`;
  };

  test("everybody stays in place while they fit", () => {
    expect(cast({ speakers: ["e"] })).toBe("- abcdef 1/1");
  });

  test("speakers, hands and cameras come first, I am always there, and the rest are on the pages after", () => {
    const crowd = people.map((each) => ({ ...each, camera: each.participant_id === "c", hand_raised_seq: each.participant_id === "d" ? 3 : null }));
    expect(cast({ speakers: ["e"], most: 4 }, crowd)).toBe("- cdef 1/2");
    expect(cast({ speakers: ["e"], most: 4, page: 1 }, crowd)).toBe("- ab 2/2");
    expect(cast({ speakers: ["e"], most: 4, page: 9 }, crowd)).toBe("- ab 2/2");
  });

  test("the last speaker is shown large, never I myself, and not twice", () => {
    expect(cast({ layout: "speaker", speakers: ["f", "c", "a"] })).toBe("c abdef 1/1");
    expect(cast({ layout: "speaker" })).toBe("a bcdef 1/1");
  });

  test("who is pinned is shown large in every layout, as long as they are here", () => {
    expect(cast({ pinned: "b", speakers: ["c"] })).toBe("b acdef 1/1");
    expect(cast({ pinned: "f" })).toBe("f abcde 1/1");
    expect(cast({ pinned: "gone" })).toBe("- abcdef 1/1");
  });

  test("alone there is nobody to show large", () => {
    expect(cast({ layout: "speaker" }, [person("f")])).toBe("- f 1/1");
  });

  test("where few are in sight whoever speaks is among them, and oneself is not", () => {
    expect(cast({ inSight: 3, meId: "a" })).toBe("- bcdaef 1/1");
    expect(cast({ inSight: 3, meId: "a", speakers: ["f"] })).toBe("- bcfade 1/1");
    expect(cast({ inSight: 2, meId: "a", pinned: "b", speakers: ["f"] })).toBe("b cfade 1/1");
    expect(cast({ inSight: 6, meId: "a", speakers: ["f"] })).toBe("- abcdef 1/1");
  });

  test("in a row whoever is pinned or speaks comes first, and oneself last", () => {
    expect(cast({ layout: "row", meId: "a", most: 3 })).toBe("- bcd 1/2");
    expect(cast({ layout: "row", meId: "a", most: 3, speakers: ["f"], pinned: "e" })).toBe("- bef 1/2");
    expect(cast({ layout: "row", meId: "a", most: 3, page: 1 })).toBe("- aef 2/2");
    expect(cast({ layout: "row", meId: "a", most: 6 })).toBe("- abcdef 1/1");
  });
});

describe("heard", () => {
  test("is the same while nobody new comes to the front, so that nothing is drawn anew", () => {
    const before = ["a", "b", "c"];
    expect(heard(before, ["b", "a"])).toBe(before);
    expect(heard(before, [])).toBe(before);
  });

  test("puts new speakers first, and forgets the oldest", () => {
    expect(heard(["a", "b"], ["c"])).toEqual(["c", "a", "b"]);
    expect(heard(["a", "b"], ["b"])).toEqual(["b", "a"]);
    expect(heard(["a", "b", "c"], ["d"], 3)).toEqual(["d", "a", "b"]);
  });
});
