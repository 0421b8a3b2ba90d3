"""Polls: prepare, open, vote, close, share, vote again. Rules PO in SPEC.md.

What an answer may be and how answers are counted is in `rooms.ballots`, what viewers see in `rooms.poll_views`.

In a poll for groups every member answers, and a room's answer is what all its learners say; it counts once. Rooms whose members change
are looked at again as they change, so that a vote costs a look at one room.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

from rooms import limits
from rooms.ballots import Ballot, checked_ballot, checked_content, checked_duration, empty_tally
from rooms.commands import Stamp
from rooms.commands.polls import (
    CastBallot,
    ChangePollTimer,
    ClosePoll,
    CreatePoll,
    DiscardPoll,
    EditPoll,
    HideAnswer,
    OpenPoll,
    RepeatPoll,
    ShareResults,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.breakouts import BreakoutsOpened, ParticipantMoved
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
    PollOption,
    PollResultsShared,
    PollTimerChanged,
)
from rooms.feature import AboutSomebody, Feature
from rooms.ids import PLENARY, AnswerId, OptionId, ParticipantId, PollId, RoomId, derive
from rooms.people import known
from rooms.poll_state import Poll, PollShift
from rooms.poll_views import KEYS, RENDERERS, TOUCHED
from rooms.polling import answers_wait, eligible, votes
from rooms.state import WorkshopState

E = TypeVar("E", PollCreated, PollEdited)


def _poll(state: WorkshopState, poll_id: PollId) -> Poll:
    poll = state.polls.get(poll_id)
    if poll is None:
        raise Rejected("unknown_poll", f"There is no poll with the id {poll_id!r} in this workshop.", rule="PO1")
    return poll


def _draft(state: WorkshopState, poll_id: PollId) -> Poll:
    poll = _poll(state, poll_id)
    if poll.status != "draft":
        message = "This poll has been opened, so it stays as it is; create another one."
        raise Rejected("poll_was_opened", message, rule="PO18")
    return poll


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_create(state: WorkshopState, command: CreatePoll, stamp: Stamp) -> tuple[Event, ...]:
    _check_number(state)
    content = checked_content(command, PollId(derive("p", stamp.entropy)), stamp.entropy)
    created = _as(PollCreated, content)
    return (created, _opened(content, None, stamp)) if command.open else (created,)


def _check_number(state: WorkshopState) -> None:
    if len(state.polls) >= limits.MAX_POLLS:
        raise Rejected("too_many_polls", f"A workshop can have {limits.MAX_POLLS} polls.", rule="PO2")


def _as(kind: type[E], content: PollContent, **changes: Any) -> E:
    """The event that says what is asked."""
    fields: dict[str, Any] = {each.name: getattr(content, each.name) for each in dataclasses.fields(PollContent)}
    return kind(**{**fields, **changes})


def decide_edit(state: WorkshopState, command: EditPoll, stamp: Stamp) -> tuple[Event, ...]:
    before = _draft(state, command.poll_id)
    content = checked_content(command, before.poll_id, stamp.entropy)
    return (_as(PollEdited, content, follows=before.content.follows),)


def decide_discard(state: WorkshopState, command: DiscardPoll, _stamp: Stamp) -> tuple[Event, ...]:
    return (PollDiscarded(poll_id=_draft(state, command.poll_id).poll_id),)


def decide_open(state: WorkshopState, command: OpenPoll, stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    if poll.status == "open":
        return ()
    return (_opened(poll.content, command.duration_ms, stamp),)


def _opened(content: PollContent, duration_ms: int | None, stamp: Stamp) -> PollOpened:
    if duration_ms is not None:
        checked_duration(duration_ms)
    lasts_ms = content.duration_ms if duration_ms is None else duration_ms
    return PollOpened(poll_id=content.poll_id, closes_at_ms=None if lasts_ms is None else stamp.now_ms + lasts_ms)


def decide_repeat(state: WorkshopState, command: RepeatPoll, stamp: Stamp) -> tuple[Event, ...]:
    first = _poll(state, command.poll_id)
    if first.status == "draft":
        message = "This poll has not been voted on yet; open it first."
        raise Rejected("poll_not_opened", message, rule="PO19")
    _check_number(state)
    before = first.content
    options = tuple(
        PollOption(option_id=OptionId(derive("o", stamp.entropy, index)), text=option.text)
        for index, option in enumerate(before.options)
    )
    second = dict(zip((option.option_id for option in before.options), options, strict=True))
    again = _as(
        PollCreated,
        before,
        poll_id=PollId(derive("p", stamp.entropy)),
        options=options,
        right_ids=tuple(second[option_id].option_id for option_id in before.right_ids),
        follows=before.poll_id,
    )
    closed = (PollClosed(poll_id=before.poll_id),) if first.status == "open" else ()
    return (*closed, again, _opened(again, None, stamp))


def decide_timer(state: WorkshopState, command: ChangePollTimer, stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    if poll.status != "open":
        raise Rejected("poll_not_open", "This poll is not open, so no time is running.", rule="PO17")
    if command.remaining_ms is not None:
        checked_duration(command.remaining_ms)
    closes_at_ms = None if command.remaining_ms is None else stamp.now_ms + command.remaining_ms
    if closes_at_ms == poll.closes_at_ms:
        return ()
    return (PollTimerChanged(poll_id=poll.poll_id, closes_at_ms=closes_at_ms),)


def decide_cast(state: WorkshopState, command: CastBallot, stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    voter = known(state, stamp.actor)
    if poll.status != "open":
        raise Rejected("poll_not_open", "This poll is not open, so no vote can be cast in it.", rule="PO4")
    if poll.content.target == "groups" and (voter.room_id == PLENARY or voter.role != "learner"):
        message = "This poll is answered by breakout rooms; only learners in one can vote."
        raise Rejected("not_in_a_group", message, rule="PO16")
    ballot = checked_ballot(poll.content, command, voter.room_id)
    before = poll.ballots.get(stamp.actor)
    if before is not None and before.answer == ballot.answer and before.room_id == ballot.room_id:
        return ()
    if before is not None and poll.content.kind == "quiz" and poll.content.target != "groups":
        message = "You have answered already, and an answer in a quiz is final."
        raise Rejected("answer_final", message, rule="PO14")
    answer_id = None
    if poll.content.kind == "text":
        answer_id = (before and before.answer_id) or AnswerId(derive("n", stamp.entropy))
    return (
        BallotCast(
            poll_id=poll.poll_id,
            participant_id=stamp.actor,
            option_ids=ballot.option_ids,
            value=ballot.value,
            text=ballot.text,
            room_id=ballot.room_id,
            answer_id=answer_id,
        ),
    )


def decide_close(state: WorkshopState, command: ClosePoll, _stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    if poll.status == "draft":
        raise Rejected("poll_not_open", "This poll has not been opened yet, so it cannot be closed.", rule="PO3")
    return () if poll.status == "closed" else (PollClosed(poll_id=poll.poll_id),)


def decide_share(state: WorkshopState, command: ShareResults, _stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    if poll.results == command.results:
        return ()
    return (PollResultsShared(poll_id=poll.poll_id, results=command.results),)


def decide_hide(state: WorkshopState, command: HideAnswer, _stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    if command.answer_id not in poll.answers:
        raise Rejected("unknown_answer", "This poll has no such free answer.", rule="PO12")
    if (command.answer_id in poll.hidden) == command.hidden:
        return ()
    return (AnswerHidden(poll_id=poll.poll_id, answer_id=command.answer_id, hidden=command.hidden),)


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    """The one that is due first (WS6)."""
    due = [
        (when, poll_id)
        for poll_id in state.open_polls
        if (when := state.polls[poll_id].closes_at_ms) is not None and when <= stamp.now_ms
    ]
    return (PollClosed(poll_id=min(due)[1]),) if due else ()


def deadline_ms(state: WorkshopState) -> int | None:
    due = (state.polls[poll_id].closes_at_ms for poll_id in state.open_polls)
    return min((when for when in due if when is not None), default=None)


def at_close(state: WorkshopState) -> Iterable[Event]:
    return (PollClosed(poll_id=poll_id) for poll_id in sorted(state.open_polls))


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_content(state: WorkshopState, event: PollCreated | PollEdited, recorded: Recorded) -> None:
    before = state.polls.get(event.poll_id)
    state.polls[event.poll_id] = Poll(
        poll_id=event.poll_id,
        seq=recorded.seq if before is None else before.seq,
        content=event,
        results=event.results,
        tally=empty_tally(event),
        first_id=event.poll_id if event.follows is None else state.polls[event.follows].first_id,
    )


def evolve_discarded(state: WorkshopState, event: PollDiscarded, _recorded: Recorded) -> None:
    del state.polls[event.poll_id]


def evolve_opened(state: WorkshopState, event: PollOpened, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    poll.status = "open"
    poll.closes_at_ms = event.closes_at_ms
    poll.shift = None
    poll.gone = {voter for voter in poll.ballots if not votes(state, voter)}
    state.open_polls.add(event.poll_id)
    _agree_everywhere(state, poll)


def evolve_timer(state: WorkshopState, event: PollTimerChanged, _recorded: Recorded) -> None:
    state.polls[event.poll_id].closes_at_ms = event.closes_at_ms


def evolve_cast(state: WorkshopState, event: BallotCast, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    ballot = Ballot(
        option_ids=event.option_ids,
        value=event.value,
        text=event.text,
        room_id=event.room_id,
        answer_id=event.answer_id,
    )
    before = poll.ballots.get(event.participant_id)
    poll.ballots[event.participant_id] = ballot
    if event.answer_id is not None:
        poll.answers[event.answer_id] = event.participant_id
    if poll.content.target == "groups":
        assert event.room_id is not None
        _agree(state, poll, event.room_id)
        return
    if answers_wait(poll.content):
        poll.waiting.pop(event.participant_id, None)
        if poll.shown.get(event.participant_id) != ballot:
            poll.waiting[event.participant_id] = None
        ready = list(poll.waiting)[: -limits.MIN_ANONYMOUS_BALLOTS]
        poll.just_shown = _show(poll, ready) if len(ready) >= limits.MIN_ANONYMOUS_BALLOTS else ()
        return
    if before is not None:
        _count(poll, before, -1)
    _count(poll, ballot, +1)


def _count(poll: Poll, ballot: Ballot, by: int) -> None:
    poll.tally.add(poll.content, ballot, by)
    if poll.content.target != "workshop" and ballot.room_id is not None:
        poll.by_room.setdefault(ballot.room_id, empty_tally(poll.content)).add(poll.content, ballot, by)


def _show(poll: Poll, people: Iterable[ParticipantId]) -> tuple[AnswerId, ...]:
    """Count and show the answers of people whose answers wait; which these are, in the order of the ids."""
    shown = []
    for who in people:
        before, ballot = poll.shown.get(who), poll.ballots[who]
        if before is not None:
            _count(poll, before, -1)
        _count(poll, ballot, +1)
        poll.shown[who] = ballot
        shown.append(ballot.answer_id)
        del poll.waiting[who]
    return tuple(sorted(answer_id for answer_id in shown if answer_id is not None))


def _agree_everywhere(state: WorkshopState, poll: Poll) -> None:
    if poll.content.target == "groups" and state.breakouts is not None:
        for room_id in state.breakouts.room_ids:
            _agree(state, poll, room_id)


def _agree(state: WorkshopState, poll: Poll, room_id: RoomId) -> None:
    """Settle a room's answer: what all learners in it have said in it, if they said the same. A room that all have left keeps its own."""
    members = [who for who in state.rooms[room_id].people if state.participants[who].role == "learner"]
    if not members:
        return
    said = [poll.ballots.get(who) for who in members]
    first = said[0]
    before = poll.group_answers.pop(room_id, None)
    if before is not None:
        _count(poll, before, -1)
    if first is not None and all(
        each is not None and each.room_id == room_id and each.answer == first.answer for each in said
    ):
        answer = Ballot(option_ids=first.option_ids, value=first.value, text=first.text, room_id=room_id)
        poll.group_answers[room_id] = answer
        _count(poll, answer, +1)


def evolve_closed(state: WorkshopState, event: PollClosed, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    poll.closed_eligible = eligible(state, poll)
    if not poll.was_closed or len(poll.waiting) >= limits.MIN_ANONYMOUS_BALLOTS:
        _show(poll, list(poll.waiting))  # enough at once, because the last ones were kept back
    poll.status, poll.was_closed = "closed", True
    poll.closes_at_ms = None
    first = None if poll.content.follows is None else state.polls[poll.content.follows]
    poll.shift = None if first is None else _shift(first, poll)
    state.open_polls.discard(event.poll_id)


def _shift(first: Poll, second: Poll) -> PollShift:
    """How answers changed from one vote to the next; options are the same if they stand in the same place."""
    place = {
        option.option_id: index
        for content in (first.content, second.content)
        for index, option in enumerate(content.options)
    }

    def said(ballot: Ballot) -> object:
        return [place[option_id] for option_id in ballot.option_ids], ballot.value, ballot.text

    both = [(first.ballots[who], ballot) for who, ballot in second.ballots.items() if who in first.ballots]
    changed = sum(said(before) != said(after) for before, after in both)
    return PollShift(changed=changed, kept=len(both) - changed, new=len(second.ballots) - len(both))


def evolve_shared(state: WorkshopState, event: PollResultsShared, _recorded: Recorded) -> None:
    state.polls[event.poll_id].results = event.results


def evolve_hidden(state: WorkshopState, event: AnswerHidden, _recorded: Recorded) -> None:
    hidden = state.polls[event.poll_id].hidden
    (hidden.add if event.hidden else hidden.discard)(event.answer_id)


def evolve_person(state: WorkshopState, event: AboutSomebody, _recorded: Recorded) -> None:
    """Somebody came, left or got another role: whether they can vote may have changed, and what their room says."""
    who = event.participant_id
    room_id = state.participants[who].room_id
    for poll_id in state.open_polls:
        poll = state.polls[poll_id]
        if who in poll.ballots:
            (poll.gone.discard if votes(state, who) else poll.gone.add)(who)
        if poll.content.target == "groups" and room_id != PLENARY:
            _agree(state, poll, room_id)


def evolve_moved(state: WorkshopState, event: ParticipantMoved, _recorded: Recorded) -> None:
    """What a room says is what those say who are in it; the answer of a room that closes stays."""
    for poll_id in state.open_polls:
        poll = state.polls[poll_id]
        if poll.content.target == "groups":
            rooms = [event.to_room_id] if event.reason == "room_closed" else [event.from_room_id, event.to_room_id]
            for room_id in rooms:
                if room_id != PLENARY and state.rooms[room_id].open:
                    _agree(state, poll, room_id)


def evolve_rooms_opened(state: WorkshopState, _event: BreakoutsOpened, _recorded: Recorded) -> None:
    """Rooms that are opened again may have answered already."""
    for poll_id in state.open_polls:
        _agree_everywhere(state, state.polls[poll_id])


FEATURE = Feature(
    deciders={
        CreatePoll: decide_create,
        EditPoll: decide_edit,
        DiscardPoll: decide_discard,
        OpenPoll: decide_open,
        RepeatPoll: decide_repeat,
        ChangePollTimer: decide_timer,
        CastBallot: decide_cast,
        ClosePoll: decide_close,
        ShareResults: decide_share,
        HideAnswer: decide_hide,
    },
    evolvers={
        PollCreated: evolve_content,
        PollEdited: evolve_content,
        PollDiscarded: evolve_discarded,
        PollOpened: evolve_opened,
        PollTimerChanged: evolve_timer,
        BallotCast: evolve_cast,
        PollClosed: evolve_closed,
        PollResultsShared: evolve_shared,
        AnswerHidden: evolve_hidden,
        ParticipantMoved: evolve_moved,
        BreakoutsOpened: evolve_rooms_opened,
        **dict.fromkeys((ParticipantJoined, ParticipantReturned, ParticipantLeft, RoleChanged), evolve_person),
    },
    touched=TOUCHED,
    renderers=RENDERERS,
    keys=KEYS,
    deadline_ms=deadline_ms,
    tick=tick,
    at_close=at_close,
)
