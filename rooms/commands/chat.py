"""Chat."""

from typing import Literal

from rooms.events.chat import Channel
from rooms.ids import ParticipantId
from rooms.messages import message


@message
class PostMessage:
    """Say something in writing: to one's room, everyone, the facilitators, or one person."""

    channel: Channel
    text: str
    to_id: ParticipantId | None = None
    """For channel `private` only."""
    type: Literal["PostMessage"] = "PostMessage"
