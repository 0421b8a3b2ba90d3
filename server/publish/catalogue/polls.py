"""The published events of polls."""

from typing import ClassVar

from rooms.events.polls import PollKind, PollScale, PollTarget
from rooms.ids import OptionId, PollId, RoomId
from rooms.messages import message
from server.publish.catalogue.data import Data


@message
class Choice:
    option_id: OptionId
    text: str


@message
class PollOpened(Data):
    NAME: ClassVar[str] = "poll.opened"
    poll_id: PollId
    question: str
    poll_kind: PollKind
    options: tuple[Choice, ...]
    scale: PollScale | None
    target: PollTarget
    follows: PollId | None
    """The poll of which this is the second vote."""
    anonymous: bool


@message
class PollAnswered(Data):
    """Of a named poll: at once, with the answer; `changed` if it replaces an earlier one. Of an anonymous poll: at its end,
    without the answer."""

    NAME: ClassVar[str] = "poll.answered"
    poll_id: PollId
    anonymous: bool
    option_ids: tuple[OptionId, ...] | None
    value: int | None
    text: str | None
    right: bool | None
    """In a quiz."""
    changed: bool | None


@message
class Count:
    option_id: OptionId
    count: int


@message
class ValueCount:
    value: int
    count: int


@message
class WordCount:
    word: str
    count: int


@message
class GroupAnswer:
    """What a room agreed on."""

    room_id: RoomId
    option_ids: tuple[OptionId, ...]
    value: int | None


@message
class PollClosed(Data):
    """`counts` and the other numbers are null where the poll is anonymous and so few answers are new since they were last published
    that they would say who answered what (`server.publish.narrative.polls.MIN_ANONYMOUS`)."""

    NAME: ClassVar[str] = "poll.closed"
    poll_id: PollId
    anonymous: bool
    ballots: int
    eligible: int
    counts: tuple[Count, ...] | None
    """Answers that chose an option; in a ranking, that put it first."""
    scores: tuple[Count, ...] | None
    """Ranking: Borda points."""
    values: tuple[ValueCount, ...] | None
    mean: float | None
    words: tuple[WordCount, ...] | None
    texts: tuple[str, ...] | None
    """Free answers, in alphabetical order."""
    groups: tuple[GroupAnswer, ...] | None
    """In a poll for groups; `ballots` and `eligible` are then people and rooms."""
    right_ids: tuple[OptionId, ...]
    duration_ms: int
