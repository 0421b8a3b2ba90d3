"""Polls."""

from typing import Literal

from rooms.ids import OptionId, ParticipantId, PollId
from rooms.messages import message

ResultsAudience = Literal["hidden", "facilitators", "everyone"]


@message
class PollOption:
    option_id: OptionId
    text: str


@message
class PollCreated:
    poll_id: PollId
    question: str
    options: tuple[PollOption, ...]
    anonymous: bool
    type: Literal["PollCreated"] = "PollCreated"


@message
class PollOpened:
    poll_id: PollId
    type: Literal["PollOpened"] = "PollOpened"


@message
class BallotCast:
    """One person's answer; a later one by the same person replaces it."""

    poll_id: PollId
    participant_id: ParticipantId
    option_ids: tuple[OptionId, ...] = ()
    type: Literal["BallotCast"] = "BallotCast"


@message
class PollClosed:
    poll_id: PollId
    type: Literal["PollClosed"] = "PollClosed"


@message
class PollResultsShared:
    poll_id: PollId
    results: ResultsAudience
    type: Literal["PollResultsShared"] = "PollResultsShared"
