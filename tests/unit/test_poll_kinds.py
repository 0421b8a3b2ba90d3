"""Rules PO9 to PO14: what each kind of poll asks, takes and counts."""

from typing import Any

import pytest

from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, HideAnswer, OpenPoll, RepeatPoll, ShareResults
from rooms.events.polls import PollScale
from rooms.ids import AnswerId, OptionId
from rooms.poll_records import AnswerKeyRecord, BallotRecord
from tests.unit.polls_case import answers, counts, opened, tally, vote
from tests.unit.workshop_case import Workshop


def workshop_of(learners: int) -> Workshop:
    workshop = Workshop()
    workshop.crowd(learners)
    return workshop


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "scale", "options": ("A", "B")}, "option_count"),
        ({"kind": "ranking", "options": ("A",)}, "option_count"),
        ({"kind": "multiple", "options": ("A", "B"), "min_choices": 2, "max_choices": 1}, "choice_limits"),
        ({"kind": "multiple", "options": ("A", "B"), "max_choices": 3}, "choice_limits"),
        ({"kind": "single", "options": ("A", "B"), "max_choices": 2}, "choice_limits"),
        ({"kind": "words", "max_choices": 11}, "choice_limits"),
        ({"kind": "scale", "scale": PollScale(low=5, high=5)}, "scale"),
        ({"kind": "scale", "scale": PollScale(low=0, high=101)}, "scale"),
        ({"kind": "scale", "scale": PollScale(low=1_000_000, high=1_000_001)}, "scale"),
        ({"kind": "scale", "scale": PollScale(low_label="x" * 201)}, "label_too_long"),
        ({"kind": "text", "scale": PollScale()}, "scale"),
        ({"kind": "single", "options": ("A", "B"), "right": (0,)}, "not_a_quiz"),
        ({"kind": "text", "explanation": "Because."}, "not_a_quiz"),
        ({"kind": "quiz", "options": ("A", "B")}, "right_answers"),
        ({"kind": "quiz", "options": ("A", "B"), "right": (2,)}, "right_answers"),
        ({"kind": "quiz", "options": ("A", "B"), "right": (-1,)}, "right_answers"),
        ({"kind": "text", "target": "groups"}, "kind_of_groups"),
        ({"kind": "words", "duration_ms": 999}, "duration"),
    ],
)
def test_PO2_PO9_PO10_PO14_PO16_PO17_a_poll_that_cannot_be_asked_is_refused(fields: dict[str, Any], code: str) -> None:
    assert workshop_of(0).rejected("fay", CreatePoll(question="Which?", **fields)).code == code


ANSWERS = {"option_ids": (OptionId("o_x"),), "value": 1, "text": "x"}


@pytest.mark.parametrize(
    ("kind", "takes"), [("single", "option_ids"), ("scale", "value"), ("text", "text"), ("words", "text")]
)
def test_PO4_an_answer_of_another_kind_is_refused(kind: str, takes: str) -> None:
    workshop = workshop_of(1)
    poll_id, _ = opened(workshop, kind)
    for name, answer in ANSWERS.items():
        if name != takes:
            refused = workshop.rejected("l0", CastBallot(poll_id=poll_id, **{name: answer}))  # type: ignore[arg-type]
            assert refused.code == "answer_kind"


def test_PO9_a_single_choice_is_one_option() -> None:
    workshop = workshop_of(1)
    poll_id, (a, b, _) = opened(workshop)
    for option_ids in ((), (a, b)):
        refused = workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=option_ids))
        assert refused.code == "choice_count"


def test_PO9_multiple_choice_takes_from_the_least_to_the_most_different_options() -> None:
    workshop = workshop_of(1)
    poll_id, (a, b, c) = opened(workshop, "multiple", min_choices=2, max_choices=2)
    for option_ids, code in (((a,), "choice_count"), ((a, b, c), "choice_count"), ((a, a), "option_twice")):
        assert workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=option_ids)).code == code
    vote(workshop, "l0", poll_id, c, a)
    assert counts(workshop, poll_id) == [1, 0, 1]
    assert workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a, c))) == (), "the order of clicks is nothing"


def test_PO9_multiple_choice_never_shows_6_of_2_answered() -> None:
    workshop = workshop_of(1)
    poll_id, (a, b, c) = opened(workshop, "multiple")
    for who in ("fay", "l0"):
        vote(workshop, who, poll_id, a, b, c)
    shown = tally(workshop, poll_id)
    assert counts(workshop, poll_id) == [2, 2, 2]
    assert (shown.ballots, shown.eligible) == (2, 2)


def test_PO10_a_scale_has_a_distribution_and_a_mean() -> None:
    workshop = workshop_of(3)
    poll_id, _ = opened(workshop, "scale", scale=PollScale(low=-1, high=2, low_label="no", high_label="yes"))
    assert tally(workshop, poll_id).mean is None
    for who, value in (("l0", -1), ("l1", 2), ("l2", 2), ("fay", 2)):
        vote(workshop, who, poll_id, value=value)
    vote(workshop, "l2", poll_id, value=1)
    shown = tally(workshop, poll_id)
    assert [(each.value, each.count) for each in shown.values] == [(-1, 1), (0, 0), (1, 1), (2, 2)]
    assert shown.mean == 1.0
    for value in (-2, 3, None):
        refused = workshop.rejected("l0", CastBallot(poll_id=poll_id, value=value))
        assert refused.code == "value_out_of_range"


def test_PO10_a_scale_goes_from_1_to_5_unless_it_is_said() -> None:
    workshop = workshop_of(0)
    poll_id, _ = opened(workshop, "scale")
    assert [each.value for each in tally(workshop, poll_id).values] == [1, 2, 3, 4, 5]


def test_PO11_a_ranking_has_first_choices_and_borda_points() -> None:
    workshop = workshop_of(3)
    poll_id, (a, b, c) = opened(workshop, "ranking")
    vote(workshop, "l0", poll_id, a, b, c)
    vote(workshop, "l1", poll_id, c, b, a)
    vote(workshop, "l2", poll_id, c, b, a)
    vote(workshop, "l2", poll_id, c, a, b)
    assert counts(workshop, poll_id) == [1, 0, 2]
    assert [each.count for each in tally(workshop, poll_id).scores] == [2 + 0 + 1, 1 + 1 + 0, 0 + 2 + 2]
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=(a, b))).code == "choice_count"


def test_PO11_a_ranking_of_the_first_few_gives_nothing_to_the_others() -> None:
    workshop = workshop_of(1)
    poll_id, (a, b, _) = opened(workshop, "ranking", max_choices=2)
    vote(workshop, "l0", poll_id, b, a)
    assert [each.count for each in tally(workshop, poll_id).scores] == [1, 2, 0]


def test_PO12_named_answers_are_shown_with_their_author_and_can_be_hidden() -> None:
    workshop = workshop_of(2)
    poll_id, _ = opened(workshop, "text", anonymous=False, results="everyone")
    vote(workshop, "l0", poll_id, text=" More time \n")
    vote(workshop, "l0", poll_id, text="More time!")
    (answer,) = answers(workshop, poll_id, "l1")
    assert (answer.text, answer.author_id) == ("More time!", "l0")
    workshop.do("fay", HideAnswer(poll_id=poll_id, answer_id=answer.answer_id))
    assert answers(workshop, poll_id, "l1") == []
    assert [each.hidden for each in answers(workshop, poll_id)] == [True]
    workshop.do("fay", HideAnswer(poll_id=poll_id, answer_id=answer.answer_id, hidden=False))
    assert len(answers(workshop, poll_id, "l1")) == 1
    assert workshop.rejected("l0", HideAnswer(poll_id=poll_id, answer_id=answer.answer_id)).code == "not_allowed"
    unknown = HideAnswer(poll_id=poll_id, answer_id=AnswerId("n_none"))
    assert workshop.rejected("fay", unknown).code == "unknown_answer"


@pytest.mark.parametrize(
    ("text", "code"), [("", "answer_empty"), (" \n", "answer_empty"), ("x" * 1001, "answer_too_long")]
)
def test_PO12_a_free_answer_says_something_and_not_too_much(text: str, code: str) -> None:
    workshop = workshop_of(1)
    poll_id, _ = opened(workshop, "text")
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, text=text)).code == code


def test_PO13_words_are_counted_however_they_are_written() -> None:
    workshop = workshop_of(4)
    poll_id, _ = opened(workshop, "words", max_choices=4)
    vote(workshop, "l0", poll_id, text="Trust, “clear  goals”")
    vote(workshop, "l1", poll_id, text="TRUST!;trust, fun")
    vote(workshop, "l2", poll_id, text="\uff34\uff52\uff55\uff53\uff54\u3001\u7b11\u3044\uff0cFun\nClear Goals.")
    words = [(each.word, each.count) for each in tally(workshop, poll_id).words]
    assert words == [("trust", 3), ("clear goals", 2), ("fun", 2), ("\u7b11\u3044", 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "choice_count"), (" , ;. ", "choice_count"), ("a,b,c,d", "choice_count"), ("x" * 51, "answer_too_long")],
)
def test_PO13_words_are_few_and_short(text: str, code: str) -> None:
    workshop = workshop_of(1)
    poll_id, _ = opened(workshop, "words")
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, text=text)).code == code


def test_PO14_a_quiz_answer_is_right_if_it_is_exactly_right_and_is_final() -> None:
    workshop = workshop_of(3)
    poll_id, (a, b, c) = opened(workshop, "quiz", right=(0, 2), explanation="Because.", results="everyone")
    vote(workshop, "l0", poll_id, c, a)
    vote(workshop, "l1", poll_id, a)
    vote(workshop, "l2", poll_id, a, b, c)
    assert workshop.rejected("l1", CastBallot(poll_id=poll_id, option_ids=(a, c))).code == "answer_final"
    assert workshop.do("l1", CastBallot(poll_id=poll_id, option_ids=(a,))) == ()
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert tally(workshop, poll_id, "l0").right == 1


def test_PO14_the_key_is_told_when_the_quiz_is_closed_and_shared() -> None:
    workshop = workshop_of(1)
    poll_id, (a, _, _) = opened(workshop, "quiz", right=(0,), explanation="Because.")
    key = f"answer_key:{poll_id}"
    vote(workshop, "l0", poll_id, a)

    def told() -> tuple[bool, bool, bool]:
        shown = [record for who in ("l0", "fay") if (record := workshop.sees(who).get(f"tally:{poll_id}")) is not None]
        counted = any(record.right is not None for record in shown)  # type: ignore[union-attr]
        return key in workshop.sees("l0"), key in workshop.sees("fay"), counted

    assert told() == (False, True, False)
    workshop.do("fay", ShareResults(poll_id=poll_id, results="everyone"))
    assert told() == (False, True, False), "the right ones could be worked out from the counts"
    workshop.do(
        "fay",
        ShareResults(poll_id=poll_id, results="facilitators"),
    )
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert told() == (False, True, False)
    workshop.do("fay", ShareResults(poll_id=poll_id, results="everyone"))
    assert told() == (True, True, True)
    record = workshop.sees("l0")[key]
    assert isinstance(record, AnswerKeyRecord)
    assert (record.right_ids, record.explanation) == ((a,), "Because.")


def test_PO14_the_key_is_not_told_while_the_same_is_asked_again() -> None:
    workshop = workshop_of(1)
    first, _ = opened(workshop, "quiz", right=(0,), results="everyone")
    (_, created, _) = workshop.do("fay", RepeatPoll(poll_id=first))
    second = created.poll_id  # type: ignore[union-attr]

    def told() -> list[bool]:
        return [f"answer_key:{poll_id}" in workshop.sees("l0") for poll_id in (first, second)]

    assert told() == [False, False]
    workshop.do("fay", ClosePoll(poll_id=second))
    assert told() == [True, True]
    workshop.do("fay", OpenPoll(poll_id=first))
    assert told() == [False, False]


def test_PO6_facilitators_see_who_chose_what_only_where_it_was_said_so() -> None:
    workshop = workshop_of(2)
    seen = []
    for anonymous in (True, False):
        poll_id, (a, _, _) = opened(workshop, anonymous=anonymous)
        vote(workshop, "l0", poll_id, a)
        key = f"ballot:{poll_id}:l0"
        seen.append([isinstance(workshop.sees(who).get(key), BallotRecord) for who in ("fay", "l0", "l1")])
    assert seen == [[False, True, False], [True, True, False]]
