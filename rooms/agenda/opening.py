"""What a step opens when it starts, closes when it ends, and what is prepared for it (AG6 to AG10).

Everything is done by giving commands to the features that own it. A decision may need what an earlier command of the same step made (a
poll is created, then opened): `_Draft` folds those events into a copy of the state's outer containers, which is enough because they add
things and change none.
"""

import hashlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, fields, replace
from typing import Any

from rooms import breakouts, limits, plans, polls, review, roomwork
from rooms.agenda_state import Agenda, StepRun
from rooms.assignment import checked, checked_policy, checked_room, checked_task, learners_present
from rooms.commands import Command, Stamp
from rooms.commands.breakouts import (
    CancelRecall,
    ChangeTimer,
    CloseBreakouts,
    DiscardPlan,
    OpenBreakouts,
    OpenPlan,
    PrepareBreakouts,
    PrepareJigsaw,
    PrepareRotation,
    ReopenBreakouts,
    SetTask,
)
from rooms.commands.polls import (
    ChangePollTimer,
    ClosePoll,
    CreatePoll,
    DiscardPoll,
    OpenPoll,
    RepeatPoll,
    ShareResults,
)
from rooms.commands.review import CloseReviewRound, CreateReviewRound, ExtendReviewPhase, StartReviewRound
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.agenda import (
    BreakoutsStep,
    JigsawSetup,
    PollStep,
    ReviewStep,
    Step,
    StepPrepared,
    StepWarning,
)
from rooms.events.breakouts import BreakoutSetup, BreakoutsOpened, BreakoutsPlanned, ByHand, ByRoster, SelfSelect
from rooms.events.polls import PollCreated, PollSetup
from rooms.events.review import ReviewRoundCreated, ReviewRoundSettings
from rooms.ids import API, PlanId, PollId, ReviewRoundId, RoundId
from rooms.state import WorkshopState

_FEATURES = (breakouts.FEATURE, roomwork.FEATURE, plans.FEATURE, polls.FEATURE, review.FEATURE)
_ROUND_SETTINGS = tuple(each.name for each in fields(ReviewRoundSettings))
_NOBODY = Stamp(now_ms=0, actor=API, entropy=bytes(32))
"""For checks that draw nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of opening a step."""

    events: tuple[Event, ...] = ()
    poll_id: PollId | None = None
    round_id: RoundId | None = None
    review_round_id: ReviewRoundId | None = None
    warnings: tuple[StepWarning, ...] = ()


class _Draft:
    """A decision that takes several commands. Each has entropy of its own, so that no two ids are the same."""

    def __init__(self, state: WorkshopState, stamp: Stamp, purpose: str) -> None:
        self.state = state
        self.stamp = stamp
        self.events: list[Event] = []
        self._purpose = purpose

    def give(self, command: Command) -> tuple[Event, ...]:
        """The command's events, which are also kept. Raises `Rejected`."""
        purpose = f"{self._purpose}/{len(self.events)}".encode()
        entropy = hashlib.blake2b(self.stamp.entropy, digest_size=32, key=purpose[:64]).digest()
        decider = next(each.deciders[type(command)] for each in _FEATURES if type(command) in each.deciders)
        made = decider(self.state, command, replace(self.stamp, entropy=entropy))
        self.events += made
        return made

    def fold(self, events: tuple[Event, ...]) -> None:
        """Go on from what these events, which only add things, have made."""
        outer = {each.name: getattr(self.state, each.name) for each in fields(self.state)}
        containers: dict[str, Any] = {
            name: copy(value) for name, value in outer.items() if isinstance(value, dict | set | list)
        }
        self.state = replace(self.state, **containers)
        for event in events:
            at = Recorded(seq=0, at_ms=self.stamp.now_ms, actor=self.stamp.actor, command_id="", event=event)
            for feature in _FEATURES:
                if type(event) in feature.evolvers:
                    feature.evolvers[type(event)](self.state, event, at)


# ── checking what the sheet says ─────────────────────────────────────────────────────────────────────────────────────
def check_content(step: Step) -> None:
    """What the step needs, by the rules of the feature it belongs to, or `Rejected`. Needs no workshop."""
    match step:
        case PollStep():
            if (step.poll is None) == (step.repeats is None):
                message = "Say in one way what is asked: with poll, or with repeats."
                raise Rejected("step_poll", message, rule="AG2")
            if step.poll is not None:
                _Draft(WorkshopState(), _NOBODY, "check").give(create_poll(step.poll))
        case ReviewStep():
            _Draft(WorkshopState(), _NOBODY, "check").give(create_round(step))
        case BreakoutsStep():
            _check_breakouts(step)
        case _:
            pass


def _check_breakouts(step: BreakoutsStep) -> None:
    ways = [name for name in ("breakouts", "jigsaw", "same_as", "continues") if getattr(step, name) is not None]
    if len(ways) != 1:
        message = (
            "Say in one way which rooms there are: breakouts, jigsaw, same_as or continues "
            f"({' and '.join(ways) if ways else 'none'} given)."
        )
        raise Rejected("step_rooms", message, rule="AG2")
    if step.breakouts is not None:
        checked(step.breakouts)
    if step.jigsaw is not None:
        _check_jigsaw(step.jigsaw)
    if step.task is not None:
        checked_task(step.task)
    if step.countdown_ms != 0 and not 1_000 <= step.countdown_ms <= limits.MAX_COUNTDOWN_MS:
        message = f"A countdown of {step.countdown_ms} ms was asked for; 0, or 1 second to 10 minutes is possible."
        raise Rejected("duration", message, rule="AG2")


def _check_jigsaw(jigsaw: JigsawSetup) -> None:
    if not 2 <= len(jigsaw.topics) <= limits.MAX_ROOMS:
        message = f"The jigsaw has {len(jigsaw.topics)} topics; 2 to {limits.MAX_ROOMS} are possible."
        raise Rejected("topics_out_of_range", message, rule="AG2")
    for room in (*jigsaw.topics, jigsaw.home):
        checked_room(room)
    checked_policy(jigsaw.policy)


def create_poll(poll: PollSetup) -> CreatePoll:
    return CreatePoll(**{each.name: getattr(poll, each.name) for each in fields(poll)})


def create_round(step: ReviewStep) -> CreateReviewRound:
    settings = ReviewRoundSettings(**{name: getattr(step.review, name) for name in _ROUND_SETTINGS})
    return CreateReviewRound(settings=settings, criteria=step.review.criteria)


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def open_step(state: WorkshopState, agenda: Agenda, run: StepRun, stamp: Stamp) -> Opened:
    """What the step needs is opened, prepared before or not. `Rejected` if that cannot be."""
    draft = _Draft(state, stamp, "open")
    match run.step:
        case PollStep() as step:
            return _open_poll(state, agenda, run, step, draft)
        case ReviewStep() as step:
            return _open_review(state, run, step, draft)
        case BreakoutsStep() as step:
            return _open_rooms(state, agenda, run, step, draft)
        case _:
            return Opened()


def _open_poll(state: WorkshopState, agenda: Agenda, run: StepRun, step: PollStep, draft: _Draft) -> Opened:
    poll_id = run.poll_id
    if poll_id is not None and poll_id in state.polls:
        draft.give(OpenPoll(poll_id=poll_id))
    elif step.poll is not None:
        poll_id = _created_poll(draft, step.poll)
        draft.give(OpenPoll(poll_id=poll_id))
    else:
        first = agenda.runs[step.repeats or step.step_id]
        if first.poll_id is None or first.poll_id not in state.polls or first.started_at_ms is None:
            message = f"It repeats the vote of “{first.step.title}”, which has not taken place."
            raise Rejected("vote_missing", message, rule="AG10")
        events = draft.give(RepeatPoll(poll_id=first.poll_id))
        poll_id = next(event.poll_id for event in events if isinstance(event, PollCreated))
    return Opened(events=tuple(draft.events), poll_id=poll_id)


def _created_poll(draft: _Draft, poll: PollSetup) -> PollId:
    events = draft.give(create_poll(poll))
    draft.fold(events)
    return next(event.poll_id for event in events if isinstance(event, PollCreated))


def _created_round(draft: _Draft, step: ReviewStep) -> ReviewRoundId:
    events = draft.give(create_round(step))
    draft.fold(events)
    return next(event.round_id for event in events if isinstance(event, ReviewRoundCreated))


def _open_review(state: WorkshopState, run: StepRun, step: ReviewStep, draft: _Draft) -> Opened:
    before = None if run.review_round_id is None else state.review_rounds.get(run.review_round_id)
    round_id = _created_round(draft, step) if before is None else before.round_id
    if before is not None and before.phase == "closed":
        message = "Its review round is closed, and a closed round cannot be opened again."
        raise Rejected("review_over", message, rule="AG8")
    if before is None or before.phase == "draft":
        draft.give(StartReviewRound(round_id=round_id))
    learners = len(learners_present(state))
    warnings: tuple[StepWarning, ...] = ()
    if learners <= step.review.reviews_each:
        message = (
            f"{step.review.reviews_each} reviews of each submission are asked for; with the {learners} learners "
            f"who are here there can be {max(0, learners - 1)} at most."
        )
        warnings = (StepWarning(code="too_few_reviewers", message=message),)
    return Opened(events=tuple(draft.events), review_round_id=round_id, warnings=warnings)


def _open_rooms(state: WorkshopState, agenda: Agenda, run: StepRun, step: BreakoutsStep, draft: _Draft) -> Opened:
    again = run.round_id
    if again is None and step.same_as is not None:
        again = agenda.runs[step.same_as].round_id
        if again is None:
            raise Rejected("groups_missing", _missing(agenda, step), rule="AG10")
    if again is not None and state.breakouts is not None and state.breakouts.round_id == again:
        return _stay(state, step, again, draft)
    warnings: tuple[StepWarning, ...] = ()
    if again is not None and (again in state.rounds or step.same_as is not None):
        draft.give(ReopenBreakouts(round_id=again, switch=True))
    elif run.plan_id is not None and run.plan_id in state.plans:
        draft.give(OpenPlan(plan_id=run.plan_id, switch=True))
    else:
        warnings = _draw(state, agenda, step, draft)
    events = tuple(_timed(event, step, draft.stamp) for event in draft.events)
    round_id = next(event.round_id for event in events if isinstance(event, BreakoutsOpened))
    return Opened(events=events, round_id=round_id, warnings=warnings)


def _missing(agenda: Agenda, step: BreakoutsStep) -> str:
    first = agenda.runs[step.same_as or step.continues or step.step_id].step
    return f"It takes up the groups of “{first.title}”, which has not taken place."


def _stay(state: WorkshopState, step: BreakoutsStep, round_id: RoundId, draft: _Draft) -> Opened:
    """The rooms that are wanted are open already: a new timer and task, nobody moves."""
    draft.give(CancelRecall())
    draft.give(ChangeTimer(remaining_ms=_room_time_ms(step)))
    if step.task is not None and state.breakouts is not None:
        draft.give(SetTask(task=step.task))
    return Opened(events=tuple(draft.events), round_id=round_id)


def _draw(state: WorkshopState, agenda: Agenda, step: BreakoutsStep, draft: _Draft) -> tuple[StepWarning, ...]:
    """Groups that nobody has prepared, drawn now."""
    if step.continues is not None:
        first = agenda.runs[step.continues].step
        assert isinstance(first, BreakoutsStep)
        if first.breakouts is None:
            raise Rejected("groups_missing", _missing(agenda, step), rule="AG10")
        setup, warnings = fitted(state, replace(first.breakouts, new_partners=True))
        draft.give(OpenBreakouts(**_shallow(setup), switch=True))
        message = f"The round was drawn by itself, because “{first.title}” has not taken place."
        return (*warnings, StepWarning(code="series_missing", message=message))
    if step.jigsaw is None and not _continued(agenda, step):
        assert step.breakouts is not None
        setup, warnings = fitted(state, step.breakouts)
        draft.give(OpenBreakouts(**_shallow(setup), switch=True))
        return warnings
    warnings, plan_id = _plan_series(state, agenda, step, draft)
    draft.give(OpenPlan(plan_id=plan_id, switch=True))
    return warnings


def _continued(agenda: Agenda, step: Step) -> list[StepRun]:
    """The runs of the steps that continue this one, in order."""
    return [
        run
        for run in agenda.runs.values()
        if isinstance(run.step, BreakoutsStep) and run.step.continues == step.step_id and run.status != "done"
    ]


def _plan_series(
    state: WorkshopState, agenda: Agenda, step: BreakoutsStep, draft: _Draft
) -> tuple[tuple[StepWarning, ...], PlanId]:
    """Plans for a step and those that continue it; the first one's id."""
    warnings: tuple[StepWarning, ...] = ()
    following = _continued(agenda, step)
    if step.jigsaw is not None:
        topics, home = step.jigsaw.topics, step.jigsaw.home
        events = draft.give(
            PrepareJigsaw(
                title=step.title,
                topics=topics,
                home=home,
                constraints=step.jigsaw.constraints,
                policy=step.jigsaw.policy,
            )
        )
    else:
        assert step.breakouts is not None
        setup, warnings = fitted(state, step.breakouts)
        events = draft.give(PrepareRotation(**_shallow(setup), title=step.title, rounds=1 + len(following)))
    draft.fold(events)
    plan_ids = [event.plan_id for event in events if isinstance(event, BreakoutsPlanned)]
    for run, plan_id in zip(following, plan_ids[1:], strict=False):
        draft.events.append(StepPrepared(step_id=run.step.step_id, plan_id=plan_id))
    return warnings, plan_ids[0]


def fitted(state: WorkshopState, setup: BreakoutSetup) -> tuple[BreakoutSetup, tuple[StepWarning, ...]]:
    """The setup with so few rooms that nobody would be alone, if it has more rooms than there are learners (AG8)."""
    learners = len(learners_present(state))
    count = setup.count or (len(setup.rooms) if setup.size is None else 0)
    drawn = not isinstance(setup.assignment, SelfSelect | ByHand | ByRoster)
    if not drawn or count <= learners or learners == 0:
        return setup, ()
    fewer = max(1, learners // 2)
    message = f"{count} rooms were planned; with {learners} learners here there are {fewer}, so that nobody is alone."
    warning = StepWarning(code="fewer_rooms", message=message)
    return replace(setup, count=fewer, rooms=setup.rooms[:fewer]), (warning,)


def _shallow(setup: BreakoutSetup) -> dict[str, Any]:
    return {each.name: getattr(setup, each.name) for each in fields(BreakoutSetup)}


def _room_time_ms(step: BreakoutsStep) -> int | None:
    if step.breakouts is not None and step.breakouts.duration_ms is not None:
        return step.breakouts.duration_ms
    return step.duration_ms if step.at_end == "recall" else None


def _timed(event: Event, step: BreakoutsStep, stamp: Stamp) -> Event:
    """Rooms end with their step unless something else was said, and those without a task have the step's."""
    if not isinstance(event, BreakoutsOpened):
        return event
    room_ms = _room_time_ms(step)
    ends_at_ms = event.ends_at_ms
    if ends_at_ms is None and room_ms is not None:
        ends_at_ms = stamp.now_ms + room_ms
    rooms = event.rooms
    if step.task is not None:
        task = checked_task(step.task)
        renewed = step.same_as is not None
        rooms = tuple(replace(room, task=task if renewed else room.task or task) for room in rooms)
    return replace(event, ends_at_ms=ends_at_ms, rooms=rooms)


# ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def close_step(state: WorkshopState, run: StepRun, following: Step | None, stamp: Stamp) -> tuple[Event, ...]:
    """What the step opened is closed, as it says. `following`: what starts now; rooms after rooms switch, without a recall."""
    draft = _Draft(state, stamp, "close")
    match run.step:
        case PollStep() as step:
            poll = None if run.poll_id is None else state.polls.get(run.poll_id)
            if poll is not None and poll.status == "open" and step.at_end == "close":
                draft.give(ClosePoll(poll_id=poll.poll_id))
            if poll is not None and poll.status != "draft" and step.results_at_end is not None:
                draft.give(ShareResults(poll_id=poll.poll_id, results=step.results_at_end))
        case ReviewStep() as step:
            found = None if run.review_round_id is None else state.review_rounds.get(run.review_round_id)
            if found is not None and found.phase not in ("draft", "closed") and step.at_end == "close":
                draft.give(CloseReviewRound(round_id=found.round_id))
        case BreakoutsStep() as step:
            ours = state.breakouts is not None and state.breakouts.round_id == run.round_id
            if ours and step.at_end == "recall" and not isinstance(following, BreakoutsStep):
                draft.give(CloseBreakouts(countdown_ms=step.countdown_ms))
        case _:
            pass
    return tuple(draft.events)


def extend_step(state: WorkshopState, run: StepRun, by_ms: int, stamp: Stamp) -> tuple[Event, ...]:
    """What the step opened and what has a timer ends so much later (or sooner, but not before now)."""
    draft = _Draft(state, stamp, "extend")
    match run.step:
        case BreakoutsStep():
            rooms = state.breakouts
            if rooms is not None and rooms.round_id == run.round_id and rooms.ends_at_ms is not None:
                remaining_ms = max(1_000, rooms.ends_at_ms + by_ms - stamp.now_ms)
                draft.give(ChangeTimer(remaining_ms=min(remaining_ms, limits.MAX_BREAKOUT_MS)))
        case PollStep():
            poll = None if run.poll_id is None else state.polls.get(run.poll_id)
            if poll is not None and poll.status == "open" and poll.closes_at_ms is not None:
                remaining_ms = max(1_000, poll.closes_at_ms + by_ms - stamp.now_ms)
                draft.give(ChangePollTimer(poll_id=poll.poll_id, remaining_ms=min(remaining_ms, limits.MAX_AGENDA_MS)))
        case ReviewStep():
            found = None if run.review_round_id is None else state.review_rounds.get(run.review_round_id)
            if found is not None and found.phase not in ("draft", "closed") and found.ends_at_ms is not None:
                by_ms = max(by_ms, stamp.now_ms - found.ends_at_ms)
                draft.give(ExtendReviewPhase(round_id=found.round_id, by_ms=by_ms))
        case _:
            pass
    return tuple(draft.events)


# ── preparing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def prepare_step(state: WorkshopState, agenda: Agenda, run: StepRun, stamp: Stamp) -> tuple[Event, ...]:
    """A draft of everything the step needs, if there is none yet. `Rejected` if that cannot be."""
    draft = _Draft(state, stamp, f"prepare {run.step.step_id}")
    match run.step:
        case PollStep() as step if step.poll is not None and run.poll_id not in state.polls:
            poll_id = _created_poll(draft, step.poll)
            return (*draft.events, StepPrepared(step_id=step.step_id, poll_id=poll_id))
        case ReviewStep() as step if run.review_round_id not in state.review_rounds:
            round_id = _created_round(draft, step)
            return (*draft.events, StepPrepared(step_id=step.step_id, review_round_id=round_id))
        case BreakoutsStep() as step if run.plan_id not in state.plans and run.round_id is None:
            return _prepare_rooms(state, agenda, step, draft)
        case _:
            return ()


def _prepare_rooms(state: WorkshopState, agenda: Agenda, step: BreakoutsStep, draft: _Draft) -> tuple[Event, ...]:
    if step.breakouts is None and step.jigsaw is None:
        raise Rejected("nothing_to_prepare", "Its groups come from an earlier step, when that takes place.", rule="AG9")
    if step.jigsaw is not None or _continued(agenda, step):
        warnings, plan_id = _plan_series(state, agenda, step, draft)
    else:
        assert step.breakouts is not None
        setup, warnings = fitted(state, step.breakouts)
        planned = draft.give(PrepareBreakouts(**_shallow(setup), title=step.title))
        plan_id = next(event.plan_id for event in planned if isinstance(event, BreakoutsPlanned))
    problem = next(iter(warnings), None)
    return (*draft.events, StepPrepared(step_id=step.step_id, plan_id=plan_id, problem=problem))


def prepare_ahead(state: WorkshopState, agenda: Agenda, run: StepRun, stamp: Stamp) -> Iterator[Event]:
    """For the step after the one that starts now: drafts of a poll or a review round; groups are drawn later, from those who are here
    then, and only looked at. A problem is told and stops nothing."""
    try:
        if isinstance(run.step, BreakoutsStep):
            _foresee(state, run.step)
        events = () if isinstance(run.step, BreakoutsStep) else prepare_step(state, agenda, run, stamp)
    except Rejected as refused:
        problem = StepWarning(code=refused.code, message=refused.message)
        if run.warnings != (problem,):
            yield StepPrepared(step_id=run.step.step_id, problem=problem)
        return
    yield from events
    if not events and run.warnings and run.status == "todo":
        yield StepPrepared(step_id=run.step.step_id)


def _foresee(state: WorkshopState, step: BreakoutsStep) -> None:
    setup = step.breakouts
    if setup is not None and isinstance(setup.assignment, ByRoster):
        if not any(entry.room for entry in state.roster.entries.values()):
            raise Rejected(
                "roster_missing", "Its rooms come from the roster, and there is none that names rooms.", rule="AG9"
            )
    elif setup is not None and not isinstance(setup.assignment, SelfSelect | ByHand) and not learners_present(state):
        raise Rejected("nobody_to_group", "Nobody is here yet who could be put into its rooms.", rule="AG9")


def discarded(state: WorkshopState, run: StepRun) -> Iterator[Event]:
    """What was prepared for a step that is not wanted any more, as far as it can be taken back."""
    if run.plan_id is not None and run.plan_id in state.plans:
        yield from _Draft(state, _NOBODY, "discard").give(DiscardPlan(plan_id=run.plan_id))
    poll = None if run.poll_id is None else state.polls.get(run.poll_id)
    if poll is not None and poll.status == "draft":
        yield from _Draft(state, _NOBODY, "discard").give(DiscardPoll(poll_id=poll.poll_id))
