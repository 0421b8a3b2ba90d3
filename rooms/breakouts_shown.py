"""How breakouts are shown: rooms, timers, earlier rounds. Rules BR in SPEC.md; `rooms.breakouts` decides and evolves."""

from collections.abc import Iterable

from rooms.events import Event
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    CapacitySet,
    RoomAdded,
    RoomClosed,
    RoomRenamed,
    TimerChanged,
)
from rooms.feature import Shown
from rooms.ids import RoomId, RoundId
from rooms.people import participant_key
from rooms.records import ALL, FACILITATORS, BreakoutsRecord, BreakoutsSetupRecord, RoomRecord, RoundRecord
from rooms.state import WorkshopState


def room_keys(room_id: RoomId) -> Iterable[str]:
    """All records of a room."""
    return (f"{kind}:{room_id}" for kind in ("room", "room_board", "room_work", "help"))


def touch_opened(_state: WorkshopState, event: BreakoutsOpened) -> Iterable[str]:
    yield from ("breakouts", "breakouts_setup", f"plan:{event.plan_id}", f"round:{event.round_id}")
    for each in event.rooms:
        yield from room_keys(each.room_id)
        yield from map(participant_key, (*each.participant_ids, *each.expected_ids))


def touch_closed(state: WorkshopState, _event: BreakoutsClosed) -> Iterable[str]:
    past = next(reversed(state.rounds.values()))
    yield from ("breakouts", "breakouts_setup", f"round:{past.round_id}", f"round:{state.forgotten_round}")
    for room in past.rooms:
        yield from room_keys(room.room_id)
    yield from map(participant_key, state.participants)


def touch_timer(_state: WorkshopState, event: TimerChanged) -> Iterable[str]:
    return ("breakouts",) if event.room_id is None else (f"room:{event.room_id}",)


def touch_breakouts(_state: WorkshopState, _event: Event) -> Iterable[str]:
    return ("breakouts",)


def touch_room(_state: WorkshopState, event: RoomRenamed | CapacitySet) -> Iterable[str]:
    return (f"room:{event.room_id}",)


def touch_added(_state: WorkshopState, event: RoomAdded) -> Iterable[str]:
    return room_keys(event.room.room_id)


def touch_room_closed(state: WorkshopState, event: RoomClosed) -> Iterable[str]:
    yield from room_keys(event.room_id)
    # Its people moved before; what changes for those who belonged there is that they do not any more.
    yield from map(participant_key, state.rooms[event.room_id].members)
    if state.breakouts is not None:
        yield from map(participant_key, state.breakouts.unheard)


def render_room(state: WorkshopState, key_id: str) -> Shown | None:
    room = state.rooms.get(RoomId(key_id))
    if room is None or not room.open:
        return None
    record = RoomRecord(
        room_id=room.room_id,
        name=room.name,
        room_kind=room.kind,
        order=room.order,
        capacity=room.capacity,
        ends_at_ms=room.ends_at_ms,
    )
    return record, frozenset((ALL,))


def render_breakouts(state: WorkshopState, _key_id: str) -> Shown | None:
    breakouts = state.breakouts
    if breakouts is None:
        return None
    ends = [end for end in (breakouts.ends_at_ms, breakouts.recall_at_ms) if end is not None]
    record = BreakoutsRecord(
        round_id=breakouts.round_id,
        opened_at_ms=breakouts.opened_at_ms,
        ends_at_ms=breakouts.ends_at_ms,
        warn_at_ms=min(ends) - breakouts.policy.warning_ms if ends else None,
        recall_at_ms=breakouts.recall_at_ms,
        choose=breakouts.choose,
        may_leave=breakouts.policy.may_leave,
        voice_id=breakouts.voice_id,
    )
    return record, frozenset((ALL,))


def render_setup(state: WorkshopState, _key_id: str) -> Shown | None:
    breakouts = state.breakouts
    if breakouts is None:
        return None
    record = BreakoutsSetupRecord(
        round_id=breakouts.round_id, policy=breakouts.policy, explanation=breakouts.explanation
    )
    return record, frozenset((FACILITATORS,))


def render_round(state: WorkshopState, key_id: str) -> Shown | None:
    past = state.rounds.get(RoundId(key_id))
    if past is None:
        return None
    record = RoundRecord(round_id=past.round_id, seq=past.seq, closed_at_ms=past.closed_at_ms, rooms=past.rooms)
    return record, frozenset((FACILITATORS,))


def keys(state: WorkshopState) -> Iterable[str]:
    yield from ("breakouts", "breakouts_setup")
    yield from (f"room:{room_id}" for room_id in state.rooms)
    yield from (f"round:{round_id}" for round_id in state.rounds)
