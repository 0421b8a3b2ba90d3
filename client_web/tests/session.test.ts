import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import parser from "socket.io-msgpack-parser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Devices } from "../src/core/devices";
import { Session } from "../src/core/session";
import type { Ack, ClientCommand, HelloAck, ParticipantRecord } from "../src/protocol/wire";

// The browser is a page without media of its own: it has a microphone, and no peer connection comes about. The peer answers as a test wants.
let room = "r_plenary";
type Answer<T> = (answer: T) => void;
const me = (mic: boolean): { key: string; record: ParticipantRecord } => ({
  key: "participant:p_1",
  record: {
    kind: "participant", participant_id: "p_1", name: "Ann", role: "learner", presence: "present", room_id: room, hand_raised_seq: null,
    mic, camera: false, screen: false, may_send: ["mic", "camera", "screen"], home_room_id: null, listening_to: [],
  },
});

class NoPeerConnection {
  connectionState = "new";
  signalingState = "stable";
  addTransceiver = (): object => ({ mid: null, sender: { replaceTrack: () => Promise.resolve() }, receiver: { track: {} }, setCodecPreferences: () => undefined });
  addEventListener = (): void => undefined;
  createOffer = (): Promise<never> => Promise.reject(new Error("no media here"));
  getStats = (): Promise<Map<string, object>> => Promise.resolve(new Map());
  close = (): void => undefined;
}

let page: EventTarget & { hidden: boolean };
let server: Server;
let session: Session;
/** Of each `SetMedia` that says something new: whether the microphone is on, and how it is answered. */
let told: { mic: boolean; answer: Answer<Ack> }[];
let said: boolean;
let socket: Socket;
/** How often the browser was asked for a device. */
let asked: number;

beforeEach(async () => {
  const http = createServer();
  server = new Server(http, { parser });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${String((http.address() as AddressInfo).port)}`;
  const track = Object.assign(new EventTarget(), { readyState: "live", stop: () => undefined });
  const mediaDevices = Object.assign(new EventTarget(), {
    getUserMedia: () => {
      asked += 1;
      return Promise.resolve({ getTracks: () => [track] });
    },
    enumerateDevices: () => Promise.resolve([]),
  });
  vi.stubGlobal("window", Object.assign(new EventTarget(), { matchMedia: () => ({ matches: false }) }));
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  vi.stubGlobal("location", { protocol: "http:", host, hostname: "127.0.0.1", port: host.split(":")[1] });
  vi.stubGlobal("navigator", { mediaDevices, userAgent: "" });
  vi.stubGlobal("RTCPeerConnection", NoPeerConnection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
  told = [];
  asked = 0;
  room = "r_plenary";
  said = false;
  server.on("connection", (connected) => {
    socket = connected;
    socket.on("hello", (_, answer: Answer<HelloAck>) => answer({
      ok: true, participant_id: "p_1", connection_id: "c_1", workshop_id: "w_1", now_ms: Date.now(), snapshot: true,
      since: 5, seq: 5, put: [me(false)], remove: [], rtc: { ice_servers: [] }, node: "n1#1", entries: [],
    }));
    socket.on("command", (command: ClientCommand, answer: Answer<Ack>) => {
      if (command.type !== "SetMedia") return;
      const on = command.mic === true;
      if (on === said) answer({ ok: true, seq: 5 });
      else told.push({ mic: on, answer });
      said = on;
    });
  });
  session = new Session("token", new Devices(), { mic: false, camera: false });
  session.start();
  await recordsAt(5);
});

afterEach(async () => {
  session.connection.close();
  await server.close();
  vi.unstubAllGlobals();
});

const MANY_MS = 10_000;
const mic = (): boolean => session.sending.get().mic;
const recordsAt = (seq: number): Promise<void> => vi.waitFor(() => expect(session.connection.records.get().seq).toBe(seq), MANY_MS);

/** The next word of what is sent has come; it is answered when the test says so. */
async function word(on: boolean): Promise<Answer<Ack>> {
  await vi.waitFor(() => expect(told[0]?.mic).toBe(on), MANY_MS);
  const next = told.shift();
  if (!next) throw new Error("nothing was told");
  return next.answer;
}

async function acknowledged(on: boolean, seq: number): Promise<void> {
  (await word(on))({ ok: true, seq });
}

function changes(seq: number, on: boolean): Promise<void> {
  socket.emit("changes", { since: seq, seq, put: [me(on)], remove: [] });
  return recordsAt(seq);
}

async function switched(on: boolean, seq: number): Promise<void> {
  const done = session.set({ mic: on });
  await acknowledged(on, seq);
  await done;
}

test("a record from before what was told last is no word of somebody else's", async () => {
  await switched(true, 6);
  await changes(6, true);
  await switched(false, 7);
  await switched(true, 8);
  await changes(7, false); // what was told two words ago
  expect(mic()).toBe(true);
  expect(session.stopped.get()).toBeNull();
  await changes(8, true);
  expect(mic()).toBe(true);
});

test("nor is one that comes while the answer is on its way", async () => {
  await switched(true, 6);
  await changes(6, true);
  await switched(false, 7);
  const done = session.set({ mic: true });
  const answer = await word(true);
  await changes(7, false);
  expect(mic()).toBe(true);
  answer({ ok: true, seq: 8 });
  await done;
  await changes(8, true);
  expect(mic()).toBe(true);
  expect(session.stopped.get()).toBeNull();
});

test("a record that knows of it and says otherwise is: the microphone goes off, and the person is told", async () => {
  await switched(true, 6);
  await changes(6, true);
  socket.emit("changes", { since: 7, seq: 7, put: [me(false)], remove: [] });
  await vi.waitFor(() => expect(session.stopped.get()).toEqual({ media: "mic", message: null }), MANY_MS);
  expect(mic()).toBe(false);
  await acknowledged(false, 8);
});

test("after the end nothing is opened any more", async () => {
  session.connection.close();
  asked = 0;
  await session.set({ mic: true, camera: true });
  expect(asked).toBe(0);
  expect(session.sending.get()).toEqual({ mic: false, camera: false, screen: false });
});

test("captions of a room that was left while the connection was away are gone", async () => {
  const caption = { participant_id: "p_2", text: "so", final: true, lang: "en" };
  session.captions.add({ "p_2:1": caption });
  socket.disconnect(true);
  await vi.waitFor(() => expect(session.connection.status.get().state).toBe("reconnecting"), MANY_MS);
  await vi.waitFor(() => expect(session.connection.status.get().state).toBe("connected"), MANY_MS);
  expect(session.captions.lines.get()).toHaveLength(1);
  room = "r_1";
  socket.disconnect(true);
  await vi.waitFor(() => expect(session.connection.status.get().state).toBe("reconnecting"), MANY_MS);
  await vi.waitFor(() => expect(session.captions.lines.get()).toEqual([]), MANY_MS);
});

test("a page in the background asks for no pictures after a while, and for them again at once when it is seen", async () => {
  const views: unknown[] = [];
  socket.on("media.view", (view: { tiles: unknown[] }, answer: Answer<object>) => {
    views.push(view.tiles);
    answer({ ok: true });
  });
  socket.on("clock", (_, answer: Answer<object>) => answer({ ok: true, now_ms: Date.now() }));
  const tiles = [{ participant_id: "p_2", media: "camera" as const, width: 320, height: 180 }];
  const look = (hidden: boolean): void => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  session.rtc.state.set("connected");
  session.show(tiles);
  await vi.waitFor(() => expect(views).toEqual([tiles]), MANY_MS);
  look(true);
  look(false); // only a moment
  look(true);
  await vi.waitFor(() => expect(views).toEqual([tiles, []]), MANY_MS);
  session.show(tiles.map((tile) => ({ ...tile, width: 640 })));
  look(false);
  await vi.waitFor(() => expect(views).toEqual([tiles, [], [{ ...tiles[0], width: 640 }]]), MANY_MS);
});
