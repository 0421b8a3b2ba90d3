"""Chat."""

from typing import Literal

from rooms.ids import MessageId, ParticipantId, RoomId
from rooms.messages import message, personal

Channel = Literal["room", "everyone", "facilitators", "private"]


@message
class MessagePosted:
    message_id: MessageId
    author_id: ParticipantId
    channel: Channel
    room_id: RoomId | None = None
    """The room it was said in, for channel `room`."""
    to_id: ParticipantId | None = None
    """The one person it was said to, for channel `private`."""
    text: str = personal("author_id")
    length: int
    """Of the text, in characters: a fact that stays when the text is erased."""
    announcement: bool = False
    """Whether a facilitator wrote it to all rooms at once."""
    type: Literal["MessagePosted"] = "MessagePosted"
