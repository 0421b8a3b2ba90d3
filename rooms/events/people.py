"""People come, go, raise hands and switch devices on and off. A participant is a person, not a connection."""

from typing import Literal

from rooms.ids import ConnectionId, ParticipantId, RoomId
from rooms.messages import message, personal
from rooms.roles import Role


@message
class ParticipantJoined:
    """A person is in the workshop for the first time."""

    participant_id: ParticipantId
    name: str = personal("participant_id")
    role: Role
    room_id: RoomId
    external_id: str = personal("participant_id", default="")
    email: str = personal("participant_id", default="")
    type: Literal["ParticipantJoined"] = "ParticipantJoined"


@message
class ParticipantReturned:
    """A person who had left is back, in the room named."""

    participant_id: ParticipantId
    room_id: RoomId
    type: Literal["ParticipantReturned"] = "ParticipantReturned"


@message
class ParticipantLeft:
    participant_id: ParticipantId
    reason: Literal["left", "lost", "removed", "closed"]
    """`left` on purpose, `lost` when the grace ran out, `removed` by a facilitator, `closed` with the workshop."""
    type: Literal["ParticipantLeft"] = "ParticipantLeft"


@message
class ParticipantRenamed:
    participant_id: ParticipantId
    name: str = personal("participant_id")
    type: Literal["ParticipantRenamed"] = "ParticipantRenamed"


@message
class RoleChanged:
    participant_id: ParticipantId
    role: Role
    type: Literal["RoleChanged"] = "RoleChanged"


@message
class ConnectionOpened:
    participant_id: ParticipantId
    connection_id: ConnectionId
    type: Literal["ConnectionOpened"] = "ConnectionOpened"


@message
class ConnectionClosed:
    participant_id: ParticipantId
    connection_id: ConnectionId
    lost_at_ms: int | None = None
    """When it was lost, where that was long before it was known: the last time that the server is known to have been there."""
    type: Literal["ConnectionClosed"] = "ConnectionClosed"


@message
class HandRaised:
    participant_id: ParticipantId
    type: Literal["HandRaised"] = "HandRaised"


@message
class HandLowered:
    participant_id: ParticipantId
    type: Literal["HandLowered"] = "HandLowered"


@message
class MediaChanged:
    """What a person sends from now on."""

    participant_id: ParticipantId
    mic: bool
    camera: bool
    screen: bool
    type: Literal["MediaChanged"] = "MediaChanged"
