"""Breakout rooms: open, move, recall. Rules BR in SPEC.md."""

import random
from collections.abc import Iterable

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, OpenedRoom, ParticipantMoved
from rooms.feature import Feature, Shown
from rooms.ids import PLENARY, ParticipantId, RoomId, derive
from rooms.people import known, participant_key
from rooms.placing import enter
from rooms.records import ALL, BreakoutsRecord, RoomRecord
from rooms.state import Breakouts, Room, WorkshopState


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_open(state: WorkshopState, command: OpenBreakouts, stamp: Stamp) -> tuple[Event, ...]:
    if state.breakouts is not None:
        raise Rejected("breakouts_open", "Breakout rooms are open already; recall everybody first.", rule="BR1")
    if not 1 <= command.count <= limits.MAX_ROOMS:
        message = f"{command.count} rooms were asked for; between 1 and {limits.MAX_ROOMS} are possible."
        raise Rejected("room_count", message, rule="BR2")
    if len(state.rooms) + command.count > limits.MAX_ROOMS_EVER:
        message = f"A workshop can have {limits.MAX_ROOMS_EVER} rooms in its life, and that is reached."
        raise Rejected("room_count", message, rule="BR2")
    ends_at_ms = _end_of(command.duration_ms, stamp)
    learners = [p.participant_id for p in state.participants.values() if p.role == "learner" and not p.left]
    if command.count > len(learners):
        message = (
            f"{command.count} rooms for {len(learners)} learners would leave rooms empty; "
            f"open at most {len(learners)}, or wait for more learners."
        )
        raise Rejected("too_many_rooms", message, rule="BR3")
    random.Random(stamp.entropy).shuffle(learners)
    rooms = tuple(
        OpenedRoom(
            room_id=RoomId(derive("r", stamp.entropy, index)),
            name=f"Room {index + 1}",
            participant_ids=tuple(learners[index :: command.count]),
        )
        for index in range(command.count)
    )
    return (BreakoutsOpened(rooms=rooms, ends_at_ms=ends_at_ms),)


def _end_of(duration_ms: int | None, stamp: Stamp) -> int | None:
    if duration_ms is None:
        return None
    if not 1_000 <= duration_ms <= limits.MAX_BREAKOUT_MS:
        message = f"A breakout of {duration_ms} ms was asked for; between 1 second and 24 hours is possible."
        raise Rejected("duration", message, rule="BR7")
    return stamp.now_ms + duration_ms


def decide_move(state: WorkshopState, command: MoveParticipants, _stamp: Stamp) -> tuple[Event, ...]:
    room = state.rooms.get(command.room_id)
    if room is None or not room.open:
        message = f"There is no open room with the id {command.room_id!r} in this workshop."
        raise Rejected("unknown_room", message, rule="BR5")
    people = [known(state, participant_id) for participant_id in dict.fromkeys(command.participant_ids)]
    return tuple(
        ParticipantMoved(participant_id=p.participant_id, from_room_id=p.room_id, to_room_id=room.room_id)
        for p in people
        if p.room_id != room.room_id
    )


def decide_close(state: WorkshopState, _command: CloseBreakouts, _stamp: Stamp) -> tuple[Event, ...]:
    if state.breakouts is None:
        raise Rejected("breakouts_not_open", "No breakout rooms are open.", rule="BR6")
    return (BreakoutsClosed(reason="recalled"),)


def at_close(state: WorkshopState) -> Iterable[Event]:
    return () if state.breakouts is None else (BreakoutsClosed(reason="workshop_closed"),)


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    due = deadline_ms(state)
    return () if due is None or due > stamp.now_ms else (BreakoutsClosed(reason="timer"),)


def deadline_ms(state: WorkshopState) -> int | None:
    return None if state.breakouts is None else state.breakouts.ends_at_ms


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_opened(state: WorkshopState, event: BreakoutsOpened, recorded: Recorded) -> None:
    for opened in event.rooms:
        state.rooms[opened.room_id] = Room(
            room_id=opened.room_id, name=opened.name, kind="breakout", order=len(state.rooms)
        )
        for participant_id in opened.participant_ids:
            enter(state, state.participants[participant_id], opened.room_id)
    state.breakouts = Breakouts(
        opened_at_ms=recorded.at_ms,
        ends_at_ms=event.ends_at_ms,
        room_ids=tuple(opened.room_id for opened in event.rooms),
    )


def evolve_moved(state: WorkshopState, event: ParticipantMoved, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    if person.left:
        person.room_id = event.to_room_id
    else:
        enter(state, person, event.to_room_id)


def evolve_closed(state: WorkshopState, _event: BreakoutsClosed, _recorded: Recorded) -> None:
    assert state.breakouts is not None
    for room_id in state.breakouts.room_ids:
        state.rooms[room_id].open = False
    for person in state.participants.values():
        if person.left:
            person.room_id = PLENARY
        elif person.room_id != PLENARY:
            enter(state, person, PLENARY)
    state.breakouts = None


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def room_key(room_id: RoomId) -> str:
    return f"room:{room_id}"


def touch_opened(_state: WorkshopState, event: BreakoutsOpened) -> Iterable[str]:
    yield "breakouts"
    for opened in event.rooms:
        yield room_key(opened.room_id)
        yield from (participant_key(participant_id) for participant_id in opened.participant_ids)


def touch_moved(_state: WorkshopState, event: ParticipantMoved) -> Iterable[str]:
    return (participant_key(event.participant_id),)


def touch_closed(state: WorkshopState, _event: BreakoutsClosed) -> Iterable[str]:
    yield "breakouts"
    yield from map(room_key, state.rooms)
    yield from map(participant_key, state.participants)


def render_room(state: WorkshopState, key_id: str) -> Shown | None:
    room = state.rooms.get(RoomId(key_id))
    if room is None or not room.open:
        return None
    record = RoomRecord(room_id=room.room_id, name=room.name, room_kind=room.kind, order=room.order)
    return record, frozenset((ALL,))


def render_breakouts(state: WorkshopState, _key_id: str) -> Shown | None:
    if state.breakouts is None:
        return None
    record = BreakoutsRecord(opened_at_ms=state.breakouts.opened_at_ms, ends_at_ms=state.breakouts.ends_at_ms)
    return record, frozenset((ALL,))


def keys(state: WorkshopState) -> Iterable[str]:
    yield "breakouts"
    yield from map(room_key, state.rooms)


def placed(event: BreakoutsOpened) -> dict[ParticipantId, RoomId]:
    """Participant → room, as a breakout began."""
    return {who: opened.room_id for opened in event.rooms for who in opened.participant_ids}


FEATURE = Feature(
    deciders={OpenBreakouts: decide_open, MoveParticipants: decide_move, CloseBreakouts: decide_close},
    evolvers={BreakoutsOpened: evolve_opened, ParticipantMoved: evolve_moved, BreakoutsClosed: evolve_closed},
    touched={BreakoutsOpened: touch_opened, ParticipantMoved: touch_moved, BreakoutsClosed: touch_closed},
    renderers={"room": render_room, "breakouts": render_breakouts},
    keys=keys,
    deadline_ms=deadline_ms,
    tick=tick,
    at_close=at_close,
)
