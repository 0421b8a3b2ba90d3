"""The state of a workshop, as the fold of its events. Only the `evolve_*` functions of the features write to it.

It is mutable on purpose: evolving an event costs what the event changes, not what the workshop holds. Whoever needs an
older state keeps the events and folds them again.
"""

from dataclasses import dataclass, field
from typing import Literal

from rooms.events.chat import MessagePosted
from rooms.events.polls import PollOption, ResultsAudience
from rooms.events.stage import Media
from rooms.ids import (
    PLENARY,
    ConnectionId,
    MessageId,
    OptionId,
    ParticipantId,
    PollId,
    ReviewId,
    ReviewRoundId,
    RoomId,
    SubmissionId,
    WorkshopId,
)
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


@dataclass(slots=True)
class Waiting:
    """Somebody in the lobby."""

    participant_id: ParticipantId
    seq: int
    name: str
    role: Role
    since_ms: int
    connections: set[ConnectionId] = field(default_factory=set)


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
    screen_id: ParticipantId | None = None
    """Whose screen is shown in it."""


@dataclass(slots=True)
class Breakouts:
    opened_at_ms: int
    ends_at_ms: int | None
    room_ids: tuple[RoomId, ...]


@dataclass(slots=True)
class Message:
    """A posted message with its place in the journal."""

    seq: int
    at_ms: int
    posted: MessagePosted


@dataclass(slots=True)
class Poll:
    poll_id: PollId
    seq: int
    question: str
    options: tuple[PollOption, ...]
    anonymous: bool
    status: Literal["draft", "open", "closed"] = "draft"
    results: ResultsAudience = "facilitators"
    ballots: dict[ParticipantId, tuple[OptionId, ...]] = field(default_factory=dict)
    counts: dict[OptionId, int] = field(default_factory=dict)
    """Ballots an option, kept beside `ballots` so that a tally costs what it shows."""
    gone: set[ParticipantId] = field(default_factory=set)
    """Who has voted and could not vote now: left, or an observer since. Kept while the poll is open."""
    closed_eligible: int = 0
    """How many could vote when the poll was closed."""


@dataclass(slots=True)
class WorkshopState:
    """`seq` is the last event folded in, `now_ms` its time; `status` is `new` before `WorkshopCreated`."""

    workshop_id: WorkshopId = field(default=WorkshopId(""))
    title: str = ""
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
    messages: dict[MessageId, Message] = field(default_factory=dict)
    forgotten_message: MessageId | None = None
    """The message that the last one pushed out of view."""
    polls: dict[PollId, Poll] = field(default_factory=dict)
    open_polls: set[PollId] = field(default_factory=set)
    review_rounds: dict[ReviewRoundId, ReviewRound] = field(default_factory=dict)
    active_reviews: set[ReviewRoundId] = field(default_factory=set)
    """Rounds that are started and not closed."""
    round_of_submission: dict[SubmissionId, ReviewRoundId] = field(default_factory=dict)
    round_of_review: dict[ReviewId, ReviewRoundId] = field(default_factory=dict)
    last_group: dict[ParticipantId, RoomId] = field(default_factory=dict)
    """Which breakout room people were in last, discussions of reviews left out."""
    discussion_rooms: set[RoomId] = field(default_factory=set)
