"""What every published event says."""

from typing import ClassVar

from rooms.ids import ParticipantId, RoomId, WorkshopId
from rooms.messages import message
from rooms.roles import Role


@message
class Account:
    """A person, or the server itself (`system`, `api`), in the manner of an xAPI account: `name` is the id there."""

    homePage: str
    name: ParticipantId
    role: Role | None = None


@message
class Data:
    """What all published events say. `room_id` is where it happened, if in a room; `registration` is a UUID that is the
    same for everything about one person in one workshop."""

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1

    workshop_id: WorkshopId
    workshop_title: str
    programme: str | None = None
    """What the workshop is part of, as whoever created it said."""
    actor: Account
    command_id: str
    participant: Account | None = None
    registration: str | None = None
    room_id: RoomId | None = None
    parent_room_id: RoomId | None = None
