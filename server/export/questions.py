"""The question board: what was asked, how many wanted to know, and what was answered; made of the records that facilitators see.

So who asked anonymously, or voted, is in it nowhere (QU3, QU5). The order is that of the board.
"""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, Field

from rooms.ids import ParticipantId, QuestionId
from rooms.question_records import QuestionRecord, QuestionStatus
from rooms.state import WorkshopState
from server.export.people import Named, named
from server.export.records import seen
from server.export.tables import Row

HEADER: Final = (
    "question_id", "question", "status", "votes", "participant_id", "name", "external_id", "email", "answer", "answered_by", "merged_into"
)  # fmt: skip


class ExportedQuestion(BaseModel):
    question_id: QuestionId
    text: str
    status: QuestionStatus
    votes: int
    author: Named | None = Field(description="Null if it was asked anonymously.")
    answer: str = Field(description="Empty while it is not answered, and if it was answered live.")
    answered_by: ParticipantId | None
    merged_into: QuestionId | None


class QuestionsExport(BaseModel):
    workshop_id: str
    title: str
    questions: list[ExportedQuestion]


def questions_of(state: WorkshopState) -> QuestionsExport:
    records = (seen(state, f"question:{question_id}", QuestionRecord) for question_id in state.questions)
    return QuestionsExport(
        workshop_id=state.workshop_id,
        title=state.title,
        questions=[_exported(state, record) for record in records if record is not None],
    )


def _exported(state: WorkshopState, record: QuestionRecord) -> ExportedQuestion:
    return ExportedQuestion(
        question_id=record.question_id,
        text=record.text,
        status=record.status,
        votes=record.votes,
        author=None if record.author_id is None else named(state, record.author_id),
        answer=record.answer,
        answered_by=record.answered_by,
        merged_into=record.merged_into,
    )


def rows(found: QuestionsExport) -> Iterator[Row]:
    for each in found.questions:
        who = each.author
        person = (None,) * 4 if who is None else (who.participant_id, who.name, who.external_id, who.email)
        yield (
            *(each.question_id, each.text, each.status, each.votes, *person),
            *(each.answer, each.answered_by, each.merged_into),
        )
