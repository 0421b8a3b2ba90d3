"""Peer review: a round of timed phases, work, reviews by a rubric, discussion, ratings."""

from typing import Literal

from rooms.explanation import Reason
from rooms.ids import CriterionId, ParticipantId, ReviewId, ReviewRoundId, RoomId, RoundId, SubmissionId
from rooms.messages import message, personal

Phase = Literal["draft", "submit", "read", "review", "discuss", "feedback", "closed"]
LatePhase = Literal["submit", "review"]
"""What a person can be given more time for."""
Blind = Literal["none", "reviewer", "double"]
"""Who does not know whom before the reveal: `reviewer`: authors not their reviewers; `double`: nor reviewers the authors."""
Reveal = Literal["after_review", "closed", "never"]
GroupRule = Literal["any", "other", "same"]
CommentRule = Literal["required", "optional", "none"]


@message
class Anchor:
    """What a score stands for, in words."""

    score: int
    text: str


@message
class Scale:
    """Whole scores from `least` to `most`."""

    least: int
    most: int
    anchors: tuple[Anchor, ...] = ()


@message
class Criterion:
    """One thing to judge: by a score, a comment, or both."""

    criterion_id: CriterionId
    title: str
    description: str = ""
    scale: Scale | None = None
    weight: int = 1
    comment: CommentRule = "optional"


@message
class NewCriterion:
    """A criterion to be; without a scale it takes a comment only."""

    title: str
    description: str = ""
    scale: Scale | None = None
    weight: int = 1
    comment: CommentRule = "optional"


@message
class PhaseTimes:
    """How long each phase lasts, in milliseconds; null: until it is ended by hand. 0 leaves out reading, discussing or
    feedback. `discuss_ms` is the time of one turn: everybody can be in one discussion at a time."""

    submit_ms: int | None = None
    read_ms: int | None = 0
    review_ms: int | None = None
    discuss_ms: int | None = 0
    feedback_ms: int | None = None


@message
class ReviewRoundSettings:
    title: str
    instructions: str = ""
    reviews_each: int = 3
    group_rule: GroupRule = "any"
    """Whether reviewers come from other groups, or from the same one, as the last breakout rooms were."""
    max_load: int | None = None
    """Most reviews for one person."""
    blind: Blind = "double"
    reveal: Reveal = "after_review"
    self_review: bool = False
    """Authors review their own work, too; that counts neither as one of the reviews nor in the result."""
    times: PhaseTimes = PhaseTimes()


@message
class ReviewRoundCreated:
    round_id: ReviewRoundId
    settings: ReviewRoundSettings
    criteria: tuple[Criterion, ...]
    type: Literal["ReviewRoundCreated"] = "ReviewRoundCreated"


@message
class ReviewPhaseStarted:
    """The round is in this phase from now on. `turn` counts the turns of the discussion from 1, of `turns`."""

    round_id: ReviewRoundId
    phase: Phase
    ends_at_ms: int | None
    turn: int = 0
    turns: int = 0
    type: Literal["ReviewPhaseStarted"] = "ReviewPhaseStarted"


@message
class ReviewPhaseTimed:
    """The phase that runs ends at another time."""

    round_id: ReviewRoundId
    ends_at_ms: int
    type: Literal["ReviewPhaseTimed"] = "ReviewPhaseTimed"


@message
class ReviewTimeGiven:
    """One person has so much more time for a phase; if it is over, until `until_ms`."""

    round_id: ReviewRoundId
    participant_id: ParticipantId
    phase: LatePhase
    extra_ms: int
    until_ms: int | None = None
    type: Literal["ReviewTimeGiven"] = "ReviewTimeGiven"


@message
class ReviewTimeEnded:
    """The time that one person had longer than the others is over."""

    round_id: ReviewRoundId
    participant_id: ParticipantId
    phase: LatePhase
    type: Literal["ReviewTimeEnded"] = "ReviewTimeEnded"


@message
class WorkDrafted:
    """What somebody has written so far; whole, replacing what was there."""

    round_id: ReviewRoundId
    author_id: ParticipantId
    coauthor_ids: tuple[ParticipantId, ...] = ()
    text: str = personal("author_id")
    link: str = personal("author_id")
    file_id: str | None = None
    file_name: str = personal("author_id")
    type: Literal["WorkDrafted"] = "WorkDrafted"


@message
class WorkSubmitted:
    """The draft is handed in (again: under the same id)."""

    round_id: ReviewRoundId
    submission_id: SubmissionId
    author_id: ParticipantId
    former_author_ids: tuple[ParticipantId, ...] = ()
    """Whom it names no longer as co-authors."""
    automatic: bool = False
    """Taken when the time was over."""
    type: Literal["WorkSubmitted"] = "WorkSubmitted"


@message
class AssignedReview:
    review_id: ReviewId
    submission_id: SubmissionId
    reviewer_id: ParticipantId
    own: bool = False
    """An author's review of their own work."""


@message
class ReviewsAssigned:
    round_id: ReviewRoundId
    reviews: tuple[AssignedReview, ...]
    by_hand: bool = False
    explanation: tuple[Reason, ...] = ()
    type: Literal["ReviewsAssigned"] = "ReviewsAssigned"


@message
class ReviewsWithdrawn:
    """These reviews are no longer to be done; what was written of them is gone."""

    round_id: ReviewRoundId
    review_ids: tuple[ReviewId, ...]
    reason: Literal["by_hand", "left"]
    type: Literal["ReviewsWithdrawn"] = "ReviewsWithdrawn"


@message
class MarkWritten:
    """A reviewer's judgement by one criterion, as far as it is written."""

    review_id: ReviewId
    reviewer_id: ParticipantId
    criterion_id: CriterionId
    score: int | None
    comment: str = personal("reviewer_id")
    type: Literal["MarkWritten"] = "MarkWritten"


@message
class ReviewSubmitted:
    review_id: ReviewId
    automatic: bool = False
    """It was complete when the time was over."""
    type: Literal["ReviewSubmitted"] = "ReviewSubmitted"


@message
class ReviewNamesRevealed:
    """Authors and reviewers are told each other's names from now on."""

    round_id: ReviewRoundId
    type: Literal["ReviewNamesRevealed"] = "ReviewNamesRevealed"


@message
class Discussion:
    """Who talks about a submission in which room."""

    submission_id: SubmissionId
    room_id: RoomId
    participant_ids: tuple[ParticipantId, ...]


@message
class DiscussionsPlanned:
    """Which submissions are discussed in which turn. Nobody is in two discussions of one turn."""

    round_id: ReviewRoundId
    turns: tuple[tuple[SubmissionId, ...], ...]
    type: Literal["DiscussionsPlanned"] = "DiscussionsPlanned"


@message
class DiscussionsStarted:
    round_id: ReviewRoundId
    discussions: tuple[Discussion, ...]
    breakouts_id: RoundId | None = None
    """The breakouts that open for them."""
    interrupted_id: RoundId | None = None
    """The breakouts that people are called away from, and go back to afterwards."""
    type: Literal["DiscussionsStarted"] = "DiscussionsStarted"


@message
class ReviewRated:
    """What an author thinks of a review they got, from 1 to 5."""

    review_id: ReviewId
    author_id: ParticipantId
    rating: int
    comment: str = personal("author_id")
    type: Literal["ReviewRated"] = "ReviewRated"
