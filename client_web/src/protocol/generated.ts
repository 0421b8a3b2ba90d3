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
  | ShareResults;
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
  | BallotRecord;

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
