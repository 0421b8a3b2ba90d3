/**
 * The socket: connects, says hello, resumes, keeps commands until they are acknowledged, and follows the workshop from server to server.
 *
 * Two rules make it right. A command keeps its id for as long as it has no answer and is sent again after every reconnect, so it is
 * carried out exactly once. Changes that arrive before hello's answer wait for it, so an older snapshot never overwrites them.
 *
 * Each connection is a *line*. Usually there is one. When the workshop moves, the line to its new server is opened, and says hello, before
 * the old one is closed. When a server is lost, or says that the workshop is elsewhere, the next line goes to another of the known servers.
 * A server that gives no answer and says nothing else meanwhile stands still: the line is given up long before its heartbeats are missed.
 */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import type { Ack, Changes, ClientCommand, ClockAck, Entries, Farewell, HelloAck, Refusal, Signals } from "../protocol/wire";
import { ServerClock } from "./clock";
import { Watched } from "./emitter";
import { applied, greeted, noRecords, type Records } from "./records";

export type Status =
  | { state: "connecting" | "connected" | "reconnecting" }
  | { state: "ended"; code: string; message: string };

/** After these there is nothing to reconnect to. */
const FINAL = new Set([
  "workshop_closed", "workshop_unknown", "removed", "denied", "banned", "workshop_locked", "workshop_full", "left", "malformed", "flooding",
  "token_missing", "token_invalid", "token_expired", "token_is_invite", "protocol_unsupported", "too_many_connections",
]);
const ANSWER_WITHIN_MS = 10_000;
/** After a sleep, or on another network, the line is mostly dead without anybody having said so: there an answer is waited for no longer than that. */
const CHECKED_WITHIN_MS = 3_000;
const FIRST_DELAY_MS = 300;
const DELAY_GROWTH = 1.5;
const LONGEST_DELAY_MS = 5_000;
const BUSY_DELAY_MS = 1_000;
/** The code with which the server says that it can store nothing just now. */
const STORE_AWAY = "store_unavailable";

/** How often the client goes where it is sent without waiting; servers that send it in circles are given time. */
const HOPS_AT_ONCE = 2;

/** `heard`: when anything came last (`performance.now()`). `early`: changes that wait for hello's answer; null once it has come. `url`: undefined is the page's own server. */
interface Line {
  socket: Socket;
  url: string | undefined;
  heard: number;
  early: Changes[] | null;
  /** The servers that it told of since hello, which may overtake hello's answer. */
  entries?: string[];
}

interface Pending {
  command: ClientCommand & { id: string };
  resolve: (ack: Ack) => void;
}

/** A UUID (version 4). `crypto.randomUUID` is missing where the page is not served securely. */
function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Connection {
  readonly status = new Watched<Status>({ state: "connecting" });
  readonly records = new Watched<Records>(noRecords);
  /** The server cannot store anything now: what is done here waits, and is sent again. */
  readonly unsaved = new Watched(false);
  readonly clock = new ServerClock(async () => {
    const answer = await this.ask<ClockAck | Refusal>("clock", {});
    return answer?.ok ? answer.now_ms : null;
  });
  onHello: (hello: HelloAck) => void = () => undefined;
  onSignals: (signals: Signals) => void = () => undefined;
  private readonly pending = new Map<string, Pending>();
  /** The line in use, or being made; null between two. */
  private line: Line | null = null;
  /** The line to where the workshop has moved. */
  private next: Line | null = null;
  /** Servers that can be asked, besides the first. */
  private entries: string[] = [];
  private failures = 0;
  private hops = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  /** Where the next try goes. */
  private again: string | undefined;

  /** `url` is where the server is; the page's own host if left out. */
  constructor(
    private readonly token: string,
    private readonly url?: string,
    private readonly answerWithinMs = ANSWER_WITHIN_MS,
  ) {}

  open(): void {
    this.line = this.dial(this.url);
  }

  /** Resolves with the server's answer, however long the connection is away in between. */
  command(command: ClientCommand): Promise<Ack> {
    return new Promise((resolve) => {
      const status = this.status.get();
      if (status.state === "ended") {
        resolve({ ok: false, code: status.code, message: status.message, rule: null, retryable: false });
        return;
      }
      const id = newId();
      this.pending.set(id, { command: { ...command, id }, resolve });
      if (status.state === "connected") this.send(id);
    });
  }

  /** A request that makes no sense later; resolves with null if there is no connection, or it is lost meanwhile. */
  async ask<T extends { ok: boolean }>(event: string, payload: unknown): Promise<T | null> {
    const { line } = this;
    return line ? this.asked<T>(line, event, payload) : null;
  }

  /** The device has a network again: do not wait for the next try. */
  hurry(): void {
    const { state } = this.status.get();
    if (this.line || this.next || (state !== "reconnecting" && state !== "connecting")) return;
    clearTimeout(this.waiting);
    this.failures = 0;
    this.line = this.dial(this.again);
  }

  /** Something has happened on this device that lines do not outlive: see whether this one still carries anything. */
  check(): void {
    const { line } = this;
    if (line?.early === null) void this.asked(line, "clock", {}, { withinMs: Math.min(CHECKED_WITHIN_MS, this.answerWithinMs), hung: false });
  }

  close(): void {
    this.end({ code: "left", message: "" });
  }

  private dial(url: string | undefined): Line {
    const options: Partial<ManagerOptions & SocketOptions> = {
      transports: ["websocket"],
      parser,
      auth: { token: this.token, protocol: 1 },
      forceNew: true,
      reconnection: false,
      timeout: this.answerWithinMs,
    };
    const line: Line = { socket: url === undefined ? io(options) : io(...placed(url, options)), url, heard: 0, early: [] };
    line.socket.on("connect", () => {
      line.socket.io.engine.on("packet", () => (line.heard = performance.now()));
      void this.hello(line);
    });
    line.socket.on("connect_error", (error: Error & { data?: Farewell }) => this.lost(line, error.data ?? null));
    line.socket.on("disconnect", () => this.lost(line, null));
    line.socket.on("changes", (changes: Changes) => {
      if (line.early) line.early.push(changes);
      else if (line === this.line) this.records.set(applied(this.records.get(), changes));
    });
    line.socket.on("signals", (signals: Signals) => {
      if (line === this.line) this.onSignals(signals);
    });
    line.socket.on("goodbye", (farewell: Farewell) => {
      if (FINAL.has(farewell.code)) this.end(farewell);
    });
    line.socket.on("entries", ({ entries }: Entries) => {
      line.entries = entries;
      if (line === this.line) this.entries = entries;
    });
    line.socket.on("moved", ({ url: there }: { url: string }) => {
      if (line !== this.line || this.status.get().state === "ended") return;
      this.drop(this.next);
      this.next = this.dial(there);
    });
    return line;
  }

  private async hello(line: Line): Promise<void> {
    line.early = [];
    const heard = this.clock.asked();
    const answer = await this.asked<HelloAck | Refusal>(line, "hello", { last_seq: this.records.get().since });
    if (this.status.get().state === "ended" || (line !== this.line && line !== this.next)) return;
    if (answer === null || !answer.ok) {
      this.lost(line, answer);
      return;
    }
    if (line === this.next) {
      this.drop(this.line);
      this.line = line;
      this.next = null;
    }
    this.failures = 0;
    this.hops = 0;
    this.unsaved.set(false);
    this.entries = line.entries ?? answer.entries;
    heard(answer.now_ms);
    this.clock.follow();
    let records = greeted(this.records.get(), answer);
    for (const changes of line.early) records = applied(records, changes);
    line.early = null;
    this.records.set(records);
    this.status.set({ state: "connected" });
    this.onHello(answer);
    for (const id of [...this.pending.keys()]) this.send(id);
  }

  /** A line has ended, or could not be made; `told` is the server's word, null where nobody answered. */
  private lost(line: Line, told: Farewell | null, hung = false): void {
    if (this.status.get().state === "ended" || (line !== this.line && line !== this.next)) return;
    this.drop(line);
    if (told) this.unsaved.set(told.code === STORE_AWAY);
    if (told && FINAL.has(told.code)) {
      this.end(told);
      return;
    }
    if (line === this.next) {
      this.next = null;
      if (this.line) this.drop(this.line); // it is no use any more: the workshop has gone
    } else if (this.next) {
      this.line = null;
      return; // the next one is being made already
    }
    this.line = null;
    this.status.set({ state: this.status.get().state === "connecting" ? "connecting" : "reconnecting" });
    if (told?.url !== undefined && this.hops < HOPS_AT_ONCE) {
      this.hops += 1;
      this.line = this.dial(told.url);
    } else {
      this.comeBack(told?.url ?? this.another(line.url, told === null, hung));
    }
  }

  /** Where to try next: the same server once, unless it stands still, then the others in turn. */
  private another(url: string | undefined, silent: boolean, hung: boolean): string | undefined {
    const known = [...new Set([this.url, ...this.entries])];
    if (!silent || (this.failures === 0 && !hung)) return url;
    return known[(known.indexOf(url) + 1) % known.length];
  }

  /** Connect in a while that grows with every failure, and a little at random, so that not everybody comes at once. */
  private comeBack(url: string | undefined): void {
    const delay = Math.min(FIRST_DELAY_MS * DELAY_GROWTH ** this.failures, LONGEST_DELAY_MS);
    this.failures += 1;
    this.hops = 0;
    this.again = url;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(
      () => {
        if (this.status.get().state !== "ended" && !this.line) this.line = this.dial(url);
      },
      delay * (0.75 + Math.random() / 2),
    );
  }

  private send(id: string): void {
    const pending = this.pending.get(id);
    const line = this.line;
    if (!pending || !line) return;
    const at = performance.now();
    line.socket.timeout(this.answerWithinMs).emit("command", pending.command, (lost: Error | null, ack: Ack) => {
      if (lost) {
        this.unanswered(line, at);
        if (this.status.get().state === "connected" && line === this.line) this.send(id);
        return; // otherwise the next hello sends it again
      }
      this.unsaved.set(!ack.ok && ack.code === STORE_AWAY);
      if (!ack.ok && ack.retryable) {
        setTimeout(() => this.status.get().state === "connected" && this.send(id), BUSY_DELAY_MS);
        return;
      }
      this.pending.delete(id);
      pending.resolve(ack);
    });
  }

  private async asked<T extends { ok: boolean }>(line: Line, event: string, payload: unknown, { withinMs = this.answerWithinMs, hung = true } = {}): Promise<T | null> {
    if (!line.socket.connected) return null;
    const at = performance.now();
    try {
      return (await line.socket.timeout(withinMs).emitWithAck(event, payload)) as T;
    } catch {
      this.unanswered(line, at, hung);
      return null;
    }
  }

  /** No answer to what was asked then. Where nothing else has come either, the server stands still (`hung`), or the line is dead. */
  private unanswered(line: Line, at: number, hung = true): void {
    if (line.socket.connected && line.heard <= at) this.lost(line, null, hung);
  }

  private end({ code, message }: Farewell): void {
    if (this.status.get().state === "ended") return;
    this.status.set({ state: "ended", code, message });
    clearTimeout(this.waiting);
    this.clock.stop();
    this.drop(this.line);
    this.drop(this.next);
    this.line = this.next = null;
    for (const { resolve } of this.pending.values()) resolve({ ok: false, code, message, rule: null, retryable: false });
    this.pending.clear();
  }

  private drop(line: Line | null): void {
    line?.socket.off();
    line?.socket.disconnect();
  }
}

/** A server's URL may have a path (`https://host/n/node`), which Socket.IO would take for a namespace. */
function placed(url: string, options: Partial<ManagerOptions & SocketOptions>): [string, Partial<ManagerOptions & SocketOptions>] {
  const { origin, pathname } = new URL(url);
  return [origin, { ...options, path: `${pathname.replace(/\/$/, "")}/socket.io/` }];
}
