"""What tests of breakouts ask again and again."""

from typing import Any

from rooms.commands.breakouts import OpenBreakouts
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.records import RoomBoardRecord
from tests.unit.workshop_case import Workshop


def room_of(workshop: Workshop, who: str) -> RoomId:
    return workshop.state.participants[ParticipantId(who)].room_id


def breakouts(learners: int, count: int, **fields: Any) -> tuple[Workshop, list[RoomId]]:
    """A workshop with open rooms, and their ids in order."""
    workshop = Workshop(seed=learners)
    workshop.crowd(learners)
    workshop.do("fay", OpenBreakouts(count=count, **fields))
    return workshop, open_rooms(workshop)


def open_rooms(workshop: Workshop) -> list[RoomId]:
    return [room_id for room_id, room in workshop.state.rooms.items() if room.open and room_id != PLENARY]


def sizes(workshop: Workshop) -> list[int]:
    return sorted((len(workshop.state.rooms[room_id].people) for room_id in open_rooms(workshop)), reverse=True)


def people(workshop: Workshop, room_id: RoomId) -> list[str]:
    return sorted(workshop.state.rooms[room_id].people)


def groups(workshop: Workshop) -> set[frozenset[str]]:
    return {frozenset(workshop.state.rooms[room_id].people) for room_id in open_rooms(workshop)}


def board(workshop: Workshop, room_id: RoomId) -> RoomBoardRecord:
    record = workshop.sees("fay")[f"room_board:{room_id}"]
    assert isinstance(record, RoomBoardRecord)
    return record


def ids(*names: str) -> tuple[ParticipantId, ...]:
    return tuple(map(ParticipantId, names))
