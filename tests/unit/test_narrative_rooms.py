"""What is published of breakout rooms beyond their opening and closing: how people came there, help, work."""

from typing import Any

from rooms.commands.breakouts import (
    AddRoom,
    CallForHelp,
    CloseBreakouts,
    EndHelp,
    EnterRoom,
    HandInWork,
    MoveParticipants,
    OpenBreakouts,
    TakeHelp,
)
from rooms.commands.people import Leave
from rooms.events.breakouts import BreakoutPolicy, ByHand, SelfSelect
from rooms.grouping.model import ByScore
from rooms.ids import PLENARY, ParticipantId, RoomId
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Options
from tests.unit.breakouts_case import open_rooms, room_of
from tests.unit.test_narrative import OPTIONS, Told, check, names, published


def opened(**setup: Any) -> tuple[Told, list[RoomId], list[CloudEvent]]:
    told = Told()
    told.workshop.crowd(6)
    told.new()
    events = told.do("fay", OpenBreakouts(**setup))
    return told, open_rooms(told.workshop), events


def only(events: list[CloudEvent], name: str) -> list[Any]:
    return [event["data"] for event in events if event["type"] == f"org.atelier.{name}.v1"]


def test_a_room_is_told_with_how_people_came_into_it() -> None:
    by_hand = ByHand(groups=((ParticipantId("l0"),), (ParticipantId("l1"),)))
    assignments: list[tuple[dict[str, Any], str]] = [
        ({"count": 2}, "random"),
        ({"count": 2, "assignment": ByScore(mode="balanced")}, "scores_balanced"),
        ({"count": 2, "assignment": SelfSelect()}, "self_select"),
        ({"count": 2, "assignment": by_hand}, "by_hand"),
    ]
    for setup, name in assignments:
        _, rooms, events = opened(**setup)
        told = only(events, "breakout.opened")
        assert [each["room_id"] for each in told] == rooms
        assert {each["assignment"] for each in told} == {name}
        assert len({each["round_id"] for each in told}) == 1


def test_entering_says_whether_somebody_was_assigned_moved_chose_or_was_repaired() -> None:
    told, (one, other), events = opened(count=2, policy=BreakoutPolicy(repair="automatic"))
    assert {each["how"] for each in only(events, "breakout.entered")} == {"assigned"}
    there = [who for who in ("l0", "l1", "l2", "l3", "l4", "l5") if room_of(told.workshop, who) == one]
    moved = told.do("fay", MoveParticipants(participant_ids=(ParticipantId(there[0]),), room_id=other))
    assert [each["how"] for each in only(moved, "breakout.entered")] == ["moved"]
    chosen = told.do("fay", EnterRoom(room_id=one))
    assert [each["how"] for each in only(chosen, "breakout.entered")] == ["chosen"]
    told.do("fay", EnterRoom(room_id=PLENARY))
    told.do(there[1], Leave())
    told.workshop.wait(20_000)
    assert [each["how"] for each in only(told.new(), "breakout.entered")] == ["repaired"]


def test_a_call_for_help_is_told_with_how_long_the_room_waited() -> None:
    told, (one, _), _ = opened(count=2)
    who = next(who for who in ("l0", "l1", "l2", "l3", "l4", "l5") if room_of(told.workshop, who) == one)
    asked = told.do(who, CallForHelp(text="Which essay?"))
    assert names(asked) == ["help.asked"]
    assert (asked[0]["data"]["room_id"], asked[0]["data"]["text"]) == (one, None)
    told.workshop.wait(5_000)
    (answered,) = told.do("fay", TakeHelp(room_id=one))
    assert answered["data"]["participant"]["name"] == "fay"
    assert answered["data"]["waited_ms"] == 5_000
    told.workshop.wait(1_000)
    (ended,) = told.do("fay", EndHelp(room_id=one))
    assert (ended["data"]["reason"], ended["data"]["duration_ms"]) == ("resolved", 6_000)


def test_a_call_ends_with_its_room() -> None:
    told, (one, _), _ = opened(count=2)
    who = next(who for who in ("l0", "l1", "l2", "l3", "l4", "l5") if room_of(told.workshop, who) == one)
    told.do(who, CallForHelp())
    closed = told.do("fay", CloseBreakouts())
    assert only(closed, "help.ended")[0]["reason"] == "resolved"
    assert names(closed).index("help.ended") < names(closed).index("breakout.closed")


def test_work_is_told_with_its_title_and_link_and_its_text_only_where_that_is_wanted() -> None:
    told, _, _ = opened(count=2)
    (saved,) = told.do("l0", HandInWork(title="Our list", text="Three points", url="https://example.org/board"))
    data = saved["data"]
    assert data["title"] == "Our list"
    assert data["url"] == "https://example.org/board"
    assert (data["length"], data["text"]) == (12, None)
    full = published(told.workshop.log, Options(home_page=OPTIONS.home_page, chat_text=True))
    assert full[-1]["data"]["text"] == "Three points"


def test_a_room_that_is_added_belongs_to_the_round_and_all_keeps_to_the_schemas() -> None:
    told, _, events = opened(count=2)
    added = told.do("fay", AddRoom(name="Quiet", capacity=4))
    assert only(added, "breakout.opened")[0]["round_id"] == only(events, "breakout.opened")[0]["round_id"]
    assert only(added, "breakout.opened")[0]["capacity"] == 4
    told.do("l0", CallForHelp(), HandInWork(title="T", text="t"))
    told.do("fay", CloseBreakouts())
    check(published(told.workshop.log))
