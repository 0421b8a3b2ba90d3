/** A poll that is being written: what the form holds, and the command it becomes. Pure. */
import type { CreatePoll, PollRecord } from "../protocol/wire";
import type { PollView } from "./selectors";

export type PollKind = PollRecord["poll_kind"];
export const KINDS: readonly PollKind[] = ["single", "multiple", "scale", "ranking", "text", "words", "quiz"];
export const WITH_OPTIONS: ReadonlySet<PollKind> = new Set<PollKind>(["single", "multiple", "ranking", "quiz"]);

/** Number fields are empty strings where nothing is said. */
export interface PollDraft {
  /** The prepared poll that is being changed; null for a new one. */
  pollId: string | null;
  kind: PollKind;
  question: string;
  options: { text: string; right: boolean }[];
  least: number | string;
  most: number | string;
  low: number | string;
  high: number | string;
  lowLabel: string;
  highLabel: string;
  explanation: string;
  target: PollRecord["target"];
  anonymous: boolean;
  seconds: number | string;
  results: PollRecord["results"];
}

const option = (text = "", right = false): PollDraft["options"][number] => ({ text, right });

export const NEW_POLL: PollDraft = {
  pollId: null, kind: "single", question: "", options: [option(), option()], least: "", most: "", low: 1, high: 5, lowLabel: "", highLabel: "",
  explanation: "", target: "workshop", anonymous: true, seconds: "", results: "facilitators",
};

/** A prepared poll, to be changed. */
export function draftOf({ poll, key }: PollView): PollDraft {
  return {
    ...NEW_POLL,
    pollId: poll.poll_id, kind: poll.poll_kind, question: poll.question, target: poll.target, anonymous: poll.anonymous, results: poll.results,
    options: poll.options.length > 0 ? poll.options.map((each) => option(each.text, key?.right_ids.includes(each.option_id) ?? false)) : NEW_POLL.options,
    least: poll.min_choices, most: poll.max_choices,
    low: poll.scale?.low ?? 1, high: poll.scale?.high ?? 5, lowLabel: poll.scale?.low_label ?? "", highLabel: poll.scale?.high_label ?? "",
    explanation: key?.explanation ?? "", seconds: poll.duration_ms === null ? "" : poll.duration_ms / 1000,
  };
}

const filled = (draft: PollDraft): PollDraft["options"] => draft.options.filter(({ text }) => text.trim() !== "");

/** Whether the form says enough to be sent; the server checks the rest. */
export function isComplete(draft: PollDraft): boolean {
  if (draft.question.trim() === "") return false;
  if (!WITH_OPTIONS.has(draft.kind)) return true;
  return filled(draft).length >= 2 && (draft.kind !== "quiz" || filled(draft).some(({ right }) => right));
}

type Setup = Omit<CreatePoll, "type" | "open">;

/** What the draft asks, without what its kind does not use. */
export function setupOf(draft: PollDraft): Setup {
  const { kind } = draft;
  const number = (value: number | string): number | null => (value === "" ? null : Number(value));
  const options = WITH_OPTIONS.has(kind) ? filled(draft) : [];
  return {
    question: draft.question, kind, anonymous: draft.anonymous, target: draft.target, results: draft.results,
    options: options.map(({ text }) => text),
    right: kind === "quiz" ? options.flatMap(({ right }, index) => (right ? [index] : [])) : [],
    explanation: kind === "quiz" ? draft.explanation : "",
    min_choices: kind === "multiple" ? number(draft.least) : null,
    max_choices: kind === "multiple" || kind === "words" || kind === "ranking" ? number(draft.most) : null,
    scale: kind === "scale" ? { low: Number(draft.low), high: Number(draft.high), low_label: draft.lowLabel, high_label: draft.highLabel } : null,
    duration_ms: draft.seconds === "" ? null : Number(draft.seconds) * 1000,
  };
}

/** The poll as learners would have it before them, were it open now. */
export function previewOf(draft: PollDraft): PollView {
  const setup = setupOf(draft);
  const options = (setup.options ?? []).map((text, index) => ({ option_id: `o_${String(index)}`, text }));
  const right = setup.right?.length ?? 0;
  const most = { single: 1, multiple: options.length, scale: 1, ranking: options.length, text: 1, words: 3, quiz: Math.max(1, right > 1 ? options.length : 1) }[draft.kind];
  const max_choices = Math.max(1, setup.max_choices ?? most);
  const poll: PollRecord = {
    kind: "poll", poll_id: "preview", seq: 0, question: draft.question, poll_kind: draft.kind, options, scale: setup.scale ?? null,
    min_choices: draft.kind === "ranking" ? max_choices : (setup.min_choices ?? 1), max_choices,
    target: draft.target, status: "open", closes_at_ms: null, duration_ms: setup.duration_ms ?? null, anonymous: draft.anonymous, results: draft.results, follows: null,
  };
  return { poll, tally: null, ballot: null, key: null, rooms: null, group: null, answers: [], shift: null, before: null };
}
