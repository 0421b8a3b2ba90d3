import { afterEach, describe, expect, test, vi } from "vitest";
import { Captions, fitting, heardLines, Spoken, type Line } from "../src/core/captions";
import { canRecognise, Recognition } from "../src/core/recognition";

const line = (text: string, final = false, participant_id = "bob") => ({ participant_id, text, final, lang: "en" });

describe("captions", () => {
  test("a line is replaced where it stands until it is final", () => {
    let lines: readonly Line[] = [];
    lines = heardLines(lines, { "bob:1": line("so") });
    lines = heardLines(lines, { "ann:1": line("yes", false, "ann") });
    lines = heardLines(lines, { "bob:1": line("so my offer", true) });
    lines = heardLines(lines, { "bob:1": line("late") });
    expect(lines.map(({ text }) => text)).toEqual(["so my offer", "yes"]);
  });

  test("only the last lines are kept", () => {
    const captions = new Captions();
    for (let number = 0; number < 100; number += 1) captions.add({ [`bob:${String(number)}`]: line(String(number), true) });
    expect(captions.lines.get()).toHaveLength(60);
    expect(captions.lines.get().at(-1)?.text).toBe("99");
  });

  test("what is not final is sent now and then, what is final at once and under a number of its own", () => {
    const sent: { line: number; text: string; final: boolean }[] = [];
    let now = 1_000_000;
    const spoken = new Spoken((each) => sent.push(each), () => now);
    for (const text of ["so", "so my", "so my first"]) {
      spoken.said(text, false, "en");
      now += 150;
    }
    spoken.said("so my first offer", true, "en");
    spoken.said("  ", false, "en");
    now += 500;
    spoken.said("next", false, "en");
    expect(sent.map(({ text, final }) => [text, final])).toEqual([["so", false], ["so my first offer", true], ["next", false]]);
    expect(sent[1]?.line).toBe(sent[0]?.line);
    expect(sent[2]?.line).toBe((sent[0]?.line ?? 0) + 1);
  });

  test("what is said after a pause in mid-sentence is another line", () => {
    const sent: { line: number; text: string }[] = [];
    const spoken = new Spoken((each) => sent.push(each));
    spoken.said("so my", false, "en");
    spoken.next();
    spoken.said("as I said", false, "en");
    expect(sent.map(({ text }) => text)).toEqual(["so my", "as I said"]);
    expect(sent[1]?.line).toBe((sent[0]?.line ?? 0) + 1);
  });

  test("of a very long line the end is sent", () => {
    expect(fitting(`${"a".repeat(900)}end`)).toMatch(/^….*end$/);
    expect(fitting("a".repeat(900))).toHaveLength(500);
  });
});

class Fake {
  static made: Fake[] = [];
  lang = "";
  started = false;
  onresult: ((event: unknown) => void) | null = null;
  onerror: ((event: { error: string }) => void) | null = null;
  onend: (() => void) | null = null;
  constructor() {
    Fake.made.push(this);
  }
  start(): void {
    this.started = true;
  }
  abort(): void {
    this.started = false;
  }
}

describe("recognition", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
    Fake.made = [];
  });

  test("it goes on after the browser has ended it, until it is stopped", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("window", { webkitSpeechRecognition: Fake });
    const heard: [string, boolean][] = [];
    const recognition = new Recognition((text, final) => heard.push([text, final]));
    recognition.start("fr", null);
    await vi.advanceTimersByTimeAsync(0);
    expect([Fake.made.length, Fake.made[0]?.lang, Fake.made[0]?.started]).toEqual([1, "fr", true]);
    Fake.made[0]?.onresult?.({ resultIndex: 0, results: [Object.assign([{ transcript: "bonjour" }], { isFinal: true }), Object.assign([{ transcript: "je" }], { isFinal: false })] });
    expect(heard).toEqual([["bonjour", true], ["je", false]]);
    Fake.made[0]?.onerror?.({ error: "no-speech" });
    Fake.made[0]?.onend?.();
    await vi.advanceTimersByTimeAsync(300);
    expect(Fake.made).toHaveLength(2);
    recognition.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Fake.made).toHaveLength(2);
    expect(recognition.problem.get()).toBeNull();
  });

  test("it ends with the reason where trying again would not help", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("window", { SpeechRecognition: Fake });
    const recognition = new Recognition(() => undefined);
    recognition.start("en", null);
    await vi.advanceTimersByTimeAsync(0);
    Fake.made[0]?.onerror?.({ error: "not-allowed" });
    expect(recognition.problem.get()).toBe("denied");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Fake.made).toHaveLength(1);

    recognition.start("en", null);
    for (let failure = 0; failure < 5; failure += 1) {
      await vi.advanceTimersByTimeAsync(20_000);
      Fake.made.at(-1)?.onerror?.({ error: "network" });
      Fake.made.at(-1)?.onend?.();
    }
    expect(recognition.problem.get()).toBe("unreachable");
    const made = Fake.made.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Fake.made).toHaveLength(made);
  });

  test("what ends at once without a reason is started later each time", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("window", { SpeechRecognition: Fake });
    const recognition = new Recognition(() => undefined);
    recognition.start("en", null);
    await vi.advanceTimersByTimeAsync(0);
    for (let ended = 0, check = 0; check < 120; check += 1) {
      if (ended < Fake.made.length) {
        Fake.made.at(-1)?.onerror?.({ error: "aborted" });
        Fake.made.at(-1)?.onend?.();
        ended = Fake.made.length;
      }
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(Fake.made.length).toBeLessThan(15); // in a minute
    expect(recognition.problem.get()).toBeNull();
    await vi.advanceTimersByTimeAsync(10_000);
    const made = Fake.made.length;
    Fake.made.at(-1)?.onresult?.({ resultIndex: 0, results: [Object.assign([{ transcript: "so" }], { isFinal: true })] });
    Fake.made.at(-1)?.onend?.();
    await vi.advanceTimersByTimeAsync(300);
    expect(Fake.made).toHaveLength(made + 1);
    recognition.stop();
  });

  test("a browser without it is told apart", () => {
    vi.stubGlobal("window", {});
    expect(canRecognise()).toBe(false);
  });
});
