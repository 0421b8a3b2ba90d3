/** Cameras and microphones: asking for them, remembering the choice, saying in a code what went wrong. */
import { Watched } from "./emitter";
import { store, stored } from "./storage";

export type DeviceKind = "mic" | "camera";
export type DeviceProblem = "denied" | "missing" | "busy" | "insecure" | null;

export interface Capture {
  track: MediaStreamTrack | null;
  problem: DeviceProblem;
}

const CHOICE_KEY = "atelier.devices";
export const MAX_CAMERA = { width: 1280, height: 720, frameRate: 30 };

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

function constraintsFor(kind: DeviceKind): MediaStreamConstraints {
  const chosen = remembered()[kind];
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

  /** Browsers have no `mediaDevices` on pages that are not secure. */
  private readonly supported = "mediaDevices" in navigator;
  private readonly opening: globalThis.Record<DeviceKind, Promise<MediaStreamTrack | null> | null> = { mic: null, camera: null };

  constructor() {
    if (this.supported) navigator.mediaDevices.addEventListener("devicechange", () => void this.refresh());
  }

  /** The live track of this kind; asks for it where there is none. Null if that fails: `problem` says why. */
  start(kind: DeviceKind): Promise<MediaStreamTrack | null> {
    const present = this[kind].get().track;
    if (present?.readyState === "live") return Promise.resolve(present);
    this.opening[kind] ??= this.open(kind).finally(() => {
      this.opening[kind] = null;
    });
    return this.opening[kind];
  }

  stop(kind: DeviceKind): void {
    const { track, problem } = this[kind].get();
    this[kind].set({ track: null, problem });
    track?.stop();
  }

  /** Use another device from now on; the new track replaces the old one wherever it is in use. */
  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    remember({ [kind]: deviceId });
    const { track } = this[kind].get();
    if (!track) return;
    track.stop(); // first, because many phones open one camera at a time
    await this.open(kind);
  }

  chosen(kind: DeviceKind): string | null {
    return this[kind].get().track?.getSettings().deviceId ?? remembered()[kind] ?? null;
  }

  private async open(kind: DeviceKind): Promise<MediaStreamTrack | null> {
    if (!this.supported) {
      this[kind].set({ track: null, problem: "insecure" });
      return null;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraintsFor(kind));
      const track = stream.getTracks()[0] ?? null;
      track?.addEventListener("ended", () => {
        if (this[kind].get().track === track) void this.replace(kind);
      });
      this[kind].set({ track, problem: track ? null : "missing" });
      await this.refresh();
      return track;
    } catch (error) {
      this[kind].set({ track: null, problem: problemOf(error) });
      return null;
    }
  }

  /** It was unplugged: another one takes its place, if there is any. */
  private async replace(kind: DeviceKind): Promise<void> {
    const track = await this.open(kind);
    if (track) this.replaced.set({ kind, label: track.label });
  }

  private async refresh(): Promise<void> {
    this.list.set((await navigator.mediaDevices.enumerateDevices()).filter((device) => device.deviceId));
  }
}
