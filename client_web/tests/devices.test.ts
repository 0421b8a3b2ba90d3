import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Devices } from "../src/core/devices";
import { chooseSpeaker, output, speaker } from "../src/core/speaker";

class FakeTrack extends EventTarget {
  readyState = "live";
  muted = false;
  constructor(readonly label: string) {
    super();
  }
  stop(): void {
    this.readyState = "ended";
  }
  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }
  getSettings = (): object => ({ deviceId: this.label });
}

interface Asked {
  come: (label: string) => FakeTrack;
  fail: (name: string) => void;
}

/** What the browser was asked for, in order; it answers when the test says so. */
let asked: Asked[];
let devices: Devices;
let plugged: { kind: string; deviceId: string }[];

beforeEach(() => {
  asked = [];
  plugged = [];
  const getUserMedia = (): Promise<{ getTracks: () => FakeTrack[] }> => new Promise((resolve, reject) => {
    asked.push({
      come: (label) => {
        const track = new FakeTrack(label);
        resolve({ getTracks: () => [track] });
        return track;
      },
      fail: (name) => reject(Object.assign(new Error(name), { name })),
    });
  });
  const mediaDevices = Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve(plugged) });
  vi.stubGlobal("navigator", { mediaDevices });
  devices = new Devices();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function opened(label: string): Promise<FakeTrack> {
  const started = devices.start("camera");
  const track = asked.at(-1)?.come(label);
  await started;
  if (!track) throw new Error("nothing was asked for");
  return track;
}

const now = (): unknown => devices.camera.get().track;

test("a camera that comes after it was switched off is stopped at once", async () => {
  const started = devices.start("camera");
  devices.stop("camera");
  const track = asked[0]?.come("late");
  expect(await started).toBeNull();
  expect(track?.readyState).toBe("ended");
  expect(now()).toBeNull();
});

test("switched on again meanwhile, the later one is taken", async () => {
  const first = devices.start("camera");
  devices.stop("camera");
  const second = devices.start("camera");
  expect(devices.start("camera")).toBe(second);
  const late = asked[0]?.come("first");
  const track = asked[1]?.come("second");
  expect(await first).toBeNull();
  expect(await second).toBe(track);
  expect([late?.readyState, now()]).toEqual(["ended", track]);
});

test("what takes the place of an unplugged camera is not taken after that was switched off", async () => {
  const unplugged = await opened("a");
  unplugged.readyState = "ended";
  unplugged.dispatchEvent(new Event("ended"));
  devices.stop("camera");
  const track = asked[1]?.come("b");
  await vi.waitFor(() => expect(track?.readyState).toBe("ended"));
  expect([now(), devices.replaced.get()]).toEqual([null, null]);
});

test("a camera that is switched on while another takes its place is asked for once", async () => {
  const unplugged = await opened("a");
  unplugged.readyState = "ended";
  unplugged.dispatchEvent(new Event("ended"));
  const started = devices.start("camera");
  expect(asked).toHaveLength(2);
  expect(await Promise.all([started, asked[1]?.come("b")])).toEqual([now(), now()]);
  await vi.waitFor(() => expect(devices.replaced.get()).toEqual({ kind: "camera", label: "b" }));
});

test("another device is open and in use before the old one is stopped", async () => {
  const old = await opened("a");
  const states: string[] = [];
  devices.handOver = async () => {
    await Promise.resolve();
    states.push(old.readyState);
  };
  const chosen = devices.choose("camera", "b");
  expect(old.readyState).toBe("live");
  const track = asked[1]?.come("b");
  await chosen;
  expect([states, old.readyState, now()]).toEqual([["live"], "ended", track]);
});

test("where only one can be open, the old one goes first", async () => {
  const old = await opened("a");
  const chosen = devices.choose("camera", "b");
  asked[1]?.fail("NotReadableError");
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(old.readyState).toBe("ended");
  const track = asked[2]?.come("b");
  await chosen;
  expect(now()).toBe(track);
});

test("where the other cannot be had, the old one stays", async () => {
  const old = await opened("a");
  const chosen = devices.choose("camera", "b");
  asked[1]?.fail("NotAllowedError");
  await chosen;
  expect(devices.camera.get()).toEqual({ track: old, problem: null });
  expect(old.readyState).toBe("live");
});

test("what is wrong with the other is said, and it is not tried again next time", async () => {
  await opened("a");
  const chosen = devices.choose("camera", "b");
  asked[1]?.fail("NotAllowedError");
  expect(await chosen).toBe("denied");
  const again = devices.choose("camera", "c");
  asked[2]?.come("c");
  expect(await again).toBeNull();
});

test("where the other is busy with another program the one before is opened again", async () => {
  await opened("a");
  const states: (string | null)[] = [];
  devices.camera.subscribe(() => states.push(devices.camera.get().problem));
  const chosen = devices.choose("camera", "b");
  asked[1]?.fail("NotReadableError");
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  asked[2]?.fail("NotReadableError");
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  const track = asked[3]?.come("a");
  expect(await chosen).toBe("busy");
  expect(now()).toBe(track);
  expect(states).toEqual([null]); // it was never off
});

test("a camera that was missing and is plugged in is not missing any more", async () => {
  const started = devices.start("camera");
  asked[0]?.fail("NotFoundError");
  await started;
  expect(devices.camera.get().problem).toBe("missing");
  plugged = [{ kind: "videoinput", deviceId: "a" }];
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  await vi.waitFor(() => expect(devices.camera.get()).toEqual({ track: null, problem: null }));
});

test("sound goes to what the system uses for as long as the chosen loudspeaker is not plugged in", async () => {
  const change = async (...ids: string[]): Promise<void> => {
    plugged = ids.map((deviceId) => ({ kind: "audiooutput", deviceId }));
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    await vi.waitFor(() => expect(devices.list.get()).toEqual(plugged));
  };
  chooseSpeaker("headset");
  expect(output.get()).toBe("headset");
  await change("default", "headset");
  expect(output.get()).toBe("headset");
  await change("default");
  expect([output.get(), speaker.get()]).toEqual(["", "headset"]);
  await change("default", "headset");
  expect(output.get()).toBe("headset");
});

describe("a device that hangs", () => {
  let page: { hidden: boolean };
  beforeEach(() => {
    vi.useFakeTimers();
    page = { hidden: false };
    vi.stubGlobal("document", page);
  });
  afterEach(() => void vi.useRealTimers());
  const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  test("is let go and opened anew after five seconds", async () => {
    const first = await opened("first");
    first.mute(true);
    await after(4_900);
    expect(asked).toHaveLength(1);
    await after(200);
    expect(first.readyState).toBe("ended");
    const second = asked[1]?.come("second");
    await after(0);
    expect(now()).toBe(second);
    expect(devices.replaced.get()).toBeNull();
  });

  test("is left alone where it comes back by itself, or the page is not looked at", async () => {
    const track = await opened("first");
    track.mute(true);
    await after(4_000);
    track.mute(false);
    await after(60_000);
    page.hidden = true;
    track.mute(true);
    await after(60_000);
    expect(asked).toHaveLength(1);
    page.hidden = false;
    await after(5_000);
    expect(asked).toHaveLength(2);
  });

  test("is tried less and less often where that does not help, and soon again once it did", async () => {
    (await opened("first")).mute(true);
    const hanging = async (ms: number): Promise<FakeTrack> => {
      const before = asked.length;
      await after(ms - 100);
      expect(asked).toHaveLength(before);
      await after(100);
      const track = asked[before]?.come("again");
      if (!track) throw new Error("it was not opened anew");
      track.muted = true;
      await after(0);
      return track;
    };
    await hanging(5_000);
    await hanging(10_000);
    await hanging(20_000);
    await hanging(40_000);
    await hanging(60_000);
    const last = await hanging(60_000);
    last.mute(false);
    last.mute(true);
    await hanging(5_000);
  });
});
