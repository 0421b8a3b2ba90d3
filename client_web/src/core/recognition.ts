/**
 * The browser's own speech recognition, where it has one: the one place that knows its interface, which no type library has.
 *
 * It ends by itself after a silence, or when it likes to; while it is wanted it is started again, later each time that it fails at once. Where the
 * browser can do it on the device itself, it does; else most browsers send the sound to their maker, which the person is told before.
 */
import { Watched } from "./emitter";

interface Alternative {
  transcript: string;
}

interface Result extends ArrayLike<Alternative> {
  isFinal: boolean;
}

interface ResultEvent {
  resultIndex: number;
  results: ArrayLike<Result>;
}

interface Recogniser {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally?: boolean;
  onresult: ((event: ResultEvent) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start: (track?: MediaStreamTrack) => void;
  abort: () => void;
}

interface RecogniserClass {
  new (): Recogniser;
  available?: (options: { langs: string[]; processLocally: boolean }) => Promise<string>;
}

/** `denied`: the browser or the person forbids it; `language`: it does not know that one; `unreachable`: its service is not there. */
export type RecognitionProblem = "denied" | "language" | "unreachable";

const AGAIN_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** What ends sooner than that has failed, whatever it says. */
const SHORTEST_RUN_MS = 1_000;
/** So many failures in a row, and it is given up. */
const MOST_FAILURES = 5;

const PROBLEMS: Readonly<Record<string, RecognitionProblem>> = {
  "not-allowed": "denied", "service-not-allowed": "denied", "audio-capture": "denied", "language-not-supported": "language", network: "unreachable",
};

function recogniserClass(): RecogniserClass | null {
  const found = window as unknown as { SpeechRecognition?: RecogniserClass; webkitSpeechRecognition?: RecogniserClass };
  return found.SpeechRecognition ?? found.webkitSpeechRecognition ?? null;
}

/** Whether this browser can turn speech into text at all. */
export const canRecognise = (): boolean => recogniserClass() !== null;

/** Whether it can do so for this language without sending the sound anywhere. */
export async function recognisesLocally(lang: string): Promise<boolean> {
  try {
    return (await recogniserClass()?.available?.({ langs: [lang], processLocally: true })) === "available";
  } catch {
    return false;
  }
}

export class Recognition {
  /** Why it has stopped by itself; null while it runs or was stopped. */
  readonly problem = new Watched<RecognitionProblem | null>(null);
  private current: Recogniser | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  /** Counts starts and stops, so that an answer that comes late finds that it is not wanted any more. */
  private turn = 0;

  constructor(private readonly onText: (text: string, final: boolean, lang: string) => void) {}

  /** Recognise what comes from the track, in this language (BCP 47), until `stop`. */
  start(lang: string, track: MediaStreamTrack | null): void {
    this.stop();
    this.problem.set(null);
    this.failures = 0;
    void this.run(lang, track, this.turn);
  }

  stop(): void {
    this.turn += 1;
    clearTimeout(this.again);
    const { current } = this;
    this.current = null;
    if (!current) return;
    current.onresult = current.onerror = current.onend = null;
    current.abort();
  }

  private async run(lang: string, track: MediaStreamTrack | null, turn: number): Promise<void> {
    const local = await recognisesLocally(lang);
    const Class = recogniserClass();
    if (turn !== this.turn || !Class) return;
    const recogniser = new Class();
    Object.assign(recogniser, { lang, continuous: true, interimResults: true });
    if (local) recogniser.processLocally = true;
    const beganAtMs = Date.now();
    let isCounted = false; // as a failure, or as a run that was of use
    recogniser.onresult = (event) => {
      isCounted = true;
      this.heard(event, lang);
    };
    recogniser.onerror = ({ error }) => {
      isCounted ||= error in PROBLEMS;
      this.failed(PROBLEMS[error] ?? null);
    };
    recogniser.onend = () => {
      this.current = null;
      if (turn !== this.turn) return;
      if (!isCounted) this.failures = Date.now() - beganAtMs < SHORTEST_RUN_MS ? this.failures + 1 : 0;
      const pause = Math.min(AGAIN_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
      this.again = setTimeout(() => void this.run(lang, track, turn), pause);
    };
    this.current = recogniser;
    try {
      recogniser.start(...(track ? [track] : []));
    } catch {
      this.stop();
      this.problem.set("unreachable");
    }
  }

  private heard({ resultIndex, results }: ResultEvent, lang: string): void {
    this.failures = 0;
    let unfinished = "";
    for (let index = resultIndex; index < results.length; index += 1) {
      const result = results[index];
      const text = result?.[0]?.transcript ?? "";
      if (result?.isFinal) this.onText(text, true, lang);
      else unfinished += text;
    }
    if (unfinished !== "") this.onText(unfinished, false, lang);
  }

  /** Silence and the like are no failures; what will not get better by itself ends it. */
  private failed(problem: RecognitionProblem | null): void {
    if (problem === null) return;
    this.failures += 1;
    if (problem === "unreachable" && this.failures < MOST_FAILURES) return;
    this.stop();
    this.problem.set(problem);
  }
}
