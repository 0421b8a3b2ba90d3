/** Whether, and in which language, what this person says is turned into text for the others. Off until they switch it on, every time they come in. */
import { Spoken } from "./captions";
import type { Connection } from "./connection";
import type { Devices } from "./devices";
import { Watched } from "./emitter";
import { Recognition } from "./recognition";
import { store, stored } from "./storage";

const LANGUAGE_KEY = "atelier.speech";

export class Captioning {
  readonly on = new Watched(false);
  /** BCP 47. */
  readonly lang = new Watched(stored(LANGUAGE_KEY) ?? navigator.language);
  private readonly recognition: Recognition;
  private readonly spoken: Spoken;
  private running: MediaStreamTrack | null = null;

  constructor(
    connection: Connection,
    private readonly devices: Devices,
    /** Whether the microphone is heard. */
    private readonly speaks: () => boolean,
  ) {
    this.spoken = new Spoken((caption) => void connection.ask("caption", caption));
    this.recognition = new Recognition((text, final, lang) => this.spoken.said(text, final, lang));
    this.recognition.problem.subscribe(() => {
      if (this.recognition.problem.get() !== null) this.set(false);
    });
  }

  get problem(): Recognition["problem"] {
    return this.recognition.problem;
  }

  set(on: boolean): void {
    if (on) this.recognition.problem.set(null);
    this.on.set(on);
    this.follow();
  }

  speak(lang: string): void {
    store(LANGUAGE_KEY, lang);
    this.lang.set(lang);
    this.running = null;
    this.follow();
  }

  /** Run while it is wanted and the microphone is on, and on the microphone that is used. */
  follow(): void {
    const track = this.on.get() && this.speaks() ? this.devices.mic.get().track : null;
    if (track === this.running) return;
    this.running = track;
    this.spoken.next();
    if (track) this.recognition.start(this.lang.get(), track);
    else this.recognition.stop();
  }
}
