"""What the state knows of polls. See rooms.state."""

from dataclasses import dataclass, field
from typing import Literal

from rooms.ballots import Ballot, Tally
from rooms.events.polls import PollContent, ResultsAudience
from rooms.ids import AnswerId, ParticipantId, PollId, RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class PollShift:
    """From the first vote to the second: people who changed their answer, kept it, or had not voted before."""

    changed: int
    kept: int
    new: int


@dataclass(slots=True)
class Poll:
    """`tally` and `by_room` count `ballots`; in a poll for groups `group_answers`; where answers wait (anonymous polls), `shown`."""

    poll_id: PollId
    seq: int
    content: PollContent
    results: ResultsAudience
    tally: Tally
    first_id: PollId
    """The poll that was asked first, of those that ask the same; mostly this one."""
    status: Literal["draft", "open", "closed"] = "draft"
    closes_at_ms: int | None = None
    ballots: dict[ParticipantId, Ballot] = field(default_factory=dict)
    by_room: dict[RoomId, Tally] = field(default_factory=dict)
    group_answers: dict[RoomId, Ballot] = field(default_factory=dict)
    """Room → what all its learners say, or said when it closed."""
    answers: dict[AnswerId, ParticipantId] = field(default_factory=dict)
    """Free answers → who gave them."""
    shown: dict[ParticipantId, Ballot] = field(default_factory=dict)
    """Answers to an anonymous poll as they are shown: several new ones at a time, so that when one came is not seen."""
    waiting: dict[ParticipantId, None] = field(default_factory=dict)
    """Whose answer differs from `shown`, in the order in which they gave it."""
    was_closed: bool = False
    just_shown: tuple[AnswerId, ...] = ()
    """What the last ballot brought into view, in the order of the ids."""
    hidden: set[AnswerId] = field(default_factory=set)
    gone: set[ParticipantId] = field(default_factory=set)
    """Who has voted and could not vote now: left, or an observer since. Kept while the poll is open."""
    closed_eligible: int = 0
    """How many could vote when the poll was closed."""
    shift: PollShift | None = None
    """For a second vote, once it is closed."""
