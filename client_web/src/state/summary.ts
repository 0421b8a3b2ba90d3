/** What a workshop came to, as its summary shows it. Pure. */
import type { AttendanceReport, Criterion, Done, PollResult, ReviewRoundSummary, StepSummary } from "../protocol/wire";
import { isHost, type PollView } from "./selectors";

/** Exported polls as screens show polls, those that were never opened left out; the first first. */
export function exportedPolls(polls: readonly PollResult[]): PollView[] {
  const tallies = new Map(polls.map(({ poll, tally }) => [poll.poll_id, tally]));
  return polls
    .filter(({ poll }) => poll.status !== "draft")
    .map(({ poll, tally, key, rooms, answers, shift }) => ({
      poll, tally, key, answers, shift, ballot: null, group: null,
      rooms: rooms.length === 0 ? null : { kind: "room_tallies", poll_id: poll.poll_id, rooms },
      before: poll.follows === null ? null : (tallies.get(poll.follows) ?? null),
    }));
}

/** Of all answers, works and reviews that learners were asked for, those that were done, in percent; null where nothing was asked. */
export function tookPart(people: readonly AttendanceReport[]): number | null {
  const asked = people.filter((person) => person.role === "learner").flatMap(({ polls, works, reviews }) => [polls, works, reviews]);
  const sum = (of: keyof Done): number => asked.reduce((total, each) => total + each[of], 0);
  return sum("offered") === 0 ? null : Math.round((100 * sum("done")) / sum("offered"));
}

export interface Talker {
  id: string;
  name: string;
  host: boolean;
  spoken_ms: number;
}

/** Everybody who came, whoever spoke most first. */
export function talkers(people: readonly AttendanceReport[]): Talker[] {
  return people
    .flatMap((person) => (person.participant_id === null || person.role === "observer" ? [] : [{ id: person.participant_id, name: person.name, host: isHost(person), spoken_ms: person.spoken_ms }]))
    .sort((a, b) => b.spoken_ms - a.spoken_ms || a.name.localeCompare(b.name));
}

export interface CriterionSummary {
  criterion: Criterion;
  /** Mean of the works' medians, and the same in percent of the scale. */
  mean: number;
  percent: number;
  works: number;
}

/** What a round's works came to by each criterion that has scores. */
export function criteriaOf({ criteria, submissions }: Pick<ReviewRoundSummary, "criteria" | "submissions">): CriterionSummary[] {
  return criteria.flatMap((criterion): CriterionSummary[] => {
    const medians = submissions.flatMap(({ result }) => result?.criteria.filter((each) => each.criterion_id === criterion.criterion_id) ?? []).map(({ median }) => median);
    if (medians.length === 0 || !criterion.scale) return [];
    const mean = medians.reduce((total, each) => total + each, 0) / medians.length;
    const { least, most } = criterion.scale;
    return [{ criterion, mean, percent: Math.round((100 * (mean - least)) / (most - least)), works: medians.length }];
  });
}

export interface HeldAgenda {
  /** `apart_ms`: how much longer a step took than planned, less than 0 for shorter; null where it was not held. */
  lines: { step: StepSummary; apart_ms: number | null }[];
  planned_ms: number;
  took_ms: number;
}

export function heldAgenda(steps: readonly StepSummary[]): HeldAgenda {
  const sum = (of: (step: StepSummary) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return {
    lines: steps.map((step) => ({ step, apart_ms: step.took_ms === null ? null : step.took_ms - step.planned_ms })),
    planned_ms: sum((step) => step.planned_ms),
    took_ms: sum((step) => step.took_ms ?? 0),
  };
}
