/** Peer review as screens need it. Pure. */
import type { Records } from "../core/records";
import type {
  AssignmentRecord, CreateReviewRound, DiscussionRecord, FeedbackRecord, MyWorkRecord, PersonalTime, ReviewedWorkRecord, ReviewProgressRecord,
  ReviewRecord, ReviewResultRecord, ReviewRoundRecord, SubmissionRecord,
} from "../protocol/wire";
import { ofKind } from "./selectors";

const MINUTE_MS = 60_000;
export const PHASES = ["submit", "read", "review", "discuss", "feedback", "closed"] as const;

/** A round with all that the viewer may know of it. */
export interface RoundView {
  round: ReviewRoundRecord;
  progress: ReviewProgressRecord | null;
  /** One's own draft. */
  work: MyWorkRecord | null;
  submissions: SubmissionRecord[];
  assignments: AssignmentRecord[];
  /** What one is to review, each with the work. */
  reviews: { review: ReviewRecord; work: ReviewedWorkRecord | null }[];
  feedback: FeedbackRecord[];
  results: ReviewResultRecord[];
  discussions: DiscussionRecord[];
}

export function roundViews(records: Records, participantId: string | null): RoundView[] {
  const of = <T extends { round_id: string }>(all: T[], round: ReviewRoundRecord): T[] => all.filter((each) => each.round_id === round.round_id);
  const works = new Map(ofKind(records, "reviewed_work").map((work) => [work.submission_id, work]));
  return ofKind(records, "review_round")
    .sort((a, b) => b.seq - a.seq)
    .map((round) => ({
      round,
      progress: of(ofKind(records, "review_progress"), round)[0] ?? null,
      work: of(ofKind(records, "my_work"), round).find((work) => work.participant_id === participantId) ?? null,
      submissions: of(ofKind(records, "submission"), round),
      assignments: of(ofKind(records, "assignment"), round),
      reviews: of(ofKind(records, "review"), round)
        .sort((a, b) => Number(a.own) - Number(b.own) || a.review_id.localeCompare(b.review_id))
        .map((review) => ({ review, work: works.get(review.submission_id) ?? null })),
      feedback: of(ofKind(records, "feedback"), round).sort((a, b) => a.review_id.localeCompare(b.review_id)),
      results: of(ofKind(records, "review_result"), round),
      discussions: of(ofKind(records, "discussion"), round),
    }));
}

/** What somebody writes for a round; `file_id` is how the programme finds a file, or its address. */
export interface WorkFields {
  text: string;
  link: string;
  file_id: string;
  file_name: string;
  coauthor_ids: string[];
}

const NO_WORK: WorkFields = { text: "", link: "", file_id: "", file_name: "", coauthor_ids: [] };
export const MAX_COAUTHORS = 10;

/** What stands in the form for what the server has. */
export const fieldsOf = (work: MyWorkRecord | null): WorkFields =>
  work === null ? NO_WORK : { text: work.text, link: work.link, file_id: work.file_id ?? "", file_name: work.file_name, coauthor_ids: work.coauthor_ids };

export const isBlank = ({ text, link, file_id, file_name, coauthor_ids }: WorkFields): boolean => text + link + file_id + file_name === "" && coauthor_ids.length === 0;

/** Whether the server has what is written here. */
export function isSaved(written: WorkFields, work: MyWorkRecord | null): boolean {
  if (work === null) return false;
  const file = written.file_id.trim();
  return (
    work.text === written.text.trim() && work.link === written.link.trim() && (work.file_id ?? "") === file && work.file_name === (file === "" ? "" : written.file_name.trim()) &&
    work.coauthor_ids.length === written.coauthor_ids.length && work.coauthor_ids.every((who, index) => who === written.coauthor_ids[index])
  );
}

/** For what somebody can still be given more time; first what is likelier meant. */
export function latePhases(phase: ReviewRoundRecord["phase"]): PersonalTime["phase"][] {
  if (phase === "closed") return [];
  if (phase === "discuss" || phase === "feedback") return ["review"];
  return phase === "review" ? ["review", "submit"] : ["submit", "review"];
}

export interface ToDo {
  key: string;
  kind: "submit" | "review" | "rate";
  title: string;
  count: number;
}

/** What a learner has to do in running rounds, one item each at most. Who runs the workshop has no work of their own. */
export function toDo(records: Records, participantId: string | null): ToDo[] {
  const me = records.byKey.get(`participant:${participantId ?? ""}`);
  if (me?.kind !== "participant" || me.role !== "learner") return [];
  return roundViews(records, participantId).flatMap(({ round, work, reviews, feedback }): ToDo[] => {
    const item = (kind: ToDo["kind"], count: number): ToDo => ({ key: `${kind} ${round.round_id}`, kind, title: round.settings.title, count });
    const open = reviews.filter(({ review }) => !review.submitted).length;
    const unrated = feedback.filter((each) => !each.own && each.rating === null).length;
    if (round.phase === "submit" && (work === null || work.submission_id === null)) return [item("submit", 1)];
    if (round.phase === "review" && open > 0) return [item("review", open)];
    if (round.phase === "feedback" && unrated > 0) return [item("rate", unrated)];
    return [];
  });
}

export interface CriterionDraft {
  title: string;
  scored: boolean;
  least: number | string;
  most: number | string;
  weight: number | string;
  comment: "required" | "optional" | "none";
}

/** Minutes are texts while they are typed; an empty one: until it is ended by hand. */
export interface RoundDraft {
  title: string;
  instructions: string;
  reviewsEach: number | string;
  blind: "none" | "reviewer" | "double";
  criteria: CriterionDraft[];
  submit: number | string;
  review: number | string;
  discuss: boolean;
  discussMinutes: number | string;
}

export const NEW_CRITERION: CriterionDraft = { title: "", scored: true, least: 1, most: 5, weight: 1, comment: "optional" };
export const NEW_ROUND: RoundDraft = {
  title: "", instructions: "", reviewsEach: 2, blind: "double", criteria: [NEW_CRITERION], submit: 10, review: 10, discuss: false, discussMinutes: 5,
};

const milliseconds = (minutes: number | string): number | null => (minutes === "" ? null : Number(minutes) * MINUTE_MS);

export function isWhole(draft: RoundDraft): boolean {
  const titles = draft.criteria.map((criterion) => criterion.title.trim());
  return (
    draft.title.trim() !== "" && titles.length > 0 && titles.every(Boolean) && new Set(titles).size === titles.length &&
    draft.criteria.every((criterion) => (criterion.scored ? Number(criterion.least) < Number(criterion.most) : criterion.comment !== "none")) &&
    Number(draft.reviewsEach) >= 1
  );
}

export function roundCommand(draft: RoundDraft): CreateReviewRound {
  return {
    type: "CreateReviewRound",
    settings: {
      title: draft.title, instructions: draft.instructions, reviews_each: Number(draft.reviewsEach), blind: draft.blind,
      times: {
        submit_ms: milliseconds(draft.submit), review_ms: milliseconds(draft.review),
        discuss_ms: draft.discuss ? milliseconds(draft.discussMinutes) : 0,
      },
    },
    criteria: draft.criteria.map(({ title, scored, least, most, weight, comment }) => ({
      title, comment, weight: Number(weight), scale: scored ? { least: Number(least), most: Number(most) } : null,
    })),
  };
}

/** The round as somebody would have it before them who reviews, were it in that phase now. */
export function previewOf(draft: RoundDraft): { round: ReviewRoundRecord; review: ReviewRecord } {
  const { settings, criteria } = roundCommand(draft);
  const shown = criteria.map((criterion, index) => ({ ...criterion, criterion_id: `c_${String(index)}` }));
  const round: ReviewRoundRecord = { kind: "review_round", round_id: "preview", seq: 0, settings, criteria: shown, phase: "review", ends_at_ms: null, turn: 0, turns: 0, revealed: false };
  return { round, review: { kind: "review", review_id: "preview", round_id: "preview", submission_id: "preview", own: false, marks: [], missing: [], submitted: false, rating: null } };
}
