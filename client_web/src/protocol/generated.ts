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
  | ObjectToAttendance
  | CorrectAttendance
  | ImportRoster
  | OpenBreakouts
  | ReopenBreakouts
  | CloseBreakouts
  | CancelRecall
  | ChangeTimer
  | ExtendTimer
  | AddRoom
  | RenameRoom
  | SetCapacity
  | CloseRoom
  | PrepareBreakouts
  | PrepareRotation
  | PrepareJigsaw
  | EditPlan
  | RedrawPlan
  | DiscardPlan
  | OpenPlan
  | SetConstraints
  | AddPastGroups
  | MoveParticipants
  | SwapParticipants
  | EnterRoom
  | ListenIn
  | SetVoiceBroadcast
  | Broadcast
  | CallForHelp
  | TakeHelp
  | EndHelp
  | SetTask
  | MarkStep
  | HandInWork
  | WithdrawWork
  | CreatePoll
  | EditPoll
  | DiscardPoll
  | OpenPoll
  | RepeatPoll
  | ChangePollTimer
  | CastBallot
  | ClosePoll
  | ShareResults
  | HideAnswer
  | AskQuestion
  | WithdrawQuestion
  | VoteForQuestion
  | AnswerQuestion
  | DismissQuestion
  | MergeQuestions
  | ReopenQuestion
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
  | RateReview
  | SetAgenda
  | StartAgenda
  | NextStep
  | PreviousStep
  | GoToStep
  | SkipStep
  | ExtendStep
  | PrepareStep;
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
  | RosterEntryRecord
  | RoomRecord
  | RoomBoardRecord
  | RoomWorkRecord
  | HelpRecord
  | WorkRecord
  | BreakoutsRecord
  | BreakoutsSetupRecord
  | PlanRecord
  | RoundRecord
  | ConstraintsRecord
  | MessageRecord
  | PollRecord
  | AnswerKeyRecord
  | TallyRecord
  | RoomTalliesRecord
  | GroupAnswerRecord
  | AnswerRecord
  | ShiftRecord
  | BallotRecord
  | QuestionRecord
  | MyQuestionRecord
  | ReviewRoundRecord
  | ReviewProgressRecord
  | MyWorkRecord
  | SubmissionRecord
  | ReviewedWorkRecord
  | ReviewRecord
  | AssignmentRecord
  | FeedbackRecord
  | ReviewResultRecord
  | DiscussionRecord
  | AttendanceSessionRecord
  | AttendanceRecord
  | AgendaRecord
  | AgendaProgressRecord
  | AgendaStepRecord;

export interface Messages {
  ClientCommand?: ClientCommand;
  Record?: Record;
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
 * Say what is wrong with one's own attendance; also after the workshop has ended.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ObjectToAttendance".
 */
export interface ObjectToAttendance {
  text: string;
  type: "ObjectToAttendance";
}
/**
 * Answer an objection, or correct somebody's attendance without one; also after the workshop has ended.
 *
 * Replaces what was said before. With neither `session_ms` nor `verdict` what was measured holds.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CorrectAttendance".
 */
export interface CorrectAttendance {
  participant_id: string;
  session_ms?: number | null;
  verdict?: ("present" | "partial" | "absent") | null;
  text?: string;
  type: "CorrectAttendance";
}
/**
 * Take a roster (CSV or JSON text) in place of the one before. An empty text takes it away.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ImportRoster".
 */
export interface ImportRoster {
  text: string;
  type: "ImportRoster";
}
/**
 * Open rooms and spread the learners present over them, at random if nothing else is said.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenBreakouts".
 */
export interface OpenBreakouts {
  count?: number | null;
  size?: number | null;
  rooms?: RoomSetup[];
  assignment?: Random | ByAttributes | ByScore | ByRoster | SelfSelect | ByHand;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  new_partners?: boolean;
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
  switch?: boolean;
  type: "OpenBreakouts";
}
/**
 * One room to be. An empty name becomes "Room 3".
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomSetup".
 */
export interface RoomSetup {
  name?: string;
  capacity?: number | null;
  task?: RoomTask | null;
  duration_ms?: number | null;
}
/**
 * What a room has to do. `steps` are marked as done one by one; without any there is one, the whole.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomTask".
 */
export interface RoomTask {
  text?: string;
  steps?: string[];
  materials?: Material[];
}
/**
 * Something to open: a page, a document, a board.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Material".
 */
export interface Material {
  title: string;
  url: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Random".
 */
export interface Random {
  kind: "random";
}
/**
 * `mixed`: every group like the whole; `alike`: every group of one kind. The first attribute weighs most.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ByAttributes".
 */
export interface ByAttributes {
  attributes: string[];
  mode: "mixed" | "alike";
  kind: "attributes";
}
/**
 * `balanced`: equal group means, stronger with weaker; `alike`: neighbours in score.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ByScore".
 */
export interface ByScore {
  mode: "balanced" | "alike";
  kind: "score";
}
/**
 * Everybody into the room that the roster names; one room a name.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ByRoster".
 */
export interface ByRoster {
  kind: "roster";
}
/**
 * Nobody is placed: people choose a room, as far as it has room, and may change it.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SelfSelect".
 */
export interface SelfSelect {
  kind: "self_select";
}
/**
 * The people listed into the room of that index; the rest stay in the plenary, or are drawn into the rooms.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ByHand".
 */
export interface ByHand {
  groups: string[][];
  rest?: "plenary" | "random";
  kind: "by_hand";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Together".
 */
export interface Together {
  people: string[];
  kind: "together";
}
/**
 * No two of them in one group.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Apart".
 */
export interface Apart {
  people: string[];
  kind: "apart";
}
/**
 * Of every group.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MinSize".
 */
export interface MinSize {
  size: number;
  kind: "min_size";
}
/**
 * Of every group.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MaxSize".
 */
export interface MaxSize {
  size: number;
  kind: "max_size";
}
/**
 * Of one group: at most `size` people; 0 closes it.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Capacity".
 */
export interface Capacity {
  group: number;
  size: number;
  kind: "capacity";
}
/**
 * Placed by hand.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Fixed".
 */
export interface Fixed {
  person: string;
  group: number;
  kind: "fixed";
}
/**
 * `warning_ms`: how long before the end everybody is warned.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutPolicy".
 */
export interface BreakoutPolicy {
  warning_ms?: number;
  late?: "hold" | "same_room" | "smallest";
  repair?: "off" | "propose" | "automatic";
  may_leave?: boolean;
}
/**
 * Open rooms of an earlier round again, with the same people, tasks and chat.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReopenBreakouts".
 */
export interface ReopenBreakouts {
  round_id?: string | null;
  duration_ms?: number | null;
  switch?: boolean;
  type: "ReopenBreakouts";
}
/**
 * Bring everybody back to the plenary, now or after a countdown.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CloseBreakouts".
 */
export interface CloseBreakouts {
  countdown_ms?: number;
  type: "CloseBreakouts";
}
/**
 * Stop the countdown; the timer that ran before runs on.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CancelRecall".
 */
export interface CancelRecall {
  type: "CancelRecall";
}
/**
 * Say how much time is left, for all rooms or for one; null: no end.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ChangeTimer".
 */
export interface ChangeTimer {
  remaining_ms: number | null;
  room_id?: string | null;
  type: "ChangeTimer";
}
/**
 * Give more time (or less), whatever is left.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ExtendTimer".
 */
export interface ExtendTimer {
  by_ms: number;
  room_id?: string | null;
  type: "ExtendTimer";
}
/**
 * Open one more, empty room.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AddRoom".
 */
export interface AddRoom {
  name?: string;
  capacity?: number | null;
  task?: RoomTask | null;
  duration_ms?: number | null;
  type: "AddRoom";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RenameRoom".
 */
export interface RenameRoom {
  room_id: string;
  name: string;
  type: "RenameRoom";
}
/**
 * How many may choose a room; null: any number. Nobody is put out.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetCapacity".
 */
export interface SetCapacity {
  room_id: string;
  capacity: number | null;
  type: "SetCapacity";
}
/**
 * Close a single room; its people go to the plenary, or to another room.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CloseRoom".
 */
export interface CloseRoom {
  room_id: string;
  to_room_id?: string | null;
  type: "CloseRoom";
}
/**
 * Make a plan of rooms and people that can be looked at, changed and opened later. Nobody is moved.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PrepareBreakouts".
 */
export interface PrepareBreakouts {
  count?: number | null;
  size?: number | null;
  rooms?: RoomSetup[];
  assignment?: Random | ByAttributes | ByScore | ByRoster | SelfSelect | ByHand;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  new_partners?: boolean;
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
  title?: string;
  type: "PrepareBreakouts";
}
/**
 * Make a plan for each of several rounds in which as few people as possible meet twice.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PrepareRotation".
 */
export interface PrepareRotation {
  count?: number | null;
  size?: number | null;
  rooms?: RoomSetup[];
  assignment?: Random | ByAttributes | ByScore | ByRoster | SelfSelect | ByHand;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  new_partners?: boolean;
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
  title?: string;
  rounds: number;
  type: "PrepareRotation";
}
/**
 * Make two plans: expert groups, one a topic, and home groups with an expert on every topic.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PrepareJigsaw".
 */
export interface PrepareJigsaw {
  title?: string;
  topics: RoomSetup[];
  home?: RoomSetup;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
  open?: boolean;
  type: "PrepareJigsaw";
}
/**
 * Replace what a plan holds. `seq` is that of the plan's record: if somebody changed the plan since, this is refused.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "EditPlan".
 */
export interface EditPlan {
  plan_id: string;
  seq: number;
  title: string;
  rooms: PlannedRoom[];
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
  type: "EditPlan";
}
/**
 * A room of an edited plan; without `room_id` it is a new one.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PlannedRoom".
 */
export interface PlannedRoom {
  name?: string;
  capacity?: number | null;
  task?: RoomTask | null;
  duration_ms?: number | null;
  room_id?: string | null;
  participant_ids?: string[];
}
/**
 * Assign anew with the people present now.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RedrawPlan".
 */
export interface RedrawPlan {
  plan_id: string;
  type: "RedrawPlan";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DiscardPlan".
 */
export interface DiscardPlan {
  plan_id: string;
  type: "DiscardPlan";
}
/**
 * Open the plan's rooms. Learners who came since it was made go where its late-join policy sends them.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenPlan".
 */
export interface OpenPlan {
  plan_id: string;
  switch?: boolean;
  type: "OpenPlan";
}
/**
 * Say who must or must not be together in every automatic assignment of this workshop.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetConstraints".
 */
export interface SetConstraints {
  constraints: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  type: "SetConstraints";
}
/**
 * Tell who met in an earlier workshop.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AddPastGroups".
 */
export interface AddPastGroups {
  past: PastRound;
  type: "AddPastGroups";
}
/**
 * Groups that have met before. `weight` 1 is a round of this workshop; an earlier workshop may count less.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PastRound".
 */
export interface PastRound {
  groups: string[][];
  weight?: number;
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
 * Two people change places.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SwapParticipants".
 */
export interface SwapParticipants {
  first_id: string;
  second_id: string;
  type: "SwapParticipants";
}
/**
 * Go to a room oneself: facilitators and observers to any; learners to the plenary, back to theirs, or to one they choose.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "EnterRoom".
 */
export interface EnterRoom {
  room_id: string;
  type: "EnterRoom";
}
/**
 * See, hear and read these rooms, up to 12 at once, without entering them; and no others any more. None ends it.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ListenIn".
 */
export interface ListenIn {
  room_ids: string[];
  type: "ListenIn";
}
/**
 * Speak to all rooms at once, or stop.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetVoiceBroadcast".
 */
export interface SetVoiceBroadcast {
  on: boolean;
  type: "SetVoiceBroadcast";
}
/**
 * Write to everybody in all rooms, or in some.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Broadcast".
 */
export interface Broadcast {
  text: string;
  room_ids?: string[];
  type: "Broadcast";
}
/**
 * Call a facilitator to one's room.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CallForHelp".
 */
export interface CallForHelp {
  text?: string;
  type: "CallForHelp";
}
/**
 * Say that one is on the way to a room that called.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "TakeHelp".
 */
export interface TakeHelp {
  room_id: string;
  type: "TakeHelp";
}
/**
 * The call is settled (facilitators), or taken back (the room).
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "EndHelp".
 */
export interface EndHelp {
  room_id: string;
  type: "EndHelp";
}
/**
 * Give a room another task, or all rooms.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetTask".
 */
export interface SetTask {
  task: RoomTask;
  room_ids?: string[];
  type: "SetTask";
}
/**
 * Mark a step of the room's task as done or not, from within the room.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MarkStep".
 */
export interface MarkStep {
  step?: number;
  done?: boolean;
  type: "MarkStep";
}
/**
 * Bring something of the room's work back: a text, a link, or both. Everybody sees it when the room has closed.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "HandInWork".
 */
export interface HandInWork {
  title: string;
  text?: string;
  url?: string;
  type: "HandInWork";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WithdrawWork".
 */
export interface WithdrawWork {
  work_id: string;
  type: "WithdrawWork";
}
/**
 * Prepare a poll. Learners do not see it before it is opened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CreatePoll".
 */
export interface CreatePoll {
  question: string;
  kind?: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options?: string[];
  anonymous?: boolean;
  min_choices?: number | null;
  max_choices?: number | null;
  scale?: PollScale | null;
  right?: number[];
  explanation?: string;
  target?: "workshop" | "rooms" | "groups";
  duration_ms?: number | null;
  results?: "hidden" | "facilitators" | "everyone";
  open?: boolean;
  type: "CreatePoll";
}
/**
 * Whole numbers from `low` to `high`; the labels say what the ends mean.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollScale".
 */
export interface PollScale {
  low?: number;
  high?: number;
  low_label?: string;
  high_label?: string;
}
/**
 * Replace what a poll asks, while it was never opened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "EditPoll".
 */
export interface EditPoll {
  question: string;
  kind?: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options?: string[];
  anonymous?: boolean;
  min_choices?: number | null;
  max_choices?: number | null;
  scale?: PollScale | null;
  right?: number[];
  explanation?: string;
  target?: "workshop" | "rooms" | "groups";
  duration_ms?: number | null;
  results?: "hidden" | "facilitators" | "everyone";
  poll_id: string;
  type: "EditPoll";
}
/**
 * Throw away a poll that was never opened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DiscardPoll".
 */
export interface DiscardPoll {
  poll_id: string;
  type: "DiscardPoll";
}
/**
 * Open it, or open it again with its ballots.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenPoll".
 */
export interface OpenPoll {
  poll_id: string;
  duration_ms?: number | null;
  type: "OpenPoll";
}
/**
 * Ask the same again, as a second vote that can be compared with the first (vote, discuss, vote again).
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RepeatPoll".
 */
export interface RepeatPoll {
  poll_id: string;
  type: "RepeatPoll";
}
/**
 * Say how much time is left to answer; null: no end.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ChangePollTimer".
 */
export interface ChangePollTimer {
  poll_id: string;
  remaining_ms: number | null;
  type: "ChangePollTimer";
}
/**
 * Answer; answering again replaces the answer while the poll is open, except in a quiz.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CastBallot".
 */
export interface CastBallot {
  poll_id: string;
  option_ids?: string[];
  value?: number | null;
  text?: string;
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
 * Show a free answer to nobody but the facilitators, or to those who see the results again.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "HideAnswer".
 */
export interface HideAnswer {
  poll_id: string;
  answer_id: string;
  hidden?: boolean;
  type: "HideAnswer";
}
/**
 * Put a question on the board.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AskQuestion".
 */
export interface AskQuestion {
  text: string;
  anonymous?: boolean;
  type: "AskQuestion";
}
/**
 * Take back one's own question, while it is open.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WithdrawQuestion".
 */
export interface WithdrawQuestion {
  question_id: string;
  type: "WithdrawQuestion";
}
/**
 * Say that one would like it answered, or take that back.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "VoteForQuestion".
 */
export interface VoteForQuestion {
  question_id: string;
  up?: boolean;
  type: "VoteForQuestion";
}
/**
 * Answer in writing, or say that it was answered live; again replaces what was answered.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AnswerQuestion".
 */
export interface AnswerQuestion {
  question_id: string;
  text?: string;
  type: "AnswerQuestion";
}
/**
 * Take it off the board without an answer.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DismissQuestion".
 */
export interface DismissQuestion {
  question_id: string;
  type: "DismissQuestion";
}
/**
 * Make one question of two that ask the same.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MergeQuestions".
 */
export interface MergeQuestions {
  question_id: string;
  into_id: string;
  type: "MergeQuestions";
}
/**
 * Put an answered or dismissed question on the board again, or take one that was merged out of the other.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReopenQuestion".
 */
export interface ReopenQuestion {
  question_id: string;
  type: "ReopenQuestion";
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
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PhaseTimes".
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
 * Take a run sheet in place of the one before. While one runs, what is done or running stays. No steps: there is none.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SetAgenda".
 */
export interface SetAgenda {
  title?: string;
  show?: "all" | "current";
  steps: (PlenaryStep | BreakStep | BreakoutsStep | PollStep | ReviewStep)[];
  type: "SetAgenda";
}
/**
 * Everybody together.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PlenaryStep".
 */
export interface PlenaryStep {
  step_id?: string;
  title: string;
  duration_ms: number;
  notes?: string;
  advance?: "manual" | "auto";
  kind: "plenary";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakStep".
 */
export interface BreakStep {
  step_id?: string;
  title: string;
  duration_ms: number;
  notes?: string;
  advance?: "manual" | "auto";
  kind: "break";
}
/**
 * Breakout rooms, set up in one of four ways.
 *
 * By `breakouts`; as the first of a jigsaw; `same_as` an earlier step: the same rooms and people again; or as what
 * `continues` an earlier step: the next round of a rotation (which a step with `breakouts` becomes by being continued), or a
 * jigsaw's home groups.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutsStep".
 */
export interface BreakoutsStep {
  step_id?: string;
  title: string;
  duration_ms: number;
  notes?: string;
  advance?: "manual" | "auto";
  breakouts?: BreakoutSetup | null;
  jigsaw?: JigsawSetup | null;
  same_as?: string | null;
  continues?: string | null;
  task?: RoomTask | null;
  at_end?: "recall" | "keep";
  countdown_ms?: number;
  kind: "breakouts";
}
/**
 * What rooms there shall be and who comes into them.
 *
 * How many rooms: `count`, or as many as `rooms` are listed, or from `size` people in a room; a roster has as many as it
 * names. `rooms` may be fewer than there will be: the rest have no task and are called by their number.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutSetup".
 */
export interface BreakoutSetup {
  count?: number | null;
  size?: number | null;
  rooms?: RoomSetup[];
  assignment?: Random | ByAttributes | ByScore | ByRoster | SelfSelect | ByHand;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  new_partners?: boolean;
  duration_ms?: number | null;
  policy?: BreakoutPolicy;
}
/**
 * Expert groups, one a topic; the step that continues this one has the home groups.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "JigsawSetup".
 */
export interface JigsawSetup {
  topics: RoomSetup[];
  home?: RoomSetup;
  constraints?: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
  policy?: BreakoutPolicy;
}
/**
 * A poll: `poll`, or the one of an earlier step asked again (`repeats`), as a second vote to compare with the first.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollStep".
 */
export interface PollStep {
  step_id?: string;
  title: string;
  duration_ms: number;
  notes?: string;
  advance?: "manual" | "auto";
  poll?: PollSetup | null;
  repeats?: string | null;
  at_end?: "close" | "keep";
  results_at_end?: ("hidden" | "facilitators" | "everyone") | null;
  kind: "poll";
}
/**
 * What creating and editing have in common; not a command. What a kind does not use is left out.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollSetup".
 */
export interface PollSetup {
  question: string;
  kind?: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options?: string[];
  anonymous?: boolean;
  min_choices?: number | null;
  max_choices?: number | null;
  scale?: PollScale | null;
  right?: number[];
  explanation?: string;
  target?: "workshop" | "rooms" | "groups";
  duration_ms?: number | null;
  results?: "hidden" | "facilitators" | "everyone";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewStep".
 */
export interface ReviewStep {
  step_id?: string;
  title: string;
  duration_ms: number;
  notes?: string;
  advance?: "manual" | "auto";
  review: ReviewSetup;
  at_end?: "close" | "keep";
  kind: "review";
}
/**
 * A review round: its settings and what is judged.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewSetup".
 */
export interface ReviewSetup {
  title: string;
  instructions?: string;
  reviews_each?: number;
  group_rule?: "any" | "other" | "same";
  max_load?: number | null;
  blind?: "none" | "reviewer" | "double";
  reveal?: "after_review" | "closed" | "never";
  self_review?: boolean;
  times?: PhaseTimes;
  criteria: NewCriterion[];
}
/**
 * Start the first step; the plan's times count from now.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "StartAgenda".
 */
export interface StartAgenda {
  anyway?: boolean;
  type: "StartAgenda";
}
/**
 * End the step that runs and start the next one that is not skipped; after the last the agenda is over.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "NextStep".
 */
export interface NextStep {
  from_id?: string | null;
  anyway?: boolean;
  type: "NextStep";
}
/**
 * Go back to the step before. What it had is opened again.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PreviousStep".
 */
export interface PreviousStep {
  from_id?: string | null;
  anyway?: boolean;
  type: "PreviousStep";
}
/**
 * End the step that runs and start this one. Steps to come that are passed over are skipped.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GoToStep".
 */
export interface GoToStep {
  step_id: string;
  anyway?: boolean;
  type: "GoToStep";
}
/**
 * Leave out a step that is to come, or not after all.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SkipStep".
 */
export interface SkipStep {
  step_id: string;
  skip?: boolean;
  type: "SkipStep";
}
/**
 * Give the running step more time, or less. What it opened gets the same.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ExtendStep".
 */
export interface ExtendStep {
  by_ms: number;
  type: "ExtendStep";
}
/**
 * Make what a step needs now, to look at and change: groups, a poll, a review round. Nothing that runs is touched.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PrepareStep".
 */
export interface PrepareStep {
  step_id: string;
  type: "PrepareStep";
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
  home_room_id: string | null;
  listening_to: string[];
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
 * Key `roster_entry:<entry_id>`; the facilitators. Without `participant_id` nobody who came matches it.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RosterEntryRecord".
 */
export interface RosterEntryRecord {
  kind: "roster_entry";
  entry_id: string;
  line: number;
  name: string;
  email: string;
  external_id: string;
  room: string;
  participant_id: string | null;
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
  capacity: number | null;
  ends_at_ms: number | null;
}
/**
 * Key `room_board:<room_id>`; the facilitators; for open breakout rooms.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomBoardRecord".
 */
export interface RoomBoardRecord {
  kind: "room_board";
  room_id: string;
  visited_at_ms: number | null;
  alone_since_ms: number | null;
  proposed_room_id: string | null;
  spoken: Spoken[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Spoken".
 */
export interface Spoken {
  participant_id: string;
  ms: number;
}
/**
 * Key `room_work:<room_id>`; the people in the room and the facilitators; for open rooms with a task.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomWorkRecord".
 */
export interface RoomWorkRecord {
  kind: "room_work";
  room_id: string;
  task: RoomTask;
  done: number[];
}
/**
 * Key `help:<room_id>`; the people in the room and the facilitators; while a call is open. `seq` orders the queue.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "HelpRecord".
 */
export interface HelpRecord {
  kind: "help";
  room_id: string;
  seq: number;
  participant_id: string;
  text: string;
  called_at_ms: number;
  taken_by: string | null;
}
/**
 * Key `work:<work_id>`; the people in the room and the facilitators, and everybody once the room has closed.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WorkRecord".
 */
export interface WorkRecord {
  kind: "work";
  work_id: string;
  seq: number;
  room_id: string;
  room_name: string;
  author_id: string;
  title: string;
  text: string;
  url: string;
  at_ms: number;
}
/**
 * Key `breakouts`; everybody; there is one only while breakouts are open.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutsRecord".
 */
export interface BreakoutsRecord {
  kind: "breakouts";
  round_id: string;
  opened_at_ms: number;
  ends_at_ms: number | null;
  warn_at_ms: number | null;
  recall_at_ms: number | null;
  choose: boolean;
  may_leave: boolean;
  voice_id: string | null;
}
/**
 * Key `breakouts_setup`; the facilitators; while breakouts are open.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutsSetupRecord".
 */
export interface BreakoutsSetupRecord {
  kind: "breakouts_setup";
  round_id: string;
  policy: BreakoutPolicy;
  explanation: Reason[];
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
 * Key `plan:<plan_id>`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PlanRecord".
 */
export interface PlanRecord {
  kind: "plan";
  plan_id: string;
  seq: number;
  plan: BreakoutPlan;
  series: "single" | "rotation" | "jigsaw";
  position: number;
  of: number;
}
/**
 * Rooms that can be opened with one command. In a plan's rooms `participant_ids` are all who belong there.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BreakoutPlan".
 */
export interface BreakoutPlan {
  title: string;
  setup: BreakoutSetup;
  rooms: OpenedRoom[];
  drawn: boolean;
  explanation?: Reason[];
}
/**
 * A room as it opens, or is planned to: who is in it, and who is expected but not here.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "OpenedRoom".
 */
export interface OpenedRoom {
  room_id: string;
  name: string;
  participant_ids: string[];
  expected_ids?: string[];
  capacity?: number | null;
  task?: RoomTask | null;
  duration_ms?: number | null;
}
/**
 * Key `round:<round_id>`; the facilitators: breakouts that have closed and can be reopened.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoundRecord".
 */
export interface RoundRecord {
  kind: "round";
  round_id: string;
  seq: number;
  closed_at_ms: number;
  rooms: OpenedRoom[];
}
/**
 * Key `constraints`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ConstraintsRecord".
 */
export interface ConstraintsRecord {
  kind: "constraints";
  constraints: (Together | Apart | MinSize | MaxSize | Capacity | Fixed)[];
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
  announcement: boolean;
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
  poll_kind: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options: PollOption[];
  min_choices: number;
  max_choices: number;
  scale: PollScale | null;
  target: "workshop" | "rooms" | "groups";
  status: "draft" | "open" | "closed";
  closes_at_ms: number | null;
  duration_ms: number | null;
  anonymous: boolean;
  results: "hidden" | "facilitators" | "everyone";
  follows: string | null;
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
 * Key `answer_key:<poll_id>`; the facilitators, and everybody once the quiz is closed and its results are shared with everybody
 * (not while the same is asked again).
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AnswerKeyRecord".
 */
export interface AnswerKeyRecord {
  kind: "answer_key";
  poll_id: string;
  right_ids: string[];
  explanation: string;
}
/**
 * Key `tally:<poll_id>`; whom the poll's `results` names. What the poll's kind does not use is empty.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "TallyRecord".
 */
export interface TallyRecord {
  kind: "tally";
  poll_id: string;
  counts: OptionCount[];
  scores: OptionCount[];
  values: ValueCount[];
  mean: number | null;
  words: WordCount[];
  right: number | null;
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
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ValueCount".
 */
export interface ValueCount {
  value: number;
  count: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WordCount".
 */
export interface WordCount {
  word: string;
  count: number;
}
/**
 * Key `room_tallies:<poll_id>`; whom the poll's `results` names; for polls that are counted by rooms.
 *
 * Of an anonymous poll there are none before it closes, and rooms with too few answers to stay anonymous are left out.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomTalliesRecord".
 */
export interface RoomTalliesRecord {
  kind: "room_tallies";
  poll_id: string;
  rooms: RoomTally[];
}
/**
 * Like `TallyRecord`, of one room.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomTally".
 */
export interface RoomTally {
  room_id: string;
  room_name: string;
  counts: OptionCount[];
  scores: OptionCount[];
  values: ValueCount[];
  mean: number | null;
  words: WordCount[];
  ballots: number;
}
/**
 * Key `group_answer:<poll_id>:<room_id>`; the people in the room: who says what, so that they can agree.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GroupAnswerRecord".
 */
export interface GroupAnswerRecord {
  kind: "group_answer";
  poll_id: string;
  room_id: string;
  votes: GroupVote[];
  agreed: boolean;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GroupVote".
 */
export interface GroupVote {
  participant_id: string;
  option_ids: string[];
  value: number | null;
}
/**
 * Key `answer:<poll_id>:<answer_id>`; a free answer, for whom the poll's `results` names; hidden ones for the facilitators.
 *
 * Of an anonymous poll they come three or more at a time, or when it closes; their ids say nothing.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AnswerRecord".
 */
export interface AnswerRecord {
  kind: "answer";
  poll_id: string;
  answer_id: string;
  text: string;
  author_id: string | null;
  hidden: boolean;
}
/**
 * Key `shift:<poll_id>`; whom the poll's `results` names; for a second vote that is closed: people who changed their
 * answer, kept it, or had not voted before.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ShiftRecord".
 */
export interface ShiftRecord {
  kind: "shift";
  poll_id: string;
  follows: string;
  changed: number;
  kept: number;
  new: number;
}
/**
 * Key `ballot:<poll_id>:<participant_id>`; the voter, and in a poll that is not anonymous the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BallotRecord".
 */
export interface BallotRecord {
  kind: "ballot";
  poll_id: string;
  participant_id: string;
  option_ids: string[];
  value: number | null;
  text: string;
  answer_id: string | null;
}
/**
 * Key `question:<question_id>`; everybody; while it is dismissed or merged, the facilitators and whoever asked.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "QuestionRecord".
 */
export interface QuestionRecord {
  kind: "question";
  question_id: string;
  seq: number;
  text: string;
  author_id: string | null;
  status: "open" | "answered" | "dismissed" | "merged";
  votes: number;
  answer: string;
  answered_by: string | null;
  merged_into: string | null;
}
/**
 * Key `my_question:<question_id>:<participant_id>`; that person only.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MyQuestionRecord".
 */
export interface MyQuestionRecord {
  kind: "my_question";
  question_id: string;
  participant_id: string;
  asked: boolean;
  voted: boolean;
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
 * Key `attendance_session`; everybody. The session's time is `clock_ms`, plus what has passed since `runs_since_ms`.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceSessionRecord".
 */
export interface AttendanceSessionRecord {
  kind: "attendance_session";
  rule: AttendanceRule;
  clock_ms: number;
  runs_since_ms: number | null;
  polls: number;
  works: number;
}
/**
 * What counts as having been there (AT6). All limits are absolute; percentages are whole, 0 to 100.
 *
 * `expected_ms` is the length that counts as 100 %; null: as long as the session was.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceRule".
 */
export interface AttendanceRule {
  formula?: "atelier-1";
  expected_ms?: number | null;
  present_percent?: number;
  partial_percent?: number;
  activities_percent?: number;
  spoken_ms?: number;
}
/**
 * Key `attendance:<participant_id>`; that person and the facilitators. Sums are without `running`.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceRecord".
 */
export interface AttendanceRecord {
  kind: "attendance";
  participant_id: string;
  joined_at_ms: number;
  left_at_ms: number | null;
  connections: number;
  present_ms: number;
  session_ms: number;
  breakout_ms: number;
  spoken_ms: number;
  polls: Done;
  reviews: Done;
  works: Done;
  room_works: number;
  running: RunningStretch | null;
  objection: AttendanceObjection | null;
  correction: AttendanceCorrection | null;
  percent: number | null;
  verdict: ("present" | "partial" | "absent") | null;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Done".
 */
export interface Done {
  done: number;
  offered: number;
}
/**
 * Since `since_ms` this person is here and nothing of it is in the sums; what the session record said at that time.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RunningStretch".
 */
export interface RunningStretch {
  since_ms: number;
  clock_ms: number;
  polls: number;
  works: number;
  in_breakout: boolean;
  room_since_ms: number;
  breakout_ms: number;
  lost: boolean;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceObjection".
 */
export interface AttendanceObjection {
  text: string;
  at_ms: number;
  answered: boolean;
}
/**
 * `session_ms` and `verdict`: what counts instead of what was measured, where not null.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceCorrection".
 */
export interface AttendanceCorrection {
  session_ms: number | null;
  verdict: ("present" | "partial" | "absent") | null;
  text: string;
  at_ms: number;
  by_id: string;
}
/**
 * Key `agenda`; everybody.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AgendaRecord".
 */
export interface AgendaRecord {
  kind: "agenda";
  title: string;
  status: "ready" | "running" | "ended";
  steps: AgendaEntry[];
  current_id: string | null;
  started_at_ms: number | null;
  ends_at_ms: number | null;
}
/**
 * A step as everybody sees it. `title` is empty while the sheet keeps it to the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AgendaEntry".
 */
export interface AgendaEntry {
  step_id: string;
  step_kind: "plenary" | "breakouts" | "poll" | "review" | "break";
  title: string;
  duration_ms: number;
  status: "todo" | "running" | "done" | "skipped";
}
/**
 * Key `agenda_progress`; the facilitators. Drift and projection hold if the running step ends in time; while it overruns, add
 * what it is over.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AgendaProgressRecord".
 */
export interface AgendaProgressRecord {
  kind: "agenda_progress";
  version: number;
  started_at_ms: number | null;
  next_id: string | null;
  drift_ms: number | null;
  planned_end_ms: number | null;
  projected_end_ms: number | null;
  held: boolean;
}
/**
 * Key `agenda_step:<step_id>`; the facilitators.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AgendaStepRecord".
 */
export interface AgendaStepRecord {
  kind: "agenda_step";
  step_id: string;
  order: number;
  step: PlenaryStep | BreakStep | BreakoutsStep | PollStep | ReviewStep;
  status: "todo" | "running" | "done" | "skipped";
  planned_start_ms: number | null;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  poll_id: string | null;
  plan_id: string | null;
  round_id: string | null;
  review_round_id: string | null;
  warnings: StepWarning[];
}
/**
 * What facilitators should know of a step: `code` for programs, `message` for people.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "StepWarning".
 */
export interface StepWarning {
  code: string;
  message: string;
}
/**
 * `seq`: the journal's position of what the command caused.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Accepted".
 */
export interface Accepted {
  ok: true;
  seq: number;
}
/**
 * How often what happened, all people together.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Activity".
 */
export interface Activity {
  messages: number;
  hands: number;
  questions: number;
  questions_answered: number;
  help_calls: number;
  breakout_rounds: number;
  room_works: number;
}
/**
 * The answer to an offer.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Answered".
 */
export interface Answered {
  ok: true;
  sdp: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ArrivalAnswer".
 */
export interface ArrivalAnswer {
  workshop_id: string;
  title: string;
  /**
   * `scheduled` until a facilitator has been there; `ended` for good.
   */
  state: "scheduled" | "open" | "ended";
  /**
   * When the first person came, Unix milliseconds; null before.
   */
  began_at_ms: number | null;
  /**
   * When it was closed; null before.
   */
  ended_at_ms: number | null;
  /**
   * What of the record this token reads: a facilitator's all of it, that of a person who has been there their own.
   */
  record: "all" | "own" | "none";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AskedQuestion".
 */
export interface AskedQuestion {
  question_id: string;
  text: string;
  anonymous: boolean;
  status: "open" | "answered" | "dismissed" | "merged";
  /**
   * Of the question it was merged into, if it was.
   */
  answer: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceExport".
 */
export interface AttendanceExport {
  workshop_id: string;
  title: string;
  /**
   * Until when people who are there count as present, Unix milliseconds.
   */
  at_ms: number;
  rule: AttendanceRule;
  /**
   * What counts as 100 %; 0 where no session has begun.
   */
  session_ms: number;
  people: AttendanceReport[];
}
/**
 * One person's attendance at a moment. Times are Unix milliseconds, durations milliseconds.
 *
 * `participant_id` is null for somebody of the roster who never came. Time in doubt (the connection is lost) is not counted.
 * `measured_verdict` is what the formula gives without a correction; both are null where there was no session.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceReport".
 */
export interface AttendanceReport {
  participant_id: string | null;
  name: string;
  external_id: string;
  email: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  joined_at_ms: number | null;
  left_at_ms: number | null;
  connections: number;
  present_ms: number;
  session_ms: number;
  breakout_ms: number;
  spoken_ms: number;
  rooms: RoomTime[];
  polls: Done;
  reviews: Done;
  works: Done;
  room_works: number;
  percent: number | null;
  verdict: ("present" | "partial" | "absent") | null;
  measured_percent: number | null;
  measured_verdict: ("present" | "partial" | "absent") | null;
  objection: string;
  objected_at_ms: number | null;
  correction: string;
  corrected_at_ms: number | null;
  corrected_by: string | null;
  final: boolean;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "RoomTime".
 */
export interface RoomTime {
  room_id: string;
  name: string;
  ms: number;
}
/**
 * Verdicts count learners; those of the roster who never came are absent.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "AttendanceTotals".
 */
export interface AttendanceTotals {
  /**
   * People who were ever there, whatever their role.
   */
  came: number;
  /**
   * Learners who were ever there.
   */
  learners: number;
  /**
   * People of the roster who never came.
   */
  never_came: number;
  present: number;
  partial: number;
  absent: number;
  /**
   * Of the learners who came, their percentages of the session; null without any.
   */
  mean_percent: number | null;
  /**
   * Objections that nobody has answered.
   */
  objections_open: number;
}
/**
 * An RTCIceServer of the browser's.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "BrowserIceServer".
 */
export interface BrowserIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}
/**
 * A line of what somebody says, as far as it is known. The same `line` again is more of it, or says it better, until it is `final`.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Caption".
 */
export interface Caption {
  line: number;
  text: string;
  final: boolean;
  /**
   * BCP 47
   */
  lang?: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "CaptionLine".
 */
export interface CaptionLine {
  participant_id: string;
  text: string;
  final: boolean;
  lang: string;
}
/**
 * Removals first, then puts. `seq`: the journal's position after them, `since`: the one before.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Changes".
 */
export interface Changes {
  since: number;
  seq: number;
  put: Put[];
  remove: string[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Put".
 */
export interface Put {
  key: string;
  record:
    | WorkshopRecord
    | MeRecord
    | ParticipantRecord
    | WaitingRecord
    | BanRecord
    | RosterEntryRecord
    | RoomRecord
    | RoomBoardRecord
    | RoomWorkRecord
    | HelpRecord
    | WorkRecord
    | BreakoutsRecord
    | BreakoutsSetupRecord
    | PlanRecord
    | RoundRecord
    | ConstraintsRecord
    | MessageRecord
    | PollRecord
    | AnswerKeyRecord
    | TallyRecord
    | RoomTalliesRecord
    | GroupAnswerRecord
    | AnswerRecord
    | ShiftRecord
    | BallotRecord
    | QuestionRecord
    | MyQuestionRecord
    | ReviewRoundRecord
    | ReviewProgressRecord
    | MyWorkRecord
    | SubmissionRecord
    | ReviewedWorkRecord
    | ReviewRecord
    | AssignmentRecord
    | FeedbackRecord
    | ReviewResultRecord
    | DiscussionRecord
    | AttendanceSessionRecord
    | AttendanceRecord
    | AgendaRecord
    | AgendaProgressRecord
    | AgendaStepRecord;
}
/**
 * The server's clock, Unix time in milliseconds.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ClockAck".
 */
export interface ClockAck {
  ok: true;
  now_ms: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "DueReview".
 */
export interface DueReview {
  review_id: string;
  round_id: string;
  round_title: string;
  submission_id: string;
  /**
   * Of their own work.
   */
  own: boolean;
  /**
   * Whether it can still be done.
   */
  status: "due" | "not_done";
  /**
   * Titles of the criteria that lack what they need.
   */
  missing: string[];
}
/**
 * The servers to turn to when this one is lost, now that there is one which was not named before.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Entries".
 */
export interface Entries {
  entries: string[];
}
/**
 * On a submission of theirs; `reviews` and `result` once the time for reviewing is over.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Feedback".
 */
export interface Feedback {
  round_id: string;
  round_title: string;
  phase: "draft" | "submit" | "read" | "review" | "discuss" | "feedback" | "closed";
  criteria: Criterion[];
  submission: SubmissionRecord;
  result: ReviewResultRecord | null;
  /**
   * In the order of their ids, which are drawn.
   */
  reviews: FeedbackRecord[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Goodbye".
 */
export interface Goodbye {
  code: string;
  message: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Group".
 */
export interface Group {
  room_id: string;
  name: string;
  /**
   * Who belonged there, whether or not they were there all the time.
   */
  people: Named[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Named".
 */
export interface Named {
  participant_id: string;
  name: string;
  external_id: string;
  email: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GroupRound".
 */
export interface GroupRound {
  round_id: string;
  /**
   * From 1, of those that are kept.
   */
  number: number;
  status: "open" | "closed";
  closed_at_ms: number | null;
  /**
   * Whether people chose their rooms.
   */
  self_select: boolean;
  rooms: Group[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "GroupsExport".
 */
export interface GroupsExport {
  workshop_id: string;
  title: string;
  rounds: GroupRound[];
  /**
   * Handed in from the rooms.
   */
  works: WorkRecord[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  last_seq?: number | null;
}
/**
 * `snapshot`: the records are all there are. `node`: the server's process; where it differs, media must be offered anew. `entries`:
 * servers to turn to when this one is lost.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "HelloAck".
 */
export interface HelloAck {
  ok: true;
  participant_id: string;
  connection_id: string;
  workshop_id: string;
  now_ms: number;
  since: number;
  seq: number;
  snapshot: boolean;
  put: Put[];
  remove: string[];
  rtc: Rtc;
  node: string;
  entries: string[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Rtc".
 */
export interface Rtc {
  ice_servers: BrowserIceServer[];
}
/**
 * `participant_id` is null for somebody of the roster who never came, and missed everything.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "LearnerSummary".
 */
export interface LearnerSummary {
  participant_id: string | null;
  attendance: AttendanceReport;
  participation: ParticipationReport;
  missed: Missed;
  quizzes: Quizzes;
  reviews_due: DueReview[];
  feedback: Feedback[];
  questions: AskedQuestion[];
}
/**
 * One person's participation at a moment. Durations are milliseconds, everything else counts.
 *
 * `participant_id` is null for somebody of the roster who never came. `percent`: done of all that was offered; null if nothing was.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ParticipationReport".
 */
export interface ParticipationReport {
  participant_id: string | null;
  name: string;
  external_id: string;
  email: string;
  role: "facilitator" | "cofacilitator" | "learner" | "observer";
  percent: number | null;
  polls: Done;
  reviews: Done;
  works: Done;
  breakouts: Done;
  breakout_ms: number;
  spoken_ms: number;
  messages: number;
  hands: number;
  questions: number;
  help_calls: number;
  room_works: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Missed".
 */
export interface Missed {
  steps: MissedStep[];
  breakouts: MissedBreakouts[];
  polls: MissedPoll[];
  works: MissedWork[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MissedStep".
 */
export interface MissedStep {
  step_id: string;
  kind: "plenary" | "breakouts" | "poll" | "review" | "break";
  title: string;
  started_at_ms: number;
  took_ms: number;
  /**
   * Of it, while this person was there.
   */
  present_ms: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MissedBreakouts".
 */
export interface MissedBreakouts {
  round_id: string;
  /**
   * From 1, of all that were opened in the workshop.
   */
  number: number;
  why: "away" | "not_done";
  /**
   * The name of the room they belonged to; null if there was none.
   */
  room: string | null;
  /**
   * What that room had to do.
   */
  task: RoomTask | null;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MissedPoll".
 */
export interface MissedPoll {
  poll_id: string;
  question: string;
  kind: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options: PollOption[];
  /**
   * Of a quiz, once it may be told; else null.
   */
  right_ids: string[] | null;
  /**
   * Likewise; else empty.
   */
  explanation: string;
  why: "away" | "not_done";
  anonymous: boolean;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MissedWork".
 */
export interface MissedWork {
  round_id: string;
  title: string;
  why: "away" | "not_done";
}
/**
 * Of those that are closed and whose key may be told.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Quizzes".
 */
export interface Quizzes {
  answered: number;
  right: number;
  wrong: WrongAnswer[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WrongAnswer".
 */
export interface WrongAnswer {
  poll_id: string;
  question: string;
  kind: "single" | "multiple" | "scale" | "ranking" | "text" | "words" | "quiz";
  options: PollOption[];
  /**
   * Of a quiz, once it may be told; else null.
   */
  right_ids: string[] | null;
  /**
   * Likewise; else empty.
   */
  explanation: string;
  answered_ids: string[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "LearnerSummaryExport".
 */
export interface LearnerSummaryExport {
  workshop_id: string;
  title: string;
  /**
   * Until when people who are there count as present, Unix milliseconds.
   */
  at_ms: number;
  /**
   * Whether the workshop has ended.
   */
  final: boolean;
  summary: LearnerSummary;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "MediaClosed".
 */
export interface MediaClosed {
  state: "closed";
  code: string;
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
 * The workshop is there now; connect there, then close here.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Moved".
 */
export interface Moved {
  url: string;
}
/**
 * The answer to a view, a reaction or a caption.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Noted".
 */
export interface Noted {
  ok: true;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "PollResult".
 */
export interface PollResult {
  poll: PollRecord;
  /**
   * Of a quiz.
   */
  key: AnswerKeyRecord | null;
  /**
   * Null before it is opened, and where its results are hidden.
   */
  tally: TallyRecord | null;
  rooms: RoomTally[];
  /**
   * Free answers, in the order of their ids, which are drawn.
   */
  answers: AnswerRecord[];
  /**
   * Of a second vote.
   */
  shift: ShiftRecord | null;
}
/**
 * Something for everybody in the room to see for a moment; a signal, kept nowhere.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "React".
 */
export interface React {
  reaction: "thumbs_up" | "clap" | "heart" | "laugh" | "celebrate" | "think";
}
/**
 * `url`: where the workshop is instead.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Refused".
 */
export interface Refused {
  ok: false;
  code: string;
  message: string;
  rule: string | null;
  retryable: boolean;
  url?: string;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "ReviewRoundSummary".
 */
export interface ReviewRoundSummary {
  round_id: string;
  title: string;
  phase: "draft" | "submit" | "read" | "review" | "discuss" | "feedback" | "closed";
  criteria: Criterion[];
  reviews_assigned: number;
  reviews_done: number;
  /**
   * Mean over the submissions that have a result.
   */
  overall_percent: number | null;
  /**
   * Likewise.
   */
  agreement_percent: number | null;
  submissions: SubmissionSummary[];
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SubmissionSummary".
 */
export interface SubmissionSummary {
  submission_id: string;
  authors: Named[];
  reviews_assigned: number;
  reviews_done: number;
  /**
   * When reviewing is over.
   */
  result: ReviewResultRecord | null;
}
/**
 * Any of these. `slots`: those that changed, by mid. `rooms`: who speaks in which room, for facilitators. `paused`: layers (by rid) of
 * what this client sends that nobody takes.
 *
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Signals".
 */
export interface Signals {
  slots?: {
    [k: string]: SlotBinding | null;
  };
  speaking?: string[];
  rooms?: {
    [k: string]: string[];
  };
  reactions?: {
    [k: string]: "thumbs_up" | "clap" | "heart" | "laugh" | "celebrate" | "think";
  };
  captions?: {
    [k: string]: CaptionLine;
  };
  paused?: {
    [k: string]: string[];
  };
  media?: MediaClosed;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "SlotBinding".
 */
export interface SlotBinding {
  participant_id: string;
  media: "mic" | "camera" | "screen" | "screen_audio";
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "StepSummary".
 */
export interface StepSummary {
  step_id: string;
  kind: "plenary" | "breakouts" | "poll" | "review" | "break";
  title: string;
  status: "todo" | "running" | "done" | "skipped";
  planned_ms: number;
  /**
   * The last time it ran, Unix milliseconds; null if it never did.
   */
  started_at_ms: number | null;
  /**
   * The last time it ran; null if it never did.
   */
  took_ms: number | null;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "Talk".
 */
export interface Talk {
  who: Named;
  spoken_ms: number;
  /**
   * Of all that was spoken.
   */
  share_percent: number;
}
/**
 * This interface was referenced by `Messages`'s JSON-Schema
 * via the `definition` "WorkshopSummary".
 */
export interface WorkshopSummary {
  workshop_id: string;
  title: string;
  /**
   * Of when this is, Unix milliseconds.
   */
  at_ms: number;
  /**
   * Whether the workshop has ended.
   */
  final: boolean;
  /**
   * When the first person came.
   */
  began_at_ms: number | null;
  /**
   * When it was closed.
   */
  ended_at_ms: number | null;
  /**
   * What counts as 100 % of attendance; 0 where no session has begun.
   */
  session_ms: number;
  attendance: AttendanceTotals;
  /**
   * Who was heard, the one who spoke most first.
   */
  talk: Talk[];
  /**
   * The facilitators' share of it; null if nobody was heard.
   */
  talk_hosts_percent: number | null;
  activity: Activity;
  agenda: StepSummary[];
  polls: PollResult[];
  reviews: ReviewRoundSummary[];
}
