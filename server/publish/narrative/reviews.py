"""Peer review: the round and its phases, work, reviews, results. `server.publish.catalogue.reviews` says what stays untold.

Each of these is what one event says, so it is told from the event; only `again`, `reassigned` and durations need a memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rooms.events.review import (
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewRated,
    ReviewsAssigned,
    ReviewSubmitted,
    ReviewsWithdrawn,
    WorkSubmitted,
)
from rooms.ids import ParticipantId, ReviewRoundId, SubmissionId
from rooms.review.lookup import authors_hidden, reviewers_hidden
from rooms.review.results import result_of
from rooms.review_state import Review, ReviewRound
from server.publish import catalogue as c
from server.publish.catalogue import reviews as r
from server.publish.narrative.telling import Now, Told


@dataclass(slots=True)
class _RoundTold:
    opened_at_ms: int
    shared: set[SubmissionId] = field(default_factory=set)
    lost: dict[SubmissionId, int] = field(default_factory=dict)
    """Reviews of a submission that were withdrawn because the reviewer left, and are not yet given to another."""
    reviewer_of: dict[str, ParticipantId] = field(default_factory=dict)
    """A withdrawn review is no longer in the state."""
    submission_of: dict[str, SubmissionId] = field(default_factory=dict)


class ReviewsTold:
    """What was told of every round."""

    def __init__(self) -> None:
        self._rounds: dict[ReviewRoundId, _RoundTold] = {}

    def reviews(self, now: Now) -> Iterator[Told]:
        match now.recorded.event:
            case ReviewPhaseStarted() as event:
                yield from self._phase(now, event)
            case WorkSubmitted() as event:
                yield from self._shared(now, event)
            case ReviewsAssigned() as event:
                yield from self._assigned(now, event)
            case ReviewsWithdrawn() as event:
                yield from self._withdrawn(now, event)
            case ReviewSubmitted() as event:
                yield _submitted(now, event)
            case ReviewNamesRevealed() as event:
                yield from _matched(now, now.state.review_rounds[event.round_id])
            case ReviewRated() as event:
                found = now.state.review_rounds[now.state.round_of_review[event.review_id]]
                review_id = event.review_id if _open(found) else None
                fields = {"round_id": found.round_id, "review_id": review_id, "rating": event.rating}
                yield now.about(r.ReviewRated, event.author_id, None, **fields)

    def _phase(self, now: Now, event: ReviewPhaseStarted) -> Iterator[Told]:
        found = now.state.review_rounds[event.round_id]
        told = self._rounds.get(event.round_id)
        subject = f"review-rounds/{event.round_id}"
        if told is None:
            told = self._rounds[event.round_id] = _RoundTold(opened_at_ms=now.at_ms)
            settings = found.settings
            what: dict[str, Any] = {
                "title": settings.title,
                "reviews_each": settings.reviews_each,
                "blind": settings.blind,
            }
            yield now.told(r.ReviewRoundOpened, subject, round_id=event.round_id, **what)
        if event.phase != "closed":
            when: dict[str, Any] = {"ends_at_ms": event.ends_at_ms, "turn": event.turn, "turns": event.turns}
            yield now.told(r.ReviewRoundPhaseStarted, subject, round_id=event.round_id, phase=event.phase, **when)
            return
        for who, submission_id in sorted((work.author_id, each) for each, work in found.submissions.items()):
            yield _result(now, found, submission_id, who)
        yield now.told(
            r.ReviewRoundClosed,
            subject,
            round_id=event.round_id,
            submissions=len(found.submissions),
            reviews_assigned=found.assigned,
            reviews_done=found.done,
            duration_ms=now.at_ms - told.opened_at_ms,
        )

    def _shared(self, now: Now, event: WorkSubmitted) -> Iterator[Told]:
        found, told = now.state.review_rounds[event.round_id], self._rounds[event.round_id]
        again = event.submission_id in told.shared
        told.shared.add(event.submission_id)
        yield now.about(
            r.SubmissionShared,
            event.author_id,
            None,
            round_id=event.round_id,
            submission_id=event.submission_id if _open(found) else None,
            coauthors=_accounts(now, found.submissions[event.submission_id].coauthor_ids),
            again=again,
            automatic=event.automatic,
        )

    def _assigned(self, now: Now, event: ReviewsAssigned) -> Iterator[Told]:
        found, told = now.state.review_rounds[event.round_id], self._rounds[event.round_id]
        known = _open(found)
        for each in sorted(event.reviews, key=lambda each: (each.reviewer_id, each.review_id)):
            told.reviewer_of[each.review_id] = each.reviewer_id
            told.submission_of[each.review_id] = each.submission_id
            reassigned = not each.own and told.lost.get(each.submission_id, 0) > 0
            if reassigned:
                told.lost[each.submission_id] -= 1
            yield now.about(
                r.ReviewAssigned,
                each.reviewer_id,
                None,
                round_id=event.round_id,
                review_id=each.review_id if known else None,
                submission_id=each.submission_id if known else None,
                own=each.own,
                reassigned=reassigned,
            )

    def _withdrawn(self, now: Now, event: ReviewsWithdrawn) -> Iterator[Told]:
        found, told = now.state.review_rounds[event.round_id], self._rounds[event.round_id]
        for reviewer_id, review_id in sorted((told.reviewer_of[each], each) for each in event.review_ids):
            if event.reason == "left":
                submission_id = told.submission_of[review_id]
                told.lost[submission_id] = told.lost.get(submission_id, 0) + 1
            fields = {"review_id": review_id if _open(found) else None, "reason": event.reason}
            yield now.about(r.ReviewWithdrawn, reviewer_id, None, round_id=event.round_id, **fields)


def _open(found: ReviewRound) -> bool:
    """Whether authors and reviewers know each other."""
    return not authors_hidden(found) and not reviewers_hidden(found)


def _accounts(now: Now, people: Iterable[ParticipantId]) -> tuple[c.Account, ...]:
    return tuple(now.account(who) for who in people)


def _submitted(now: Now, event: ReviewSubmitted) -> Told:
    found = now.state.review_rounds[now.state.round_of_review[event.review_id]]
    review, known = found.reviews[event.review_id], _open(found)
    return now.about(
        r.ReviewSubmitted,
        review.reviewer_id,
        None,
        round_id=found.round_id,
        review_id=review.review_id if known else None,
        submission_id=review.submission_id if known else None,
        own=review.own,
        automatic=event.automatic,
    )


def _matched(now: Now, found: ReviewRound) -> Iterator[Told]:
    def place(review: Review) -> tuple[str, str]:
        return review.reviewer_id, review.review_id

    if found.settings.blind == "none":
        return
    for review in sorted(found.reviews.values(), key=place):
        authors = _accounts(now, found.submissions[review.submission_id].author_ids)
        ids = {"review_id": review.review_id, "submission_id": review.submission_id}
        yield now.about(r.ReviewMatched, review.reviewer_id, None, round_id=found.round_id, authors=authors, **ids)


def _result(now: Now, found: ReviewRound, submission_id: SubmissionId, author_id: ParticipantId) -> Told:
    result = result_of(found, submission_id)
    criteria = []
    for each in result.criteria:
        criterion = found.criteria[each.criterion_id]
        assert criterion.scale is not None
        criteria.append(
            r.CriterionSummary(
                criterion_id=each.criterion_id,
                title=criterion.title,
                least=criterion.scale.least,
                most=criterion.scale.most,
                count=each.count,
                median=each.median,
                spread=each.spread,
            )
        )
    return now.about(
        r.SubmissionResult,
        author_id,
        None,
        round_id=found.round_id,
        submission_id=submission_id if _open(found) else None,
        reviews=result.reviews,
        criteria=tuple(criteria),
        overall_percent=result.overall_percent,
        agreement_percent=result.agreement_percent,
    )
