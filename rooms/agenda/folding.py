"""Events of the agenda into its state."""

from rooms.agenda_state import Agenda, StepRun
from rooms.events import Recorded
from rooms.events.agenda import (
    AgendaEnded,
    AgendaSet,
    AgendaStarted,
    StepEnded,
    StepExtended,
    StepHeld,
    StepPrepared,
    StepSkipChanged,
    StepStarted,
)
from rooms.events.breakouts import BreakoutsOpened, PlanDiscarded
from rooms.events.polls import PollDiscarded
from rooms.state import WorkshopState


def _agenda(state: WorkshopState) -> Agenda:
    assert state.agenda is not None
    return state.agenda


def evolve_set(state: WorkshopState, event: AgendaSet, _recorded: Recorded) -> None:
    before = state.agenda
    agenda = Agenda(title=event.title, show=event.show, version=event.version, runs={})
    goes_on = before is not None and before.status == "running"
    for step in event.steps:
        old = None if before is None else before.runs.get(step.step_id)
        same = old is not None and old.step == step and (goes_on or old.status in ("todo", "skipped"))
        agenda.runs[step.step_id] = old if old is not None and same else StepRun(step=step)
    if before is not None:
        agenda.dropped = tuple(step_id for step_id in before.runs if step_id not in agenda.runs)
        if goes_on:
            agenda.status, agenda.started_at_ms, agenda.current = "running", before.started_at_ms, before.current
    state.agenda = agenda


def evolve_started(state: WorkshopState, _event: AgendaStarted, recorded: Recorded) -> None:
    agenda = _agenda(state)
    agenda.status, agenda.started_at_ms = "running", recorded.at_ms


def evolve_ended(state: WorkshopState, _event: AgendaEnded, recorded: Recorded) -> None:
    agenda = _agenda(state)
    agenda.status, agenda.ended_at_ms, agenda.held = "ended", recorded.at_ms, False


def evolve_prepared(state: WorkshopState, event: StepPrepared, _recorded: Recorded) -> None:
    run = _agenda(state).runs[event.step_id]
    run.poll_id = event.poll_id or run.poll_id
    run.plan_id = event.plan_id or run.plan_id
    run.review_round_id = event.review_round_id or run.review_round_id
    run.warnings = () if event.problem is None else (event.problem,)


def evolve_step_started(state: WorkshopState, event: StepStarted, recorded: Recorded) -> None:
    agenda = _agenda(state)
    run = agenda.runs[event.step_id]
    run.status = "running"
    run.started_at_ms, run.ended_at_ms, run.ends_at_ms = recorded.at_ms, None, event.ends_at_ms
    run.poll_id = event.poll_id or run.poll_id
    run.round_id = event.round_id or run.round_id
    run.review_round_id = event.review_round_id or run.review_round_id
    run.warnings = event.warnings
    agenda.current, agenda.status, agenda.ended_at_ms, agenda.held = event.step_id, "running", None, False
    passed = True
    for step_id, each in agenda.runs.items():
        if step_id == event.step_id:
            passed = False
        elif passed and each.status == "todo":
            each.status = "skipped"
        elif not passed and each.status == "done":
            each.status = "todo"


def evolve_step_ended(state: WorkshopState, event: StepEnded, recorded: Recorded) -> None:
    run = _agenda(state).runs[event.step_id]
    run.status = "todo" if event.outcome == "back" else "done"
    run.ended_at_ms = recorded.at_ms


def evolve_skip(state: WorkshopState, event: StepSkipChanged, _recorded: Recorded) -> None:
    _agenda(state).runs[event.step_id].status = "skipped" if event.skip else "todo"


def evolve_extended(state: WorkshopState, event: StepExtended, _recorded: Recorded) -> None:
    agenda = _agenda(state)
    agenda.runs[event.step_id].ends_at_ms = event.ends_at_ms
    agenda.held = False


def evolve_held(state: WorkshopState, event: StepHeld, _recorded: Recorded) -> None:
    agenda = _agenda(state)
    agenda.held = True
    agenda.runs[event.step_id].warnings = (*agenda.runs[event.step_id].warnings, event.problem)


def evolve_plan_gone(state: WorkshopState, event: PlanDiscarded | BreakoutsOpened, _recorded: Recorded) -> None:
    """A prepared plan was discarded or opened; if the agenda needs groups for that step, they are drawn then."""
    if state.agenda is None or event.plan_id is None:
        return
    for run in state.agenda.runs.values():
        if run.plan_id == event.plan_id:
            run.plan_id = None


def evolve_poll_gone(state: WorkshopState, event: PollDiscarded, _recorded: Recorded) -> None:
    """A prepared poll was thrown away; a new one is made when its step starts."""
    for run in () if state.agenda is None else state.agenda.runs.values():
        if run.poll_id == event.poll_id:
            run.poll_id = None
