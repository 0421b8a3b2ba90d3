"""The question board."""

from typing import Literal

from rooms.ids import ParticipantId, QuestionId
from rooms.messages import message, personal


@message
class QuestionAsked:
    question_id: QuestionId
    participant_id: ParticipantId
    text: str = personal("participant_id")
    anonymous: bool
    type: Literal["QuestionAsked"] = "QuestionAsked"


@message
class QuestionWithdrawn:
    """Whoever asked it took it back; what was merged into it stands by itself again."""

    question_id: QuestionId
    participant_id: ParticipantId
    type: Literal["QuestionWithdrawn"] = "QuestionWithdrawn"


@message
class QuestionVoteChanged:
    question_id: QuestionId
    participant_id: ParticipantId
    up: bool
    type: Literal["QuestionVoteChanged"] = "QuestionVoteChanged"


@message
class QuestionAnswered:
    """`text` is empty if it was answered live."""

    question_id: QuestionId
    participant_id: ParticipantId
    text: str = personal("participant_id", default="")
    type: Literal["QuestionAnswered"] = "QuestionAnswered"


@message
class QuestionDismissed:
    question_id: QuestionId
    type: Literal["QuestionDismissed"] = "QuestionDismissed"


@message
class QuestionsMerged:
    """`question_id` is now part of `into_id`; so are those that were part of it."""

    question_id: QuestionId
    into_id: QuestionId
    type: Literal["QuestionsMerged"] = "QuestionsMerged"


@message
class QuestionReopened:
    question_id: QuestionId
    out_of: QuestionId | None = None
    """The question that it was part of."""
    type: Literal["QuestionReopened"] = "QuestionReopened"
