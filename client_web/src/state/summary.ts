/** What a workshop came to, as its summary shows it. Pure. */
import type { AttendanceReport, ExportedPoll, ReviewedRound } from "../core/programme";
import type { Criterion, ReviewResultRecord } from "../protocol/wire";
import { isHost, type PollView } from "./selectors";

/** Exported polls as screens show polls, those that were never opened left out; the first first. */
export function exportedPolls(polls: readonly ExportedPoll[]): PollView[] {
  const tallies = new Map(polls.map(({ poll, tally }) => [poll.poll_id, tally]));
  return polls
    .filter(({ poll }) => poll.status !== "draft")
    .map(({ poll, tally, key, rooms, answers, shift }) => ({
      poll, tally, key, answers, shift, ballot: null, group: null,
      rooms: rooms.length === 0 ? null : { kind: "room_tallies", poll_id: poll.poll_id, rooms },
      before: poll.follows === null ? null : (tallies.get(poll.follows) ?? null),
    }));
}

export interface Numbers {
  /** Learners who came, of those who came or were expected. */
  came: number;
  expected: number;
  present: number;
  partial: number;
  absent: number;
  /** Of all answers, works and reviews that learners were asked for, in percent; null where nothing was asked. */
  activity: number | null;
  /** Learners who said something. */
  spoke: number;
  /** Spoken by learners, of all that was spoken, in percent; null where nobody spoke. */
  learnersTalk: number | null;
}

export function numbersOf(people: readonly AttendanceReport[]): Numbers {
  const learners = people.filter((person) => person.role === "learner");
  const sum = (of: readonly AttendanceReport[], value: (person: AttendanceReport) => number): number => of.reduce((total, person) => total + value(person), 0);
  const verdicts = (verdict: AttendanceReport["verdict"]): number => learners.filter((person) => person.verdict === verdict).length;
  const all = [(person: AttendanceReport) => person.polls, (person: AttendanceReport) => person.works, (person: AttendanceReport) => person.reviews];
  const offered = sum(learners, (person) => all.reduce((total, of) => total + of(person).offered, 0));
  const done = sum(learners, (person) => all.reduce((total, of) => total + of(person).done, 0));
  const spoken = sum(people, (person) => person.spoken_ms);
  return {
    came: learners.filter((person) => person.participant_id !== null).length,
    expected: learners.length,
    present: verdicts("present"),
    partial: verdicts("partial"),
    absent: verdicts("absent"),
    activity: offered === 0 ? null : Math.round((100 * done) / offered),
    spoke: learners.filter((person) => person.spoken_ms > 0).length,
    learnersTalk: spoken === 0 ? null : Math.round((100 * sum(learners, (person) => person.spoken_ms)) / spoken),
  };
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
export function criteriaOf({ criteria, submissions }: Pick<ReviewedRound, "criteria"> & { submissions: readonly { result: ReviewResultRecord | null }[] }): CriterionSummary[] {
  return criteria.flatMap((criterion): CriterionSummary[] => {
    const medians = submissions.flatMap(({ result }) => result?.criteria.filter((each) => each.criterion_id === criterion.criterion_id) ?? []).map(({ median }) => median);
    if (medians.length === 0 || !criterion.scale) return [];
    const mean = medians.reduce((total, each) => total + each, 0) / medians.length;
    const { least, most } = criterion.scale;
    return [{ criterion, mean, percent: Math.round((100 * (mean - least)) / (most - least)), works: medians.length }];
  });
}
