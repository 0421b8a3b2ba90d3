"""From what a facilitator asks for to rooms with people in them. Rules BR in SPEC.md.

The choosing itself is `rooms.grouping`; here its questions are put together from the state (who is here, who met whom, what the
roster says) and its groups become rooms. Nothing here changes the state: the result stands in an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms import limits
from rooms.commands import Stamp
from rooms.errors import Rejected
from rooms.events.breakouts import (
    BreakoutPolicy,
    BreakoutSetup,
    BreakoutsOpened,
    ByHand,
    ByRoster,
    Material,
    OpenedRoom,
    RoomSetup,
    RoomTask,
    SelfSelect,
)
from rooms.explanation import Reason
from rooms.grouping import Constraint, Fixed, GroupingRequest, PastRound, Person, Random, assign
from rooms.grouping.model import Method
from rooms.ids import ParticipantId, PlanId, RoomId, RoundId, derive
from rooms.people import known
from rooms.rosters import row_of
from rooms.state import Participant, WorkshopState
from rooms.text import cleaned, link

Groups = Sequence[Sequence[ParticipantId]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Rooms with all who belong there, and why."""

    rooms: tuple[OpenedRoom, ...]
    explanation: tuple[Reason, ...] = ()


# ── what was asked for ───────────────────────────────────────────────────────────────────────────────────────────────
def checked(setup: BreakoutSetup) -> BreakoutSetup:
    """The setup with its texts cleaned, or `Rejected`."""
    count = setup.count
    if count is None and setup.size is None and setup.rooms:
        count = len(setup.rooms)
    if isinstance(setup.assignment, ByHand) and count is None:
        count = len(setup.assignment.groups)
    if count is not None and setup.size is not None:
        raise Rejected("count_or_size", "Give either the number of rooms or the people in a room.", rule="BR2")
    if count is None and setup.size is None and not isinstance(setup.assignment, ByRoster):
        raise Rejected(
            "count_or_size", "Say how many rooms there should be, or how many people a room has.", rule="BR2"
        )
    if count is not None and not 1 <= count <= limits.MAX_ROOMS:
        message = f"{count} rooms were asked for; between 1 and {limits.MAX_ROOMS} are possible."
        raise Rejected("room_count", message, rule="BR2")
    if len(setup.rooms) > (count or limits.MAX_ROOMS):
        message = f"{len(setup.rooms)} rooms are described, but there are to be {count or limits.MAX_ROOMS} at most."
        raise Rejected("room_count", message, rule="BR2")
    checked_duration(setup.duration_ms)
    return BreakoutSetup(
        count=count,
        size=setup.size,
        rooms=tuple(checked_room(room) for room in setup.rooms),
        assignment=setup.assignment,
        constraints=setup.constraints,
        new_partners=setup.new_partners,
        duration_ms=setup.duration_ms,
        policy=checked_policy(setup.policy),
    )


def checked_room(room: RoomSetup) -> RoomSetup:
    checked_duration(room.duration_ms)
    return RoomSetup(
        name=cleaned(room.name, "room_name", limits.MAX_ROOM_NAME_CHARS, rule="BR9", may_be_empty=True),
        capacity=checked_capacity(room.capacity),
        task=None if room.task is None else checked_task(room.task),
        duration_ms=room.duration_ms,
    )


def checked_task(task: RoomTask) -> RoomTask:
    """A task with its texts cleaned and its links proved to be links."""
    if len(task.steps) > limits.MAX_STEPS:
        message = f"The task has {len(task.steps)} steps; at most {limits.MAX_STEPS} are possible."
        raise Rejected("too_many_steps", message, rule="BR20")
    if len(task.materials) > limits.MAX_MATERIALS:
        message = f"The task has {len(task.materials)} materials; at most {limits.MAX_MATERIALS} are possible."
        raise Rejected("too_many_materials", message, rule="BR20")
    return RoomTask(
        text=cleaned(task.text, "task", limits.MAX_TASK_CHARS, rule="BR20", may_be_empty=True),
        steps=tuple(cleaned(step, "step", limits.MAX_STEP_CHARS, rule="BR20") for step in task.steps),
        materials=tuple(
            Material(
                title=cleaned(material.title, "title", limits.MAX_TITLE_CHARS, rule="BR20"),
                url=link(material.url, rule="BR20"),
            )
            for material in task.materials
        ),
    )


def checked_duration(duration_ms: int | None) -> None:
    if duration_ms is not None and not 1_000 <= duration_ms <= limits.MAX_BREAKOUT_MS:
        message = f"A breakout of {duration_ms} ms was asked for; between 1 second and 24 hours is possible."
        raise Rejected("duration", message, rule="BR7")


def checked_policy(policy: BreakoutPolicy) -> BreakoutPolicy:
    if not 0 <= policy.warning_ms <= limits.MAX_BREAKOUT_MS:
        message = f"A warning {policy.warning_ms} ms before the end was asked for; 0 to 24 hours is possible."
        raise Rejected("duration", message, rule="BR7")
    return policy


def checked_capacity(capacity: int | None) -> int | None:
    if capacity is not None and not 1 <= capacity <= limits.MAX_CAPACITY:
        message = f"A room for {capacity} people was asked for; 1 to {limits.MAX_CAPACITY} are possible."
        raise Rejected("capacity", message, rule="BR12")
    return capacity


# ── who comes where ──────────────────────────────────────────────────────────────────────────────────────────────────
def learners_present(state: WorkshopState) -> list[Participant]:
    """Those whom an automatic assignment places (BR4), also the ones who are reconnecting."""
    return [person for person in state.participants.values() if person.role == "learner" and not person.left]


def draw(state: WorkshopState, setup: BreakoutSetup, entropy: bytes, *, first_index: int = 0) -> Draft:
    """Carry out a checked setup's assignment. `first_index` tells apart the ids of several drafts of one command."""
    rooms_left = limits.MAX_ROOMS_EVER - len(state.rooms)
    explanation: tuple[Reason, ...] = ()
    names: Sequence[str] = ()
    match setup.assignment:
        case SelfSelect():
            groups: Groups = [()] * (setup.count or 1)
        case ByRoster():
            names, groups = _by_roster(state)
        case ByHand() as by_hand:
            groups, explanation = _by_hand(state, setup, by_hand, entropy)
        case method:
            groups, explanation = _automatic(state, setup, method, (), entropy)
    if len(groups) > rooms_left:
        message = f"A workshop can have {limits.MAX_ROOMS_EVER} rooms in its life; {max(0, rooms_left)} are left."
        raise Rejected("room_count", message, rule="BR2")
    rooms = rooms_for(groups, setup.rooms, entropy, first_index=first_index, names=names)
    return Draft(rooms=rooms, explanation=explanation)


def rooms_for(
    groups: Groups, setups: Sequence[RoomSetup], entropy: bytes, *, first_index: int = 0, names: Sequence[str] = ()
) -> tuple[OpenedRoom, ...]:
    """A room for every group, set up in order; `names` go before those of the setups and choose the setup of that name."""
    by_name = {setup.name: setup for setup in setups} if names else {}
    rooms = []
    for index, people in enumerate(groups):
        name = names[index] if names else ""
        numbered = setups[index] if index < len(setups) and not names else RoomSetup()
        setup = by_name.get(name, numbered)
        rooms.append(
            OpenedRoom(
                room_id=RoomId(derive("r", entropy, first_index + index)),
                name=name or setup.name or f"Room {index + 1}",
                participant_ids=tuple(people),
                capacity=setup.capacity,
                task=setup.task,
                duration_ms=setup.duration_ms,
            )
        )
    return tuple(rooms)


def people_to_group(state: WorkshopState) -> list[Person]:
    """The learners present, with what the roster knows of them."""
    people = []
    for learner in learners_present(state):
        row = row_of(state, learner.participant_id)
        people.append(
            Person(
                id=learner.participant_id,
                name=learner.name,
                attributes={} if row is None else row.attributes,
                score=None if row is None else row.score,
            )
        )
    return people


def history(state: WorkshopState) -> list[PastRound]:
    """Everybody who has met in rooms, in earlier workshops and in this one."""
    met = [PastRound(groups=tuple(room.participant_ids for room in past.rooms)) for past in state.rounds.values()]
    if state.breakouts is not None:
        now = tuple(tuple(state.rooms[room_id].members) for room_id in state.breakouts.room_ids)
        met.append(PastRound(groups=now))
    return [*state.past_groups, *met]


def check_enough(count: int | None, learners: int) -> None:
    """BR3: no room stays empty."""
    if count is not None and count > learners:
        message = (
            f"{count} rooms for {learners} learners would leave rooms empty; "
            f"open at most {learners}, or wait for more learners."
        )
        raise Rejected("too_many_rooms", message, rule="BR3")


def _automatic(
    state: WorkshopState, setup: BreakoutSetup, method: Method, fixed: Sequence[Constraint], entropy: bytes
) -> tuple[Groups, tuple[Reason, ...]]:
    people = people_to_group(state)
    check_enough(setup.count, len(people))
    grouping = assign(
        GroupingRequest(
            people=people,
            groups=setup.count,
            size=setup.size,
            method=method,
            constraints=(*state.constraints, *setup.constraints, *fixed),
            history=history(state) if setup.new_partners else (),
        ),
        entropy,
    )
    return [group.people for group in grouping.groups], grouping.explanation


def _by_hand(
    state: WorkshopState, setup: BreakoutSetup, by_hand: ByHand, entropy: bytes
) -> tuple[Groups, tuple[Reason, ...]]:
    count = setup.count or len(by_hand.groups)
    if len(by_hand.groups) > count:
        message = f"People are listed for {len(by_hand.groups)} rooms, but there are to be {count}."
        raise Rejected("room_count", message, rule="BR10")
    listed = [who for group in by_hand.groups for who in group]
    if len(set(listed)) < len(listed):
        raise Rejected("person_twice", "Somebody is listed for two rooms; list everybody once.", rule="BR10")
    for who in listed:
        known(state, who)
    groups = [*by_hand.groups, *((),) * (count - len(by_hand.groups))]
    if by_hand.rest == "plenary":
        return groups, ()
    learners = {learner.participant_id for learner in learners_present(state)}
    fixed = [
        Fixed(person=who, group=index) for index, group in enumerate(by_hand.groups) for who in group if who in learners
    ]
    drawn, explanation = _automatic(state, setup, Random(), fixed, entropy)
    others = [[who for who in group if who not in learners] for group in groups]
    return [[*people, *others[index]] for index, people in enumerate(drawn)], explanation


def _by_roster(state: WorkshopState) -> tuple[list[str], Groups]:
    rooms: dict[str, list[ParticipantId]] = {}
    for entry in state.roster.entries.values():
        if entry.room:
            members = rooms.setdefault(entry.room, [])
            if entry.participant_id is not None:
                members.append(entry.participant_id)
    if not rooms:
        message = "The roster names no rooms; import one with a column `room` first."
        raise Rejected("roster_missing", message, rule="BR11")
    if len(rooms) > limits.MAX_ROOMS:
        message = f"The roster names {len(rooms)} rooms; at most {limits.MAX_ROOMS} are possible."
        raise Rejected("room_count", message, rule="BR2")
    return list(rooms), list(rooms.values())


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def opened(
    state: WorkshopState,
    stamp: Stamp,
    draft: Draft,
    setup: BreakoutSetup,
    plan_id: PlanId | None = None,
) -> BreakoutsOpened:
    """The event that opens a draft now: who is not here is expected, rooms that nobody is there for are left out."""
    choose = isinstance(setup.assignment, SelfSelect)
    by_people = isinstance(setup.assignment, SelfSelect | ByHand)
    rooms = []
    for room in draft.rooms:
        here = tuple(who for who in room.participant_ids if not known(state, who).left)
        if here or by_people or isinstance(setup.assignment, ByRoster):
            absent = tuple(who for who in room.participant_ids if who not in here)
            rooms.append(_with_people(room, here, absent))
    if not rooms:
        raise Rejected("nobody_here", "Nobody who belongs into these rooms is here.", rule="BR3")
    if plan_id is not None and setup.policy.late == "smallest" and not choose:
        rooms = _with_latecomers(state, rooms)
    return BreakoutsOpened(
        rooms=tuple(rooms),
        ends_at_ms=None if setup.duration_ms is None else stamp.now_ms + setup.duration_ms,
        round_id=RoundId(derive("b", stamp.entropy)),
        plan_id=plan_id,
        policy=setup.policy,
        choose=choose,
        explanation=draft.explanation,
    )


def _with_latecomers(state: WorkshopState, rooms: list[OpenedRoom]) -> list[OpenedRoom]:
    """Learners whom a plan does not know, each into the room that is smallest then."""
    planned = {who for room in rooms for who in (*room.participant_ids, *room.expected_ids)}
    people = [list(room.participant_ids) for room in rooms]
    for learner in learners_present(state):
        if learner.participant_id not in planned:
            sizes = [
                (len(people[index]), index)
                for index, room in enumerate(rooms)
                if room.capacity is None or len(people[index]) < room.capacity
            ]
            if sizes:
                people[min(sizes)[1]].append(learner.participant_id)
    return [_with_people(room, tuple(here), room.expected_ids) for room, here in zip(rooms, people, strict=True)]


def _with_people(room: OpenedRoom, here: tuple[ParticipantId, ...], absent: tuple[ParticipantId, ...]) -> OpenedRoom:
    return OpenedRoom(
        room_id=room.room_id,
        name=room.name,
        participant_ids=here,
        expected_ids=absent,
        capacity=room.capacity,
        task=room.task,
        duration_ms=room.duration_ms,
    )
