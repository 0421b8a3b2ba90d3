"""Giving out reviews: at the end of submitting, late, at the phase boundary, and by hand (RV7 to RV10, RV17)."""

from collections.abc import Iterator, Mapping, Sequence

from rooms.allocation import (
    AllocationRequest,
    Assignment,
    Eligibility,
    OpenReview,
    Submission,
    allocate,
    reassign,
)
from rooms.commands import Stamp
from rooms.commands.review import AssignReview, ReallocateReviews, WithdrawReview
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.review import AssignedReview, ReviewsAssigned, ReviewsWithdrawn
from rooms.explanation import Reason
from rooms.ids import ParticipantId, ReviewId, SubmissionId, derive
from rooms.people import present
from rooms.review.lookup import need_phase, review_of, round_of, submission_of, takes_part
from rooms.review_state import Review, ReviewRound, Work
from rooms.state import WorkshopState


def allot(
    state: WorkshopState, found: ReviewRound, stamp: Stamp, added: Mapping[SubmissionId, Work]
) -> Iterator[Event]:
    """Complete the reviews of all submissions. `added`: submissions that are handed in by events before these."""
    works = {**found.submissions, **added}
    standing = [
        review for review in found.reviews.values() if review.reviewer_id not in works[review.submission_id].author_ids
    ]
    yield from _given_out(state, found, stamp, works, _pairs(standing), (), ())


def reallot(state: WorkshopState, found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    """Move unfinished reviews of people who left, then complete what lacks."""
    standing = [review for review in found.reviews.values() if not review.own]
    moved = reassign(
        _submissions(found.submissions),
        _reviewers(state),
        [
            OpenReview(submission_id=review.submission_id, reviewer_id=review.reviewer_id, submitted=review.submitted)
            for review in standing
        ],
        stamp.entropy,
        _eligibility(state, found),
    )
    gone = {(move.submission_id, move.from_id) for move in moved.moves}
    withdrawn = tuple(review.review_id for review in standing if (review.submission_id, review.reviewer_id) in gone)
    if withdrawn:
        yield ReviewsWithdrawn(round_id=found.round_id, review_ids=withdrawn, reason="left")
    taken_over = [Assignment(submission_id=move.submission_id, reviewer_id=move.to_id) for move in moved.moves]
    kept = [*_pairs([review for review in standing if review.review_id not in withdrawn]), *taken_over]
    yield from _given_out(state, found, stamp, found.submissions, kept, taken_over, moved.explanation)


def _given_out(
    state: WorkshopState,
    found: ReviewRound,
    stamp: Stamp,
    works: Mapping[SubmissionId, Work],
    kept: Sequence[Assignment],
    taken_over: Sequence[Assignment],
    first_reasons: Sequence[Reason],
) -> Iterator[Event]:
    """The new reviews: those taken over, those that complete `kept` (which holds the former), and authors' own."""
    settings = found.settings
    allocation = allocate(
        AllocationRequest(
            submissions=_submissions(works),
            reviewers=_reviewers(state),
            reviews_each=settings.reviews_each,
            eligibility=_eligibility(state, found),
            kept=kept,
            max_load=settings.max_load,
        ),
        stamp.entropy,
    )
    explanation = (*first_reasons, *allocation.explanation)
    new = [(pair.submission_id, pair.reviewer_id, False) for pair in (*taken_over, *allocation.added)]
    if settings.self_review:
        reviewing = {(review.submission_id, review.reviewer_id) for review in found.reviews.values() if review.own}
        new += [
            (submission_id, author, True)
            for submission_id, work in works.items()
            for author in work.author_ids
            if (submission_id, author) not in reviewing
        ]
    if new or explanation != found.explanation:
        yield ReviewsAssigned(
            round_id=found.round_id,
            reviews=tuple(
                AssignedReview(
                    review_id=ReviewId(derive("v", stamp.entropy, index)),
                    submission_id=submission_id,
                    reviewer_id=reviewer,
                    own=own,
                )
                for index, (submission_id, reviewer, own) in enumerate(new)
            ),
            explanation=explanation,
        )


def _submissions(works: Mapping[SubmissionId, Work]) -> list[Submission]:
    return [Submission(id=submission_id, authors=work.author_ids) for submission_id, work in works.items()]


def _pairs(reviews: Sequence[Review]) -> list[Assignment]:
    return [Assignment(submission_id=review.submission_id, reviewer_id=review.reviewer_id) for review in reviews]


def _reviewers(state: WorkshopState) -> list[ParticipantId]:
    return [person.participant_id for person in state.participants.values() if takes_part(person)]


def _eligibility(state: WorkshopState, found: ReviewRound) -> Eligibility:
    return Eligibility(group_rule=found.settings.group_rule, group_of=dict(state.last_group))


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_assign(state: WorkshopState, command: AssignReview, stamp: Stamp) -> tuple[Event, ...]:
    found, work = submission_of(state, command.submission_id)
    need_phase(found, "Assigning", "submit", "read", "review")
    reviewer = present(state, command.reviewer_id, rule="RV9")
    if reviewer.role != "learner":
        raise Rejected("reviewer_role", f"{reviewer.name} is no learner; learners review.", rule="RV9")
    if command.reviewer_id in work.author_ids:
        raise Rejected("own_submission", f"{reviewer.name} is an author of this submission.", rule="RV9")
    reviews = (found.reviews[review_id] for review_id in found.reviews_of.get(command.submission_id, ()))
    if any(review.reviewer_id == command.reviewer_id for review in reviews):
        return ()
    review = AssignedReview(
        review_id=ReviewId(derive("v", stamp.entropy)),
        submission_id=command.submission_id,
        reviewer_id=command.reviewer_id,
    )
    return (ReviewsAssigned(round_id=found.round_id, reviews=(review,), by_hand=True, explanation=found.explanation),)


def decide_withdraw(state: WorkshopState, command: WithdrawReview, _stamp: Stamp) -> tuple[Event, ...]:
    found, review = review_of(state, command.review_id)
    need_phase(found, "Withdrawing a review", "submit", "read", "review")
    if review.submitted or review.own:
        message = "Only a review of somebody else's work that is not submitted yet can be withdrawn."
        raise Rejected("review_submitted", message, rule="RV9")
    return (ReviewsWithdrawn(round_id=found.round_id, review_ids=(review.review_id,), reason="by_hand"),)


def decide_reallocate(state: WorkshopState, command: ReallocateReviews, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    need_phase(found, "Allocating reviews", "read", "review")
    return tuple(reallot(state, found, stamp))
