/**
 * Media: one RTCPeerConnection with a fixed pool of slots, negotiated once (PROTOCOL.md, section 5).
 *
 * Everything that changes later is `replaceTrack` on this side and a signal on the other: which slot carries whom. A move to another room
 * does not touch this connection. When the network changes, ICE is restarted on it, which keeps the slots; it is made anew only when that does not
 * help, and the local tracks go on into the new one.
 */
import type { Binding, Refusal, SentMedia, Signals } from "../protocol/wire";
import type { Connection } from "./connection";
import { Watched } from "./emitter";
import { watchSilence } from "./liveness";

/** The camera is sent in as many sizes; the server chooses for each viewer. */
const CAMERA_LAYERS = 3 as 1 | 3;
const AUDIO_SLOTS = 3;
const VIDEO_SLOTS = 9;
const VIDEO_SLOTS_OF_PHONES = 6;
/** After a resumed socket, how long bindings may take before the transport is taken for lost. */
const BINDINGS_WITHIN_MS = 1_500;
/** How long a connection may be interrupted before ICE is restarted, and how long the restart may take before all is made anew. */
const INTERRUPTED_MS = 800;
const RESTARTED_WITHIN_MS = 4_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;

type Media = SentMedia | "audio" | "video";
type Answer = { ok: true; sdp: string } | Refusal;

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

/** `lost`: being made anew. `failed`: the server does not accept what this browser offers. `taken_over`: another tab has it. */
export type MediaState = "idle" | "connecting" | "connected" | "lost" | "taken_over" | "failed";

export class Rtc {
  readonly state = new Watched<MediaState>("idle");
  /** What the slots carry now. */
  readonly received = new Watched<readonly Received[]>([]);
  /** Participant ids, loudest first. */
  readonly speaking = new Watched<readonly string[]>([]);
  pc: RTCPeerConnection | null = null;
  private slots: Slot[] = [];
  private readonly bindings = new Map<string, Binding | null>();
  private readonly sent: globalThis.Record<SentMedia, MediaStreamTrack | null> = {
    mic: null, camera: null, screen: null, screen_audio: null,
  };
  private iceServers: RTCIceServer[] = [];
  private checking: ReturnType<typeof setTimeout> | undefined;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  /** The connection to the server that the workshop has left: heard and seen until the next one is there. */
  private former: RTCPeerConnection | null = null;
  private node = "";
  private recovering: ReturnType<typeof setTimeout> | undefined;
  private unwatch: (() => void) | undefined;

  constructor(private readonly connection: Connection) {
    // Back from nothing: whatever the old way was, look for a new one.
    window.addEventListener("online", () => void this.restart());
  }

  /** The socket has said hello (again): offer if there is no connection, else see whether the server still has it. `node` is the server's process. */
  greet(iceServers: RTCIceServer[], node: string): void {
    this.iceServers = iceServers;
    const elsewhere = node !== this.node;
    this.node = node;
    if (this.state.get() === "taken_over") return;
    this.attempts = 0;
    clearTimeout(this.checking);
    // What TURN servers were told before holds for a while only, and a restart of ICE asks them again.
    if (this.pc && this.pc.signalingState !== "closed") this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
    if (!this.pc || this.pc.connectionState === "failed" || this.pc.connectionState === "closed") void this.offer();
    else if (elsewhere) void this.offer(true);
    else {
      this.checking = setTimeout(() => void this.offer(), BINDINGS_WITHIN_MS);
      // The network was gone for both: without a socket the way for the media could not be looked for anew.
      if (this.pc.connectionState === "disconnected") void this.restart();
    }
  }

  signals(signals: Signals): void {
    if (signals.speaking) this.speaking.set(signals.speaking);
    if (signals.slots) {
      clearTimeout(this.checking);
      for (const [mid, binding] of Object.entries(signals.slots)) this.bindings.set(mid, binding);
      this.publish();
    }
    for (const [media, rids] of Object.entries(signals.paused ?? {})) void this.pause(media as SentMedia, rids);
    if (signals.media?.state === "closed") {
      this.close();
      if (signals.media.code === "taken_over") this.state.set("taken_over");
      else this.retry();
    }
  }

  /** Send this track as `media` from now on; null sends nothing. */
  async send(media: SentMedia, track: MediaStreamTrack | null): Promise<void> {
    this.sent[media] = track;
    const slot = this.slots.find((each) => each.direction === "send" && each.media === media);
    if (this.pc?.signalingState !== "closed") await slot?.transceiver.sender.replaceTrack(track);
  }

  /** Layers that nobody takes are not encoded; the server asks for them again as soon as somebody does. */
  private async pause(media: SentMedia, rids: string[]): Promise<void> {
    const sender = this.slots.find((each) => each.direction === "send" && each.media === media)?.transceiver.sender;
    const parameters = sender?.getParameters();
    if (!sender || !parameters || parameters.encodings.length < 2) return;
    for (const encoding of parameters.encodings) encoding.active = !rids.includes(encoding.rid ?? "");
    await sender.setParameters(parameters).catch(() => undefined); // the connection was closed meanwhile
  }

  /** With `keep`, what there is goes on until the new connection carries something. */
  async offer(keep = false): Promise<void> {
    if (keep && this.pc) {
      this.former?.close();
      this.former = this.pc;
      this.pc = null;
      clearTimeout(this.recovering);
      this.bindings.clear();
    } else {
      this.close();
    }
    this.state.set("connecting");
    const pc = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.slots = this.makeSlots(pc);
    pc.addEventListener("connectionstatechange", () => this.follow(pc));
    this.unwatch?.();
    this.unwatch = watchSilence(
      pc,
      () => [...this.bindings.values()].some(Boolean),
      () => void this.restart(),
    );
    try {
      const answer = await this.ask(pc);
      if (this.pc !== pc) return;
      if (answer?.ok) {
        await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
        this.publish();
        return;
      }
      this.close();
      if (answer && !answer.retryable) this.state.set("failed");
      else this.retry();
    } catch {
      // The browser refuses its own offer or the server's answer, or `pc` was closed meanwhile: only the former is a failure.
      if (this.pc !== pc) return;
      this.close();
      this.state.set("failed");
    }
  }

  /** Look for a new way to the server on the connection there is: the server keeps its transport and slots for an offer with the same certificate. */
  private async restart(): Promise<void> {
    const pc = this.pc;
    if (!pc || !["connected", "disconnected", "failed"].includes(pc.connectionState)) return;
    if (this.connection.status.get().state !== "connected" || pc.signalingState !== "stable") return;
    clearTimeout(this.recovering);
    this.recovering = setTimeout(() => {
      if (this.pc === pc && pc.connectionState !== "connected") this.retry();
    }, RESTARTED_WITHIN_MS);
    try {
      pc.restartIce();
      const answer = await this.ask(pc);
      if (this.pc !== pc) return;
      if (answer?.ok) await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      else await pc.setLocalDescription({ type: "rollback" }); // or there could be no other restart
    } catch {
      // Closed or refused meanwhile: the deadline makes a new connection.
    }
  }

  private async ask(pc: RTCPeerConnection): Promise<Answer | null> {
    await pc.setLocalDescription(await pc.createOffer());
    return this.connection.ask<Answer>("media.offer", {
      sdp: pc.localDescription?.sdp,
      slots: this.slots.map(({ transceiver, direction, media }) => ({ mid: transceiver.mid, direction, media })),
    });
  }

  close(): void {
    clearTimeout(this.checking);
    clearTimeout(this.retrying);
    clearTimeout(this.recovering);
    this.unwatch?.();
    this.pc?.close();
    this.pc = null;
    this.former?.close();
    this.former = null;
    this.slots = [];
    this.bindings.clear();
    this.publish();
  }

  private makeSlots(pc: RTCPeerConnection): Slot[] {
    const slots: Slot[] = [];
    const send = (media: SentMedia, kind: "audio" | "video", init: RTCRtpTransceiverInit = {}): void => {
      const transceiver = pc.addTransceiver(this.sent[media] ?? kind, { ...init, direction: "sendonly" });
      if (kind === "video") preferVp8(transceiver);
      slots.push({ transceiver, direction: "send", media });
    };
    const receive = (media: Media, kind: "audio" | "video"): void => {
      const transceiver = pc.addTransceiver(kind, { direction: "recvonly" });
      if (kind === "video") preferVp8(transceiver);
      slots.push({ transceiver, direction: "receive", media });
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
    // What the uplink takes goes to the screen first: small letters that are blurred say nothing.
    send("screen", "video", { sendEncodings: [{ maxBitrate: 2_500_000, priority: "high" }] });
    send("screen_audio", "audio");
    const phone = window.matchMedia("(max-width: 48em)").matches;
    for (let index = 0; index < AUDIO_SLOTS; index += 1) receive("audio", "audio");
    for (let index = 0; index < (phone ? VIDEO_SLOTS_OF_PHONES : VIDEO_SLOTS); index += 1) receive("video", "video");
    receive("screen", "video");
    receive("screen_audio", "audio");
    return slots;
  }

  private follow(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    if (pc.connectionState === "connected") {
      clearTimeout(this.recovering);
      this.attempts = 0;
      this.state.set("connected");
      this.former?.close();
      this.former = null;
      this.publish();
    } else if (pc.connectionState === "disconnected") {
      this.state.set("lost");
      clearTimeout(this.recovering);
      this.recovering = setTimeout(() => void this.restart(), INTERRUPTED_MS);
    } else if (pc.connectionState === "failed") {
      this.retry();
    }
  }

  /** Offer again, later the more often it did not work; without a socket the next hello does it. */
  private retry(): void {
    this.state.set("lost");
    clearTimeout(this.retrying);
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.attempts, LONGEST_RETRY_MS);
    this.attempts += 1;
    this.retrying = setTimeout(() => {
      if (this.connection.status.get().state === "connected") void this.offer();
    }, delay);
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
    if (received.length === 0 && this.former) return;
    if (received.length > 0 || this.received.get().length > 0) this.received.set(received);
  }
}

/** The server forwards without transcoding and switches at VP8 key frames; RTX and the rest keep their places behind it. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const isVp8 = (codec: RTCRtpCodec): boolean => codec.mimeType.toLowerCase() === "video/vp8";
  if (!known.some(isVp8) || !("setCodecPreferences" in transceiver)) return;
  transceiver.setCodecPreferences([...known.filter(isVp8), ...known.filter((codec) => !isVp8(codec))]);
}
