/** What is read and said over HTTP by one's own token: exports to keep, and one's attendance after the end. */

export const EXPORTS = ["attendance", "polls", "voters", "groups", "reviews"] as const;
export type ExportName = (typeof EXPORTS)[number];
export type ExportFormat = "csv" | "json";

/** A person's report in `GET …/attendance`, as far as it is shown. */
export interface OwnReport {
  participant_id: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  percent: number | null;
  verdict: "present" | "partial" | "absent" | null;
  present_ms: number;
  session_ms: number;
  breakout_ms: number;
  spoken_ms: number;
  polls: { done: number; offered: number };
  reviews: { done: number; offered: number };
  works: { done: number; offered: number };
  objection: string;
  objected_at_ms: number | null;
  correction: string;
  corrected_at_ms: number | null;
}

export interface OwnAttendance {
  rule: { present_percent: number; partial_percent: number; activities_percent: number; spoken_ms: number };
  people: OwnReport[];
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

/** One's own attendance, also after the end; null where it cannot be had. */
export async function ownAttendance(token: string, workshopId: string): Promise<OwnAttendance | null> {
  try {
    const answer = await fetch(`${here(workshopId)}/attendance`, { headers: bearer(token) });
    return answer.ok ? ((await answer.json()) as OwnAttendance) : null;
  } catch {
    return null;
  }
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
