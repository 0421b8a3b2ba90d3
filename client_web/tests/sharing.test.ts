import { expect, test } from "vitest";
import { selected, Watched } from "../src/core/emitter";
import { kept, same } from "../src/state/sharing";

class Session {
  id = 1;
}

test("values are the same by what they hold; instances of classes by identity", () => {
  const session = new Session();
  expect(same({ a: [1, { b: new Map([["x", [1]]]) }], s: new Set([1]), session }, { a: [1, { b: new Map([["x", [1]]]) }], s: new Set([1]), session })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(same({ b: undefined }, { a: undefined })).toBe(false);
  expect(same([1, 2], [1])).toBe(false);
  expect(same(new Map([["x", 1]]), new Map([["y", 1]]))).toBe(false);
  expect(same(new Set([1]), new Set([2]))).toBe(false);
  expect(same(new Session(), session)).toBe(false);
});

test("parts that say the same keep their identity, and so does the whole", () => {
  const ann = { id: "ann", hand: null }, bob = { id: "bob", hand: null };
  const before = { people: [ann, bob], rooms: [{ name: "Red", people: [ann] }, { name: "Blue", people: [bob] }], title: "Essays" };
  const raised = { ...bob, hand: 1 };
  const after = kept(before, { people: [ann, raised], rooms: [{ name: "Red", people: [ann] }, { name: "Blue", people: [raised] }], title: "Essays" });
  expect(after.rooms[0]).toBe(before.rooms[0]);
  expect(after.rooms[1]).not.toBe(before.rooms[1]);
  expect(after.people[0]).toBe(ann);
  expect(after.people).not.toBe(before.people);
  expect(kept(before, { people: [{ ...ann }, bob], rooms: [{ name: "Red", people: [ann] }, { name: "Blue", people: [bob] }], title: "Essays" })).toBe(before);
});

test("a selection is worked out once for each value, and stays the same object while it says the same", () => {
  const records = new Watched({ people: ["ann"], messages: 0 });
  let times = 0;
  const people = selected(records, ({ people: all }) => { times += 1; return [...all]; }, (before, after) => (same(before, after) ? before : after));
  const first = people();
  expect([people(), times]).toEqual([first, 1]);
  records.set({ people: ["ann"], messages: 1 });
  expect(people()).toBe(first);
  records.set({ people: ["ann", "bob"], messages: 1 });
  expect([people(), times]).toEqual([["ann", "bob"], 3]);
});
