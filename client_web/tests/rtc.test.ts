import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connection, Status } from "../src/core/connection";
import { Watched } from "../src/core/emitter";
import { Rtc } from "../src/core/rtc";

// The browser's peer connection, as far as it decides when ICE is restarted; the socket is there or not, and answers as a test wants.
class FakePeerConnection extends EventTarget {
  static made: FakePeerConnection[] = [];
  connectionState = "new";
  signalingState = "stable";
  restarts = 0;
  localDescription = { sdp: "offer" };
  configuration: RTCConfiguration;
  encodings: RTCRtpEncodingParameters[][] = [];
  constructor(configuration: RTCConfiguration) {
    super();
    this.configuration = configuration;
    FakePeerConnection.made.push(this);
  }
  addTransceiver = (_: unknown, init: RTCRtpTransceiverInit): object => {
    this.encodings.push(init.sendEncodings ?? []);
    return { mid: String(this.encodings.length), sender: { replaceTrack: () => Promise.resolve() }, receiver: { track: {} } };
  };
  createOffer = (): Promise<RTCSessionDescriptionInit> => Promise.resolve({ type: "offer", sdp: "offer" });
  setLocalDescription = ({ type }: RTCSessionDescriptionInit): Promise<void> => {
    this.signalingState = type === "rollback" ? "stable" : "have-local-offer";
    return Promise.resolve();
  };
  setRemoteDescription = (): Promise<void> => {
    this.signalingState = "stable";
    return Promise.resolve();
  };
  restartIce = (): void => {
    this.restarts += 1;
  };
  getConfiguration = (): RTCConfiguration => this.configuration;
  setConfiguration = (configuration: RTCConfiguration): void => {
    this.configuration = configuration;
  };
  getStats = (): Promise<Map<string, object>> => Promise.resolve(new Map());
  close = (): void => {
    this.signalingState = this.connectionState = "closed";
  };
  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

const servers = (credential: string): RTCIceServer[] => [{ urls: "turn:turn.example", username: "u", credential }];
const status = new Watched<Status>({ state: "connected" });
let answers: ({ ok: true; sdp: string } | null)[];
let asked: number;
let rtc: Rtc;

const now = (): FakePeerConnection => {
  const pc = FakePeerConnection.made.at(-1);
  if (!pc) throw new Error("there is no connection");
  return pc;
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("window", Object.assign(new EventTarget(), { matchMedia: () => ({ matches: false }) }));
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
  FakePeerConnection.made = [];
  answers = [];
  asked = 0;
  status.set({ state: "connected" });
  const ask = (): Promise<unknown> => {
    asked += 1;
    return Promise.resolve(answers.length > 0 ? answers.shift() : { ok: true, sdp: "answer" });
  };
  rtc = new Rtc({ status, ask } as unknown as Connection);
  rtc.greet(servers("first"), "node");
  await pass(0);
  now().become("connected");
});

afterEach(() => {
  rtc.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a network that was gone for the socket too is looked for anew as soon as the socket is back", async () => {
  status.set({ state: "reconnecting" });
  now().become("disconnected");
  await pass(3_000);
  expect([now().restarts, asked]).toEqual([0, 1]);
  status.set({ state: "connected" });
  rtc.greet(servers("second"), "node");
  rtc.signals({ slots: {} });
  await pass(0);
  expect([now().restarts, asked]).toEqual([1, 2]);
  now().become("connected");
  await pass(10_000);
  expect([FakePeerConnection.made.length, rtc.state.get()]).toEqual([1, "connected"]);
});

test("TURN servers are asked with what the last hello said", async () => {
  rtc.greet(servers("second"), "node");
  rtc.signals({ slots: {} });
  expect(now().configuration.iceServers).toEqual(servers("second"));
  await pass(3_000);
  expect(FakePeerConnection.made.length).toBe(1);
});

test("a restart without an answer is taken back, so that there can be another one", async () => {
  answers = [null];
  now().become("disconnected");
  await pass(1_000);
  expect([now().restarts, now().signalingState]).toEqual([1, "stable"]);
  now().become("connected");
  now().become("disconnected");
  await pass(1_000);
  expect([now().restarts, asked]).toEqual([2, 3]);
});

test("what the uplink takes goes to a shared screen first", () => {
  expect(now().encodings.flat().map(({ rid, priority }) => [rid, priority])).toEqual([
    ["q", undefined], ["h", undefined], ["f", undefined], [undefined, "high"],
  ]);
});
