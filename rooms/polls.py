"""Polls: prepare, open, vote, close, share. Rules PO in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll, ShareResults
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.people import ParticipantJoined, ParticipantLeft, ParticipantReturned, RoleChanged
from rooms.events.polls import BallotCast, PollClosed, PollCreated, PollOpened, PollOption, PollResultsShared
from rooms.feature import AboutSomebody, Feature, Shown
from rooms.ids import OptionId, ParticipantId, PollId, derive
from rooms.people import known
from rooms.records import ALL, FACILITATORS, BallotRecord, OptionCount, PollRecord, TallyRecord, person_audience
from rooms.roles import VOTERS
from rooms.state import Poll, WorkshopState
from rooms.text import cleaned


def _poll(state: WorkshopState, poll_id: PollId) -> Poll:
    poll = state.polls.get(poll_id)
    if poll is None:
        raise Rejected("unknown_poll", f"There is no poll with the id {poll_id!r} in this workshop.", rule="PO1")
    return poll


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_create(state: WorkshopState, command: CreatePoll, stamp: Stamp) -> tuple[Event, ...]:
    if len(state.polls) >= limits.MAX_POLLS:
        raise Rejected("too_many_polls", f"A workshop can have {limits.MAX_POLLS} polls.", rule="PO2")
    question = cleaned(command.question, "question", limits.MAX_QUESTION_CHARS, rule="PO2")
    if not 2 <= len(command.options) <= limits.MAX_OPTIONS:
        message = f"The poll has {len(command.options)} options; between 2 and {limits.MAX_OPTIONS} are needed."
        raise Rejected("option_count", message, rule="PO2")
    texts = [cleaned(text, "option", limits.MAX_OPTION_CHARS, rule="PO2") for text in command.options]
    if len(set(texts)) < len(texts):
        raise Rejected("options_repeat", "Two options have the same text; make each different.", rule="PO2")
    options = tuple(
        PollOption(option_id=OptionId(derive("o", stamp.entropy, index)), text=text) for index, text in enumerate(texts)
    )
    poll_id = PollId(derive("p", stamp.entropy))
    return (PollCreated(poll_id=poll_id, question=question, options=options, anonymous=command.anonymous),)


def decide_open(state: WorkshopState, command: OpenPoll, _stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    return () if poll.status == "open" else (PollOpened(poll_id=poll.poll_id),)


def decide_cast(state: WorkshopState, command: CastBallot, stamp: Stamp) -> tuple[Event, ...]:
    poll = _poll(state, command.poll_id)
    known(state, stamp.actor)
    if poll.status != "open":
        raise Rejected("poll_not_open", "This poll is not open, so no vote can be cast in it.", rule="PO4")
    if len(command.option_ids) != 1:
        message = f"This poll takes one option; {len(command.option_ids)} were given."
        raise Rejected("choice_count", message, rule="PO5")
    (option_id,) = command.option_ids
    if option_id not in poll.counts:
        raise Rejected("unknown_option", f"This poll has no option with the id {option_id!r}.", rule="PO5")
    if poll.ballots.get(stamp.actor) == command.option_ids:
        return ()
    return (BallotCast(poll_id=poll.poll_id, participant_id=stamp.actor, option_ids=command.option_ids),)


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


def at_close(state: WorkshopState) -> Iterable[Event]:
    return (PollClosed(poll_id=poll_id) for poll_id in sorted(state.open_polls))


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_created(state: WorkshopState, event: PollCreated, recorded: Recorded) -> None:
    state.polls[event.poll_id] = Poll(
        poll_id=event.poll_id,
        seq=recorded.seq,
        question=event.question,
        options=event.options,
        anonymous=event.anonymous,
        counts={option.option_id: 0 for option in event.options},
    )


def evolve_opened(state: WorkshopState, event: PollOpened, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    poll.status = "open"
    poll.gone = {voter for voter in poll.ballots if not _votes(state, voter)}
    state.open_polls.add(event.poll_id)


def evolve_cast(state: WorkshopState, event: BallotCast, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    for option_id in poll.ballots.get(event.participant_id, ()):
        poll.counts[option_id] -= 1
    poll.ballots[event.participant_id] = event.option_ids
    for option_id in event.option_ids:
        poll.counts[option_id] += 1


def evolve_closed(state: WorkshopState, event: PollClosed, _recorded: Recorded) -> None:
    poll = state.polls[event.poll_id]
    poll.closed_eligible = eligible(state, poll)
    poll.status = "closed"
    state.open_polls.discard(event.poll_id)


def evolve_person(state: WorkshopState, event: AboutSomebody, _recorded: Recorded) -> None:
    """Somebody came, left or got another role: whether they can vote may have changed."""
    who = event.participant_id
    for poll_id in state.open_polls:
        poll = state.polls[poll_id]
        if who in poll.ballots:
            (poll.gone.discard if _votes(state, who) else poll.gone.add)(who)


def eligible(state: WorkshopState, poll: Poll) -> int:
    """People who can vote, and those who have voted and could not any more."""
    return poll.closed_eligible if poll.status == "closed" else state.present_voters + len(poll.gone)


def _votes(state: WorkshopState, participant_id: ParticipantId) -> bool:
    person = state.participants[participant_id]
    return not person.left and person.role in VOTERS


def evolve_shared(state: WorkshopState, event: PollResultsShared, _recorded: Recorded) -> None:
    state.polls[event.poll_id].results = event.results


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_poll(
    _state: WorkshopState, event: PollCreated | PollOpened | PollClosed | PollResultsShared
) -> Iterable[str]:
    return (f"poll:{event.poll_id}", f"tally:{event.poll_id}")


def touch_cast(_state: WorkshopState, event: BallotCast) -> Iterable[str]:
    return (f"tally:{event.poll_id}", f"ballot:{event.poll_id}:{event.participant_id}")


def touch_tallies(state: WorkshopState, _event: Event) -> Iterable[str]:
    """Who can vote has changed."""
    return (f"tally:{poll_id}" for poll_id in state.open_polls)


def render_poll(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    if poll is None:
        return None
    record = PollRecord(
        poll_id=poll.poll_id,
        seq=poll.seq,
        question=poll.question,
        options=poll.options,
        status=poll.status,
        anonymous=poll.anonymous,
        results=poll.results,
    )
    return record, frozenset((FACILITATORS if poll.status == "draft" else ALL,))


def render_tally(state: WorkshopState, key_id: str) -> Shown | None:
    poll = state.polls.get(PollId(key_id))
    if poll is None or poll.status == "draft" or poll.results == "hidden":
        return None
    record = TallyRecord(
        poll_id=poll.poll_id,
        counts=tuple(OptionCount(option_id=option_id, count=count) for option_id, count in poll.counts.items()),
        ballots=len(poll.ballots),
        eligible=eligible(state, poll),
    )
    return record, frozenset((ALL if poll.results == "everyone" else FACILITATORS,))


def render_ballot(state: WorkshopState, key_id: str) -> Shown | None:
    poll_id, _, voter = key_id.partition(":")
    poll = state.polls.get(PollId(poll_id))
    chosen = None if poll is None else poll.ballots.get(ParticipantId(voter))
    if poll is None or chosen is None:
        return None
    record = BallotRecord(poll_id=poll.poll_id, participant_id=ParticipantId(voter), option_ids=chosen)
    return record, frozenset((person_audience(ParticipantId(voter)),))


def keys(state: WorkshopState) -> Iterable[str]:
    for poll in state.polls.values():
        yield f"poll:{poll.poll_id}"
        yield f"tally:{poll.poll_id}"
        yield from (f"ballot:{poll.poll_id}:{voter}" for voter in poll.ballots)


FEATURE = Feature(
    deciders={
        CreatePoll: decide_create,
        OpenPoll: decide_open,
        CastBallot: decide_cast,
        ClosePoll: decide_close,
        ShareResults: decide_share,
    },
    evolvers={
        PollCreated: evolve_created,
        PollOpened: evolve_opened,
        BallotCast: evolve_cast,
        PollClosed: evolve_closed,
        PollResultsShared: evolve_shared,
        **dict.fromkeys((ParticipantReturned, ParticipantLeft, RoleChanged), evolve_person),
    },
    touched={
        PollCreated: touch_poll,
        PollOpened: touch_poll,
        PollClosed: touch_poll,
        PollResultsShared: touch_poll,
        BallotCast: touch_cast,
        ParticipantJoined: touch_tallies,
        ParticipantReturned: touch_tallies,
        ParticipantLeft: touch_tallies,
        RoleChanged: touch_tallies,
    },
    renderers={"poll": render_poll, "tally": render_tally, "ballot": render_ballot},
    keys=keys,
    at_close=at_close,
)
