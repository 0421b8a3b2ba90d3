import { describe, expect, test } from "vitest";
import { qualityOf, type Sample } from "../src/core/quality";

const sample = (flows: Record<string, [number, number]>, rest: Partial<Sample> = {}): Sample => ({
  flows: new Map(Object.entries(flows).map(([mid, [received, lost]]) => [mid, { received, lost }])),
  upLoss: 0, rttMs: 20, limited: false, tcp: false, ...rest,
});
const owners = new Map([["1", "ann"], ["2", "bob"], ["3", "bob"]]);
const nothing = sample({});

describe("qualityOf", () => {
  test("all is well where nothing is lost", () => {
    expect(qualityOf(nothing, sample({ 1: [500, 0], 2: [500, 1] }), owners)).toMatchObject({ level: "good", reason: null });
  });

  test("what everybody's streams lose is lost on the way here", () => {
    const { level, reason, weak } = qualityOf(nothing, sample({ 1: [460, 40], 2: [460, 40] }), owners);
    expect([level, reason, weak.size]).toEqual(["fair", "downlink", 0]);
    expect(qualityOf(nothing, sample({ 1: [400, 100], 2: [400, 100] }), owners).level).toBe("poor");
  });

  test("what one person's streams lose, and nobody else's, is lost on their way", () => {
    const { level, reason, weak } = qualityOf(nothing, sample({ 1: [500, 0], 2: [400, 100], 3: [80, 20] }), owners);
    expect([level, reason, [...weak]]).toEqual(["good", null, ["bob"]]);
  });

  test("what the server misses is lost on the way there; wanting bandwidth is a fault of that way, too", () => {
    expect(qualityOf(nothing, sample({ 1: [500, 0] }, { upLoss: 0.2 }), owners)).toMatchObject({ level: "poor", reason: "uplink" });
    expect(qualityOf(nothing, sample({ 1: [500, 0] }, { limited: true }), owners)).toMatchObject({ level: "fair", reason: "uplink" });
  });

  test("only what happened between the samples counts, and too little says nothing", () => {
    const before = sample({ 1: [1000, 500] });
    expect(qualityOf(before, sample({ 1: [1500, 500] }), owners).level).toBe("good");
    expect(qualityOf(before, sample({ 1: [1010, 505] }), owners).level).toBe("good");
    expect(qualityOf(before, sample({ 1: [1500, 480] }), owners).level).toBe("good");
  });

  test("a long way makes it worse without any loss", () => {
    expect(qualityOf(nothing, sample({ 1: [500, 0] }, { rttMs: 800 }), owners).level).toBe("poor");
  });
});
