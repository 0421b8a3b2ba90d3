"""Breakout rooms while they are open: opened, timed, changed, recalled, closed. Rules BR in SPEC.md.

Who comes where is decided in `rooms.assignment`; who goes where afterwards in `rooms.moves`; what happens in the rooms in
`rooms.roomwork`; rooms that are prepared and not open yet in `rooms.plans`.
"""

from collections.abc import Iterable
from dataclasses import replace

from rooms import breakouts_shown as shown
from rooms import limits
from rooms.assignment import (
    Draft,
    checked,
    checked_capacity,
    checked_duration,
    checked_policy,
    checked_room,
    draw,
    opened,
    rooms_for,
)
from rooms.commands import Stamp
from rooms.commands.breakouts import (
    AddRoom,
    CancelRecall,
    ChangeTimer,
    CloseBreakouts,
    CloseRoom,
    ExtendTimer,
    OpenBreakouts,
    RenameRoom,
    ReopenBreakouts,
    SetCapacity,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutSetup,
    BreakoutsOpened,
    ByHand,
    CapacitySet,
    OpenedRoom,
    ParticipantMoved,
    RecallCancelled,
    RecallStarted,
    RoomAdded,
    RoomClosed,
    RoomRenamed,
    RoomSetup,
    TimerChanged,
)
from rooms.feature import Feature
from rooms.ids import PLENARY, RoomId, RoundId
from rooms.placing import belong, enter, people_in, stop_listening
from rooms.state import Breakouts, PastBreakouts, Room, WorkshopState
from rooms.text import cleaned


def running(state: WorkshopState) -> Breakouts:
    """The open breakouts, or `Rejected` (BR6)."""
    if state.breakouts is None:
        raise Rejected("breakouts_not_open", "No breakout rooms are open.", rule="BR6")
    return state.breakouts


def breakout_room(state: WorkshopState, room_id: RoomId) -> Room:
    """An open breakout room, or `Rejected` (BR5)."""
    room = open_room(state, room_id)
    if room.kind == "plenary":
        raise Rejected("not_a_breakout_room", "This goes for breakout rooms only, not for the plenary.", rule="BR5")
    return room


def open_room(state: WorkshopState, room_id: RoomId) -> Room:
    """An open room or the plenary, or `Rejected` (BR5)."""
    room = state.rooms.get(room_id)
    if room is None or not room.open:
        message = f"There is no open room with the id {room_id!r} in this workshop."
        raise Rejected("unknown_room", message, rule="BR5")
    return room


# ── decide: open and close ───────────────────────────────────────────────────────────────────────────────────────────
def decide_open(state: WorkshopState, command: OpenBreakouts, stamp: Stamp) -> tuple[Event, ...]:
    closed = switched(state, command.switch)
    setup = checked(command)
    return (*closed, opened(state, stamp, draw(state, setup, stamp.entropy), setup))


def switched(state: WorkshopState, switch: bool) -> tuple[Event, ...]:
    """What closes for other rooms to open; `Rejected` if rooms are open and are not to be switched."""
    if state.breakouts is None:
        return ()
    if not switch:
        message = "Breakout rooms are open already; recall everybody first, or switch to the new rooms."
        raise Rejected("breakouts_open", message, rule="BR1")
    return (BreakoutsClosed(reason="switched"),)


def decide_reopen(state: WorkshopState, command: ReopenBreakouts, stamp: Stamp) -> tuple[Event, ...]:
    round_id = command.round_id or _last_groups(state)
    if round_id is None or round_id not in state.rounds:
        raise Rejected("unknown_round", "There are no such earlier breakout rooms to open again.", rule="BR15")
    closed = switched(state, command.switch)
    checked_duration(command.duration_ms)
    past = state.rounds[round_id]
    setup = BreakoutSetup(
        assignment=ByHand(groups=()), duration_ms=command.duration_ms, policy=checked_policy(past.policy)
    )
    event = opened(state, stamp, Draft(rooms=past.rooms), setup)
    return (*closed, _choosing(event) if past.choose else event)


def _last_groups(state: WorkshopState) -> RoundId | None:
    """The round that closed last; the rooms in which reviews were discussed are nobody's groups."""
    for round_id, past in reversed(state.rounds.items()):
        if not any(room.room_id in state.discussion_rooms for room in past.rooms):
            return round_id
    return None


def resumed(state: WorkshopState, stamp: Stamp, round_id: RoundId) -> BreakoutsOpened | None:
    """The same breakouts again, after something that people were called away to; None if their time is over meanwhile.

    Everybody here who belongs to a room is back in it, and the timers run as they would have. Rooms whose own time is over stay closed.
    """
    past = state.rounds.get(round_id)
    if past is None or (past.ends_at_ms is not None and past.ends_at_ms <= stamp.now_ms):
        return None
    rooms = []
    for room in past.rooms:
        end = past.room_ends_ms.get(room.room_id)
        if end is None or end > stamp.now_ms:
            here = tuple(who for who in room.participant_ids if not state.participants[who].left)
            absent = tuple(who for who in room.participant_ids if who not in here)
            timed = None if end is None else end - stamp.now_ms
            rooms.append(replace(room, participant_ids=here, expected_ids=absent, duration_ms=timed))
    if not rooms:
        return None
    return BreakoutsOpened(
        rooms=tuple(rooms),
        ends_at_ms=past.ends_at_ms,
        round_id=round_id,
        policy=past.policy,
        choose=past.choose,
        explanation=past.explanation,
    )


def _choosing(event: BreakoutsOpened) -> BreakoutsOpened:
    return BreakoutsOpened(
        rooms=event.rooms, ends_at_ms=event.ends_at_ms, round_id=event.round_id, policy=event.policy, choose=True
    )


def decide_close(state: WorkshopState, command: CloseBreakouts, stamp: Stamp) -> tuple[Event, ...]:
    breakouts = running(state)
    if command.countdown_ms == 0:
        return (BreakoutsClosed(reason="recalled"),)
    if not 1_000 <= command.countdown_ms <= limits.MAX_COUNTDOWN_MS:
        message = (
            f"A countdown of {command.countdown_ms} ms was asked for; none, or 1 second to 10 minutes is possible."
        )
        raise Rejected("duration", message, rule="BR14")
    ends_at_ms = stamp.now_ms + command.countdown_ms
    if breakouts.ends_at_ms is not None:
        ends_at_ms = min(ends_at_ms, breakouts.ends_at_ms)
    return () if ends_at_ms == breakouts.recall_at_ms else (RecallStarted(ends_at_ms=ends_at_ms),)


def decide_cancel_recall(state: WorkshopState, _command: CancelRecall, _stamp: Stamp) -> tuple[Event, ...]:
    return () if running(state).recall_at_ms is None else (RecallCancelled(),)


# ── decide: time ─────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_timer(state: WorkshopState, command: ChangeTimer, stamp: Stamp) -> tuple[Event, ...]:
    running(state)
    if command.room_id is not None:
        breakout_room(state, command.room_id)
    checked_duration(command.remaining_ms)
    ends_at_ms = None if command.remaining_ms is None else stamp.now_ms + command.remaining_ms
    return (TimerChanged(room_id=command.room_id, ends_at_ms=ends_at_ms),)


def decide_extend(state: WorkshopState, command: ExtendTimer, stamp: Stamp) -> tuple[Event, ...]:
    breakouts = running(state)
    ends_at_ms = breakouts.ends_at_ms
    if command.room_id is not None:
        ends_at_ms = breakout_room(state, command.room_id).ends_at_ms
    if ends_at_ms is None:
        raise Rejected("no_timer", "No timer is running; set one first.", rule="BR13")
    checked_duration(ends_at_ms + command.by_ms - stamp.now_ms)
    return (TimerChanged(room_id=command.room_id, ends_at_ms=ends_at_ms + command.by_ms),)


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    breakouts = state.breakouts
    if breakouts is None:
        return ()
    if breakouts.recall_at_ms is not None and breakouts.recall_at_ms <= stamp.now_ms:
        return (BreakoutsClosed(reason="recalled"),)
    if breakouts.ends_at_ms is not None and breakouts.ends_at_ms <= stamp.now_ms:
        return (BreakoutsClosed(reason="timer"),)
    due = [
        room
        for room in map(state.rooms.__getitem__, breakouts.room_ids)
        if room.ends_at_ms is not None and room.ends_at_ms <= stamp.now_ms
    ]
    if len(due) == len(breakouts.room_ids):
        return (BreakoutsClosed(reason="timer"),)
    return tuple(event for room in due for event in (*_cleared(state, room, PLENARY), _closed(room, "timer")))


def deadline_ms(state: WorkshopState) -> int | None:
    breakouts = state.breakouts
    if breakouts is None:
        return None
    ends = [state.rooms[room_id].ends_at_ms for room_id in breakouts.room_ids]
    return min((end for end in (breakouts.recall_at_ms, breakouts.ends_at_ms, *ends) if end is not None), default=None)


def at_close(state: WorkshopState) -> Iterable[Event]:
    return () if state.breakouts is None else (BreakoutsClosed(reason="workshop_closed"),)


# ── decide: single rooms ─────────────────────────────────────────────────────────────────────────────────────────────
def decide_add(state: WorkshopState, command: AddRoom, stamp: Stamp) -> tuple[Event, ...]:
    breakouts = running(state)
    if len(breakouts.room_ids) >= limits.MAX_ROOMS or len(state.rooms) >= limits.MAX_ROOMS_EVER:
        message = f"{limits.MAX_ROOMS} rooms can be open at once, {limits.MAX_ROOMS_EVER} in a workshop's life."
        raise Rejected("room_count", message, rule="BR2")
    setup = checked_room(command)
    name = setup.name or f"Room {len(breakouts.room_ids) + 1}"
    named = RoomSetup(name=name, capacity=setup.capacity, task=setup.task, duration_ms=setup.duration_ms)
    return (RoomAdded(room=rooms_for([()], [named], stamp.entropy)[0]),)


def decide_rename(state: WorkshopState, command: RenameRoom, _stamp: Stamp) -> tuple[Event, ...]:
    room = breakout_room(state, command.room_id)
    name = cleaned(command.name, "room_name", limits.MAX_ROOM_NAME_CHARS, rule="BR9")
    return () if room.name == name else (RoomRenamed(room_id=room.room_id, name=name),)


def decide_capacity(state: WorkshopState, command: SetCapacity, _stamp: Stamp) -> tuple[Event, ...]:
    room = breakout_room(state, command.room_id)
    capacity = checked_capacity(command.capacity)
    return () if room.capacity == capacity else (CapacitySet(room_id=room.room_id, capacity=capacity),)


def decide_close_room(state: WorkshopState, command: CloseRoom, _stamp: Stamp) -> tuple[Event, ...]:
    room = breakout_room(state, command.room_id)
    to = open_room(state, command.to_room_id or PLENARY)
    if to is room:
        raise Rejected("room_is_closing", "The people of a closed room go to another room than that.", rule="BR16")
    if running(state).room_ids == [room.room_id]:
        return (BreakoutsClosed(reason="recalled"),)
    return (*_cleared(state, room, to.room_id), _closed(room, "closed"))


def _cleared(state: WorkshopState, room: Room, to_room_id: RoomId) -> tuple[Event, ...]:
    return tuple(
        ParticipantMoved(participant_id=who, from_room_id=room.room_id, to_room_id=to_room_id, reason="room_closed")
        for who in room.people
    )


def _closed(room: Room, reason: str) -> RoomClosed:
    return RoomClosed(room_id=room.room_id, reason="timer" if reason == "timer" else "closed")


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_opened(state: WorkshopState, event: BreakoutsOpened, recorded: Recorded) -> None:
    breakouts = Breakouts(
        round_id=event.round_id,
        opened_at_ms=recorded.at_ms,
        ends_at_ms=event.ends_at_ms,
        room_ids=[],
        home={},
        policy=event.policy,
        choose=event.choose,
        explanation=event.explanation,
    )
    state.breakouts = breakouts
    state.rounds.pop(event.round_id, None)
    if event.plan_id is not None:
        state.plans.pop(event.plan_id, None)
    for each in event.rooms:
        room = _open(state, breakouts, each, recorded)
        for participant_id in each.participant_ids:
            enter(state, state.participants[participant_id], room.room_id)
        if room.learners == 1 and each.expected_ids:
            breakouts.alone[room.room_id] = recorded.at_ms


def _open(state: WorkshopState, breakouts: Breakouts, opening: OpenedRoom, recorded: Recorded) -> Room:
    room = state.rooms.get(opening.room_id)
    if room is None:
        room = Room(room_id=opening.room_id, name=opening.name, kind="breakout", order=len(state.rooms))
        state.rooms[opening.room_id] = room
    room.open = True
    room.spoken_ms = {}
    room.name = opening.name
    room.capacity = opening.capacity
    if room.task != opening.task:
        room.task, room.done = opening.task, set()
    room.ends_at_ms = None if opening.duration_ms is None else recorded.at_ms + opening.duration_ms
    room.members.clear()
    breakouts.room_ids.append(room.room_id)
    for participant_id in (*opening.participant_ids, *opening.expected_ids):
        belong(state, participant_id, room.room_id)
    return room


def evolve_closed(state: WorkshopState, _event: BreakoutsClosed, recorded: Recorded) -> None:
    breakouts = state.breakouts
    assert breakouts is not None
    state.rounds[breakouts.round_id] = PastBreakouts(
        round_id=breakouts.round_id,
        seq=recorded.seq,
        closed_at_ms=recorded.at_ms,
        rooms=tuple(_as_it_was(state.rooms[room_id]) for room_id in breakouts.room_ids),
        policy=breakouts.policy,
        choose=breakouts.choose,
        explanation=breakouts.explanation,
        ends_at_ms=min(
            (end for end in (breakouts.ends_at_ms, breakouts.recall_at_ms) if end is not None), default=None
        ),
        room_ends_ms={
            room_id: end for room_id in breakouts.room_ids if (end := state.rooms[room_id].ends_at_ms) is not None
        },
    )
    if len(state.rounds) > limits.MAX_ROUNDS_KEPT:
        state.forgotten_round = next(iter(state.rounds))
        del state.rounds[state.forgotten_round]
    state.breakouts = None
    for room_id in breakouts.room_ids:
        for person in people_in(state, room_id):
            enter(state, person, PLENARY)
        _shut(state.rooms[room_id])


def _as_it_was(room: Room) -> OpenedRoom:
    return OpenedRoom(
        room_id=room.room_id,
        name=room.name,
        participant_ids=tuple(room.members),
        capacity=room.capacity,
        task=room.task,
    )


def _shut(room: Room) -> None:
    room.open = False
    room.help = None
    room.ends_at_ms = None


def evolve_recall(state: WorkshopState, event: RecallStarted, _recorded: Recorded) -> None:
    assert state.breakouts is not None
    state.breakouts.recall_at_ms = event.ends_at_ms


def evolve_recall_cancelled(state: WorkshopState, _event: RecallCancelled, _recorded: Recorded) -> None:
    assert state.breakouts is not None
    state.breakouts.recall_at_ms = None


def evolve_timer(state: WorkshopState, event: TimerChanged, _recorded: Recorded) -> None:
    assert state.breakouts is not None
    if event.room_id is None:
        state.breakouts.ends_at_ms = event.ends_at_ms
    else:
        state.rooms[event.room_id].ends_at_ms = event.ends_at_ms


def evolve_added(state: WorkshopState, event: RoomAdded, recorded: Recorded) -> None:
    assert state.breakouts is not None
    _open(state, state.breakouts, event.room, recorded)


def evolve_renamed(state: WorkshopState, event: RoomRenamed, _recorded: Recorded) -> None:
    state.rooms[event.room_id].name = event.name


def evolve_capacity(state: WorkshopState, event: CapacitySet, _recorded: Recorded) -> None:
    state.rooms[event.room_id].capacity = event.capacity


def evolve_room_closed(state: WorkshopState, event: RoomClosed, _recorded: Recorded) -> None:
    breakouts = state.breakouts
    assert breakouts is not None
    breakouts.room_ids.remove(event.room_id)
    breakouts.alone.pop(event.room_id, None)
    for who in state.rooms[event.room_id].members:
        breakouts.home.pop(who)
    listeners = tuple(breakouts.listening)
    breakouts.unheard = tuple(who for who in listeners if stop_listening(breakouts, who, event.room_id))
    _shut(state.rooms[event.room_id])


FEATURE = Feature(
    deciders={
        OpenBreakouts: decide_open,
        ReopenBreakouts: decide_reopen,
        CloseBreakouts: decide_close,
        CancelRecall: decide_cancel_recall,
        ChangeTimer: decide_timer,
        ExtendTimer: decide_extend,
        AddRoom: decide_add,
        RenameRoom: decide_rename,
        SetCapacity: decide_capacity,
        CloseRoom: decide_close_room,
    },
    evolvers={
        BreakoutsOpened: evolve_opened,
        BreakoutsClosed: evolve_closed,
        RecallStarted: evolve_recall,
        RecallCancelled: evolve_recall_cancelled,
        TimerChanged: evolve_timer,
        RoomAdded: evolve_added,
        RoomRenamed: evolve_renamed,
        CapacitySet: evolve_capacity,
        RoomClosed: evolve_room_closed,
    },
    touched={
        BreakoutsOpened: shown.touch_opened,
        BreakoutsClosed: shown.touch_closed,
        RecallStarted: shown.touch_breakouts,
        RecallCancelled: shown.touch_breakouts,
        TimerChanged: shown.touch_timer,
        RoomAdded: shown.touch_added,
        RoomRenamed: shown.touch_room,
        CapacitySet: shown.touch_room,
        RoomClosed: shown.touch_room_closed,
    },
    renderers={
        "room": shown.render_room,
        "breakouts": shown.render_breakouts,
        "breakouts_setup": shown.render_setup,
        "round": shown.render_round,
    },
    keys=shown.keys,
    deadline_ms=deadline_ms,
    tick=tick,
    at_close=at_close,
    slow=frozenset({OpenBreakouts}),
)
