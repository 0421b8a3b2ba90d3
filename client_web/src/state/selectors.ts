/** What screens need of the records, worked out in one place. Pure. */
import type { Records } from "../core/records";
import type {
  AgendaRecord, AnswerKeyRecord, AnswerRecord, BallotRecord, BreakoutsRecord, GroupAnswerRecord, MeRecord, MessageRecord, MyQuestionRecord, ParticipantRecord,
  PollRecord, QuestionRecord, RoomRecord, RoomTalliesRecord, ShiftRecord, TallyRecord, WaitingRecord, WireRecord, WorkshopRecord,
} from "../protocol/wire";

type Kind = WireRecord["kind"];
type OfKind<K extends Kind> = Extract<WireRecord, { kind: K }>;

export function ofKind<K extends Kind>(records: Records, kind: K): OfKind<K>[] {
  const found: OfKind<K>[] = [];
  for (const record of records.byKey.values()) if (record.kind === kind) found.push(record as OfKind<K>);
  return found;
}

export interface RoomView {
  room: RoomRecord;
  people: ParticipantRecord[];
}

/** A poll with all that the viewer may know of it. */
export interface PollView {
  poll: PollRecord;
  tally: TallyRecord | null;
  /** One's own. */
  ballot: BallotRecord | null;
  /** The right answers of a quiz. */
  key: AnswerKeyRecord | null;
  rooms: RoomTalliesRecord | null;
  /** What those in one's room say, in a poll for groups. */
  group: GroupAnswerRecord | null;
  answers: AnswerRecord[];
  shift: ShiftRecord | null;
  /** Of a second vote: the tally of the first, by option in the poll's order. */
  before: TallyRecord | null;
}

export interface QuestionView {
  question: QuestionRecord;
  /** What the viewer has to do with it. */
  mine: MyQuestionRecord | null;
}

export interface WorkshopView {
  workshop: WorkshopRecord | null;
  meId: string | null;
  /** Null before one is in: while connecting, and in the lobby. */
  me: ParticipantRecord | null;
  allowed: ReadonlySet<string>;
  isHost: boolean;
  /** People who are there, facilitators first, then by name. */
  people: ParticipantRecord[];
  rooms: RoomView[];
  here: RoomView | null;
  breakouts: BreakoutsRecord | null;
  agenda: AgendaRecord | null;
  messages: MessageRecord[];
  polls: PollView[];
  /** Everybody's name, also of those who have left. */
  names: ReadonlyMap<string, string>;
  /** The question board: open ones first, the most wanted before the others. */
  questions: QuestionView[];
  hands: ParticipantRecord[];
  /** Who waits in the lobby, the first to come first. */
  waiting: WaitingRecord[];
  /** Objections to attendance that nobody has answered; of others for facilitators only. */
  objections: number;
}

const QUESTION_ORDER: readonly QuestionRecord["status"][] = ["open", "answered", "dismissed", "merged"];

export const isHost = (person: Pick<ParticipantRecord, "role">): boolean =>
  person.role === "facilitator" || person.role === "cofacilitator";

/** Made once: with 200 people `localeCompare` is most of the cost of a change. */
const alphabet = new Intl.Collator();

const byRoleAndName = (a: ParticipantRecord, b: ParticipantRecord): number =>
  Number(isHost(b)) - Number(isHost(a)) || alphabet.compare(a.name, b.name) || a.participant_id.localeCompare(b.participant_id);

/** `roomName`: what a room is called on this screen. */
export function workshopView(records: Records, participantId: string | null, roomName = (name: string): string => name): WorkshopView {
  const get = <T extends WireRecord>(key: string): T | null => (records.byKey.get(key) as T | undefined) ?? null;
  const people = ofKind(records, "participant").filter((person) => person.presence !== "left").sort(byRoleAndName);
  const me = people.find((person) => person.participant_id === participantId) ?? null;
  const rooms = ofKind(records, "room")
    .sort((a, b) => a.order - b.order)
    .map((room) => ({ room: { ...room, name: roomName(room.name) }, people: people.filter((person) => person.room_id === room.room_id) }));
  const answers = ofKind(records, "answer").sort((a, b) => a.answer_id.localeCompare(b.answer_id));
  return {
    workshop: get<WorkshopRecord>("workshop"),
    meId: participantId,
    me,
    allowed: new Set(participantId === null ? [] : get<MeRecord>(`me:${participantId}`)?.allowed),
    isHost: me !== null && isHost(me),
    people,
    rooms,
    here: rooms.find(({ room }) => room.room_id === me?.room_id) ?? null,
    breakouts: get<BreakoutsRecord>("breakouts"),
    agenda: get<AgendaRecord>("agenda"),
    messages: ofKind(records, "message").sort((a, b) => a.seq - b.seq),
    polls: ofKind(records, "poll")
      .sort((a, b) => b.seq - a.seq)
      .map((poll) => ({
        poll,
        tally: get<TallyRecord>(`tally:${poll.poll_id}`),
        ballot: get<BallotRecord>(`ballot:${poll.poll_id}:${participantId ?? ""}`),
        key: get<AnswerKeyRecord>(`answer_key:${poll.poll_id}`),
        rooms: get<RoomTalliesRecord>(`room_tallies:${poll.poll_id}`),
        group: get<GroupAnswerRecord>(`group_answer:${poll.poll_id}:${me?.room_id ?? ""}`),
        answers: answers.filter((answer) => answer.poll_id === poll.poll_id),
        shift: get<ShiftRecord>(`shift:${poll.poll_id}`),
        before: poll.follows === null ? null : get<TallyRecord>(`tally:${poll.follows}`),
      })),
    questions: ofKind(records, "question")
      .sort((a, b) => QUESTION_ORDER.indexOf(a.status) - QUESTION_ORDER.indexOf(b.status) || b.votes - a.votes || a.seq - b.seq)
      .map((question) => ({ question, mine: get<MyQuestionRecord>(`my_question:${question.question_id}:${participantId ?? ""}`) })),
    names: new Map(ofKind(records, "participant").map((person) => [person.participant_id, person.name])),
    hands: people
      .filter((person) => person.hand_raised_seq !== null)
      .sort((a, b) => (a.hand_raised_seq ?? 0) - (b.hand_raised_seq ?? 0)),
    waiting: ofKind(records, "waiting").sort((a, b) => a.seq - b.seq),
    objections: ofKind(records, "attendance").filter(({ objection }) => objection !== null && !objection.answered).length,
  };
}

/** Whole seconds left until `endsAtMs` by the server's clock; never negative. */
export function secondsLeft(endsAtMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((endsAtMs - nowMs) / 1000));
}

export function clockText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** One or two letters for somebody without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0] ?? "?").join("").toLocaleUpperCase();
}
