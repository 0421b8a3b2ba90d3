"""Groups: the breakout rooms that were open or are, who belonged there, and what they handed in."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from pydantic import BaseModel, Field

from rooms.ids import ParticipantId, RoomId, RoundId
from rooms.records import WorkRecord
from rooms.state import WorkshopState
from server.export.people import Named, named
from server.export.records import seen
from server.export.tables import Row, moment

HEADER: Final = (
    "round", "round_id", "status", "closed_at", "room_id", "room", "participant_id", "name", "external_id", "email", "role"
)  # fmt: skip


class Group(BaseModel):
    room_id: RoomId
    name: str
    people: list[Named] = Field(description="Who belonged there, whether or not they were there all the time.")


class GroupRound(BaseModel):
    round_id: RoundId
    number: int = Field(description="From 1, of those that are kept.")
    status: Literal["open", "closed"]
    closed_at_ms: int | None
    self_select: bool = Field(description="Whether people chose their rooms.")
    rooms: list[Group]


class GroupsExport(BaseModel):
    workshop_id: str
    title: str
    rounds: list[GroupRound]
    works: list[WorkRecord] = Field(description="Handed in from the rooms.")


def groups_of(state: WorkshopState) -> GroupsExport:
    """Closed rounds that are kept, and the one that is open."""
    rounds = [
        GroupRound(
            round_id=past.round_id,
            number=number,
            status="closed",
            closed_at_ms=past.closed_at_ms,
            self_select=past.choose,
            rooms=[_group(state, room.room_id, room.name, room.participant_ids) for room in past.rooms],
        )
        for number, past in enumerate(state.rounds.values(), 1)
    ]
    now = state.breakouts
    if now is not None:
        rooms = [state.rooms[room_id] for room_id in now.room_ids]
        running = GroupRound(
            round_id=now.round_id,
            number=len(rounds) + 1,
            status="open",
            closed_at_ms=None,
            self_select=now.choose,
            rooms=[_group(state, room.room_id, room.name, room.members) for room in rooms],
        )
        rounds.append(running)
    shown = (seen(state, f"work:{work_id}", WorkRecord) for work_id in state.works)
    works = [work for work in shown if work is not None]
    return GroupsExport(workshop_id=state.workshop_id, title=state.title, rounds=rounds, works=works)


def _group(state: WorkshopState, room_id: RoomId, name: str, members: Iterable[ParticipantId]) -> Group:
    return Group(room_id=room_id, name=name, people=[named(state, who) for who in members])


def rows(found: GroupsExport) -> Iterator[Row]:
    """A line a person and room; a room without anybody has one, too."""
    for each in found.rounds:
        for room in each.rooms:
            begin = (each.number, each.round_id, each.status, moment(each.closed_at_ms), room.room_id, room.name)
            for person in room.people:
                yield (*begin, person.participant_id, person.name, person.external_id, person.email, person.role)
            if not room.people:
                yield (*begin, None, None, None, None, None)
