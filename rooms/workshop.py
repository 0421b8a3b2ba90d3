"""decide, evolve, next_deadline_ms: the whole core through three functions. Only dispatch stands here.

A command goes to the one feature that decides it, after three questions that all commands share: is there an open workshop (WS2, WS3),
may this role give it (WS4), is the actor somebody here (PE1).
"""

from rooms import (
    agenda,
    attendance,
    breakouts,
    chat,
    erasure,
    lifecycle,
    lobby,
    moves,
    people,
    plans,
    polls,
    questions,
    review,
    roomwork,
    rosters,
    stage,
)
from rooms.commands import Command, ServerCommand, Stamp
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop, Tick
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.workshop import WorkshopClosed
from rooms.feature import Decider, Evolver, Feature
from rooms.ids import API, SYSTEM
from rooms.people import known
from rooms.roles import ALLOWED, NEEDS_A_PERSON, WAITING_MAY
from rooms.state import Participant, WorkshopState

FEATURES: tuple[Feature, ...] = (
    lifecycle.FEATURE,
    people.FEATURE,
    attendance.FEATURE,
    rosters.FEATURE,
    lobby.FEATURE,
    stage.FEATURE,
    chat.FEATURE,
    breakouts.FEATURE,
    moves.FEATURE,
    roomwork.FEATURE,
    plans.FEATURE,
    polls.FEATURE,
    questions.FEATURE,
    review.FEATURE,
    agenda.FEATURE,
    erasure.FEATURE,
)


def decide_tick(state: WorkshopState, _command: Tick, stamp: Stamp) -> tuple[Event, ...]:
    """What was due first. What else is due by now comes with the next tick, decided on the state as it is then."""
    due = [(when, index) for index, each in enumerate(FEATURES) if (when := each.deadline_ms(state)) is not None]
    return FEATURES[min(due)[1]].tick(state, stamp) if due else ()


def decide_close(state: WorkshopState, _command: CloseWorkshop, _stamp: Stamp) -> tuple[Event, ...]:
    """What runs ends, the last feature first, so that people leave after what they were in has ended."""
    ended = [event for feature in reversed(FEATURES) for event in feature.at_close(state)]
    return (*ended, WorkshopClosed())


DECIDERS: dict[type[object], Decider] = {
    Tick: decide_tick,
    CloseWorkshop: decide_close,
    **{command: decider for feature in FEATURES for command, decider in feature.deciders.items()},
}
EVOLVERS: dict[type[object], tuple[Evolver, ...]] = {
    event: tuple(feature.evolvers[event] for feature in FEATURES if event in feature.evolvers)
    for feature in FEATURES
    for event in feature.evolvers
}
_SLOW = frozenset({Tick, *(command for feature in FEATURES for command in feature.slow)})
_QUIET_WHEN_CLOSED = frozenset({"Disconnect", "DropAllConnections", "SumSpeech", "Tick", "CloseWorkshop"})
_ALSO_WHEN_CLOSED = frozenset({"ObjectToAttendance", "CorrectAttendance", "ErasePersonalData"})


def initial_state() -> WorkshopState:
    """The state before the first event."""
    return WorkshopState()


def decide(state: WorkshopState, command: Command, stamp: Stamp) -> tuple[Event, ...]:
    """What happens if `command` is given now. Raises `Rejected`; changes nothing. No events: it was so already."""
    if isinstance(command, CreateWorkshop):
        if state.status != "new":
            raise Rejected("workshop_exists", "A workshop with this id exists already.", rule="WS1")
    elif state.status == "new":
        raise Rejected("workshop_unknown", "There is no such workshop; create it first.", rule="WS2")
    elif state.status == "closed":
        if command.type in _QUIET_WHEN_CLOSED:
            return ()
        if command.type not in _ALSO_WHEN_CLOSED:
            raise Rejected("workshop_closed", "The workshop has ended.", rule="WS3")
    _authorize(state, command, stamp)
    return DECIDERS[type(command)](state, command, stamp)


def may_take_long(command: Command) -> bool:
    """Whether to decide this may take longer than a moment: do not keep others waiting for it."""
    return type(command) in _SLOW


def _authorize(state: WorkshopState, command: Command, stamp: Stamp) -> None:
    if isinstance(command, ServerCommand):
        return  # comes from the server's own code, never over the wire
    if stamp.actor in (API, SYSTEM):
        if command.type in NEEDS_A_PERSON:
            message = f"{command.type} can only be given by a participant."
            raise Rejected("needs_a_participant", message, rule="WS4")
        return
    if stamp.actor in state.lobby:
        if command.type in WAITING_MAY:
            return
        message = "You are waiting in the lobby; you can take part when a facilitator admits you."
        raise Rejected("in_lobby", message, rule="LO1")
    person = known(state, stamp.actor)
    if person.role not in ALLOWED[command.type]:
        allowed = ", ".join(sorted(ALLOWED[command.type]))
        message = f"The role {person.role} may not give {command.type}; it is for: {allowed}."
        raise Rejected("not_allowed", message, rule="WS4")
    if person.left and not _may_be_away(command, person):
        raise Rejected("not_present", "You have left the workshop; join again first.", rule="WS5")


def _may_be_away(command: Command, person: Participant) -> bool:
    """What somebody may say who has left; who was put out may object, but not correct others (AT9, AT10)."""
    return command.type in _ALSO_WHEN_CLOSED and (command.type == "ObjectToAttendance" or not person.removed)


def evolve(state: WorkshopState, recorded: Recorded) -> WorkshopState:
    """Fold one event in. Takes the state over and returns it; never rejects, never draws."""
    for evolver in EVOLVERS[type(recorded.event)]:
        evolver(state, recorded.event, recorded)
    state.seq = recorded.seq
    state.now_ms = recorded.at_ms
    return state


def next_deadline_ms(state: WorkshopState) -> int | None:
    """When the shell must send a Tick, in Unix milliseconds; None while nothing is due. May be in the past."""
    if state.status != "open":
        return None
    return min((due for feature in FEATURES if (due := feature.deadline_ms(state)) is not None), default=None)
