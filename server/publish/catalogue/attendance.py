"""The published events of attendance. What the numbers mean is written in `rooms/SPEC.md`, AT1 to AT11; the rule's name says by which version."""

from typing import ClassVar

from rooms.attendance_records import Done
from rooms.events.attendance import Verdict
from rooms.messages import message
from server.publish.catalogue.data import Data


@message
class ParticipantSpoke(Data):
    """For how long somebody was heard to speak since this was last told (about every 15 s, and before they leave)."""

    NAME: ClassVar[str] = "participant.spoke"
    duration_ms: int


@message
class AttendanceFinalised(Data):
    """Somebody's attendance, at the end of the workshop. `present_ms`: here; `session_ms`: of it, while a facilitator was here;
    `percent`: of the session; `polls`, `reviews`, `works`: done, of those offered. Null: there was no session."""

    NAME: ClassVar[str] = "attendance.finalised"
    rule: str
    joined_at_ms: int
    left_at_ms: int | None
    present_ms: int
    session_ms: int
    breakout_ms: int
    spoken_ms: int
    connections: int
    polls: Done
    reviews: Done
    works: Done
    percent: float | None
    verdict: Verdict | None


@message
class AttendanceObjected(Data):
    """Somebody says that this is not right. The words only where the server is set to publish them."""

    NAME: ClassVar[str] = "attendance.objected"
    length: int
    text: str | None = None


@message
class AttendanceCorrected(AttendanceFinalised):
    """A facilitator's word; what counts from now on. `supersedes`: the id of the event that holds no longer; null before the end of the
    workshop, when none has been published."""

    NAME: ClassVar[str] = "attendance.corrected"
    supersedes: str | None
