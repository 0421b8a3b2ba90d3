/** The link's token, and the one of this device's own: for one workshop a device is one person. */

import type { ArrivalAnswer } from "../protocol/wire";
import { store, stored } from "./storage";

/** The page waits so long to be told how far the workshop is; then it goes on without. */
const TOLD_WITHIN_MS = 5_000;

export interface TokenClaims {
  kind: "participant" | "invite";
  wid: string;
  role: string;
  name: string;
  exp: number;
  sub?: string;
}

export interface JoinProblem {
  code: string;
  message: string;
}

/** What a token says, unverified: enough to know what to ask the person. The server verifies it. */
export function claimsOf(token: string): TokenClaims | null {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as TokenClaims;
  } catch {
    return null;
  }
}

const keyOf = (workshopId: string): string => `atelier.token.${workshopId}`;

/** The token in the link's fragment; it is taken out of the address bar, so that it is not copied by accident. */
export function tokenFromLink(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("t");
}

/** This device's own token for a workshop, unless the link's invite is for another role or it has expired. */
export function ownToken(workshopId: string, invite: TokenClaims | null): string | null {
  const token = stored(keyOf(workshopId));
  const claims = token === null ? null : claimsOf(token);
  if (!token || !claims || claims.exp * 1000 < Date.now()) return null;
  return invite === null || invite.role === claims.role ? token : null;
}

/** Become a person by an invite. */
export async function join(invite: string, name: string): Promise<string | JoinProblem> {
  try {
    const answer = await fetch("/api/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ invite, name }),
    });
    const body = (await answer.json()) as { token: string; workshop_id: string; code: string; detail: string };
    if (!answer.ok) return { code: body.code, message: body.detail };
    store(keyOf(body.workshop_id), body.token);
    return body.token;
  } catch {
    return { code: "offline", message: "" };
  }
}

/** How far the workshop is, by this token. Without an answer the code is `offline`. */
export async function arrival(token: string): Promise<ArrivalAnswer | JoinProblem> {
  try {
    const answer = await fetch("/api/me/workshop", { headers: { Authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(TOLD_WITHIN_MS) });
    const body = (await answer.json()) as ArrivalAnswer & { code: string; detail: string };
    return answer.ok ? body : { code: body.code, message: body.detail };
  } catch {
    return { code: "offline", message: "" };
  }
}

export function forget(workshopId: string): void {
  store(keyOf(workshopId), null);
}
