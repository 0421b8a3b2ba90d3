import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import parser from "socket.io-msgpack-parser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "../src/core/connection";
import type { Ack, HelloAck, RoomRecord } from "../src/protocol/wire";

// A peer that speaks the wire as badly as a test wants: what the real server answers is tested with the server.
type Answer<T> = (answer: T) => void;
const room = (id: string, name = id): { key: string; record: RoomRecord } => ({
  key: `room:${id}`, record: { kind: "room", room_id: id, name, room_kind: "breakout", order: 1, capacity: null, ends_at_ms: null },
});
const hello = (fields: Partial<HelloAck> = {}): HelloAck => ({
  ok: true, participant_id: "p_1", connection_id: "c_1", workshop_id: "w_1", now_ms: Date.now(), snapshot: true,
  since: 0, seq: 0, put: [], remove: [], rtc: { ice_servers: [] }, node: "n1#1", entries: [], ...fields,
});

async function another(): Promise<{ server: Server; url: string }> {
  const http = createServer();
  const other = new Server(http, { parser, path: "/n/n2/socket.io/" });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { server: other, url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}/n/n2` };
}

let server: Server;
let url: string;
let connection: Connection;

beforeEach(async () => {
  const http = createServer();
  server = new Server(http, { parser });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`;
  connection = new Connection("token", url);
});

afterEach(async () => {
  connection.close();
  await server.close();
});

const connected = (): Promise<void> => vi.waitFor(() => expect(connection.status.get().state).toBe("connected"), 3_000);
const rooms = (): string[] => [...connection.records.get().byKey.values()].map((record) => (record as RoomRecord).name);

test("says who it is, and takes the records of hello's answer", async () => {
  let auth: unknown;
  server.on("connection", (socket) => {
    auth = socket.handshake.auth;
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ since: 4, put: [room("a")] })));
  });
  connection.open();
  await connected();
  expect(auth).toEqual({ token: "token", protocol: 1 });
  expect(rooms()).toEqual(["a"]);
});

test("changes that overtake hello's answer are applied after it", async () => {
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => {
      socket.emit("changes", { since: 5, seq: 6, put: [room("a", "new")], remove: [] });
      setTimeout(() => answer(hello({ since: 5, put: [room("a", "old")] })), 50);
    });
  });
  connection.open();
  await connected();
  expect(rooms()).toEqual(["new"]);
});

test("a command without an answer is sent again with the same id, and resumes from the largest since", async () => {
  const asked: (number | null)[] = [];
  const ids: string[] = [];
  server.on("connection", (socket: Socket) => {
    socket.on("hello", ({ last_seq }: { last_seq: number | null }, answer: Answer<HelloAck>) => {
      asked.push(last_seq);
      answer(hello({ snapshot: last_seq === null, since: 9 }));
    });
    socket.on("command", ({ id }: { id: string }, answer: Answer<Ack>) => {
      ids.push(id);
      if (ids.length === 1) socket.conn.close();
      else answer({ ok: true, seq: 10 });
    });
  });
  connection.open();
  await connected();
  expect(await connection.command({ type: "RaiseHand" })).toEqual({ ok: true, seq: 10 });
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
  expect(asked).toEqual([null, 9]);
});

test("a command given while the connection is away is sent when it is back", async () => {
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello()));
    socket.on("command", (_, answer: Answer<Ack>) => answer({ ok: true, seq: 1 }));
  });
  const ack = connection.command({ type: "RaiseHand" });
  connection.open();
  expect(await ack).toEqual({ ok: true, seq: 1 });
});

test("what is refused for now is tried again, what is refused for good is not", async () => {
  let times = 0;
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello()));
    socket.on("command", ({ type }: { type: string }, answer: Answer<Ack>) => {
      times += 1;
      if (type === "Leave") answer({ ok: false, code: "forbidden", message: "No.", rule: null, retryable: false });
      else if (times === 1) answer({ ok: false, code: "busy", message: "Later.", rule: null, retryable: true });
      else answer({ ok: true, seq: 1 });
    });
  });
  connection.open();
  await connected();
  expect(await connection.command({ type: "RaiseHand" })).toEqual({ ok: true, seq: 1 });
  expect(times).toBe(2);
  expect(await connection.command({ type: "Leave" })).toMatchObject({ ok: false, code: "forbidden" });
  expect(times).toBe(3);
});

test("while the server can store nothing that is said, on the way in and inside, until it can again", async () => {
  let away = true;
  const told: boolean[] = [];
  const nothing = { ok: false, code: "store_unavailable", message: "Later.", rule: null, retryable: true } as const;
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<unknown>) => answer(away ? nothing : hello()));
    socket.on("command", (_, answer: Answer<unknown>) => answer(away ? nothing : { ok: true, seq: 1 }));
  });
  connection.unsaved.subscribe(() => told.push(connection.unsaved.get()));
  connection.open();
  await vi.waitFor(() => expect(connection.unsaved.get()).toBe(true), 3_000);
  away = false;
  await connected();
  expect(connection.unsaved.get()).toBe(false);
  away = true;
  const ack = connection.command({ type: "RaiseHand" });
  await vi.waitFor(() => expect(connection.unsaved.get()).toBe(true), 3_000);
  away = false;
  expect(await ack).toEqual({ ok: true, seq: 1 });
  expect(connection.unsaved.get()).toBe(false);
  expect(told).toEqual([true, false, true, false]);
});

test("comes back after the server closed the connection, unless the goodbye was for good", async () => {
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello()));
    setTimeout(() => {
      const code = connections === 1 ? "server_stopping" : "workshop_closed";
      socket.emit("goodbye", { code, message: "Bye." });
      socket.disconnect();
    }, 50);
  });
  connection.open();
  await vi.waitFor(() => expect(connection.status.get()).toEqual({ state: "ended", code: "workshop_closed", message: "Bye." }), 4_000);
  expect(connections).toBe(2);
  expect(await connection.command({ type: "RaiseHand" })).toMatchObject({ ok: false, code: "workshop_closed" });
});

test("a refused token ends it at once, a full server does not", async () => {
  const codes = ["server_full", "token_expired"];
  server.use((_, next) => {
    const code = codes.shift() ?? "";
    next(Object.assign(new Error(code), { data: { code, message: "No." } }));
  });
  connection.open();
  await vi.waitFor(() => expect(connection.status.get()).toMatchObject({ state: "ended", code: "token_expired" }), 4_000);
});

test("goes where the workshop is, and by the path of that server", async () => {
  const other = await another();
  other.server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ put: [room("there")] })));
  });
  server.use((_, next) => {
    next(Object.assign(new Error("elsewhere"), { data: { code: "elsewhere", message: "Elsewhere.", url: other.url } }));
  });
  connection.open();
  await connected();
  expect(rooms()).toEqual(["there"]);
  await other.server.close();
});

test("when the workshop moves, the new connection is there before the old one is closed", async () => {
  const other = await another();
  const order: string[] = [];
  const statuses: string[] = [];
  other.server.on("connection", (socket) => {
    socket.on("hello", ({ last_seq }: { last_seq: number | null }, answer: Answer<HelloAck>) => {
      order.push(`hello ${String(last_seq)}`);
      answer(hello({ snapshot: false, since: 7, seq: 7, node: "n2#1" }));
    });
    socket.on("command", (_, answer: Answer<Ack>) => answer({ ok: true, seq: 8 }));
  });
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => {
      answer(hello({ since: 5, put: [room("a")] }));
      setTimeout(() => socket.emit("moved", { url: other.url }), 50);
    });
    socket.on("command", (_, answer: Answer<Ack>) => answer({ ok: false, code: "stopping", message: "Later.", rule: null, retryable: true }));
    socket.on("disconnect", () => order.push("old closed"));
  });
  connection.open();
  await connected();
  connection.status.subscribe(() => statuses.push(connection.status.get().state));
  const ack = connection.command({ type: "RaiseHand" });
  await vi.waitFor(() => expect(order).toEqual(["hello 5", "old closed"]), 3_000);
  expect(await ack).toEqual({ ok: true, seq: 8 });
  expect(statuses).not.toContain("reconnecting");
  expect(rooms()).toEqual(["a"]);
  await other.server.close();
});

test("a lost server is looked for among the others it told of", async () => {
  const other = await another();
  other.server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ put: [room("there")] })));
  });
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ entries: [other.url] })));
  });
  connection.open();
  await connected();
  await server.close();
  await vi.waitFor(() => expect(rooms()).toEqual(["there"]), 4_000);
  await other.server.close();
});

test("a server that came later is one to turn to as well", async () => {
  const other = await another();
  other.server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ put: [room("there")] })));
  });
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => {
      answer(hello({ entries: [] }));
      socket.emit("entries", { entries: [other.url] });
    });
  });
  connection.open();
  await connected();
  await server.close();
  await vi.waitFor(() => expect(rooms()).toEqual(["there"]), 4_000);
  await other.server.close();
});

test("a server that stands still is given up for another when an answer is due, and not when its heartbeats are missed", async () => {
  const other = await another();
  other.server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ put: [room("there")] })));
    socket.on("command", (_, answer: Answer<Ack>) => answer({ ok: true, seq: 8 }));
  });
  let asked = 0;
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ entries: [other.url] })));
    socket.on("command", () => (asked += 1));
  });
  connection = new Connection("token", url, 500);
  connection.open();
  await connected();
  expect(await connection.command({ type: "RaiseHand" })).toEqual({ ok: true, seq: 8 });
  expect(asked).toBe(1);
  expect(rooms()).toEqual(["there"]);
  await other.server.close();
});

test("a line that carries nothing any more is left soon after a sleep, and the same server asked again", async () => {
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    const deaf = connections === 1;
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({ put: [room(deaf ? "before" : "after")] })));
    socket.on("clock", (_, answer: Answer<object>) => !deaf && answer({ ok: true, now_ms: 1 }));
  });
  connection = new Connection("token", url, 500);
  connection.open();
  await connected();
  await new Promise((resolve) => setTimeout(resolve, 50));
  connection.check();
  await vi.waitFor(() => expect(rooms()).toEqual(["after"]), 10_000);
  connection.check();
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(connections).toBe(2);
});

test("a server that is only slow with one answer is not given up", async () => {
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    let asked = 0;
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer(hello({})));
    socket.on("command", (_, answer: Answer<Ack>) => {
      socket.emit("changes", { since: 6, seq: 6, put: [room("b")], remove: [] });
      if (++asked === 2) answer({ ok: true, seq: 8 });
    });
  });
  connection = new Connection("token", url, 500);
  connection.open();
  await connected();
  expect(await connection.command({ type: "RaiseHand" })).toEqual({ ok: true, seq: 8 });
  expect(connections).toBe(1);
});

test("a workshop that is full is the end, with the server's word, and not tried for ever", async () => {
  let hellos = 0;
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<unknown>) => {
      hellos += 1;
      answer({ ok: false, code: "workshop_full", message: "Full.", rule: null, retryable: false });
    });
  });
  connection.open();
  await vi.waitFor(() => expect(connection.status.get()).toEqual({ state: "ended", code: "workshop_full", message: "Full." }));
  expect(hellos).toBe(1);
});

test("with the network back, the next try does not wait", async () => {
  let hellos = 0;
  server.on("connection", (socket) => {
    socket.on("hello", (_, answer: Answer<HelloAck>) => {
      hellos += 1;
      answer(hello());
    });
  });
  connection.open();
  await connected();
  vi.useFakeTimers({ toFake: ["setTimeout"] }); // so that the next try, by itself, never comes
  try {
    server.disconnectSockets(true);
    while (connection.status.get().state !== "reconnecting") await new Promise((resolve) => setImmediate(resolve));
    connection.hurry();
    while (hellos < 2) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    vi.useRealTimers();
  }
  await connected();
});
