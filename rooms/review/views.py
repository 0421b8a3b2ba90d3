"""Who sees what of peer review (RV12, RV13). Blindness lives here: see `rooms.review_records` for what each record tells."""

from collections.abc import Iterable, Iterator

from rooms.events.review import (
    DiscussionsPlanned,
    DiscussionsStarted,
    LatePhase,
    MarkWritten,
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewPhaseTimed,
    ReviewRated,
    ReviewRoundCreated,
    ReviewsAssigned,
    ReviewSubmitted,
    ReviewsWithdrawn,
    ReviewTimeEnded,
    ReviewTimeGiven,
    WorkDrafted,
    WorkSubmitted,
)
from rooms.feature import Shown
from rooms.ids import ParticipantId, ReviewId, ReviewRoundId, SubmissionId
from rooms.records import ALL, FACILITATORS, person_audience
from rooms.review.lookup import authors_hidden, given_back, readable, reviewers_hidden
from rooms.review.results import result_of
from rooms.review.reviewing import missing
from rooms.review_records import (
    AssignmentRecord,
    DiscussionRecord,
    FeedbackRecord,
    MarkItem,
    MyWorkRecord,
    PersonalTime,
    RatingItem,
    ReviewedWorkRecord,
    ReviewProgressRecord,
    ReviewRecord,
    ReviewRoundRecord,
    SubmissionRecord,
)
from rooms.review_state import Review, ReviewRound
from rooms.state import WorkshopState


def people(participant_ids: Iterable[ParticipantId]) -> frozenset[str]:
    return frozenset(map(person_audience, participant_ids))


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def keys(state: WorkshopState) -> Iterator[str]:
    for found in state.review_rounds.values():
        yield from keys_of(found)


def keys_of(found: ReviewRound) -> Iterator[str]:
    yield f"review_round:{found.round_id}"
    yield f"review_progress:{found.round_id}"
    writers: set[ParticipantId] = {*found.drafts, *found.submission_of}
    for times in (*found.extra_ms.values(), *found.until_ms.values()):
        writers.update(times)
    yield from (my_work_key(found.round_id, who) for who in writers)
    for submission_id in found.submissions:
        yield from submission_keys(submission_id)
    for review_id in found.reviews:
        yield from review_keys(review_id)


def my_work_key(round_id: ReviewRoundId, who: ParticipantId) -> str:
    return f"my_work:{round_id}:{who}"


def submission_keys(submission_id: SubmissionId) -> tuple[str, ...]:
    kinds = ("submission", "reviewed_work", "review_result", "discussion")
    return tuple(f"{kind}:{submission_id}" for kind in kinds)


def review_keys(review_id: ReviewId) -> tuple[str, ...]:
    return tuple(f"{kind}:{review_id}" for kind in ("review", "assignment", "feedback"))


# ── which records an event touches ───────────────────────────────────────────────────────────────────────────────────
WholeRound = ReviewRoundCreated | ReviewPhaseStarted | ReviewNamesRevealed | DiscussionsPlanned | DiscussionsStarted


def touch_round(state: WorkshopState, event: WholeRound) -> Iterator[str]:
    return keys_of(state.review_rounds[event.round_id])


def touch_phase(state: WorkshopState, event: ReviewPhaseStarted) -> Iterator[str]:
    """Also the work of those who had nothing of a round but time of their own, which is over with the phase."""
    yield from touch_round(state, event)
    yield from (my_work_key(event.round_id, who) for who in state.participants)


def touch_timed(_state: WorkshopState, event: ReviewPhaseTimed) -> Iterable[str]:
    return (f"review_round:{event.round_id}",)


def touch_time(_state: WorkshopState, event: ReviewTimeGiven | ReviewTimeEnded) -> Iterable[str]:
    return (my_work_key(event.round_id, event.participant_id), f"review_progress:{event.round_id}")


def touch_drafted(_state: WorkshopState, event: WorkDrafted) -> Iterable[str]:
    return (my_work_key(event.round_id, event.author_id), f"review_progress:{event.round_id}")


def touch_submitted(state: WorkshopState, event: WorkSubmitted) -> Iterator[str]:
    found = state.review_rounds[event.round_id]
    yield f"review_progress:{event.round_id}"
    yield from submission_keys(event.submission_id)
    authors = (*found.submissions[event.submission_id].author_ids, *event.former_author_ids)
    yield from (my_work_key(event.round_id, who) for who in authors)


def touch_assigned(_state: WorkshopState, event: ReviewsAssigned) -> Iterator[str]:
    yield f"review_progress:{event.round_id}"
    for each in event.reviews:
        yield from review_keys(each.review_id)
        yield from submission_keys(each.submission_id)


def touch_withdrawn(state: WorkshopState, event: ReviewsWithdrawn) -> Iterator[str]:
    yield f"review_progress:{event.round_id}"
    for review_id in event.review_ids:
        yield from review_keys(review_id)
    for submission_id in state.review_rounds[event.round_id].submissions:
        yield f"reviewed_work:{submission_id}"


def touch_review(state: WorkshopState, event: MarkWritten | ReviewSubmitted | ReviewRated) -> Iterator[str]:
    round_id = state.round_of_review[event.review_id]
    yield from review_keys(event.review_id)
    if isinstance(event, ReviewSubmitted):
        yield f"review_progress:{round_id}"
        yield f"review_result:{state.review_rounds[round_id].reviews[event.review_id].submission_id}"


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def render_round(state: WorkshopState, key_id: str) -> Shown | None:
    found = state.review_rounds.get(ReviewRoundId(key_id))
    if found is None:
        return None
    record = ReviewRoundRecord(
        round_id=found.round_id,
        seq=found.seq,
        settings=found.settings,
        criteria=tuple(found.criteria.values()),
        phase=found.phase,
        ends_at_ms=found.ends_at_ms,
        turn=found.turn,
        turns=len(found.turns),
        revealed=found.revealed,
    )
    return record, frozenset((FACILITATORS if found.phase == "draft" else ALL,))


def render_progress(state: WorkshopState, key_id: str) -> Shown | None:
    found = state.review_rounds.get(ReviewRoundId(key_id))
    if found is None:
        return None
    times = sorted({who for by_person in (*found.extra_ms.values(), *found.until_ms.values()) for who in by_person})
    record = ReviewProgressRecord(
        round_id=found.round_id,
        drafts=len(found.drafts),
        submissions=len(found.submissions),
        assigned=found.assigned,
        done=found.done,
        personal_times=tuple(each for who in times for each in _times(found, who)),
        explanation=found.explanation,
    )
    return record, frozenset((FACILITATORS,))


def _times(found: ReviewRound, who: ParticipantId) -> Iterator[PersonalTime]:
    phases: tuple[LatePhase, ...] = ("submit", "review")
    for phase in phases:
        extra, until = found.extra_ms[phase].get(who, 0), found.until_ms[phase].get(who)
        if extra or until is not None:
            yield PersonalTime(participant_id=who, phase=phase, extra_ms=extra, until_ms=until)


def render_my_work(state: WorkshopState, key_id: str) -> Shown | None:
    round_id, _, name = key_id.partition(":")
    found, who = state.review_rounds.get(ReviewRoundId(round_id)), ParticipantId(name)
    if found is None:
        return None
    draft, submission_id, times = found.drafts.get(who), found.submission_of.get(who), tuple(_times(found, who))
    if draft is None and submission_id is None and not times:
        return None
    record = MyWorkRecord(
        round_id=found.round_id,
        participant_id=who,
        text=draft.text if draft else "",
        link=draft.link if draft else "",
        file_id=draft.file_id if draft else None,
        file_name=draft.file_name if draft else "",
        coauthor_ids=draft.coauthor_ids if draft else (),
        submission_id=submission_id,
        changed=draft is not None and (submission_id is None or found.submissions[submission_id] != draft),
        personal_times=times,
    )
    return record, people((who,))


def render_submission(state: WorkshopState, key_id: str) -> Shown | None:
    found = _round_with(state, SubmissionId(key_id))
    if found is None:
        return None
    work = found.submissions[SubmissionId(key_id)]
    record = SubmissionRecord(
        submission_id=SubmissionId(key_id),
        round_id=found.round_id,
        author_ids=work.author_ids,
        text=work.text,
        link=work.link,
        file_id=work.file_id,
        file_name=work.file_name,
    )
    return record, people(work.author_ids) | {FACILITATORS}


def _round_with(state: WorkshopState, submission_id: SubmissionId) -> ReviewRound | None:
    return state.review_rounds.get(state.round_of_submission.get(submission_id, ReviewRoundId("")))


def render_reviewed_work(state: WorkshopState, key_id: str) -> Shown | None:
    submission_id = SubmissionId(key_id)
    found = _round_with(state, submission_id)
    if found is None or not readable(found):
        return None
    reviews = (found.reviews[review_id] for review_id in found.reviews_of.get(submission_id, ()))
    reviewers = people(review.reviewer_id for review in reviews if not review.own)
    if not reviewers:
        return None
    work, hidden = found.submissions[submission_id], authors_hidden(found)
    record = ReviewedWorkRecord(
        submission_id=submission_id,
        round_id=found.round_id,
        author_ids=() if hidden else work.author_ids,
        text=work.text,
        link=work.link,
        file_id=work.file_id,
        file_name="" if hidden else work.file_name,
    )
    return record, reviewers


def _review_at(state: WorkshopState, key_id: str) -> tuple[ReviewRound, Review] | None:
    found = state.review_rounds.get(state.round_of_review.get(ReviewId(key_id), ReviewRoundId("")))
    return None if found is None else (found, found.reviews[ReviewId(key_id)])


def _marks(found: ReviewRound, review: Review) -> tuple[MarkItem, ...]:
    """In the rubric's order, whatever order they were written in."""
    return tuple(
        MarkItem(criterion_id=criterion_id, score=mark.score, comment=mark.comment)
        for criterion_id in found.criteria
        if (mark := review.marks.get(criterion_id)) is not None
    )


def _rating(review: Review) -> RatingItem | None:
    return RatingItem(rating=review.rating.rating, comment=review.rating.comment) if review.rating else None


def render_review(state: WorkshopState, key_id: str) -> Shown | None:
    at = _review_at(state, key_id)
    if at is None or not readable(at[0]):
        return None
    found, review = at
    record = ReviewRecord(
        review_id=review.review_id,
        round_id=found.round_id,
        submission_id=review.submission_id,
        own=review.own,
        marks=_marks(found, review),
        missing=missing(found, review),
        submitted=review.submitted,
        rating=_rating(review) if found.phase == "closed" else None,
    )
    return record, people((review.reviewer_id,))


def render_assignment(state: WorkshopState, key_id: str) -> Shown | None:
    at = _review_at(state, key_id)
    if at is None:
        return None
    found, review = at
    record = AssignmentRecord(
        review_id=review.review_id,
        round_id=found.round_id,
        submission_id=review.submission_id,
        reviewer_id=review.reviewer_id,
        own=review.own,
        by_hand=review.by_hand,
        status="submitted" if review.submitted else "started" if review.marks else "open",
        marks=_marks(found, review) if review.submitted else (),
        rating=_rating(review),
    )
    return record, frozenset((FACILITATORS,))


def render_feedback(state: WorkshopState, key_id: str) -> Shown | None:
    at = _review_at(state, key_id)
    if at is None or not given_back(at[0]) or not at[1].submitted:
        return None
    found, review = at
    record = FeedbackRecord(
        review_id=review.review_id,
        round_id=found.round_id,
        submission_id=review.submission_id,
        reviewer_id=None if reviewers_hidden(found) and not review.own else review.reviewer_id,
        own=review.own,
        marks=_marks(found, review),
        rating=_rating(review),
    )
    return record, people(found.submissions[review.submission_id].author_ids)


def render_result(state: WorkshopState, key_id: str) -> Shown | None:
    submission_id = SubmissionId(key_id)
    found = _round_with(state, submission_id)
    if found is None or not given_back(found):
        return None
    return result_of(found, submission_id), people(found.submissions[submission_id].author_ids) | {FACILITATORS}


def render_discussion(state: WorkshopState, key_id: str) -> Shown | None:
    submission_id = SubmissionId(key_id)
    found = _round_with(state, submission_id)
    discussion = None if found is None else found.discussions.get(submission_id)
    if found is None or discussion is None:
        return None
    record = DiscussionRecord(
        submission_id=submission_id,
        round_id=found.round_id,
        room_id=discussion.room_id,
        participant_ids=discussion.participant_ids,
    )
    return record, people(discussion.participant_ids) | {FACILITATORS}
