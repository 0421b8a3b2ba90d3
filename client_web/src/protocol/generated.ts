// Generated from schema.json by `npm run generate`. Do not edit.

/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ClientCommand".
 */
export type ClientCommand =
  | CloseWorkshop
  | SetLobby
  | SetLock
  | Admit
  | Deny
  | RemoveParticipant
  | LiftBan
  | Leave
  | Rename
  | ChangeRole
  | HandOver
  | RaiseHand
  | LowerHand
  | SetMedia
  | StopMedia
  | AllowMedia
  | PostMessage
  | OpenBreakouts
  | MoveParticipants
  | CloseBreakouts
  | CreatePoll
  | OpenPoll
  | CastBallot
  | ClosePoll
  | ShareResults
  | CreateReviewRound
  | StartReviewRound
  | AdvanceReviewRound
  | CloseReviewRound
  | ExtendReviewPhase
  | GiveReviewTime
  | DraftWork
  | SubmitWork
  | AssignReview
  | WithdrawReview
  | ReallocateReviews
  | WriteMark
  | SubmitReview
  | RateReview;
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Record".
 */
export type Record =
  | WorkshopRecord
  | MeRecord
  | ParticipantRecord
  | WaitingRecord
  | BanRecord
  | RoomRecord
  | BreakoutsRecord
  | MessageRecord
  | PollRecord
  | TallyRecord
  | BallotRecord
  | ReviewRoundRecord
  | ReviewProgressRecord
  | MyWorkRecord
  | SubmissionRecord
  | ReviewedWorkRecord
  | ReviewRecord
  | AssignmentRecord
  | FeedbackRecord
  | ReviewResultRecord
  | DiscussionRecord;

export interface Messages {
  ClientCommand?: ClientCommand;
  Record?: Record;
  Hello?: Hello;
  MediaOffer?: MediaOffer;
  MediaView?: MediaView;
}
/**
 * End the workshop for everybody. Final.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CloseWorkshop".
 */
export interface CloseWorkshop {
  type: "CloseWorkshop";
}
/**
 * Let newcomers wait until they are admitted. Switching it off admits everybody who waits.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetLobby".
 */
export interface SetLobby {
  on: boolean;
  type: "SetLobby";
}
/**
 * Turn newcomers away. Who has been in may come back.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetLock".
 */
export interface SetLock {
  on: boolean;
  type: "SetLock";
}
/**
 * Let people in from the lobby.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Admit".
 */
export interface Admit {
  participant_ids?: string[] | null;
  type: "Admit";
}
/**
 * Send people away from the lobby; they may knock again.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Deny".
 */
export interface Deny {
  participant_ids: string[];
  type: "Deny";
}
/**
 * Put somebody out. They come back only if admitted from the lobby, and with `ban` not at all.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RemoveParticipant".
 */
export interface RemoveParticipant {
  participant_id: string;
  ban?: boolean;
  type: "RemoveParticipant";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "LiftBan".
 */
export interface LiftBan {
  participant_id: string;
  type: "LiftBan";
}
/**
 * The actor leaves on purpose, with all connections.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Leave".
 */
export interface Leave {
  type: "Leave";
}
/**
 * Change one's own name, or, for facilitators, anybody's.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Rename".
 */
export interface Rename {
  name: string;
  participant_id?: string | null;
  type: "Rename";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ChangeRole".
 */
export interface ChangeRole {
  participant_id: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  type: "ChangeRole";
}
/**
 * Make somebody else the facilitator; the actor becomes a co-facilitator and may then leave.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "HandOver".
 */
export interface HandOver {
  participant_id: string;
  type: "HandOver";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RaiseHand".
 */
export interface RaiseHand {
  type: "RaiseHand";
}
/**
 * Lower one's own hand, or, for facilitators, anybody's.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "LowerHand".
 */
export interface LowerHand {
  participant_id?: string | null;
  type: "LowerHand";
}
/**
 * What the actor sends from now on.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetMedia".
 */
export interface SetMedia {
  mic: boolean;
  camera: boolean;
  screen: boolean;
  type: "SetMedia";
}
/**
 * Switch off what people send: mute, camera off, end a screen share.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "StopMedia".
 */
export interface StopMedia {
  participant_ids?: string[] | null;
  media?: ("mic" | "camera" | "screen")[];
  may_restart?: boolean;
  type: "StopMedia";
}
/**
 * Let people switch on again what was forbidden.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AllowMedia".
 */
export interface AllowMedia {
  participant_ids?: string[] | null;
  media?: ("mic" | "camera" | "screen")[];
  type: "AllowMedia";
}
/**
 * Say something in writing: to one's room, everyone, the facilitators, or one person.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PostMessage".
 */
export interface PostMessage {
  channel: "room" | "everyone" | "facilitators" | "private";
  text: string;
  to_id?: string | null;
  type: "PostMessage";
}
/**
 * Open `count` rooms and spread the learners present over them at random, sizes differing by at most one.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenBreakouts".
 */
export interface OpenBreakouts {
  count: number;
  duration_ms?: number | null;
  type: "OpenBreakouts";
}
/**
 * Move people to an open room (or the plenary).
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MoveParticipants".
 */
export interface MoveParticipants {
  participant_ids: string[];
  room_id: string;
  type: "MoveParticipants";
}
/**
 * Bring everybody back to the plenary now.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CloseBreakouts".
 */
export interface CloseBreakouts {
  type: "CloseBreakouts";
}
/**
 * Prepare a single-choice poll. Learners do not see it before it is opened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CreatePoll".
 */
export interface CreatePoll {
  question: string;
  options: string[];
  anonymous?: boolean;
  type: "CreatePoll";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenPoll".
 */
export interface OpenPoll {
  poll_id: string;
  type: "OpenPoll";
}
/**
 * Answer; answering again replaces the answer while the poll is open.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CastBallot".
 */
export interface CastBallot {
  poll_id: string;
  option_ids?: string[];
  type: "CastBallot";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ClosePoll".
 */
export interface ClosePoll {
  poll_id: string;
  type: "ClosePoll";
}
/**
 * Say who sees the tally.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ShareResults".
 */
export interface ShareResults {
  poll_id: string;
  results: "hidden" | "facilitators" | "everyone";
  type: "ShareResults";
}
/**
 * Prepare a round. Learners do not see it before it is started.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CreateReviewRound".
 */
export interface CreateReviewRound {
  settings: ReviewRoundSettings;
  criteria: NewCriterion[];
  type: "CreateReviewRound";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewRoundSettings".
 */
export interface ReviewRoundSettings {
  title: string;
  instructions?: string;
  reviews_each?: number;
  group_rule?: "any" | "other" | "same";
  max_load?: number | null;
  blind?: "none" | "reviewer" | "double";
  reveal?: "after_review" | "closed" | "never";
  self_review?: boolean;
  times?: PhaseTimes;
}
/**
 * How long each phase lasts, in milliseconds; null: until it is ended by hand. 0 leaves out reading, discussing or
 * feedback. `discuss_ms` is the time of one turn: everybody can be in one discussion at a time.
 */
export interface PhaseTimes {
  submit_ms?: number | null;
  read_ms?: number | null;
  review_ms?: number | null;
  discuss_ms?: number | null;
  feedback_ms?: number | null;
}
/**
 * A criterion to be; without a scale it takes a comment only.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "NewCriterion".
 */
export interface NewCriterion {
  title: string;
  description?: string;
  scale?: Scale | null;
  weight?: number;
  comment?: "required" | "optional" | "none";
}
/**
 * Whole scores from `least` to `most`.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Scale".
 */
export interface Scale {
  least: number;
  most: number;
  anchors?: Anchor[];
}
/**
 * What a score stands for, in words.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Anchor".
 */
export interface Anchor {
  score: number;
  text: string;
}
/**
 * Begin with the phase `submit`.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "StartReviewRound".
 */
export interface StartReviewRound {
  round_id: string;
  type: "StartReviewRound";
}
/**
 * End the phase that runs, or the turn of the discussion, and begin the next.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AdvanceReviewRound".
 */
export interface AdvanceReviewRound {
  round_id: string;
  type: "AdvanceReviewRound";
}
/**
 * End the round, whatever runs. Final.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CloseReviewRound".
 */
export interface CloseReviewRound {
  round_id: string;
  type: "CloseReviewRound";
}
/**
 * Give everybody more time (or less) for the phase that runs; without a timer it gets one from now.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ExtendReviewPhase".
 */
export interface ExtendReviewPhase {
  round_id: string;
  by_ms: number;
  type: "ExtendReviewPhase";
}
/**
 * Give one person more time for submitting or reviewing, before, while or after that phase runs.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GiveReviewTime".
 */
export interface GiveReviewTime {
  round_id: string;
  participant_id: string;
  phase: "submit" | "review";
  extra_ms: number;
  type: "GiveReviewTime";
}
/**
 * Keep what the actor has written so far; it replaces what was kept.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DraftWork".
 */
export interface DraftWork {
  round_id: string;
  text?: string;
  link?: string;
  file_id?: string | null;
  file_name?: string;
  coauthor_ids?: string[];
  type: "DraftWork";
}
/**
 * Hand in what was drafted; until the time is over it can be drafted and handed in again.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SubmitWork".
 */
export interface SubmitWork {
  round_id: string;
  type: "SubmitWork";
}
/**
 * Let somebody review a submission, whatever the allocation.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AssignReview".
 */
export interface AssignReview {
  submission_id: string;
  reviewer_id: string;
  type: "AssignReview";
}
/**
 * Take an unfinished review from its reviewer.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WithdrawReview".
 */
export interface WithdrawReview {
  review_id: string;
  type: "WithdrawReview";
}
/**
 * Give unfinished reviews of people who left to others, and complete what lacks. Happens by itself when reviewing begins.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReallocateReviews".
 */
export interface ReallocateReviews {
  round_id: string;
  type: "ReallocateReviews";
}
/**
 * Judge by one criterion; kept as it is typed, and replaced by a later one until the review is submitted.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WriteMark".
 */
export interface WriteMark {
  review_id: string;
  criterion_id: string;
  score?: number | null;
  comment?: string;
  type: "WriteMark";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SubmitReview".
 */
export interface SubmitReview {
  review_id: string;
  type: "SubmitReview";
}
/**
 * Say how helpful a review of one's own work was, from 1 to 5.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RateReview".
 */
export interface RateReview {
  review_id: string;
  rating: number;
  comment?: string;
  type: "RateReview";
}
/**
 * Key `workshop`; everybody, also those who wait in the lobby.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WorkshopRecord".
 */
export interface WorkshopRecord {
  kind: "workshop";
  workshop_id: string;
  title: string;
  status: "open" | "closed";
  lobby: boolean;
  locked: boolean;
  forbidden: ("mic" | "camera" | "screen")[];
}
/**
 * Key `me:<participant_id>`; that person only.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MeRecord".
 */
export interface MeRecord {
  kind: "me";
  participant_id: string;
  allowed: string[];
}
/**
 * Key `participant:<participant_id>`; everybody.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ParticipantRecord".
 */
export interface ParticipantRecord {
  kind: "participant";
  participant_id: string;
  name: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  presence: "present" | "reconnecting" | "left";
  room_id: string;
  hand_raised_seq: number | null;
  mic: boolean;
  camera: boolean;
  screen: boolean;
  may_send: ("mic" | "camera" | "screen")[];
}
/**
 * Key `waiting:<participant_id>`; the facilitators and that person, while the person waits in the lobby.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WaitingRecord".
 */
export interface WaitingRecord {
  kind: "waiting";
  participant_id: string;
  seq: number;
  name: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  since_ms: number;
  reconnecting: boolean;
}
/**
 * Key `ban:<participant_id>`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BanRecord".
 */
export interface BanRecord {
  kind: "ban";
  participant_id: string;
  name: string;
}
/**
 * Key `room:<room_id>`; everybody. Who is in it stands in the participants' records.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomRecord".
 */
export interface RoomRecord {
  kind: "room";
  room_id: string;
  name: string;
  room_kind: "plenary" | "breakout";
  order: number;
}
/**
 * Key `breakouts`; everybody; there is one only while breakouts are open.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutsRecord".
 */
export interface BreakoutsRecord {
  kind: "breakouts";
  opened_at_ms: number;
  ends_at_ms: number | null;
}
/**
 * Key `message:<message_id>`; whom its channel names.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MessageRecord".
 */
export interface MessageRecord {
  kind: "message";
  message_id: string;
  seq: number;
  author_id: string;
  channel: "room" | "everyone" | "facilitators" | "private";
  room_id: string | null;
  to_id: string | null;
  text: string;
  at_ms: number;
}
/**
 * Key `poll:<poll_id>`; the facilitators, and everybody once it has been opened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollRecord".
 */
export interface PollRecord {
  kind: "poll";
  poll_id: string;
  seq: number;
  question: string;
  options: PollOption[];
  status: "draft" | "open" | "closed";
  anonymous: boolean;
  results: "hidden" | "facilitators" | "everyone";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollOption".
 */
export interface PollOption {
  option_id: string;
  text: string;
}
/**
 * Key `tally:<poll_id>`; whom the poll's `results` names.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "TallyRecord".
 */
export interface TallyRecord {
  kind: "tally";
  poll_id: string;
  counts: OptionCount[];
  ballots: number;
  eligible: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OptionCount".
 */
export interface OptionCount {
  option_id: string;
  count: number;
}
/**
 * Key `ballot:<poll_id>:<participant_id>`; the voter only.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BallotRecord".
 */
export interface BallotRecord {
  kind: "ballot";
  poll_id: string;
  participant_id: string;
  option_ids: string[];
}
/**
 * Key `review_round:<round_id>`; the facilitators, and everybody once it has been started.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewRoundRecord".
 */
export interface ReviewRoundRecord {
  kind: "review_round";
  round_id: string;
  seq: number;
  settings: ReviewRoundSettings;
  criteria: Criterion[];
  phase: "draft" | "submit" | "read" | "review" | "discuss" | "feedback" | "closed";
  ends_at_ms: number | null;
  turn: number;
  turns: number;
  revealed: boolean;
}
/**
 * One thing to judge: by a score, a comment, or both.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Criterion".
 */
export interface Criterion {
  criterion_id: string;
  title: string;
  description?: string;
  scale?: Scale | null;
  weight?: number;
  comment?: "required" | "optional" | "none";
}
/**
 * Key `review_progress:<round_id>`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewProgressRecord".
 */
export interface ReviewProgressRecord {
  kind: "review_progress";
  round_id: string;
  drafts: number;
  submissions: number;
  assigned: number;
  done: number;
  personal_times: PersonalTime[];
  explanation: Reason[];
}
/**
 * `until_ms` once the phase is over for the others.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PersonalTime".
 */
export interface PersonalTime {
  participant_id: string;
  phase: "submit" | "review";
  extra_ms: number;
  until_ms: number | null;
}
/**
 * One item of an explanation.
 *
 * `params` are plain numbers and texts to put into a sentence, none of them about a single person except where the
 * code's sentence says so; `people` are those the reason names, in the order the sentence names them.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Reason".
 */
export interface Reason {
  code:
    | "method_random"
    | "method_attributes_mixed"
    | "method_attributes_alike"
    | "method_scores_balanced"
    | "method_scores_alike"
    | "method_jigsaw"
    | "method_rotation"
    | "sizes_even"
    | "sizes_uneven"
    | "fewer_groups"
    | "alone"
    | "attribute_spread"
    | "attribute_alike"
    | "attribute_missing"
    | "scores"
    | "scores_missing"
    | "jigsaw_covered"
    | "jigsaw_doubled"
    | "no_repeats"
    | "repeats"
    | "repeats_unavoidable"
    | "repeated_pair"
    | "kept_together"
    | "kept_apart"
    | "fixed"
    | "capacities"
    | "size_limits"
    | "excluded"
    | "absent_ignored"
    | "reviews_complete"
    | "reviews_lacking"
    | "submission_lacking"
    | "loads_even"
    | "loads_uneven"
    | "kept_assignments"
    | "more_than_asked"
    | "reassigned"
    | "not_reassigned";
  params: {
    [k: string]: number | string;
  };
  people?: string[];
}
/**
 * Key `my_work:<round_id>:<participant_id>`; that person only: the draft, and how much longer they have.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MyWorkRecord".
 */
export interface MyWorkRecord {
  kind: "my_work";
  round_id: string;
  participant_id: string;
  text: string;
  link: string;
  file_id: string | null;
  file_name: string;
  coauthor_ids: string[];
  submission_id: string | null;
  changed: boolean;
  personal_times: PersonalTime[];
}
/**
 * Key `submission:<submission_id>`; its authors and the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SubmissionRecord".
 */
export interface SubmissionRecord {
  kind: "submission";
  submission_id: string;
  round_id: string;
  author_ids: string[];
  text: string;
  link: string;
  file_id: string | null;
  file_name: string;
}
/**
 * Key `reviewed_work:<submission_id>`; its reviewers, from when they may read it.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewedWorkRecord".
 */
export interface ReviewedWorkRecord {
  kind: "reviewed_work";
  submission_id: string;
  round_id: string;
  author_ids: string[];
  text: string;
  link: string;
  file_id: string | null;
  file_name: string;
}
/**
 * Key `review:<review_id>`; its reviewer, from when they may read the work.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewRecord".
 */
export interface ReviewRecord {
  kind: "review";
  review_id: string;
  round_id: string;
  submission_id: string;
  own: boolean;
  marks: MarkItem[];
  missing: string[];
  submitted: boolean;
  rating: RatingItem | null;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MarkItem".
 */
export interface MarkItem {
  criterion_id: string;
  score: number | null;
  comment: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RatingItem".
 */
export interface RatingItem {
  rating: number;
  comment: string;
}
/**
 * Key `assignment:<review_id>`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AssignmentRecord".
 */
export interface AssignmentRecord {
  kind: "assignment";
  review_id: string;
  round_id: string;
  submission_id: string;
  reviewer_id: string;
  own: boolean;
  by_hand: boolean;
  status: "open" | "started" | "submitted";
  marks: MarkItem[];
  rating: RatingItem | null;
}
/**
 * Key `feedback:<review_id>`; the authors, from when the time for reviewing is over.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "FeedbackRecord".
 */
export interface FeedbackRecord {
  kind: "feedback";
  review_id: string;
  round_id: string;
  submission_id: string;
  reviewer_id: string | null;
  own: boolean;
  marks: MarkItem[];
  rating: RatingItem | null;
}
/**
 * Key `review_result:<submission_id>`; the authors and the facilitators, from when the time for reviewing is over.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewResultRecord".
 */
export interface ReviewResultRecord {
  kind: "review_result";
  submission_id: string;
  round_id: string;
  reviews: number;
  criteria: CriterionResult[];
  overall_percent: number | null;
  agreement_percent: number | null;
}
/**
 * Of the reviewers' scores by one criterion; `spread` is their standard deviation.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CriterionResult".
 */
export interface CriterionResult {
  criterion_id: string;
  count: number;
  median: number;
  lowest: number;
  highest: number;
  spread: number;
}
/**
 * Key `discussion:<submission_id>`; who takes part in it and the facilitators, while it runs.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DiscussionRecord".
 */
export interface DiscussionRecord {
  kind: "discussion";
  submission_id: string;
  round_id: string;
  room_id: string;
  participant_ids: string[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  last_seq?: number | null;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MediaOffer".
 */
export interface MediaOffer {
  sdp: string;
  /**
   * @maxItems 64
   */
  slots: Slot[];
}
/**
 * One m-line of the offer.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Slot".
 */
export interface Slot {
  mid: string;
  direction: "send" | "receive";
  media: "mic" | "camera" | "screen" | "screen_audio" | "audio" | "video";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MediaView".
 */
export interface MediaView {
  /**
   * @maxItems 64
   */
  tiles: ShownTile[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ShownTile".
 */
export interface ShownTile {
  participant_id: string;
  media: "camera" | "screen";
  width: number;
  height: number;
}
/**
 * How long each phase lasts, in milliseconds; null: until it is ended by hand. 0 leaves out reading, discussing or
 * feedback. `discuss_ms` is the time of one turn: everybody can be in one discussion at a time.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PhaseTimes".
 */
export interface PhaseTimes1 {
  submit_ms?: number | null;
  read_ms?: number | null;
  review_ms?: number | null;
  discuss_ms?: number | null;
  feedback_ms?: number | null;
}
