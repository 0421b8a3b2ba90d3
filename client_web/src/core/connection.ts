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
  "workshop_closed", "workshop_unknown", "removed", "denied", "banned", "locked", "left", "malformed", "flooding",
  "token_missing", "token_invalid", "token_expired", "token_is_invite", "protocol_unsupported", "too_many_connections",
]);
const ANSWER_WITHIN_MS = 10_000;

interface Pending {
  command: ClientCommand & { id: string };
  resolve: (ack: Ack) => void;
}

export class Connection {
  readonly status = new Watched<Status>({ state: "connecting" });
  readonly records = new Watched<Records>(noRecords);
  /** Server clock minus this device's, in ms. */
  readonly clockOffsetMs = new Watched(0);
  onHello: (hello: HelloAck, first: boolean) => void = () => undefined;
  onSignals: (signals: Signals) => void = () => undefined;
  private socket: Socket;
  private pending = new Map<string, Pending>();
  private early: Changes[] | null = [];
  private greetedOnce = false;

  constructor(token: string) {
    this.socket = io({
      transports: ["websocket"],
      parser,
      auth: { token, protocol: 1 },
      autoConnect: false,
      reconnectionDelay: 300,
      reconnectionDelayMax: 5_000,
    });
    this.socket.on("connect", () => void this.hello());
    this.socket.on("connect_error", (error: Error & { data?: Farewell }) => {
      if (error.data && FINAL.has(error.data.code)) this.end(error.data);
      else if (error.data) setTimeout(() => this.reconnect(), 1_500);
    });
    this.socket.on("disconnect", (reason) => {
      if (this.status.get().state === "ended") return;
      this.early = [];
      this.status.set({ state: "reconnecting" });
      // The server closed it on purpose: Socket.IO would not come back by itself.
      if (reason === "io server disconnect") setTimeout(() => this.reconnect(), 500);
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
      const id = crypto.randomUUID();
      this.pending.set(id, { command: { ...command, id }, resolve });
      if (this.status.get().state === "connected") this.send(id);
    });
  }

  /** A request that makes no sense later; resolves with null if the connection is lost meanwhile. */
  async ask<T extends { ok: boolean }>(event: string, payload: unknown): Promise<T | null> {
    try {
      return (await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload)) as T;
    } catch {
      return null;
    }
  }

  close(): void {
    this.end({ code: "left", message: "" });
  }

  private reconnect(): void {
    if (this.status.get().state !== "ended" && !this.socket.connected) this.socket.connect();
  }

  private async hello(): Promise<void> {
    this.early = [];
    const answer = await this.ask<HelloAck | Refusal>("hello", { last_seq: this.records.get().since });
    if (answer === null) {
      if (this.socket.connected) this.socket.disconnect().connect();
      return;
    }
    if (!answer.ok) {
      if (FINAL.has(answer.code)) this.end(answer);
      else setTimeout(() => this.socket.disconnect().connect(), 1_500);
      return;
    }
    this.clockOffsetMs.set(answer.now_ms - Date.now());
    let records = greeted(this.records.get(), answer);
    for (const changes of this.early ?? []) records = applied(records, changes);
    this.early = null;
    this.records.set(records);
    this.status.set({ state: "connected" });
    for (const id of [...this.pending.keys()]) this.send(id);
    this.onHello(answer, !this.greetedOnce);
    this.greetedOnce = true;
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
        setTimeout(() => this.status.get().state === "connected" && this.send(id), 1_000);
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
