/**
 * Whether anything still comes over a connection. Browsers need five to eight seconds to notice that a network is gone; a server that sends
 * reports every second is missed sooner.
 */

const CHECK_MS = 500;
/**
 * Checks in a row without anything, after which the connection counts as dead: where media came just before and is still due, and where only
 * ICE's own checks (2.5 s) do. At 5 % loss not even a silent microphone's packets (one in 400 ms) are missing for so long. Firefox does not count the
 * answers to ICE's checks, so that nothing can be missed there while no media is due.
 */
const SILENT_CHECKS = 3;
const SILENT_CHECKS_WITHOUT_MEDIA = 10;

/** What has been received so far. */
export interface Count {
  /** RTP packets. */
  media: number;
  /** Everything that came, in packets or bytes. */
  all: number;
  /** Answers to ICE's own checks; null where the browser does not count them. */
  responses: number | null;
}

/** Call `silent` for each check: pure, so that it can be tested without a browser. */
export class Silence {
  private last: Count = { media: -1, all: -1, responses: -1 };
  private checks = 0;
  private media = false;

  /** Whether the connection counts as dead now; then it starts anew. `due`: whether anybody is to be seen or heard. */
  silent(now: Count, due: boolean): boolean {
    const last = this.last;
    if (now.media !== last.media || now.all !== last.all || now.responses !== last.responses) {
      this.media = last.media >= 0 && now.media > last.media;
      this.checks = 0;
    } else {
      this.checks += 1;
    }
    this.last = now;
    if (!due) this.media = false; // it has to come again before it can be missed
    if (!this.media && now.responses === null) this.checks = 0;
    if (this.checks < (this.media ? SILENT_CHECKS : SILENT_CHECKS_WITHOUT_MEDIA)) return false;
    this.checks = 0;
    return true;
  }
}

interface Stat {
  type: string;
  packetsReceived?: number;
  bytesReceived?: number;
  responsesReceived?: number;
}

/** Watch a connection until the function that is returned is called. `due`: whether anybody is to be seen or heard over it. */
export function watchSilence(pc: RTCPeerConnection, due: () => boolean, onSilence: () => void): () => void {
  const silence = new Silence();
  let last = performance.now();
  const timer = setInterval(() => {
    // A page that was busy looks late and soon again: nothing can have come in between.
    const now = performance.now();
    if (now - last < CHECK_MS / 2) return;
    last = now;
    if (pc.connectionState !== "connected") return;
    void pc.getStats().then((report) => {
      const now: Count = { media: 0, all: 0, responses: null };
      report.forEach((stat: Stat) => {
        if (stat.type === "inbound-rtp") now.media += stat.packetsReceived ?? 0;
        if (stat.type !== "candidate-pair") return;
        now.all += stat.packetsReceived ?? stat.bytesReceived ?? 0;
        if (stat.responsesReceived !== undefined) now.responses = (now.responses ?? 0) + stat.responsesReceived;
      });
      if (pc.connectionState === "connected" && silence.silent(now, due())) onSilence();
    });
  }, CHECK_MS);
  return () => clearInterval(timer);
}
