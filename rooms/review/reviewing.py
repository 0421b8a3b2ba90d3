"""Judging by the rubric, handing reviews in, and rating them (RV11, RV16)."""

from collections.abc import Iterator

from rooms.commands import Stamp
from rooms.commands.review import RateReview, SubmitReview, WriteMark
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.review import Criterion, MarkWritten, ReviewRated, ReviewSubmitted
from rooms.ids import CriterionId, ParticipantId
from rooms.review import limits
from rooms.review.lookup import may_submit_review, own_review, received_review, wrong_phase
from rooms.review_state import Mark, Rating, Review, ReviewRound
from rooms.state import WorkshopState
from rooms.text import cleaned


def decide_mark(state: WorkshopState, command: WriteMark, stamp: Stamp) -> tuple[Event, ...]:
    found, review = own_review(state, command.review_id, stamp.actor)
    if found.phase != "read" and not may_submit_review(found, stamp.actor, stamp.now_ms):
        raise wrong_phase(found, "Reviewing")
    if review.submitted:
        raise Rejected("review_submitted", "This review is submitted and cannot be changed any more.", rule="RV11")
    criterion = found.criteria.get(command.criterion_id)
    if criterion is None:
        message = f"The rubric has no criterion with the id {command.criterion_id!r}."
        raise Rejected("unknown_criterion", message, rule="RV11")
    _check_score(criterion, command.score)
    comment = cleaned(command.comment, "comment", limits.MAX_COMMENT_CHARS, rule="RV11", may_be_empty=True)
    if comment and criterion.comment == "none":
        raise Rejected("no_comment_wanted", f"“{criterion.title}” takes no comment.", rule="RV11")
    if review.marks.get(command.criterion_id, Mark()) == Mark(score=command.score, comment=comment):
        return ()
    return (
        MarkWritten(
            review_id=review.review_id,
            reviewer_id=review.reviewer_id,
            criterion_id=command.criterion_id,
            score=command.score,
            comment=comment,
        ),
    )


def _check_score(criterion: Criterion, score: int | None) -> None:
    if score is None:
        return
    if criterion.scale is None:
        raise Rejected("no_score_wanted", f"“{criterion.title}” takes a comment, not a score.", rule="RV11")
    if not criterion.scale.least <= score <= criterion.scale.most:
        message = (
            f"{score} is not on the scale of “{criterion.title}”, {criterion.scale.least} to {criterion.scale.most}."
        )
        raise Rejected("score_out_of_range", message, rule="RV11")


def missing(found: ReviewRound, review: Review) -> tuple[CriterionId, ...]:
    """The criteria without a score or a comment that they need."""
    return tuple(
        criterion.criterion_id
        for criterion in found.criteria.values()
        if _lacks(criterion, review.marks.get(criterion.criterion_id, Mark()))
    )


def _lacks(criterion: Criterion, mark: Mark) -> bool:
    return (criterion.scale is not None and mark.score is None) or (
        criterion.comment == "required" and not mark.comment
    )


def decide_submit(state: WorkshopState, command: SubmitReview, stamp: Stamp) -> tuple[Event, ...]:
    found, review = own_review(state, command.review_id, stamp.actor)
    if review.submitted:
        return ()
    if not may_submit_review(found, stamp.actor, stamp.now_ms):
        raise wrong_phase(found, "Submitting a review")
    lacking = missing(found, review)
    if lacking:
        titles = ", ".join(f"“{found.criteria[each].title}”" for each in lacking)
        raise Rejected("review_incomplete", f"The review still needs: {titles}.", rule="RV11")
    return (ReviewSubmitted(review_id=review.review_id),)


def completed(found: ReviewRound, reviewer: ParticipantId | None, spared: set[ParticipantId]) -> Iterator[Event]:
    """Complete reviews that were not submitted, submitted for their reviewers because their time is over.

    Of one reviewer, or of everybody but those `spared`. A review with nothing in it is never complete: every rubric asks for
    something, but it may all be optional.
    """
    for review in found.reviews.values():
        whose = review.reviewer_id
        if review.submitted or not review.marks or whose in spared or reviewer not in (None, whose):
            continue
        if not missing(found, review):
            yield ReviewSubmitted(review_id=review.review_id, automatic=True)


def decide_rate(state: WorkshopState, command: RateReview, stamp: Stamp) -> tuple[Event, ...]:
    found, review = received_review(state, command.review_id, stamp.actor)
    if found.phase != "feedback":
        raise wrong_phase(found, "Rating a review")
    if not 1 <= command.rating <= limits.MAX_RATING:
        message = f"A rating goes from 1 to {limits.MAX_RATING}; this is {command.rating}."
        raise Rejected("rating_out_of_range", message, rule="RV16")
    comment = cleaned(command.comment, "comment", limits.MAX_COMMENT_CHARS, rule="RV16", may_be_empty=True)
    if review.rating == Rating(author_id=stamp.actor, rating=command.rating, comment=comment):
        return ()
    return (ReviewRated(review_id=review.review_id, author_id=stamp.actor, rating=command.rating, comment=comment),)
