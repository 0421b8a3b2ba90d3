"""People come, go, raise hands and switch devices on and off."""

from typing import Literal

from rooms.ids import ConnectionId, ParticipantId
from rooms.messages import message
from rooms.roles import Role


@message
class Connect:
    """The actor has a (further) connection. Name and role come from the verified token."""

    connection_id: ConnectionId
    name: str
    role: Role
    external_id: str = ""
    """What other systems call this person; matches rosters."""
    email: str = ""
    type: Literal["Connect"] = "Connect"


@message
class Disconnect:
    connection_id: ConnectionId
    lost_at_ms: int | None = None
    """When it was lost, where that could not be recorded then."""
    type: Literal["Disconnect"] = "Disconnect"


@message
class LostConnection:
    connection_id: ConnectionId
    at_ms: int


@message
class DropAllConnections:
    """The server started anew: no connection that the journal knows of exists any longer."""

    alive_ms: int | None = None
    """When the server is known to have been there last, where that is known."""
    lost: tuple[LostConnection, ...] = ()
    """Those that had ended before, which could not be recorded then."""
    type: Literal["DropAllConnections"] = "DropAllConnections"


@message
class Leave:
    """The actor leaves on purpose, with all connections."""

    type: Literal["Leave"] = "Leave"


@message
class Rename:
    """Change one's own name, or, for facilitators, anybody's."""

    name: str
    participant_id: ParticipantId | None = None
    """Whose name; the actor's own if left out."""
    type: Literal["Rename"] = "Rename"


@message
class ChangeRole:
    participant_id: ParticipantId
    role: Role
    type: Literal["ChangeRole"] = "ChangeRole"


@message
class HandOver:
    """Make somebody else the facilitator; the actor becomes a co-facilitator and may then leave."""

    participant_id: ParticipantId
    type: Literal["HandOver"] = "HandOver"


@message
class RaiseHand:
    type: Literal["RaiseHand"] = "RaiseHand"


@message
class LowerHand:
    """Lower one's own hand, or, for facilitators, anybody's."""

    participant_id: ParticipantId | None = None
    """Whose hand; the actor's own if left out."""
    type: Literal["LowerHand"] = "LowerHand"


@message
class SetMedia:
    """What the actor sends from now on."""

    mic: bool
    camera: bool
    screen: bool
    type: Literal["SetMedia"] = "SetMedia"
