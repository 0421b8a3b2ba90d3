"""What viewers see of peer review. Who may know what is decided by who gets which record.

Before the reveal nothing that connects a person with a submission or a review goes to anybody but the facilitators and
that person; a `reviewed_work` and a `feedback` have no names then. A submission's and a review's id say nothing: they are drawn.
"""

from typing import Literal

from rooms.events.review import Criterion, LatePhase, Phase, ReviewRoundSettings
from rooms.explanation import Reason
from rooms.ids import CriterionId, ParticipantId, ReviewId, ReviewRoundId, RoomId, SubmissionId
from rooms.messages import message


@message
class ReviewRoundRecord:
    """Key `review_round:<round_id>`; the facilitators, and everybody once it has been started."""

    kind: Literal["review_round"] = "review_round"
    round_id: ReviewRoundId
    seq: int
    settings: ReviewRoundSettings
    criteria: tuple[Criterion, ...]
    phase: Phase
    ends_at_ms: int | None
    turn: int
    """Of the discussion, from 1; 0 in other phases."""
    turns: int
    revealed: bool


@message
class PersonalTime:
    """`until_ms` once the phase is over for the others."""

    participant_id: ParticipantId
    phase: LatePhase
    extra_ms: int
    until_ms: int | None


@message
class ReviewProgressRecord:
    """Key `review_progress:<round_id>`; the facilitators."""

    kind: Literal["review_progress"] = "review_progress"
    round_id: ReviewRoundId
    drafts: int
    """People who have written something."""
    submissions: int
    assigned: int
    done: int
    """Of the assigned reviews; authors' own count in neither."""
    personal_times: tuple[PersonalTime, ...]
    explanation: tuple[Reason, ...]
    """Of the last allocation."""


@message
class MyWorkRecord:
    """Key `my_work:<round_id>:<participant_id>`; that person only: the draft, and how much longer they have."""

    kind: Literal["my_work"] = "my_work"
    round_id: ReviewRoundId
    participant_id: ParticipantId
    text: str
    link: str
    file_id: str | None
    file_name: str
    coauthor_ids: tuple[ParticipantId, ...]
    submission_id: SubmissionId | None
    """What they are an author of."""
    changed: bool
    """The draft is not what was handed in."""
    personal_times: tuple[PersonalTime, ...]


@message
class SubmissionRecord:
    """Key `submission:<submission_id>`; its authors and the facilitators."""

    kind: Literal["submission"] = "submission"
    submission_id: SubmissionId
    round_id: ReviewRoundId
    author_ids: tuple[ParticipantId, ...]
    text: str
    link: str
    file_id: str | None
    file_name: str


@message
class ReviewedWorkRecord:
    """Key `reviewed_work:<submission_id>`; its reviewers, from when they may read it."""

    kind: Literal["reviewed_work"] = "reviewed_work"
    submission_id: SubmissionId
    round_id: ReviewRoundId
    author_ids: tuple[ParticipantId, ...]
    """None while the authors are hidden."""
    text: str
    link: str
    file_id: str | None
    file_name: str
    """Empty while the authors are hidden: people put their names into file names."""


@message
class MarkItem:
    criterion_id: CriterionId
    score: int | None
    comment: str


@message
class RatingItem:
    rating: int
    comment: str


@message
class ReviewRecord:
    """Key `review:<review_id>`; its reviewer, from when they may read the work."""

    kind: Literal["review"] = "review"
    review_id: ReviewId
    round_id: ReviewRoundId
    submission_id: SubmissionId
    own: bool
    marks: tuple[MarkItem, ...]
    missing: tuple[CriterionId, ...]
    """What is still needed before it can be submitted."""
    submitted: bool
    rating: RatingItem | None
    """What the author thinks of it, once the round is closed."""


@message
class AssignmentRecord:
    """Key `assignment:<review_id>`; the facilitators."""

    kind: Literal["assignment"] = "assignment"
    review_id: ReviewId
    round_id: ReviewRoundId
    submission_id: SubmissionId
    reviewer_id: ParticipantId
    own: bool
    by_hand: bool
    status: Literal["open", "started", "submitted"]
    marks: tuple[MarkItem, ...]
    """Once it is submitted."""
    rating: RatingItem | None


@message
class FeedbackRecord:
    """Key `feedback:<review_id>`; the authors, from when the time for reviewing is over."""

    kind: Literal["feedback"] = "feedback"
    review_id: ReviewId
    round_id: ReviewRoundId
    submission_id: SubmissionId
    reviewer_id: ParticipantId | None
    """Null while the reviewers are hidden."""
    own: bool
    marks: tuple[MarkItem, ...]
    rating: RatingItem | None


@message
class CriterionResult:
    """Of the reviewers' scores by one criterion; `spread` is their standard deviation."""

    criterion_id: CriterionId
    count: int
    median: float
    lowest: int
    highest: int
    spread: float


@message
class ReviewResultRecord:
    """Key `review_result:<submission_id>`; the authors and the facilitators, from when the time for reviewing is over."""

    kind: Literal["review_result"] = "review_result"
    submission_id: SubmissionId
    round_id: ReviewRoundId
    reviews: int
    criteria: tuple[CriterionResult, ...]
    overall_percent: float | None
    """Weighted mean of the medians, each from 0 (the scale's least) to 100 (its most)."""
    agreement_percent: float | None
    """100 when all reviewers gave the same scores, 0 when they are as far apart as the scales go; null for fewer than two."""


@message
class DiscussionRecord:
    """Key `discussion:<submission_id>`; who takes part in it and the facilitators, while it runs."""

    kind: Literal["discussion"] = "discussion"
    submission_id: SubmissionId
    round_id: ReviewRoundId
    room_id: RoomId
    participant_ids: tuple[ParticipantId, ...]


ReviewRecords = (
    ReviewRoundRecord | ReviewProgressRecord | MyWorkRecord | SubmissionRecord | ReviewedWorkRecord | ReviewRecord
    | AssignmentRecord | FeedbackRecord | ReviewResultRecord | DiscussionRecord
)  # fmt: skip
