/** Everything of one person's presence in one workshop, joined together. The only thing that ui makes of core. */
import type { ClientCommand, Ack } from "../protocol/wire";
import { Connection } from "./connection";
import type { Devices } from "./devices";
import { Rtc } from "./rtc";
import { Watched } from "./emitter";

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

const VIEW_DELAY_MS = 150;

export class Session {
  readonly connection: Connection;
  readonly rtc: Rtc;
  readonly participantId = new Watched<string | null>(null);
  readonly sending: Watched<Sending>;
  private view = "";
  private viewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    token: string,
    readonly devices: Devices,
    wanted: Pick<Sending, "mic" | "camera">,
  ) {
    this.connection = new Connection(token);
    this.rtc = new Rtc(this.connection, devices);
    this.sending = new Watched<Sending>({ ...wanted, screen: false });
    this.connection.onSignals = (signals) => this.rtc.signals(signals);
    this.connection.onHello = (hello) => {
      this.participantId.set(hello.participant_id);
      this.view = "";
      this.rtc.greet(hello.rtc.ice_servers);
      this.tell();
    };
    for (const kind of ["mic", "camera"] as const) {
      // A device that is changed or unplugged: the new track (or none) goes out in place of the old one.
      devices[kind].subscribe(() => {
        const { track } = devices[kind].get();
        if (!this.sending.get()[kind]) return;
        void this.rtc.send(kind, track);
        if (track === null) void this.set({ [kind]: false });
      });
    }
  }

  async start(): Promise<void> {
    const { mic, camera } = this.sending.get();
    const [micOn, cameraOn] = await Promise.all([this.rtc.setMic(mic), this.rtc.setCamera(camera)]);
    this.sending.set({ mic: mic && micOn, camera: camera && cameraOn, screen: false });
    this.connection.open();
  }

  async set(change: Partial<Sending>): Promise<void> {
    if (change.mic !== undefined) {
      this.sending.set({ ...this.sending.get(), mic: change.mic });
      const on = await this.rtc.setMic(change.mic);
      this.sending.set({ ...this.sending.get(), mic: change.mic && on });
    }
    if (change.camera !== undefined) {
      this.sending.set({ ...this.sending.get(), camera: change.camera });
      const on = await this.rtc.setCamera(change.camera);
      this.sending.set({ ...this.sending.get(), camera: change.camera && on });
    }
    if (change.screen !== undefined) {
      const on = await this.rtc.setScreen(change.screen);
      this.sending.set({ ...this.sending.get(), screen: on });
      this.rtc.screen.get()?.getVideoTracks()[0]?.addEventListener("ended", () => void this.set({ screen: false }));
    }
    this.tell();
  }

  command(command: ClientCommand): Promise<Ack> {
    return this.connection.command(command);
  }

  /** What is on screen, most important first; the server sends no more than that. */
  show(tiles: ShownTile[]): void {
    const view = JSON.stringify(tiles);
    if (view === this.view) return;
    clearTimeout(this.viewTimer);
    this.viewTimer = setTimeout(() => {
      this.view = view;
      if (this.connection.status.get().state === "connected") void this.connection.ask("media.view", { tiles });
    }, VIEW_DELAY_MS);
  }

  async leave(): Promise<void> {
    await Promise.race([this.command({ type: "Leave" }), new Promise((resolve) => setTimeout(resolve, 1_500))]);
    this.end();
  }

  end(): void {
    this.connection.close();
    this.rtc.close();
    this.devices.stop("mic");
    this.devices.stop("camera");
    this.rtc.screen.get()?.getTracks().forEach((track) => track.stop());
  }

  private tell(): void {
    if (this.connection.status.get().state === "connected") void this.command({ type: "SetMedia", ...this.sending.get() });
  }
}
