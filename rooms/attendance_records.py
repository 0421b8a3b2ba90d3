"""What viewers see of attendance. Nothing here changes because time passes: what runs is told with the time it runs from."""

from typing import Literal

from rooms.events.attendance import AttendanceRule, Verdict
from rooms.ids import ParticipantId
from rooms.messages import message


@message
class AttendanceSessionRecord:
    """Key `attendance_session`; everybody. The session's time is `clock_ms`, plus what has passed since `runs_since_ms`."""

    kind: Literal["attendance_session"] = "attendance_session"
    rule: AttendanceRule
    clock_ms: int
    runs_since_ms: int | None
    polls: int
    """Polls that have been opened so far."""
    works: int
    """Review rounds in which work could be handed in so far."""


@message
class RunningStretch:
    """Since `since_ms` this person is here and nothing of it is in the sums; what the session record said at that time."""

    since_ms: int
    clock_ms: int
    polls: int
    works: int
    in_breakout: bool
    """Where they have been since `room_since_ms`."""
    room_since_ms: int
    breakout_ms: int
    """In breakout rooms before that, in this stretch."""
    lost: bool
    """There is no connection since then; all of it counts if they come back in time, nothing if not."""


@message
class Done:
    done: int
    offered: int


@message
class AttendanceObjection:
    text: str
    at_ms: int
    answered: bool


@message
class AttendanceCorrection:
    """`session_ms` and `verdict`: what counts instead of what was measured, where not null."""

    session_ms: int | None
    verdict: Verdict | None
    text: str
    at_ms: int
    by_id: ParticipantId


@message
class AttendanceRecord:
    """Key `attendance:<participant_id>`; that person and the facilitators. Sums are without `running`."""

    kind: Literal["attendance"] = "attendance"
    participant_id: ParticipantId
    joined_at_ms: int
    left_at_ms: int | None
    """Null while they are here."""
    connections: int
    present_ms: int
    session_ms: int
    """Of it, while the session's time ran."""
    breakout_ms: int
    spoken_ms: int
    polls: Done
    reviews: Done
    works: Done
    room_works: int
    """Handed in from breakout rooms."""
    running: RunningStretch | None
    objection: AttendanceObjection | None
    """The last one."""
    correction: AttendanceCorrection | None
    """The one that holds."""
    percent: float | None
    """Null while the workshop is open, and where there was no session."""
    verdict: Verdict | None


AttendanceRecords = AttendanceSessionRecord | AttendanceRecord
