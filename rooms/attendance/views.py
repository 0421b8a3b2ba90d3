"""Who sees what of attendance (AT8): everybody their own, facilitators everybody's."""

from collections.abc import Iterable

from rooms.attendance.folding import counted_polls, opened_since
from rooms.attendance.formula import report_of
from rooms.attendance_records import (
    AttendanceCorrection,
    AttendanceObjection,
    AttendanceRecord,
    AttendanceSessionRecord,
    Done,
    RunningStretch,
)
from rooms.attendance_state import Attendance, AttendanceState, Stretch
from rooms.events import Event
from rooms.feature import Shown
from rooms.ids import ParticipantId, RoomId
from rooms.records import ALL, FACILITATORS, person_audience
from rooms.state import WorkshopState


def key_of(participant_id: ParticipantId) -> str:
    return f"attendance:{participant_id}"


def touch_changed(state: WorkshopState, _event: Event) -> Iterable[str]:
    return map(key_of, state.attendance.changed)


def touch_session_and_changed(state: WorkshopState, _event: Event) -> Iterable[str]:
    yield "attendance_session"
    yield from map(key_of, state.attendance.changed)


def render_session(state: WorkshopState, _key_id: str) -> Shown | None:
    if state.status == "new":
        return None
    kept = state.attendance
    record = AttendanceSessionRecord(
        rule=kept.rule,
        clock_ms=kept.clock_ms,
        runs_since_ms=kept.runs_since_ms,
        polls=(counted_polls(kept) & ~kept.grouped).bit_count(),
        works=kept.works.bit_count(),
    )
    return record, frozenset((ALL,))


def render_person(state: WorkshopState, key_id: str) -> Shown | None:
    who, kept = ParticipantId(key_id), state.attendance
    person = kept.people.get(who)
    if person is None:
        return None
    report = report_of(state, who, state.now_ms) if state.status == "closed" else None
    record = AttendanceRecord(
        participant_id=who,
        joined_at_ms=person.joined_at_ms,
        left_at_ms=person.left_at_ms,
        connections=person.connections,
        present_ms=sum(person.room_ms.values()),
        session_ms=person.session_ms,
        breakout_ms=_breakout_ms(state, person.room_ms),
        spoken_ms=person.spoken_ms,
        polls=_done(kept, person, counted_polls(kept)),
        reviews=Done(done=person.reviews_done, offered=person.reviews_assigned),
        works=_done(kept, person, kept.works),
        room_works=person.room_works,
        running=None if person.stretch is None else _running(state, kept, person.stretch),
        objection=_objection(person),
        correction=_correction(person),
        percent=None if report is None else report.percent,
        verdict=None if report is None else report.verdict,
    )
    return record, frozenset((FACILITATORS, person_audience(who)))


def _done(kept: AttendanceState, person: Attendance, kind: int) -> Done:
    """Without what was opened in the stretch that runs, also where it is done already: that is in the session's count."""
    running = 0 if person.stretch is None else opened_since(kept, person.role, person.stretch.opened)
    return Done(done=(person.done & kind).bit_count(), offered=(person.offered & kind & ~running).bit_count())


def _breakout_ms(state: WorkshopState, room_ms: dict[RoomId, int]) -> int:
    return sum(ms for room_id, ms in room_ms.items() if state.rooms[room_id].kind == "breakout")


def _running(state: WorkshopState, kept: AttendanceState, stretch: Stretch) -> RunningStretch:
    before = (1 << stretch.opened) - 1
    return RunningStretch(
        since_ms=stretch.since_ms,
        clock_ms=stretch.clock_ms,
        polls=(counted_polls(kept) & ~kept.grouped & before).bit_count(),
        works=(kept.works & before).bit_count(),
        in_breakout=state.rooms[stretch.room_id].kind == "breakout",
        room_since_ms=stretch.room_since_ms,
        breakout_ms=_breakout_ms(state, stretch.room_ms),
        lost=stretch.lost,
    )


def _objection(person: Attendance) -> AttendanceObjection | None:
    objection = person.objection
    if objection is None:
        return None
    return AttendanceObjection(text=objection.text, at_ms=objection.at_ms, answered=objection.answered)


def _correction(person: Attendance) -> AttendanceCorrection | None:
    found = person.correction
    if found is None:
        return None
    return AttendanceCorrection(
        session_ms=found.session_ms, verdict=found.verdict, text=found.text, at_ms=found.at_ms, by_id=found.by
    )
