/**
 * How good the connection is, and whose fault it is if it is not: measured every two seconds from the browser's own statistics.
 *
 * Loss on the way here is counted by this browser; loss on the way to the server is what the server reports (RTCP receiver reports). A single
 * person's stream that suffers while all others are fine has suffered on that person's way to the server.
 */
import { Watched } from "./emitter";
import type { Received } from "./rtc";

export type Level = "good" | "fair" | "poor";

export interface Quality {
  level: Level;
  /** Which way is the worse one; null while all is well. */
  reason: "uplink" | "downlink" | null;
  /** People whose own way to the server loses packets. */
  weak: ReadonlySet<string>;
  /** The network lets no UDP through: media goes by TCP, where what is lost holds up all that comes after it. */
  tcp: boolean;
}

const GOOD: Quality = { level: "good", reason: null, weak: new Set(), tcp: false };

interface Flow {
  received: number;
  lost: number;
}

/** What the statistics said at one time. Counts are since the connection began. */
export interface Sample {
  /** By mid. */
  flows: ReadonlyMap<string, Flow>;
  /** 0 to 1, the worst of what the server reports; null where it has not reported. */
  upLoss: number | null;
  rttMs: number | null;
  /** The browser sends less than it would like, for want of bandwidth. */
  limited: boolean;
  tcp: boolean;
}

const FAIR_LOSS = 0.03;
const POOR_LOSS = 0.1;
const FAIR_RTT_MS = 300;
const POOR_RTT_MS = 700;
/** Fewer packets than that between two samples say nothing about loss. */
const FEWEST_PACKETS = 20;

const levelOf = (value: number, fair: number, poor: number): Level => (value >= poor ? "poor" : value >= fair ? "fair" : "good");
const WORST: readonly Level[] = ["good", "fair", "poor"];
const worse = (a: Level, b: Level): Level => (WORST.indexOf(a) >= WORST.indexOf(b) ? a : b);

/** What two samples, one after the other, say. `owners`: mid → whose stream it is. Pure. */
export function qualityOf(before: Sample, now: Sample, owners: ReadonlyMap<string, string>): Quality {
  const losses: { owner: string | undefined; lost: number; all: number }[] = [];
  for (const [mid, flow] of now.flows) {
    const last = before.flows.get(mid) ?? { received: 0, lost: 0 };
    const lost = Math.max(0, flow.lost - last.lost); // late packets are counted back
    losses.push({ owner: owners.get(mid), lost, all: lost + Math.max(0, flow.received - last.received) });
  }
  const sum = (each: typeof losses): { lost: number; all: number } => ({ lost: each.reduce((a, b) => a + b.lost, 0), all: each.reduce((a, b) => a + b.all, 0) });
  const rate = ({ lost, all }: { lost: number; all: number }): number => (all < FEWEST_PACKETS ? 0 : lost / all);
  const weak = new Set<string>();
  for (const owner of new Set(losses.map((each) => each.owner))) {
    if (owner === undefined) continue;
    const others = sum(losses.filter((each) => each.owner !== owner));
    if (rate(sum(losses.filter((each) => each.owner === owner))) >= FAIR_LOSS && others.all >= FEWEST_PACKETS && rate(others) < FAIR_LOSS / 3) weak.add(owner);
  }
  const fault = sum(losses.filter((each) => each.owner === undefined || !weak.has(each.owner)));
  const down = levelOf(rate(fault), FAIR_LOSS, POOR_LOSS);
  const up = worse(levelOf(now.upLoss ?? 0, FAIR_LOSS, POOR_LOSS), now.limited ? "fair" : "good");
  const slow = levelOf(now.rttMs ?? 0, FAIR_RTT_MS, POOR_RTT_MS);
  const level = worse(worse(up, down), slow);
  const { tcp } = now;
  if (level === "good") return { ...GOOD, weak, tcp };
  return { level, reason: WORST.indexOf(up) > WORST.indexOf(down) ? "uplink" : "downlink", weak, tcp };
}

interface Stat {
  type: string;
  mid?: string;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  roundTripTime?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
  localCandidateId?: string;
  id: string;
  protocol?: string;
  relayProtocol?: string;
  qualityLimitationReason?: string;
}

async function sampled(pc: RTCPeerConnection): Promise<Sample> {
  const flows = new Map<string, Flow>();
  let upLoss: number | null = null;
  let rttMs: number | null = null;
  let limited = false;
  let local: string | undefined;
  const byTcp = new Set<string>();
  (await pc.getStats()).forEach((stat: Stat) => {
    if (stat.type === "inbound-rtp" && stat.mid !== undefined) {
      flows.set(stat.mid, { received: stat.packetsReceived ?? 0, lost: stat.packetsLost ?? 0 });
    } else if (stat.type === "remote-inbound-rtp" && stat.fractionLost !== undefined) {
      upLoss = Math.max(upLoss ?? 0, stat.fractionLost);
    } else if (stat.type === "candidate-pair" && stat.nominated && stat.currentRoundTripTime !== undefined) {
      rttMs = stat.currentRoundTripTime * 1000;
      local = stat.localCandidateId;
    } else if (stat.type === "local-candidate") {
      if ((stat.relayProtocol ?? stat.protocol) !== "udp") byTcp.add(stat.id);
    } else if (stat.type === "outbound-rtp" && stat.qualityLimitationReason === "bandwidth") {
      limited = true;
    }
  });
  return { flows, upLoss, rttMs, limited, tcp: local !== undefined && byTcp.has(local) };
}

const EVERY_MS = 2_000;
/** Samples in a row that must say the same before the word changes for the better: nothing flickers. */
const CALM = 3;

export class QualityWatch {
  readonly now = new Watched<Quality>(GOOD);
  private last: { pc: RTCPeerConnection; sample: Sample } | null = null;
  private calm = 0;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(private readonly source: { pc: RTCPeerConnection | null; received: { get: () => readonly Received[] } }) {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const { pc } = this.source;
    if (pc?.connectionState !== "connected") {
      this.last = null;
      return;
    }
    const sample = await sampled(pc);
    const before = this.last;
    this.last = { pc, sample };
    if (before?.pc !== pc) return;
    const owners = new Map(this.source.received.get().map(({ mid, participantId }) => [mid, participantId]));
    const found = qualityOf(before.sample, sample, owners);
    const better = WORST.indexOf(found.level) < WORST.indexOf(this.now.get().level);
    this.calm = better ? this.calm + 1 : 0;
    if (better && this.calm < CALM) return;
    const was = this.now.get();
    const same = found.level === was.level && found.reason === was.reason && found.tcp === was.tcp;
    const weak = [...found.weak].sort().join() === [...this.now.get().weak].sort().join();
    if (!same || !weak) this.now.set(found);
  }
}
