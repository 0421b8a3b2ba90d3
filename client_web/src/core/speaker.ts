/** The loudspeaker: which one is used, where the browser lets a page choose; and a sound to try it with. */
import { Watched } from "./emitter";
import { store, stored } from "./storage";

const CHOICE_KEY = "atelier.speaker";
/** The notes of the sound, in hertz, and how long each lasts. */
const NOTES_HZ = [523, 659, 784] as const;
const NOTE_S = 0.3;
const LOUDNESS = 0.25;

/** Whether this browser lets pages choose. */
export const canChooseSpeaker = (): boolean => "setSinkId" in HTMLMediaElement.prototype;

/** The device's id; "" for what the system uses. Remembered on this device. */
export const speaker = new Watched(stored(CHOICE_KEY) ?? "");

/** Where sound goes now: what was chosen, or what the system uses for as long as that is not plugged in. Browsers do not change over by themselves. */
export const output = new Watched(speaker.get());

let plugged: ReadonlySet<string> = new Set();

const follow = (): void => output.set(plugged.size === 0 || plugged.has(speaker.get()) ? speaker.get() : "");
speaker.subscribe(follow);

/** These loudspeakers there are; none where the browser does not tell. */
export function speakersAre(deviceIds: Iterable<string>): void {
  plugged = new Set(deviceIds);
  follow();
}

export function chooseSpeaker(deviceId: string): void {
  store(CHOICE_KEY, deviceId);
  speaker.set(deviceId);
}

/** Have an element play there. One that is gone is like none: what the system uses. */
export async function sendTo(element: HTMLMediaElement, deviceId: string): Promise<void> {
  if (!canChooseSpeaker() || element.sinkId === deviceId) return;
  await element.setSinkId(deviceId).catch(() => element.setSinkId(""));
}

/** Three notes on the loudspeaker that is chosen. Resolves when they are over; rejects where the browser plays nothing. */
export async function chime(): Promise<void> {
  const context = new AudioContext();
  try {
    const out = context.createMediaStreamDestination();
    const loudness = context.createGain();
    loudness.gain.value = LOUDNESS;
    loudness.connect(out);
    const element = new Audio();
    element.srcObject = out.stream;
    await sendTo(element, output.get());
    await Promise.all([context.resume(), element.play()]);
    const beginsAt = context.currentTime + 0.1;
    NOTES_HZ.forEach((hertz, index) => {
      const note = context.createOscillator();
      note.frequency.value = hertz;
      note.connect(loudness);
      note.start(beginsAt + index * NOTE_S);
      note.stop(beginsAt + (index + 1) * NOTE_S);
    });
    await new Promise((resolve) => setTimeout(resolve, (NOTES_HZ.length * NOTE_S + 0.3) * 1_000));
    element.srcObject = null;
  } finally {
    await context.close();
  }
}
