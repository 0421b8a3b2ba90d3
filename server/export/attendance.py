"""Attendance (rules AT): a report for everybody who came, and for those of the roster who did not."""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, Field

from rooms.attendance import AttendanceReport, report_of, unseen
from rooms.attendance.formula import session_length_ms
from rooms.events.attendance import AttendanceRule
from rooms.ids import ParticipantId
from rooms.state import WorkshopState
from server.export.tables import Row, moment, seconds

HEADER: Final = (
    "participant_id", "name", "external_id", "email", "role", "joined_at", "left_at", "connections",
    "present_s", "session_s", "breakout_s", "spoken_s", "percent", "verdict", "measured_percent", "measured_verdict",
    "polls_done", "polls_offered", "reviews_done", "reviews_offered", "works_done", "works_offered", "room_works",
    "objection", "objected_at", "correction", "corrected_at", "corrected_by", "final", "formula",
)  # fmt: skip


class AttendanceExport(BaseModel):
    workshop_id: str
    title: str
    at_ms: int = Field(description="Until when people who are there count as present, Unix milliseconds.")
    rule: AttendanceRule
    session_ms: int = Field(description="What counts as 100 %; 0 where no session has begun.")
    people: list[AttendanceReport]


def attendance_of(state: WorkshopState, now_ms: int, only: ParticipantId | None = None) -> AttendanceExport:
    """Everybody's attendance, or one person's."""
    who = list(state.attendance.people) if only is None else [only]
    reports = [report for each in who if (report := report_of(state, each, now_ms)) is not None]
    return AttendanceExport(
        workshop_id=state.workshop_id,
        title=state.title,
        at_ms=now_ms,
        rule=state.attendance.rule,
        session_ms=session_length_ms(state.attendance, now_ms),
        people=reports if only is not None else [*reports, *unseen(state, now_ms)],
    )


def rows(found: AttendanceExport) -> Iterator[Row]:
    for each in found.people:
        yield (
            each.participant_id, each.name, each.external_id, each.email, each.role,
            moment(each.joined_at_ms), moment(each.left_at_ms), each.connections,
            seconds(each.present_ms), seconds(each.session_ms), seconds(each.breakout_ms), seconds(each.spoken_ms),
            each.percent, each.verdict, each.measured_percent, each.measured_verdict,
            each.polls.done, each.polls.offered, each.reviews.done, each.reviews.offered,
            each.works.done, each.works.offered, each.room_works,
            each.objection, moment(each.objected_at_ms), each.correction, moment(each.corrected_at_ms),
            each.corrected_by, each.final, found.rule.formula,
        )  # fmt: skip
