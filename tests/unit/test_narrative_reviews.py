"""What is published of peer review, and that it gives away no pair before the people themselves may know it."""

from typing import Any

import pytest

from rooms.commands.people import Leave
from rooms.commands.review import AssignReview, CloseReviewRound, RateReview, ReallocateReviews, SubmitWork
from rooms.events.review import Blind, Reveal
from rooms.ids import ParticipantId
from server.publish.catalogue import CATALOGUE
from server.publish.cloudevents import CloudEvent
from tests.unit.review_case import Reviewing
from tests.unit.test_narrative import check, names, published


def played(blind: Blind, reveal: Reveal = "closed", **fields: Any) -> Reviewing:
    """A round of four from its creation to its end, everybody doing everything."""
    case = Reviewing(4, reviews_each=2, blind=blind, reveal=reveal, **fields)
    case.to_review()
    case.finish_all()
    case.advance()
    for review in list(case.round.reviews.values()):
        author = case.round.submissions[review.submission_id].author_id
        case.do(author, RateReview(review_id=review.review_id, rating=4))
    case.do("fay", CloseReviewRound(round_id=case.round_id))
    return case


def of(events: list[CloudEvent], name: str) -> list[Any]:
    return [event["data"] for event in events if event["type"] == f"org.atelier.{name}.v1"]


def test_a_round_is_told_from_its_opening_to_its_end() -> None:
    events = published(played("none").log)
    check(events)
    (opened,) = of(events, "review_round.opened")
    assert (opened["title"], opened["reviews_each"], opened["blind"]) == ("Round", 2, "none")
    assert [each["phase"] for each in of(events, "review_round.phase_started")] == ["submit", "review", "feedback"]
    assert len(of(events, "submission.shared")) == 4
    assert len(of(events, "review.assigned")) == len(of(events, "review.submitted")) == 8
    assert [each["rating"] for each in of(events, "review.rated")] == [4] * 8
    (closed,) = of(events, "review_round.closed")
    assert (closed["submissions"], closed["reviews_assigned"], closed["reviews_done"]) == (4, 8, 8)
    results = of(events, "submission.result")
    assert len(results) == 4
    assert [(each["title"], each["count"], each["median"]) for each in results[0]["criteria"]] == [
        ("Clarity", 2, 3.0),
        ("Depth", 2, 5.0),
    ]


def test_an_open_round_tells_who_reviews_whose_work_at_once() -> None:
    case = played("none")
    for each in of(published(case.log), "review.assigned"):
        review = case.round.reviews[each["review_id"]]
        assert (review.reviewer_id, review.submission_id) == (each["participant"]["name"], each["submission_id"])
    assert not of(published(case.log), "review.matched")


@pytest.mark.parametrize("blind", ["reviewer", "double"])
@pytest.mark.parametrize("reveal", ["after_review", "closed", "never"])
def test_a_blind_round_tells_no_pair_before_the_reveal(blind: Blind, reveal: Reveal) -> None:
    case = played(blind, reveal)
    events = published(case.log)
    check(events)
    told = names(events)
    revealed = told.index("review.matched") if "review.matched" in told else len(events)
    assert (revealed < len(events)) == (reveal != "never")
    ids = {*case.round.reviews, *case.round.submissions}
    for event in events[:revealed]:
        assert not [each for each in ids if each in repr(event)], event
    for each in of(events, "review.matched"):
        review = case.round.reviews[each["review_id"]]
        assert each["participant"]["name"] == review.reviewer_id
        assert [each["name"] for each in each["authors"]] == [case.round.submissions[review.submission_id].author_id]


def test_reviews_given_out_together_are_told_in_an_order_that_says_nothing() -> None:
    events = published(played("double").log)
    reviewers = [each["participant"]["name"] for each in of(events, "review.assigned")]
    assert reviewers == sorted(reviewers)


def test_a_review_of_somebody_who_left_is_withdrawn_and_given_to_another() -> None:
    case = Reviewing(5, reviews_each=2, blind="double")
    case.to_review()
    case.do("l0", Leave())
    case.do("fay", ReallocateReviews(round_id=case.round_id))
    events = published(case.log)
    check(events)
    assert {each["participant"]["name"] for each in of(events, "review.withdrawn")} == {"l0"}
    assert {each["reason"] for each in of(events, "review.withdrawn")} == {"left"}
    again = [each for each in of(events, "review.assigned") if each["reassigned"]]
    assert len(again) == len(of(events, "review.withdrawn"))
    assert "l0" not in {each["participant"]["name"] for each in again}


def test_work_handed_in_again_says_so() -> None:
    case = Reviewing(2, reviews_each=1)
    case.submit("l0")
    case.draft("l0", "Better.", coauthor_ids=(ParticipantId("l1"),))
    case.do("l0", SubmitWork(round_id=case.round_id))
    first, second = of(published(case.log), "submission.shared")
    assert (first["again"], second["again"]) == (False, True)
    assert [each["name"] for each in second["coauthors"]] == ["l1"]


def test_a_review_assigned_by_hand_is_told() -> None:
    case = Reviewing(4, reviews_each=1, blind="none")
    case.to_review()
    taken = {(each.reviewer_id, each.submission_id) for each in case.reviews()}
    submission_id = case.submission_of("l0")
    reviewer = next(who for who in ("l1", "l2", "l3") if (ParticipantId(who), submission_id) not in taken)
    before = len(of(published(case.log), "review.assigned"))
    case.do("fay", AssignReview(submission_id=submission_id, reviewer_id=ParticipantId(reviewer)))
    told = of(published(case.log), "review.assigned")[before:]
    assert [(each["participant"]["name"], each["submission_id"]) for each in told] == [(reviewer, submission_id)]


def test_every_published_event_of_reviews_is_told_in_one_of_these_stories() -> None:
    case = Reviewing(5, reviews_each=2)
    case.to_review()
    case.do("l0", Leave())
    case.do("fay", ReallocateReviews(round_id=case.round_id))
    told = {*names(published(case.log)), *names(published(played("double").log))}
    of_reviews = ("review", "submission")
    assert {each.NAME for each in CATALOGUE if each.NAME.startswith(of_reviews)} == {
        name for name in told if name.startswith(of_reviews)
    }
