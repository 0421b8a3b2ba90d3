"""Rules BR."""

from collections import Counter

import pytest

from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.people import Disconnect, Leave
from rooms.ids import PLENARY, ConnectionId, ParticipantId, RoomId
from tests.unit.workshop_case import Workshop


def sizes(workshop: Workshop) -> list[int]:
    where = Counter(p.room_id for p in workshop.state.participants.values() if p.room_id != PLENARY)
    return sorted(where.values(), reverse=True)


def room_of(workshop: Workshop, who: str) -> RoomId:
    return workshop.state.participants[ParticipantId(who)].room_id


def test_BR1_breakouts_open_once_at_a_time() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", OpenBreakouts(count=2))
    assert workshop.rejected("fay", OpenBreakouts(count=2)).code == "breakouts_open"


@pytest.mark.parametrize("count", [0, -1, 201])
def test_BR2_the_number_of_rooms_has_limits(count: int) -> None:
    workshop = Workshop()
    workshop.crowd(2)
    assert workshop.rejected("fay", OpenBreakouts(count=count)).code == "room_count"


@pytest.mark.parametrize(("learners", "rooms"), [(9, 6), (1, 1), (7, 3), (100, 7), (6, 6)])
def test_BR3_rooms_are_even_and_none_is_empty(learners: int, rooms: int) -> None:
    workshop = Workshop(seed=learners)
    workshop.crowd(learners)
    workshop.do("fay", OpenBreakouts(count=rooms))
    assert len(sizes(workshop)) == rooms
    assert sum(sizes(workshop)) == learners
    assert max(sizes(workshop)) - min(sizes(workshop)) <= 1


def test_BR3_more_rooms_than_learners_are_refused_with_the_number_possible() -> None:
    workshop = Workshop()
    workshop.crowd(3)
    workshop.do("l2", Leave())
    refusal = workshop.rejected("fay", OpenBreakouts(count=3))
    assert refusal.code == "too_many_rooms"
    assert "at most 2" in refusal.message


def test_BR3_different_entropy_gives_different_groups() -> None:
    groupings = set()
    for seed in range(5):
        workshop = Workshop(seed=seed)
        names = workshop.crowd(12)
        workshop.do("fay", OpenBreakouts(count=3))
        groupings.add(
            frozenset(frozenset(n for n in names if room_of(workshop, n) == room_of(workshop, m)) for m in names)
        )
    assert len(groupings) > 1


def test_BR4_only_learners_are_assigned_also_those_reconnecting() -> None:
    workshop = Workshop()
    workshop.crowd(4)
    workshop.join("cora", "cofacilitator")
    workshop.join("obi", "observer")
    workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    workshop.do("fay", OpenBreakouts(count=2))
    assert {room_of(workshop, who) for who in ("fay", "cora", "obi")} == {PLENARY}
    assert sizes(workshop) == [2, 2]


def test_BR5_anybody_can_be_moved_anywhere_open() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", OpenBreakouts(count=2))
    target = room_of(workshop, "l0")
    everybody = tuple(ParticipantId(who) for who in ("fay", "l0", "l1", "l1"))
    moved = workshop.do("fay", MoveParticipants(participant_ids=everybody, room_id=target))
    assert sorted(event.participant_id for event in moved) == ["fay", "l1"]  # type: ignore[union-attr]
    nowhere = MoveParticipants(participant_ids=everybody, room_id=RoomId("r_none"))
    assert workshop.rejected("fay", nowhere).code == "unknown_room"
    workshop.do("fay", CloseBreakouts())
    assert workshop.rejected("fay", MoveParticipants(participant_ids=everybody, room_id=target)).code == "unknown_room"


def test_BR5_somebody_who_joins_late_can_be_moved_too() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", OpenBreakouts(count=2))
    workshop.join("late")
    assert room_of(workshop, "late") == PLENARY
    workshop.do("fay", MoveParticipants(participant_ids=(ParticipantId("late"),), room_id=room_of(workshop, "l0")))
    assert room_of(workshop, "late") == room_of(workshop, "l0")


def test_BR6_recall_brings_everybody_back() -> None:
    workshop = Workshop()
    workshop.crowd(5)
    assert workshop.rejected("fay", CloseBreakouts()).code == "breakouts_not_open"
    workshop.do("fay", OpenBreakouts(count=2))
    workshop.do("fay", CloseBreakouts())
    assert sizes(workshop) == []
    rooms = [record.room_id for record in workshop.sees("l0").values() if record.kind == "room"]
    assert rooms == [PLENARY]


def test_BR7_the_timer_recalls_by_itself() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    assert workshop.rejected("fay", OpenBreakouts(count=2, duration_ms=10)).code == "duration"
    workshop.do("fay", OpenBreakouts(count=2, duration_ms=600_000))
    assert workshop.sees("l0")["breakouts"].ends_at_ms == workshop.now_ms + 600_000  # type: ignore[union-attr]
    workshop.wait(599_999)
    assert sizes(workshop) == [1, 1]
    workshop.wait(1)
    assert sizes(workshop) == []
    assert workshop.log[-1].event.reason == "timer"  # type: ignore[union-attr]
