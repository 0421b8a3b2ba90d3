"""What was said in writing: that it was said and how long it is; the words only where the server is set to publish them."""

from collections.abc import Iterator

from rooms.events.chat import MessagePosted
from server.publish import catalogue as c
from server.publish.narrative.telling import Now, Told


def posted(now: Now) -> Iterator[Told]:
    event = now.recorded.event
    if isinstance(event, MessagePosted):
        open_channel = event.channel in ("room", "everyone")
        yield now.about(
            c.ChatPosted,
            event.author_id,
            event.room_id,
            message_id=event.message_id,
            channel=event.channel,
            length=event.length,
            text=event.text if now.options.chat_text and open_channel else None,
        )
