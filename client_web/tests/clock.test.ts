import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerClock } from "../src/core/clock";

const AHEAD_MS = 90_000;
/** How long the question and the answer are under way. */
let there = 0;
let back = 0;
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  [there, back, asked] = [0, 0, 0];
});
afterEach(() => vi.useRealTimers());

const serverMs = (): number => performance.timeOrigin + performance.now() + AHEAD_MS;
const pause = (ms: number): Promise<void> => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve());
const error = (clock: ServerClock): number => clock.now() - serverMs();

async function time(): Promise<number | null> {
  asked += 1;
  await pause(there);
  const answer = serverMs();
  await pause(back);
  return answer;
}

/** A clock that has asked once and has begun to follow. */
async function followed(): Promise<ServerClock> {
  const clock = new ServerClock(time);
  const heard = clock.asked();
  const answer = time();
  await vi.advanceTimersByTimeAsync(there + back);
  heard((await answer) ?? 0);
  clock.follow();
  return clock;
}

test("a first answer that was looked at late is put right by the next one", async () => {
  back = 6_000;
  const clock = await followed();
  expect(error(clock)).toBeCloseTo(-3_000);
  back = 20;
  await vi.advanceTimersByTimeAsync(1_100);
  expect(Math.abs(error(clock))).toBeLessThanOrEqual(20);
});

test("a slow answer later moves nothing", async () => {
  const clock = await followed();
  expect(error(clock)).toBeCloseTo(0);
  back = 9_000;
  await vi.advanceTimersByTimeAsync(70_000);
  expect(asked).toBe(2);
  expect(error(clock)).toBeCloseTo(0);
});

test("asks every second until it knows, not for ever on a slow line, and every minute from then on", async () => {
  [there, back] = [200, 200];
  const clock = await followed();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toBe(10);
  await vi.advanceTimersByTimeAsync(60_400);
  expect(asked).toBe(11);
  clock.stop();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(asked).toBe(11);
});

test("goes on by itself where somebody sets this device's clock", async () => {
  const clock = await followed();
  const before = clock.now();
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(500);
  expect(clock.now() - before).toBeCloseTo(500);
});

test("tells of a jump, and only of one", async () => {
  back = 4_000;
  const clock = await followed();
  const jumped = vi.fn();
  const end = clock.subscribe(jumped);
  back = 0;
  await vi.advanceTimersByTimeAsync(130_000);
  expect(jumped).toHaveBeenCalledTimes(1);
  end();
});
