"""Who goes where while breakouts are open: moved, swapped, on one's own; listening in; nobody is left alone. Rules BR in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.breakouts import breakout_room, open_room, running
from rooms.commands import Stamp
from rooms.commands.breakouts import EnterRoom, ListenIn, MoveParticipants, SetVoiceBroadcast, SwapParticipants
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.attendance import SpeechSummed, Spoken
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    HelpTaken,
    ListeningChanged,
    ParticipantMoved,
    RoomClosed,
    VoiceBroadcastChanged,
)
from rooms.events.people import ParticipantJoined, ParticipantLeft, ParticipantReturned, RoleChanged
from rooms.feature import AboutSomebody, Feature, Shown
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.people import known, participant_key
from rooms.placing import belong, enter, has_place, listened_to, smallest_room
from rooms.records import FACILITATORS, RoomBoardRecord
from rooms.roles import HOSTS
from rooms.state import Breakouts, Participant, Room, WorkshopState


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_move(state: WorkshopState, command: MoveParticipants, _stamp: Stamp) -> tuple[Event, ...]:
    room = open_room(state, command.room_id)
    people = [known(state, participant_id) for participant_id in dict.fromkeys(command.participant_ids)]
    return tuple(
        ParticipantMoved(participant_id=p.participant_id, from_room_id=p.room_id, to_room_id=room.room_id)
        for p in people
        if p.room_id != room.room_id or _belongs_elsewhere(state, p, room)
    )


def _belongs_elsewhere(state: WorkshopState, person: Participant, room: Room) -> bool:
    """Somebody who is there as a guest, or came back to the plenary, can be moved to stay."""
    home = None if state.breakouts is None else state.breakouts.home.get(person.participant_id)
    return home is not None and home != room.room_id


def decide_swap(state: WorkshopState, command: SwapParticipants, _stamp: Stamp) -> tuple[Event, ...]:
    running(state)
    first, second = known(state, command.first_id), known(state, command.second_id)
    if first.room_id == second.room_id:
        message = f"{first.name} and {second.name} are in the same room; name two people from different rooms."
        raise Rejected("same_room", message, rule="BR18")
    for person in (first, second):
        open_room(state, person.room_id)
    return (
        ParticipantMoved(participant_id=first.participant_id, from_room_id=first.room_id, to_room_id=second.room_id),
        ParticipantMoved(participant_id=second.participant_id, from_room_id=second.room_id, to_room_id=first.room_id),
    )


def decide_enter(state: WorkshopState, command: EnterRoom, stamp: Stamp) -> tuple[Event, ...]:
    breakouts = running(state)
    room = open_room(state, command.room_id)
    person = known(state, stamp.actor)
    if person.room_id == room.room_id:
        return ()
    if person.role == "learner":
        _check_may_enter(breakouts, person, room)
    moved = ParticipantMoved(
        participant_id=stamp.actor, from_room_id=person.room_id, to_room_id=room.room_id, reason="entered"
    )
    if person.role in HOSTS and room.help is not None and room.help.taken_by is None:
        return (moved, HelpTaken(room_id=room.room_id, participant_id=stamp.actor))
    return (moved,)


def _check_may_enter(breakouts: Breakouts, person: Participant, room: Room) -> None:
    if room.room_id == breakouts.home.get(person.participant_id):
        return
    if room.kind == "plenary":
        if not (breakouts.policy.may_leave or breakouts.choose):
            message = "You cannot leave your room before the end; call the facilitator if you need something."
            raise Rejected("may_not_leave", message, rule="BR19")
        return
    if not breakouts.choose:
        raise Rejected("not_your_room", "You can go to your own room; a facilitator can move you.", rule="BR19")
    if not has_place(room):
        message = f"{room.name} is full: it takes {room.capacity}. Choose another room."
        raise Rejected("room_full", message, rule="BR12")


def decide_listen(state: WorkshopState, command: ListenIn, stamp: Stamp) -> tuple[Event, ...]:
    running(state)
    person = known(state, stamp.actor)
    if len(command.room_ids) > limits.MAX_LISTENED:
        message = f"You can listen to at most {limits.MAX_LISTENED} rooms at once, not to {len(command.room_ids)}."
        raise Rejected("too_many_rooms", message, rule="BR21")
    wanted = tuple(dict.fromkeys(breakout_room(state, room_id).room_id for room_id in command.room_ids))
    if person.room_id in wanted:
        raise Rejected("in_the_room", "You are in this room already.", rule="BR21")
    if frozenset(listened_to(state, stamp.actor)) == frozenset(wanted):
        return ()
    return (ListeningChanged(participant_id=stamp.actor, room_ids=wanted),)


def decide_voice(state: WorkshopState, command: SetVoiceBroadcast, stamp: Stamp) -> tuple[Event, ...]:
    speaker = running(state).voice_id
    if command.on == (speaker == stamp.actor):
        return ()
    if command.on and speaker is not None:
        message = f"{state.participants[speaker].name} is speaking to all rooms; one can at a time."
        raise Rejected("voice_taken", message, rule="BR22")
    return (VoiceBroadcastChanged(participant_id=stamp.actor if command.on else None),)


# ── nobody is left alone ─────────────────────────────────────────────────────────────────────────────────────────────
def proposed_room(state: WorkshopState, room: Room) -> RoomId | None:
    """Where the learner who is left alone in a room could go: the inhabited room with the fewest learners."""
    who = _lone_learner(state, room)
    return None if who is None else smallest_room(state, who, inhabited=True)


def _lone_learner(state: WorkshopState, room: Room) -> ParticipantId | None:
    learners = [who for who in room.people if state.participants[who].role == "learner"]
    return learners[0] if len(learners) == 1 else None


def deadline_ms(state: WorkshopState) -> int | None:
    repair = _next_repair(state)
    return None if repair is None else repair[0]


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    repair = _next_repair(state)
    if repair is None or repair[0] > stamp.now_ms:
        return ()
    # One at a time: the next one looks at the rooms as they are then, so that two lonely people do not swap rooms.
    return (repair[1],)


def _next_repair(state: WorkshopState) -> tuple[int, ParticipantMoved] | None:
    breakouts = state.breakouts
    if breakouts is None or breakouts.policy.repair != "automatic":
        return None
    for room_id, since_ms in breakouts.alone.items():
        room = state.rooms[room_id]
        who, to = _lone_learner(state, room), proposed_room(state, room)
        if who is not None and to is not None:
            moved = ParticipantMoved(participant_id=who, from_room_id=room_id, to_room_id=to, reason="repair")
            return since_ms + limits.REPAIR_DELAY_MS, moved
    return None


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_moved(state: WorkshopState, event: ParticipantMoved, recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    left_room = state.rooms[person.room_id]
    if person.left:
        person.room_id = event.to_room_id
    else:
        enter(state, person, event.to_room_id)
    if state.breakouts is None:
        return
    guest = person.role in HOSTS or (event.reason == "entered" and not state.breakouts.choose)
    if not guest:
        belong(state, person.participant_id, event.to_room_id)
    if person.role in HOSTS:
        _visited(left_room, recorded)
        _visited(state.rooms[event.to_room_id], recorded)
    _note_alone(state, left_room, recorded, dropped=event.reason == "entered")
    _note_alone(state, state.rooms[event.to_room_id], recorded, dropped=False)


def _visited(room: Room, recorded: Recorded) -> None:
    if room.kind == "breakout":
        room.visited_at_ms = recorded.at_ms


def _note_alone(state: WorkshopState, room: Room, recorded: Recorded, *, dropped: bool) -> None:
    """BR23: a room counts as left alone when others dropped out of it, not when a facilitator wanted it so."""
    assert state.breakouts is not None
    if room.kind == "plenary" or room.learners != 1:
        state.breakouts.alone.pop(room.room_id, None)
    elif dropped:
        state.breakouts.alone.setdefault(room.room_id, recorded.at_ms)


def evolve_left(state: WorkshopState, event: ParticipantLeft, recorded: Recorded) -> None:
    breakouts = state.breakouts
    if breakouts is None:
        return
    person = state.participants[event.participant_id]
    breakouts.listening.pop(person.participant_id, None)
    if breakouts.voice_id == person.participant_id:
        breakouts.voice_id = None
    room = state.rooms[person.room_id]
    if person.role in HOSTS:
        _visited(room, recorded)
    else:
        _note_alone(state, room, recorded, dropped=person.role == "learner")


def evolve_arrived(state: WorkshopState, event: ParticipantJoined | ParticipantReturned, recorded: Recorded) -> None:
    breakouts = state.breakouts
    if breakouts is None:
        return
    person = state.participants[event.participant_id]
    if person.role == "learner" and event.room_id != PLENARY:
        belong(state, person.participant_id, event.room_id)
    _note_alone(state, state.rooms[event.room_id], recorded, dropped=False)


def evolve_role(state: WorkshopState, event: RoleChanged, recorded: Recorded) -> None:
    breakouts = state.breakouts
    if breakouts is None:
        return
    person = state.participants[event.participant_id]
    if person.role not in HOSTS:
        breakouts.listening.pop(person.participant_id, None)
        if breakouts.voice_id == person.participant_id:
            breakouts.voice_id = None
    if not person.left:
        _note_alone(state, state.rooms[person.room_id], recorded, dropped=False)


def evolve_listening(state: WorkshopState, event: ListeningChanged, recorded: Recorded) -> None:
    breakouts = state.breakouts
    assert breakouts is not None
    before = breakouts.listening.pop(event.participant_id, ())
    if event.room_ids:
        breakouts.listening[event.participant_id] = event.room_ids
    for room_id in frozenset(before) ^ frozenset(
        event.room_ids
    ):  # one that is listened to on and on is not looked into anew
        _visited(state.rooms[room_id], recorded)


def evolve_speech(state: WorkshopState, event: SpeechSummed, _recorded: Recorded) -> None:
    """What was said since the last sum counts for the room in which whoever said it is now."""
    for each in event.spoken:
        room = state.rooms[state.participants[each.participant_id].room_id]
        if room.kind == "breakout" and room.open:
            room.spoken_ms[each.participant_id] = room.spoken_ms.get(each.participant_id, 0) + each.ms


def evolve_voice(state: WorkshopState, event: VoiceBroadcastChanged, _recorded: Recorded) -> None:
    assert state.breakouts is not None
    state.breakouts.voice_id = event.participant_id


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _boards_of_the_lonely(state: WorkshopState) -> Iterable[str]:
    """What is proposed there depends on who is in the other rooms."""
    return () if state.breakouts is None else (f"room_board:{room_id}" for room_id in state.breakouts.alone)


def touch_moved(state: WorkshopState, event: ParticipantMoved) -> Iterable[str]:
    yield participant_key(event.participant_id)
    yield f"room_board:{event.from_room_id}"
    yield f"room_board:{event.to_room_id}"
    yield from _boards_of_the_lonely(state)


def touch_person(state: WorkshopState, event: AboutSomebody) -> Iterable[str]:
    yield f"room_board:{state.participants[event.participant_id].room_id}"
    yield "breakouts"
    yield participant_key(event.participant_id)
    yield from _boards_of_the_lonely(state)


def touch_listening(state: WorkshopState, event: ListeningChanged) -> Iterable[str]:
    yield participant_key(event.participant_id)
    yield from (f"room_board:{room_id}" for room_id in (state.breakouts.room_ids if state.breakouts else ()))


def touch_speech(state: WorkshopState, event: SpeechSummed) -> Iterable[str]:
    return {f"room_board:{state.participants[each.participant_id].room_id}" for each in event.spoken}


def touch_voice(_state: WorkshopState, _event: VoiceBroadcastChanged) -> Iterable[str]:
    return ("breakouts",)


def touch_lonely(state: WorkshopState, _event: Event) -> Iterable[str]:
    return _boards_of_the_lonely(state)


def render_board(state: WorkshopState, key_id: str) -> Shown | None:
    room = state.rooms.get(RoomId(key_id))
    if room is None or not room.open or room.kind == "plenary" or state.breakouts is None:
        return None
    alone_since_ms = state.breakouts.alone.get(room.room_id)
    record = RoomBoardRecord(
        room_id=room.room_id,
        visited_at_ms=room.visited_at_ms,
        alone_since_ms=alone_since_ms,
        proposed_room_id=None if alone_since_ms is None else proposed_room(state, room),
        spoken=tuple(
            Spoken(participant_id=who, ms=ms) for who in room.people if (ms := room.spoken_ms.get(who)) is not None
        ),
    )
    return record, frozenset((FACILITATORS,))


def keys(state: WorkshopState) -> Iterable[str]:
    return (f"room_board:{room_id}" for room_id in (state.breakouts.room_ids if state.breakouts else ()))


FEATURE = Feature(
    deciders={
        MoveParticipants: decide_move,
        SwapParticipants: decide_swap,
        EnterRoom: decide_enter,
        ListenIn: decide_listen,
        SetVoiceBroadcast: decide_voice,
    },
    evolvers={
        ParticipantMoved: evolve_moved,
        ListeningChanged: evolve_listening,
        VoiceBroadcastChanged: evolve_voice,
        SpeechSummed: evolve_speech,
        ParticipantLeft: evolve_left,
        ParticipantJoined: evolve_arrived,
        ParticipantReturned: evolve_arrived,
        RoleChanged: evolve_role,
    },
    touched={
        ParticipantMoved: touch_moved,
        ListeningChanged: touch_listening,
        VoiceBroadcastChanged: touch_voice,
        SpeechSummed: touch_speech,
        ParticipantLeft: touch_person,
        ParticipantJoined: touch_person,
        ParticipantReturned: touch_person,
        RoleChanged: touch_person,
        BreakoutsOpened: touch_lonely,
        BreakoutsClosed: touch_lonely,
        RoomClosed: touch_lonely,
    },
    renderers={"room_board": render_board},
    keys=keys,
    deadline_ms=deadline_ms,
    tick=tick,
)
