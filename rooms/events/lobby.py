"""The door: the lobby, the lock, removal."""

from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message, personal
from rooms.roles import Role


@message
class LobbySwitched:
    """From now on newcomers wait in the lobby, or do not."""

    on: bool
    type: Literal["LobbySwitched"] = "LobbySwitched"


@message
class LockSwitched:
    """From now on newcomers are turned away, or are not."""

    on: bool
    type: Literal["LockSwitched"] = "LockSwitched"


@message
class LobbyEntered:
    """Somebody waits to be let in. They are no participant yet; `ParticipantJoined` or `ParticipantReturned` ends the wait."""

    participant_id: ParticipantId
    name: str = personal("participant_id")
    role: Role
    external_id: str = personal("participant_id", default="")
    email: str = personal("participant_id", default="")
    type: Literal["LobbyEntered"] = "LobbyEntered"


@message
class LobbyLeft:
    """Somebody does not wait any longer and was not let in."""

    participant_id: ParticipantId
    reason: Literal["left", "lost", "denied", "closed"]
    type: Literal["LobbyLeft"] = "LobbyLeft"


@message
class ParticipantBanned:
    """This person is not let in any more; `name` is what they were called then."""

    participant_id: ParticipantId
    name: str = personal("participant_id")
    type: Literal["ParticipantBanned"] = "ParticipantBanned"


@message
class BanLifted:
    participant_id: ParticipantId
    type: Literal["BanLifted"] = "BanLifted"
