"""What is published of attendance: speech, everybody's sums at the end, objections, and corrections that supersede."""

from typing import Any

from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.commands.breakouts import CloseBreakouts, OpenBreakouts
from rooms.commands.people import Leave
from rooms.commands.workshop import CloseWorkshop
from rooms.events.attendance import Spoken
from rooms.ids import SYSTEM, ParticipantId
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Options
from tests.unit.test_narrative import OPTIONS, Told, check, names, published

MINUTE = 60_000


def session() -> Told:
    """Forty minutes with a facilitator and two learners, one of whom leaves after ten."""
    told = Told()
    told.workshop.crowd(2)
    told.workshop.wait(10 * MINUTE)
    told.do("l1", Leave())
    told.do("fay", OpenBreakouts(count=1))
    told.workshop.wait(20 * MINUTE)
    told.do("fay", CloseBreakouts())
    told.workshop.wait(10 * MINUTE)
    return told


def of(events: list[CloudEvent], name: str) -> dict[str, Any]:
    return {
        event["data"]["participant"]["name"]: event["data"]
        for event in events
        if event["type"] == f"org.atelier.{name}.v1"
    }


def test_everybodys_sums_are_told_at_the_end_before_the_workshop_closes() -> None:
    told = session()
    events = told.do("fay", CloseWorkshop())
    assert names(events)[-1] == "workshop.closed"
    sums = of(events, "attendance.finalised")
    assert sorted(sums) == ["fay", "l0", "l1"]
    stayed, left = sums["l0"], sums["l1"]
    assert (stayed["present_ms"], stayed["breakout_ms"]) == (40 * MINUTE, 20 * MINUTE)
    assert (stayed["percent"], stayed["verdict"], stayed["rule"]) == (100.0, "present", "atelier-1")
    assert (left["present_ms"], left["percent"], left["verdict"]) == (10 * MINUTE, 25.0, "partial")
    check(published(told.workshop.log))


def test_a_correction_supersedes_what_was_told_and_the_correction_before() -> None:
    told = session()
    final = {event["data"]["participant"]["name"]: event for event in told.do("fay", CloseWorkshop())
             if event["type"] == "org.atelier.attendance.finalised.v1"}  # fmt: skip
    told.do("l1", ObjectToAttendance(text="I was on the telephone."))
    (first,) = told.do("fay", CorrectAttendance(participant_id=ParticipantId("l1"), session_ms=35 * MINUTE))
    (second,) = told.do("fay", CorrectAttendance(participant_id=ParticipantId("l1"), verdict="absent"))
    assert first["data"]["supersedes"] == final["l1"]["id"]
    assert (first["data"]["session_ms"], first["data"]["verdict"]) == (35 * MINUTE, "present")
    assert second["data"]["supersedes"] == first["id"]
    assert (second["data"]["session_ms"], second["data"]["verdict"]) == (10 * MINUTE, "absent")
    check(published(told.workshop.log))


def test_an_objection_is_told_with_its_words_only_where_that_is_wanted() -> None:
    told = session()
    (event,) = told.do("l1", ObjectToAttendance(text="No."))
    assert (event["data"]["length"], event["data"]["text"]) == (3, None)
    wordy = published(told.workshop.log, Options(home_page=OPTIONS.home_page, chat_text=True))
    assert wordy[-1]["data"]["text"] == "No."


def test_speech_is_told_for_each_who_spoke() -> None:
    told = session()
    spoken = (Spoken(participant_id=ParticipantId("l0"), ms=4_000), Spoken(participant_id=ParticipantId("fay"), ms=900))
    events = told.do(SYSTEM, SumSpeech(spoken=spoken))
    assert {who: data["duration_ms"] for who, data in of(events, "participant.spoke").items()} == {
        "l0": 4_000,
        "fay": 900,
    }
