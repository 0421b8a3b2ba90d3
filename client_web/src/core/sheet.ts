/** A workshop's run sheet as a file, over HTTP: the server reads and writes it. */
import { claimsOf } from "./token";

export interface SheetProblem {
  line?: number;
  column?: number;
  field: string;
  message: string;
}

export type SheetAnswer = { ok: true; text: string } | { ok: false; code: string; message: string; problems: SheetProblem[] };

interface ProblemDocument {
  code: string;
  detail: string;
  problems?: SheetProblem[];
}

async function asked(token: string, init: RequestInit): Promise<SheetAnswer> {
  const workshop = claimsOf(token)?.wid ?? "";
  try {
    const answer = await fetch(`/api/workshops/${encodeURIComponent(workshop)}/agenda`, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/yaml", Accept: "application/yaml, application/problem+json" },
    });
    const text = await answer.text();
    if (answer.ok) return { ok: true, text };
    const problem = JSON.parse(text) as ProblemDocument;
    return { ok: false, code: problem.code, message: problem.detail, problems: problem.problems ?? [] };
  } catch {
    return { ok: false, code: "offline", message: "", problems: [] };
  }
}

/** The sheet as YAML; refused `agenda_missing` where there is none. */
export const readSheet = (token: string): Promise<SheetAnswer> => asked(token, {});

/** Put a sheet in place of the one before. */
export const writeSheet = (token: string, text: string): Promise<SheetAnswer> => asked(token, { method: "PUT", body: text });
