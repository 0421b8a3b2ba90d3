"""What the state knows of the question board. See rooms.state."""

from dataclasses import dataclass, field

from rooms.ids import ParticipantId, QuestionId
from rooms.question_records import QuestionStatus


@dataclass(slots=True)
class Question:
    question_id: QuestionId
    seq: int
    text: str
    participant_id: ParticipantId
    """Who asked; goes into a record only of a question that is not anonymous."""
    anonymous: bool
    status: QuestionStatus = "open"
    votes: set[ParticipantId] = field(default_factory=set)
    """Of its own; `rooms.questions.supporters` adds those of the merged ones."""
    merged: list[QuestionId] = field(default_factory=list)
    """Those that are part of it."""
    merged_into: QuestionId | None = None
    answer: str = ""
    answered_by: ParticipantId | None = None
