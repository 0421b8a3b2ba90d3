"""Who of the people known is who in the roster."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.ids import ParticipantId
from rooms.roster.model import RosterRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPerson:
    """Somebody in the workshop, or invited to it, with the keys they are known by."""

    id: ParticipantId
    email: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRow:
    row: RosterRow
    person: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedRow:
    """A row that found nobody. `why`: a sentence."""

    row: RosterRow
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Every row is matched or unmatched, in the order of the file; `missing` are the people no row matched."""

    matched: tuple[MatchedRow, ...]
    unmatched: tuple[UnmatchedRow, ...]
    missing: tuple[ParticipantId, ...]


def match(rows: Sequence[RosterRow], people: Sequence[RosterPerson]) -> Match:
    """Match rows by external id or email. A row is not matched if the two disagree or somebody was matched before."""
    by_id = _index([(person.external_id.strip(), person.id) for person in people])
    by_email = _index([(person.email.strip().lower(), person.id) for person in people])
    matched: list[MatchedRow] = []
    unmatched: list[UnmatchedRow] = []
    taken: dict[ParticipantId, RosterRow] = {}
    for row in rows:
        found = by_id.get(row.external_id, set()) | by_email.get(row.email, set())
        if len(found) > 1:
            unmatched.append(UnmatchedRow(row=row, why="The email and the external id belong to different people."))
        elif not found:
            unmatched.append(UnmatchedRow(row=row, why="Nobody here has this email or external id."))
        else:
            (person,) = found
            if person in taken:
                why = f"The row in line {taken[person].place.line} is the same person."
                unmatched.append(UnmatchedRow(row=row, why=why))
            else:
                taken[person] = row
                matched.append(MatchedRow(row=row, person=person))
    missing = tuple(person.id for person in people if person.id not in taken)
    return Match(matched=tuple(matched), unmatched=tuple(unmatched), missing=missing)


def _index(pairs: Sequence[tuple[str, ParticipantId]]) -> dict[str, set[ParticipantId]]:
    index: dict[str, set[ParticipantId]] = {}
    for key, person in pairs:
        if key:
            index.setdefault(key, set()).add(person)
    return index


def rooms_of(found: Match) -> dict[str, list[ParticipantId]]:
    """Room name → people, both in the order of the file; people without a room are in none."""
    rooms: dict[str, list[ParticipantId]] = {}
    for entry in found.matched:
        if entry.row.room:
            rooms.setdefault(entry.row.room, []).append(entry.person)
    return rooms
