"""The records of the question board. See rooms.records."""

from typing import Literal

from rooms.ids import ParticipantId, QuestionId
from rooms.messages import message

QuestionStatus = Literal["open", "answered", "dismissed", "merged"]


@message
class QuestionRecord:
    """Key `question:<question_id>`; everybody; while it is dismissed or merged, the facilitators and whoever asked."""

    kind: Literal["question"] = "question"
    question_id: QuestionId
    seq: int
    """Orders the questions by when they were asked."""
    text: str
    author_id: ParticipantId | None
    """Null if it was asked anonymously."""
    status: QuestionStatus
    votes: int
    """People who voted for it, or for one that was merged into it."""
    answer: str
    """Empty while it is not answered, and if it was answered live."""
    answered_by: ParticipantId | None
    merged_into: QuestionId | None


@message
class MyQuestionRecord:
    """Key `my_question:<question_id>:<participant_id>`; that person only."""

    kind: Literal["my_question"] = "my_question"
    question_id: QuestionId
    participant_id: ParticipantId
    asked: bool
    voted: bool


QuestionRecords = QuestionRecord | MyQuestionRecord
