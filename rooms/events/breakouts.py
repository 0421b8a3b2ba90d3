"""Breakout rooms."""

from typing import Literal

from rooms.ids import ParticipantId, RoomId
from rooms.messages import message


@message
class OpenedRoom:
    room_id: RoomId
    name: str
    participant_ids: tuple[ParticipantId, ...]


@message
class BreakoutsOpened:
    """Rooms now exist and the people listed are in them."""

    rooms: tuple[OpenedRoom, ...]
    ends_at_ms: int | None = None
    type: Literal["BreakoutsOpened"] = "BreakoutsOpened"


@message
class ParticipantMoved:
    participant_id: ParticipantId
    from_room_id: RoomId
    to_room_id: RoomId
    type: Literal["ParticipantMoved"] = "ParticipantMoved"


@message
class BreakoutsClosed:
    """Everybody is back in the plenary; the rooms are closed."""

    reason: Literal["recalled", "timer", "workshop_closed"]
    type: Literal["BreakoutsClosed"] = "BreakoutsClosed"
