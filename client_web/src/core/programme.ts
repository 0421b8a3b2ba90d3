/** What is read and said over HTTP by one's own token: exports to look at and to keep, and one's own record after the end. */
import type {
  AnswerKeyRecord, AnswerRecord, AssignmentRecord, Criterion, Done, ParticipantRecord, PollRecord, ReviewResultRecord, ReviewRoundRecord, RoomTally, ShiftRecord,
  TallyRecord, WireRecord, WorkRecord,
} from "../protocol/wire";
import type { Records } from "./records";

export const EXPORTS = ["attendance", "participation", "polls", "voters", "questions", "groups", "reviews"] as const;
export type ExportName = (typeof EXPORTS)[number];
export type ExportFormat = "csv" | "json";

/** A person's report in `GET …/attendance`. Somebody of the roster who never came has no id. */
export interface AttendanceReport {
  participant_id: string | null;
  name: string;
  role: ParticipantRecord["role"];
  percent: number | null;
  verdict: "present" | "partial" | "absent" | null;
  joined_at_ms: number | null;
  present_ms: number;
  session_ms: number;
  breakout_ms: number;
  spoken_ms: number;
  polls: Done;
  reviews: Done;
  works: Done;
  objection: string;
  objected_at_ms: number | null;
  correction: string;
  corrected_at_ms: number | null;
  /** The workshop has ended. */
  final: boolean;
}

export interface AttendanceExport {
  title: string;
  at_ms: number;
  session_ms: number;
  rule: { present_percent: number; partial_percent: number; activities_percent: number; spoken_ms: number };
  people: AttendanceReport[];
}

export interface ExportedPoll {
  poll: PollRecord;
  key: AnswerKeyRecord | null;
  tally: TallyRecord | null;
  rooms: RoomTally[];
  answers: AnswerRecord[];
  shift: ShiftRecord | null;
}

interface Named {
  participant_id: string;
  name: string;
}

export interface ReviewedSubmission {
  submission_id: string;
  authors: Named[];
  result: ReviewResultRecord | null;
  reviews: AssignmentRecord[];
}

export interface ReviewedRound {
  round_id: string;
  title: string;
  phase: ReviewRoundRecord["phase"];
  criteria: Criterion[];
  submissions: ReviewedSubmission[];
}

export interface GroupRound {
  round_id: string;
  number: number;
  rooms: { room_id: string; name: string; people: Named[] }[];
}

/** What each export is as JSON, as far as it is shown. */
export interface Exports {
  attendance: AttendanceExport;
  polls: { polls: ExportedPoll[] };
  reviews: { rounds: ReviewedRound[] };
  groups: { rounds: GroupRound[]; works: WorkRecord[] };
}

/** The server's sentence, or "" where it could not be reached. */
export type Problem = string;

const here = (workshopId: string): string => `/api/workshops/${encodeURIComponent(workshopId)}`;
const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

async function problemOf(answer: Response): Promise<Problem> {
  const body = (await answer.json().catch(() => null)) as { detail?: string } | null;
  return body?.detail ?? "";
}

/** Fetch an export and hand it to the browser as a file. Returns what went wrong, or null. */
export async function download(token: string, workshopId: string, name: ExportName, format: ExportFormat): Promise<Problem | null> {
  const [path, rows] = name === "voters" ? ["polls", "&rows=voters"] : [name, ""];
  try {
    const answer = await fetch(`${here(workshopId)}/${path}?format=${format}${rows}`, { headers: bearer(token) });
    if (!answer.ok) return await problemOf(answer);
    // With a byte order mark spreadsheets know that it is UTF-8.
    const parts = format === "csv" ? ["\ufeff", await answer.blob()] : [await answer.blob()];
    const url = URL.createObjectURL(new Blob(parts, { type: format === "csv" ? "text/csv" : "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}-${workshopId}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    return null;
  } catch {
    return "";
  }
}

/** Read something of the workshop; null where it cannot be had. */
async function read<T>(token: string, path: string): Promise<T | null> {
  try {
    const answer = await fetch(path, { headers: bearer(token) });
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null;
  }
}

/** An export, also after the end. Learners have only attendance, and in it only themselves. */
export function readExport<K extends keyof Exports>(token: string, workshopId: string, name: K): Promise<Exports[K] | null> {
  return read(token, `${here(workshopId)}/${name}?format=json`);
}

/** All that one's own client would have now, also after the end; empty for somebody who has left. Null where it cannot be had. */
export async function readRecords(token: string, workshopId: string): Promise<Records | null> {
  const found = await read<{ seq: number; records: Record<string, WireRecord> }>(token, `${here(workshopId)}/state`);
  return found === null ? null : { byKey: new Map(Object.entries(found.records)), since: null, seq: found.seq };
}

/** Object after the end, when there is no connection to give a command on. Returns what went wrong, or null. */
export async function objectAfterwards(token: string, workshopId: string, text: string): Promise<Problem | null> {
  try {
    const answer = await fetch(`${here(workshopId)}/attendance/objections`, {
      method: "POST",
      headers: { ...bearer(token), "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
    });
    return answer.ok ? null : await problemOf(answer);
  } catch {
    return "";
  }
}
