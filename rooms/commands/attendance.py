"""Attendance: object to what is recorded, answer and correct it."""

from typing import Literal

from rooms.events.attendance import Spoken, Verdict
from rooms.ids import ParticipantId
from rooms.messages import message


@message
class SumSpeech:
    """The media plane has heard these people for so long since the last time."""

    spoken: tuple[Spoken, ...]
    type: Literal["SumSpeech"] = "SumSpeech"


@message
class ObjectToAttendance:
    """Say what is wrong with one's own attendance; also after the workshop has ended."""

    text: str
    type: Literal["ObjectToAttendance"] = "ObjectToAttendance"


@message
class CorrectAttendance:
    """Answer an objection, or correct somebody's attendance without one; also after the workshop has ended.

    Replaces what was said before. With neither `session_ms` nor `verdict` what was measured holds.
    """

    participant_id: ParticipantId
    session_ms: int | None = None
    verdict: Verdict | None = None
    text: str = ""
    type: Literal["CorrectAttendance"] = "CorrectAttendance"
