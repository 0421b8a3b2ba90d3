"""Peer review."""

from typing import Literal

from rooms.events.review import LatePhase, NewCriterion, ReviewRoundSettings
from rooms.ids import CriterionId, ParticipantId, ReviewId, ReviewRoundId, SubmissionId
from rooms.messages import message


@message
class CreateReviewRound:
    """Prepare a round. Learners do not see it before it is started."""

    settings: ReviewRoundSettings
    criteria: tuple[NewCriterion, ...]
    type: Literal["CreateReviewRound"] = "CreateReviewRound"


@message
class StartReviewRound:
    """Begin with the phase `submit`."""

    round_id: ReviewRoundId
    type: Literal["StartReviewRound"] = "StartReviewRound"


@message
class AdvanceReviewRound:
    """End the phase that runs, or the turn of the discussion, and begin the next."""

    round_id: ReviewRoundId
    type: Literal["AdvanceReviewRound"] = "AdvanceReviewRound"


@message
class CloseReviewRound:
    """End the round, whatever runs. Final."""

    round_id: ReviewRoundId
    type: Literal["CloseReviewRound"] = "CloseReviewRound"


@message
class ExtendReviewPhase:
    """Give everybody more time (or less) for the phase that runs; without a timer it gets one from now."""

    round_id: ReviewRoundId
    by_ms: int
    type: Literal["ExtendReviewPhase"] = "ExtendReviewPhase"


@message
class GiveReviewTime:
    """Give one person more time for submitting or reviewing, before, while or after that phase runs."""

    round_id: ReviewRoundId
    participant_id: ParticipantId
    phase: LatePhase
    extra_ms: int
    type: Literal["GiveReviewTime"] = "GiveReviewTime"


@message
class DraftWork:
    """Keep what the actor has written so far; it replaces what was kept."""

    round_id: ReviewRoundId
    text: str = ""
    link: str = ""
    file_id: str | None = None
    file_name: str = ""
    coauthor_ids: tuple[ParticipantId, ...] = ()
    type: Literal["DraftWork"] = "DraftWork"


@message
class SubmitWork:
    """Hand in what was drafted; until the time is over it can be drafted and handed in again."""

    round_id: ReviewRoundId
    type: Literal["SubmitWork"] = "SubmitWork"


@message
class AssignReview:
    """Let somebody review a submission, whatever the allocation."""

    submission_id: SubmissionId
    reviewer_id: ParticipantId
    type: Literal["AssignReview"] = "AssignReview"


@message
class WithdrawReview:
    """Take an unfinished review from its reviewer."""

    review_id: ReviewId
    type: Literal["WithdrawReview"] = "WithdrawReview"


@message
class ReallocateReviews:
    """Give unfinished reviews of people who left to others, and complete what lacks. Happens by itself when reviewing begins."""

    round_id: ReviewRoundId
    type: Literal["ReallocateReviews"] = "ReallocateReviews"


@message
class WriteMark:
    """Judge by one criterion; kept as it is typed, and replaced by a later one until the review is submitted."""

    review_id: ReviewId
    criterion_id: CriterionId
    score: int | None = None
    comment: str = ""
    type: Literal["WriteMark"] = "WriteMark"


@message
class SubmitReview:
    review_id: ReviewId
    type: Literal["SubmitReview"] = "SubmitReview"


@message
class RateReview:
    """Say how helpful a review of one's own work was, from 1 to 5."""

    review_id: ReviewId
    rating: int
    comment: str = ""
    type: Literal["RateReview"] = "RateReview"
