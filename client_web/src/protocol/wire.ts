/** What travels beside commands and records (server/PROTOCOL.md). */
import type { Record as WireRecord } from "./generated";

export type { ClientCommand, Record as WireRecord } from "./generated";
export type * from "./generated";

export interface Put {
  key: string;
  record: WireRecord;
}

export interface Changes {
  since: number;
  seq: number;
  put: Put[];
  remove: string[];
}

export interface HelloAck extends Changes {
  ok: true;
  participant_id: string;
  connection_id: string;
  workshop_id: string;
  now_ms: number;
  snapshot: boolean;
  rtc: { ice_servers: RTCIceServer[] };
  /** The server's process; where it differs, media must be offered anew. */
  node: string;
  /** Servers to turn to when this one is lost. */
  entries: string[];
}

export interface Refusal {
  ok: false;
  code: string;
  message: string;
  rule?: string | null;
  retryable: boolean;
  url?: string;
}

export type Ack = { ok: true; seq: number } | Refusal;

export type SentMedia = "mic" | "camera" | "screen" | "screen_audio";

export interface Binding {
  participant_id: string;
  media: SentMedia;
}

export const REACTIONS = ["thumbs_up", "clap", "heart", "laugh", "celebrate", "think"] as const;
export type Reaction = (typeof REACTIONS)[number];

export interface Signals {
  slots?: globalThis.Record<string, Binding | null>;
  speaking?: string[];
  /** Who speaks in which room; facilitators get it. */
  rooms?: globalThis.Record<string, string[]>;
  reactions?: globalThis.Record<string, Reaction>;
  /** Layers (by rid) of what this client sends that nobody takes: not to be sent until told otherwise. */
  paused?: Partial<globalThis.Record<SentMedia, string[]>>;
  media?: { state: "closed"; code: string };
}

export interface Farewell {
  code: string;
  message: string;
  /** With `elsewhere`: where the workshop is. */
  url?: string;
}
