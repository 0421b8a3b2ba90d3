"""Rosters over HTTP: taken as CSV or JSON, answered with who is found and who is not."""

import json
import secrets
from typing import Any

from aiohttp import web

from rooms.commands.rosters import ImportRoster
from rooms.ids import ParticipantId
from rooms.roster import RosterPerson, match, read_roster
from rooms.roster.model import MAX_ROSTER_BYTES, Place, RosterRow
from rooms.state import RosterEntry, WorkshopState
from server.actor import WorkshopActor
from server.api.programme_models import RosterAnswer, UnlistedAnswer, UnmatchedRowAnswer


async def body_text(request: web.Request) -> str | bytes:
    """A roster's body, which may be larger than other bodies. Raises `HTTPRequestEntityTooLarge`."""
    return await request.clone(client_max_size=MAX_ROSTER_BYTES + 1_000).read()


def inline_text(roster: str | list[dict[str, Any]]) -> str:
    """A roster that stands in another body, as a text: of a list each person on a line, so that the line is their number."""
    if isinstance(roster, str):
        return roster
    people = ",\n".join(json.dumps(each, ensure_ascii=False) for each in roster)
    return f"[{people}]" if roster else ""


def checked(data: str | bytes) -> str:
    """The roster's text as the workshop takes it. Raises `RosterInvalid` with line, column and what was expected."""
    if not data.strip():
        return ""
    rows = read_roster(data)
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # in the encoding of a spreadsheet; the rows are what counts
        return json.dumps([_written(row) for row in rows], ensure_ascii=False)


def _written(row: RosterRow) -> dict[str, Any]:
    kept = {"email": row.email, "external_id": row.external_id, "name": row.name, "room": row.room, "score": row.score}
    return {key: value for key, value in kept.items() if value not in ("", None)} | {"attributes": row.attributes}


async def take(actor: WorkshopActor, text: str, who: ParticipantId) -> RosterAnswer:
    """Import a checked roster and say who is found. Raises `Rejected` or `Unavailable`."""
    await actor.submit(ImportRoster(text=text), who, f"roster:{secrets.token_hex(16)}")
    return answer(actor.state)


def answer(state: WorkshopState) -> RosterAnswer:
    """Who of the roster is here, who is not and why, and who is here and in no row."""
    entries = list(state.roster.entries.values())
    people = [
        RosterPerson(id=person.participant_id, email=person.email, external_id=person.external_id or who)
        for who, person in state.participants.items()
    ]
    why = {each.row.place.line: each.why for each in match([_row(entry) for entry in entries], people).unmatched}
    waiting = [entry for entry in entries if entry.participant_id is None]
    return RosterAnswer(
        rows=len(entries),
        matched=len(entries) - len(waiting),
        unmatched=[
            UnmatchedRowAnswer(
                line=entry.line,
                name=entry.name,
                email=entry.email,
                external_id=entry.external_id,
                room=entry.room,
                why=why.get(entry.line, "Nobody here has this email or external id."),
            )
            for entry in waiting
        ],
        unlisted=[
            UnlistedAnswer(participant_id=who, name=person.name)
            for who, person in state.participants.items()
            if person.role == "learner" and who not in state.roster.entry_of
        ],
    )


def _row(entry: RosterEntry) -> RosterRow:
    return RosterRow(place=Place(entry.line, 1), email=entry.email, external_id=entry.external_id)
