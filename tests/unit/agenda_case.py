"""A workshop with an agenda, for tests: short steps, and what people see of it."""

from typing import Any

from rooms.agenda_records import AgendaProgressRecord, AgendaRecord, AgendaStepRecord
from rooms.agenda_state import Agenda, StepRun
from rooms.commands.agenda import NextStep, SetAgenda, StartAgenda
from rooms.events import Event
from rooms.events.agenda import (
    BreakoutsStep,
    BreakStep,
    PlenaryStep,
    PollStep,
    ReviewSetup,
    ReviewStep,
    Step,
)
from rooms.events.breakouts import BreakoutSetup
from rooms.events.polls import PollSetup
from rooms.events.review import NewCriterion, Scale
from rooms.ids import StepId
from tests.unit.workshop_case import Workshop

MINUTE = 60_000


def plenary(title: str = "Welcome", minutes: float = 10, **fields: Any) -> PlenaryStep:
    return PlenaryStep(title=title, duration_ms=int(minutes * MINUTE), **fields)


def pause(title: str = "Break", minutes: float = 5, **fields: Any) -> BreakStep:
    return BreakStep(title=title, duration_ms=int(minutes * MINUTE), **fields)


def rooms(
    title: str = "Groups", minutes: float = 10, setup: BreakoutSetup | None = None, **fields: Any
) -> BreakoutsStep:
    ways = {"jigsaw", "same_as", "continues"} & fields.keys()
    return BreakoutsStep(
        title=title,
        duration_ms=int(minutes * MINUTE),
        breakouts=setup or (None if ways else BreakoutSetup(size=2)),
        **fields,
    )


def poll(title: str = "Poll", minutes: float = 5, setup: PollSetup | None = None, **fields: Any) -> PollStep:
    asked = setup or (None if "repeats" in fields else PollSetup(question="Well?", options=("Yes", "No")))
    return PollStep(title=title, duration_ms=int(minutes * MINUTE), poll=asked, **fields)


def review(title: str = "Review", minutes: float = 30, reviews_each: int = 2, **fields: Any) -> ReviewStep:
    setup = ReviewSetup(
        title=title,
        reviews_each=reviews_each,
        criteria=(NewCriterion(title="Clarity", scale=Scale(least=1, most=5)),),
    )
    return ReviewStep(title=title, duration_ms=int(minutes * MINUTE), review=setup, **fields)


class Sheet(Workshop):
    """`fay` and learners in a workshop with these steps; they are not started."""

    def __init__(self, *steps: Step, learners: int = 6, **fields: Any) -> None:
        super().__init__(seed=len(steps))
        self.learners = self.crowd(learners)
        self.do("fay", SetAgenda(steps=steps, **fields))

    def start(self) -> tuple[Event, ...]:
        return self.do("fay", StartAgenda())

    def next(self, times: int = 1, **fields: Any) -> tuple[Event, ...]:
        for _ in range(times):
            events = self.do("fay", NextStep(**fields))
        return events

    @property
    def agenda(self) -> Agenda:
        assert self.state.agenda is not None
        return self.state.agenda

    def run(self, step_id: str) -> StepRun:
        return self.agenda.runs[StepId(step_id)]

    @property
    def statuses(self) -> str:
        """First letters of the steps' statuses: `drt` is done, running, to do; `s` is skipped."""
        return "".join(run.status[0] for run in self.agenda.runs.values())

    def seen(self, who: str = "l0") -> AgendaRecord:
        record = self.sees(who)["agenda"]
        assert isinstance(record, AgendaRecord)
        return record

    def progress(self) -> AgendaProgressRecord:
        record = self.sees("fay")["agenda_progress"]
        assert isinstance(record, AgendaProgressRecord)
        return record

    def step(self, step_id: str) -> AgendaStepRecord:
        record = self.sees("fay")[f"agenda_step:{step_id}"]
        assert isinstance(record, AgendaStepRecord)
        return record


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.type for event in events]
