"""What one person takes from a workshop (AT15): missed, answered wrong, owed, told; and what a reader who is not that person does not get."""

from typing import Any

from rooms.commands.breakouts import OpenBreakouts
from rooms.commands.people import Leave
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, RepeatPoll, ShareResults
from rooms.commands.questions import AnswerQuestion, AskQuestion, MergeQuestions
from rooms.commands.review import CloseReviewRound
from rooms.commands.rosters import ImportRoster
from rooms.commands.workshop import CloseWorkshop
from rooms.events.breakouts import ByHand, RoomSetup, RoomTask
from rooms.ids import API, ParticipantId, PollId
from server.export.learner import LearnerSummary, summaries_export, summary_export
from tests.unit.agenda_case import Sheet, pause, plenary, poll, rooms
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop

MINUTE = 60_000


def of(made: Workshop, who: str, *, own: bool = True) -> LearnerSummary:
    found = summary_export(made.state, ParticipantId(who), made.now_ms, own=own)
    assert found is not None
    return found.summary


def asked(made: Workshop, **content: Any) -> PollId:
    given: dict[str, Any] = {
        "question": "Which?",
        "options": ("Red", "Blue"),
        "open": True,
        "anonymous": False,
        **content,
    }
    made.do("fay", CreatePoll(**given))
    return list(made.state.polls)[-1]


def choose(made: Workshop, poll_id: PollId, *people: str, index: int = 0) -> None:
    option_id = made.state.polls[poll_id].content.options[index].option_id
    for who in people:
        made.do(who, CastBallot(poll_id=poll_id, option_ids=(option_id,)))


# ── missed ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT15_who_was_away_missed_the_steps_rooms_and_polls_of_that_time() -> None:
    task = RoomTask(text="Compare.")
    made = Sheet(plenary(minutes=10), pause(), rooms(task=task), poll(), plenary("Close", 10), learners=4)
    made.start()
    made.wait(9 * MINUTE)
    made.do("l0", Leave())  # there for nine of ten minutes
    made.wait(MINUTE)
    made.next()
    made.wait(MINUTE)
    made.next()
    made.wait(10 * MINUTE)
    made.next()
    made.wait(5 * MINUTE)
    made.next()
    made.wait(6 * MINUTE)  # for four of ten minutes
    made.join("l0")
    made.wait(4 * MINUTE)
    made.next()
    found = of(made, "l0").missed
    assert [(each.title, each.present_ms, each.took_ms) for each in found.steps] == [
        ("Groups", 0, 10 * MINUTE), ("Poll", 0, 5 * MINUTE), ("Close", 4 * MINUTE, 10 * MINUTE)
    ]  # fmt: skip
    assert [(each.number, each.why, each.room) for each in found.breakouts] == [(1, "away", None)]
    other = of(made, "l1").missed
    assert (other.steps, other.breakouts) == ([], [])
    assert [(each.why, each.anonymous) for each in other.polls] == [("not_done", True)]
    assert of(made, "fay").missed.steps == []


def test_AT15_a_room_that_somebody_belonged_to_says_what_it_had_to_do() -> None:
    made = Workshop()
    made.crowd(2)
    made.do("l0", Leave())
    by_hand = ByHand(groups=((ParticipantId("l0"), ParticipantId("l1")),))
    red = RoomSetup(name="Red", task=RoomTask(text="Compare."))
    made.do("fay", OpenBreakouts(assignment=by_hand, rooms=(red,)))
    made.do("fay", CloseWorkshop())
    (missed,) = of(made, "l0").missed.breakouts
    assert missed.task is not None
    assert (missed.why, missed.number, missed.room, missed.task.text) == ("away", 1, "Red", "Compare.")


def test_AT15_polls_left_out_and_polls_that_ran_while_away_are_told_apart() -> None:
    made = Workshop()
    made.crowd(2)
    here = asked(made)
    choose(made, here, "l1")
    made.do("fay", ClosePoll(poll_id=here))
    made.do("l0", Leave())
    away = asked(made)
    made.do("fay", ClosePoll(poll_id=away))
    made.join("l0")
    still_open = asked(made)
    assert [(each.poll_id, each.why) for each in of(made, "l0").missed.polls] == [(here, "not_done"), (away, "away")]
    choose(made, still_open, "l0")
    made.do("fay", CloseWorkshop())
    assert [each.poll_id for each in of(made, "l1").missed.polls] == [away, still_open]


def test_AT5_AT15_whether_somebody_left_an_anonymous_poll_out_is_told_to_others_only_when_it_counts() -> None:
    made = Workshop()
    made.crowd(5)
    few, many = asked(made, anonymous=True), asked(made, anonymous=True)
    choose(made, few, "l1", "l2")
    choose(made, many, "l1", "l2", "l3")
    for poll_id in (few, many):
        made.do("fay", ClosePoll(poll_id=poll_id))
    assert [each.poll_id for each in of(made, "l0").missed.polls] == [few, many]
    assert of(made, "l0", own=False).missed.polls == []
    made.do("fay", CloseWorkshop())
    assert [each.poll_id for each in of(made, "l0", own=False).missed.polls] == [many]


def test_AT11_AT15_those_of_the_roster_who_never_came_missed_everything() -> None:
    made = Workshop()
    made.do(API, ImportRoster(text="external_id,name\nl0,Ann\nl9,Zoe\nl8,Yan\n"))
    made.crowd(2)
    poll_id = asked(made)
    made.do("fay", CloseWorkshop())
    found = summaries_export(made.state, made.now_ms, after=0, limit=3)
    assert [each.attendance.name for each in found.learners] == ["L0", "L1", "Zoe"]
    assert found.next == 3
    rest = summaries_export(made.state, made.now_ms, after=3, limit=3)
    assert ([each.attendance.name for each in rest.learners], rest.next) == (["Yan"], None)
    assert [(each.poll_id, each.why) for each in rest.learners[0].missed.polls] == [(poll_id, "away")]
    assert (rest.learners[0].participant_id, rest.learners[0].feedback) == (None, [])


# ── quizzes ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT15_PO14_a_wrong_answer_comes_with_the_right_one_when_the_key_may_be_told() -> None:
    made = Workshop()
    made.crowd(2)
    quiz = asked(made, kind="quiz", right=(0,), explanation="Red it is.", results="facilitators")
    choose(made, quiz, "l0", index=1)
    choose(made, quiz, "l1", index=0)
    assert of(made, "l0", own=False).quizzes.answered == 0
    made.do("fay", ClosePoll(poll_id=quiz))
    assert of(made, "l0").quizzes.answered == 0, "the results are the facilitators'"
    assert len(of(made, "l0", own=False).quizzes.wrong) == 1
    made.do("fay", ShareResults(poll_id=quiz, results="everyone"))
    found = of(made, "l0").quizzes
    red, blue = (option.option_id for option in made.state.polls[quiz].content.options)
    assert [(each.answered_ids, each.right_ids, each.explanation) for each in found.wrong] == [
        ([blue], [red], "Red it is.")
    ]
    assert (found.answered, found.right) == (1, 0)
    assert (of(made, "l1").quizzes.answered, of(made, "l1").quizzes.right) == (1, 1)
    made.do("fay", RepeatPoll(poll_id=quiz))
    assert of(made, "l0").quizzes.answered == 0, "not while the same is asked again"


def test_AT15_PO6_an_answer_in_an_anonymous_quiz_is_in_the_persons_own_summary_alone() -> None:
    made = Workshop()
    made.crowd(4)
    quiz = asked(made, kind="quiz", right=(0,), anonymous=True, results="everyone")
    choose(made, quiz, "l0", "l1", "l2", "l3", index=1)
    made.do("fay", ClosePoll(poll_id=quiz))
    made.do("fay", CloseWorkshop())
    assert len(of(made, "l0").quizzes.wrong) == 1
    assert of(made, "l0", own=False).quizzes.answered == 0
    for each in summaries_export(made.state, made.now_ms, after=0, limit=10).learners:
        assert each.quizzes.answered == 0


# ── reviews ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT15_reviews_that_are_owed_and_work_not_handed_in() -> None:
    case = Reviewing(learners=4, reviews_each=1)
    case.submit("l0", "l1", "l2")
    case.advance()
    owing = next(iter(case.reviews())).reviewer_id
    (due,) = of(case, owing).reviews_due
    assert (due.status, due.own, due.missing) == ("due", False, ["Clarity", "Depth"])
    assert [(each.title, each.why) for each in of(case, "l3").missed.works] == [("Round", "not_done")]
    assert of(case, "l0").missed.works == []
    case.do("fay", CloseReviewRound(round_id=case.round_id))
    assert [each.status for each in of(case, owing).reviews_due] == ["not_done"]


def test_AT15_RV12_feedback_is_what_the_author_sees_and_as_blind() -> None:
    case = Reviewing(learners=3, reviews_each=2, blind="double", reveal="never")
    case.to_review()
    first, *others = case.reviews(of="l0")
    for review in others:
        case.finish(review)
    case.mark(first, comment="Unsent")
    assert of(case, "l0").feedback[0].reviews == []
    case.finish(first, comment="Well argued")
    for own in (True, False):
        assert of(case, "l0", own=own).feedback[0].result is None, "reviewing is not over"
    for review in case.reviews():
        if not review.submitted:
            case.finish(review)
    case.advance()
    for own in (True, False):
        (found,) = of(case, "l0", own=own).feedback
        assert len(found.reviews) == 2
        assert [each.reviewer_id for each in found.reviews] == [None, None]
        assert {mark.comment for each in found.reviews for mark in each.marks} >= {"Well argued"}
        assert found.result is not None
        told = found.model_dump_json()
        assert '"l1"' not in told
        assert '"l2"' not in told


# ── questions, and everything together ───────────────────────────────────────────────────────────────────────────────
def test_AT15_QU3_questions_asked_without_a_name_are_ones_own() -> None:
    made = Workshop()
    made.crowd(2)
    made.do("l0", AskQuestion(text="Named", anonymous=False))
    made.do("l0", AskQuestion(text="Hidden", anonymous=True))
    named, hidden = made.state.questions
    made.do("l1", AskQuestion(text="The same", anonymous=False))
    made.do("fay", MergeQuestions(question_id=named, into_id=list(made.state.questions)[-1]))
    made.do("fay", AnswerQuestion(question_id=list(made.state.questions)[-1], text="So."))
    assert [(each.text, each.answer) for each in of(made, "l0").questions] == [("Named", "So."), ("Hidden", "")]
    assert [each.text for each in of(made, "l0", own=False).questions] == ["Named"]
    assert hidden not in summaries_export(made.state, made.now_ms, after=0, limit=10).model_dump_json()


def test_AT15_nobody_else_stands_in_a_summary() -> None:
    made = Sheet(rooms(), poll(), learners=3)
    made.start()
    made.next()
    (poll_id,) = made.state.open_polls
    choose(made, poll_id, "l0", "l1", "l2")
    made.next()
    made.do("fay", CloseWorkshop())
    for own in (True, False):
        told = of(made, "l0", own=own).model_dump_json()
        assert not [who for who in ("l1", "l2", "fay") if f'"{who}"' in told]
