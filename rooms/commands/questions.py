"""The question board."""

from typing import Literal

from rooms.ids import QuestionId
from rooms.messages import message


@message
class AskQuestion:
    """Put a question on the board."""

    text: str
    anonymous: bool = False
    """Whether nobody is told who asked, the facilitators included."""
    type: Literal["AskQuestion"] = "AskQuestion"


@message
class WithdrawQuestion:
    """Take back one's own question, while it is open."""

    question_id: QuestionId
    type: Literal["WithdrawQuestion"] = "WithdrawQuestion"


@message
class VoteForQuestion:
    """Say that one would like it answered, or take that back."""

    question_id: QuestionId
    up: bool = True
    type: Literal["VoteForQuestion"] = "VoteForQuestion"


@message
class AnswerQuestion:
    """Answer in writing, or say that it was answered live; again replaces what was answered."""

    question_id: QuestionId
    text: str = ""
    """Empty: it was answered live."""
    type: Literal["AnswerQuestion"] = "AnswerQuestion"


@message
class DismissQuestion:
    """Take it off the board without an answer."""

    question_id: QuestionId
    type: Literal["DismissQuestion"] = "DismissQuestion"


@message
class MergeQuestions:
    """Make one question of two that ask the same."""

    question_id: QuestionId
    """The one that goes."""
    into_id: QuestionId
    """The one that stays, with the votes of both."""
    type: Literal["MergeQuestions"] = "MergeQuestions"


@message
class ReopenQuestion:
    """Put an answered or dismissed question on the board again, or take one that was merged out of the other."""

    question_id: QuestionId
    type: Literal["ReopenQuestion"] = "ReopenQuestion"
