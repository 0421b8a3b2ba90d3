"""Plan and reality: when steps should start, how late the agenda is, when it will be over (AG12)."""

from rooms.agenda_state import Agenda, StepRun
from rooms.ids import StepId


def current_run(agenda: Agenda) -> StepRun | None:
    """The running step."""
    return agenda.runs[agenda.current] if agenda.status == "running" and agenda.current is not None else None


def planned_start_ms(agenda: Agenda, step_id: StepId) -> int | None:
    """By the durations of the steps before it, from when the agenda started."""
    if agenda.started_at_ms is None:
        return None
    start_ms = agenda.started_at_ms
    for each, run in agenda.runs.items():
        if each == step_id:
            break
        start_ms += run.step.duration_ms
    return start_ms


def planned_end_ms(agenda: Agenda) -> int | None:
    if agenda.started_at_ms is None:
        return None
    return agenda.started_at_ms + sum(run.step.duration_ms for run in agenda.runs.values())


def drift_ms(agenda: Agenda) -> int | None:
    """How much later than planned the running step ends, if it ends when it should; negative: earlier."""
    run = current_run(agenda)
    planned = None if run is None else planned_start_ms(agenda, run.step.step_id)
    if run is None or run.ends_at_ms is None or planned is None:
        return None
    return run.ends_at_ms - (planned + run.step.duration_ms)


def projected_end_ms(agenda: Agenda) -> int | None:
    """When the agenda will be over if everything from now on takes as long as planned."""
    run = current_run(agenda)
    if run is None or run.ends_at_ms is None:
        return agenda.ended_at_ms
    return run.ends_at_ms + sum(each.step.duration_ms for each in to_come(agenda))


def to_come(agenda: Agenda) -> list[StepRun]:
    """The steps after the current one that are not skipped; before the start, all of them."""
    runs = list(agenda.runs.values())
    first = 0 if agenda.current is None else list(agenda.runs).index(agenda.current) + 1
    return [run for run in runs[first:] if run.status != "skipped"]


def next_run(agenda: Agenda) -> StepRun | None:
    """What `NextStep` (or `StartAgenda`) would start."""
    return next(iter(to_come(agenda)), None)


def previous_run(agenda: Agenda) -> StepRun | None:
    """What `PreviousStep` would go back to: the last step before that took place; after the end, the last step."""
    runs = list(agenda.runs.values())
    if agenda.current is None:
        return None
    if agenda.status == "ended":
        return agenda.runs[agenda.current]
    before = runs[: list(agenda.runs).index(agenda.current)]
    return next((run for run in reversed(before) if run.status == "done"), None)
