"""The agenda from step to step. Rules AG in SPEC.md; what steps open is in `test_agenda_steps`."""

from dataclasses import replace

import pytest

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
from rooms.commands.breakouts import OpenBreakouts, OpenPlan
from rooms.commands.workshop import CloseWorkshop
from rooms.events.agenda import AgendaSet, Step
from rooms.events.breakouts import BreakoutSetup, ByRoster
from rooms.events.polls import PollSetup
from rooms.events.review import NewCriterion
from rooms.ids import StepId
from tests.unit.agenda_case import MINUTE, Sheet, kinds, pause, plenary, poll, review, rooms
from tests.unit.workshop_case import Workshop


def ids(*names: str) -> tuple[StepId, ...]:
    return tuple(map(StepId, names))


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG1_ids_are_made_from_titles_and_are_all_different() -> None:
    sheet = Sheet(plenary("Vote again!"), plenary("Vote  AGAIN"), plenary("投票"), plenary("X", step_id=StepId("mine")))
    assert list(sheet.agenda.runs) == ["vote-again", "vote-again-2", "step-3", "mine"]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((plenary(" "),), "title_empty"),
        ((plenary("x" * 201),), "title_too_long"),
        ((plenary(minutes=0),), "duration"),
        ((plenary(minutes=24 * 60 + 1),), "duration"),
        ((plenary(notes="x" * 4001),), "notes_too_long"),
        ((plenary(step_id=StepId("a b")),), "step_id"),
        ((plenary(step_id=StepId("a")), pause(step_id=StepId("a"))), "step_id_repeats"),
        ((plenary(),) * 101, "too_many_agenda_steps"),
    ],
)
def test_AG1_a_sheet_that_is_wrong_is_refused(steps: tuple[Step, ...], code: str) -> None:
    workshop = Workshop()
    workshop.crowd(1)
    refused = workshop.rejected("fay", SetAgenda(steps=steps))
    assert (refused.code, refused.rule) == (code, "AG1")


WRONG: list[tuple[Step, str, str]] = [
    (replace(poll(), poll=PollSetup(question="Well?", options=("One",))), "option_count", "PO2"),
    (replace(review(), review=replace(review().review, reviews_each=0)), "reviews_out_of_range", "RV1"),
    (
        replace(review(), review=replace(review().review, criteria=(NewCriterion(title="T", comment="none"),))),
        "nothing_to_judge",
        "RV1",
    ),
    (replace(poll(), poll=None), "step_poll", "AG2"),
    (rooms(setup=BreakoutSetup(count=0)), "room_count", "BR2"),
    (rooms(setup=BreakoutSetup(count=2), same_as=StepId("a")), "step_rooms", "AG2"),
    (replace(rooms(), breakouts=None), "step_rooms", "AG2"),
    (rooms(countdown_ms=500), "duration", "AG2"),
]


@pytest.mark.parametrize(("step", "code", "rule"), WRONG)
def test_AG2_what_steps_need_is_checked_by_the_rules_it_falls_under(step: Step, code: str, rule: str) -> None:
    workshop = Workshop()
    workshop.crowd(2)
    refused = workshop.rejected("fay", SetAgenda(steps=(plenary(), step)))
    assert (refused.code, refused.rule) == (code, rule)
    assert refused.message.startswith(f"Step 2 (“{step.title}”): ")


def test_AG3_a_new_sheet_replaces_the_one_before_and_counts_up() -> None:
    sheet = Sheet(plenary("One"), plenary("Two"))
    sheet.do("fay", SetAgenda(title="New", steps=(plenary("Three"),)))
    assert (list(sheet.agenda.runs), sheet.agenda.version) == (["three"], 2)
    assert [key for key in sheet.sees("fay") if key.startswith("agenda_step")] == ["agenda_step:three"]
    assert sheet.do("fay", SetAgenda(title="New", steps=(plenary("Three"),))) == ()
    sheet.do("fay", SetAgenda(steps=()))
    assert "agenda" not in sheet.sees("l0")


def test_AG3_while_it_runs_what_is_done_or_running_stays() -> None:
    sheet = Sheet(plenary("One"), plenary("Two"), plenary("Three"), plenary("Four"))
    sheet.start()
    sheet.next()
    fresh = (plenary("Five"), plenary("Two", minutes=99), plenary("Three", minutes=7))
    (event,) = sheet.do("fay", SetAgenda(steps=fresh))
    assert isinstance(event, AgendaSet)
    assert [(step.step_id, step.duration_ms // MINUTE) for step in event.steps] == [
        ("one", 10), ("two", 10), ("five", 10), ("three", 7),
    ]  # fmt: skip
    assert sheet.statuses == "drtt"
    assert (sheet.agenda.status, sheet.agenda.current) == ("running", "two")
    sheet.do("fay", SetAgenda(steps=()))
    assert sheet.statuses == "dr"


def test_AG3_what_was_prepared_stays_with_a_step_that_is_the_same() -> None:
    sheet = Sheet(rooms("Keep"), rooms("Change"), poll("Gone"))
    for step_id in ids("keep", "change", "gone"):
        sheet.do("fay", PrepareStep(step_id=step_id))
    kept, changed = sheet.run("keep").plan_id, sheet.run("change").plan_id
    events = sheet.do("fay", SetAgenda(steps=(rooms("Keep"), rooms("Change", minutes=3))))
    assert kinds(events) == ["PlanDiscarded", "PollDiscarded", "AgendaSet"]
    assert (sheet.run("keep").plan_id, sheet.run("change").plan_id) == (kept, None)
    assert kept in sheet.state.plans
    assert changed not in sheet.state.plans


# ── from step to step ────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG4_starting_starts_the_first_step_once() -> None:
    empty = Workshop()
    empty.crowd(1)
    assert empty.rejected("fay", StartAgenda()).code == "agenda_missing"
    sheet = Sheet(plenary("One"), plenary("Two"))
    sheet.do("fay", SkipStep(step_id=StepId("one")))
    assert kinds(sheet.start()) == ["AgendaStarted", "StepStarted"]
    assert (sheet.agenda.current, sheet.statuses) == ("two", "sr")
    refused = sheet.rejected("fay", StartAgenda())
    assert (refused.code, refused.rule) == ("agenda_started", "AG4")
    skipped = Sheet(plenary("One"))
    skipped.do("fay", SkipStep(step_id=StepId("one")))
    assert skipped.rejected("fay", StartAgenda()).code == "nothing_to_start"


def test_AG5_next_goes_through_the_sheet_to_its_end_and_back() -> None:
    sheet = Sheet(plenary("One"), plenary("Two"), plenary("Three"))
    assert sheet.rejected("fay", NextStep()).code == "agenda_not_running"
    sheet.start()
    assert sheet.statuses == "rtt"
    assert sheet.rejected("fay", PreviousStep()).code == "no_step_before"
    assert kinds(sheet.next()) == ["StepEnded", "StepStarted"]
    assert sheet.statuses == "drt"
    assert kinds(sheet.next(2)) == ["StepEnded", "AgendaEnded"]
    assert (sheet.statuses, sheet.agenda.status) == ("ddd", "ended")
    assert sheet.rejected("fay", NextStep()).code == "agenda_not_running"
    sheet.do("fay", PreviousStep())
    assert (sheet.statuses, sheet.agenda.status) == ("ddr", "running")
    sheet.do("fay", PreviousStep())
    assert sheet.statuses == "drt"


def test_AG5_going_to_a_step_skips_those_passed_over_and_back_makes_them_come_again() -> None:
    sheet = Sheet(*(plenary(title) for title in "ABCDE"))
    sheet.start()
    sheet.do("fay", GoToStep(step_id=StepId("d")))
    assert sheet.statuses == "dssrt"
    assert sheet.do("fay", GoToStep(step_id=StepId("d"))) == ()
    sheet.do("fay", PreviousStep())
    assert sheet.statuses == "rsstt"
    sheet.next()
    assert sheet.agenda.current == "d"
    assert sheet.rejected("fay", GoToStep(step_id=StepId("x"))).code == "unknown_agenda_step"
    sheet.next()
    assert sheet.statuses == "dssdr"
    sheet.do("fay", GoToStep(step_id=StepId("a")))
    assert sheet.statuses == "rsstt"
    fresh = Sheet(plenary("A"), plenary("B"))
    assert kinds(fresh.do("fay", GoToStep(step_id=StepId("b")))) == ["AgendaStarted", "StepStarted"]
    assert fresh.statuses == "sr"


def test_AG5_two_facilitators_who_click_next_at_once_go_one_step() -> None:
    sheet = Sheet(plenary("One"), plenary("Two"), plenary("Three"))
    sheet.start()
    sheet.next(from_id=StepId("one"))
    refused = sheet.rejected("fay", NextStep(from_id=StepId("one")))
    assert (refused.code, sheet.agenda.current) == ("step_changed", "two")
    assert sheet.rejected("fay", PreviousStep(from_id=StepId("one"))).code == "step_changed"


def test_AG15_steps_to_come_are_skipped_and_taken_back() -> None:
    sheet = Sheet(plenary("One"), plenary("Two"), plenary("Three"))
    sheet.start()
    sheet.do("fay", SkipStep(step_id=StepId("two")))
    assert sheet.do("fay", SkipStep(step_id=StepId("two"))) == ()
    assert (sheet.statuses, sheet.progress().next_id) == ("rst", "three")
    sheet.do("fay", SkipStep(step_id=StepId("two"), skip=False))
    assert (sheet.statuses, sheet.progress().next_id) == ("rtt", "two")
    assert sheet.rejected("fay", SkipStep(step_id=StepId("one"))).code == "step_not_to_come"
    assert sheet.rejected("fay", PrepareStep(step_id=StepId("one"))).code == "step_not_to_come"


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG11_a_step_is_extended_and_shortened() -> None:
    sheet = Sheet(plenary("One", minutes=10), plenary("Two"))
    assert sheet.rejected("fay", ExtendStep(by_ms=MINUTE)).code == "agenda_not_running"
    sheet.start()
    begun = sheet.now_ms
    sheet.do("fay", ExtendStep(by_ms=5 * MINUTE))
    assert sheet.seen().ends_at_ms == begun + 15 * MINUTE
    sheet.wait(2 * MINUTE)
    sheet.do("fay", ExtendStep(by_ms=-60 * MINUTE))
    assert sheet.seen().ends_at_ms == sheet.now_ms
    assert sheet.do("fay", ExtendStep(by_ms=-MINUTE)) == ()
    sheet.wait(3 * MINUTE)
    sheet.do("fay", ExtendStep(by_ms=4 * MINUTE))  # what is over already is not counted
    assert sheet.seen().ends_at_ms == sheet.now_ms + 4 * MINUTE
    assert sheet.rejected("fay", ExtendStep(by_ms=25 * 60 * MINUTE)).code == "duration"


def test_AG12_drift_is_how_much_later_the_step_ends_than_planned() -> None:
    sheet = Sheet(plenary("One", minutes=10), plenary("Two", minutes=20), plenary("Three", minutes=30))
    assert sheet.progress().drift_ms is None
    sheet.start()
    begun = sheet.now_ms
    assert (sheet.progress().drift_ms, sheet.progress().projected_end_ms) == (0, begun + 60 * MINUTE)
    sheet.wait(13 * MINUTE)
    sheet.next()
    assert sheet.progress().drift_ms == 3 * MINUTE
    assert sheet.step("two").planned_start_ms == begun + 10 * MINUTE
    assert sheet.step("two").started_at_ms == begun + 13 * MINUTE
    sheet.do("fay", ExtendStep(by_ms=2 * MINUTE))
    assert sheet.progress().drift_ms == 5 * MINUTE
    assert sheet.progress().projected_end_ms == begun + 65 * MINUTE
    assert sheet.progress().planned_end_ms == begun + 60 * MINUTE
    sheet.do("fay", SkipStep(step_id=StepId("three")))
    assert sheet.progress().projected_end_ms == begun + 35 * MINUTE
    sheet.wait(MINUTE)
    sheet.next()
    assert sheet.agenda.status == "ended"
    assert (sheet.progress().drift_ms, sheet.progress().projected_end_ms) == (None, begun + 14 * MINUTE)


def test_AG13_steps_go_on_by_themselves_if_they_are_to() -> None:
    sheet = Sheet(pause(minutes=5, advance="auto"), plenary("Two", minutes=1), pause("Last", minutes=1, advance="auto"))
    sheet.start()
    sheet.wait(5 * MINUTE - 1)
    assert sheet.statuses == "rtt"
    sheet.wait(1)
    assert sheet.statuses == "drt"
    sheet.wait(10 * MINUTE)
    assert sheet.statuses == "drt"
    sheet.next()
    sheet.wait(MINUTE)
    assert (sheet.statuses, sheet.agenda.status) == ("ddd", "ended")


def test_AG13_if_the_next_step_cannot_start_the_agenda_holds_and_says_why() -> None:
    roster = BreakoutSetup(assignment=ByRoster())
    sheet = Sheet(pause(minutes=5, advance="auto"), rooms(setup=roster))
    sheet.start()
    sheet.wait(60 * MINUTE)
    assert sheet.statuses == "rt"
    assert sheet.progress().held
    assert [warning.code for warning in sheet.step("break").warnings] == ["roster_missing"]
    assert len([each for each in sheet.log if each.event.type == "StepHeld"]) == 1
    sheet.do("fay", ExtendStep(by_ms=MINUTE))
    assert not sheet.progress().held
    sheet.wait(MINUTE)
    assert sheet.progress().held
    sheet.next(anyway=True)
    assert sheet.statuses == "dr"


# ── who sees what ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG14_everybody_sees_where_it_stands_and_facilitators_the_rest() -> None:
    sheet = Sheet(plenary("One", notes="Smile"), poll("Secret poll"), title="Morning")
    sheet.start()
    for_learners = {key: record for key, record in sheet.sees("l0").items() if key.startswith("agenda")}
    assert list(for_learners) == ["agenda"]
    assert "Smile" not in repr(sheet.sees("l0"))
    assert [entry.title for entry in sheet.seen().steps] == ["One", "Secret poll"]
    assert (sheet.seen().title, sheet.seen().current_id) == ("Morning", "one")
    assert sheet.step("one").step.notes == "Smile"
    assert sheet.step("secret-poll").poll_id is not None


def test_AG14_a_sheet_may_keep_what_is_to_come_to_the_facilitators() -> None:
    sheet = Sheet(plenary("One"), plenary("Surprise"), show="current")
    sheet.start()
    assert [(entry.step_id, entry.title) for entry in sheet.seen().steps] == [("one", "One"), ("step-2", "")]
    assert "urprise" not in repr(sheet.sees("l0"))
    sheet.next()
    assert sheet.seen().steps[1].title == "Surprise"


def test_AG14_the_agenda_is_for_facilitators_to_run() -> None:
    sheet = Sheet(plenary("One"))
    for command in (SetAgenda(steps=()), StartAgenda(), NextStep(), ExtendStep(by_ms=1)):
        assert sheet.rejected("l0", command).code == "not_allowed"


def test_AG7_closing_the_workshop_ends_the_agenda() -> None:
    sheet = Sheet(rooms(), plenary())
    sheet.start()
    events = sheet.do("fay", CloseWorkshop())
    assert kinds(events)[:3] == ["StepEnded", "AgendaEnded", "BreakoutsClosed"]
    assert sheet.agenda.status == "ended"


def test_AG9_a_plan_that_is_opened_or_discarded_by_hand_is_not_the_steps_any_more() -> None:
    sheet = Sheet(plenary(), rooms())
    sheet.do("fay", PrepareStep(step_id=StepId("groups")))
    plan_id = sheet.step("groups").plan_id
    assert plan_id is not None
    sheet.do("fay", OpenPlan(plan_id=plan_id))
    assert sheet.step("groups").plan_id is None
    sheet.do("fay", OpenBreakouts(count=2, switch=True))
    sheet.start()
    sheet.next()  # draws groups of its own
    assert sheet.step("groups").round_id == sheet.state.breakouts.round_id  # type: ignore[union-attr]
