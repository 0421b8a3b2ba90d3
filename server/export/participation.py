"""Participation (rule AT13): what everybody who came, and those of the roster who did not, did of what was offered to them."""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, Field

from rooms.attendance import ParticipationReport, participation_of, participation_of_unseen
from rooms.ids import ParticipantId
from rooms.state import WorkshopState
from server.export.tables import Row, seconds

HEADER: Final = (
    "participant_id", "name", "external_id", "email", "role", "percent",
    "polls_done", "polls_offered", "reviews_done", "reviews_offered", "works_done", "works_offered",
    "breakouts_done", "breakouts_offered", "breakout_s", "spoken_s", "messages", "hands", "questions", "help_calls", "room_works",
)  # fmt: skip


class ParticipationExport(BaseModel):
    workshop_id: str
    title: str
    at_ms: int = Field(description="Until when people who are there count as present, Unix milliseconds.")
    final: bool = Field(description="Whether the workshop has ended; anonymous polls are counted from then on.")
    people: list[ParticipationReport]


def participation_export(state: WorkshopState, now_ms: int, only: ParticipantId | None = None) -> ParticipationExport:
    """Everybody's participation, or one person's."""
    who = list(state.attendance.people) if only is None else [only]
    reports = [report for each in who if (report := participation_of(state, each, now_ms)) is not None]
    return ParticipationExport(
        workshop_id=state.workshop_id,
        title=state.title,
        at_ms=now_ms,
        final=state.status == "closed",
        people=reports if only is not None else [*reports, *participation_of_unseen(state, now_ms)],
    )


def rows(found: ParticipationExport) -> Iterator[Row]:
    for each in found.people:
        yield (
            each.participant_id, each.name, each.external_id, each.email, each.role, each.percent,
            each.polls.done, each.polls.offered, each.reviews.done, each.reviews.offered, each.works.done, each.works.offered,
            each.breakouts.done, each.breakouts.offered, seconds(each.breakout_ms), seconds(each.spoken_ms),
            each.messages, each.hands, each.questions, each.help_calls, each.room_works,
        )  # fmt: skip
