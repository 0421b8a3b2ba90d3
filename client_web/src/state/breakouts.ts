/** What the screens about breakout rooms need, worked out of the records; and the form to open rooms, made into a command. Pure. */
import type { Records } from "../core/records";
import type {
  ClientCommand, ConstraintsRecord, HelpRecord, OpenBreakouts, ParticipantRecord, PlanRecord, RoomBoardRecord, RoomSetup, RoomTask, RoomWorkRecord,
  RosterEntryRecord, RoundRecord, WorkRecord,
} from "../protocol/wire";
import { isHost, ofKind, type RoomView, type WorkshopView } from "./selectors";

export interface RoomCardView extends RoomView {
  work: RoomWorkRecord | null;
  help: HelpRecord | null;
  /** Place in the queue of calls, from 1; 0 without a call. */
  helpPlace: number;
  board: RoomBoardRecord | null;
  /** Facilitators who are in the room, or listen to it, now. */
  attended: ParticipantRecord[];
  works: WorkRecord[];
}

export interface BreakoutsView {
  cards: RoomCardView[];
  /** Calls for help, the first to call first. */
  calls: HelpRecord[];
  plans: PlanRecord[];
  /** Rooms that were open, the last first. */
  rounds: RoundRecord[];
  roster: RosterEntryRecord[];
  constraints: ConstraintsRecord["constraints"];
  works: WorkRecord[];
}

export function breakoutsView(records: Records, view: WorkshopView): BreakoutsView {
  const calls = ofKind(records, "help").sort((a, b) => a.seq - b.seq);
  const works = ofKind(records, "work").sort((a, b) => a.seq - b.seq);
  const get = <T extends RoomWorkRecord | RoomBoardRecord>(kind: T["kind"], roomId: string): T | null =>
    (records.byKey.get(`${kind}:${roomId}`) as T | undefined) ?? null;
  return {
    cards: view.rooms
      .filter(({ room }) => room.room_kind === "breakout")
      .map(({ room, people }) => ({
        room,
        people,
        work: get<RoomWorkRecord>("room_work", room.room_id),
        board: get<RoomBoardRecord>("room_board", room.room_id),
        help: calls.find((call) => call.room_id === room.room_id) ?? null,
        helpPlace: calls.findIndex((call) => call.room_id === room.room_id) + 1,
        attended: view.people.filter((person) => isHost(person) && (person.room_id === room.room_id || person.listening_to.includes(room.room_id))),
        works: works.filter((work) => work.room_id === room.room_id),
      })),
    calls,
    plans: ofKind(records, "plan").sort((a, b) => a.seq - b.seq || a.position - b.position),
    rounds: ofKind(records, "round").sort((a, b) => b.seq - a.seq),
    roster: ofKind(records, "roster_entry").sort((a, b) => a.line - b.line),
    constraints: ofKind(records, "constraints")[0]?.constraints ?? [],
    works,
  };
}

/** Done steps of all steps; a task without steps has one. */
export function progressOf(work: RoomWorkRecord): { done: number; of: number } {
  return { done: work.done.length, of: Math.max(1, work.task.steps?.length ?? 0) };
}

// ── the form ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export const METHODS = ["random", "by_hand", "self_select", "roster", "mixed", "alike", "balanced", "similar", "rotation", "jigsaw"] as const;
export type Method = (typeof METHODS)[number];

export interface Setup {
  method: Method;
  by: "count" | "size";
  /** Rooms, or people in a room. */
  number: number;
  /** 0: no end. */
  minutes: number;
  title: string;
  /** Names of the rooms, one a line. */
  names: string;
  task: string;
  /** One a line. */
  steps: string;
  link: string;
  attribute: string;
  rounds: number;
  /** One a line. */
  topics: string;
  /** Places in a room that people choose themselves; 0: any number. */
  capacity: number;
  newPartners: boolean;
  late: "hold" | "same_room" | "smallest";
  repair: "off" | "propose" | "automatic";
  mayLeave: boolean;
  /** By hand: person → index of the room. */
  placed: Readonly<Record<string, number>>;
  /** By hand: what happens with everybody else. */
  rest: "plenary" | "random";
}

export const firstSetup: Setup = {
  method: "random", by: "count", number: 2, minutes: 0, title: "", names: "", task: "", steps: "", link: "", attribute: "", rounds: 3, topics: "",
  capacity: 0, newPartners: false, late: "same_room", repair: "propose", mayLeave: true, placed: {}, rest: "plenary",
};

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
const ROOMS_KNOWN: readonly Method[] = ["jigsaw", "roster"];

/** Whether the form asks how many rooms there shall be. */
export const asksForRooms = (setup: Setup): boolean => !ROOMS_KNOWN.includes(setup.method);
/** Whether this is several rounds, which are prepared and opened one after the other. */
export const isSeries = (setup: Setup): boolean => setup.method === "rotation" || setup.method === "jigsaw";

export function taskOf(setup: Setup): RoomTask | null {
  const url = setup.link.trim();
  const task = { text: setup.task.trim(), steps: lines(setup.steps), materials: url === "" ? [] : [{ title: url.replace(/^https?:\/\//, ""), url }] };
  return task.text === "" && task.steps.length === 0 && task.materials.length === 0 ? null : task;
}

/** How many rooms the form makes of so many learners; 0 where others say it. */
export function roomCount(setup: Setup, learners: number): number {
  if (!asksForRooms(setup)) return setup.method === "jigsaw" ? lines(setup.topics).length : 0;
  if (setup.by === "count" || setup.method === "by_hand" || setup.method === "self_select") return setup.number;
  return Math.max(1, Math.ceil(learners / Math.max(1, setup.number)));
}

/** Sizes of the rooms if people are spread evenly: `[least, most]`. */
export function roomSizes(setup: Setup, learners: number): [number, number] {
  const count = roomCount(setup, learners);
  return count < 1 ? [0, 0] : [Math.floor(learners / count), Math.ceil(learners / count)];
}

function assignmentOf(setup: Setup, count: number): NonNullable<OpenBreakouts["assignment"]> {
  switch (setup.method) {
    case "by_hand":
      return {
        kind: "by_hand",
        groups: Array.from({ length: count }, (_, index) => Object.keys(setup.placed).filter((id) => setup.placed[id] === index)),
        rest: setup.rest,
      };
    case "self_select":
      return { kind: "self_select" };
    case "roster":
      return { kind: "roster" };
    case "mixed":
    case "alike":
      return { kind: "attributes", attributes: setup.attribute.split(",").map((each) => each.trim()).filter((each) => each !== ""), mode: setup.method };
    case "balanced":
      return { kind: "score", mode: "balanced" };
    case "similar":
      return { kind: "score", mode: "alike" };
    default:
      return { kind: "random" };
  }
}

/** The command that opens rooms like that at once, or prepares them. Series are always prepared. */
export function commandOf(setup: Setup, learners: number, action: "open" | "prepare"): ClientCommand {
  const task = taskOf(setup);
  const policy = { late: setup.late, repair: setup.repair, may_leave: setup.mayLeave };
  const duration_ms = setup.minutes > 0 ? setup.minutes * 60_000 : null;
  const title = setup.title.trim();
  if (setup.method === "jigsaw") {
    return { type: "PrepareJigsaw", title, topics: lines(setup.topics).map((name) => ({ name, task })), duration_ms, policy, open: action === "open" };
  }
  const names = lines(setup.names);
  const count = roomCount(setup, learners);
  const capacity = setup.method === "self_select" && setup.capacity > 0 ? setup.capacity : null;
  const said = task !== null || capacity !== null || names.length > 0;
  const rooms: RoomSetup[] = said && count > 0 ? Array.from({ length: count }, (_, index) => ({ name: names[index] ?? "", task, capacity })) : [];
  const bySize = setup.by === "size" && rooms.length === 0 && !["by_hand", "self_select"].includes(setup.method);
  const common = {
    count: asksForRooms(setup) && !bySize ? count : null,
    size: asksForRooms(setup) && bySize ? setup.number : null,
    rooms, duration_ms, policy, new_partners: setup.newPartners, assignment: assignmentOf(setup, count),
  };
  if (setup.method === "rotation") return { type: "PrepareRotation", title, rounds: setup.rounds, ...common };
  return action === "open" ? { type: "OpenBreakouts", ...common } : { type: "PrepareBreakouts", title, ...common };
}

/** The change of a plan that puts somebody into another of its rooms, or (null) into none. */
export function movedInPlan({ plan_id, seq, plan }: PlanRecord, who: string, roomId: string | null): ClientCommand {
  return {
    type: "EditPlan", plan_id, seq, title: plan.title, duration_ms: plan.setup.duration_ms ?? null, policy: plan.setup.policy ?? {},
    rooms: plan.rooms.map(({ room_id, name, capacity, task, duration_ms, participant_ids }) => {
      const others = participant_ids.filter((id) => id !== who);
      return {
        room_id, name, capacity: capacity ?? null, task: task ?? null, duration_ms: duration_ms ?? null,
        participant_ids: room_id === roomId ? [...others, who] : others,
      };
    }),
  };
}

/** When the rooms end for this person, whatever ends them first; null without any timer. */
export function endsAt(view: WorkshopView): number | null {
  if (view.breakouts === null) return null;
  const ends = [view.breakouts.ends_at_ms, view.breakouts.recall_at_ms, view.here?.room.ends_at_ms ?? null];
  return ends.reduce((first, end) => (end !== null && (first === null || end < first) ? end : first), null);
}
