"""Forgetting people. Rules PD in SPEC.md.

Theory of operation. Personal texts stand in fields marked `personal`, sealed in the journal with the key of the person they are about.
Erasing destroys keys, and everything else follows from reading the journal again: the state is *rebuilt by replay*, not changed by
an evolver. So there is one place that knows what is personal (the event types), a feature cannot forget to forget, and the state in
memory is by construction what a restart would give. The event says to everybody who folds events (here, and those who get them
published) that what they know from earlier events must be known anew.

What belongs to a person: texts with the person's id as subject, and the entries of every roster that was ever imported
which share an id or an address with the person.
"""

from collections.abc import Iterable

from rooms.codec import event_types
from rooms.commands import Stamp
from rooms.commands.privacy import ErasePersonalData
from rooms.events import Event, Recorded
from rooms.events.lobby import LobbyEntered
from rooms.events.people import ParticipantJoined
from rooms.events.privacy import PersonalDataErased
from rooms.events.rosters import RosterEntryAdded
from rooms.feature import Feature
from rooms.ids import ParticipantId
from rooms.messages import personal_fields
from rooms.rosters import keys_of, keys_of_entry
from rooms.state import WorkshopState

SUBJECT_FIELDS: dict[str, frozenset[str]] = {
    name: frozenset(personal_fields(event_type).values()) for name, event_type in event_types().items()
}
"""Event type → the fields that say whose texts the event holds."""


class Subjects:
    """Whose keys must go. Give it every event from the first in order, then ask."""

    def __init__(self) -> None:
        self._people: set[str] = set()
        self._entries: dict[str, set[str]] = {}
        """Called so ("id:…", "email:…") → roster entries."""
        self._called: dict[str, set[str]] = {}
        """Person or entry → what they are called."""

    def note(self, event: Event) -> None:
        for field in SUBJECT_FIELDS[event.type]:
            self._people.add(getattr(event, field))
        match event:
            case ParticipantJoined() | LobbyEntered():
                keys = keys_of(event.participant_id, event.external_id, event.email)
                self._called.setdefault(event.participant_id, set()).update(keys)
            case RosterEntryAdded():
                for key in keys_of_entry(event.external_id, event.email):
                    self._entries.setdefault(key, set()).add(event.entry_id)
                    self._called.setdefault(event.entry_id, set()).add(key)

    def of(self, participant_id: ParticipantId | None) -> tuple[ParticipantId, ...]:
        """The ids whose keys seal texts about this person (null: about anybody), sorted; empty if the journal knows nobody of that id."""
        if participant_id is None:
            return tuple(sorted(map(ParticipantId, self._people)))
        if participant_id not in self._people:
            return ()
        found = {participant_id}
        for key in self._called.get(participant_id, ()):
            found |= {ParticipantId(entry_id) for entry_id in self._entries.get(key, ())}
        return tuple(sorted(found))


def decide_erase(_state: WorkshopState, command: ErasePersonalData, _stamp: Stamp) -> tuple[Event, ...]:
    """Always an event: who asks again means that nothing must be left of what came since."""
    return (PersonalDataErased(participant_id=command.participant_id),)


def evolve_erased(_state: WorkshopState, _event: PersonalDataErased, _recorded: Recorded) -> None:
    """Nothing: see the module's text."""


def touch_erased(_state: WorkshopState, _event: PersonalDataErased) -> Iterable[str]:
    """Nothing: whoever rebuilds the state compares all records (`Projection.rebuilt`)."""
    return ()


FEATURE = Feature(
    deciders={ErasePersonalData: decide_erase},
    evolvers={PersonalDataErased: evolve_erased},
    touched={PersonalDataErased: touch_erased},
    renderers={},
    keys=lambda _state: (),
)
