"""What all tellers work with: the state so far, the event being told, and the fields that every published event has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rooms.events import Recorded
from rooms.ids import PLENARY, ParticipantId, PollId, RoomId
from rooms.state import WorkshopState
from server.publish import catalogue as c
from server.publish.cloudevents import event_id, registration

Told = tuple[str, c.Data]
"""A subject and what is said of it."""


@dataclass(frozen=True, slots=True)
class Options:
    """`home_page` is the URL that account names are unique within; `names` publishes what people call themselves, `chat_text` what is
    said in the open."""

    home_page: str
    names: bool = False
    chat_text: bool = False


class Now:
    """The event being told, the state after it, and the keys it touched, each once and in order."""

    def __init__(self, state: WorkshopState, recorded: Recorded, options: Options) -> None:
        self.state = state
        self.recorded = recorded
        self.options = options
        self.at_ms = recorded.at_ms
        self.index = 0
        """How many CloudEvents this event has been told as so far."""
        self.participants: dict[ParticipantId, None] = {}
        self.rooms: dict[RoomId, None] = {}
        self.polls: dict[PollId, None] = {}

    @property
    def next_id(self) -> str:
        """The id of what is told next."""
        return event_id(self.state.workshop_id, self.recorded.seq, self.index)

    def name(self, name: str) -> str | None:
        """What may be published of a person's name."""
        return name if self.options.names else None

    def add(self, key: str) -> None:
        kind, _, key_id = key.partition(":")
        match kind:
            case "participant":
                self.participants[ParticipantId(key_id)] = None
            case "room":
                self.rooms[RoomId(key_id)] = None
            case "poll":
                self.polls[PollId(key_id)] = None

    def about(self, data: type[c.Data], who: ParticipantId, room_id: RoomId | None, **fields: Any) -> Told:
        """Something about one person."""
        fields["participant"] = self.account(who)
        fields["registration"] = registration(self.state.workshop_id, who)
        return self.told(data, f"participants/{who}", room_id, **fields)

    def told(self, data: type[c.Data], subject: str, room_id: RoomId | None = None, **fields: Any) -> Told:
        room = None if room_id is None else self.state.rooms.get(room_id)
        common: dict[str, Any] = {
            "workshop_id": self.state.workshop_id,
            "workshop_title": self.state.title,
            "programme": self.state.programme or None,
            "actor": self.account(self.recorded.actor),
            "command_id": self.recorded.command_id,
            "room_id": room_id,
            "parent_room_id": PLENARY if room is not None and room.kind == "breakout" else None,
        }
        return subject, data(**common, **fields)

    def account(self, who: ParticipantId) -> c.Account:
        person = self.state.participants.get(who)
        waiting = self.state.lobby.get(who)
        role = person.role if person is not None else waiting.role if waiting is not None else None
        return c.Account(homePage=self.options.home_page, name=who, role=role)


Teller = Callable[[Now], Iterator[Told]]
"""Says what the event means for one matter; keeps what it has told in an object of its own."""
