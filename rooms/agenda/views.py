"""What is seen of the agenda (AG14): everybody where it stands, the facilitators the whole sheet."""

from collections.abc import Iterable

from rooms.agenda.times import (
    current_run,
    drift_ms,
    next_run,
    planned_end_ms,
    planned_start_ms,
    projected_end_ms,
)
from rooms.agenda_records import AgendaEntry, AgendaProgressRecord, AgendaRecord, AgendaStepRecord
from rooms.agenda_state import Agenda
from rooms.events import Event
from rooms.events.agenda import StepEnded, StepExtended, StepHeld, StepPrepared, StepSkipChanged
from rooms.events.breakouts import BreakoutsOpened, PlanDiscarded
from rooms.events.polls import PollDiscarded
from rooms.feature import Shown
from rooms.ids import StepId
from rooms.records import ALL, FACILITATORS
from rooms.state import WorkshopState


def keys(state: WorkshopState) -> Iterable[str]:
    """Also those of the steps that went with the last change of the sheet."""
    if state.agenda is not None:
        yield from ("agenda", "agenda_progress")
        yield from (f"agenda_step:{step_id}" for step_id in (*state.agenda.dropped, *state.agenda.runs))


def touch_all(state: WorkshopState, _event: Event) -> Iterable[str]:
    return keys(state)


def touch_step(
    _state: WorkshopState, event: StepEnded | StepSkipChanged | StepExtended | StepPrepared | StepHeld
) -> Iterable[str]:
    return ("agenda", "agenda_progress", f"agenda_step:{event.step_id}")


def touch_plan_gone(state: WorkshopState, event: PlanDiscarded | BreakoutsOpened) -> Iterable[str]:
    # Whose plan it was is forgotten by now; the few breakouts steps that have none are looked at.
    if event.plan_id is None or state.agenda is None:
        return ()
    runs = state.agenda.runs.items()
    return (f"agenda_step:{step_id}" for step_id, run in runs if run.plan_id is None and run.step.kind == "breakouts")


def touch_poll_gone(state: WorkshopState, _event: PollDiscarded) -> Iterable[str]:
    runs = {} if state.agenda is None else state.agenda.runs
    return (f"agenda_step:{step_id}" for step_id, run in runs.items() if run.step.kind == "poll")


def render_agenda(state: WorkshopState, _key_id: str) -> Shown | None:
    agenda = state.agenda
    if agenda is None or not agenda.runs:
        return None
    run = current_run(agenda)
    record = AgendaRecord(
        title=agenda.title,
        status=agenda.status,
        steps=_entries(agenda),
        current_id=agenda.current,
        started_at_ms=None if run is None else run.started_at_ms,
        ends_at_ms=None if run is None else run.ends_at_ms,
    )
    return record, frozenset((ALL,))


def _entries(agenda: Agenda) -> tuple[AgendaEntry, ...]:
    return tuple(
        AgendaEntry(
            step_id=step_id if agenda.show == "all" or run.started_at_ms is not None else StepId(f"step-{number}"),
            step_kind=run.step.kind,
            title=run.step.title if agenda.show == "all" or run.started_at_ms is not None else "",
            duration_ms=run.step.duration_ms,
            status=run.status,
        )
        for number, (step_id, run) in enumerate(agenda.runs.items(), 1)
    )


def render_progress(state: WorkshopState, _key_id: str) -> Shown | None:
    agenda = state.agenda
    if agenda is None or not agenda.runs:
        return None
    following = next_run(agenda)
    record = AgendaProgressRecord(
        version=agenda.version,
        started_at_ms=agenda.started_at_ms,
        next_id=None if following is None else following.step.step_id,
        drift_ms=drift_ms(agenda),
        planned_end_ms=planned_end_ms(agenda),
        projected_end_ms=projected_end_ms(agenda),
        held=agenda.held,
    )
    return record, frozenset((FACILITATORS,))


def render_step(state: WorkshopState, key_id: str) -> Shown | None:
    agenda, step_id = state.agenda, StepId(key_id)
    if agenda is None or step_id not in agenda.runs:
        return None
    run = agenda.runs[step_id]
    record = AgendaStepRecord(
        step_id=step_id,
        order=list(agenda.runs).index(step_id),
        step=run.step,
        status=run.status,
        planned_start_ms=planned_start_ms(agenda, step_id),
        started_at_ms=run.started_at_ms,
        ended_at_ms=run.ended_at_ms,
        poll_id=run.poll_id,
        plan_id=run.plan_id,
        round_id=run.round_id,
        review_round_id=run.review_round_id,
        warnings=run.warnings,
    )
    return record, frozenset((FACILITATORS,))
