"""What the reviews of a submission come to (RV15): per criterion and together, and how much the reviewers agree."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median, pstdev

from rooms.events.review import Criterion
from rooms.ids import SubmissionId
from rooms.review_records import CriterionResult, ReviewResultRecord
from rooms.review_state import Review, ReviewRound


def result_of(found: ReviewRound, submission_id: SubmissionId) -> ReviewResultRecord:
    """From submitted reviews of others; authors' own count in nothing."""
    reviews = [
        review
        for review_id in found.reviews_of.get(submission_id, ())
        if (review := found.reviews[review_id]).submitted and not review.own
    ]
    scored = [
        (criterion, scores)
        for criterion in found.criteria.values()
        if criterion.scale is not None and (scores := _scores(reviews, criterion))
    ]
    return ReviewResultRecord(
        submission_id=submission_id,
        round_id=found.round_id,
        reviews=len(reviews),
        criteria=tuple(
            CriterionResult(
                criterion_id=criterion.criterion_id,
                count=len(scores),
                median=float(median(scores)),
                lowest=scores[0],
                highest=scores[-1],
                spread=round(pstdev(scores), 2),
            )
            for criterion, scores in scored
        ),
        overall_percent=_weighted([(criterion, _place(criterion, median(scores))) for criterion, scores in scored]),
        agreement_percent=_weighted(
            [(criterion, _agreement(criterion, scores)) for criterion, scores in scored if len(scores) > 1]
        ),
    )


def _scores(reviews: Sequence[Review], criterion: Criterion) -> list[int]:
    """In rising order, so that nothing is told by their order."""
    marks = (review.marks.get(criterion.criterion_id) for review in reviews)
    return sorted(mark.score for mark in marks if mark is not None and mark.score is not None)


def _span(criterion: Criterion) -> int:
    assert criterion.scale is not None
    return criterion.scale.most - criterion.scale.least


def _place(criterion: Criterion, score: float) -> float:
    """Where a score stands on its scale, from 0 to 1."""
    assert criterion.scale is not None
    return (score - criterion.scale.least) / _span(criterion)


def _agreement(criterion: Criterion, scores: Sequence[int]) -> float:
    """1 less the mean distance of two reviewers' scores, as a part of the scale."""
    distances = [abs(one - other) for one, other in combinations(scores, 2)]
    return 1 - sum(distances) / len(distances) / _span(criterion)


def _weighted(parts: Sequence[tuple[Criterion, float]]) -> float | None:
    """The mean in percent, by the criteria's weights; None without any weight."""
    total = sum(criterion.weight for criterion, _ in parts)
    if not total:
        return None
    return round(100 * sum(criterion.weight * part for criterion, part in parts) / total, 1)
