"""The state of peer review rounds. Written by `rooms.review` only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rooms.events.review import Criterion, Discussion, LatePhase, Phase, ReviewRoundSettings
from rooms.explanation import Reason
from rooms.ids import CriterionId, ParticipantId, ReviewId, ReviewRoundId, RoundId, SubmissionId


@dataclass(slots=True)
class Work:
    """What somebody wrote, drafted or handed in."""

    author_id: ParticipantId
    coauthor_ids: tuple[ParticipantId, ...]
    text: str
    link: str
    file_id: str | None
    file_name: str

    @property
    def author_ids(self) -> tuple[ParticipantId, ...]:
        return (self.author_id, *self.coauthor_ids)

    @property
    def empty(self) -> bool:
        return not (self.text or self.link or self.file_id)


@dataclass(slots=True)
class Mark:
    score: int | None = None
    comment: str = ""


@dataclass(slots=True)
class Rating:
    author_id: ParticipantId
    rating: int
    comment: str


@dataclass(slots=True)
class Review:
    review_id: ReviewId
    submission_id: SubmissionId
    reviewer_id: ParticipantId
    own: bool
    by_hand: bool
    marks: dict[CriterionId, Mark] = field(default_factory=dict)
    submitted: bool = False
    rating: Rating | None = None


@dataclass(slots=True)
class ReviewRound:
    """A round with all its work and reviews. The counts and indexes are kept so that no event costs a look at everything."""

    round_id: ReviewRoundId
    seq: int
    settings: ReviewRoundSettings
    criteria: Mapping[CriterionId, Criterion]
    phase: Phase = "draft"
    ends_at_ms: int | None = None
    revealed: bool = False
    drafts: dict[ParticipantId, Work] = field(default_factory=dict)
    submissions: dict[SubmissionId, Work] = field(default_factory=dict)
    submission_of: dict[ParticipantId, SubmissionId] = field(default_factory=dict)
    """Every author, also those named by another."""
    reviews: dict[ReviewId, Review] = field(default_factory=dict)
    reviews_of: dict[SubmissionId, set[ReviewId]] = field(default_factory=dict)
    assigned: int = 0
    """Reviews other than authors' own."""
    done: int = 0
    """Those of them that are submitted."""
    extra_ms: dict[LatePhase, dict[ParticipantId, int]] = field(default_factory=lambda: {"submit": {}, "review": {}})
    """More time for people, to be had when the phase is over for everybody else."""
    until_ms: dict[LatePhase, dict[ParticipantId, int]] = field(default_factory=lambda: {"submit": {}, "review": {}})
    """People who may still do what others may no longer → until when."""
    explanation: tuple[Reason, ...] = ()
    turns: tuple[tuple[SubmissionId, ...], ...] = ()
    turn: int = 0
    discussions: dict[SubmissionId, Discussion] = field(default_factory=dict)
    """Those that run."""
    breakouts_id: RoundId | None = None
    """The breakout rooms they are in."""
    interrupted_id: RoundId | None = None
    """The breakouts that people go back to after the discussions."""
