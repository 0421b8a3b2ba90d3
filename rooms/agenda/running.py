"""From step to step: by hand and by the clock (AG4 to AG13)."""

from collections.abc import Iterable

from rooms import limits
from rooms.agenda.opening import Opened, close_step, extend_step, open_step, prepare_ahead, prepare_step
from rooms.agenda.times import current_run, next_run, previous_run
from rooms.agenda_state import Agenda, StepRun
from rooms.commands import Stamp
from rooms.commands.agenda import ExtendStep, GoToStep, NextStep, PrepareStep, PreviousStep, SkipStep, StartAgenda
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.agenda import (
    AgendaEnded,
    AgendaStarted,
    Step,
    StepEnded,
    StepExtended,
    StepHeld,
    StepOutcome,
    StepSkipChanged,
    StepStarted,
    StepWarning,
)
from rooms.events.breakouts import BreakoutsClosed
from rooms.ids import StepId
from rooms.state import WorkshopState


def _agenda(state: WorkshopState) -> Agenda:
    if state.agenda is None or not state.agenda.runs:
        raise Rejected("agenda_missing", "There is no agenda; import a run sheet first.", rule="AG4")
    return state.agenda


def _run(agenda: Agenda, step_id: StepId) -> StepRun:
    run = agenda.runs.get(step_id)
    if run is None:
        raise Rejected("unknown_agenda_step", f"The agenda has no step with the id {step_id!r}.", rule="AG5")
    return run


def _check_from(agenda: Agenda, from_id: StepId | None) -> None:
    if from_id is not None and from_id != agenda.current:
        message = "The agenda is at another step by now; look where it stands and try again."
        raise Rejected("step_changed", message, rule="AG5")


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_start(state: WorkshopState, command: StartAgenda, stamp: Stamp) -> tuple[Event, ...]:
    agenda = _agenda(state)
    if agenda.status != "ready":
        message = "The agenda has been started already; go to a step, or import a sheet to begin anew."
        raise Rejected("agenda_started", message, rule="AG4")
    first = next_run(agenda)
    if first is None:
        raise Rejected("nothing_to_start", "Every step of the agenda is skipped; take at least one back.", rule="AG4")
    return _moved(state, agenda, first, stamp, "done", command.anyway)


def decide_next(state: WorkshopState, command: NextStep, stamp: Stamp) -> tuple[Event, ...]:
    agenda = _agenda(state)
    _check_from(agenda, command.from_id)
    run = current_run(agenda)
    if run is None:
        raise Rejected("agenda_not_running", "The agenda does not run; start it, or go to a step.", rule="AG5")
    following = next_run(agenda)
    if following is not None:
        return _moved(state, agenda, following, stamp, "done", command.anyway)
    closed = close_step(state, run, None, stamp)
    return (*closed, StepEnded(step_id=run.step.step_id, outcome="done"), AgendaEnded(reason="finished"))


def decide_previous(state: WorkshopState, command: PreviousStep, stamp: Stamp) -> tuple[Event, ...]:
    agenda = _agenda(state)
    _check_from(agenda, command.from_id)
    before = previous_run(agenda)
    if before is None:
        raise Rejected("no_step_before", "There is no step before this one to go back to.", rule="AG5")
    return _moved(state, agenda, before, stamp, "back", command.anyway)


def decide_go_to(state: WorkshopState, command: GoToStep, stamp: Stamp) -> tuple[Event, ...]:
    agenda = _agenda(state)
    to = _run(agenda, command.step_id)
    if to is current_run(agenda):
        return ()
    order = list(agenda.runs)
    back = agenda.current is not None and order.index(command.step_id) < order.index(agenda.current)
    return _moved(state, agenda, to, stamp, "back" if back else "done", command.anyway)


def decide_skip(state: WorkshopState, command: SkipStep, _stamp: Stamp) -> tuple[Event, ...]:
    run = _to_come(_agenda(state), command.step_id)
    if (run.status == "skipped") == command.skip:
        return ()
    return (StepSkipChanged(step_id=command.step_id, skip=command.skip),)


def decide_prepare(state: WorkshopState, command: PrepareStep, stamp: Stamp) -> tuple[Event, ...]:
    agenda = _agenda(state)
    return prepare_step(state, agenda, _to_come(agenda, command.step_id), stamp)


def _to_come(agenda: Agenda, step_id: StepId) -> StepRun:
    run = _run(agenda, step_id)
    order = list(agenda.runs)
    if agenda.current is not None and order.index(step_id) <= order.index(agenda.current):
        message = f"“{run.step.title}” is not to come any more; this goes for steps that are."
        raise Rejected("step_not_to_come", message, rule="AG5")
    return run


def decide_extend(state: WorkshopState, command: ExtendStep, stamp: Stamp) -> tuple[Event, ...]:
    run = current_run(_agenda(state))
    if run is None or run.ends_at_ms is None:
        raise Rejected("agenda_not_running", "No step is running that could take longer.", rule="AG11")
    # More time counts from now once the time is over; less never ends a step before now.
    base_ms = max(run.ends_at_ms, stamp.now_ms) if command.by_ms > 0 else run.ends_at_ms
    ends_at_ms = max(base_ms + command.by_ms, min(stamp.now_ms, run.ends_at_ms))
    if ends_at_ms > stamp.now_ms + limits.MAX_AGENDA_MS:
        raise Rejected("duration", "The step would end in more than 24 hours; extend it by less.", rule="AG11")
    if ends_at_ms == run.ends_at_ms:
        return ()
    extended = StepExtended(step_id=run.step.step_id, by_ms=ends_at_ms - run.ends_at_ms, ends_at_ms=ends_at_ms)
    return (extended, *extend_step(state, run, command.by_ms, stamp))


# ── from one step to another ─────────────────────────────────────────────────────────────────────────────────────────
def _moved(
    state: WorkshopState, agenda: Agenda, to: StepRun, stamp: Stamp, outcome: StepOutcome, anyway: bool
) -> tuple[Event, ...]:
    """Everything that happens when a step starts, also the end of the one before."""
    following: Step | None = to.step
    try:
        opened = open_step(state, agenda, to, stamp)
    except Rejected as refused:
        if not anyway:
            message = f"“{to.step.title}” cannot start: {refused.message} Mend it, skip it, or start it anyway."
            raise Rejected(refused.code, message, rule=refused.rule) from None
        opened = Opened(warnings=(StepWarning(code=refused.code, message=refused.message),))
        following = None
    events: list[Event] = []
    run = current_run(agenda)
    if run is not None:
        events += close_step(state, run, following, stamp)
        events.append(StepEnded(step_id=run.step.step_id, outcome=outcome))
    if agenda.started_at_ms is None:
        events.append(AgendaStarted())
    events += opened.events
    events.append(
        StepStarted(
            step_id=to.step.step_id,
            ends_at_ms=stamp.now_ms + to.step.duration_ms,
            poll_id=opened.poll_id,
            round_id=opened.round_id,
            review_round_id=opened.review_round_id,
            warnings=opened.warnings,
        )
    )
    ahead = _after(agenda, to)
    if ahead is not None:
        events += prepare_ahead(state, agenda, ahead, stamp)
    return tuple(_closing_once(events))


def _after(agenda: Agenda, to: StepRun) -> StepRun | None:
    runs = list(agenda.runs.values())
    position = next(index for index, run in enumerate(runs) if run is to)
    return next((run for run in runs[position + 1 :] if run.status != "skipped"), None)


def _closing_once(events: Iterable[Event]) -> Iterable[Event]:
    """The end of a review's discussions and the opening of other rooms both close the rooms that are open: once is enough."""
    closed = False
    for event in events:
        if not isinstance(event, BreakoutsClosed):
            yield event
        elif not closed:
            closed = True
            yield event


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────────────────────────
def deadline_ms(state: WorkshopState) -> int | None:
    """When the running step ends by itself, if it does."""
    agenda = state.agenda
    run = None if agenda is None else current_run(agenda)
    if agenda is None or run is None or agenda.held or run.step.advance != "auto":
        return None
    return run.ends_at_ms


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    due_ms = deadline_ms(state)
    if due_ms is None or due_ms > stamp.now_ms:
        return ()
    try:
        return decide_next(state, NextStep(), stamp)
    except Rejected as refused:
        agenda = _agenda(state)
        assert agenda.current is not None
        return (StepHeld(step_id=agenda.current, problem=StepWarning(code=refused.code, message=refused.message)),)


def at_close(state: WorkshopState) -> Iterable[Event]:
    """The workshop ends; what the step opened ends with its own feature."""
    run = None if state.agenda is None else current_run(state.agenda)
    if run is not None:
        yield StepEnded(step_id=run.step.step_id, outcome="done")
        yield AgendaEnded(reason="workshop_closed")
