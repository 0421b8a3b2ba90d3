"""Discussions: author and reviewers of a submission in one breakout room, turn by turn (RV14)."""

from collections.abc import Iterator

from rooms import limits
from rooms.breakouts import resumed
from rooms.commands import Stamp
from rooms.events import Event
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, OpenedRoom
from rooms.events.review import Discussion, DiscussionsStarted
from rooms.ids import ParticipantId, RoomId, RoundId, SubmissionId, derive
from rooms.review.lookup import takes_part
from rooms.review.turns import plan_turns
from rooms.review_state import ReviewRound
from rooms.state import WorkshopState


def planned(found: ReviewRound, submitted: set[str]) -> tuple[tuple[SubmissionId, ...], ...]:
    """The turns of the discussion. `submitted`: ids of reviews that events before these submit.

    Only reviewers who have submitted their review take part; a submission without any is not discussed.
    """
    people_of: dict[SubmissionId, frozenset[ParticipantId]] = {}
    for submission_id, work in found.submissions.items():
        reviewers = _reviewers(found, submission_id, submitted)
        if reviewers:
            people_of[submission_id] = frozenset((*work.author_ids, *reviewers))
    return plan_turns(people_of, limits.MAX_ROOMS)


def _reviewers(found: ReviewRound, submission_id: SubmissionId, submitted: set[str]) -> list[ParticipantId]:
    reviews = (found.reviews[review_id] for review_id in sorted(found.reviews_of.get(submission_id, ())))
    return [
        review.reviewer_id
        for review in reviews
        if not review.own and (review.submitted or review.review_id in submitted)
    ]


def turn_with_people(
    state: WorkshopState,
    found: ReviewRound,
    turns: tuple[tuple[SubmissionId, ...], ...],
    after: int,
    submitted: set[str],
    stamp: Stamp,
) -> tuple[int, tuple[Discussion, ...]] | None:
    """The first turn after number `after` (from 1) in which anybody can talk to anybody, and its discussions.

    An author and a reviewer must be there. A submission whose authors have left is passed over.
    """
    room_count = len(state.rooms)
    for number in range(after + 1, len(turns) + 1):
        discussions: list[Discussion] = []
        for submission_id in turns[number - 1]:
            authors, reviewers = (
                [who for who in people if takes_part(state.participants.get(who))]
                for people in (found.submissions[submission_id].author_ids, _reviewers(found, submission_id, submitted))
            )
            if authors and reviewers:
                discussions.append(
                    Discussion(
                        submission_id=submission_id,
                        room_id=RoomId(derive("r", stamp.entropy, len(discussions))),
                        participant_ids=(*authors, *reviewers),
                    )
                )
        if discussions and room_count + len(discussions) <= limits.MAX_ROOMS_EVER:
            return number, tuple(discussions)
    return None


def opened(
    state: WorkshopState, found: ReviewRound, discussions: tuple[Discussion, ...], stamp: Stamp
) -> Iterator[Event]:
    """The rooms, instead of those that are open, whoever opened them: people go from room to room."""
    if state.breakouts is not None:
        yield BreakoutsClosed(reason="switched")
    breakouts_id = RoundId(derive("b", stamp.entropy))
    yield DiscussionsStarted(
        round_id=found.round_id,
        discussions=discussions,
        breakouts_id=breakouts_id,
        interrupted_id=_interrupted(state),
    )
    yield BreakoutsOpened(
        round_id=breakouts_id,
        rooms=tuple(
            OpenedRoom(
                room_id=discussion.room_id, name=f"Discussion {number}", participant_ids=discussion.participant_ids
            )
            for number, discussion in enumerate(discussions, 1)
        ),
    )


def _interrupted(state: WorkshopState) -> RoundId | None:
    """The breakouts to go back to: those that are open, and if they are discussions, those that these interrupt."""
    if state.breakouts is None:
        return None
    for other in state.review_rounds.values():
        if other.breakouts_id == state.breakouts.round_id:
            return other.interrupted_id
    return state.breakouts.round_id


def ended(state: WorkshopState, found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    """Everybody is back where they were, if the discussions' rooms are the ones that are open: others are not the round's to close."""
    if state.breakouts is None or state.breakouts.round_id != found.breakouts_id:
        return
    back = None if found.interrupted_id is None else resumed(state, stamp, found.interrupted_id)
    yield BreakoutsClosed(reason="recalled" if back is None else "switched")
    if back is not None:
        yield back
