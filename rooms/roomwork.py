"""What goes on in breakout rooms: tasks and progress, calls for help, broadcasts, work that is brought back. Rules BR in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.assignment import checked_task
from rooms.breakouts import breakout_room, running
from rooms.commands import Stamp
from rooms.commands.breakouts import (
    Broadcast,
    CallForHelp,
    EndHelp,
    HandInWork,
    MarkStep,
    SetTask,
    TakeHelp,
    WithdrawWork,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    HelpCalled,
    HelpEnded,
    HelpTaken,
    RoomClosed,
    RoomRenamed,
    StepMarked,
    TaskSet,
    WorkHandedIn,
    WorkWithdrawn,
)
from rooms.events.chat import MessagePosted
from rooms.feature import Feature, Shown
from rooms.ids import MessageId, RoomId, WorkId, derive
from rooms.people import known
from rooms.records import ALL, FACILITATORS, HelpRecord, RoomWorkRecord, WorkRecord, room_audience
from rooms.roles import HOSTS
from rooms.state import Help, Participant, Room, Work, WorkshopState
from rooms.text import cleaned, link


def _own_room(state: WorkshopState, person: Participant, *, rule: str) -> Room:
    """The breakout room somebody is in, or `Rejected`."""
    room = state.rooms[person.room_id]
    if room.kind == "plenary":
        raise Rejected("not_in_a_breakout_room", "This can be done in a breakout room only.", rule=rule)
    return room


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_broadcast(state: WorkshopState, command: Broadcast, stamp: Stamp) -> tuple[Event, ...]:
    running(state)
    text = cleaned(command.text, "message", limits.MAX_MESSAGE_CHARS, rule="CH1")
    if not command.room_ids:
        message_id = MessageId(derive("m", stamp.entropy))
        posted = MessagePosted(
            message_id=message_id,
            author_id=stamp.actor,
            channel="everyone",
            text=text,
            length=len(text),
            announcement=True,
        )
        return (posted,)
    rooms = [breakout_room(state, room_id) for room_id in dict.fromkeys(command.room_ids)]
    return tuple(
        MessagePosted(
            message_id=MessageId(derive("m", stamp.entropy, index)),
            author_id=stamp.actor,
            channel="room",
            room_id=room.room_id,
            text=text,
            length=len(text),
            announcement=True,
        )
        for index, room in enumerate(rooms)
    )


def decide_call(state: WorkshopState, command: CallForHelp, stamp: Stamp) -> tuple[Event, ...]:
    room = _own_room(state, known(state, stamp.actor), rule="BR24")
    text = cleaned(command.text, "message", limits.MAX_HELP_CHARS, rule="BR24", may_be_empty=True)
    if room.help is not None:
        return ()
    return (HelpCalled(room_id=room.room_id, participant_id=stamp.actor, text=text),)


def _called(state: WorkshopState, room_id: RoomId) -> Help:
    room = breakout_room(state, room_id)
    if room.help is None:
        raise Rejected("no_call", f"{room.name} has not called for help, or no longer does.", rule="BR24")
    return room.help


def decide_take(state: WorkshopState, command: TakeHelp, stamp: Stamp) -> tuple[Event, ...]:
    if _called(state, command.room_id).taken_by == stamp.actor:
        return ()
    return (HelpTaken(room_id=command.room_id, participant_id=stamp.actor),)


def decide_end_help(state: WorkshopState, command: EndHelp, stamp: Stamp) -> tuple[Event, ...]:
    _called(state, command.room_id)
    person = state.participants.get(stamp.actor)
    if person is None or person.role in HOSTS:
        return (HelpEnded(room_id=command.room_id, reason="resolved"),)
    if person.room_id != command.room_id:
        raise Rejected("not_your_room", "You can take back the call of the room you are in.", rule="BR24")
    return (HelpEnded(room_id=command.room_id, reason="cancelled"),)


def decide_set_task(state: WorkshopState, command: SetTask, _stamp: Stamp) -> tuple[Event, ...]:
    breakouts = running(state)
    task = checked_task(command.task)
    rooms = [breakout_room(state, room_id) for room_id in dict.fromkeys(command.room_ids or breakouts.room_ids)]
    return tuple(TaskSet(room_id=room.room_id, task=task) for room in rooms if room.task != task)


def decide_mark(state: WorkshopState, command: MarkStep, stamp: Stamp) -> tuple[Event, ...]:
    room = _own_room(state, known(state, stamp.actor), rule="BR20")
    steps = max(1, len(room.task.steps)) if room.task is not None else 0
    if not 0 <= command.step < steps:
        message = f"The room's task has {steps} steps; there is no step {command.step}, counted from 0."
        raise Rejected("unknown_step", message, rule="BR20")
    if (command.step in room.done) == command.done:
        return ()
    return (StepMarked(room_id=room.room_id, step=command.step, done=command.done),)


def decide_hand_in(state: WorkshopState, command: HandInWork, stamp: Stamp) -> tuple[Event, ...]:
    room = _own_room(state, known(state, stamp.actor), rule="BR25")
    if len(state.works) >= limits.MAX_WORKS:
        raise Rejected("too_many_works", f"A workshop takes {limits.MAX_WORKS} works.", rule="BR25")
    title = cleaned(command.title, "title", limits.MAX_TITLE_CHARS, rule="BR25")
    text = cleaned(command.text, "text", limits.MAX_WORK_CHARS, rule="BR25", may_be_empty=True)
    url = link(command.url, rule="BR25") if command.url else ""
    if not text and not url:
        raise Rejected("work_empty", "Give a text or a link with the work.", rule="BR25")
    handed_in = WorkHandedIn(
        work_id=WorkId(derive("k", stamp.entropy)),
        room_id=room.room_id,
        author_id=stamp.actor,
        title=title,
        text=text,
        url=url,
        length=len(text),
    )
    return (handed_in,)


def decide_withdraw(state: WorkshopState, command: WithdrawWork, stamp: Stamp) -> tuple[Event, ...]:
    work = state.works.get(command.work_id)
    if work is None:
        raise Rejected("unknown_work", "There is no such work in this workshop.", rule="BR25")
    person = state.participants.get(stamp.actor)
    if person is not None and person.role not in HOSTS and work.handed_in.author_id != stamp.actor:
        message = "Only who handed it in, or a facilitator, can withdraw it."
        raise Rejected("not_allowed", message, rule="BR25")
    return (WorkWithdrawn(work_id=command.work_id),)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_called(state: WorkshopState, event: HelpCalled, recorded: Recorded) -> None:
    state.rooms[event.room_id].help = Help(
        seq=recorded.seq, participant_id=event.participant_id, text=event.text, called_at_ms=recorded.at_ms
    )


def evolve_taken(state: WorkshopState, event: HelpTaken, _recorded: Recorded) -> None:
    call = state.rooms[event.room_id].help
    assert call is not None
    call.taken_by = event.participant_id


def evolve_help_ended(state: WorkshopState, event: HelpEnded, _recorded: Recorded) -> None:
    state.rooms[event.room_id].help = None


def evolve_task(state: WorkshopState, event: TaskSet, _recorded: Recorded) -> None:
    room = state.rooms[event.room_id]
    room.task, room.done = event.task, set()


def evolve_step(state: WorkshopState, event: StepMarked, _recorded: Recorded) -> None:
    done = state.rooms[event.room_id].done
    (done.add if event.done else done.discard)(event.step)


def evolve_handed_in(state: WorkshopState, event: WorkHandedIn, recorded: Recorded) -> None:
    state.works[event.work_id] = Work(seq=recorded.seq, at_ms=recorded.at_ms, handed_in=event)


def evolve_withdrawn(state: WorkshopState, event: WorkWithdrawn, _recorded: Recorded) -> None:
    del state.works[event.work_id]


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_help(_state: WorkshopState, event: HelpCalled | HelpTaken | HelpEnded) -> Iterable[str]:
    return (f"help:{event.room_id}",)


def touch_work(_state: WorkshopState, event: TaskSet | StepMarked) -> Iterable[str]:
    return (f"room_work:{event.room_id}",)


def touch_product(_state: WorkshopState, event: WorkHandedIn | WorkWithdrawn) -> Iterable[str]:
    return (f"work:{event.work_id}",)


def touch_products(state: WorkshopState, _event: Event) -> Iterable[str]:
    """Who sees works depends on whether their rooms are open."""
    return (f"work:{work_id}" for work_id in state.works)


def render_room_work(state: WorkshopState, key_id: str) -> Shown | None:
    room = state.rooms.get(RoomId(key_id))
    if room is None or not room.open or room.task is None:
        return None
    record = RoomWorkRecord(room_id=room.room_id, task=room.task, done=tuple(sorted(room.done)))
    return record, frozenset((FACILITATORS, room_audience(room.room_id)))


def render_help(state: WorkshopState, key_id: str) -> Shown | None:
    room = state.rooms.get(RoomId(key_id))
    if room is None or room.help is None:
        return None
    record = HelpRecord(
        room_id=room.room_id,
        seq=room.help.seq,
        participant_id=room.help.participant_id,
        text=room.help.text,
        called_at_ms=room.help.called_at_ms,
        taken_by=room.help.taken_by,
    )
    return record, frozenset((FACILITATORS, room_audience(room.room_id)))


def render_product(state: WorkshopState, key_id: str) -> Shown | None:
    work = state.works.get(WorkId(key_id))
    if work is None:
        return None
    handed_in = work.handed_in
    room = state.rooms[handed_in.room_id]
    record = WorkRecord(
        work_id=handed_in.work_id,
        seq=work.seq,
        room_id=room.room_id,
        room_name=room.name,
        author_id=handed_in.author_id,
        title=handed_in.title,
        text=handed_in.text,
        url=handed_in.url,
        at_ms=work.at_ms,
    )
    return record, frozenset((FACILITATORS, room_audience(room.room_id)) if room.open else (ALL,))


def keys(state: WorkshopState) -> Iterable[str]:
    for room_id in state.breakouts.room_ids if state.breakouts else ():
        yield f"room_work:{room_id}"
        yield f"help:{room_id}"
    yield from (f"work:{work_id}" for work_id in state.works)


FEATURE = Feature(
    deciders={
        Broadcast: decide_broadcast,
        CallForHelp: decide_call,
        TakeHelp: decide_take,
        EndHelp: decide_end_help,
        SetTask: decide_set_task,
        MarkStep: decide_mark,
        HandInWork: decide_hand_in,
        WithdrawWork: decide_withdraw,
    },
    evolvers={
        HelpCalled: evolve_called,
        HelpTaken: evolve_taken,
        HelpEnded: evolve_help_ended,
        TaskSet: evolve_task,
        StepMarked: evolve_step,
        WorkHandedIn: evolve_handed_in,
        WorkWithdrawn: evolve_withdrawn,
    },
    touched={
        **dict.fromkeys((HelpCalled, HelpTaken, HelpEnded), touch_help),
        **dict.fromkeys((TaskSet, StepMarked), touch_work),
        **dict.fromkeys((WorkHandedIn, WorkWithdrawn), touch_product),
        **dict.fromkeys((BreakoutsOpened, BreakoutsClosed, RoomClosed, RoomRenamed), touch_products),
    },
    renderers={"room_work": render_room_work, "help": render_help, "work": render_product},
    keys=keys,
)
