"""Polls."""

from typing import Literal

from rooms.events.polls import PollSetup, ResultsAudience
from rooms.ids import AnswerId, OptionId, PollId
from rooms.messages import message


@message
class CreatePoll(PollSetup):
    """Prepare a poll. Learners do not see it before it is opened."""

    open: bool = False
    """Whether it opens at once."""
    type: Literal["CreatePoll"] = "CreatePoll"


@message
class EditPoll(PollSetup):
    """Replace what a poll asks, while it was never opened."""

    poll_id: PollId
    type: Literal["EditPoll"] = "EditPoll"


@message
class DiscardPoll:
    """Throw away a poll that was never opened."""

    poll_id: PollId
    type: Literal["DiscardPoll"] = "DiscardPoll"


@message
class OpenPoll:
    """Open it, or open it again with its ballots."""

    poll_id: PollId
    duration_ms: int | None = None
    """After which it closes by itself; as the poll was prepared if left out."""
    type: Literal["OpenPoll"] = "OpenPoll"


@message
class RepeatPoll:
    """Ask the same again, as a second vote that can be compared with the first (vote, discuss, vote again)."""

    poll_id: PollId
    type: Literal["RepeatPoll"] = "RepeatPoll"


@message
class ChangePollTimer:
    """Say how much time is left to answer; null: no end."""

    poll_id: PollId
    remaining_ms: int | None
    type: Literal["ChangePollTimer"] = "ChangePollTimer"


@message
class CastBallot:
    """Answer; answering again replaces the answer while the poll is open, except in a quiz."""

    poll_id: PollId
    option_ids: tuple[OptionId, ...] = ()
    """What is chosen, for polls with options; for a ranking, the first choice first."""
    value: int | None = None
    """For a scale."""
    text: str = ""
    """For a free answer; for words, separated by commas or lines."""
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


@message
class HideAnswer:
    """Show a free answer to nobody but the facilitators, or to those who see the results again."""

    poll_id: PollId
    answer_id: AnswerId
    hidden: bool = True
    type: Literal["HideAnswer"] = "HideAnswer"
