"""The agenda: a run sheet of timed steps that opens and closes what each step needs.

Theory of operation. The agenda decides nothing about breakouts, polls or reviews. A step that starts gives the commands a facilitator
would give (`opening`), to the deciders of those features, and records what came of it: so a rule about polls holds for a poll of the
agenda because it is the same rule. Files: `sheet` (what makes a sheet valid, how one replaces another), `running` (from step to
step), `opening` (what steps open, close and prepare), `times` (plan, drift, projection), `folding` and `views`.

Three invariants:
- At most one step runs. Steps before it in the sheet are past (done or skipped), steps after it are to come.
- A step that is refused changes nothing: ending the one before and starting it are one decision.
- Preparing touches nothing that runs, and no problem in preparing stops anything.

SPEC.md, AG1 to AG15.
"""

from rooms.agenda import folding, running, sheet, views
from rooms.commands.agenda import (
    ExtendStep,
    GoToStep,
    NextStep,
    PrepareStep,
    PreviousStep,
    SetAgenda,
    SkipStep,
    StartAgenda,
)
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
from rooms.feature import Feature

FEATURE = Feature(
    deciders={
        SetAgenda: sheet.decide_set,
        StartAgenda: running.decide_start,
        NextStep: running.decide_next,
        PreviousStep: running.decide_previous,
        GoToStep: running.decide_go_to,
        SkipStep: running.decide_skip,
        ExtendStep: running.decide_extend,
        PrepareStep: running.decide_prepare,
    },
    evolvers={
        AgendaSet: folding.evolve_set,
        AgendaStarted: folding.evolve_started,
        AgendaEnded: folding.evolve_ended,
        StepPrepared: folding.evolve_prepared,
        StepStarted: folding.evolve_step_started,
        StepEnded: folding.evolve_step_ended,
        StepSkipChanged: folding.evolve_skip,
        StepExtended: folding.evolve_extended,
        StepHeld: folding.evolve_held,
        PlanDiscarded: folding.evolve_plan_gone,
        PollDiscarded: folding.evolve_poll_gone,
        BreakoutsOpened: folding.evolve_plan_gone,
    },
    touched={
        **dict.fromkeys((AgendaSet, AgendaStarted, AgendaEnded, StepStarted), views.touch_all),
        **dict.fromkeys((StepEnded, StepSkipChanged, StepExtended, StepPrepared, StepHeld), views.touch_step),
        PlanDiscarded: views.touch_plan_gone,
        PollDiscarded: views.touch_poll_gone,
        BreakoutsOpened: views.touch_plan_gone,
    },
    renderers={
        "agenda": views.render_agenda,
        "agenda_progress": views.render_progress,
        "agenda_step": views.render_step,
    },
    keys=views.keys,
    slow=frozenset({StartAgenda, NextStep, PreviousStep, GoToStep, PrepareStep}),
    deadline_ms=running.deadline_ms,
    tick=running.tick,
    at_close=running.at_close,
)
