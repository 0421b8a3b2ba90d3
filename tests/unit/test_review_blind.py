"""Peer review: who gets to know what, and when (RV12, RV13)."""

from typing import Any

import pytest

from rooms.commands.review import CloseReviewRound, CreateReviewRound, DraftWork, WriteMark
from rooms.events.review import Blind, PhaseTimes, Reveal, ReviewRoundSettings
from rooms.records import Record
from rooms.review_records import FeedbackRecord, ReviewedWorkRecord, ReviewRoundRecord
from tests.unit.review_case import RUBRIC, Reviewing

OF_REVIEWS = (
    "submission",
    "reviewed_work",
    "review",
    "assignment",
    "feedback",
    "review_result",
    "my_work",
    "discussion",
)


def about_reviews(case: Reviewing, who: str) -> list[Record]:
    return [record for record in case.sees(who).values() if record.kind in OF_REVIEWS]


def named_in(records: list[Record], *people: str) -> set[str]:
    return {who for who in people for record in records if f"'{who}'" in repr(record)}


def reviewed(blind: Blind, reveal: Reveal = "after_review", **fields: Any) -> Reviewing:
    """Four people in reviewing; all reviews are written, and files carry their authors' names."""
    case = Reviewing(4, reviews_each=2, blind=blind, reveal=reveal, **fields)
    for who in case.learners:
        case.draft(who, f"Text {who[1]}", file_id=f"f{who[1]}", file_name=f"by '{who}'.pdf")
    case.advance()
    return case


def others(case: Reviewing, who: str) -> list[str]:
    return [other for other in case.learners if other != who]


@pytest.mark.parametrize("blind", ["none", "reviewer", "double"])
def test_RV12_reviewers_know_the_authors_only_if_they_may(blind: Blind) -> None:
    case = reviewed(blind)
    for who in case.learners:
        for record in case.records(who, ReviewedWorkRecord):
            (author,) = (
                name for name, submission in case.round.submission_of.items() if submission == record.submission_id
            )
            assert record.author_ids == (() if blind == "double" else (author,))
            assert record.file_name == ("" if blind == "double" else f"by '{author}'.pdf")
            assert record.text == f"Text {author[1]}"
        if blind == "double":
            assert named_in(about_reviews(case, who), *others(case, who)) == set()


@pytest.mark.parametrize("blind", ["none", "reviewer", "double"])
def test_RV12_authors_know_nothing_of_their_reviewers_while_they_review(blind: Blind) -> None:
    case = reviewed(blind)
    before = {who: about_reviews(case, who) for who in case.learners}
    review = case.reviews(of="l0")[0]
    case.finish(review)
    for who in case.learners:
        if who != review.reviewer_id:
            assert about_reviews(case, who) == before[who]
    assert case.records("l0", FeedbackRecord) == []


def test_RV12_authors_get_all_their_reviews_at_once_when_reviewing_is_over() -> None:
    case = reviewed("reviewer", reveal="never", times=PhaseTimes())
    case.finish_all()
    case.advance()
    for who in case.learners:
        feedback = case.records(who, FeedbackRecord)
        assert len(feedback) == 2
        assert {record.reviewer_id for record in feedback} == {None}


def test_RV12_without_blindness_names_stand_from_the_start() -> None:
    case = reviewed("none")
    case.finish_all()
    case.advance()
    reviewers = {record.reviewer_id for record in case.records("l0", FeedbackRecord)}
    assert reviewers == {review.reviewer_id for review in case.reviews(of="l0")}


@pytest.mark.parametrize("blind", ["reviewer", "double"])
def test_RV13_the_reveal_after_reviewing(blind: Blind) -> None:
    case = reviewed(blind)
    case.finish_all()
    case.advance()
    assert case.records("l0", ReviewRoundRecord)[0].revealed
    for who in case.learners:
        assert {record.reviewer_id for record in case.records(who, FeedbackRecord)} == {
            review.reviewer_id for review in case.reviews(of=who)
        }
        assert all(record.author_ids and record.file_name for record in case.records(who, ReviewedWorkRecord))


def test_RV13_the_reveal_when_the_round_is_closed_or_never() -> None:
    for reveal, revealed in (("closed", True), ("never", False)):
        case = reviewed("double", reveal=reveal)  # type: ignore[arg-type]
        case.finish_all()
        case.advance()
        for who in case.learners:
            assert named_in(about_reviews(case, who), *others(case, who)) == set()
        case.advance()
        assert case.round.phase == "closed"
        for who in case.learners:
            assert bool(named_in(about_reviews(case, who), *others(case, who))) is revealed


def test_RV13_closing_early_reveals_unless_never() -> None:
    for reveal, revealed in (("after_review", True), ("closed", True), ("never", False)):
        case = reviewed("double", reveal=reveal)  # type: ignore[arg-type]
        case.finish_all()
        case.do("fay", CloseReviewRound(round_id=case.round_id))
        assert case.round.revealed is revealed
        assert len(case.records("l0", FeedbackRecord)) == 2


def test_RV13_a_discussion_would_reveal() -> None:
    case = Reviewing(1)
    for blind, reveal, refused in (
        ("double", "never", True),
        ("reviewer", "closed", True),
        ("double", "after_review", False),
        ("none", "never", False),
    ):
        settings = ReviewRoundSettings(
            title="Round",
            blind=blind,
            reveal=reveal,
            times=PhaseTimes(discuss_ms=None),  # type: ignore[arg-type]
        )
        command = CreateReviewRound(settings=settings, criteria=RUBRIC)
        if refused:
            assert case.rejected("fay", command).code == "discussion_reveals"
        else:
            case.do("fay", command)


def test_RV12_whoever_comes_late_or_only_watches_sees_nothing_of_it() -> None:
    case = reviewed("none")
    case.join("late")
    case.join("obi", "observer")
    case.finish_all()
    case.advance()
    assert about_reviews(case, "late") == about_reviews(case, "obi") == []


def test_RV12_refusals_tell_nothing() -> None:
    """Whether a review or a submission of somebody else exists cannot be found out by trying."""
    case = reviewed("double")
    theirs = case.reviews(of="l0")[0]
    stranger = next(who for who in others(case, "l0") if who != theirs.reviewer_id)
    mark = WriteMark(review_id=theirs.review_id, criterion_id=case.criteria[0], score=2)
    refusals = {case.rejected(who, mark).message for who in (stranger, "l0")}
    assert refusals == {f"There is no review with the id {theirs.review_id!r} for you."}
    assert case.rejected("l0", DraftWork(round_id=case.round_id, text="x")).code == "wrong_phase"
