/**
 * What is said, in writing. Each speaker's own browser turns what they say into text and this passes it on to those who hear them; what others
 * say comes as signals. Kept nowhere but here, and here only the last lines, until the person goes to another room.
 */
import type { CaptionLine } from "../protocol/wire";
import { Watched } from "./emitter";

/** Beyond so many the oldest go. */
const KEPT_LINES = 60;
/** Between two messages about a line that is not final. */
const INTERIM_EVERY_MS = 400;
const LONGEST_CHARS = 500;

export interface Line extends CaptionLine {
  key: string;
}

/** The lines after more is known: a line keeps its place from when it began; the last are kept. Pure. */
export function heardLines(lines: readonly Line[], fresh: Readonly<Record<string, CaptionLine>>, most = KEPT_LINES): readonly Line[] {
  const kept = lines.map((line): Line => {
    const again = fresh[line.key];
    return again && !line.final ? { ...again, key: line.key } : line;
  });
  const known = new Set(lines.map(({ key }) => key));
  const added = Object.entries(fresh).filter(([key]) => !known.has(key)).map(([key, line]): Line => ({ ...line, key }));
  return [...kept, ...added].slice(-most);
}

/** What fits of a long line: the end, which is what was said last. */
export const fitting = (text: string): string => (text.length <= LONGEST_CHARS ? text : `…${text.slice(-(LONGEST_CHARS - 1))}`);

export class Captions {
  readonly lines = new Watched<readonly Line[]>([]);

  add(fresh: Readonly<Record<string, CaptionLine>>): void {
    this.lines.set(heardLines(this.lines.get(), fresh));
  }

  clear(): void {
    this.lines.set([]);
  }
}

/** Sends what is said, no more often than is of use; a final line always. */
export class Spoken {
  /** Numbers go on from one page load to the next, so that no line of before is replaced. */
  private line = Math.floor(Date.now() / 1000) % 1_000_000_000;
  private sentAtMs = 0;

  constructor(
    private readonly send: (caption: { line: number; text: string; final: boolean; lang: string }) => void,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** What is said from now on is another line, also where the one before was never final. */
  next(): void {
    this.line += 1;
    this.sentAtMs = 0;
  }

  said(text: string, final: boolean, lang: string): void {
    const trimmed = fitting(text.trim());
    if (trimmed === "") return;
    const now = this.nowMs();
    if (!final && now - this.sentAtMs < INTERIM_EVERY_MS) return;
    this.sentAtMs = now;
    this.send({ line: this.line, text: trimmed, final, lang });
    if (final) this.next();
  }
}
