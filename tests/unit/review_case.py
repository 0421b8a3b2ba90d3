"""A peer review round in a workshop, for tests: commands by short names, and what people see."""

from typing import Any, TypeVar

from rooms.commands.review import (
    AdvanceReviewRound,
    CreateReviewRound,
    DraftWork,
    NewCriterion,
    StartReviewRound,
    SubmitReview,
    SubmitWork,
    WriteMark,
)
from rooms.events import Event
from rooms.events.review import PhaseTimes, ReviewRoundCreated, ReviewRoundSettings, Scale
from rooms.ids import ParticipantId, ReviewId, SubmissionId
from rooms.review_state import Review, ReviewRound
from tests.unit.workshop_case import Workshop

RUBRIC = (
    NewCriterion(title="Clarity", scale=Scale(least=1, most=5), weight=3),
    NewCriterion(title="Depth", scale=Scale(least=0, most=10), weight=1, comment="required"),
    NewCriterion(title="Anything else"),
)
R = TypeVar("R")


class Reviewing(Workshop):
    """`fay` and learners `l0`, `l1`, … in a round that is in the phase `submit`."""

    def __init__(
        self,
        learners: int = 4,
        *,
        criteria: tuple[NewCriterion, ...] = RUBRIC,
        times: PhaseTimes | None = None,
        start: bool = True,
        seed: int = 0,
        programme: str = "",
        **settings: Any,
    ) -> None:
        super().__init__(seed=seed, programme=programme)
        self.learners = self.crowd(learners)
        given = ReviewRoundSettings(title="Round", times=times or PhaseTimes(), **settings)
        (created,) = self.do("fay", CreateReviewRound(settings=given, criteria=criteria))
        assert isinstance(created, ReviewRoundCreated)
        self.round_id = created.round_id
        self.criteria = [criterion.criterion_id for criterion in created.criteria]
        if start:
            self.do("fay", StartReviewRound(round_id=self.round_id))

    @property
    def round(self) -> ReviewRound:
        return self.state.review_rounds[self.round_id]

    def draft(self, who: str, text: str = "", **fields: Any) -> tuple[Event, ...]:
        return self.do(who, DraftWork(round_id=self.round_id, text=text or f"By {who}.", **fields))

    def submit(self, *people: str) -> None:
        for who in people:
            self.draft(who)
            self.do(who, SubmitWork(round_id=self.round_id))

    def advance(self, times: int = 1) -> tuple[Event, ...]:
        for _ in range(times):
            events = self.do("fay", AdvanceReviewRound(round_id=self.round_id))
        return events

    def to_review(self, **fields: Any) -> None:
        """Everybody has handed in, and reviewing runs."""
        self.submit(*self.learners)
        self.advance()

    def reviews(self, *, by: str | None = None, of: str | None = None) -> list[Review]:
        """Reviews by a reviewer, or of an author's submission; authors' own left out."""
        submission = self.round.submission_of[ParticipantId(of)] if of else None
        return [
            review
            for review in self.round.reviews.values()
            if not review.own and by in (None, review.reviewer_id) and submission in (None, review.submission_id)
        ]

    def mark(self, review: Review | ReviewId, scores: tuple[int, int] = (3, 5), comment: str = "Good.") -> None:
        """Write the marks of a complete review."""
        review_id = review if isinstance(review, str) else review.review_id
        who = self.round.reviews[review_id].reviewer_id
        self.do(who, WriteMark(review_id=review_id, criterion_id=self.criteria[0], score=scores[0]))
        self.do(who, WriteMark(review_id=review_id, criterion_id=self.criteria[1], score=scores[1], comment=comment))

    def finish(self, review: Review, scores: tuple[int, int] = (3, 5), comment: str = "Good.") -> None:
        self.mark(review, scores, comment)
        self.do(review.reviewer_id, SubmitReview(review_id=review.review_id))

    def finish_all(self) -> None:
        for review in list(self.round.reviews.values()):
            if not review.submitted:
                self.finish(review)

    def records(self, who: str, kind: type[R]) -> list[R]:
        return [record for record in self.sees(who).values() if isinstance(record, kind)]

    def submission_of(self, who: str) -> SubmissionId:
        return self.round.submission_of[ParticipantId(who)]


def only(records: list[R]) -> R:
    (record,) = records
    return record
