"""Rules QU: the question board."""

import pytest

from rooms import limits
from rooms.commands.people import Leave
from rooms.commands.questions import (
    AnswerQuestion,
    AskQuestion,
    DismissQuestion,
    MergeQuestions,
    ReopenQuestion,
    VoteForQuestion,
    WithdrawQuestion,
)
from rooms.commands.workshop import CloseWorkshop
from rooms.events.questions import QuestionAsked
from rooms.ids import API, QuestionId
from rooms.question_records import MyQuestionRecord, QuestionRecord
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Narrative, Options
from tests.unit.workshop_case import Follower, Workshop


def board(learners: int = 3) -> Workshop:
    workshop = Workshop()
    workshop.crowd(learners)
    return workshop


def ask(workshop: Workshop, who: str, text: str = "Why?", *, anonymous: bool = False) -> QuestionId:
    (asked,) = workshop.do(who, AskQuestion(text=text, anonymous=anonymous))
    assert isinstance(asked, QuestionAsked)
    return asked.question_id


def seen(workshop: Workshop, question_id: QuestionId, viewer: str = "fay") -> QuestionRecord | None:
    record = workshop.sees(viewer).get(f"question:{question_id}")
    assert record is None or isinstance(record, QuestionRecord)
    return record


def votes(workshop: Workshop, question_id: QuestionId) -> int:
    record = seen(workshop, question_id)
    assert record is not None
    return record.votes


def mine(workshop: Workshop, question_id: QuestionId, who: str) -> tuple[bool, bool] | None:
    record = workshop.sees(who).get(f"my_question:{question_id}:{who}")
    assert record is None or isinstance(record, MyQuestionRecord)
    return None if record is None else (record.asked, record.voted)


def test_QU1_an_unknown_question_is_refused() -> None:
    workshop = board()
    known, nowhere = ask(workshop, "l0"), QuestionId("u_none")
    for command in (
        VoteForQuestion(question_id=nowhere),
        AnswerQuestion(question_id=nowhere),
        DismissQuestion(question_id=nowhere),
        MergeQuestions(question_id=nowhere, into_id=known),
        MergeQuestions(question_id=known, into_id=nowhere),
        MergeQuestions(question_id=nowhere, into_id=nowhere),
        ReopenQuestion(question_id=nowhere),
    ):
        assert workshop.rejected("fay", command).code == "unknown_question"


@pytest.mark.parametrize(("text", "code"), [(" ", "question_empty"), ("x" * 501, "question_too_long")])
def test_QU2_a_question_says_something_and_not_too_much(text: str, code: str) -> None:
    assert board().rejected("l0", AskQuestion(text=text)).code == code


def test_QU2_learners_and_facilitators_ask_so_many_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = board()
    workshop.join("obi", "observer")
    assert workshop.rejected("obi", AskQuestion(text="Why?")).code == "not_allowed"
    assert workshop.rejected(API, AskQuestion(text="Why?")).code == "needs_a_participant"
    ask(workshop, "fay")
    questions = [ask(workshop, "l0", anonymous=index % 2 == 0) for index in range(limits.MAX_OPEN_QUESTIONS_EACH)]
    assert workshop.rejected("l0", AskQuestion(text="Why?")).code == "too_many_questions"
    ask(workshop, "l1")
    workshop.do("fay", AnswerQuestion(question_id=questions[0]))
    ask(workshop, "l0")
    monkeypatch.setattr(limits, "MAX_BOARD_QUESTIONS", len(workshop.state.questions))
    assert workshop.rejected("l2", AskQuestion(text="Why?")).code == "too_many_questions"


def test_QU3_nobody_is_told_who_asked_anonymously() -> None:
    workshop = board()
    question_id = ask(workshop, "l0", anonymous=True)
    named = ask(workshop, "l0")
    for viewer in ("fay", "l0", "l1"):
        record, other = seen(workshop, question_id, viewer), seen(workshop, named, viewer)
        assert record is not None
        assert other is not None
        assert (record.author_id, other.author_id) == (None, "l0")
    assert [mine(workshop, question_id, who) for who in ("fay", "l0", "l1")] == [None, (True, False), None]
    for viewer in ("fay", "l1"):
        about = [(key, record) for key, record in workshop.sees(viewer).items() if question_id in key]
        assert about
        assert "l0" not in repr(about)


def test_QU3_what_is_shown_is_the_same_whoever_asked() -> None:
    def shown(asker: str) -> list[object]:
        workshop = board()
        ask(workshop, asker, anonymous=True)
        return [record for record in workshop.sees("fay").values() if record.kind in ("question", "my_question")]

    assert shown("l0") == shown("l1")


def told(workshop: Workshop) -> list[CloudEvent]:
    narrative = Narrative(Options(home_page="https://learn.example"))
    events = [event for recorded in workshop.log for event in narrative.tell(recorded)]
    return [event for event in events if ".question." in event["type"]]


def test_QU3_an_anonymous_question_is_published_without_its_asker_and_later() -> None:
    workshop = board()
    first, second = ask(workshop, "l0", "First?", anonymous=True), ask(workshop, "l1", "Second?", anonymous=True)
    assert told(workshop) == []
    workshop.do("l2", VoteForQuestion(question_id=first))
    workshop.wait(5_000)
    workshop.do("fay", AnswerQuestion(question_id=first, text="So."))
    asked, answered = told(workshop)
    assert (asked["data"]["text"], asked["data"]["actor"]["name"], asked["data"]["participant"]) == (
        "First?",
        "system",
        None,
    )
    assert (answered["data"]["text"], answered["data"]["votes"]) == ("So.", 1)
    workshop.do("fay", CloseWorkshop())
    last = told(workshop)[-1]
    assert (last["type"], last["data"]["question_id"]) == ("org.atelier.question.asked.v1", second)
    assert "l0" not in repr(told(workshop))
    assert "l1" not in repr(told(workshop))


def test_QU2_a_named_question_is_published_when_it_is_asked() -> None:
    workshop = board()
    question_id = ask(workshop, "l0")
    workshop.do("fay", DismissQuestion(question_id=question_id))
    asked, dismissed = told(workshop)
    assert asked["data"]["participant"]["name"] == "l0"
    assert dismissed["type"] == "org.atelier.question.dismissed.v1"


def test_QU4_dismissed_and_merged_questions_are_for_facilitators_and_whoever_asked() -> None:
    workshop = board()
    gone, merged, into = ask(workshop, "l0"), ask(workshop, "l0"), ask(workshop, "l1")
    workshop.do("fay", DismissQuestion(question_id=gone))
    workshop.do("fay", MergeQuestions(question_id=merged, into_id=into))
    for question_id, status in ((gone, "dismissed"), (merged, "merged")):
        shown = [seen(workshop, question_id, who) for who in ("fay", "l0", "l1")]
        assert [None if each is None else each.status for each in shown] == [status, status, None]
    workshop.do("fay", AnswerQuestion(question_id=into))
    assert seen(workshop, into, "l2") is not None


def test_QU5_one_person_votes_once_and_can_take_it_back() -> None:
    workshop = board()
    question_id = ask(workshop, "l0")
    for who in ("l0", "l1", "fay"):
        workshop.do(who, VoteForQuestion(question_id=question_id))
        assert workshop.do(who, VoteForQuestion(question_id=question_id)) == ()
    workshop.do("l1", Leave())
    workshop.join("l1", connection="again")
    assert workshop.do("l1", VoteForQuestion(question_id=question_id)) == ()
    assert votes(workshop, question_id) == 3
    workshop.do("l1", VoteForQuestion(question_id=question_id, up=False))
    assert votes(workshop, question_id) == 2
    assert [mine(workshop, question_id, who) for who in ("l0", "l1", "fay")] == [(True, True), None, (False, True)]
    workshop.do("fay", AnswerQuestion(question_id=question_id))
    assert workshop.rejected("l2", VoteForQuestion(question_id=question_id)).code == "question_not_open"


def test_QU6_a_question_is_answered_in_writing_or_live_and_the_last_answer_stands() -> None:
    workshop = board()
    question_id = ask(workshop, "l0")
    assert workshop.rejected("l1", AnswerQuestion(question_id=question_id)).code == "not_allowed"
    too_long = AnswerQuestion(question_id=question_id, text="x" * 1001)
    assert workshop.rejected("fay", too_long).code == "answer_too_long"
    for text in ("Because.", "So that you see.", ""):
        workshop.do("fay", AnswerQuestion(question_id=question_id, text=text))
        record = seen(workshop, question_id, "l1")
        assert record is not None
        assert (record.status, record.answer, record.answered_by) == ("answered", text, "fay")
    assert workshop.do("fay", AnswerQuestion(question_id=question_id)) == ()
    other = ask(workshop, "l0")
    workshop.do("fay", DismissQuestion(question_id=other))
    assert workshop.rejected("fay", AnswerQuestion(question_id=other)).code == "question_not_open"


def test_QU7_an_open_question_is_dismissed() -> None:
    workshop = board()
    question_id = ask(workshop, "l0")
    assert workshop.rejected("l0", DismissQuestion(question_id=question_id)).code == "not_allowed"
    workshop.do("fay", DismissQuestion(question_id=question_id))
    assert workshop.do("fay", DismissQuestion(question_id=question_id)) == ()
    other = ask(workshop, "l0")
    workshop.do("fay", AnswerQuestion(question_id=other))
    assert workshop.rejected("fay", DismissQuestion(question_id=other)).code == "question_not_open"


def test_QU8_merged_votes_are_counted_once_a_person() -> None:
    workshop = board(4)
    first, second, third = (ask(workshop, "l0") for _ in range(3))
    for who, question_id in (
        ("l0", first),
        ("l1", first),
        ("l1", second),
        ("l2", second),
        ("l2", third),
        ("l3", third),
    ):
        workshop.do(who, VoteForQuestion(question_id=question_id))
    workshop.do("fay", MergeQuestions(question_id=third, into_id=second))
    assert votes(workshop, second) == 3
    workshop.do("fay", MergeQuestions(question_id=second, into_id=first))
    assert votes(workshop, first) == 4
    assert seen(workshop, third).merged_into == first  # type: ignore[union-attr]
    assert [mine(workshop, first, who) for who in ("l0", "l3")] == [(True, True), (False, True)]
    assert workshop.do("l3", VoteForQuestion(question_id=first)) == ()
    workshop.do("l2", VoteForQuestion(question_id=first, up=False))
    assert votes(workshop, first) == 3
    assert workshop.rejected("fay", MergeQuestions(question_id=first, into_id=first)).code == "merge_with_itself"
    assert workshop.rejected("fay", MergeQuestions(question_id=first, into_id=second)).code == "question_not_open"
    assert workshop.rejected("fay", MergeQuestions(question_id=second, into_id=first)).code == "question_not_open"


def test_QU8_QU9_who_follows_along_knows_what_a_newcomer_would_be_told() -> None:
    workshop = board(4)
    first, second, third = (ask(workshop, "l0") for _ in range(3))
    followers = [Follower(workshop, who) for who in ("fay", "l0", "l1", "l2", "l3")]
    for who, question_id in (("l1", third), ("l2", second), ("l3", first)):
        workshop.do(who, VoteForQuestion(question_id=question_id))
    for command in (
        MergeQuestions(question_id=third, into_id=second),
        MergeQuestions(question_id=second, into_id=first),
        ReopenQuestion(question_id=third),
        AnswerQuestion(question_id=first, text="So."),
        ReopenQuestion(question_id=second),
        DismissQuestion(question_id=second),
    ):
        workshop.do("fay", command)
        for follower in followers:
            follower.follow()


def test_QU9_a_question_is_reopened_and_a_merged_one_leaves_with_its_own_votes() -> None:
    workshop = board()
    first, second = ask(workshop, "l0"), ask(workshop, "l1")
    workshop.do("l0", VoteForQuestion(question_id=first))
    for who in ("l0", "l2"):
        workshop.do(who, VoteForQuestion(question_id=second))
    workshop.do("fay", MergeQuestions(question_id=second, into_id=first))
    workshop.do("fay", AnswerQuestion(question_id=first, text="So."))
    workshop.do("fay", ReopenQuestion(question_id=second))
    assert (votes(workshop, first), votes(workshop, second)) == (1, 2)
    assert mine(workshop, first, "l2") is None
    workshop.do("fay", ReopenQuestion(question_id=first))
    record = seen(workshop, first)
    assert record is not None
    assert (record.status, record.answer, record.answered_by) == ("open", "", None)
    assert workshop.do("fay", ReopenQuestion(question_id=first)) == ()
    workshop.do("fay", DismissQuestion(question_id=first))
    workshop.do("fay", ReopenQuestion(question_id=first))
    assert seen(workshop, first, "l2") is not None


def test_QU10_whoever_asked_takes_a_question_back_and_it_is_gone() -> None:
    workshop = board(4)
    first, second, answered = ask(workshop, "l0"), ask(workshop, "l1"), ask(workshop, "l0")
    for who, question_id in (("l2", first), ("l3", second)):
        workshop.do(who, VoteForQuestion(question_id=question_id))
    workshop.do("fay", MergeQuestions(question_id=second, into_id=first))
    workshop.do("fay", AnswerQuestion(question_id=answered))
    take_back = WithdrawQuestion(question_id=first)
    for who in ("l1", "fay"):
        assert workshop.rejected(who, take_back).code == "not_your_question"
    assert workshop.rejected("l1", WithdrawQuestion(question_id=second)).code == "question_not_open"
    assert workshop.rejected("l0", WithdrawQuestion(question_id=answered)).code == "question_not_open"
    followers = [Follower(workshop, who) for who in ("fay", "l0", "l1", "l2", "l3")]
    workshop.do("l0", take_back)
    for follower in followers:
        follower.follow()
    assert all(seen(workshop, first, who) is None for who in ("fay", "l0", "l2"))
    assert [mine(workshop, first, who) for who in ("l0", "l2", "l3")] == [None, None, None]
    back = seen(workshop, second, "l2")
    assert back is not None
    assert (back.status, back.votes, back.merged_into) == ("open", 1, None)
    assert workshop.rejected("l0", take_back).code == "unknown_question"
    assert workshop.replayed() == workshop.state


def test_QU10_taking_a_question_back_is_published_but_not_who_took_back_an_anonymous_one() -> None:
    workshop = board()
    named = ask(workshop, "l0")
    untold, told_before = ask(workshop, "l1", anonymous=True), ask(workshop, "l2", anonymous=True)
    workshop.do("fay", AnswerQuestion(question_id=told_before))
    workshop.do("fay", ReopenQuestion(question_id=told_before))
    before = len(told(workshop))
    for who, question_id in (("l0", named), ("l1", untold), ("l2", told_before)):
        workshop.do(who, WithdrawQuestion(question_id=question_id))
    (gone,) = told(workshop)[before:]
    assert (gone["type"], gone["data"]["participant"]["name"]) == ("org.atelier.question.withdrawn.v1", "l0")
    workshop.do("fay", CloseWorkshop())
    (last,) = [each for each in told(workshop)[before + 1 :] if ".question." in each["type"]]
    assert (last["type"], last["data"]["question_id"]) == ("org.atelier.question.withdrawn.v1", told_before)
    assert untold not in repr(told(workshop))
    assert "'l2'" not in repr(told(workshop))
