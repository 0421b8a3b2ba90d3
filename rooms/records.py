"""What viewers see: the state as a flat map of records, each with a key, content and the audiences that may see it.

Theory of operation. A snapshot is every record one of whose audiences the viewer belongs to. A change is a record
put (whole, replacing the old one) or removed. So a client's whole reducer is "put" and "remove", a resumed client
needs only the records that changed since, and what a viewer may not know (another's ballot, a draft poll, another room's
chat) is a record it never gets, rather than a field somebody must remember to blank.

Keys are `<kind>` or `<kind>:<id>`; `kind` is also a field of every record, and the tag of the union `Record`.
"""

from typing import Literal

from rooms.agenda_records import AgendaRecords
from rooms.attendance_records import AttendanceRecords
from rooms.events.attendance import Spoken
from rooms.events.breakouts import BreakoutPlan, BreakoutPolicy, OpenedRoom, RoomTask
from rooms.events.chat import Channel
from rooms.events.stage import Media
from rooms.explanation import Reason
from rooms.grouping.model import Constraint
from rooms.ids import (
    MessageId,
    ParticipantId,
    PlanId,
    RoomId,
    RosterEntryId,
    RoundId,
    WorkId,
    WorkshopId,
)
from rooms.messages import message
from rooms.poll_records import PollRecords
from rooms.question_records import QuestionRecords
from rooms.review_records import ReviewRecords
from rooms.roles import Role

ALL = "all"
FACILITATORS = "facilitators"
LOBBY = "lobby"
"""Those who wait to be let in."""


def room_audience(room_id: RoomId) -> str:
    """The people in a room at the moment."""
    return f"room:{room_id}"


def person_audience(participant_id: ParticipantId) -> str:
    """One person, on all their connections."""
    return f"person:{participant_id}"


def waiting_audience(participant_id: ParticipantId) -> str:
    """One person while they wait in the lobby. Not their `person_audience`: who was removed and waits again must not get back
    what was said to them inside."""
    return f"waiting:{participant_id}"


@message
class WorkshopRecord:
    """Key `workshop`; everybody, also those who wait in the lobby."""

    kind: Literal["workshop"] = "workshop"
    workshop_id: WorkshopId
    title: str
    status: Literal["open", "closed"]
    lobby: bool
    """Newcomers wait until they are admitted."""
    locked: bool
    """Newcomers are turned away."""
    forbidden: tuple[Media, ...]
    """What only the facilitators, and those specially allowed, may send in the plenary."""


@message
class MeRecord:
    """Key `me:<participant_id>`; that person only."""

    kind: Literal["me"] = "me"
    participant_id: ParticipantId
    allowed: tuple[str, ...]
    """The command types this person's role may give, so that a client offers nothing that would be refused."""


@message
class ParticipantRecord:
    """Key `participant:<participant_id>`; everybody."""

    kind: Literal["participant"] = "participant"
    participant_id: ParticipantId
    name: str
    role: Role
    presence: Literal["present", "reconnecting", "left"]
    room_id: RoomId
    hand_raised_seq: int | None
    """Null when the hand is down; else a number that orders the raised hands."""
    mic: bool
    camera: bool
    screen: bool
    may_send: tuple[Media, ...]
    """What they may switch on where they are."""
    home_room_id: RoomId | None
    """The open breakout room they belong to, also while they are elsewhere or gone."""
    listening_to: tuple[RoomId, ...]
    """The room that this facilitator sees, hears and reads without being in it."""


@message
class WaitingRecord:
    """Key `waiting:<participant_id>`; the facilitators and that person, while the person waits in the lobby."""

    kind: Literal["waiting"] = "waiting"
    participant_id: ParticipantId
    seq: int
    """Orders those who wait by when they came."""
    name: str
    role: Role
    since_ms: int
    reconnecting: bool


@message
class BanRecord:
    """Key `ban:<participant_id>`; the facilitators."""

    kind: Literal["ban"] = "ban"
    participant_id: ParticipantId
    name: str


@message
class RoomRecord:
    """Key `room:<room_id>`; everybody. Who is in it stands in the participants' records."""

    kind: Literal["room"] = "room"
    room_id: RoomId
    name: str
    room_kind: Literal["plenary", "breakout"]
    order: int
    capacity: int | None
    """How many learners may choose it."""
    ends_at_ms: int | None
    """When this room alone closes; it closes with the others in any case."""


@message
class BreakoutsRecord:
    """Key `breakouts`; everybody; there is one only while breakouts are open."""

    kind: Literal["breakouts"] = "breakouts"
    round_id: RoundId
    opened_at_ms: int
    ends_at_ms: int | None
    warn_at_ms: int | None
    """When everybody is to be warned that the end is near."""
    recall_at_ms: int | None
    """When the countdown to the recall ends, while it runs."""
    choose: bool
    """Whether learners choose their room."""
    may_leave: bool
    """Whether learners may go to the plenary and back."""
    voice_id: ParticipantId | None
    """The facilitator who is heard in all rooms."""


@message
class BreakoutsSetupRecord:
    """Key `breakouts_setup`; the facilitators; while breakouts are open."""

    kind: Literal["breakouts_setup"] = "breakouts_setup"
    round_id: RoundId
    policy: BreakoutPolicy
    explanation: tuple[Reason, ...]


@message
class RoomBoardRecord:
    """Key `room_board:<room_id>`; the facilitators; for open breakout rooms."""

    kind: Literal["room_board"] = "room_board"
    room_id: RoomId
    visited_at_ms: int | None
    """When a facilitator was last there or listened in; whether one is now, the participants' records say."""
    alone_since_ms: int | None
    """Since when one learner is left here because the others dropped out."""
    proposed_room_id: RoomId | None
    """Where that learner could go."""
    spoken: tuple[Spoken, ...]
    """How long who is there now was heard in this room since it was opened; whoever was not is left out."""


@message
class RoomWorkRecord:
    """Key `room_work:<room_id>`; the people in the room and the facilitators; for open rooms with a task."""

    kind: Literal["room_work"] = "room_work"
    room_id: RoomId
    task: RoomTask
    done: tuple[int, ...]
    """Indexes of the steps that are done; a task without steps has one, 0."""


@message
class HelpRecord:
    """Key `help:<room_id>`; the people in the room and the facilitators; while a call is open. `seq` orders the queue."""

    kind: Literal["help"] = "help"
    room_id: RoomId
    seq: int
    participant_id: ParticipantId
    text: str
    called_at_ms: int
    taken_by: ParticipantId | None


@message
class WorkRecord:
    """Key `work:<work_id>`; the people in the room and the facilitators, and everybody once the room has closed."""

    kind: Literal["work"] = "work"
    work_id: WorkId
    seq: int
    room_id: RoomId
    room_name: str
    author_id: ParticipantId
    title: str
    text: str
    url: str
    at_ms: int


@message
class PlanRecord:
    """Key `plan:<plan_id>`; the facilitators."""

    kind: Literal["plan"] = "plan"
    plan_id: PlanId
    seq: int
    """Of the last change; `EditPlan` names it."""
    plan: BreakoutPlan
    series: Literal["single", "rotation", "jigsaw"]
    position: int
    of: int


@message
class RoundRecord:
    """Key `round:<round_id>`; the facilitators: breakouts that have closed and can be reopened."""

    kind: Literal["round"] = "round"
    round_id: RoundId
    seq: int
    closed_at_ms: int
    rooms: tuple[OpenedRoom, ...]
    """`participant_ids`: who belonged there."""


@message
class ConstraintsRecord:
    """Key `constraints`; the facilitators."""

    kind: Literal["constraints"] = "constraints"
    constraints: tuple[Constraint, ...]


@message
class RosterEntryRecord:
    """Key `roster_entry:<entry_id>`; the facilitators. Without `participant_id` nobody who came matches it."""

    kind: Literal["roster_entry"] = "roster_entry"
    entry_id: RosterEntryId
    line: int
    name: str
    email: str
    external_id: str
    room: str
    participant_id: ParticipantId | None


@message
class MessageRecord:
    """Key `message:<message_id>`; whom its channel names."""

    kind: Literal["message"] = "message"
    message_id: MessageId
    seq: int
    author_id: ParticipantId
    channel: Channel
    room_id: RoomId | None
    to_id: ParticipantId | None
    text: str
    announcement: bool
    """Whether a facilitator wrote it to all rooms at once."""
    at_ms: int


Record = (
    WorkshopRecord | MeRecord | ParticipantRecord | WaitingRecord | BanRecord | RosterEntryRecord
    | RoomRecord | RoomBoardRecord | RoomWorkRecord | HelpRecord | WorkRecord
    | BreakoutsRecord | BreakoutsSetupRecord | PlanRecord | RoundRecord | ConstraintsRecord
    | MessageRecord
    | PollRecords
    | QuestionRecords
    | ReviewRecords
    | AttendanceRecords
    | AgendaRecords
)  # fmt: skip
