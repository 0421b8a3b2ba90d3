"""The agenda: a run sheet of timed steps, and how it went."""

from typing import Literal

from rooms.events.breakouts import BreakoutPolicy, BreakoutSetup, RoomSetup, RoomTask
from rooms.events.polls import PollSetup, ResultsAudience
from rooms.events.review import NewCriterion, ReviewRoundSettings
from rooms.grouping.model import Constraint
from rooms.ids import PlanId, PollId, ReviewRoundId, RoundId, StepId
from rooms.messages import message

StepKind = Literal["plenary", "breakouts", "poll", "review", "break"]
Advance = Literal["manual", "auto"]
"""Whether the next step waits for a facilitator, or starts by itself when the time is over."""
StepOutcome = Literal["done", "skipped", "back"]
"""`back`: somebody went back to an earlier step, so this one is still to come."""
Show = Literal["all", "current"]
"""Whether learners see the titles of the steps to come."""


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class StepBase:
    """What all steps have. Without `step_id` it is made from the title."""

    step_id: StepId = StepId("")
    title: str
    duration_ms: int
    notes: str = ""
    """For the facilitators."""
    advance: Advance = "manual"


@message
class PlenaryStep(StepBase):
    """Everybody together."""

    kind: Literal["plenary"] = "plenary"


@message
class BreakStep(StepBase):
    kind: Literal["break"] = "break"


@message
class JigsawSetup:
    """Expert groups, one a topic; the step that continues this one has the home groups."""

    topics: tuple[RoomSetup, ...]
    home: RoomSetup = RoomSetup()
    constraints: tuple[Constraint, ...] = ()
    """For the home groups."""
    policy: BreakoutPolicy = BreakoutPolicy()


@message
class BreakoutsStep(StepBase):
    """Breakout rooms, set up in one of four ways.

    By `breakouts`; as the first of a jigsaw; `same_as` an earlier step: the same rooms and people again; or as what
    `continues` an earlier step: the next round of a rotation (which a step with `breakouts` becomes by being continued), or a
    jigsaw's home groups.
    """

    breakouts: BreakoutSetup | None = None
    jigsaw: JigsawSetup | None = None
    same_as: StepId | None = None
    continues: StepId | None = None
    task: RoomTask | None = None
    """For every room that has none of its own."""
    at_end: Literal["recall", "keep"] = "recall"
    countdown_ms: int = 20_000
    """Of the recall; 0: at once."""
    kind: Literal["breakouts"] = "breakouts"


@message
class PollStep(StepBase):
    """A poll: `poll`, or the one of an earlier step asked again (`repeats`), as a second vote to compare with the first."""

    poll: PollSetup | None = None
    repeats: StepId | None = None
    at_end: Literal["close", "keep"] = "close"
    results_at_end: ResultsAudience | None = None
    """Who sees the results from then on; null: as before."""
    kind: Literal["poll"] = "poll"


@message
class ReviewSetup(ReviewRoundSettings):
    """A review round: its settings and what is judged."""

    criteria: tuple[NewCriterion, ...]


@message
class ReviewStep(StepBase):
    review: ReviewSetup
    at_end: Literal["close", "keep"] = "close"
    kind: Literal["review"] = "review"


Step = PlenaryStep | BreakStep | BreakoutsStep | PollStep | ReviewStep


@message
class AgendaSheet:
    """The run sheet as it was written; not an event."""

    title: str = ""
    show: Show = "all"
    steps: tuple[Step, ...]


# ── what happens with it ─────────────────────────────────────────────────────────────────────────────────────────────
@message
class StepWarning:
    """What facilitators should know of a step: `code` for programs, `message` for people."""

    code: str
    message: str


@message
class AgendaSet(AgendaSheet):
    """There is this sheet now. While it runs, the steps that are done or running stand first, as they were."""

    version: int
    """Counts up from 1 with every change of the sheet."""
    type: Literal["AgendaSet"] = "AgendaSet"


@message
class AgendaStarted:
    """The times of the plan count from now."""

    type: Literal["AgendaStarted"] = "AgendaStarted"


@message
class AgendaEnded:
    reason: Literal["finished", "workshop_closed"]
    type: Literal["AgendaEnded"] = "AgendaEnded"


@message
class StepPrepared:
    """What a step needs is there already, as a draft; or it could not be prepared (`problem`)."""

    step_id: StepId
    poll_id: PollId | None = None
    plan_id: PlanId | None = None
    review_round_id: ReviewRoundId | None = None
    problem: StepWarning | None = None
    type: Literal["StepPrepared"] = "StepPrepared"


@message
class StepStarted:
    """The step runs; what it opened stands beside."""

    step_id: StepId
    ends_at_ms: int
    poll_id: PollId | None = None
    round_id: RoundId | None = None
    review_round_id: ReviewRoundId | None = None
    warnings: tuple[StepWarning, ...] = ()
    type: Literal["StepStarted"] = "StepStarted"


@message
class StepEnded:
    step_id: StepId
    outcome: StepOutcome
    type: Literal["StepEnded"] = "StepEnded"


@message
class StepSkipChanged:
    """A step to come will be left out, or not after all."""

    step_id: StepId
    skip: bool
    type: Literal["StepSkipChanged"] = "StepSkipChanged"


@message
class StepExtended:
    """The running step ends at another time than planned."""

    step_id: StepId
    by_ms: int
    ends_at_ms: int
    type: Literal["StepExtended"] = "StepExtended"


@message
class StepHeld:
    """The next step should have started by itself and could not; the one that runs goes on until a facilitator decides."""

    step_id: StepId
    """The one that runs."""
    problem: StepWarning
    type: Literal["StepHeld"] = "StepHeld"
