"""From phase to phase: by hand, by the timer, and what happens at each boundary (RV2, RV3, RV4, RV13)."""

from collections.abc import Iterable, Iterator

from rooms.commands import Stamp
from rooms.commands.review import (
    AdvanceReviewRound,
    CloseReviewRound,
    ExtendReviewPhase,
    GiveReviewTime,
    StartReviewRound,
)
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.review import (
    DiscussionsPlanned,
    LatePhase,
    Phase,
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewPhaseTimed,
    ReviewSubmitted,
    ReviewTimeEnded,
    ReviewTimeGiven,
)
from rooms.ids import ParticipantId
from rooms.people import known
from rooms.review import limits
from rooms.review.assigning import allot, reallot
from rooms.review.discussing import ended, opened, planned, turn_with_people
from rooms.review.lookup import round_of, wrong_phase
from rooms.review.reviewing import completed
from rooms.review.work import taken_in, withdrawn_from_authors
from rooms.review_state import ReviewRound
from rooms.state import WorkshopState


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_start(state: WorkshopState, command: StartReviewRound, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    if found.phase != "draft":
        raise wrong_phase(found, "Starting")
    return (_started(found, "submit", stamp),)


def decide_advance(state: WorkshopState, command: AdvanceReviewRound, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    if found.phase in ("draft", "closed"):
        raise wrong_phase(found, "Going on")
    return tuple(_onwards(state, found, stamp))


def decide_close(state: WorkshopState, command: CloseReviewRound, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    if found.phase == "closed":
        return ()
    rooms = ended(state, found, stamp) if found.phase == "discuss" else ()
    return (*rooms, *_closed(found))


def decide_extend(state: WorkshopState, command: ExtendReviewPhase, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    if found.phase in ("draft", "closed"):
        raise wrong_phase(found, "Changing the time")
    ends_at_ms = (stamp.now_ms if found.ends_at_ms is None else found.ends_at_ms) + command.by_ms
    if not stamp.now_ms <= ends_at_ms <= stamp.now_ms + limits.MAX_PHASE_MS:
        message = "The phase would have ended before now or end in more than 24 hours; choose another time."
        raise Rejected("phase_time", message, rule="RV3")
    return () if command.by_ms == 0 else (ReviewPhaseTimed(round_id=found.round_id, ends_at_ms=ends_at_ms),)


def decide_give_time(state: WorkshopState, command: GiveReviewTime, stamp: Stamp) -> tuple[Event, ...]:
    found = round_of(state, command.round_id)
    known(state, command.participant_id)
    if not limits.MIN_PHASE_MS <= command.extra_ms <= limits.MAX_PHASE_MS:
        message = f"More time is 1 second to 24 hours; {command.extra_ms} ms were given."
        raise Rejected("phase_time", message, rule="RV4")
    over = {"submit": ("read", "review"), "review": ("discuss", "feedback")}[command.phase]
    too_late = found.phase == "closed" or (command.phase == "submit" and found.phase in ("discuss", "feedback"))
    if too_late:
        raise wrong_phase(found, f"More time for the phase {command.phase}")
    until_ms = None
    if found.phase in over:
        until_ms = max(stamp.now_ms, found.until_ms[command.phase].get(command.participant_id, 0)) + command.extra_ms
    return (
        ReviewTimeGiven(
            round_id=found.round_id,
            participant_id=command.participant_id,
            phase=command.phase,
            extra_ms=command.extra_ms,
            until_ms=until_ms,
        ),
    )


# ── by the timer ─────────────────────────────────────────────────────────────────────────────────────────────────────
def deadline_ms(state: WorkshopState) -> int | None:
    """When the next phase, or somebody's own time, is over."""
    return min(
        (due for round_id in state.active_reviews for due in _deadlines(state.review_rounds[round_id])), default=None
    )


def _deadlines(found: ReviewRound) -> Iterator[int]:
    if found.ends_at_ms is not None:
        yield found.ends_at_ms
    for untils in found.until_ms.values():
        yield from untils.values()


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    """One thing at a time (WS6): what comes next is decided by the state it leaves."""
    for round_id in sorted(state.active_reviews):
        found = state.review_rounds[round_id]
        for phase, who in _own_times_over(found, stamp.now_ms):
            return tuple(_own_time_over(state, found, phase, who, stamp))
        if found.ends_at_ms is not None and found.ends_at_ms <= stamp.now_ms:
            return tuple(_onwards(state, found, stamp))
    return ()


def _own_times_over(found: ReviewRound, now_ms: int) -> Iterator[tuple[LatePhase, ParticipantId]]:
    for phase, untils in found.until_ms.items():
        for who, until_ms in untils.items():
            if until_ms <= now_ms:
                yield phase, who


def _own_time_over(
    state: WorkshopState, found: ReviewRound, phase: LatePhase, who: ParticipantId, stamp: Stamp
) -> Iterator[Event]:
    if phase == "review":
        yield from completed(found, who, set())
    elif who not in found.submission_of:
        for submitted, work in taken_in(found, stamp, [who]):
            yield submitted
            yield from allot(state, found, stamp, added={submitted.submission_id: work})
    yield ReviewTimeEnded(round_id=found.round_id, participant_id=who, phase=phase)


# ── the boundaries ───────────────────────────────────────────────────────────────────────────────────────────────────
def _started(found: ReviewRound, phase: Phase, stamp: Stamp, turn: int = 0, turns: int = 0) -> ReviewPhaseStarted:
    times = found.settings.times
    ms = {
        "submit": times.submit_ms,
        "read": times.read_ms,
        "review": times.review_ms,
        "discuss": times.discuss_ms,
        "feedback": times.feedback_ms,
    }.get(phase)
    return ReviewPhaseStarted(
        round_id=found.round_id,
        phase=phase,
        ends_at_ms=None if ms is None else stamp.now_ms + ms,
        turn=turn,
        turns=turns,
    )


def _onwards(state: WorkshopState, found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    match found.phase:
        case "submit":
            yield from _after_submit(state, found, stamp)
        case "read":
            yield _started(found, "review", stamp)
            yield from reallot(state, found, stamp)
        case "review":
            yield from _after_review(state, found, stamp)
        case "discuss":
            turn = turn_with_people(state, found, found.turns, found.turn, set(), stamp)
            if turn is None:
                yield from ended(state, found, stamp)
                yield from _to_feedback(found, stamp)
            else:
                yield _started(found, "discuss", stamp, turn[0], len(found.turns))
                yield from opened(state, found, turn[1], stamp)
        case _:
            yield from _closed(found)


def _after_submit(state: WorkshopState, found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    # Who has more time and has not handed in yet is waited for.
    writers = [who for who in found.drafts if who in found.submission_of or who not in found.extra_ms["submit"]]
    works = list(taken_in(found, stamp, writers))
    for submitted, work in works:
        yield submitted
        yield from withdrawn_from_authors(found, submitted.submission_id, work)
    yield _started(found, "review" if found.settings.times.read_ms == 0 else "read", stamp)
    yield from allot(state, found, stamp, added={submitted.submission_id: work for submitted, work in works})


def _after_review(state: WorkshopState, found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    complete = list(completed(found, None, set(found.extra_ms["review"])))
    yield from complete
    if found.settings.reveal == "after_review":
        yield ReviewNamesRevealed(round_id=found.round_id)
    if found.settings.times.discuss_ms != 0:
        submitted: set[str] = {event.review_id for event in complete if isinstance(event, ReviewSubmitted)}
        turns = planned(found, submitted)
        turn = turn_with_people(state, found, turns, 0, submitted, stamp)
        if turn is not None:
            yield DiscussionsPlanned(round_id=found.round_id, turns=turns)
            yield _started(found, "discuss", stamp, turn[0], len(turns))
            yield from opened(state, found, turn[1], stamp)
            return
    yield from _to_feedback(found, stamp)


def _to_feedback(found: ReviewRound, stamp: Stamp) -> Iterator[Event]:
    if found.settings.times.feedback_ms == 0:
        yield from _closed(found)
    else:
        yield _started(found, "feedback", stamp)


def _closed(found: ReviewRound) -> Iterator[Event]:
    """The round is over; names are revealed now unless they never are."""
    if not found.revealed and found.settings.reveal != "never":
        yield ReviewNamesRevealed(round_id=found.round_id)
    yield ReviewPhaseStarted(round_id=found.round_id, phase="closed", ends_at_ms=None)


def at_close(state: WorkshopState) -> Iterable[Event]:
    """The workshop ends; its breakouts close themselves."""
    for round_id in sorted(state.active_reviews):
        yield from _closed(state.review_rounds[round_id])
