"""The published events of peer review.

Blindness. Whose work somebody reviews is told only when the people themselves may know it: in a round that is not blind at
once, in a blind one when the names are revealed (`ReviewMatched`), or never. Until then `review_id` and `submission_id` are
null in everything about one person, and what is told together stands in the order of the people's ids.
"""

from typing import ClassVar, Literal

from rooms.events.review import Blind, Phase
from rooms.ids import CriterionId, ReviewId, ReviewRoundId, SubmissionId
from rooms.messages import message
from server.publish.catalogue.data import Account, Data


@message
class ReviewRoundOpened(Data):
    NAME: ClassVar[str] = "review_round.opened"
    round_id: ReviewRoundId
    title: str
    reviews_each: int
    blind: Blind


@message
class ReviewRoundPhaseStarted(Data):
    """`turn` of `turns` discussions that follow one another, from 1; 0 in other phases."""

    NAME: ClassVar[str] = "review_round.phase_started"
    round_id: ReviewRoundId
    phase: Phase
    ends_at_ms: int | None
    turn: int
    turns: int


@message
class ReviewRoundClosed(Data):
    """`reviews_done` of `reviews_assigned`, authors' reviews of their own work not counted."""

    NAME: ClassVar[str] = "review_round.closed"
    round_id: ReviewRoundId
    submissions: int
    reviews_assigned: int
    reviews_done: int
    duration_ms: int


@message
class SubmissionShared(Data):
    """Somebody (`participant`) handed in work, with co-authors or alone; `again` in place of what they had handed in before;
    `automatic`: it was taken when the time was over."""

    NAME: ClassVar[str] = "submission.shared"
    round_id: ReviewRoundId
    submission_id: SubmissionId | None
    coauthors: tuple[Account, ...]
    again: bool
    automatic: bool


@message
class CriterionSummary:
    """`count` scores; `spread` is their standard deviation."""

    criterion_id: CriterionId
    title: str
    least: int
    most: int
    count: int
    median: float
    spread: float


@message
class SubmissionResult(Data):
    """What the reviews of somebody's work came to, when the round closed. Percentages are of the scales' spans, weighted."""

    NAME: ClassVar[str] = "submission.result"
    round_id: ReviewRoundId
    submission_id: SubmissionId | None
    reviews: int
    criteria: tuple[CriterionSummary, ...]
    overall_percent: float | None
    agreement_percent: float | None


@message
class ReviewAssigned(Data):
    """Somebody is to review; `reassigned`: in place of somebody who left; `own`: their own work."""

    NAME: ClassVar[str] = "review.assigned"
    round_id: ReviewRoundId
    review_id: ReviewId | None
    submission_id: SubmissionId | None
    own: bool
    reassigned: bool


@message
class ReviewWithdrawn(Data):
    """Somebody is no longer to do a review: a facilitator said so, or they `left`."""

    NAME: ClassVar[str] = "review.withdrawn"
    round_id: ReviewRoundId
    review_id: ReviewId | None
    reason: Literal["by_hand", "left"]


@message
class ReviewSubmitted(Data):
    """`automatic`: it was complete when the time was over."""

    NAME: ClassVar[str] = "review.submitted"
    round_id: ReviewRoundId
    review_id: ReviewId | None
    submission_id: SubmissionId | None
    own: bool
    automatic: bool


@message
class ReviewMatched(Data):
    """The names were revealed: this reviewer (`participant`) has reviewed this submission, of these authors."""

    NAME: ClassVar[str] = "review.matched"
    round_id: ReviewRoundId
    review_id: ReviewId
    submission_id: SubmissionId
    authors: tuple[Account, ...]


@message
class ReviewRated(Data):
    """An author (`participant`) says what a review was worth to them, from 1 to 5."""

    NAME: ClassVar[str] = "review.rated"
    round_id: ReviewRoundId
    review_id: ReviewId | None
    rating: int
