/** What screens need of the agenda, worked out in one place. Pure. */
import type { Records } from "../core/records";
import type { AgendaEntry, AgendaProgressRecord, AgendaRecord, AgendaStepRecord } from "../protocol/wire";
import { ofKind } from "./selectors";

export interface AgendaView {
  agenda: AgendaRecord;
  /** For facilitators; null for everybody else. */
  progress: AgendaProgressRecord | null;
  /** The whole steps, in order; none for learners. */
  steps: AgendaStepRecord[];
  /** The running step. */
  current: AgendaEntry | null;
  /** Its number, from 1. */
  number: number;
  /** What `NextStep` would start, as far as this person may know. */
  next: AgendaEntry | null;
  /** Whether there is a step to go back to. */
  before: boolean;
}

export function agendaView(records: Records): AgendaView | null {
  const agenda = records.byKey.get("agenda");
  if (agenda?.kind !== "agenda") return null;
  const progress = records.byKey.get("agenda_progress");
  const place = agenda.steps.findIndex((step) => step.step_id === agenda.current_id);
  return {
    agenda,
    progress: progress?.kind === "agenda_progress" ? progress : null,
    steps: ofKind(records, "agenda_step").sort((a, b) => a.order - b.order),
    current: agenda.status === "running" ? (agenda.steps[place] ?? null) : null,
    number: place + 1,
    next: agenda.steps.slice(place + 1).find((step) => step.status !== "skipped") ?? null,
    before: agenda.status === "ended" || agenda.steps.slice(0, Math.max(0, place)).some((step) => step.status === "done"),
  };
}

/** How long the running step is over its time, in ms; 0 while it is not. */
export function overMs(view: AgendaView, nowMs: number): number {
  const ends = view.agenda.ends_at_ms;
  return ends === null ? 0 : Math.max(0, nowMs - ends);
}

/** How much later than planned (negative: earlier) everything is by now, in ms; null while nothing runs. */
export function driftMs(view: AgendaView, nowMs: number): number | null {
  const drift = view.progress?.drift_ms ?? null;
  return drift === null ? null : drift + overMs(view, nowMs);
}

/** When it will be over if the rest takes as long as planned, in Unix ms. */
export function endsAtMs(view: AgendaView, nowMs: number): number | null {
  const end = view.progress?.projected_end_ms ?? null;
  return end === null ? null : end + overMs(view, nowMs);
}

/** Whole minutes, rounded towards zero: less than a minute is no drift. */
export const driftMinutes = (ms: number): number => Math.trunc(ms / 60_000);

/** The notes and warnings of the step that runs and the warnings of the next. */
export function stepRecord(view: AgendaView, stepId: string | null | undefined): AgendaStepRecord | null {
  return view.steps.find((step) => step.step_id === stepId) ?? null;
}

export const totalMs = (view: AgendaView): number =>
  view.agenda.steps.filter((step) => step.status !== "skipped").reduce((sum, step) => sum + step.duration_ms, 0);

/** The beginning and end of a line of a text, for the place of a problem. Lines count from 1. */
export function lineOf(text: string, line: number): [number, number] {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return [start, start + (lines[line - 1]?.length ?? 0)];
}
