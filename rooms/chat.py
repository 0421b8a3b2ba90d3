"""Chat: to one's room, to everyone, to the facilitators, to one person. Rules CH in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.chat import PostMessage
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.chat import MessagePosted
from rooms.feature import Feature, Shown
from rooms.ids import MessageId, derive
from rooms.people import known
from rooms.records import ALL, FACILITATORS, MessageRecord, person_audience, room_audience
from rooms.state import Message, WorkshopState
from rooms.text import cleaned


def decide_post(state: WorkshopState, command: PostMessage, stamp: Stamp) -> tuple[Event, ...]:
    author = known(state, stamp.actor)
    text = cleaned(command.text, "message", limits.MAX_MESSAGE_CHARS, rule="CH1")
    if (command.channel == "private") != (command.to_id is not None):
        message = "Channel `private` needs `to_id`, the person it is for; the other channels must not have one."
        raise Rejected("recipient_mismatch", message, rule="CH2")
    if command.to_id is not None and known(state, command.to_id) is author:
        raise Rejected("recipient_is_author", "A private message goes to somebody else than its author.", rule="CH2")
    return (
        MessagePosted(
            message_id=MessageId(derive("m", stamp.entropy)),
            author_id=stamp.actor,
            channel=command.channel,
            room_id=author.room_id if command.channel == "room" else None,
            to_id=command.to_id,
            text=text,
            length=len(text),
        ),
    )


def evolve_posted(state: WorkshopState, event: MessagePosted, recorded: Recorded) -> None:
    state.messages[event.message_id] = Message(seq=recorded.seq, at_ms=recorded.at_ms, posted=event)
    if len(state.messages) > limits.MAX_MESSAGES_SHOWN:
        oldest = next(iter(state.messages))
        del state.messages[oldest]
        state.forgotten_message = oldest


def touch_posted(state: WorkshopState, event: MessagePosted) -> Iterable[str]:
    yield f"message:{event.message_id}"
    if state.forgotten_message is not None:
        yield f"message:{state.forgotten_message}"


def render_message(state: WorkshopState, key_id: str) -> Shown | None:
    message = state.messages.get(MessageId(key_id))
    if message is None:
        return None
    posted = message.posted
    match posted.channel:
        case "room":
            assert posted.room_id is not None
            audiences = [room_audience(posted.room_id)]
        case "everyone":
            audiences = [ALL]
        case "facilitators":
            audiences = [FACILITATORS, person_audience(posted.author_id)]
        case "private":
            assert posted.to_id is not None
            audiences = [person_audience(posted.author_id), person_audience(posted.to_id)]
    record = MessageRecord(
        message_id=posted.message_id,
        seq=message.seq,
        author_id=posted.author_id,
        channel=posted.channel,
        room_id=posted.room_id,
        to_id=posted.to_id,
        text=posted.text,
        announcement=posted.announcement,
        at_ms=message.at_ms,
    )
    return record, frozenset(audiences)


def keys(state: WorkshopState) -> Iterable[str]:
    return (f"message:{message_id}" for message_id in state.messages)


FEATURE = Feature(
    deciders={PostMessage: decide_post},
    evolvers={MessagePosted: evolve_posted},
    touched={MessagePosted: touch_posted},
    renderers={"message": render_message},
    keys=keys,
)
