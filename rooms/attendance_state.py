"""The state of the attendance fold. Written by `rooms.attendance` only.

Presence is kept as *stretches*: a stretch begins where nothing is open any more about what was before, and is added to the totals when it ends.
While a connection is lost the stretch since then is in doubt: it counts if the person comes back, and never happened if not.
"""

from dataclasses import dataclass, field

from rooms.events.attendance import AttendanceRule, Verdict
from rooms.ids import ParticipantId, PollId, ReviewRoundId, RoomId, RoundId
from rooms.roles import Role


@dataclass(slots=True)
class Stretch:
    """Presence that is not added up yet. `clock_ms` and `opened`: the session's time and the activities when it began."""

    since_ms: int
    clock_ms: int
    opened: int
    room_id: RoomId
    room_since_ms: int
    room_ms: dict[RoomId, int] = field(default_factory=dict)
    """In rooms before `room_id`."""
    lost: bool = False
    """The last connection was lost when it began."""


@dataclass(slots=True)
class Objection:
    text: str
    at_ms: int
    answered: bool = False


@dataclass(slots=True)
class Correction:
    session_ms: int | None
    verdict: Verdict | None
    text: str
    at_ms: int
    by: ParticipantId


@dataclass(slots=True)
class Contributions:
    """How often somebody took part with a name (AT13)."""

    messages: int = 0
    hands: int = 0
    questions: int = 0
    help_calls: int = 0


@dataclass(slots=True)
class Attendance:
    """One person. `offered` and `done` are sets of activities, as bits by their number."""

    role: Role
    joined_at_ms: int
    left_at_ms: int | None = None
    """When they were last here; None while they are."""
    connections: int = 0
    room_ms: dict[RoomId, int] = field(default_factory=dict)
    session_ms: int = 0
    offered: int = 0
    done: int = 0
    reviews_assigned: int = 0
    reviews_done: int = 0
    room_works: int = 0
    spoken_ms: int = 0
    contributions: Contributions = field(default_factory=Contributions)
    stays: list[tuple[int, int]] = field(default_factory=list)
    """From when until when they were here, as far as it is added up; those that touch are one."""
    stretch: Stretch | None = None
    objections: int = 0
    objection: Objection | None = None
    correction: Correction | None = None


@dataclass(slots=True)
class AttendanceState:
    """`clock_ms` is the session's time up to `runs_since_ms`, from where it runs on; None: it stands still."""

    rule: AttendanceRule = field(default_factory=AttendanceRule)
    people: dict[ParticipantId, Attendance] = field(default_factory=dict)
    hosts: set[ParticipantId] = field(default_factory=set)
    """Facilitators and co-facilitators who are here and connected."""
    clock_ms: int = 0
    runs_since_ms: int | None = None
    numbers: dict[PollId | ReviewRoundId | RoundId, int] = field(default_factory=dict)
    """Activity → its number, in the order of being opened first."""
    polls: int = 0
    """Which activities are polls, as bits."""
    uncounted: int = 0
    """Which of them do not count (yet), because they are anonymous."""
    grouped: int = 0
    """Which of them are answered by groups, and so offered to who takes part."""
    works: int = 0
    """Which activities are works to hand in, as bits."""
    breakouts: int = 0
    """Which activities are breakout rooms to take part in, as bits."""
    closed_at_ms: int | None = None
    """When the workshop was closed."""
    handing_in: set[ReviewRoundId] = field(default_factory=set)
    """Rounds in which work is handed in now."""
    changed: tuple[ParticipantId, ...] = ()
    """Whom the last event of the fold was about."""

    @property
    def began_at_ms(self) -> int | None:
        """When the first person came."""
        return min((person.joined_at_ms for person in self.people.values()), default=None)
