"""Attendance: what counts, who sees it, what can be said about it. That the sums are right is in `tests/property/test_attendance.py`."""

import pytest

from rooms.attendance import AttendanceReport, report_of, unseen
from rooms.attendance_records import AttendanceRecord, AttendanceSessionRecord, Done
from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.commands.breakouts import CloseBreakouts, OpenBreakouts
from rooms.commands.lobby import RemoveParticipant
from rooms.commands.people import ChangeRole, Disconnect, DropAllConnections, Leave, LostConnection, RaiseHand
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.commands.rosters import ImportRoster
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop
from rooms.events.attendance import AttendanceRule, Spoken
from rooms.ids import API, SYSTEM, ConnectionId, ParticipantId, PollId, WorkshopId
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop

MINUTE_MS = 60_000


def workshop(**rule: object) -> Workshop:
    made = Workshop(created=False)
    attendance = AttendanceRule(**rule)  # type: ignore[arg-type]
    made.do(API, CreateWorkshop(workshop_id=WorkshopId("w_1"), title="Test", attendance=attendance))
    return made


def report(made: Workshop, who: str) -> AttendanceReport:
    found = report_of(made.state, ParticipantId(who), made.now_ms)
    assert found is not None
    return found


def lesson(made: Workshop, **minutes: int) -> None:
    """An hour with a facilitator, and learners who stay so many minutes of it."""
    made.join("fay", "facilitator")
    for who in minutes:
        made.join(who)
    passed = 0
    for who, stays in sorted(minutes.items(), key=lambda each: each[1]):
        made.wait((stays - passed) * MINUTE_MS)
        passed = stays
        made.do(who, Leave())
    made.wait((60 - passed) * MINUTE_MS)


def speak(made: Workshop, **spoken_ms: int) -> None:
    spoken = tuple(Spoken(participant_id=ParticipantId(who), ms=ms) for who, ms in spoken_ms.items())
    made.do(SYSTEM, SumSpeech(spoken=spoken))


def poll(made: Workshop, *, anonymous: bool = False) -> PollId:
    made.do("fay", CreatePoll(question="?", options=("a", "b"), anonymous=anonymous))
    poll_id = list(made.state.polls)[-1]
    made.do("fay", OpenPoll(poll_id=poll_id))
    return poll_id


def vote(made: Workshop, who: str, poll_id: PollId) -> None:
    made.do(who, CastBallot(poll_id=poll_id, option_ids=(made.state.polls[poll_id].content.options[0].option_id,)))


# ── the known bug of other systems ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("asked_ms", [0, 30_000])
def test_AT4_AT6_attendance_is_never_relative_to_the_loudest(asked_ms: int) -> None:
    """Elsewhere one person who talks all the time makes everybody else's score small. Here nobody else's number stands in it."""
    alone, beside_a_talker = workshop(spoken_ms=asked_ms), workshop(spoken_ms=asked_ms)
    lesson(alone, ann=60)
    lesson(beside_a_talker, ann=60, bob=60)
    speak(alone, ann=30_000)
    speak(beside_a_talker, ann=30_000, bob=55 * MINUTE_MS)
    assert report(alone, "ann") == report(beside_a_talker, "ann")
    assert report(beside_a_talker, "ann").verdict == report(beside_a_talker, "bob").verdict == "present"


def test_AT6_AT3_nobody_else_changes_what_somebodys_attendance_comes_to() -> None:
    others = ({}, {"bob": 1}, {"bob": 60, "cid": 59}, {f"x{n}": 2 * n for n in range(20)})
    reports = []
    for each in others:
        made = workshop()
        lesson(made, ann=44, **each)
        reports.append(report(made, "ann"))
    assert all(each == reports[0] for each in reports)
    assert (reports[0].percent, reports[0].verdict) == (73.3, "partial")


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT2_a_gap_within_the_grace_is_no_absence_and_one_that_ends_in_leaving_is_from_its_beginning() -> None:
    made = Workshop(grace_ms=10_000)
    made.join("fay", "facilitator")
    made.join("ann")
    made.wait(20_000)
    made.do("ann", Disconnect(connection_id=ConnectionId("c_ann")))
    made.wait(9_000)
    assert report(made, "ann").present_ms == 20_000
    made.join("ann")
    assert report(made, "ann").present_ms == 29_000
    made.do("ann", Disconnect(connection_id=ConnectionId("c_ann")))
    made.wait(60_000)
    assert (report(made, "ann").present_ms, report(made, "ann").left_at_ms) == (29_000, made.now_ms - 60_000)
    made.join("ann")
    made.wait(1_000)
    assert (report(made, "ann").present_ms, report(made, "ann").connections) == (30_000, 3)


def test_AT2_who_does_not_come_back_after_a_crash_was_there_until_the_server_is_known_to_have_been_there() -> None:
    for alive_after_ms, counted_ms in ((None, 20_000), (15_000, 35_000), (-5_000, 20_000), (90_000, 50_000)):
        made = Workshop(grace_ms=10_000)
        made.join("fay", "facilitator")
        made.join("ann")
        made.wait(20_000)
        made.do("fay", RaiseHand())
        last_ms = made.now_ms
        made.wait(30_000)
        alive_ms = None if alive_after_ms is None else last_ms + alive_after_ms
        made.do(SYSTEM, DropAllConnections(alive_ms=alive_ms))
        made.wait(60_000)
        assert report(made, "ann").present_ms == counted_ms


def test_AT2_who_was_lost_before_a_crash_was_there_until_then() -> None:
    made = Workshop(grace_ms=10_000)
    made.join("fay", "facilitator")
    made.join("ann", connection="z")
    made.join("ann", connection="a")
    made.wait(20_000)
    lost_ms = made.now_ms - 5_000
    lost = (
        LostConnection(connection_id=ConnectionId("z"), at_ms=lost_ms - 1_000),
        LostConnection(connection_id=ConnectionId("a"), at_ms=lost_ms),
    )
    made.do(SYSTEM, DropAllConnections(alive_ms=made.now_ms, lost=lost))
    made.wait(60_000)
    assert (report(made, "ann").present_ms, report(made, "fay").present_ms) == (15_000, 20_000)


def test_AT2_a_loss_that_could_not_be_recorded_at_once_counts_from_when_it_happened() -> None:
    made = Workshop(grace_ms=10_000)
    made.join("fay", "facilitator")
    made.join("ann")
    made.wait(20_000)
    lost_ms = made.now_ms
    made.wait(30_000)
    made.do("ann", Disconnect(connection_id=ConnectionId("c_ann"), lost_at_ms=lost_ms))
    made.wait(60_000)
    assert (report(made, "ann").present_ms, report(made, "ann").left_at_ms) == (20_000, lost_ms)
    assert report(made, "ann").session_ms == 20_000
    # What was recorded in between is not taken back: no time in a room is negative.
    made.crowd(2)
    made.do("fay", OpenBreakouts(count=1))
    made.wait(5_000)
    moved_ms = made.now_ms
    made.do("fay", CloseBreakouts())
    made.wait(5_000)
    made.do("l0", Disconnect(connection_id=ConnectionId("c_l0"), lost_at_ms=moved_ms - 3_000))
    made.wait(60_000)
    assert {room.name: room.ms for room in report(made, "l0").rooms} == {"Plenary": 0, "Room 1": 5_000}


def test_AT2_nobody_loses_time_of_the_session_by_a_hosts_loss_that_is_told_late() -> None:
    made = Workshop(grace_ms=10_000)
    made.join("fay", "facilitator")
    made.wait(10_000)
    lost_ms = made.now_ms
    made.wait(20_000)
    made.join("ann")  # the session's clock stands at 30 s, and is set back to 10
    made.do("fay", Disconnect(connection_id=ConnectionId("c_fay"), lost_at_ms=lost_ms))
    made.wait(5_000)
    assert report(made, "ann").session_ms == 0
    made.do("ann", Leave())
    assert report(made, "ann").session_ms == 0


def test_AT1_time_is_told_by_room() -> None:
    made = Workshop()
    made.crowd(2)
    made.wait(5_000)
    made.do("fay", OpenBreakouts(count=2, duration_ms=7_000))
    made.wait(10_000)
    times = {room.name: room.ms for room in report(made, "l0").rooms}
    assert times in ({"Plenary": 8_000, "Room 1": 7_000}, {"Plenary": 8_000, "Room 2": 7_000})
    assert report(made, "l0").breakout_ms == 7_000


def test_AT3_the_sessions_time_stands_still_without_a_facilitator() -> None:
    made = workshop()
    made.join("ann")
    made.wait(10 * MINUTE_MS)
    assert (report(made, "ann").percent, report(made, "ann").verdict) == (None, None)
    made.join("fay", "facilitator")
    made.wait(5 * MINUTE_MS)
    made.do("fay", Leave())
    made.wait(30 * MINUTE_MS)
    made.do("ann", Leave())
    assert (report(made, "ann").session_ms, report(made, "ann").percent) == (5 * MINUTE_MS, 100.0)
    assert report(made, "ann").present_ms == 45 * MINUTE_MS


def test_AT3_who_becomes_a_cofacilitator_keeps_it_running() -> None:
    made = workshop()
    made.join("ann")
    made.wait(MINUTE_MS)
    made.do(API, ChangeRole(participant_id=ParticipantId("ann"), role="cofacilitator"))
    made.wait(2 * MINUTE_MS)
    assert report(made, "ann").session_ms == 2 * MINUTE_MS


# ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT5_polls_count_for_who_was_there_and_may_vote() -> None:
    made = workshop()
    made.join("fay", "facilitator")
    made.join("ann")
    made.join("obi", "observer")
    first = poll(made)
    vote(made, "ann", first)
    made.join("bob")  # while it is open
    made.do("fay", ClosePoll(poll_id=first))
    made.join("cid")  # after it was closed
    poll(made)
    counts = {who: report(made, who).polls for who in ("ann", "bob", "cid", "obi")}
    assert {who: (each.done, each.offered) for who, each in counts.items()} == {
        "ann": (1, 2), "bob": (0, 2), "cid": (0, 1), "obi": (0, 0)
    }  # fmt: skip


def test_AT5_a_poll_that_is_opened_again_counts_once() -> None:
    made = workshop()
    made.crowd(1)
    only = poll(made)
    made.do("fay", ClosePoll(poll_id=only))
    made.do("fay", OpenPoll(poll_id=only))
    vote(made, "l0", only)
    vote(made, "fay", only)
    assert (report(made, "l0").polls.done, report(made, "l0").polls.offered) == (1, 1)


def test_AT5_who_answers_an_anonymous_poll_is_not_seen_before_the_end() -> None:
    """The tally grows with every ballot; an attendance that grew with it would say whose it was."""
    made = workshop()
    names = made.crowd(4)
    asked, lonely = poll(made, anonymous=True), poll(made, anonymous=True)
    made.projection.flush()
    for who in names[:3]:
        vote(made, who, asked)
        changes = made.projection.flush()
        assert changes is not None
        assert not [key for batch in changes.batches for key, _ in batch.put if key.startswith("attendance")]
    vote(made, "l0", lonely)
    made.do("fay", ClosePoll(poll_id=asked))
    assert {report(made, who).polls for who in names} == {Done(done=0, offered=0)}
    made.do("fay", CloseWorkshop())
    done = [report(made, who).polls for who in names]
    assert [each.done for each in done] == [1, 1, 1, 0]
    assert {each.offered for each in done} == {1}


def test_AT5_works_and_reviews_count_for_those_who_were_asked_for_them() -> None:
    case = Reviewing(learners=3, reviews_each=1)
    case.submit("l0")
    case.submit("l1")
    case.advance()
    works = {who: report(case, who).works for who in ("l0", "l1", "l2", "fay")}
    assert {who: (each.done, each.offered) for who, each in works.items()} == {
        "l0": (1, 1), "l1": (1, 1), "l2": (0, 1), "fay": (0, 0)
    }  # fmt: skip
    assert sum(report(case, who).reviews.offered for who in ("l0", "l1", "l2")) == 2
    assert sum(report(case, who).reviews.done for who in ("l0", "l1", "l2")) == 0


# ── the rule ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("minutes", "verdict"), [(45, "present"), (44, "partial"), (15, "partial"), (14, "absent")])
def test_AT6_the_limits_are_where_they_are_written(minutes: int, verdict: str) -> None:
    made = workshop()
    lesson(made, ann=minutes)
    assert report(made, "ann").verdict == verdict


def test_AT6_an_expected_length_counts_instead_of_how_long_it_was() -> None:
    made = workshop(expected_ms=40 * MINUTE_MS)
    lesson(made, ann=30, bob=60)
    assert (report(made, "ann").percent, report(made, "ann").verdict) == (75.0, "present")
    assert report(made, "bob").percent == 100.0


def test_AT6_activities_and_speech_can_be_asked_for() -> None:
    made = workshop(activities_percent=50, spoken_ms=10_000)
    made.join("fay", "facilitator")
    for who in ("ann", "bob", "cid"):
        made.join(who)
    first, _second = poll(made), poll(made)
    vote(made, "ann", first)
    vote(made, "bob", first)
    made.wait(MINUTE_MS)
    speak(made, ann=10_000, bob=9_999, cid=20_000, nobody=5_000)
    assert [report(made, who).verdict for who in ("ann", "bob", "cid")] == ["present", "partial", "partial"]


@pytest.mark.parametrize(
    "rule",
    [
        {"present_percent": 101},
        {"partial_percent": -1},
        {"present_percent": 10, "partial_percent": 20},
        {"activities_percent": 200},
        {"expected_ms": 0},
        {"expected_ms": -5},
        {"spoken_ms": -1},
        {"spoken_ms": 10**9},
    ],
)
def test_AT7_a_rule_that_makes_no_sense_is_refused(rule: dict[str, int]) -> None:
    made = Workshop(created=False)
    command = CreateWorkshop(workshop_id=WorkshopId("w_1"), title="Test", attendance=AttendanceRule(**rule))  # type: ignore[arg-type]
    assert made.rejected(API, command).code == "attendance_rule"


# ── who sees it, and what they can say ───────────────────────────────────────────────────────────────────────────────
def test_AT8_everybody_sees_their_own_and_facilitators_everybodys() -> None:
    made = Workshop()
    made.crowd(2)
    made.join("obi", "observer")
    kept = {who: {key for key in made.sees(who) if key.startswith("attendance:")} for who in ("fay", "l0", "obi")}
    assert kept == {
        "fay": {"attendance:fay", "attendance:l0", "attendance:l1", "attendance:obi"},
        "l0": {"attendance:l0"},
        "obi": {"attendance:obi"},
    }
    session = made.sees("l0")["attendance_session"]
    assert isinstance(session, AttendanceSessionRecord)
    assert session.rule == AttendanceRule()


def test_AT8_no_record_changes_because_time_passes_or_a_poll_opens() -> None:
    made = Workshop()
    made.crowd(3)
    made.projection.flush()
    made.wait(MINUTE_MS)
    assert made.projection.flush() is None
    poll(made)
    changes = made.projection.flush()
    assert changes is not None
    keys = {key for batch in changes.batches for key, _ in batch.put}
    assert "attendance_session" in keys
    assert not [key for key in keys if key.startswith("attendance:")]


def test_AT8_what_is_told_while_it_runs_can_be_added_up_by_the_client() -> None:
    made = Workshop()
    made.crowd(2)
    first = poll(made)
    made.wait(10_000)
    made.do("fay", OpenBreakouts(count=1))
    made.wait(5_000)
    poll(made)
    vote(made, "l0", first)
    record, session = made.sees("l0")["attendance:l0"], made.sees("l0")["attendance_session"]
    assert isinstance(record, AttendanceRecord)
    assert isinstance(session, AttendanceSessionRecord)
    running, runs_since_ms = record.running, session.runs_since_ms
    assert running is not None
    assert runs_since_ms is not None
    now = report(made, "l0")
    assert record.present_ms + made.now_ms - running.since_ms == now.present_ms == 15_000
    clock_ms = session.clock_ms + made.now_ms - runs_since_ms
    assert record.session_ms + clock_ms - running.clock_ms == now.session_ms == 15_000
    in_room = made.now_ms - running.room_since_ms if running.in_breakout else 0
    assert record.breakout_ms + running.breakout_ms + in_room == now.breakout_ms == 5_000


def test_AT8_the_verdict_stands_when_the_workshop_is_closed() -> None:
    made = Workshop()
    made.crowd(1)
    made.wait(MINUTE_MS)
    record = made.sees("fay")["attendance:l0"]
    assert isinstance(record, AttendanceRecord)
    assert record.verdict is None
    made.do("fay", CloseWorkshop())
    changes = made.projection.flush()
    assert changes is not None
    verdicts = {
        key: record.verdict
        for batch in changes.batches
        for key, record in batch.put
        if isinstance(record, AttendanceRecord)
    }
    assert verdicts == {"attendance:fay": "present", "attendance:l0": "present"}
    assert report(made, "l0").final


def test_AT9_a_learner_objects_and_the_facilitators_see_it() -> None:
    made = Workshop()
    made.crowd(2)
    made.do("l0", ObjectToAttendance(text=" I was there by phone. "))
    record = made.sees("fay")["attendance:l0"]
    assert isinstance(record, AttendanceRecord)
    assert record.objection is not None
    assert (record.objection.text, record.objection.answered) == ("I was there by phone.", False)
    assert made.rejected("l0", ObjectToAttendance(text=" ")).code == "objection_empty"
    assert made.rejected("l0", ObjectToAttendance(text="x" * 2_001)).code == "objection_too_long"
    assert made.rejected(API, ObjectToAttendance(text="x")).code == "needs_a_participant"
    for _ in range(19):
        made.do("l0", ObjectToAttendance(text="Again"))
    assert made.rejected("l0", ObjectToAttendance(text="Again")).code == "too_many_objections"


def test_AT10_a_correction_supersedes_and_what_was_measured_stays() -> None:
    made = workshop()
    lesson(made, ann=10)
    made.join("ann")
    made.do("ann", ObjectToAttendance(text="The link was wrong."))
    ann = ParticipantId("ann")
    made.do("fay", CorrectAttendance(participant_id=ann, session_ms=50 * MINUTE_MS, text="You were, by phone."))
    found = report(made, "ann")
    assert (found.percent, found.verdict, found.measured_percent, found.measured_verdict) == (
        83.3, "present", 16.6, "absent"
    )  # fmt: skip
    assert (found.correction, found.corrected_by) == ("You were, by phone.", "fay")
    record = made.sees("ann")["attendance:ann"]
    assert isinstance(record, AttendanceRecord)
    assert record.objection is not None
    assert record.objection.answered
    made.do("fay", CorrectAttendance(participant_id=ann, verdict="partial"))
    assert (report(made, "ann").percent, report(made, "ann").verdict) == (16.6, "partial")
    made.do(API, CorrectAttendance(participant_id=ann))
    assert report(made, "ann").verdict == "absent"
    assert made.rejected("ann", CorrectAttendance(participant_id=ann)).code == "not_allowed"
    wrong = CorrectAttendance(participant_id=ann, session_ms=-1)
    assert made.rejected("fay", wrong).code == "session_ms_out_of_range"
    nobody = CorrectAttendance(participant_id=ParticipantId("nobody"))
    assert made.rejected("fay", nobody).code == "unknown_participant"


def test_AT9_AT10_also_after_the_end() -> None:
    made = Workshop()
    made.crowd(1)
    made.wait(MINUTE_MS)
    made.do("fay", CloseWorkshop())
    made.do("l0", ObjectToAttendance(text="No."))
    made.do("fay", CorrectAttendance(participant_id=ParticipantId("l0"), verdict="partial"))
    assert report(made, "l0").verdict == "partial"
    assert made.rejected("l0", CorrectAttendance(participant_id=ParticipantId("l0"))).code == "not_allowed"
    assert made.rejected("stranger", ObjectToAttendance(text="No.")).code == "unknown_participant"


def test_WS5_AT9_AT10_who_has_left_may_still_object_and_who_was_put_out_corrects_nobody() -> None:
    made = Workshop()
    made.crowd(1)
    made.join("cora", "cofacilitator")
    made.do("l0", Leave())
    made.do("l0", ObjectToAttendance(text="I had to go to the doctor."))
    made.do("cora", Leave())
    made.do("cora", CorrectAttendance(participant_id=ParticipantId("l0"), verdict="present"))
    made.join("cora", "cofacilitator")
    made.do("fay", RemoveParticipant(participant_id=ParticipantId("cora")))
    wrong = CorrectAttendance(participant_id=ParticipantId("l0"), verdict="absent")
    assert made.rejected("cora", wrong).code == "not_present"
    made.do("cora", ObjectToAttendance(text="I was there."))
    assert report(made, "l0").verdict == "present"


def test_AT11_who_never_came_is_absent() -> None:
    made = Workshop()
    made.do(API, ImportRoster(text="external_id,name\nl0,Ann\nl9,Zoe\n"))
    assert [each.verdict for each in unseen(made.state, made.now_ms)] == [None, None]
    made.crowd(1)
    made.wait(MINUTE_MS)
    (zoe,) = unseen(made.state, made.now_ms)
    assert (zoe.participant_id, zoe.name, zoe.percent, zoe.verdict) == (None, "Zoe", 0.0, "absent")
