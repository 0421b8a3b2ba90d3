"""The published events of the question board.

An anonymous question is published when it is answered, dismissed or merged, or when the workshop ends, not when it is asked: the time
would say who asked it. Its actor is then `system`.
"""

from typing import ClassVar

from rooms.ids import QuestionId
from rooms.messages import message
from server.publish.catalogue.data import Data


@message
class QuestionAsked(Data):
    NAME: ClassVar[str] = "question.asked"
    question_id: QuestionId
    text: str
    anonymous: bool


@message
class QuestionWithdrawn(Data):
    """Whoever asked took it back. Of an anonymous question nothing is told if it was not published yet, else this when the workshop ends."""

    NAME: ClassVar[str] = "question.withdrawn"
    question_id: QuestionId


@message
class QuestionAnswered(Data):
    """`text` is null if it was answered live. `votes` are people."""

    NAME: ClassVar[str] = "question.answered"
    question_id: QuestionId
    text: str | None
    votes: int


@message
class QuestionDismissed(Data):
    NAME: ClassVar[str] = "question.dismissed"
    question_id: QuestionId
    votes: int
