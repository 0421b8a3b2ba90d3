"""What steps open, close and prepare. Rules AG6 to AG11 in SPEC.md."""

from dataclasses import replace

from rooms.agenda_records import AgendaStepRecord
from rooms.commands.agenda import ExtendStep, GoToStep, NextStep, PrepareStep, PreviousStep, SetAgenda, StartAgenda
from rooms.commands.breakouts import EditPlan, OpenBreakouts, PlannedRoom
from rooms.commands.people import Leave
from rooms.commands.polls import CastBallot, ClosePoll
from rooms.commands.review import CloseReviewRound
from rooms.events.agenda import JigsawSetup
from rooms.events.breakouts import BreakoutSetup, ByRoster, RoomSetup, RoomTask
from rooms.events.polls import PollSetup
from rooms.events.review import PhaseTimes
from rooms.ids import PLENARY, StepId
from tests.unit.agenda_case import MINUTE, Sheet, kinds, pause, plenary, poll, review, rooms
from tests.unit.breakouts_case import groups, ids, sizes
from tests.unit.breakouts_case import people as people_in
from tests.unit.workshop_case import Workshop

FOURS = BreakoutSetup(size=4)


def met(workshop: Workshop) -> list[frozenset[str]]:
    return [frozenset((a, b)) for group in groups(workshop) for a in group for b in group if a < b]


# ── AG6: opening ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG6_a_poll_step_opens_its_poll_and_back_again_the_same_one() -> None:
    sheet = Sheet(poll(), plenary())
    sheet.start()
    (found,) = sheet.state.polls.values()
    assert (found.content.question, found.status) == ("Well?", "open")
    sheet.do("l0", CastBallot(poll_id=found.poll_id, option_ids=(found.content.options[0].option_id,)))
    sheet.next()
    assert found.status == "closed"
    sheet.do("fay", PreviousStep())
    assert (list(sheet.state.polls), found.status, len(found.ballots)) == ([found.poll_id], "open", 1)


def test_AG6_a_breakouts_step_opens_rooms_that_end_with_it() -> None:
    task = RoomTask(text="Talk")
    own = RoomTask(text="Own")
    setup = BreakoutSetup(count=3, rooms=(RoomSetup(name="Harbour", task=own),))
    sheet = Sheet(rooms(minutes=10, setup=setup, task=task))
    sheet.start()
    open_now = [room for room in sheet.state.rooms.values() if room.kind == "breakout"]
    assert [room.task for room in open_now] == [own, task, task]
    assert sizes(sheet) == [2, 2, 2]
    assert sheet.state.breakouts is not None
    assert sheet.state.breakouts.ends_at_ms == sheet.now_ms + 10 * MINUTE
    sheet.wait(10 * MINUTE)
    assert sheet.state.breakouts is None
    assert sheet.statuses == "r"


def test_AG6_a_review_step_starts_its_round() -> None:
    sheet = Sheet(review())
    sheet.start()
    (found,) = sheet.state.review_rounds.values()
    assert (found.phase, found.settings.title) == ("submit", "Review")
    assert sheet.step("review").review_round_id == found.round_id


# ── AG7: closing ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG7_a_poll_closes_and_shares_its_results() -> None:
    sheet = Sheet(poll(results_at_end="everyone"), plenary())
    sheet.start()
    assert kinds(sheet.next()) == ["PollClosed", "PollResultsShared", "StepEnded", "StepStarted"]
    kept = Sheet(poll(at_end="keep"), plenary())
    kept.start()
    assert kinds(kept.next()) == ["StepEnded", "StepStarted"]


def test_AG7_rooms_are_recalled_with_a_countdown_while_the_next_step_runs() -> None:
    sheet = Sheet(rooms(countdown_ms=20_000), plenary())
    sheet.start()
    assert kinds(sheet.next()) == ["RecallStarted", "StepEnded", "StepStarted"]
    assert sheet.statuses == "dr"
    sheet.wait(20_000)
    assert sheet.state.breakouts is None
    at_once = Sheet(rooms(countdown_ms=0), plenary())
    at_once.start()
    assert kinds(at_once.next())[0] == "BreakoutsClosed"
    kept = Sheet(rooms(at_end="keep"), plenary())
    kept.start()
    kept.next()
    kept.wait(60 * MINUTE)
    assert kept.state.breakouts is not None


def test_AG7_from_rooms_to_rooms_nobody_passes_the_plenary() -> None:
    sheet = Sheet(rooms("One"), rooms("Two"))
    sheet.start()
    assert kinds(sheet.next()) == ["StepEnded", "BreakoutsClosed", "BreakoutsOpened", "StepStarted"]
    assert PLENARY not in {sheet.state.participants[each].room_id for each in ids(*sheet.learners)}


def test_AG7_what_the_step_did_not_open_or_has_ended_is_left_alone() -> None:
    sheet = Sheet(rooms(), plenary("Talk"), poll(), plenary("End"))
    sheet.start()
    sheet.do("fay", OpenBreakouts(count=2, switch=True))
    assert kinds(sheet.next()) == ["StepEnded", "StepStarted", "PollCreated", "StepPrepared"]
    sheet.next()
    (found,) = sheet.state.polls.values()
    sheet.do("fay", ClosePoll(poll_id=found.poll_id))
    assert kinds(sheet.next()) == ["StepEnded", "StepStarted"]


def test_AG7_a_review_round_is_closed_or_kept() -> None:
    sheet = Sheet(review(), plenary())
    sheet.start()
    sheet.next()
    (found,) = sheet.state.review_rounds.values()
    assert found.phase == "closed"
    kept = Sheet(review(at_end="keep"), plenary())
    kept.start()
    kept.next()
    assert [each.phase for each in kept.state.review_rounds.values()] == ["submit"]
    kept.do("fay", PreviousStep())
    assert [each.phase for each in kept.state.review_rounds.values()] == ["submit"]


# ── AG8: steps that cannot start ─────────────────────────────────────────────────────────────────────────────────────
def test_AG8_a_step_that_cannot_start_is_refused_and_changes_nothing() -> None:
    sheet = Sheet(poll(), rooms(setup=BreakoutSetup(assignment=ByRoster())))
    sheet.start()
    refused = sheet.rejected("fay", NextStep())
    assert (refused.code, refused.rule) == ("roster_missing", "BR11")
    assert "“Groups” cannot start" in refused.message
    assert (sheet.statuses, sheet.state.open_polls != set()) == ("rt", True)


def test_AG8_started_anyway_it_runs_without_and_says_so() -> None:
    sheet = Sheet(rooms("One"), rooms("Two", setup=BreakoutSetup(assignment=ByRoster())))
    sheet.start()
    events = sheet.next(anyway=True)
    assert kinds(events) == ["RecallStarted", "StepEnded", "StepStarted"]
    assert (sheet.statuses, sheet.agenda.current) == ("dr", "two")
    assert [warning.code for warning in sheet.step("two").warnings] == ["roster_missing"]


def test_AG8_without_learners_nobody_can_be_put_into_rooms() -> None:
    sheet = Sheet(rooms(), learners=0)
    assert sheet.rejected("fay", StartAgenda()).rule == "GR1"
    assert kinds(sheet.do("fay", StartAgenda(anyway=True))) == ["AgendaStarted", "StepStarted"]


def test_AG8_more_rooms_than_learners_become_fewer_with_a_warning() -> None:
    sheet = Sheet(rooms(setup=BreakoutSetup(count=8)), learners=5)
    sheet.start()
    assert sizes(sheet) == [3, 2]
    assert [warning.code for warning in sheet.step("groups").warnings] == ["fewer_rooms"]


def test_AG8_too_few_reviewers_are_told() -> None:
    sheet = Sheet(review(reviews_each=3), learners=3)
    sheet.start()
    assert [warning.code for warning in sheet.step("review").warnings] == ["too_few_reviewers"]
    assert [found.phase for found in sheet.state.review_rounds.values()] == ["submit"]


def test_AG8_a_closed_review_round_is_not_opened_again() -> None:
    sheet = Sheet(review(), plenary())
    sheet.start()
    sheet.next()
    assert sheet.rejected("fay", PreviousStep()).code == "review_over"
    sheet.do("fay", PreviousStep(anyway=True))
    assert sheet.statuses == "rt"


# ── AG9: preparing ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG9_polls_and_reviews_of_the_next_step_are_prepared_as_drafts() -> None:
    sheet = Sheet(plenary(), poll(), review())
    assert kinds(sheet.start()) == ["AgendaStarted", "StepStarted", "PollCreated", "StepPrepared"]
    (found,) = sheet.state.polls.values()
    assert found.status == "draft"
    assert not any(key.startswith("poll:") for key in sheet.sees("l0"))
    assert kinds(sheet.next())[-2:] == ["ReviewRoundCreated", "StepPrepared"]
    assert found.status == "open"
    sheet.next()
    assert len(sheet.state.polls) == len(sheet.state.review_rounds) == 1


def test_AG9_groups_are_drawn_from_those_who_are_here_when_their_step_starts() -> None:
    sheet = Sheet(plenary(), rooms())
    sheet.start()
    assert not sheet.state.plans
    sheet.join("late")
    sheet.next()
    assert sum(sizes(sheet)) == 7


def test_AG9_groups_prepared_by_hand_can_be_changed_and_are_used() -> None:
    sheet = Sheet(plenary(), rooms())
    sheet.start()
    sheet.do("fay", PrepareStep(step_id=StepId("groups")))
    assert sheet.do("fay", PrepareStep(step_id=StepId("groups"))) == ()
    plan_id = sheet.run("groups").plan_id
    assert plan_id is not None
    plan = sheet.state.plans[plan_id]
    two = tuple(
        PlannedRoom(name=name, participant_ids=who)
        for name, who in (("A", ids("l0", "l1")), ("B", ids("l2", "l3", "l4", "l5")))
    )
    sheet.do("fay", EditPlan(plan_id=plan_id, seq=plan.seq, title="Mine", rooms=two))
    sheet.next()
    assert groups(sheet) == {frozenset(("l0", "l1")), frozenset(("l2", "l3", "l4", "l5"))}
    assert sheet.state.breakouts is not None
    assert sheet.state.breakouts.ends_at_ms == sheet.now_ms + 10 * MINUTE


def test_AG9_a_problem_of_the_next_step_is_told_early_and_stops_nothing() -> None:
    sheet = Sheet(plenary("One"), rooms(), plenary("End"), learners=0)
    sheet.start()
    assert [warning.code for warning in sheet.step("groups").warnings] == ["nobody_to_group"]
    sheet.join("ann")
    sheet.next()
    assert sheet.step("groups").warnings == ()


# ── AG10: groups again, rotations, jigsaws ───────────────────────────────────────────────────────────────────────────
def test_AG10_the_same_groups_again_with_another_task() -> None:
    sheet = Sheet(rooms("One"), pause(), rooms("Two", same_as=StepId("one"), task=RoomTask(text="More")))
    sheet.start()
    before = groups(sheet)
    sheet.next()
    sheet.wait(MINUTE)
    sheet.next()
    assert groups(sheet) == before
    assert {room.task for room in sheet.state.rooms.values() if room.open and room.kind == "breakout"} == {
        RoomTask(text="More")
    }


def test_AG10_the_same_groups_right_afterwards_stay_where_they_are() -> None:
    sheet = Sheet(rooms("One"), rooms("Two", minutes=7, same_as=StepId("one"), task=RoomTask(text="More")))
    sheet.start()
    before = groups(sheet)
    events = sheet.next()
    assert "BreakoutsClosed" not in kinds(events)
    assert groups(sheet) == before
    assert sheet.state.breakouts is not None
    assert sheet.state.breakouts.ends_at_ms == sheet.now_ms + 7 * MINUTE


def test_AG10_back_within_the_countdown_the_rooms_stay() -> None:
    sheet = Sheet(rooms("One"), plenary())
    sheet.start()
    before = groups(sheet)
    sheet.next()
    sheet.wait(5_000)
    sheet.do("fay", PreviousStep())
    sheet.wait(60_000)
    assert groups(sheet) == before


def test_AG10_a_rotation_over_several_steps_repeats_nobody() -> None:
    sheet = Sheet(
        rooms("One", setup=FOURS),
        rooms("Two", continues=StepId("one")),
        pause(),
        rooms("Three", continues=StepId("one")),
        learners=16,
    )
    sheet.start()
    pairs = met(sheet)
    assert kinds(sheet.next()) == ["StepEnded", "BreakoutsClosed", "BreakoutsOpened", "StepStarted"]
    pairs += met(sheet)
    sheet.next(2)
    pairs += met(sheet)
    assert len(pairs) == len(set(pairs)) == 3 * 4 * 6


def test_AG10_a_jigsaw_over_two_steps() -> None:
    topics = (RoomSetup(name="Heart"), RoomSetup(name="Lungs"), RoomSetup(name="Brain"))
    sheet = Sheet(
        rooms("Experts", jigsaw=JigsawSetup(topics=topics)), rooms("Home", continues=StepId("experts")), learners=9
    )
    sheet.start()
    experts = groups(sheet)
    assert sheet.step("home").plan_id is not None
    sheet.next()
    assert all(len(home & expert) == 1 for home in groups(sheet) for expert in experts)
    assert sheet.step("home").plan_id is None


def test_AG10_groups_that_never_were_cannot_be_taken_up() -> None:
    sheet = Sheet(
        rooms("One"), rooms("Same", same_as=StepId("one")), rooms("Next", continues=StepId("one")), plenary("Last")
    )
    refused = sheet.rejected("fay", GoToStep(step_id=StepId("same")))
    assert (refused.code, refused.rule) == ("groups_missing", "AG10")
    sheet.do("fay", GoToStep(step_id=StepId("next")))
    assert [warning.code for warning in sheet.step("next").warnings] == ["series_missing"]
    assert sum(sizes(sheet)) == 6


def test_AG10_a_vote_is_repeated_to_be_compared_with_the_first() -> None:
    sheet = Sheet(poll("Vote"), plenary(), poll("Vote again", repeats=StepId("vote")))
    sheet.start()
    (first,) = sheet.state.polls
    sheet.next(2)
    second = sheet.run("vote-again").poll_id
    assert second is not None
    assert sheet.state.polls[second].content.follows == first
    assert sheet.state.polls[second].status == "open"
    sheet.do("fay", PreviousStep())
    sheet.next()
    assert sheet.run("vote-again").poll_id == second
    missed = Sheet(poll("Vote"), poll("Vote again", repeats=StepId("vote")))
    refused = missed.rejected("fay", GoToStep(step_id=StepId("vote-again")))
    assert (refused.code, refused.rule) == ("vote_missing", "AG10")


def test_AG10_references_are_to_breakouts_before() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    for steps in (
        (rooms("A", same_as=StepId("b")), rooms("B")),
        (plenary("A"), rooms("B", continues=StepId("a"))),
        (poll("A", repeats=StepId("b")), poll("B")),
        (rooms("A"), rooms("B", same_as=StepId("a")), rooms("C", continues=StepId("b"))),
    ):
        assert workshop.rejected("fay", SetAgenda(steps=steps)).code == "step_reference"


# ── AG11: more time ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_AG11_rooms_and_review_phases_get_the_same() -> None:
    sheet = Sheet(rooms(minutes=10), plenary())
    sheet.start()
    sheet.do("fay", ExtendStep(by_ms=2 * MINUTE))
    assert sheet.state.breakouts is not None
    assert sheet.state.breakouts.ends_at_ms == sheet.now_ms + 12 * MINUTE
    sheet.do("fay", ExtendStep(by_ms=-60 * MINUTE))
    sheet.wait(1_000)
    assert sheet.state.breakouts is None
    asking = Sheet(poll(setup=PollSetup(question="Well?", options=("Yes", "No"), duration_ms=MINUTE)))
    asking.start()
    asking.do("fay", ExtendStep(by_ms=MINUTE))
    assert [found.closes_at_ms for found in asking.state.polls.values()] == [asking.now_ms + 2 * MINUTE]
    timed = replace(review().review, times=PhaseTimes(submit_ms=5 * MINUTE))
    reviewing = Sheet(replace(review(), review=timed))
    reviewing.start()
    reviewing.do("fay", ExtendStep(by_ms=3 * MINUTE))
    (found,) = reviewing.state.review_rounds.values()
    assert found.ends_at_ms == reviewing.now_ms + 8 * MINUTE
    reviewing.do("fay", CloseReviewRound(round_id=found.round_id))
    assert kinds(reviewing.do("fay", ExtendStep(by_ms=MINUTE))) == ["StepExtended"]


def test_AG6_people_who_come_late_go_where_the_rooms_policy_sends_them() -> None:
    sheet = Sheet(plenary(), rooms())
    sheet.start()
    sheet.do("fay", PrepareStep(step_id=StepId("groups")))
    sheet.do("l0", Leave())
    sheet.next()
    assert sum(sizes(sheet)) == 5
    sheet.join("l0")
    home = sheet.state.participants[ids("l0")[0]].room_id
    assert home != PLENARY
    assert "l0" in people_in(sheet, home)


def test_AG14_facilitators_have_a_record_of_every_step() -> None:
    sheet = Sheet(plenary(), poll(), review(), rooms(), pause())
    records = [record for record in sheet.sees("fay").values() if isinstance(record, AgendaStepRecord)]
    assert [(record.order, record.step.kind) for record in sorted(records, key=lambda record: record.order)] == list(
        enumerate(("plenary", "poll", "review", "breakouts", "break"))
    )
