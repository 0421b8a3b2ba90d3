import { expect, test } from "vitest";

import { Silence, type Count } from "../src/core/liveness";

const run = (counts: [number, number | null][], due = true): boolean[] => {
  const silence = new Silence();
  return counts.map(([media, responses]) => silence.silent({ media, all: media, responses }, due));
};

test("media that stops is noticed after three checks, and then only once", () => {
  expect(run([[10, 1], [20, 1], [30, 2], [30, 2], [30, 2], [30, 2], [30, 2]])).toEqual([false, false, false, false, false, true, false]);
});

test("where only checks are answered, their pace is waited for", () => {
  const alive: [number, number][] = Array.from({ length: 24 }, (_, at) => [0, 1 + Math.floor(at / 6)]);
  expect(run(alive)).not.toContain(true);
  const dead: [number, number][] = Array.from({ length: 10 }, () => [0, 4]);
  expect(run([...alive, ...dead]).filter(Boolean)).toHaveLength(1);
});

test("media that is not due any more, because somebody is alone now, is not missed", () => {
  expect(run([[10, 1], [20, 1], [20, 1], [20, 1], [20, 2], [20, 2]], false)).not.toContain(true);
});

test("where the answers to checks are not counted, only media can be missed", () => {
  const alone: [number, null][] = Array.from({ length: 24 }, (_, at) => [Math.min(at, 3), null]);
  expect(run(alone, false)).not.toContain(true);
  expect(run([[10, null], [20, null], [20, null], [20, null], [20, null]])).toEqual([false, false, false, false, true]);
});

test("who comes back after somebody was alone is not missed before they were there", () => {
  for (const responses of [1, null]) {
    const silence = new Silence();
    const count = (media: number, checked = 0): Count => ({ media, all: media, responses: responses === null ? null : responses + checked });
    silence.silent(count(10), true);
    silence.silent(count(20), true);
    for (let check = 0; check < 20; check += 1) expect(silence.silent(count(20, Math.floor(check / 6)), false)).toBe(false);
    expect(silence.silent(count(20, 3), true)).toBe(false);
    expect(silence.silent(count(20, 3), true)).toBe(false);
  }
});

test("while anything else comes, media that stands still is no silence", () => {
  const silence = new Silence();
  for (let check = 0; check < 24; check += 1) expect(silence.silent({ media: Math.min(check, 2), all: check, responses: null }, true)).toBe(false);
});
