"""Breakouts that are prepared and not open yet: drawn, looked at, edited, opened. Rules BR26 to BR31 in SPEC.md."""

from collections.abc import Iterable, Sequence

from rooms import limits
from rooms.assignment import (
    Draft,
    checked,
    checked_duration,
    checked_policy,
    checked_room,
    draw,
    history,
    learners_present,
    opened,
    people_to_group,
    rooms_for,
)
from rooms.breakouts import switched
from rooms.commands import Stamp
from rooms.commands.breakouts import (
    AddPastGroups,
    DiscardPlan,
    EditPlan,
    OpenPlan,
    PrepareBreakouts,
    PrepareJigsaw,
    PrepareRotation,
    RedrawPlan,
    SetConstraints,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.breakouts import (
    BreakoutPlan,
    BreakoutSetup,
    BreakoutsPlanned,
    ByHand,
    ByRoster,
    ConstraintsSet,
    OpenedRoom,
    PastGroupsAdded,
    PlanDiscarded,
    RoomSetup,
    SelfSelect,
)
from rooms.feature import Feature, Shown
from rooms.grouping import Apart, Capacity, Fixed, JigsawRequest, RotationRequest, Together, jigsaw, rotate
from rooms.grouping.model import MAX_CONSTRAINTS
from rooms.ids import PlanId, derive
from rooms.people import known
from rooms.records import FACILITATORS, ConstraintsRecord, PlanRecord
from rooms.state import Plan, WorkshopState
from rooms.text import cleaned

SERIES_STEP = 1_000
"""Room ids of one command: this many for each plan it makes."""


def _plan(state: WorkshopState, plan_id: PlanId) -> Plan:
    plan = state.plans.get(plan_id)
    if plan is None:
        message = "There is no such plan; it may have been opened or discarded."
        raise Rejected("unknown_plan", message, rule="BR26")
    return plan


def _title(title: str, otherwise: str) -> str:
    return cleaned(title, "title", limits.MAX_TITLE_CHARS, rule="BR26", may_be_empty=True) or otherwise


def _check_plans(state: WorkshopState, more: int) -> None:
    if len(state.plans) + more > limits.MAX_PLANS:
        message = f"A workshop can have {limits.MAX_PLANS} plans; discard some first."
        raise Rejected("too_many_plans", message, rule="BR26")


# ── decide: make plans ───────────────────────────────────────────────────────────────────────────────────────────────
def decide_prepare(state: WorkshopState, command: PrepareBreakouts, stamp: Stamp) -> tuple[Event, ...]:
    _check_plans(state, 1)
    setup = checked(command)
    title = _title(command.title, f"Plan {len(state.plans) + 1}")
    plan_id = PlanId(derive("a", stamp.entropy))
    return (BreakoutsPlanned(plan_id=plan_id, plan=_drawn(state, title, setup, stamp.entropy)),)


def _drawn(state: WorkshopState, title: str, setup: BreakoutSetup, entropy: bytes) -> BreakoutPlan:
    """A plan with people in it; where nobody is here yet to be drawn, one that is drawn when it opens."""
    automatic = not isinstance(setup.assignment, SelfSelect | ByHand | ByRoster)
    if automatic and not learners_present(state):
        return BreakoutPlan(title=title, setup=setup, rooms=(), drawn=False)
    draft = draw(state, setup, entropy)
    return BreakoutPlan(title=title, setup=setup, rooms=draft.rooms, drawn=True, explanation=draft.explanation)


def decide_rotation(state: WorkshopState, command: PrepareRotation, stamp: Stamp) -> tuple[Event, ...]:
    setup = checked(command)
    title = _title(command.title, "Rotation")
    rotation = rotate(
        RotationRequest(
            people=people_to_group(state),
            rounds=command.rounds,
            groups=setup.count,
            size=setup.size,
            constraints=(*state.constraints, *setup.constraints),
            history=history(state) if setup.new_partners else (),
        ),
        stamp.entropy,
    )
    _check_plans(state, command.rounds)
    planned = []
    for index, groups in enumerate(rotation.rounds):
        rooms = rooms_for(
            [group.people for group in groups], setup.rooms, stamp.entropy, first_index=index * SERIES_STEP
        )
        plan = BreakoutPlan(
            title=f"{title} {index + 1}", setup=setup, rooms=rooms, drawn=True, explanation=rotation.explanation
        )
        planned.append(_planned(stamp, plan, "rotation", index, command.rounds))
    return tuple(planned)


def decide_jigsaw(state: WorkshopState, command: PrepareJigsaw, stamp: Stamp) -> tuple[Event, ...]:
    _check_plans(state, 2)
    title = _title(command.title, "Jigsaw")
    checked_duration(command.duration_ms)
    topics = tuple(checked_room(topic) for topic in command.topics)
    home = checked_room(command.home)
    if len(topics) > limits.MAX_ROOMS:
        message = f"{len(topics)} topics need as many rooms; {limits.MAX_ROOMS} are possible."
        raise Rejected("room_count", message, rule="BR2")
    found = jigsaw(
        JigsawRequest(
            people=people_to_group(state),
            topics=len(topics),
            expert_constraints=state.constraints,
            home_constraints=(*state.constraints, *command.constraints),
        ),
        stamp.entropy,
    )
    homes = [
        RoomSetup(name=f"{home.name} {index + 1}" if home.name else "", task=home.task, capacity=home.capacity)
        for index in range(len(found.homes))
    ]
    planned = []
    for index, (name, groups, setups) in enumerate(
        ((f"{title}: experts", found.experts, topics), (f"{title}: home groups", found.homes, tuple(homes)))
    ):
        setup = BreakoutSetup(
            count=len(groups),
            rooms=setups,
            duration_ms=command.duration_ms,
            policy=checked_policy(command.policy),
        )
        rooms = rooms_for([group.people for group in groups], setups, stamp.entropy, first_index=index * SERIES_STEP)
        plan = BreakoutPlan(title=name, setup=setup, rooms=rooms, drawn=True, explanation=found.explanation)
        planned.append(_planned(stamp, plan, "jigsaw", index, 2))
    if not command.open:
        return tuple(planned)
    experts = planned[0]
    draft = Draft(rooms=experts.plan.rooms, explanation=found.explanation)
    return (*planned, *switched(state, False), opened(state, stamp, draft, experts.plan.setup, experts.plan_id))


def _planned(stamp: Stamp, plan: BreakoutPlan, series: str, index: int, of: int) -> BreakoutsPlanned:
    return BreakoutsPlanned(
        plan_id=PlanId(derive("a", stamp.entropy, index)),
        plan=plan,
        series="jigsaw" if series == "jigsaw" else "rotation",
        position=index + 1,
        of=of,
    )


# ── decide: change and open plans ────────────────────────────────────────────────────────────────────────────────────
def decide_edit(state: WorkshopState, command: EditPlan, stamp: Stamp) -> tuple[Event, ...]:
    before = _plan(state, command.plan_id)
    if command.seq != before.seq:
        message = "Somebody else has changed this plan since; look at it again and repeat your change."
        raise Rejected("plan_changed", message, rule="BR28")
    if not 1 <= len(command.rooms) <= limits.MAX_ROOMS:
        message = f"The plan has {len(command.rooms)} rooms; between 1 and {limits.MAX_ROOMS} are possible."
        raise Rejected("room_count", message, rule="BR2")
    checked_duration(command.duration_ms)
    listed = [who for room in command.rooms for who in room.participant_ids]
    if len(set(listed)) < len(listed):
        raise Rejected("person_twice", "Somebody is in two rooms of the plan; put everybody into one.", rule="BR28")
    for who in listed:
        known(state, who)
    ours = {room.room_id for room in before.plan.rooms}
    named = [room.room_id for room in command.rooms if room.room_id is not None]
    if not ours.issuperset(named) or len(set(named)) < len(named):
        message = "A room id that is not of this plan, or comes twice, was given; leave it out for a new room."
        raise Rejected("unknown_room", message, rule="BR28")
    setups = tuple(checked_room(room) for room in command.rooms)
    fresh = rooms_for([room.participant_ids for room in command.rooms], setups, stamp.entropy)
    rooms = tuple(
        OpenedRoom(
            room_id=asked.room_id or room.room_id,
            name=room.name,
            participant_ids=room.participant_ids,
            capacity=room.capacity,
            task=room.task,
            duration_ms=room.duration_ms,
        )
        for room, asked in zip(fresh, command.rooms, strict=True)
    )
    setup = BreakoutSetup(
        count=len(rooms),
        rooms=setups,
        assignment=before.plan.setup.assignment,
        constraints=before.plan.setup.constraints,
        new_partners=before.plan.setup.new_partners,
        duration_ms=command.duration_ms,
        policy=checked_policy(command.policy),
    )
    # What the drawing explained does not hold for what was changed by hand.
    same = [(r.room_id, r.participant_ids) for r in rooms] == [
        (r.room_id, r.participant_ids) for r in before.plan.rooms
    ]
    plan = BreakoutPlan(
        title=_title(command.title, before.plan.title),
        setup=setup,
        rooms=rooms if before.plan.drawn or listed else (),
        drawn=before.plan.drawn or bool(listed),
        explanation=before.plan.explanation if same else (),
    )
    return (_changed(before, plan),)


def decide_redraw(state: WorkshopState, command: RedrawPlan, stamp: Stamp) -> tuple[Event, ...]:
    before = _plan(state, command.plan_id)
    if before.series != "single" or isinstance(before.plan.setup.assignment, SelfSelect | ByHand):
        message = "This plan was not drawn by itself; prepare it anew instead."
        raise Rejected("not_drawn", message, rule="BR29")
    return (_changed(before, _drawn(state, before.plan.title, before.plan.setup, stamp.entropy)),)


def _changed(before: Plan, plan: BreakoutPlan) -> BreakoutsPlanned:
    return BreakoutsPlanned(
        plan_id=before.plan_id, plan=plan, series=before.series, position=before.position, of=before.of
    )


def decide_discard(state: WorkshopState, command: DiscardPlan, _stamp: Stamp) -> tuple[Event, ...]:
    return (PlanDiscarded(plan_id=_plan(state, command.plan_id).plan_id),)


def decide_open_plan(state: WorkshopState, command: OpenPlan, stamp: Stamp) -> tuple[Event, ...]:
    plan = _plan(state, command.plan_id).plan
    closed = switched(state, command.switch)
    draft = Draft(rooms=plan.rooms, explanation=plan.explanation)
    if not plan.drawn:
        draft = draw(state, plan.setup, stamp.entropy)
    return (*closed, opened(state, stamp, draft, plan.setup, command.plan_id))


# ── decide: what every assignment keeps to ───────────────────────────────────────────────────────────────────────────
def decide_constraints(state: WorkshopState, command: SetConstraints, _stamp: Stamp) -> tuple[Event, ...]:
    if len(command.constraints) > MAX_CONSTRAINTS:
        message = f"{len(command.constraints)} constraints were given; at most {MAX_CONSTRAINTS} are possible."
        raise Rejected("too_many_constraints", message, rule="BR30")
    for constraint in command.constraints:
        if isinstance(constraint, Fixed | Capacity):
            message = "A constraint about a numbered group goes with the command that makes the groups."
            raise Rejected("constraint_of_a_group", message, rule="BR30")
        if isinstance(constraint, Together | Apart) and len(set(constraint.people)) < 2:
            raise Rejected("constraint_of_one", "A constraint needs at least two different people.", rule="BR30")
    return () if command.constraints == state.constraints else (ConstraintsSet(constraints=command.constraints),)


def decide_past(state: WorkshopState, command: AddPastGroups, _stamp: Stamp) -> tuple[Event, ...]:
    if len(state.past_groups) >= limits.MAX_PAST_GROUPS:
        message = f"The groups of {limits.MAX_PAST_GROUPS} earlier rounds are known; no more are taken."
        raise Rejected("too_many_past_groups", message, rule="BR31")
    if not 0 < command.past.weight <= 1:
        message = f"A weight of {command.past.weight} was given; above 0 and at most 1 is possible."
        raise Rejected("weight", message, rule="BR31")
    if sum(map(len, command.past.groups)) > limits.MAX_PARTICIPANTS:
        message = f"At most {limits.MAX_PARTICIPANTS} people can be listed at once."
        raise Rejected("too_many_people", message, rule="BR31")
    return (PastGroupsAdded(past=command.past),)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_planned(state: WorkshopState, event: BreakoutsPlanned, recorded: Recorded) -> None:
    state.plans[event.plan_id] = Plan(
        plan_id=event.plan_id,
        seq=recorded.seq,
        plan=event.plan,
        series=event.series,
        position=event.position,
        of=event.of,
    )


def evolve_discarded(state: WorkshopState, event: PlanDiscarded, _recorded: Recorded) -> None:
    del state.plans[event.plan_id]


def evolve_constraints(state: WorkshopState, event: ConstraintsSet, _recorded: Recorded) -> None:
    state.constraints = event.constraints


def evolve_past(state: WorkshopState, event: PastGroupsAdded, _recorded: Recorded) -> None:
    state.past_groups.append(event.past)


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_plan(_state: WorkshopState, event: BreakoutsPlanned | PlanDiscarded) -> Iterable[str]:
    return (f"plan:{event.plan_id}",)


def touch_constraints(state: WorkshopState, _event: ConstraintsSet) -> Iterable[str]:
    yield "constraints"
    # What is proposed to those left alone keeps to them too.
    yield from (f"room_board:{room_id}" for room_id in (state.breakouts.alone if state.breakouts else ()))


def render_plan(state: WorkshopState, key_id: str) -> Shown | None:
    plan = state.plans.get(PlanId(key_id))
    if plan is None:
        return None
    record = PlanRecord(
        plan_id=plan.plan_id,
        seq=plan.seq,
        plan=plan.plan,
        series=plan.series,
        position=plan.position,
        of=plan.of,
    )
    return record, frozenset((FACILITATORS,))


def render_constraints(state: WorkshopState, _key_id: str) -> Shown | None:
    if not state.constraints:
        return None
    return ConstraintsRecord(constraints=state.constraints), frozenset((FACILITATORS,))


def keys(state: WorkshopState) -> Sequence[str]:
    return ("constraints", *(f"plan:{plan_id}" for plan_id in state.plans))


FEATURE = Feature(
    deciders={
        PrepareBreakouts: decide_prepare,
        PrepareRotation: decide_rotation,
        PrepareJigsaw: decide_jigsaw,
        EditPlan: decide_edit,
        RedrawPlan: decide_redraw,
        DiscardPlan: decide_discard,
        OpenPlan: decide_open_plan,
        SetConstraints: decide_constraints,
        AddPastGroups: decide_past,
    },
    evolvers={
        BreakoutsPlanned: evolve_planned,
        PlanDiscarded: evolve_discarded,
        ConstraintsSet: evolve_constraints,
        PastGroupsAdded: evolve_past,
    },
    touched={
        BreakoutsPlanned: touch_plan,
        PlanDiscarded: touch_plan,
        ConstraintsSet: touch_constraints,
        PastGroupsAdded: lambda _state, _event: (),
    },
    renderers={"plan": render_plan, "constraints": render_constraints},
    keys=keys,
    slow=frozenset({PrepareBreakouts, PrepareRotation, PrepareJigsaw, RedrawPlan, OpenPlan}),
)
