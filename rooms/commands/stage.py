"""What people may send."""

from typing import Literal

from rooms.events.stage import Media
from rooms.ids import ParticipantId
from rooms.messages import message


@message
class StopMedia:
    """Switch off what people send: mute, camera off, end a screen share."""

    participant_ids: tuple[ParticipantId, ...] | None = None
    """Whose; everybody's but the facilitators' if left out."""
    media: tuple[Media, ...] = ("mic",)
    may_restart: bool = True
    """False: they cannot switch it on again before it is allowed."""
    type: Literal["StopMedia"] = "StopMedia"


@message
class AllowMedia:
    """Let people switch on again what was forbidden."""

    participant_ids: tuple[ParticipantId, ...] | None = None
    """Whom; everybody if left out."""
    media: tuple[Media, ...] = ("mic",)
    type: Literal["AllowMedia"] = "AllowMedia"
