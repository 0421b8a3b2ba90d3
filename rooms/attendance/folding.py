"""How events change what is known of people's attendance (AT1 to AT5).

Runs after `people` and before everything else that an event changes, so that a room's people, a review's reviewer or a work's
author are still what they were.
"""

from rooms import limits
from rooms.attendance_state import Attendance, AttendanceState, Correction, Objection, Stretch
from rooms.events import Recorded
from rooms.events.attendance import AttendanceCorrected, AttendanceObjected, SpeechSummed
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, ParticipantMoved, WorkHandedIn, WorkWithdrawn
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantReturned,
    RoleChanged,
)
from rooms.events.polls import BallotCast, PollOpened
from rooms.events.review import ReviewPhaseStarted, ReviewsAssigned, ReviewSubmitted, ReviewsWithdrawn, WorkSubmitted
from rooms.events.workshop import WorkshopClosed, WorkshopCreated
from rooms.ids import PLENARY, ParticipantId, PollId, ReviewRoundId, RoomId, RoundId
from rooms.roles import HOSTS, VOTERS, Role
from rooms.state import WorkshopState


# ── the session's clock, and stretches ───────────────────────────────────────────────────────────────────────────────
def clock(kept: AttendanceState, at_ms: int) -> int:
    """The session's time: how long a facilitator or co-facilitator has been here and connected, until `at_ms` (AT3)."""
    return kept.clock_ms if kept.runs_since_ms is None else kept.clock_ms + max(0, at_ms - kept.runs_since_ms)


def _host(kept: AttendanceState, who: ParticipantId, at_ms: int, *, here: bool) -> None:
    """Note whether somebody keeps the session's clock running."""
    (kept.hosts.add if here else kept.hosts.discard)(who)
    if bool(kept.hosts) != (kept.runs_since_ms is not None):
        kept.clock_ms = clock(kept, at_ms)
        kept.runs_since_ms = at_ms if kept.hosts else None


def _begin(kept: AttendanceState, person: Attendance, room_id: RoomId, at_ms: int, *, lost: bool) -> None:
    person.stretch = Stretch(
        since_ms=at_ms,
        clock_ms=clock(kept, at_ms),
        opened=len(kept.numbers),
        room_id=room_id,
        room_since_ms=at_ms,
        lost=lost,
    )


def _end(kept: AttendanceState, person: Attendance, at_ms: int) -> RoomId:
    """Add the stretch up; returns the room it ended in."""
    stretch = person.stretch
    assert stretch is not None
    for room_id, ms in rooms_of(stretch, at_ms).items():
        person.room_ms[room_id] = person.room_ms.get(room_id, 0) + ms
    person.session_ms += session_of(kept, stretch, at_ms)
    person.stays = joined(person.stays, stretch.since_ms, at_ms)
    person.offered |= opened_since(kept, person.role, stretch.opened)
    person.stretch = None
    return stretch.room_id


def session_of(kept: AttendanceState, stretch: Stretch, at_ms: int) -> int:
    """The session's time in a stretch until `at_ms`. None where a host's loss, told late, has set the session's clock back to before the
    stretch began."""
    return max(0, clock(kept, at_ms) - stretch.clock_ms)


def joined(stays: list[tuple[int, int]], since_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """`stays` with one more after them; the same list, if there is nothing to add."""
    if until_ms <= since_ms:
        return stays
    if stays and stays[-1][1] >= since_ms:
        return [*stays[:-1], (stays[-1][0], until_ms)]
    return [*stays, (since_ms, until_ms)]


def rooms_of(stretch: Stretch, at_ms: int) -> dict[RoomId, int]:
    """The stretch by rooms, until `at_ms`."""
    sums = dict(stretch.room_ms)
    sums[stretch.room_id] = sums.get(stretch.room_id, 0) + at_ms - stretch.room_since_ms
    return sums


def opened_since(kept: AttendanceState, role: Role, number: int) -> int:
    """Activities for people of that role that were opened from that number on, as bits."""
    return ((1 << len(kept.numbers)) - (1 << number)) & _for_role(kept, role)


def offered_to(kept: AttendanceState, person: Attendance) -> int:
    """Activities offered to somebody so far, with those of the stretch that runs, as bits."""
    stretch = person.stretch
    if stretch is None or stretch.lost:
        return person.offered
    return person.offered | opened_since(kept, person.role, stretch.opened)


def _for_role(kept: AttendanceState, role: Role) -> int:
    return (kept.polls & ~kept.grouped if role in VOTERS else 0) | (
        kept.works | kept.breakouts if role == "learner" else 0
    )


def counted_polls(kept: AttendanceState) -> int:
    """Polls that count by now, as bits."""
    return kept.polls & ~kept.uncounted


def _open_now(state: WorkshopState, role: Role) -> int:
    """Activities that are open now, for people of that role, as bits."""
    kept = state.attendance
    bits = 0
    for poll_id in state.open_polls:
        bits |= _number(kept, poll_id)
    for round_id in kept.handing_in:
        bits |= _number(kept, round_id)
    if state.breakouts is not None:
        bits |= 1 << kept.numbers[state.breakouts.round_id] if state.breakouts.round_id in kept.numbers else 0
    return bits & _for_role(kept, role)


# ── presence ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_created(state: WorkshopState, event: WorkshopCreated, _recorded: Recorded) -> None:
    state.attendance.rule = event.attendance
    state.attendance.changed = ()


def evolve_arrived(state: WorkshopState, event: ParticipantJoined | ParticipantReturned, recorded: Recorded) -> None:
    kept, who = state.attendance, event.participant_id
    there = state.participants[who]
    person = kept.people.get(who)
    if person is None:
        person = kept.people[who] = Attendance(role=there.role, joined_at_ms=recorded.at_ms)
    person.role, person.left_at_ms = there.role, None
    person.connections += len(there.connections)
    if there.connections and there.role in HOSTS:
        _host(kept, who, recorded.at_ms, here=True)
    _begin(kept, person, event.room_id, recorded.at_ms, lost=not there.connections)
    person.offered |= _open_now(state, person.role)
    _take_part(state, who, event.room_id)
    kept.changed = (who,)


def evolve_connected(state: WorkshopState, event: ConnectionOpened, recorded: Recorded) -> None:
    kept, who = state.attendance, event.participant_id
    kept.changed = ()
    person = _present(state, who)
    if person is None:
        return
    person.connections += 1
    assert person.stretch is not None
    if person.stretch.lost:
        _begin(kept, person, _end(kept, person, recorded.at_ms), recorded.at_ms, lost=False)
        _take_part(state, who, person.stretch.room_id)
    if person.role in HOSTS:
        _host(kept, who, recorded.at_ms, here=True)
    kept.changed = (who,)


def evolve_disconnected(state: WorkshopState, event: ConnectionClosed, recorded: Recorded) -> None:
    kept, who = state.attendance, event.participant_id
    kept.changed = ()
    person = _present(state, who)
    if person is None or state.participants[who].connections:
        return
    at_ms = recorded.at_ms
    if event.lost_at_ms is not None:
        assert person.stretch is not None
        at_ms = max(
            event.lost_at_ms, person.stretch.room_since_ms
        )  # a move that was recorded first has happened before
    _begin(kept, person, _end(kept, person, at_ms), at_ms, lost=True)
    _host(kept, who, at_ms, here=False)
    kept.changed = (who,)


def evolve_left(state: WorkshopState, event: ParticipantLeft, recorded: Recorded) -> None:
    kept, who = state.attendance, event.participant_id
    person = kept.people[who]
    stretch = person.stretch
    assert stretch is not None
    person.left_at_ms = recorded.at_ms
    if stretch.lost:
        person.left_at_ms, person.stretch = stretch.since_ms, None
    else:
        _end(kept, person, recorded.at_ms)
    _host(kept, who, recorded.at_ms, here=False)
    kept.changed = (who,)


def evolve_role(state: WorkshopState, event: RoleChanged, recorded: Recorded) -> None:
    kept, who = state.attendance, event.participant_id
    person = kept.people[who]
    if person.stretch is None:
        person.role = event.role
    else:
        lost = person.stretch.lost
        if not lost:  # else who is lost and does not come back would have been here until now
            _begin(kept, person, _end(kept, person, recorded.at_ms), recorded.at_ms, lost=False)
        person.role = event.role
        person.offered |= 0 if lost else _open_now(state, person.role)
        _host(kept, who, recorded.at_ms, here=not lost and person.role in HOSTS)
    kept.changed = (who,)


def evolve_moved(state: WorkshopState, event: ParticipantMoved, recorded: Recorded) -> None:
    state.attendance.changed = (event.participant_id,)
    _move(state, event.participant_id, event.to_room_id, recorded.at_ms)
    _take_part(state, event.participant_id, event.to_room_id)


def evolve_breakouts_opened(state: WorkshopState, event: BreakoutsOpened, recorded: Recorded) -> None:
    kept, moved = state.attendance, [(who, room.room_id) for room in event.rooms for who in room.participant_ids]
    discussions = any(room.room_id in state.discussion_rooms for room in event.rooms)
    bit = 0 if discussions else _number(kept, event.round_id)
    kept.breakouts |= bit
    for who, room_id in moved:
        _move(state, who, room_id, recorded.at_ms)
        _took_part(kept.people[who], bit)
    state.attendance.changed = tuple(who for who, _ in moved)


def evolve_breakouts_closed(state: WorkshopState, _event: BreakoutsClosed, recorded: Recorded) -> None:
    assert state.breakouts is not None
    moved = [who for room_id in state.breakouts.room_ids for who in state.rooms[room_id].people]
    for who in moved:
        _move(state, who, PLENARY, recorded.at_ms)
    state.attendance.changed = tuple(moved)


def _move(state: WorkshopState, who: ParticipantId, room_id: RoomId, at_ms: int) -> None:
    stretch = state.attendance.people[who].stretch
    if stretch is None or stretch.room_id == room_id:
        return
    stretch.room_ms = rooms_of(stretch, at_ms)
    stretch.room_id, stretch.room_since_ms = room_id, at_ms


def _take_part(state: WorkshopState, who: ParticipantId, room_id: RoomId) -> None:
    """Note that somebody is in a breakout room of those that are open now."""
    kept, breakouts = state.attendance, state.breakouts
    if breakouts is not None and room_id != PLENARY and breakouts.round_id in kept.numbers:
        _took_part(kept.people[who], _number(kept, breakouts.round_id))


def _took_part(person: Attendance, bit: int) -> None:
    """Of those who are lost it is not known yet whether they are in the room."""
    if person.role == "learner" and person.stretch is not None and not person.stretch.lost:
        person.done |= bit
        person.offered |= bit


def _present(state: WorkshopState, who: ParticipantId) -> Attendance | None:
    """None for somebody in the lobby."""
    person = state.attendance.people.get(who)
    return None if person is None or person.stretch is None else person


# ── activities ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _number(kept: AttendanceState, activity: PollId | ReviewRoundId | RoundId) -> int:
    """The activity's bit."""
    return 1 << kept.numbers.setdefault(activity, len(kept.numbers))


def evolve_poll_opened(state: WorkshopState, event: PollOpened, _recorded: Recorded) -> None:
    kept, content = state.attendance, state.polls[event.poll_id].content
    bit = _number(kept, event.poll_id)
    kept.polls |= bit
    kept.uncounted |= bit if content.anonymous else 0
    kept.grouped |= bit if content.target == "groups" else 0
    kept.changed = ()


def evolve_ballot(state: WorkshopState, event: BallotCast, _recorded: Recorded) -> None:
    _did(state, event.participant_id, event.poll_id)
    state.attendance.changed = (event.participant_id,)


def _did(state: WorkshopState, who: ParticipantId, activity: PollId | ReviewRoundId) -> None:
    """Who did something was offered it, whenever they came."""
    person, bit = state.attendance.people[who], _number(state.attendance, activity)
    person.done |= bit
    person.offered |= bit


def evolve_review_phase(state: WorkshopState, event: ReviewPhaseStarted, _recorded: Recorded) -> None:
    kept = state.attendance
    kept.changed = ()
    if event.phase == "submit":
        kept.works |= _number(kept, event.round_id)
        kept.handing_in.add(event.round_id)
    else:
        kept.handing_in.discard(event.round_id)


def evolve_work_submitted(state: WorkshopState, event: WorkSubmitted, _recorded: Recorded) -> None:
    kept, authors = state.attendance, state.review_rounds[event.round_id].drafts[event.author_id].author_ids
    for who in event.former_author_ids:
        kept.people[who].done &= ~_number(kept, event.round_id)
    for who in authors:
        _did(state, who, event.round_id)
    kept.changed = (*event.former_author_ids, *authors)


def evolve_reviews_assigned(state: WorkshopState, event: ReviewsAssigned, _recorded: Recorded) -> None:
    reviewers = tuple(each.reviewer_id for each in event.reviews if not each.own)
    for who in reviewers:
        state.attendance.people[who].reviews_assigned += 1
    state.attendance.changed = reviewers


def evolve_reviews_withdrawn(state: WorkshopState, event: ReviewsWithdrawn, _recorded: Recorded) -> None:
    reviews = [state.review_rounds[event.round_id].reviews[review_id] for review_id in event.review_ids]
    for review in reviews:
        state.attendance.people[review.reviewer_id].reviews_assigned -= not review.own
    state.attendance.changed = tuple(review.reviewer_id for review in reviews)


def evolve_review_submitted(state: WorkshopState, event: ReviewSubmitted, _recorded: Recorded) -> None:
    review = state.review_rounds[state.round_of_review[event.review_id]].reviews[event.review_id]
    state.attendance.people[review.reviewer_id].reviews_done += not review.own
    state.attendance.changed = (review.reviewer_id,)


def evolve_room_work(state: WorkshopState, event: WorkHandedIn, _recorded: Recorded) -> None:
    state.attendance.people[event.author_id].room_works += 1
    state.attendance.changed = (event.author_id,)


def evolve_room_work_withdrawn(state: WorkshopState, event: WorkWithdrawn, _recorded: Recorded) -> None:
    author = state.works[event.work_id].handed_in.author_id
    state.attendance.people[author].room_works -= 1
    state.attendance.changed = (author,)


# ── speech, objections, the end ──────────────────────────────────────────────────────────────────────────────────────
def evolve_speech(state: WorkshopState, event: SpeechSummed, _recorded: Recorded) -> None:
    for each in event.spoken:
        state.attendance.people[each.participant_id].spoken_ms += each.ms
    state.attendance.changed = tuple(each.participant_id for each in event.spoken)


def evolve_objected(state: WorkshopState, event: AttendanceObjected, recorded: Recorded) -> None:
    person = state.attendance.people[event.participant_id]
    person.objection = Objection(text=event.text, at_ms=recorded.at_ms)
    person.objections += 1
    state.attendance.changed = (event.participant_id,)


def evolve_corrected(state: WorkshopState, event: AttendanceCorrected, recorded: Recorded) -> None:
    person = state.attendance.people[event.participant_id]
    person.correction = Correction(
        session_ms=event.session_ms,
        verdict=event.verdict,
        text=event.text,
        at_ms=recorded.at_ms,
        by=recorded.actor,
    )
    if person.objection is not None:
        person.objection.answered = True
    state.attendance.changed = (event.participant_id,)


def evolve_closed(state: WorkshopState, _event: WorkshopClosed, recorded: Recorded) -> None:
    """From now on everybody's verdict stands, and anonymous polls that enough people have answered count."""
    kept = state.attendance
    kept.closed_at_ms = recorded.at_ms
    for poll_id, poll in state.polls.items():
        if len(poll.ballots) >= limits.MIN_ANONYMOUS_BALLOTS:
            kept.uncounted &= ~_number(kept, poll_id)
    kept.changed = tuple(kept.people)
