"""Polls: opened, answered, closed.

Anonymity. Of an anonymous poll nothing is told while it is open, because the order or time of a ballot would say whose it is. When
it closes, those who answered are told (without the answer, in the order of their ids), and the counts, as they are shown (PO15). A poll can be
reopened and closed again: two publications of counts that differ by one ballot would give that ballot away. Therefore counts are published only
if at least `MIN_ANONYMOUS` people's ballots are new or changed since the last publication (or none is), and who answered
only if at least so many have who were not told yet: to know that one of two has voted, and what the two have chosen, is to know their vote.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from rooms.ballots import Ballot
from rooms.events.polls import BallotCast
from rooms.ids import ParticipantId, PollId
from rooms.poll_state import Poll
from rooms.polling import answers_wait
from server.publish.catalogue import polls as c
from server.publish.narrative.poll_fields import answered, asked, counted
from server.publish.narrative.telling import Now, Told

MIN_ANONYMOUS = 3
"""Ballots that must be told together, so that none of them can be told apart."""


@dataclass(slots=True)
class _PollTold:
    """What was last told of a poll. `ballots` are those in the last published counts."""

    status: Literal["draft", "open", "closed"] = "draft"
    opened_at_ms: int = 0
    answered: set[ParticipantId] = field(default_factory=set)
    ballots: dict[ParticipantId, Ballot] = field(default_factory=dict)


class PollsTold:
    """What was told of every poll."""

    def __init__(self) -> None:
        self._polls: dict[PollId, _PollTold] = {}

    def ballot(self, now: Now) -> Iterator[Told]:
        event = now.recorded.event
        if not isinstance(event, BallotCast) or now.state.polls[event.poll_id].content.anonymous:
            return
        told = self._polls[event.poll_id]
        again = event.participant_id in told.answered
        told.answered.add(event.participant_id)
        room_id = now.state.participants[event.participant_id].room_id
        answer = {"poll_id": event.poll_id, "anonymous": False, "changed": again}
        answer |= answered(now.state.polls[event.poll_id], event)
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
            yield now.told(c.PollOpened, f"polls/{poll_id}", poll_id=poll_id, **asked(poll))
        elif poll.status == "closed":
            yield from self._poll_closed(now, poll, told)

    def _poll_closed(self, now: Now, poll: Poll, told: _PollTold) -> Iterator[Told]:
        anonymous = poll.content.anonymous
        shown = poll.shown if answers_wait(poll.content) else poll.ballots
        newcomers = shown.keys() - told.answered
        if anonymous and len(newcomers) >= MIN_ANONYMOUS:
            for who in sorted(newcomers):
                told.answered.add(who)
                nothing = dict.fromkeys(("option_ids", "value", "text", "right", "changed"))
                yield now.about(c.PollAnswered, who, None, poll_id=poll.poll_id, anonymous=True, **nothing)
        numbers: dict[str, Any] = dict.fromkeys(("counts", "scores", "values", "mean", "words", "texts", "groups"))
        new = sum(told.ballots.get(who) != ballot for who, ballot in shown.items())
        if not anonymous or new == 0 or new >= MIN_ANONYMOUS:
            told.ballots = dict(shown)
            numbers = counted(poll)
        yield now.told(
            c.PollClosed,
            f"polls/{poll.poll_id}",
            poll_id=poll.poll_id,
            anonymous=anonymous,
            ballots=len(poll.ballots),
            eligible=poll.closed_eligible,
            right_ids=poll.content.right_ids,
            **numbers,
            duration_ms=now.at_ms - told.opened_at_ms,
        )
