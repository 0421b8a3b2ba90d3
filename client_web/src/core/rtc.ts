/**
 * Media: one RTCPeerConnection with a fixed pool of slots, negotiated once (PROTOCOL.md, section 5).
 *
 * Everything that changes later is `replaceTrack` on this side and a signal on the other: which slot carries whom. A move to another room
 * does not touch this connection. It is made anew only when the transport is dead, and the local tracks go on into the new one.
 */
import type { Binding, Refusal, SentMedia, Signals } from "../protocol/wire";
import type { Connection } from "./connection";
import type { Devices } from "./devices";
import { Watched } from "./emitter";

/** With 3, the camera is sent in three sizes once the server answers simulcast. */
const CAMERA_LAYERS = 1;
const AUDIO_SLOTS = 3;
const VIDEO_SLOTS = window.matchMedia?.("(max-width: 48em)").matches ? 6 : 9;
/** After a resumed socket, how long bindings may take before the transport is taken for lost. */
const BINDINGS_WITHIN_MS = 1_500;

type Media = SentMedia | "audio" | "video";

interface Slot {
  transceiver: RTCRtpTransceiver;
  direction: "send" | "receive";
  media: Media;
}

export interface Received {
  mid: string;
  media: SentMedia;
  participantId: string;
  track: MediaStreamTrack;
}

export type MediaState = "idle" | "connecting" | "connected" | "lost" | "taken_over" | "failed";

export class Rtc {
  readonly state = new Watched<MediaState>("idle");
  /** What the slots carry now. */
  readonly received = new Watched<readonly Received[]>([]);
  readonly speaking = new Watched<readonly string[]>([]);
  readonly screen = new Watched<MediaStream | null>(null);
  pc: RTCPeerConnection | null = null;
  private slots: Slot[] = [];
  private bindings = new Map<string, Binding | null>();
  private sent: globalThis.Record<SentMedia, MediaStreamTrack | null> = {
    mic: null, camera: null, screen: null, screen_audio: null,
  };
  private iceServers: RTCIceServer[] = [];
  private checking: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;

  constructor(
    private readonly connection: Connection,
    private readonly devices: Devices,
  ) {}

  /** The socket has said hello (again): offer if there is no connection, else see whether the server still has it. */
  greet(iceServers: RTCIceServer[]): void {
    this.iceServers = iceServers;
    if (this.state.get() === "taken_over") return;
    clearTimeout(this.checking);
    if (!this.pc || this.pc.connectionState === "failed" || this.pc.connectionState === "closed") {
      void this.offer();
      return;
    }
    this.checking = setTimeout(() => void this.offer(), BINDINGS_WITHIN_MS);
  }

  signals(signals: Signals): void {
    if (signals.speaking) this.speaking.set(signals.speaking);
    if (signals.slots) {
      clearTimeout(this.checking);
      for (const [mid, binding] of Object.entries(signals.slots)) this.bindings.set(mid, binding);
      this.publish();
    }
    if (signals.media?.state === "closed") {
      this.close();
      if (signals.media.code === "taken_over") this.state.set("taken_over");
      else void this.offer();
    }
  }

  /** Send this track as `media` from now on; null sends nothing. */
  async send(media: SentMedia, track: MediaStreamTrack | null): Promise<void> {
    this.sent[media] = track;
    const slot = this.slots.find((each) => each.direction === "send" && each.media === media);
    await slot?.transceiver.sender.replaceTrack(track);
  }

  async offer(): Promise<void> {
    this.close();
    this.state.set("connecting");
    const pc = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.bindings.clear();
    this.slots = this.makeSlots(pc);
    pc.addEventListener("connectionstatechange", () => this.onState(pc));
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await this.connection.ask<{ ok: true; sdp: string } | Refusal>("media.offer", {
      sdp: pc.localDescription?.sdp,
      slots: this.slots.map(({ transceiver, direction, media }) => ({ mid: transceiver.mid, direction, media })),
    });
    if (this.pc !== pc) return;
    if (!answer?.ok) {
      this.close();
      this.state.set(answer === null ? "lost" : "failed");
      return;
    }
    await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.publish();
  }

  close(): void {
    clearTimeout(this.checking);
    this.pc?.close();
    this.pc = null;
    this.slots = [];
    this.bindings.clear();
    this.publish();
  }

  private makeSlots(pc: RTCPeerConnection): Slot[] {
    const slots: Slot[] = [];
    const send = (media: SentMedia, kind: "audio" | "video", init: RTCRtpTransceiverInit = {}): void => {
      const transceiver = pc.addTransceiver(this.sent[media] ?? kind, { ...init, direction: "sendonly" });
      slots.push({ transceiver, direction: "send", media });
    };
    const receive = (media: Media, kind: "audio" | "video"): void => {
      slots.push({ transceiver: pc.addTransceiver(kind, { direction: "recvonly" }), direction: "receive", media });
    };
    send("mic", "audio");
    send("camera", "video", {
      sendEncodings:
        CAMERA_LAYERS === 1
          ? [{ maxBitrate: 1_200_000 }]
          : [
              { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
              { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
              { rid: "f", maxBitrate: 1_200_000 },
            ],
    });
    send("screen", "video", { sendEncodings: [{ maxBitrate: 2_500_000 }] });
    send("screen_audio", "audio");
    for (let index = 0; index < AUDIO_SLOTS; index += 1) receive("audio", "audio");
    for (let index = 0; index < VIDEO_SLOTS; index += 1) receive("video", "video");
    receive("screen", "video");
    receive("screen_audio", "audio");
    return slots;
  }

  private onState(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    if (pc.connectionState === "connected") {
      this.attempts = 0;
      this.state.set("connected");
    } else if (pc.connectionState === "failed") {
      this.state.set("lost");
      this.attempts += 1;
      setTimeout(() => {
        if (this.pc === pc && this.connection.status.get().state === "connected") void this.offer();
      }, Math.min(500 * 2 ** this.attempts, 8_000));
    }
  }

  private publish(): void {
    const received: Received[] = [];
    for (const { transceiver, direction } of this.slots) {
      const mid = transceiver.mid;
      const binding = mid === null ? null : this.bindings.get(mid);
      if (direction === "receive" && mid !== null && binding) {
        received.push({
          mid, media: binding.media, participantId: binding.participant_id, track: transceiver.receiver.track,
        });
      }
    }
    this.received.set(received);
  }

  // ── what this person sends ──────────────────────────────────────────────────────────────────────────────────────
  async setMic(on: boolean): Promise<boolean> {
    const track = on ? await this.devices.start("mic") : null;
    await this.send("mic", track);
    if (!on) this.devices.stop("mic");
    return track !== null;
  }

  async setCamera(on: boolean): Promise<boolean> {
    const track = on ? await this.devices.start("camera") : null;
    await this.send("camera", track);
    if (!on) this.devices.stop("camera");
    return track !== null;
  }

  /** Returns whether the screen is shared now; the browser's own dialogue may have been cancelled. */
  async setScreen(on: boolean): Promise<boolean> {
    this.screen.get()?.getTracks().forEach((track) => track.stop());
    this.screen.set(null);
    if (on) {
      try {
        const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
        const video = stream.getVideoTracks()[0] ?? null;
        if (video) video.contentHint = "detail";
        this.screen.set(stream);
        await this.send("screen", video);
        await this.send("screen_audio", stream.getAudioTracks()[0] ?? null);
        return true;
      } catch {
        return false;
      }
    }
    await this.send("screen", null);
    await this.send("screen_audio", null);
    return false;
  }
}
