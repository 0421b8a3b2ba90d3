/** What is read and said over HTTP by one's own token: exports to look at and to keep, and one's own record after the end. */
import type { AttendanceExport, GroupsExport, LearnerSummaryExport, WireRecord, WorkshopSummary } from "../protocol/wire";
import type { Records } from "./records";

/** What there is to take home for who ran the workshop, and for everybody about themselves. */
export const EXPORTS = ["summary", "attendance", "participation", "polls", "voters", "questions", "groups", "reviews"] as const;
export const OWN_EXPORTS = ["own_summary", "attendance", "participation", "record"] as const;
export type ExportName = (typeof EXPORTS)[number] | (typeof OWN_EXPORTS)[number];
export type ExportFormat = "csv" | "json";

/** Those that are not a list are no table; who voted what is nothing else. */
export function formatsOf(name: ExportName): readonly ExportFormat[] {
  if (name === "voters") return ["csv"];
  return name === "summary" || name === "own_summary" || name === "record" ? ["json"] : ["csv", "json"];
}

/** The server's sentence, or "" where it could not be reached. */
export type Problem = string;

const here = (workshopId: string): string => `/api/workshops/${encodeURIComponent(workshopId)}`;
const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

function pathOf(workshopId: string, name: ExportName, format: ExportFormat): string {
  if (name === "own_summary") return "/api/me/summary";
  if (name === "record") return "/api/me/record";
  return name === "voters" ? `${here(workshopId)}/polls?format=csv&rows=voters` : `${here(workshopId)}/${name}?format=${format}`;
}

async function problemOf(answer: Response): Promise<Problem> {
  const body = (await answer.json().catch(() => null)) as { detail?: string } | null;
  return body?.detail ?? "";
}

/** Fetch an export and hand it to the browser as a file. Returns what went wrong, or null. */
export async function download(token: string, workshopId: string, name: ExportName, format: ExportFormat): Promise<Problem | null> {
  try {
    const answer = await fetch(pathOf(workshopId, name, format), { headers: bearer(token) });
    if (!answer.ok) return await problemOf(answer);
    // With a byte order mark spreadsheets know that it is UTF-8.
    const parts = format === "csv" ? ["\ufeff", await answer.blob()] : [await answer.blob()];
    const url = URL.createObjectURL(new Blob(parts, { type: format === "csv" ? "text/csv" : "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name.replace("_", "-")}-${workshopId}.${format}`;
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

/** All of a workshop, for who ran it. */
export interface Whole {
  summary: WorkshopSummary;
  attendance: AttendanceExport;
  groups: GroupsExport;
}

export async function readWhole(token: string, workshopId: string): Promise<Whole | null> {
  const of = <T>(name: ExportName): Promise<T | null> => read<T>(token, pathOf(workshopId, name, "json"));
  const [summary, attendance, groups] = await Promise.all([of<WorkshopSummary>("summary"), of<AttendanceExport>("attendance"), of<GroupsExport>("groups")]);
  return summary === null || attendance === null || groups === null ? null : { summary, attendance, groups };
}

/** What somebody took from the workshop, for who ran it. */
export function readLearner(token: string, workshopId: string, participantId: string): Promise<LearnerSummaryExport | null> {
  return read(token, `${here(workshopId)}/learners/${encodeURIComponent(participantId)}/summary`);
}

/** What one took from the workshop oneself. */
export interface Own {
  found: LearnerSummaryExport;
  /** All that one's own client would have now. */
  records: Records;
}

export async function readOwn(token: string, workshopId: string): Promise<Own | null> {
  const [found, state] = await Promise.all([
    read<LearnerSummaryExport>(token, "/api/me/summary"),
    read<{ seq: number; records: Record<string, WireRecord> }>(token, `${here(workshopId)}/state`),
  ]);
  return found === null || state === null ? null : { found, records: { byKey: new Map(Object.entries(state.records)), since: null, seq: state.seq } };
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
