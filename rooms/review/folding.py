"""How events change the rounds. Every index and count of `rooms.review_state` is kept here and nowhere else."""

from rooms.events import Recorded
from rooms.events.breakouts import BreakoutsOpened, ParticipantMoved
from rooms.events.review import (
    DiscussionsPlanned,
    DiscussionsStarted,
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
from rooms.ids import ParticipantId
from rooms.review_state import Mark, Rating, Review, ReviewRound, Work
from rooms.state import WorkshopState


def evolve_created(state: WorkshopState, event: ReviewRoundCreated, recorded: Recorded) -> None:
    state.review_rounds[event.round_id] = ReviewRound(
        round_id=event.round_id,
        seq=recorded.seq,
        settings=event.settings,
        criteria={criterion.criterion_id: criterion for criterion in event.criteria},
    )


def evolve_phase(state: WorkshopState, event: ReviewPhaseStarted, recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    if found.phase == "submit":
        found.until_ms["submit"] = _untils(found.extra_ms["submit"], recorded.at_ms)
    if found.phase == "review":
        found.until_ms["submit"] = {}
        found.until_ms["review"] = _untils(found.extra_ms["review"], recorded.at_ms)
    found.phase, found.ends_at_ms, found.turn = event.phase, event.ends_at_ms, event.turn
    found.discussions = {}
    if event.phase == "closed":
        found.until_ms = {"submit": {}, "review": {}}
        state.active_reviews.discard(event.round_id)
    else:
        state.active_reviews.add(event.round_id)


def _untils(extra_ms: dict[ParticipantId, int], now_ms: int) -> dict[ParticipantId, int]:
    return {who: now_ms + extra for who, extra in extra_ms.items()}


def evolve_timed(state: WorkshopState, event: ReviewPhaseTimed, _recorded: Recorded) -> None:
    state.review_rounds[event.round_id].ends_at_ms = event.ends_at_ms


def evolve_time_given(state: WorkshopState, event: ReviewTimeGiven, _recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    if event.until_ms is None:
        extra = found.extra_ms[event.phase]
        extra[event.participant_id] = extra.get(event.participant_id, 0) + event.extra_ms
    else:
        found.until_ms[event.phase][event.participant_id] = event.until_ms


def evolve_time_ended(state: WorkshopState, event: ReviewTimeEnded, _recorded: Recorded) -> None:
    state.review_rounds[event.round_id].until_ms[event.phase].pop(event.participant_id, None)


def evolve_drafted(state: WorkshopState, event: WorkDrafted, _recorded: Recorded) -> None:
    state.review_rounds[event.round_id].drafts[event.author_id] = Work(
        author_id=event.author_id,
        coauthor_ids=event.coauthor_ids,
        text=event.text,
        link=event.link,
        file_id=event.file_id,
        file_name=event.file_name,
    )


def evolve_submitted(state: WorkshopState, event: WorkSubmitted, _recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    before = found.submissions.get(event.submission_id)
    for author in before.author_ids if before is not None else ():
        del found.submission_of[author]
    work = found.drafts[event.author_id]
    found.submissions[event.submission_id] = work
    for author in work.author_ids:
        found.submission_of[author] = event.submission_id
    state.round_of_submission[event.submission_id] = event.round_id


def evolve_assigned(state: WorkshopState, event: ReviewsAssigned, _recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    found.explanation = event.explanation
    for each in event.reviews:
        found.reviews[each.review_id] = Review(
            review_id=each.review_id,
            submission_id=each.submission_id,
            reviewer_id=each.reviewer_id,
            own=each.own,
            by_hand=event.by_hand,
        )
        found.reviews_of.setdefault(each.submission_id, set()).add(each.review_id)
        found.assigned += not each.own
        state.round_of_review[each.review_id] = event.round_id


def evolve_withdrawn(state: WorkshopState, event: ReviewsWithdrawn, _recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    for review_id in event.review_ids:
        review = found.reviews.pop(review_id)
        found.reviews_of[review.submission_id].discard(review_id)
        found.assigned -= not review.own
        del state.round_of_review[review_id]


def evolve_marked(state: WorkshopState, event: MarkWritten, _recorded: Recorded) -> None:
    review = _round_of(state, event).reviews[event.review_id]
    review.marks[event.criterion_id] = Mark(score=event.score, comment=event.comment)


def evolve_review_submitted(state: WorkshopState, event: ReviewSubmitted, _recorded: Recorded) -> None:
    found = _round_of(state, event)
    review = found.reviews[event.review_id]
    review.submitted = True
    found.done += not review.own


def evolve_rated(state: WorkshopState, event: ReviewRated, _recorded: Recorded) -> None:
    review = _round_of(state, event).reviews[event.review_id]
    review.rating = Rating(author_id=event.author_id, rating=event.rating, comment=event.comment)


def _round_of(state: WorkshopState, event: MarkWritten | ReviewSubmitted | ReviewRated) -> ReviewRound:
    return state.review_rounds[state.round_of_review[event.review_id]]


def evolve_revealed(state: WorkshopState, event: ReviewNamesRevealed, _recorded: Recorded) -> None:
    state.review_rounds[event.round_id].revealed = True


def evolve_planned(state: WorkshopState, event: DiscussionsPlanned, _recorded: Recorded) -> None:
    state.review_rounds[event.round_id].turns = event.turns


def evolve_discussions(state: WorkshopState, event: DiscussionsStarted, _recorded: Recorded) -> None:
    found = state.review_rounds[event.round_id]
    found.discussions = {discussion.submission_id: discussion for discussion in event.discussions}
    found.breakouts_id, found.interrupted_id = event.breakouts_id, event.interrupted_id
    state.discussion_rooms.update(discussion.room_id for discussion in event.discussions)


# ── who was in which group (RV7) ─────────────────────────────────────────────────────────────────────────────────────
def evolve_opened(state: WorkshopState, event: BreakoutsOpened, _recorded: Recorded) -> None:
    """The groups are the last breakout rooms that were not discussions."""
    if any(opened.room_id in state.discussion_rooms for opened in event.rooms):
        return
    state.last_group = {who: opened.room_id for opened in event.rooms for who in opened.participant_ids}


def evolve_moved(state: WorkshopState, event: ParticipantMoved, _recorded: Recorded) -> None:
    if state.rooms[event.to_room_id].kind == "breakout" and event.to_room_id not in state.discussion_rooms:
        state.last_group[event.participant_id] = event.to_room_id
