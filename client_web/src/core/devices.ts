/** Cameras and microphones: asking for them, remembering the choice, saying in a code what went wrong. */
import { Watched } from "./emitter";
import { speakersAre } from "./speaker";
import { store, stored } from "./storage";

export type DeviceKind = "mic" | "camera";
export type DeviceProblem = "denied" | "missing" | "busy" | "insecure" | null;

export interface Capture {
  track: MediaStreamTrack | null;
  problem: DeviceProblem;
}

const CHOICE_KEY = "atelier.devices";
/** A device that gives nothing for so long, though it has not ended, is stuck; each time that opening it anew did not help, it is given twice as long. */
const STUCK_MS = 5_000;
const LONGEST_STUCK_MS = 60_000;
const MAX_CAMERA = { width: 1280, height: 720, frameRate: 30 };

function remembered(): Partial<globalThis.Record<DeviceKind, string>> {
  try {
    return JSON.parse(stored(CHOICE_KEY) ?? "{}") as Partial<globalThis.Record<DeviceKind, string>>;
  } catch {
    return {};
  }
}

function remember(choice: Partial<globalThis.Record<DeviceKind, string>>): void {
  store(CHOICE_KEY, JSON.stringify({ ...remembered(), ...choice }));
}

function problemOf(error: unknown): DeviceProblem {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "missing";
}

function constraintsFor(kind: DeviceKind, chosen = remembered()[kind]): MediaStreamConstraints {
  const device = chosen ? { deviceId: { ideal: chosen } } : {};
  return kind === "mic"
    ? { audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true } }
    : {
        video: {
          ...device,
          width: { ideal: MAX_CAMERA.width },
          height: { ideal: MAX_CAMERA.height },
          frameRate: { ideal: MAX_CAMERA.frameRate },
        },
      };
}

/** Whether this browser, on this page, can share a screen. */
export const canShare = (): boolean => "mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices;

/** Owns the local tracks. They outlive every connection: a new one never asks for permission again. */
export class Devices {
  readonly mic = new Watched<Capture>({ track: null, problem: null });
  readonly camera = new Watched<Capture>({ track: null, problem: null });
  readonly list = new Watched<MediaDeviceInfo[]>([]);
  /** What has taken the place of a device that went away by itself; null after it was seen. */
  readonly replaced = new Watched<{ kind: DeviceKind; label: string } | null>(null);

  /** Puts the new track of a kind where the former one is in use; that one is stopped afterwards. */
  handOver: (kind: DeviceKind, track: MediaStreamTrack | null) => Promise<void> = () => Promise.resolve();

  /** Browsers have no `mediaDevices` on pages that are not secure. */
  private readonly supported = "mediaDevices" in navigator;
  private readonly opening: globalThis.Record<DeviceKind, Promise<MediaStreamTrack | null> | null> = { mic: null, camera: null };
  /** Counts what cancels an opening: a device that comes late finds that it is not wanted any more. */
  private readonly turns: globalThis.Record<DeviceKind, number> = { mic: 0, camera: 0 };
  /** Why the device that was chosen last could not take the place of the one in use. */
  private readonly refused: globalThis.Record<DeviceKind, DeviceProblem> = { mic: null, camera: null };
  /** How often in a row a stuck device was opened anew. */
  private readonly reopened: globalThis.Record<DeviceKind, number> = { mic: 0, camera: 0 };

  constructor() {
    if (this.supported) navigator.mediaDevices.addEventListener("devicechange", () => void this.refresh());
  }

  /** The live track of this kind; asks for it where there is none. Null if that fails (`problem` says why) or it was stopped meanwhile. */
  start(kind: DeviceKind): Promise<MediaStreamTrack | null> {
    const present = this[kind].get().track;
    if (present?.readyState === "live") return Promise.resolve(present);
    return this.opening[kind] ?? this.begin(kind, null);
  }

  /** Also what is being opened is not taken any more. */
  stop(kind: DeviceKind): void {
    this.cancel(kind);
    const { track, problem } = this[kind].get();
    this[kind].set({ track: null, problem });
    track?.stop();
  }

  /** Use another device from now on; the new track replaces the old one wherever it is in use. Resolves with what is wrong with the new one where the old one goes on. */
  async choose(kind: DeviceKind, deviceId: string): Promise<DeviceProblem> {
    const before = this.chosen(kind);
    remember({ [kind]: deviceId });
    const { track } = this[kind].get();
    if (!track) return null;
    this.cancel(kind);
    this.refused[kind] = null;
    await this.begin(kind, track);
    if (this.refused[kind] !== null && before !== null) remember({ [kind]: before });
    return this.refused[kind];
  }

  chosen(kind: DeviceKind): string | null {
    return this[kind].get().track?.getSettings().deviceId ?? remembered()[kind] ?? null;
  }

  private cancel(kind: DeviceKind): void {
    this.turns[kind] += 1;
    this.opening[kind] = null;
  }

  private begin(kind: DeviceKind, former: MediaStreamTrack | null): Promise<MediaStreamTrack | null> {
    const opening = this.open(kind, former).finally(() => {
      if (this.opening[kind] === opening) this.opening[kind] = null;
    });
    this.opening[kind] = opening;
    return opening;
  }

  /** `former` goes on until the new track has taken its place, also where there is none. */
  private async open(kind: DeviceKind, former: MediaStreamTrack | null): Promise<MediaStreamTrack | null> {
    if (!this.supported) {
      this[kind].set({ track: null, problem: "insecure" });
      return null;
    }
    const turn = this.turns[kind];
    const isLate = (): boolean => turn !== this.turns[kind];
    let stream: MediaStream;
    try {
      stream = await this.ask(kind, former, isLate);
    } catch (error) {
      if (isLate()) return null;
      if (former?.readyState === "live") this.refused[kind] = problemOf(error);
      else this[kind].set({ track: null, problem: problemOf(error) });
      return null;
    }
    if (isLate()) {
      for (const unwanted of stream.getTracks()) unwanted.stop();
      return null;
    }
    const track = stream.getTracks()[0] ?? null;
    if (track) this.watch(kind, track);
    this[kind].set({ track, problem: track ? null : "missing" });
    if (former) await this.handOver(kind, track).catch(() => undefined); // the connection was closed meanwhile
    former?.stop();
    await this.refresh();
    return isLate() ? null : track;
  }

  /** Many phones, and some browsers for microphones, open one at a time: there the former one has to go first. */
  private async ask(kind: DeviceKind, former: MediaStreamTrack | null, isLate: () => boolean): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia(constraintsFor(kind));
    } catch (error) {
      if (!former || isLate() || problemOf(error) !== "busy") throw error;
      const before = former.getSettings().deviceId;
      former.stop();
      try {
        return await navigator.mediaDevices.getUserMedia(constraintsFor(kind));
      } catch (again) {
        // It is really busy: back to the one before.
        if (isLate() || before === undefined) throw again;
        this.refused[kind] = problemOf(again);
        return navigator.mediaDevices.getUserMedia(constraintsFor(kind, before));
      }
    }
  }

  /** A track that ends was unplugged. One that stays muted has a device that hangs: only when nobody holds it any more does the browser open it anew. */
  private watch(kind: DeviceKind, track: MediaStreamTrack): void {
    const isOurs = (): boolean => this[kind].get().track === track && !this.opening[kind];
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const wait = (): void => {
      clearTimeout(waiting);
      waiting = setTimeout(look, Math.min(STUCK_MS * 2 ** this.reopened[kind], LONGEST_STUCK_MS));
    };
    const look = (): void => {
      if (!track.muted || !isOurs() || track.readyState !== "live") return;
      if (document.hidden) {
        wait(); // phones take the camera from a page in the background, and give it back
        return;
      }
      this.reopened[kind] += 1;
      track.stop();
      void this.start(kind);
    };
    track.addEventListener("ended", () => {
      if (isOurs()) void this.replace(kind);
    });
    track.addEventListener("mute", wait);
    track.addEventListener("unmute", () => {
      clearTimeout(waiting);
      this.reopened[kind] = 0;
    });
    if (track.muted) wait();
  }

  /** It was unplugged: another one takes its place, if there is any. */
  private async replace(kind: DeviceKind): Promise<void> {
    const track = await this.start(kind);
    if (track) this.replaced.set({ kind, label: track.label });
  }

  private async refresh(): Promise<void> {
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.deviceId);
    this.list.set(all);
    speakersAre(all.filter((device) => device.kind === "audiooutput").map((device) => device.deviceId));
    // One that was missing has been plugged in: nothing is wrong with it any more.
    for (const [kind, input] of [["mic", "audioinput"], ["camera", "videoinput"]] as const) {
      if (this[kind].get().problem === "missing" && all.some((device) => device.kind === input)) this[kind].set({ track: null, problem: null });
    }
  }
}
