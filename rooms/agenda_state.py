"""The state of the agenda. Written by `rooms.agenda` only."""

from dataclasses import dataclass, field
from typing import Literal

from rooms.events.agenda import Show, Step, StepWarning
from rooms.ids import PlanId, PollId, ReviewRoundId, RoundId, StepId


@dataclass(slots=True)
class StepRun:
    """A step of the sheet and how it went. The ids are those of what was prepared or opened for it."""

    step: Step
    status: Literal["todo", "running", "done", "skipped"] = "todo"
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    ends_at_ms: int | None = None
    poll_id: PollId | None = None
    plan_id: PlanId | None = None
    round_id: RoundId | None = None
    review_round_id: ReviewRoundId | None = None
    warnings: tuple[StepWarning, ...] = ()


@dataclass(slots=True)
class Agenda:
    """`runs` in the order of the sheet. `current` is the running step, or the last one once the agenda has ended."""

    title: str
    show: Show
    version: int
    runs: dict[StepId, StepRun]
    status: Literal["ready", "running", "ended"] = "ready"
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    current: StepId | None = None
    held: bool = False
    """The next step could not start by itself and waits for a facilitator."""
    dropped: tuple[StepId, ...] = field(default=())
    """Steps that the last change of the sheet took away."""
