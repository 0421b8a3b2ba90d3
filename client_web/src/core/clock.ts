/**
 * The server's clock, for countdowns.
 *
 * Whoever asks for the time knows two things of the answer: it was read after the question was sent and before the answer was looked at.
 * So each answer bounds the difference of the two clocks from both sides, however long it was under way, and however long this page was too
 * busy to look at it. The difference that is kept is moved no further than such bounds demand: a slow answer changes nothing, and a fast one
 * puts right what a slow one began. This device's side is a clock that nobody sets.
 */
import { Watched } from "./emitter";

/** Within this the bounds are close enough for a clock that shows seconds. */
const CLOSE_MS = 100;
/** Until they are: as often, and so many answers; on a line that is always slow they never are. */
const SOON_MS = 1_000;
const TRIES = 10;
/** From then on: clocks drift, and some stand still while a device sleeps. */
const LATER_MS = 60_000;

const deviceMs = (): number => performance.timeOrigin + performance.now();

export class ServerClock {
  /** What to add to this device's clock, in ms. */
  private readonly offset = new Watched(0);
  private known = false;
  private following = false;
  private tries = TRIES;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  /** `ask` gets the server's time in ms (Unix time); null where there is no answer. */
  constructor(private readonly ask: () => Promise<number | null>) {}

  /** Unix time in ms. */
  now = (): number => deviceMs() + this.offset.get();

  /** Calls `listener` when `now` has jumped; returns what ends that. */
  subscribe = (listener: () => void): (() => void) => this.offset.subscribe(listener);

  /** A question is sent now: the function that is returned takes the answer. */
  asked = (): ((serverMs: number) => void) => {
    const askedMs = deviceMs();
    return (serverMs) => this.heard(askedMs, serverMs, deviceMs());
  };

  /** Follow the clock of the server that answers now, which need not be the last one's; its hello has been asked and heard. */
  follow(): void {
    this.following = true;
    this.next();
  }

  /** Nobody can be asked any more. */
  stop(): void {
    this.following = false;
    clearTimeout(this.waiting);
  }

  private heard(askedMs: number, serverMs: number, heardMs: number): void {
    const least = serverMs - heardMs;
    const most = serverMs - askedMs;
    this.offset.set(this.known ? Math.min(Math.max(this.offset.get(), least), most) : (least + most) / 2);
    this.known = true;
    this.tries = most - least <= CLOSE_MS ? 0 : this.tries - 1;
  }

  private next(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.again(), this.tries > 0 ? SOON_MS : LATER_MS);
  }

  private async again(): Promise<void> {
    const heard = this.asked();
    const serverMs = await this.ask();
    if (serverMs !== null) heard(serverMs);
    if (this.following) this.next();
  }
}
