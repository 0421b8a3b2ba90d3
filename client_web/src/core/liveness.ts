/**
 * Whether anything still comes over a connection. Browsers need five to eight seconds to notice that a network is gone; a server that sends
 * reports every second is missed sooner.
 */

const CHECK_MS = 1_000;
/** Checks without anything, after which the connection counts as dead: where media came just before, and where only ICE's own checks (2.5 s) do. */
const SILENT_CHECKS = 2;
const SILENT_CHECKS_WITHOUT_MEDIA = 5;

/** What has been received so far. */
export interface Count {
  packets: number;
  responses: number;
}

/** Call `silent` for each check: pure, so that it can be tested without a browser. */
export class Silence {
  private last: Count = { packets: -1, responses: -1 };
  private checks = 0;
  private media = false;

  /** Whether the connection counts as dead now; then it starts anew. */
  silent(now: Count): boolean {
    const moved = now.packets !== this.last.packets || now.responses !== this.last.responses;
    if (moved) {
      this.media = this.last.packets >= 0 && now.packets > this.last.packets;
      this.checks = 0;
    } else {
      this.checks += 1;
    }
    this.last = now;
    if (this.checks < (this.media ? SILENT_CHECKS : SILENT_CHECKS_WITHOUT_MEDIA)) return false;
    this.checks = 0;
    return true;
  }
}

/** Watch a connection until the function that is returned is called. */
export function watchSilence(pc: RTCPeerConnection, onSilence: () => void): () => void {
  const silence = new Silence();
  const timer = setInterval(() => {
    if (pc.connectionState !== "connected") return;
    void pc.getStats().then((report) => {
      const now: Count = { packets: 0, responses: 0 };
      report.forEach((stat: { type: string; packetsReceived?: number; responsesReceived?: number }) => {
        if (stat.type === "candidate-pair") now.responses += stat.responsesReceived ?? 0;
        if (stat.type === "candidate-pair" || stat.type === "inbound-rtp") now.packets += stat.packetsReceived ?? 0;
      });
      if (silence.silent(now)) onSilence();
    });
  }, CHECK_MS);
  return () => clearInterval(timer);
}
