/**
 * One person's presence in one workshop: the socket, the media and the devices joined together.
 *
 * What this person *wants* to send stands in `sending`; the tracks follow it, and the others are told by `SetMedia`. The server has the last
 * word: where its record of this person says that a medium is off although it was not switched off here, it is switched off here too.
 */
import type { Ack, ClientCommand, ParticipantRecord, Reaction } from "../protocol/wire";
import { Captioning } from "./captioning";
import { Captions } from "./captions";
import { Connection } from "./connection";
import type { Devices } from "./devices";
import { Watched } from "./emitter";
import { QualityWatch } from "./quality";
import { Reactions } from "./reactions";
import { Rtc } from "./rtc";

export interface Sending {
  mic: boolean;
  camera: boolean;
  screen: boolean;
}

export interface ShownTile {
  participant_id: string;
  media: "camera" | "screen";
  width: number;
  height: number;
}

/** `message` is the server's sentence where it refused; null where a facilitator has switched off what was on. */
export interface Stopped {
  media: keyof Sending;
  message: string | null;
}

const MEDIA = ["mic", "camera", "screen"] as const;
const VIEW_DELAY_MS = 150;
/** So long after the page has gone to the background no pictures are sent for any more; who only looks at something else for a moment notices nothing. */
const AWAY_AFTER_MS = 5_000;
/** How long leaving waits for the server's word. */
const LEAVE_WITHIN_MS = 1_500;

export type Saving = "off" | "low" | "sound";

const LOW = { tiles: 4, width: 320, height: 180 };

/** What of the tiles is asked of the server. Pure. */
export function saved(tiles: readonly ShownTile[], saving: Saving): ShownTile[] {
  if (saving === "off") return [...tiles];
  const cameras = saving === "sound" ? [] : tiles.filter((tile) => tile.media === "camera").slice(0, LOW.tiles);
  const small = cameras.map((tile) => ({ ...tile, width: Math.min(tile.width, LOW.width), height: Math.min(tile.height, LOW.height) }));
  return [...tiles.filter((tile) => tile.media === "screen"), ...small];
}

export class Session {
  readonly connection: Connection;
  readonly rtc: Rtc;
  readonly participantId = new Watched<string | null>(null);
  readonly sending = new Watched<Sending>({ mic: false, camera: false, screen: false });
  /** What this person shares, to be shown to themselves. */
  readonly screen = new Watched<MediaStream | null>(null);
  readonly reactions = new Reactions();
  /** What others (and oneself) say, in writing. */
  readonly captions = new Captions();
  readonly captioning: Captioning;
  readonly quality: QualityWatch;
  /** How much of the others' pictures is wanted: `low`, few and small; `sound`, none. A shared screen always is. */
  readonly saving = new Watched<Saving>("off");
  /** Room id → who speaks there; facilitators are told. */
  readonly speakingIn = new Watched<Readonly<globalThis.Record<string, readonly string[]>>>({});
  /** What was switched off by somebody else last, and why; null after it was seen. */
  readonly stopped = new Watched<Stopped | null>(null);
  /** The last wish for each medium: what a device that comes late is measured against. */
  private readonly asked: Sending = { mic: false, camera: false, screen: false };
  private iceServers: RTCIceServer[] = [];
  private node = "";
  private telling = 0;
  /** The journal's position after what was told last. */
  private toldSeq = 0;
  private recorded: ParticipantRecord | null = null;
  /** The room in which was said what `captions` holds. */
  private captionsOf: string | null = null;
  private tiles: ShownTile[] = [];
  /** The view that the server knows, as JSON. */
  private shown = "";
  private showing: ReturnType<typeof setTimeout> | undefined;
  private away = false;
  private goingAway: ReturnType<typeof setTimeout> | undefined;
  private readonly endings: (() => void)[] = [];

  constructor(
    readonly token: string,
    readonly devices: Devices,
    private readonly wanted: Pick<Sending, "mic" | "camera">,
  ) {
    this.connection = new Connection(token);
    this.rtc = new Rtc(this.connection);
    this.quality = new QualityWatch(this.rtc);
    this.captioning = new Captioning(this.connection, devices, () => this.sending.get().mic);
    this.connection.onSignals = (signals) => {
      this.rtc.signals(signals);
      if (signals.reactions) this.reactions.add(signals.reactions);
      if (signals.captions) this.captions.add(signals.captions);
      if (signals.rooms) this.speakingIn.set({ ...this.speakingIn.get(), ...signals.rooms });
    };
    this.connection.onHello = (hello) => {
      this.participantId.set(hello.participant_id);
      this.forgetCaptions();
      this.iceServers = hello.rtc.ice_servers;
      this.node = hello.node;
      this.recorded = this.me();
      if (this.recorded) this.enter();
    };
    this.endings.push(
      this.sending.subscribe(() => this.captioning.follow()),
      this.connection.records.subscribe(() => this.obey()),
      this.connection.status.subscribe(() => {
        if (this.hasEnded()) this.silence();
      }),
      this.rtc.state.subscribe(() => {
        this.shown = ""; // a new transport knows nothing of the view
        if (this.rtc.state.get() === "connected") this.show(this.tiles);
      }),
    );
    const back = (): void => {
      this.connection.hurry();
      this.connection.check();
    };
    window.addEventListener("online", back);
    document.addEventListener("visibilitychange", this.looked);
    this.endings.push(() => {
      window.removeEventListener("online", back);
      document.removeEventListener("visibilitychange", this.looked);
      clearTimeout(this.goingAway);
    });
    devices.handOver = async (kind, track) => {
      if (this.sending.get()[kind]) await this.rtc.send(kind, track);
    };
    for (const kind of ["mic", "camera"] as const) {
      // A device was changed or unplugged: the new track, or none, goes out in place of the old one.
      this.endings.push(
        devices[kind].subscribe(() => {
          const { track } = devices[kind].get();
          this.captioning.follow();
          if (!this.sending.get()[kind]) return;
          if (track) void this.rtc.send(kind, track);
          else void this.set({ [kind]: false });
        }),
      );
    }
  }

  /** Come in at once; devices follow when the browser (and perhaps the person, asked by it) hands them out. */
  start(): void {
    this.connection.open();
    void this.set(this.wanted);
  }

  /** Switch on or off what is named; what cannot be had stays off. After the end there is nothing to switch. */
  async set(change: Partial<Sending>): Promise<void> {
    if (this.hasEnded()) return;
    await Promise.all(
      MEDIA.map(async (media) => {
        const on = change[media];
        if (on === undefined) return;
        if (!on) this.note(media, false);
        this.asked[media] = on;
        const done = await this.turn(media, on);
        if (this.asked[media] === on) this.note(media, done);
      }),
    );
    await this.tell();
  }

  command(command: ClientCommand): Promise<Ack> {
    return this.connection.command(command);
  }

  /** What is on screen, most important first; the server sends no more than that. */
  show(tiles: ShownTile[]): void {
    this.tiles = tiles;
    const wanted = this.away ? [] : saved(tiles, this.saving.get());
    const view = JSON.stringify(wanted);
    clearTimeout(this.showing);
    if (view === this.shown) return;
    this.showing = setTimeout(() => {
      if (this.rtc.state.get() !== "connected") return; // it is said again once there is a transport
      this.shown = view;
      void this.connection.ask("media.view", { tiles: wanted });
    }, VIEW_DELAY_MS);
  }

  /** Get less than everything, for a narrow connection; with `sound` one's own camera goes off, too. */
  async save(saving: Saving): Promise<void> {
    this.saving.set(saving);
    this.show(this.tiles);
    if (saving === "sound" && this.sending.get().camera) await this.set({ camera: false });
  }

  /** Take sound and picture back from another tab, or try again after a failure. */
  useHere(): void {
    void this.rtc.offer().then(() => this.tell());
  }

  react(reaction: Reaction): void {
    void this.connection.ask("react", { reaction });
  }

  async leave(): Promise<void> {
    await Promise.race([this.command({ type: "Leave" }), new Promise((resolve) => setTimeout(resolve, LEAVE_WITHIN_MS))]);
    this.connection.close();
  }

  /** Nobody sees the pictures of a page in the background: they cost nothing there. */
  private readonly looked = (): void => {
    const turn = (away: boolean): void => {
      this.away = away;
      this.show(this.tiles);
    };
    clearTimeout(this.goingAway);
    if (document.hidden) this.goingAway = setTimeout(() => turn(true), AWAY_AFTER_MS);
    else {
      turn(false);
      this.connection.check();
    }
  };

  private note(media: keyof Sending, on: boolean): void {
    if (this.sending.get()[media] !== on) this.sending.set({ ...this.sending.get(), [media]: on });
  }

  private hasEnded(): boolean {
    return this.connection.status.get().state === "ended";
  }

  private me(): ParticipantRecord | null {
    const record = this.connection.records.get().byKey.get(`participant:${this.participantId.get() ?? ""}`);
    return record?.kind === "participant" && record.presence !== "left" ? record : null;
  }

  /** This person is in (at once, or after waiting in the lobby): offer media, and say what is sent. */
  private enter(): void {
    this.rtc.greet(this.iceServers, this.node);
    void this.tell();
  }

  /** Whether this tab is the one that says what is sent: not while another has the media. */
  private speaksForMe(): boolean {
    return this.connection.status.get().state === "connected" && this.rtc.state.get() !== "taken_over";
  }

  /** What was said in another room is gone, also where that was left while the connection was away. */
  private forgetCaptions(): void {
    const room = this.me()?.room_id ?? null;
    if (room !== this.captionsOf) this.captions.clear();
    this.captionsOf = room;
  }

  private obey(): void {
    this.forgetCaptions();
    if (!this.speaksForMe()) return;
    const before = this.recorded;
    const now = this.me();
    // Records that do not yet know of what was told last are no word of somebody else's.
    const behind = this.telling > 0 || this.connection.records.get().seq < this.toldSeq;
    if (now && before && behind) return;
    this.recorded = now;
    if (now && !before) this.enter();
    if (!now || !before) return;
    for (const media of MEDIA) {
      if (before[media] && !now[media] && this.sending.get()[media]) {
        this.stopped.set({ media, message: null });
        void this.set({ [media]: false });
      }
    }
  }

  /** Let the others know what is sent; what the server refuses is switched off. */
  private async tell(): Promise<void> {
    if (!this.speaksForMe() || !this.me()) return;
    this.telling += 1;
    const asked = this.sending.get();
    const ack = await this.command({ type: "SetMedia", ...asked });
    this.telling -= 1;
    if (ack.ok) {
      this.toldSeq = ack.seq;
      this.obey();
      return;
    }
    const refused = MEDIA.find((media) => asked[media] && ack.code.startsWith(`${media}_`));
    if (!refused) return;
    this.stopped.set({ media: refused, message: ack.message });
    await this.set({ [refused]: false });
  }

  /** Returns whether `media` is sent now. */
  private async turn(media: keyof Sending, on: boolean): Promise<boolean> {
    if (media === "screen") return this.share(on);
    const track = on ? await this.devices.start(media) : null;
    if (on && !this.asked[media]) return false;
    await this.rtc.send(media, track);
    // The camera's light goes out; the microphone is kept open, so that speaking again takes no time.
    if (!on && media === "camera") this.devices.stop("camera");
    return track !== null;
  }

  private async share(on: boolean): Promise<boolean> {
    const former = this.screen.get();
    former?.getTracks().forEach((track) => track.stop());
    this.screen.set(null);
    let stream: MediaStream | null = null;
    if (on) {
      try {
        stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
      } catch {
        // The person has cancelled the browser's dialogue.
      }
    }
    if (on && !this.asked.screen) {
      stream?.getTracks().forEach((track) => track.stop());
      return false;
    }
    const video = stream?.getVideoTracks()[0] ?? null;
    if (video) {
      video.contentHint = "detail";
      video.addEventListener("ended", () => void this.set({ screen: false }));
    }
    this.screen.set(stream);
    await this.rtc.send("screen", video);
    await this.rtc.send("screen_audio", stream?.getAudioTracks()[0] ?? null);
    return video !== null;
  }

  /** Nothing is sent, received or recorded any more. */
  private silence(): void {
    for (const end of this.endings) end();
    clearTimeout(this.showing);
    this.captioning.set(false);
    this.reactions.close();
    this.quality.close();
    this.rtc.close();
    this.rtc.state.set("idle");
    Object.assign(this.asked, { mic: false, camera: false, screen: false });
    this.devices.stop("mic");
    this.devices.stop("camera");
    this.devices.replaced.set(null);
    this.screen.get()?.getTracks().forEach((track) => track.stop());
    this.screen.set(null);
  }
}
