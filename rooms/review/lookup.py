"""Finds what commands name, and says who may do what now. The questions all deciders of peer review share."""

from typing import NoReturn

from rooms.errors import Rejected
from rooms.events.review import Phase
from rooms.ids import ParticipantId, ReviewId, ReviewRoundId, SubmissionId
from rooms.review_state import Review, ReviewRound, Work
from rooms.state import Participant, WorkshopState


def round_of(state: WorkshopState, round_id: ReviewRoundId) -> ReviewRound:
    found = state.review_rounds.get(round_id)
    if found is None:
        message = f"There is no review round with the id {round_id!r} in this workshop."
        raise Rejected("unknown_review_round", message, rule="RV18")
    return found


def started_round(state: WorkshopState, round_id: ReviewRoundId) -> ReviewRound:
    """For learners: a draft is unknown to them."""
    found = state.review_rounds.get(round_id)
    return round_of(state, ReviewRoundId("")) if found is None or found.phase == "draft" else found


def review_of(state: WorkshopState, review_id: ReviewId) -> tuple[ReviewRound, Review]:
    found = state.review_rounds.get(state.round_of_review.get(review_id, ReviewRoundId("")))
    if found is None:
        _unknown_review(review_id)
    return found, found.reviews[review_id]


def own_review(state: WorkshopState, review_id: ReviewId, reviewer: ParticipantId) -> tuple[ReviewRound, Review]:
    """A review that this person is to do. Whether it exists for somebody else is not told."""
    found = state.review_rounds.get(state.round_of_review.get(review_id, ReviewRoundId("")))
    if found is None or found.reviews[review_id].reviewer_id != reviewer or not readable(found):
        _unknown_review(review_id)
    return found, found.reviews[review_id]


def received_review(state: WorkshopState, review_id: ReviewId, author: ParticipantId) -> tuple[ReviewRound, Review]:
    """A review that this person got."""
    found = state.review_rounds.get(state.round_of_review.get(review_id, ReviewRoundId("")))
    if found is None:
        _unknown_review(review_id)
    review = found.reviews[review_id]
    shown = given_back(found) and review.submitted and not review.own
    if not shown or author not in found.submissions[review.submission_id].author_ids:
        _unknown_review(review_id)
    return found, review


def _unknown_review(review_id: ReviewId) -> NoReturn:
    raise Rejected("unknown_review", f"There is no review with the id {review_id!r} for you.", rule="RV18")


def submission_of(state: WorkshopState, submission_id: SubmissionId) -> tuple[ReviewRound, Work]:
    found = state.review_rounds.get(state.round_of_submission.get(submission_id, ReviewRoundId("")))
    if found is None:
        raise Rejected("unknown_submission", f"There is no submission with the id {submission_id!r}.", rule="RV18")
    return found, found.submissions[submission_id]


def wrong_phase(found: ReviewRound, what: str) -> Rejected:
    return Rejected("wrong_phase", f"{what} is not possible now: the round is in the phase {found.phase}.", rule="RV18")


def need_phase(found: ReviewRound, what: str, *phases: Phase) -> None:
    if found.phase not in phases:
        raise wrong_phase(found, what)


# ── who may do what now ──────────────────────────────────────────────────────────────────────────────────────────────
def late_submitter(found: ReviewRound, who: ParticipantId, now_ms: int) -> bool:
    """Whether somebody may still hand in although the phase is over (RV4)."""
    return found.phase in ("read", "review") and found.until_ms["submit"].get(who, 0) > now_ms


def may_write_work(found: ReviewRound, who: ParticipantId, now_ms: int) -> bool:
    return found.phase == "submit" or late_submitter(found, who, now_ms)


def may_submit_review(found: ReviewRound, who: ParticipantId, now_ms: int) -> bool:
    late = found.phase in ("discuss", "feedback") and found.until_ms["review"].get(who, 0) > now_ms
    return found.phase == "review" or late


def readable(found: ReviewRound) -> bool:
    """Whether reviewers may see what they review."""
    return found.phase not in ("draft", "submit")


def given_back(found: ReviewRound) -> bool:
    """Whether authors may see their reviews."""
    return found.phase in ("discuss", "feedback", "closed")


def authors_hidden(found: ReviewRound) -> bool:
    """From their reviewers."""
    return found.settings.blind == "double" and not found.revealed


def reviewers_hidden(found: ReviewRound) -> bool:
    """From the authors."""
    return found.settings.blind != "none" and not found.revealed


def takes_part(person: Participant | None) -> bool:
    """Whether somebody can be given a review: a learner who is here."""
    return person is not None and person.role == "learner" and not person.left
