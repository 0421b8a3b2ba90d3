"""The state of a workshop, as the fold of its events. Only the `evolve_*` functions of the features write to it.

It is mutable on purpose: evolving an event costs what the event changes, not what the workshop holds. Whoever needs an
older state keeps the events and folds them again.
"""

from dataclasses import dataclass, field
from typing import Literal

from rooms.agenda_state import Agenda
from rooms.attendance_state import AttendanceState
from rooms.events.breakouts import BreakoutPlan, BreakoutPolicy, OpenedRoom, RoomTask, WorkHandedIn
from rooms.events.chat import MessagePosted
from rooms.events.stage import Media
from rooms.explanation import Reason
from rooms.grouping.model import Constraint, PastRound
from rooms.ids import (
    PLENARY,
    ConnectionId,
    MessageId,
    ParticipantId,
    PlanId,
    PollId,
    QuestionId,
    ReviewId,
    ReviewRoundId,
    RoomId,
    RosterEntryId,
    RoundId,
    SubmissionId,
    WorkId,
    WorkshopId,
)
from rooms.poll_state import Poll
from rooms.question_state import Question
from rooms.review_state import ReviewRound
from rooms.roles import Role


@dataclass(slots=True)
class Participant:
    """A person, whatever their connections. `room_id` stays what it was when they leave, so that they can come back."""

    participant_id: ParticipantId
    name: str
    role: Role
    room_id: RoomId
    connections: set[ConnectionId] = field(default_factory=set)
    left: bool = False
    hand_raised_seq: int | None = None
    mic: bool = False
    camera: bool = False
    screen: bool = False
    forbidden: set[Media] = field(default_factory=set)
    """What this person may not send anywhere."""
    granted: set[Media] = field(default_factory=set)
    """What this person may send although it is forbidden to everybody in the plenary."""
    removed: bool = False
    """Was put out: comes back through the lobby only."""
    external_id: str = ""
    email: str = ""


@dataclass(slots=True)
class Waiting:
    """Somebody in the lobby."""

    participant_id: ParticipantId
    seq: int
    name: str
    role: Role
    since_ms: int
    external_id: str = ""
    email: str = ""
    connections: set[ConnectionId] = field(default_factory=set)


@dataclass(slots=True)
class Help:
    """A room's call for help. `seq` orders the queue."""

    seq: int
    participant_id: ParticipantId
    text: str
    called_at_ms: int
    taken_by: ParticipantId | None = None


@dataclass(slots=True)
class Room:
    """Rooms stay known after they have closed: messages and people who return refer to them."""

    room_id: RoomId
    name: str
    kind: Literal["plenary", "breakout"]
    order: int
    open: bool = True
    people: dict[ParticipantId, None] = field(default_factory=dict)
    """Who is in it now, in the order they came; kept by `rooms.placing`."""
    members: dict[ParticipantId, None] = field(default_factory=dict)
    """Who belongs to it, here or not, as it was open last."""
    learners: int = 0
    """How many of them are learners."""
    screen_id: ParticipantId | None = None
    """Whose screen is shown in it."""
    capacity: int | None = None
    ends_at_ms: int | None = None
    """When this room alone closes."""
    task: RoomTask | None = None
    done: set[int] = field(default_factory=set)
    """Steps of the task that are done."""
    help: Help | None = None
    visited_at_ms: int | None = None
    """When a facilitator was last in it or listened in."""
    spoken_ms: dict[ParticipantId, int] = field(default_factory=dict)
    """How long whom was heard in it since it was opened."""


@dataclass(slots=True)
class Breakouts:
    """The rooms that are open now. `home` says where everybody belongs who was placed, also while they are elsewhere."""

    round_id: RoundId
    opened_at_ms: int
    ends_at_ms: int | None
    room_ids: list[RoomId]
    home: dict[ParticipantId, RoomId]
    policy: BreakoutPolicy
    choose: bool
    explanation: tuple[Reason, ...]
    recall_at_ms: int | None = None
    """When the recall's countdown ends, while it runs."""
    voice_id: ParticipantId | None = None
    """Who is heard in all rooms."""
    listening: dict[ParticipantId, tuple[RoomId, ...]] = field(default_factory=dict)
    """Facilitators who see, hear and read rooms without being in them → which, never none."""
    unheard: tuple[ParticipantId, ...] = ()
    """Who listened to the room that closed last."""
    alone: dict[RoomId, int] = field(default_factory=dict)
    """Rooms where one learner was left when the others dropped out → since when."""


@dataclass(slots=True)
class PastBreakouts:
    """Rooms that were open, as they were when they closed."""

    round_id: RoundId
    seq: int
    closed_at_ms: int
    rooms: tuple[OpenedRoom, ...]
    """`participant_ids`: who belonged there."""
    policy: BreakoutPolicy
    choose: bool
    explanation: tuple[Reason, ...] = ()
    ends_at_ms: int | None = None
    """When they would have closed by themselves."""
    room_ends_ms: dict[RoomId, int] = field(default_factory=dict)
    """When single rooms would have."""


@dataclass(slots=True)
class Plan:
    """`seq` is that of its last change."""

    plan_id: PlanId
    seq: int
    plan: BreakoutPlan
    series: Literal["single", "rotation", "jigsaw"]
    position: int
    of: int


@dataclass(slots=True)
class RosterEntry:
    """Somebody expected; `participant_id` once they have been found among those who came."""

    entry_id: RosterEntryId
    line: int
    email: str
    external_id: str
    name: str
    room: str
    score: float | None
    attributes: dict[str, str]
    participant_id: ParticipantId | None = None


@dataclass(slots=True)
class Roster:
    """`index` and `people`: key ("id:…", "email:…") → entries, and people, that are called so."""

    entries: dict[RosterEntryId, RosterEntry] = field(default_factory=dict)
    entry_of: dict[ParticipantId, RosterEntryId] = field(default_factory=dict)
    index: dict[str, set[RosterEntryId]] = field(default_factory=dict)
    people: dict[str, set[ParticipantId]] = field(default_factory=dict)
    dropped: tuple[RosterEntryId, ...] = ()
    """The entries of the roster before."""


@dataclass(slots=True)
class Work:
    """Something handed in, with its place in the journal."""

    seq: int
    at_ms: int
    handed_in: WorkHandedIn


@dataclass(slots=True)
class Message:
    """A posted message with its place in the journal."""

    seq: int
    at_ms: int
    posted: MessagePosted


@dataclass(slots=True)
class WorkshopState:
    """`seq` is the last event folded in, `now_ms` its time; `status` is `new` before `WorkshopCreated`."""

    workshop_id: WorkshopId = field(default=WorkshopId(""))
    title: str = ""
    programme: str = ""
    status: Literal["new", "open", "closed"] = "new"
    grace_ms: int = 60_000
    seq: int = 0
    now_ms: int = 0
    participants: dict[ParticipantId, Participant] = field(default_factory=dict)
    lobby_on: bool = False
    locked: bool = False
    forbidden: set[Media] = field(default_factory=set)
    """What only facilitators, and those it is granted to, may send in the plenary."""
    lobby: dict[ParticipantId, Waiting] = field(default_factory=dict)
    """Who waits, in order. Nobody is in `lobby` and present at once."""
    banned: dict[ParticipantId, str] = field(default_factory=dict)
    """Who is not let in → the name they had."""
    banned_keys: dict[ParticipantId, frozenset[str]] = field(default_factory=dict)
    """Who is not let in → what they are called elsewhere (`rosters.keys_of`)."""
    present_facilitators: int = 0
    lost: dict[ParticipantId, int] = field(default_factory=dict)
    """People in their grace, participants and waiting → when it ends, in that order: the grace is the same for all, so
    insertion keeps it."""
    present_voters: int = 0
    """People present whose role may vote."""
    rooms: dict[RoomId, Room] = field(
        default_factory=lambda: {PLENARY: Room(room_id=PLENARY, name="Plenary", kind="plenary", order=0)}
    )
    breakouts: Breakouts | None = None
    rounds: dict[RoundId, PastBreakouts] = field(default_factory=dict)
    """Breakouts that were closed, in order."""
    forgotten_round: RoundId | None = None
    """The round that the last one pushed out of view."""
    plans: dict[PlanId, Plan] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    past_groups: list[PastRound] = field(default_factory=list)
    roster: Roster = field(default_factory=Roster)
    works: dict[WorkId, Work] = field(default_factory=dict)
    messages: dict[MessageId, Message] = field(default_factory=dict)
    forgotten_message: MessageId | None = None
    """The message that the last one pushed out of view."""
    polls: dict[PollId, Poll] = field(default_factory=dict)
    open_polls: set[PollId] = field(default_factory=set)
    questions: dict[QuestionId, Question] = field(default_factory=dict)
    withdrawn_question: Question | None = None
    """The one that was taken back last, with all its votes, and which were part of it."""
    review_rounds: dict[ReviewRoundId, ReviewRound] = field(default_factory=dict)
    active_reviews: set[ReviewRoundId] = field(default_factory=set)
    """Rounds that are started and not closed."""
    round_of_submission: dict[SubmissionId, ReviewRoundId] = field(default_factory=dict)
    round_of_review: dict[ReviewId, ReviewRoundId] = field(default_factory=dict)
    last_group: dict[ParticipantId, RoomId] = field(default_factory=dict)
    """Which breakout room people were in last, discussions of reviews left out."""
    discussion_rooms: set[RoomId] = field(default_factory=set)
    attendance: AttendanceState = field(default_factory=AttendanceState)
    agenda: Agenda | None = None
