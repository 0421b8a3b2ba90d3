"""Attendance: who spoke for how long, everybody's sums at the end, objections, and corrections that supersede."""

from collections.abc import Iterator
from typing import Any

from rooms.attendance.formula import report_of
from rooms.events.attendance import AttendanceCorrected, AttendanceObjected, SpeechSummed
from rooms.events.workshop import WorkshopClosed
from rooms.ids import ParticipantId
from server.publish.catalogue import attendance as a
from server.publish.narrative.telling import Now, Told


class AttendanceTold:
    """Which event holds for whom."""

    def __init__(self) -> None:
        self._holds: dict[ParticipantId, str] = {}

    def attendance(self, now: Now) -> Iterator[Told]:
        match now.recorded.event:
            case SpeechSummed() as event:
                for each in event.spoken:
                    yield now.about(a.ParticipantSpoke, each.participant_id, None, duration_ms=each.ms)
            case WorkshopClosed():
                for who in sorted(now.state.attendance.people):
                    if fields := _fields(now, who):
                        self._holds[who] = now.next_id
                        yield now.about(a.AttendanceFinalised, who, None, **fields)
            case AttendanceObjected() as event:
                text = event.text if now.options.chat_text else None
                yield now.about(a.AttendanceObjected, event.participant_id, None, length=len(event.text), text=text)
            case AttendanceCorrected() as event if fields := _fields(now, event.participant_id):
                supersedes = self._holds.get(event.participant_id)
                if now.state.status == "closed":
                    self._holds[event.participant_id] = now.next_id
                yield now.about(a.AttendanceCorrected, event.participant_id, None, supersedes=supersedes, **fields)


def _fields(now: Now, who: ParticipantId) -> dict[str, Any]:
    """What holds of somebody's attendance; empty for somebody who was never here."""
    report = report_of(now.state, who, now.at_ms)
    if report is None:
        return {}
    person = now.state.attendance.people[who]
    corrected = None if person.correction is None else person.correction.session_ms
    return {
        "rule": now.state.attendance.rule.formula,
        "joined_at_ms": report.joined_at_ms,
        "left_at_ms": report.left_at_ms,
        "present_ms": report.present_ms,
        "session_ms": report.session_ms if corrected is None else corrected,
        "breakout_ms": report.breakout_ms,
        "spoken_ms": report.spoken_ms,
        "connections": report.connections,
        "polls": report.polls,
        "reviews": report.reviews,
        "works": report.works,
        "percent": report.percent,
        "verdict": report.verdict,
    }
