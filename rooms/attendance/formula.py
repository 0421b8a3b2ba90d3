"""What somebody's attendance comes to (AT5, AT6): sums, a percentage and a verdict.

Every limit is absolute. A report is made from one person's own record, the session's clock and the workshop's rule; there is no other
person's record in reach of this module's arithmetic, so nobody's verdict can depend on how present or how loud somebody else was.
"""

from collections.abc import Iterator
from typing import Literal

from rooms.attendance.folding import clock, counted_polls, offered_to, rooms_of, session_of
from rooms.attendance_records import Done
from rooms.attendance_state import Attendance, AttendanceState
from rooms.events.attendance import AttendanceRule, Verdict
from rooms.ids import ParticipantId, RoomId
from rooms.messages import message
from rooms.roles import Role
from rooms.state import RosterEntry, WorkshopState


@message
class RoomTime:
    room_id: RoomId
    name: str
    ms: int


@message
class AttendanceReport:
    """One person's attendance at a moment. Times are Unix milliseconds, durations milliseconds.

    `participant_id` is null for somebody of the roster who never came. Time in doubt (the connection is lost) is not counted.
    `measured_verdict` is what the formula gives without a correction; both are null where there was no session.
    """

    participant_id: ParticipantId | None
    name: str
    external_id: str
    email: str
    role: Role
    joined_at_ms: int | None = None
    left_at_ms: int | None = None
    connections: int = 0
    present_ms: int = 0
    session_ms: int = 0
    breakout_ms: int = 0
    spoken_ms: int = 0
    rooms: tuple[RoomTime, ...] = ()
    polls: Done = Done(done=0, offered=0)
    reviews: Done = Done(done=0, offered=0)
    works: Done = Done(done=0, offered=0)
    room_works: int = 0
    percent: float | None = None
    verdict: Verdict | None = None
    measured_percent: float | None = None
    measured_verdict: Verdict | None = None
    objection: str = ""
    objected_at_ms: int | None = None
    correction: str = ""
    corrected_at_ms: int | None = None
    corrected_by: ParticipantId | None = None
    final: bool = False
    """The workshop has ended."""


def report_of(state: WorkshopState, who: ParticipantId, now_ms: int) -> AttendanceReport | None:
    """The report of somebody who was ever here. `now_ms`: the time until which who is here counts as present."""
    kept, person, there = state.attendance, state.attendance.people.get(who), state.participants.get(who)
    if person is None or there is None:
        return None
    rooms, session_ms, offered = _until(kept, person, now_ms)
    polls, works = done_of(person, offered, counted_polls(kept)), done_of(person, offered, kept.works)
    reviews = Done(done=person.reviews_done, offered=person.reviews_assigned)
    share = _share(polls, works, reviews)
    length_ms = session_length_ms(kept, now_ms)
    measured = percent_of(session_ms, length_ms)
    measured_verdict = verdict_of(kept.rule, session_ms, length_ms, share, person.spoken_ms)
    percent, verdict, correction = measured, measured_verdict, person.correction
    if correction is not None:
        if correction.session_ms is not None:
            percent = percent_of(correction.session_ms, length_ms)
            verdict = verdict_of(kept.rule, correction.session_ms, length_ms, share, person.spoken_ms)
        verdict = correction.verdict or verdict
    return AttendanceReport(
        participant_id=who,
        name=there.name,
        external_id=there.external_id,
        email=there.email,
        role=there.role,
        joined_at_ms=person.joined_at_ms,
        left_at_ms=person.left_at_ms,
        connections=person.connections,
        present_ms=sum(rooms.values()),
        session_ms=session_ms,
        breakout_ms=sum(ms for room_id, ms in rooms.items() if state.rooms[room_id].kind == "breakout"),
        spoken_ms=person.spoken_ms,
        rooms=tuple(RoomTime(room_id=room_id, name=state.rooms[room_id].name, ms=ms) for room_id, ms in rooms.items()),
        polls=polls,
        reviews=reviews,
        works=works,
        room_works=person.room_works,
        percent=percent,
        verdict=verdict,
        measured_percent=measured,
        measured_verdict=measured_verdict,
        objection="" if person.objection is None else person.objection.text,
        objected_at_ms=None if person.objection is None else person.objection.at_ms,
        correction="" if correction is None else correction.text,
        corrected_at_ms=None if correction is None else correction.at_ms,
        corrected_by=None if correction is None else correction.by,
        final=state.status == "closed",
    )


def unseen(state: WorkshopState, now_ms: int) -> Iterator[AttendanceReport]:
    """Those of the roster who never came (AT11)."""
    held = bool(session_length_ms(state.attendance, now_ms))
    for entry in state.roster.entries.values():
        if entry.participant_id is None:
            yield _never_came(entry, held=held, final=state.status == "closed")


def _never_came(entry: RosterEntry, *, held: bool, final: bool) -> AttendanceReport:
    verdict: Literal["absent"] | None = "absent" if held else None
    return AttendanceReport(
        participant_id=None,
        name=entry.name,
        external_id=entry.external_id,
        email=entry.email,
        role="learner",
        percent=0.0 if held else None,
        verdict=verdict,
        measured_percent=0.0 if held else None,
        measured_verdict=verdict,
        final=final,
    )


def _until(kept: AttendanceState, person: Attendance, now_ms: int) -> tuple[dict[RoomId, int], int, int]:
    """Time by room, time of the session, and activities offered, with the stretch that runs."""
    rooms, stretch = dict(person.room_ms), person.stretch
    if stretch is None or stretch.lost:
        return rooms, person.session_ms, offered_to(kept, person)
    for room_id, ms in rooms_of(stretch, now_ms).items():
        rooms[room_id] = rooms.get(room_id, 0) + ms
    session_ms = person.session_ms + session_of(kept, stretch, now_ms)
    return rooms, session_ms, offered_to(kept, person)


def done_of(person: Attendance, offered: int, kind: int) -> Done:
    """Of activities of one kind; `offered` and `kind` are bits."""
    return Done(done=(person.done & kind).bit_count(), offered=(offered & kind).bit_count())


def _share(*activities: Done) -> tuple[int, int]:
    return sum(each.done for each in activities), sum(each.offered for each in activities)


def session_length_ms(kept: AttendanceState, now_ms: int) -> int:
    """What counts as 100 %; 0 where nothing has begun."""
    ran_ms = clock(kept, now_ms)
    return ran_ms if kept.rule.expected_ms is None or not ran_ms else kept.rule.expected_ms


def percent_of(session_ms: int, length_ms: int) -> float | None:
    """One decimal, rounded down, so that 74.99 does not look like 75; at most 100."""
    return min(1000 * session_ms // length_ms, 1000) / 10 if length_ms else None


def verdict_of(
    rule: AttendanceRule, session_ms: int, length_ms: int, share: tuple[int, int], spoken_ms: int
) -> Verdict | None:
    """AT6. `share`: activities done, and offered."""
    if not length_ms:
        return None
    done, offered = share
    enough = 100 * done >= rule.activities_percent * offered and spoken_ms >= rule.spoken_ms
    if 100 * session_ms >= rule.present_percent * length_ms and enough:
        return "present"
    return "partial" if 100 * session_ms >= rule.partial_percent * length_ms else "absent"
