"""The door: the lobby, the lock, removal."""

from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message


@message
class SetLobby:
    """Let newcomers wait until they are admitted. Switching it off admits everybody who waits."""

    on: bool
    type: Literal["SetLobby"] = "SetLobby"


@message
class SetLock:
    """Turn newcomers away. Who has been in may come back."""

    on: bool
    type: Literal["SetLock"] = "SetLock"


@message
class Admit:
    """Let people in from the lobby."""

    participant_ids: tuple[ParticipantId, ...] | None = None
    """Whom; everybody who waits if left out."""
    type: Literal["Admit"] = "Admit"


@message
class Deny:
    """Send people away from the lobby; they may knock again."""

    participant_ids: tuple[ParticipantId, ...]
    type: Literal["Deny"] = "Deny"


@message
class RemoveParticipant:
    """Put somebody out. They come back only if admitted from the lobby, and with `ban` not at all."""

    participant_id: ParticipantId
    ban: bool = False
    type: Literal["RemoveParticipant"] = "RemoveParticipant"


@message
class LiftBan:
    participant_id: ParticipantId
    type: Literal["LiftBan"] = "LiftBan"
