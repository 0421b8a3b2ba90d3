"""What may be known of polls, and their numbers, worked out from the events in the plainest way. See tests.property.oracle."""

from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from rooms.events import Event
from rooms.events.polls import (
    AnswerHidden,
    BallotCast,
    PollClosed,
    PollCreated,
    PollDiscarded,
    PollEdited,
    PollOpened,
    PollResultsShared,
)
from rooms.ids import AnswerId, ParticipantId, PollId, RoomId
from rooms.poll_records import (
    AnswerKeyRecord,
    AnswerRecord,
    BallotRecord,
    GroupAnswerRecord,
    PollRecord,
    RoomTalliesRecord,
    ShiftRecord,
    TallyRecord,
)
from rooms.records import Record

ENOUGH = 3
"""Anonymous answers that are shown together."""


@dataclass
class Asked:
    content: Any
    """PollCreated or PollEdited."""
    results: str
    status: str = "draft"
    ballots: dict[ParticipantId, BallotCast] = field(default_factory=dict)
    shown: dict[ParticipantId, BallotCast] = field(default_factory=dict)
    """What is shown of answers to an anonymous poll."""
    was_closed: bool = False
    hidden: set[AnswerId] = field(default_factory=set)

    @property
    def waits(self) -> bool:
        return bool(self.content.anonymous and self.content.target != "groups")

    @property
    def new(self) -> list[ParticipantId]:
        """Whose answers are not shown as they are, in the order in which they gave them."""
        return [who for who, ballot in self.ballots.items() if self.shown.get(who) != ballot]

    def show(self, people: list[ParticipantId]) -> None:
        self.shown.update({who: self.ballots[who] for who in people})

    def counted(self) -> list[BallotCast]:
        return list((self.shown if self.waits else self.ballots).values())


@dataclass
class PollOracle:
    polls: dict[PollId, Asked] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        match event:
            case PollCreated() | PollEdited():
                self.polls[event.poll_id] = Asked(content=event, results=event.results)
            case PollDiscarded():
                del self.polls[event.poll_id]
            case PollOpened():
                self.polls[event.poll_id].status = "open"
            case BallotCast():
                poll = self.polls[event.poll_id]
                poll.ballots.pop(event.participant_id, None)
                poll.ballots[event.participant_id] = event
                if len(poll.new) >= 2 * ENOUGH:
                    poll.show(poll.new[:-ENOUGH])
            case PollClosed():
                poll = self.polls[event.poll_id]
                if not poll.was_closed or len(poll.new) >= ENOUGH:
                    poll.show(poll.new)
                poll.status, poll.was_closed = "closed", True
            case PollResultsShared():
                self.polls[event.poll_id].results = event.results
            case AnswerHidden():
                hidden = self.polls[event.poll_id].hidden
                (hidden.add if event.hidden else hidden.discard)(event.answer_id)
            case _:
                pass

    def first(self, poll: Asked) -> PollId:
        while poll.content.follows is not None:
            poll = self.polls[poll.content.follows]
        poll_id: PollId = poll.content.poll_id
        return poll_id

    def key_is_told(self, poll: Asked) -> bool:
        asked_now = {self.first(each) for each in self.polls.values() if each.status == "open"}
        return poll.status == "closed" and poll.results == "everyone" and self.first(poll) not in asked_now

    def check(
        self, who: ParticipantId, *, runs_it: bool, hears: Container[RoomId | None], records: dict[str, Record]
    ) -> None:
        answers: dict[PollId, list[AnswerRecord]] = defaultdict(list)
        for record in records.values():
            match record:
                case PollRecord():
                    assert runs_it or self.polls[record.poll_id].status != "draft"
                case BallotRecord():
                    named = not self.polls[record.poll_id].content.anonymous
                    assert record.participant_id == who or (runs_it and named)
                case AnswerKeyRecord():
                    assert runs_it or self.key_is_told(self.polls[record.poll_id])
                case GroupAnswerRecord():
                    poll = self.polls[record.poll_id]
                    assert (poll.content.target, poll.status) == ("groups", "open")
                    assert record.room_id in hears
                case TallyRecord():
                    self._sees_results(record.poll_id, runs_it=runs_it)
                    self._tally(record)
                case RoomTalliesRecord():
                    self._sees_results(record.poll_id, runs_it=runs_it)
                    self._rooms(record)
                case ShiftRecord():
                    self._sees_results(record.poll_id, runs_it=runs_it)
                    assert self.polls[record.poll_id].status == "closed"
                case AnswerRecord():
                    self._sees_results(record.poll_id, runs_it=runs_it)
                    answers[record.poll_id].append(record)
                case _:
                    pass
        for poll_id, found in answers.items():
            self._answers(poll_id, found, runs_it=runs_it)

    def _sees_results(self, poll_id: PollId, *, runs_it: bool) -> None:
        poll = self.polls[poll_id]
        assert poll.status != "draft"
        assert poll.results == "everyone" or (runs_it and poll.results == "facilitators")

    def _tally(self, record: TallyRecord) -> None:
        poll = self.polls[record.poll_id]
        assert record.ballots <= record.eligible
        if record.right is not None:
            assert poll.content.kind == "quiz"
            assert self.key_is_told(poll)
        if poll.content.target == "groups":
            return
        assert record.ballots == len(poll.ballots)
        said = poll.counted()
        chosen = Counter(
            option_id
            for ballot in said
            for option_id in (ballot.option_ids[:1] if poll.content.kind == "ranking" else ballot.option_ids)
        )
        assert {each.option_id: each.count for each in record.counts if each.count} == dict(chosen)
        values = Counter(ballot.value for ballot in said if ballot.value is not None)
        assert {each.value: each.count for each in record.values if each.count} == dict(values)
        if poll.content.kind == "words":
            words = Counter(word for ballot in said for word in ballot.text.split("\n"))
            assert {each.word: each.count for each in record.words} == dict(words)
        if poll.content.kind == "ranking":
            last = len(poll.content.options) - 1
            points = [(o, last - place) for ballot in said for place, o in enumerate(ballot.option_ids)]
            assert sum(each.count for each in record.scores) == sum(point for _, point in points)

    def _rooms(self, record: RoomTalliesRecord) -> None:
        """Numbers of few anonymous ballots stand nowhere, nor can they be found by subtraction."""
        poll = self.polls[record.poll_id]
        assert poll.content.target != "workshop"
        if poll.content.target == "groups":
            return
        cast = Counter(ballot.room_id for ballot in poll.counted())
        assert all(cast[room.room_id] == room.ballots > 0 for room in record.rooms)
        if poll.content.anonymous and record.rooms:
            left_over = cast.total() - sum(room.ballots for room in record.rooms)
            assert poll.status == "closed"
            assert min(room.ballots for room in record.rooms) >= ENOUGH
            assert left_over == 0 or left_over >= ENOUGH

    def _answers(self, poll_id: PollId, found: list[AnswerRecord], *, runs_it: bool) -> None:
        """Whose an anonymous answer is stands nowhere in it, nor does its place or the time it comes say so."""
        poll = self.polls[poll_id]
        assert [each.answer_id for each in found] == sorted(each.answer_id for each in found)
        expected = {ballot.answer_id: ballot for ballot in poll.counted()}
        for each in found:
            ballot = expected[each.answer_id]
            assert each.text == ballot.text
            assert each.author_id == (None if poll.content.anonymous else ballot.participant_id)
            assert each.hidden == (each.answer_id in poll.hidden)
            assert runs_it or not each.hidden
        assert len(found) == (len(expected) if runs_it else len(expected.keys() - poll.hidden))
