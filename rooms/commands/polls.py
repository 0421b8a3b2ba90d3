"""Polls."""

from typing import Literal

from rooms.events.polls import ResultsAudience
from rooms.ids import OptionId, PollId
from rooms.messages import message


@message
class CreatePoll:
    """Prepare a single-choice poll. Learners do not see it before it is opened."""

    question: str
    options: tuple[str, ...]
    anonymous: bool = True
    type: Literal["CreatePoll"] = "CreatePoll"


@message
class OpenPoll:
    poll_id: PollId
    type: Literal["OpenPoll"] = "OpenPoll"


@message
class CastBallot:
    """Answer; answering again replaces the answer while the poll is open."""

    poll_id: PollId
    option_ids: tuple[OptionId, ...] = ()
    """What is chosen, for polls with options."""
    type: Literal["CastBallot"] = "CastBallot"


@message
class ClosePoll:
    poll_id: PollId
    type: Literal["ClosePoll"] = "ClosePoll"


@message
class ShareResults:
    """Say who sees the tally."""

    poll_id: PollId
    results: ResultsAudience
    type: Literal["ShareResults"] = "ShareResults"
