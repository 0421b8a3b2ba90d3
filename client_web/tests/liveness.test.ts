import { expect, test } from "vitest";

import { Silence, type Count } from "../src/core/liveness";

const run = (counts: [number, number][]): boolean[] => {
  const silence = new Silence();
  return counts.map(([packets, responses]): boolean => silence.silent({ packets, responses } satisfies Count));
};

test("media that stops is noticed after two seconds", () => {
  expect(run([[10, 1], [20, 1], [30, 2], [30, 2], [30, 2], [30, 2]])).toEqual([false, false, false, false, true, false]);
});

test("where only checks are answered, their pace is waited for", () => {
  const alive: [number, number][] = [[0, 1], [0, 1], [0, 1], [0, 2], [0, 2], [0, 2], [0, 3], [0, 3]];
  expect(run(alive)).not.toContain(true);
  expect(run([...alive, [0, 3], [0, 3], [0, 3], [0, 3]]).filter(Boolean)).toHaveLength(1);
});
