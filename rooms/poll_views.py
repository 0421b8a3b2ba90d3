"""What is seen of polls. Who answered what is in no record but the voter's own, unless the poll is named: PO6, PO8, PO15."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rooms import limits
from rooms.ballots import Tally, mean
from rooms.events import Event
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, ParticipantMoved, RoomClosed, RoomRenamed
from rooms.events.people import ParticipantJoined, ParticipantLeft, ParticipantReturned, RoleChanged
from rooms.events.polls import (
    AnswerHidden,
    BallotCast,
    PollClosed,
    PollContent,
    PollCreated,
    PollDiscarded,
    PollEdited,
    PollOpened,
    PollResultsShared,
    PollTimerChanged,
)
from rooms.feature import AboutSomebody, Renderer, Shown, Toucher
from rooms.ids import PLENARY, AnswerId, ParticipantId, PollId, RoomId
from rooms.poll_records import (
    AnswerKeyRecord,
    AnswerRecord,
    BallotRecord,
    GroupAnswerRecord,
    GroupVote,
    OptionCount,
    PollRecord,
    RoomTalliesRecord,
    RoomTally,
    ShiftRecord,
    TallyRecord,
    ValueCount,
    WordCount,
)
from rooms.poll_state import Poll
from rooms.polling import answers_wait, eligible, key_is_told, results_audience, rooms_shown, shown_ballot
from rooms.records import ALL, FACILITATORS, person_audience, room_audience
from rooms.state import WorkshopState


# ── touched ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _numbers(poll_id: PollId) -> Iterable[str]:
    return (f"tally:{poll_id}", f"room_tallies:{poll_id}")


def touch_poll(
    state: WorkshopState, event: PollContent | PollOpened | PollDiscarded | PollTimerChanged
) -> Iterable[str]:
    yield f"poll:{event.poll_id}"
    yield f"answer_key:{event.poll_id}"
    yield f"shift:{event.poll_id}"
    yield from _numbers(event.poll_id)
    poll = state.polls.get(event.poll_id)
    if poll is not None:
        yield from _rooms_of(poll)
        yield from _asked_before(state, poll)


def touch_results(state: WorkshopState, event: PollClosed | PollResultsShared) -> Iterable[str]:
    """Also who sees free answers, the key, and how votes shifted depends on these."""
    poll = state.polls[event.poll_id]
    yield f"poll:{event.poll_id}"
    yield f"answer_key:{event.poll_id}"
    yield f"shift:{event.poll_id}"
    yield from _numbers(event.poll_id)
    yield from _rooms_of(poll)
    yield from _asked_before(state, poll)
    yield from _answers(poll)


def _answers(poll: Poll) -> Iterable[str]:
    """In the order of the ids, which are drawn: the order they came in says something."""
    return (f"answer:{poll.poll_id}:{answer_id}" for answer_id in sorted(poll.answers))


def _asked_before(state: WorkshopState, poll: Poll) -> Iterable[str]:
    """The key of a quiz is not told while the same is asked again."""
    if poll.content.kind == "quiz":
        for each in state.polls.values():
            if each.first_id == poll.first_id and each is not poll:
                yield f"answer_key:{each.poll_id}"
                yield f"tally:{each.poll_id}"


def _rooms_of(poll: Poll) -> Iterable[str]:
    if poll.content.target == "groups":
        yield from (f"group_answer:{poll.poll_id}:{ballot.room_id}" for ballot in poll.ballots.values())


def touch_cast(state: WorkshopState, event: BallotCast) -> Iterable[str]:
    yield f"ballot:{event.poll_id}:{event.participant_id}"
    yield from _numbers(event.poll_id)
    poll = state.polls[event.poll_id]
    if answers_wait(poll.content):
        yield from (f"answer:{event.poll_id}:{answer_id}" for answer_id in poll.just_shown)
    elif event.answer_id is not None:
        yield f"answer:{event.poll_id}:{event.answer_id}"
    if poll.content.target == "groups":
        yield f"group_answer:{event.poll_id}:{event.room_id}"


def touch_hidden(_state: WorkshopState, event: AnswerHidden) -> Iterable[str]:
    return (f"answer:{event.poll_id}:{event.answer_id}",)


def touch_person(state: WorkshopState, event: AboutSomebody) -> Iterable[str]:
    """Who can vote has changed."""
    room_id = state.participants[event.participant_id].room_id
    for poll_id in state.open_polls:
        yield from _numbers(poll_id)
        yield f"group_answer:{poll_id}:{room_id}"


def touch_moved(state: WorkshopState, event: ParticipantMoved) -> Iterable[str]:
    for poll_id in state.open_polls:
        if state.polls[poll_id].content.target == "groups":
            yield from _numbers(poll_id)
            yield f"group_answer:{poll_id}:{event.from_room_id}"
            yield f"group_answer:{poll_id}:{event.to_room_id}"


def touch_rooms(state: WorkshopState, _event: Event) -> Iterable[str]:
    """Rooms opened, closed, or have another name."""
    for poll in state.polls.values():
        if poll.content.target != "workshop":
            yield from _numbers(poll.poll_id)
            if poll.status == "open":
                yield from _rooms_of(poll)


TOUCHED: Mapping[type[Any], Toucher] = {
    **dict.fromkeys((PollCreated, PollEdited, PollDiscarded, PollOpened, PollTimerChanged), touch_poll),
    **dict.fromkeys((PollClosed, PollResultsShared), touch_results),
    BallotCast: touch_cast,
    AnswerHidden: touch_hidden,
    **dict.fromkeys((ParticipantJoined, ParticipantReturned, ParticipantLeft, RoleChanged), touch_person),
    ParticipantMoved: touch_moved,
    **dict.fromkeys((BreakoutsOpened, BreakoutsClosed, RoomClosed, RoomRenamed), touch_rooms),
}


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def render_poll(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    if poll is None:
        return None
    content = poll.content
    record = PollRecord(
        poll_id=poll.poll_id,
        seq=poll.seq,
        question=content.question,
        poll_kind=content.kind,
        options=content.options,
        min_choices=content.min_choices,
        max_choices=content.max_choices,
        scale=content.scale,
        target=content.target,
        status=poll.status,
        closes_at_ms=poll.closes_at_ms,
        duration_ms=content.duration_ms,
        anonymous=content.anonymous,
        results=poll.results,
        follows=content.follows,
    )
    return record, frozenset((FACILITATORS if poll.status == "draft" else ALL,))


def render_key(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    if poll is None or poll.content.kind != "quiz":
        return None
    record = AnswerKeyRecord(
        poll_id=poll.poll_id, right_ids=poll.content.right_ids, explanation=poll.content.explanation
    )
    return record, frozenset((ALL if key_is_told(state, poll) else FACILITATORS,))


def render_tally(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    audience = frozenset[str]() if poll is None else results_audience(poll)
    if poll is None or not audience:
        return None
    tally = poll.tally
    words = sorted(tally.words.items(), key=lambda item: (-item[1], item[0]))[: limits.MAX_WORDS_SHOWN]
    record = TallyRecord(
        poll_id=poll.poll_id,
        counts=_options(tally.counts),
        scores=_options(tally.scores),
        values=tuple(ValueCount(value=value, count=count) for value, count in tally.values.items()),
        mean=mean(tally.values),
        words=tuple(WordCount(word=word, count=count) for word, count in words),
        # With the counts it would say which answer is right.
        right=tally.right if poll.content.kind == "quiz" and key_is_told(state, poll) else None,
        ballots=tally.ballots if poll.content.target == "groups" else len(poll.ballots),
        eligible=eligible(state, poll),
    )
    return record, audience


def _options(numbers: Mapping[Any, int]) -> tuple[OptionCount, ...]:
    return tuple(OptionCount(option_id=option_id, count=count) for option_id, count in numbers.items())


def render_room_tallies(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    audience = frozenset[str]() if poll is None else results_audience(poll)
    if poll is None or not audience or poll.content.target == "workshop":
        return None
    rooms = tuple(_room_tally(state, room_id, tally) for room_id, tally in rooms_shown(poll).items())
    return RoomTalliesRecord(poll_id=poll.poll_id, rooms=rooms), audience


def _room_tally(state: WorkshopState, room_id: RoomId, tally: Tally) -> RoomTally:
    words = sorted(tally.words.items(), key=lambda item: (-item[1], item[0]))[: limits.MAX_WORDS]
    return RoomTally(
        room_id=room_id,
        room_name=state.rooms[room_id].name,
        counts=_options(tally.counts),
        scores=_options(tally.scores),
        values=tuple(ValueCount(value=value, count=count) for value, count in tally.values.items()),
        mean=mean(tally.values),
        words=tuple(WordCount(word=word, count=count) for word, count in words),
        ballots=tally.ballots,
    )


def render_ballot(state: WorkshopState, key_id: str) -> Shown | None:
    poll_id, _, voter = key_id.partition(":")
    poll = state.polls.get(PollId(poll_id))
    ballot = None if poll is None else poll.ballots.get(ParticipantId(voter))
    if poll is None or ballot is None:
        return None
    record = BallotRecord(
        poll_id=poll.poll_id,
        participant_id=ParticipantId(voter),
        option_ids=ballot.option_ids,
        value=ballot.value,
        text=ballot.text,
        answer_id=ballot.answer_id,
    )
    own = person_audience(ParticipantId(voter))
    return record, frozenset((own,) if poll.content.anonymous else (own, FACILITATORS))


def render_answer(state: WorkshopState, key_id: str) -> Shown | None:
    poll_id, _, answer_id = key_id.partition(":")
    poll = state.polls.get(PollId(poll_id))
    author = None if poll is None else poll.answers.get(AnswerId(answer_id))
    audience = frozenset[str]() if poll is None else results_audience(poll)
    ballot = None if poll is None or author is None else shown_ballot(poll, author)
    if poll is None or author is None or ballot is None or not audience:
        return None
    hidden = AnswerId(answer_id) in poll.hidden
    record = AnswerRecord(
        poll_id=poll.poll_id,
        answer_id=AnswerId(answer_id),
        text=ballot.text,
        author_id=None if poll.content.anonymous else author,
        hidden=hidden,
    )
    return record, frozenset((FACILITATORS,)) if hidden else audience


def render_group_answer(state: WorkshopState, key_id: str) -> Shown | None:
    poll_id, _, room_key = key_id.partition(":")
    poll, room = state.polls.get(PollId(poll_id)), state.rooms.get(RoomId(room_key))
    if poll is None or room is None or poll.content.target != "groups" or room.room_id == PLENARY:
        return None
    if poll.status != "open" or not room.open:
        return None
    ballots = [(who, poll.ballots.get(who)) for who in room.people]
    said = [(who, ballot) for who, ballot in ballots if ballot is not None and ballot.room_id == room.room_id]
    if not said:
        return None
    record = GroupAnswerRecord(
        poll_id=poll.poll_id,
        room_id=room.room_id,
        agreed=room.room_id in poll.group_answers,
        votes=tuple(
            GroupVote(participant_id=who, option_ids=ballot.option_ids, value=ballot.value) for who, ballot in said
        ),
    )
    return record, frozenset((room_audience(room.room_id),))


def render_shift(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    if poll is None or poll.shift is None or poll.content.follows is None:
        return None
    audience = results_audience(poll)
    if not audience:
        return None
    record = ShiftRecord(
        poll_id=poll.poll_id,
        follows=poll.content.follows,
        changed=poll.shift.changed,
        kept=poll.shift.kept,
        new=poll.shift.new,
    )
    return record, audience


RENDERERS: Mapping[str, Renderer] = {
    "poll": render_poll,
    "answer_key": render_key,
    "tally": render_tally,
    "room_tallies": render_room_tallies,
    "ballot": render_ballot,
    "answer": render_answer,
    "group_answer": render_group_answer,
    "shift": render_shift,
}


def _keys(state: WorkshopState) -> Iterable[str]:
    for poll in state.polls.values():
        yield from (f"{kind}:{poll.poll_id}" for kind in ("poll", "answer_key", "tally", "room_tallies", "shift"))
        yield from (f"ballot:{poll.poll_id}:{voter}" for voter in poll.ballots)
        yield from _answers(poll)
        if poll.content.target == "groups" and poll.status == "open" and state.breakouts is not None:
            yield from (f"group_answer:{poll.poll_id}:{room_id}" for room_id in state.breakouts.room_ids)


KEYS: Callable[[WorkshopState], Iterable[str]] = _keys
