"""Polls: opened, answered, closed.

Anonymity. Of an anonymous poll nothing is told while it is open, because the order or time of a ballot would say whose it is. When
it closes, those who answered are told (without the answer, in the order of their ids), and the counts. A poll can be reopened and closed
again: two publications of counts that differ by one ballot would give that ballot away. Therefore counts are published only
if at least `MIN_ANONYMOUS` people's ballots are new or changed since the last publication (or none is).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from rooms.events.polls import BallotCast
from rooms.ids import OptionId, ParticipantId, PollId
from rooms.state import Poll
from server.publish import catalogue as c
from server.publish.narrative.telling import Now, Told

MIN_ANONYMOUS = 3
"""Ballots that must be told together, so that none of them can be told apart."""


@dataclass(slots=True)
class _PollTold:
    """What was last told of a poll. `ballots` are those in the last published counts."""

    status: Literal["draft", "open", "closed"] = "draft"
    opened_at_ms: int = 0
    answered: set[ParticipantId] = field(default_factory=set)
    ballots: dict[ParticipantId, tuple[OptionId, ...]] = field(default_factory=dict)


class PollsTold:
    """What was told of every poll."""

    def __init__(self) -> None:
        self._polls: dict[PollId, _PollTold] = {}

    def ballot(self, now: Now) -> Iterator[Told]:
        event = now.recorded.event
        if not isinstance(event, BallotCast) or now.state.polls[event.poll_id].anonymous:
            return
        told = self._polls[event.poll_id]
        again = event.participant_id in told.answered
        told.answered.add(event.participant_id)
        room_id = now.state.participants[event.participant_id].room_id
        answer = {"poll_id": event.poll_id, "anonymous": False, "option_ids": event.option_ids, "changed": again}
        yield now.about(c.PollAnswered, event.participant_id, room_id, **answer)

    def polls(self, now: Now) -> Iterator[Told]:
        for poll_id in now.polls:
            yield from self._poll(now, poll_id)

    def _poll(self, now: Now, poll_id: PollId) -> Iterator[Told]:
        poll = now.state.polls.get(poll_id)
        if poll is None:
            return
        told = self._polls.setdefault(poll_id, _PollTold())
        if told.status == poll.status:
            return
        told.status = poll.status
        if poll.status == "open":
            told.opened_at_ms = now.at_ms
            options = tuple(c.Choice(option_id=each.option_id, text=each.text) for each in poll.options)
            asked: dict[str, Any] = {"question": poll.question, "options": options, "anonymous": poll.anonymous}
            yield now.told(c.PollOpened, f"polls/{poll_id}", poll_id=poll_id, **asked)
        elif poll.status == "closed":
            yield from self._poll_closed(now, poll, told)

    def _poll_closed(self, now: Now, poll: Poll, told: _PollTold) -> Iterator[Told]:
        if poll.anonymous:
            for who in sorted(poll.ballots.keys() - told.answered):
                told.answered.add(who)
                answer = {"poll_id": poll.poll_id, "anonymous": True, "option_ids": None, "changed": None}
                yield now.about(c.PollAnswered, who, None, **answer)
        counts = None
        new = sum(told.ballots.get(who) != ballot for who, ballot in poll.ballots.items())
        if not poll.anonymous or new == 0 or new >= MIN_ANONYMOUS:
            told.ballots = dict(poll.ballots)
            counts = tuple(c.Count(option_id=option_id, count=n) for option_id, n in poll.counts.items())
        yield now.told(
            c.PollClosed,
            f"polls/{poll.poll_id}",
            poll_id=poll.poll_id,
            anonymous=poll.anonymous,
            ballots=len(poll.ballots),
            eligible=poll.closed_eligible,
            counts=counts,
            duration_ms=now.at_ms - told.opened_at_ms,
        )
