/**
 * The socket: connects, says hello, resumes, keeps commands until they are acknowledged.
 *
 * Two rules make it right. A command keeps its id for as long as it has no answer and is sent again after every reconnect, so it is
 * carried out exactly once. Changes that arrive before hello's answer wait for it, so an older snapshot never overwrites them.
 */
import { io, type Socket } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import type { Ack, Changes, ClientCommand, Farewell, HelloAck, Refusal, Signals } from "../protocol/wire";
import { Watched } from "./emitter";
import { applied, greeted, noRecords, type Records } from "./records";

export type Status =
  | { state: "connecting" | "connected" | "reconnecting" }
  | { state: "ended"; code: string; message: string };

/** After these there is nothing to reconnect to. */
const FINAL = new Set([
  "workshop_closed", "workshop_unknown", "removed", "denied", "banned", "workshop_locked", "left", "malformed", "flooding",
  "token_missing", "token_invalid", "token_expired", "token_is_invite", "protocol_unsupported", "too_many_connections",
]);
const ANSWER_WITHIN_MS = 10_000;
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5_000;
const BUSY_DELAY_MS = 1_000;

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
  /** Server clock minus this device's, in ms. */
  readonly clockOffsetMs = new Watched(0);
  onHello: (hello: HelloAck) => void = () => undefined;
  onSignals: (signals: Signals) => void = () => undefined;
  private readonly socket: Socket;
  private readonly pending = new Map<string, Pending>();
  private early: Changes[] | null = [];
  private refusals = 0;

  /** `url` is where the server is; the page's own host if left out. */
  constructor(token: string, url?: string) {
    const options = {
      transports: ["websocket"],
      parser,
      auth: { token, protocol: 1 },
      autoConnect: false,
      reconnectionDelay: FIRST_DELAY_MS,
      reconnectionDelayMax: LONGEST_DELAY_MS,
    };
    this.socket = url === undefined ? io(options) : io(url, options);
    this.socket.on("connect", () => void this.hello());
    this.socket.on("connect_error", (error: Error & { data?: Farewell }) => {
      // Without `data` nobody answered, and Socket.IO tries again by itself; with it the server refused.
      if (error.data) this.refused(error.data);
    });
    this.socket.on("disconnect", (reason) => {
      if (this.status.get().state === "ended") return;
      this.early = [];
      this.status.set({ state: "reconnecting" });
      // The server closed it on purpose: Socket.IO would not come back by itself.
      if (reason === "io server disconnect") this.comeBack();
    });
    this.socket.on("changes", (changes: Changes) => {
      if (this.early) this.early.push(changes);
      else this.records.set(applied(this.records.get(), changes));
    });
    this.socket.on("signals", (signals: Signals) => this.onSignals(signals));
    this.socket.on("goodbye", (farewell: Farewell) => {
      if (FINAL.has(farewell.code)) this.end(farewell);
    });
  }

  open(): void {
    this.socket.connect();
  }

  /** Resolves with the server's answer, however long the connection is away in between. */
  command(command: ClientCommand): Promise<Ack> {
    return new Promise((resolve) => {
      const status = this.status.get();
      if (status.state === "ended") {
        resolve({ ok: false, code: status.code, message: status.message, retryable: false });
        return;
      }
      const id = newId();
      this.pending.set(id, { command: { ...command, id }, resolve });
      if (status.state === "connected") this.send(id);
    });
  }

  /** A request that makes no sense later; resolves with null if there is no connection, or it is lost meanwhile. */
  async ask<T extends { ok: boolean }>(event: string, payload: unknown): Promise<T | null> {
    if (!this.socket.connected) return null;
    try {
      return (await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload)) as T;
    } catch {
      return null;
    }
  }

  close(): void {
    this.end({ code: "left", message: "" });
  }

  private refused(farewell: Farewell): void {
    if (FINAL.has(farewell.code)) this.end(farewell);
    else this.comeBack();
  }

  /** Connect again in a while that grows with every refusal, and a little at random, so that not everybody comes at once. */
  private comeBack(): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.refusals, LONGEST_DELAY_MS);
    this.refusals += 1;
    setTimeout(
      () => {
        if (this.status.get().state !== "ended" && !this.socket.connected) this.socket.connect();
      },
      delay * (0.75 + Math.random() / 2),
    );
  }

  private async hello(): Promise<void> {
    this.early = [];
    const answer = await this.ask<HelloAck | Refusal>("hello", { last_seq: this.records.get().since });
    if (answer === null || !answer.ok) {
      if (this.socket.connected) this.socket.disconnect();
      if (answer === null || !FINAL.has(answer.code)) this.comeBack();
      else this.end(answer);
      return;
    }
    this.refusals = 0;
    this.clockOffsetMs.set(answer.now_ms - Date.now());
    let records = greeted(this.records.get(), answer);
    for (const changes of this.early ?? []) records = applied(records, changes);
    this.early = null;
    this.records.set(records);
    this.status.set({ state: "connected" });
    this.onHello(answer);
    for (const id of [...this.pending.keys()]) this.send(id);
  }

  private send(id: string): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    this.socket.timeout(ANSWER_WITHIN_MS).emit("command", pending.command, (lost: Error | null, ack: Ack) => {
      if (lost) {
        if (this.status.get().state === "connected") this.send(id);
        return; // otherwise the next hello sends it again
      }
      if (!ack.ok && ack.retryable) {
        setTimeout(() => this.status.get().state === "connected" && this.send(id), BUSY_DELAY_MS);
        return;
      }
      this.pending.delete(id);
      pending.resolve(ack);
    });
  }

  private end({ code, message }: Farewell): void {
    if (this.status.get().state === "ended") return;
    this.status.set({ state: "ended", code, message });
    this.socket.disconnect();
    for (const { resolve } of this.pending.values()) resolve({ ok: false, code, message, retryable: false });
    this.pending.clear();
  }
}
