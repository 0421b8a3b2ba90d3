"""The workshop's roster: imported, matched with the people who come. Rules RO in SPEC.md.

Reading files and the rules of matching are in `rooms.roster`. Entries are matched one by one as people join, so that a join costs
a look at the index; the rules are those of `rooms.roster.match`, which the tests compare.
"""

from collections.abc import Iterable

from rooms.commands import Stamp
from rooms.commands.rosters import ImportRoster
from rooms.events import Event, Recorded
from rooms.events.people import ParticipantJoined
from rooms.events.rosters import RosterEntryAdded, RosterStarted
from rooms.feature import Feature, Shown
from rooms.ids import ParticipantId, RosterEntryId, derive
from rooms.messages import ERASED
from rooms.records import FACILITATORS, RosterEntryRecord
from rooms.roster import read_roster
from rooms.state import Roster, RosterEntry, WorkshopState


def row_of(state: WorkshopState, participant_id: ParticipantId) -> RosterEntry | None:
    """The roster's entry of a participant."""
    entry_id = state.roster.entry_of.get(participant_id)
    return None if entry_id is None else state.roster.entries[entry_id]


def entry_for(state: WorkshopState, who: ParticipantId, external_id: str, email: str) -> RosterEntry | None:
    """The first entry that matches somebody with these keys and nobody else."""
    roster = state.roster
    found = {entry_id for key in keys_of(who, external_id, email) for entry_id in roster.index.get(key, ())}
    for entry in sorted((roster.entries[entry_id] for entry_id in found), key=lambda entry: entry.line):
        owners = {
            owner for key in keys_of_entry(entry.external_id, entry.email) for owner in roster.people.get(key, ())
        }
        if owners <= {who} and entry.participant_id in (None, who):
            return entry
    return None


def decide_import(_state: WorkshopState, command: ImportRoster, stamp: Stamp) -> tuple[Event, ...]:
    rows = read_roster(command.text.encode()) if command.text.strip() else ()
    entries = [
        RosterEntryAdded(
            entry_id=RosterEntryId(derive("e", stamp.entropy, index)),
            line=row.place.line,
            email=row.email,
            external_id=row.external_id,
            name=row.name,
            room=row.room,
            score=row.score,
            attributes=row.attributes,
        )
        for index, row in enumerate(rows)
    ]
    return (RosterStarted(rows=len(entries)), *entries)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_started(state: WorkshopState, _event: RosterStarted, _recorded: Recorded) -> None:
    dropped = tuple(state.roster.entries)
    state.roster = Roster(dropped=dropped, people=_index_of_people(state))


def evolve_entry(state: WorkshopState, event: RosterEntryAdded, _recorded: Recorded) -> None:
    roster = state.roster
    entry = RosterEntry(
        entry_id=event.entry_id,
        line=event.line,
        email=event.email,
        external_id=event.external_id,
        name=event.name,
        room=event.room,
        score=event.score,
        attributes=event.attributes,
    )
    roster.entries[entry.entry_id] = entry
    found = set[ParticipantId]()
    for key in keys_of_entry(entry.external_id, entry.email):
        roster.index.setdefault(key, set()).add(entry.entry_id)
        found |= roster.people.get(key, set())
    if len(found) == 1:
        _match(state, entry, found.pop())


def evolve_joined(state: WorkshopState, event: ParticipantJoined, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    for key in keys_of(person.participant_id, person.external_id, person.email):
        state.roster.people.setdefault(key, set()).add(person.participant_id)
    entry = entry_for(state, person.participant_id, person.external_id, person.email)
    if entry is not None:
        _match(state, entry, person.participant_id)


def _match(state: WorkshopState, entry: RosterEntry, who: ParticipantId) -> None:
    if who not in state.roster.entry_of and entry.participant_id is None:
        entry.participant_id = who
        state.roster.entry_of[who] = entry.entry_id


def keys_of(who: ParticipantId, external_id: str, email: str) -> Iterable[str]:
    """What a person may be called in a roster: the participant id is as good as an external id."""
    yield f"id:{who}"
    if external_id.strip() not in ("", ERASED):
        yield f"id:{external_id.strip()}"
    if email.strip() not in ("", ERASED):
        yield f"email:{email.strip().lower()}"


def keys_of_entry(external_id: str, email: str) -> Iterable[str]:
    """What an entry's person is called. Erased texts call nobody anything."""
    if external_id not in ("", ERASED):
        yield f"id:{external_id}"
    if email not in ("", ERASED):
        yield f"email:{email}"


def _index_of_people(state: WorkshopState) -> dict[str, set[ParticipantId]]:
    index: dict[str, set[ParticipantId]] = {}
    for person in state.participants.values():
        for key in keys_of(person.participant_id, person.external_id, person.email):
            index.setdefault(key, set()).add(person.participant_id)
    return index


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_started(state: WorkshopState, _event: RosterStarted) -> Iterable[str]:
    return (f"roster_entry:{entry_id}" for entry_id in state.roster.dropped)


def touch_entry(_state: WorkshopState, event: RosterEntryAdded) -> Iterable[str]:
    return (f"roster_entry:{event.entry_id}",)


def touch_joined(state: WorkshopState, event: ParticipantJoined) -> Iterable[str]:
    entry_id = state.roster.entry_of.get(event.participant_id)
    return () if entry_id is None else (f"roster_entry:{entry_id}",)


def render(state: WorkshopState, key_id: str) -> Shown | None:
    entry = state.roster.entries.get(RosterEntryId(key_id))
    if entry is None:
        return None
    record = RosterEntryRecord(
        entry_id=entry.entry_id,
        line=entry.line,
        name=entry.name,
        email=entry.email,
        external_id=entry.external_id,
        room=entry.room,
        participant_id=entry.participant_id,
    )
    return record, frozenset((FACILITATORS,))


def keys(state: WorkshopState) -> Iterable[str]:
    return (f"roster_entry:{entry_id}" for entry_id in state.roster.entries)


FEATURE = Feature(
    deciders={ImportRoster: decide_import},
    evolvers={RosterStarted: evolve_started, RosterEntryAdded: evolve_entry, ParticipantJoined: evolve_joined},
    touched={RosterStarted: touch_started, RosterEntryAdded: touch_entry, ParticipantJoined: touch_joined},
    renderers={"roster_entry": render},
    keys=keys,
    slow=frozenset({ImportRoster}),
)
