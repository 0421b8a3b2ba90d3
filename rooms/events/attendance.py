"""Attendance: what was spoken, what people object to, what facilitators correct. Presence itself is in the events about people."""

from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message, personal

Verdict = Literal["present", "partial", "absent"]


@message
class AttendanceRule:
    """What counts as having been there (AT6). All limits are absolute; percentages are whole, 0 to 100.

    `expected_ms` is the length that counts as 100 %; null: as long as the session was.
    """

    formula: Literal["atelier-1"] = "atelier-1"
    expected_ms: int | None = None
    present_percent: int = 75
    partial_percent: int = 25
    activities_percent: int = 0
    """Of the polls, reviews and works offered, how many must be done to be present."""
    spoken_ms: int = 0
    """How long somebody must have spoken to be present."""


@message
class Spoken:
    participant_id: ParticipantId
    ms: int


@message
class SpeechSummed:
    """How long people have spoken since this was last told; people who have not are not listed."""

    spoken: tuple[Spoken, ...]
    type: Literal["SpeechSummed"] = "SpeechSummed"


@message
class AttendanceObjected:
    """Somebody says that what is recorded of them is not right."""

    participant_id: ParticipantId
    text: str = personal("participant_id")
    type: Literal["AttendanceObjected"] = "AttendanceObjected"


@message
class AttendanceCorrected:
    """A facilitator's word on somebody's attendance; supersedes the one before. Both null: what was measured holds."""

    participant_id: ParticipantId
    session_ms: int | None
    """The time in the session that counts."""
    verdict: Verdict | None
    text: str = personal("participant_id")
    type: Literal["AttendanceCorrected"] = "AttendanceCorrected"
