"""What viewers see of the agenda."""

from typing import Literal

from rooms.events.agenda import Step, StepKind, StepWarning
from rooms.ids import PlanId, PollId, ReviewRoundId, RoundId, StepId
from rooms.messages import message

StepStatus = Literal["todo", "running", "done", "skipped"]


@message
class AgendaEntry:
    """A step as everybody sees it. `title` is empty while the sheet keeps it to the facilitators."""

    step_id: StepId
    step_kind: StepKind
    title: str
    duration_ms: int
    status: StepStatus


@message
class AgendaRecord:
    """Key `agenda`; everybody."""

    kind: Literal["agenda"] = "agenda"
    title: str
    status: Literal["ready", "running", "ended"]
    steps: tuple[AgendaEntry, ...]
    current_id: StepId | None
    """The running step; once the agenda has ended, the last one."""
    started_at_ms: int | None
    """Of the running step."""
    ends_at_ms: int | None
    """Of the running step. Once that is past, it takes longer than planned until a facilitator goes on."""


@message
class AgendaProgressRecord:
    """Key `agenda_progress`; the facilitators. Drift and projection hold if the running step ends in time; while it overruns, add
    what it is over."""

    kind: Literal["agenda_progress"] = "agenda_progress"
    version: int
    started_at_ms: int | None
    next_id: StepId | None
    """What `NextStep` would start; null: nothing more."""
    drift_ms: int | None
    """How much later (or, negative, earlier) than planned the running step ends; while nothing runs null."""
    planned_end_ms: int | None
    projected_end_ms: int | None
    held: bool
    """The next step should have started by itself and could not."""


@message
class AgendaStepRecord:
    """Key `agenda_step:<step_id>`; the facilitators."""

    kind: Literal["agenda_step"] = "agenda_step"
    step_id: StepId
    order: int
    """From 0."""
    step: Step
    status: StepStatus
    planned_start_ms: int | None
    """By the durations of the steps before, once the agenda has started."""
    started_at_ms: int | None
    ended_at_ms: int | None
    poll_id: PollId | None
    plan_id: PlanId | None
    """The plan prepared for it, until it is opened."""
    round_id: RoundId | None
    """Of its breakouts."""
    review_round_id: ReviewRoundId | None
    warnings: tuple[StepWarning, ...]


AgendaRecords = AgendaRecord | AgendaProgressRecord | AgendaStepRecord
