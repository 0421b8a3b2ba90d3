"""What the journal holds about one person, for that person.

Theory of operation. An event is *about* somebody if a field that names the subject of personal texts, or `participant_id`, is their id, or the
roster entry that is theirs. Such an event is given whole, with the ids of other people taken out: which reviewer had whose work, or
whom a draw put together with whom, is not theirs to know. An event that only mentions them somewhere, or that they caused without
being its subject, is given by its type and time. So blind reviews and anonymous polls stay what they are, and nothing about the person is
left out but what is about somebody else as well.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from rooms.codec import plain
from rooms.erasure import SUBJECT_FIELDS, Subjects
from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId
from server.journal.port import READ_LIMIT, Journal

SOMEBODY = "[somebody]"


class OwnRecords:
    """Reads whole workshops, so it does that for one person at a time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._one = asyncio.Semaphore(1)

    async def of(self, workshop_id: WorkshopId, who: ParticipantId) -> list[dict[str, Any]]:
        """The events about `who` and those that mention them, in order; empty if there is none."""
        async with self._one:
            subjects, people = Subjects(), set[str]()
            async for recorded in self._all(workshop_id):
                subjects.note(recorded.event)
                people |= set(_subjects_of(recorded))
            own: set[str] = {who, *subjects.of(who)}
            found = [_told(recorded, own, people - own) async for recorded in self._all(workshop_id)]
        return [each for each in found if each is not None]

    async def _all(self, workshop_id: WorkshopId) -> AsyncIterator[Recorded]:
        seq = 0
        while page := await self._journal.read(workshop_id, seq, READ_LIMIT):
            for recorded in page:
                yield recorded
            seq = page[-1].seq


def _subjects_of(recorded: Recorded) -> list[str]:
    fields = SUBJECT_FIELDS[recorded.event.type] | {"participant_id"}
    return [value for field in fields if isinstance(value := getattr(recorded.event, field, None), str)]


def _told(recorded: Recorded, own: set[str], others: set[str]) -> dict[str, Any] | None:
    place = {"seq": recorded.seq, "at_ms": recorded.at_ms, "type": recorded.event.type}
    fields = plain(recorded.event)
    if own.intersection(_subjects_of(recorded)):
        return {**place, "by_yourself": recorded.actor in own, "fields": _without(fields, others)}
    if recorded.actor in own or _mentions(fields, own):
        return {**place, "by_yourself": recorded.actor in own, "fields": None}
    return None


def _without(value: Any, others: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            (SOMEBODY if key in others else key): _without(each, others) for key, each in value.items() if key != "type"
        }
    if isinstance(value, list):
        return [_without(each, others) for each in value]
    return SOMEBODY if isinstance(value, str) and value in others else value


def _mentions(value: Any, own: set[str]) -> bool:
    if isinstance(value, dict):
        return any(key in own or _mentions(each, own) for key, each in value.items())
    if isinstance(value, list):
        return any(_mentions(each, own) for each in value)
    return value in own if isinstance(value, str) else False
