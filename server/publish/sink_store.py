"""Where the sinks of single workshops are kept. Their settings hold secrets: the store is as private as the journal's keys."""

import sqlite3
from dataclasses import dataclass
from typing import Protocol

from rooms.ids import WorkshopId
from server.journal.redis import RedisJournal
from server.journal.redis_store import awaited, text
from server.journal.sqlite import SqliteJournal


@dataclass(frozen=True, slots=True)
class StoredSink:
    """`settings` is the JSON that it was set with."""

    workshop_id: WorkshopId
    name: str
    settings: str


class SinkStore(Protocol):
    """Every method may raise `server.journal.port.JournalUnavailable`."""

    async def all(self) -> list[StoredSink]: ...

    async def put(self, sink: StoredSink) -> None: ...

    async def remove(self, workshop_id: WorkshopId, name: str) -> None: ...


class SqliteSinkStore:
    """In the journal's file."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    async def all(self) -> list[StoredSink]:
        def find(db: sqlite3.Connection) -> list[StoredSink]:
            rows = db.execute("SELECT workshop_id, name, settings FROM workshop_sinks ORDER BY workshop_id, name")
            return [StoredSink(WorkshopId(workshop_id), name, settings) for workshop_id, name, settings in rows]

        return await self._journal.query(find)

    async def put(self, sink: StoredSink) -> None:
        row = (sink.workshop_id, sink.name, sink.settings)
        await self._journal.transact(
            lambda db: db.execute("INSERT OR REPLACE INTO workshop_sinks VALUES (?, ?, ?)", row)
        )

    async def remove(self, workshop_id: WorkshopId, name: str) -> None:
        row = (workshop_id, name)
        await self._journal.transact(
            lambda db: db.execute("DELETE FROM workshop_sinks WHERE workshop_id = ? AND name = ?", row)
        )


class RedisSinkStore:
    """A hash, `<workshop>/<name>` → settings. Neither part holds a `/`."""

    def __init__(self, journal: RedisJournal) -> None:
        self._store = journal.store

    async def all(self) -> list[StoredSink]:
        async with self._store.calls():
            found = await awaited(self._store.redis.hgetall(self._store.common("workshop_sinks")))
        sinks = []
        for place, settings in sorted(found.items()):
            workshop_id, _, name = text(place).partition("/")
            sinks.append(StoredSink(WorkshopId(workshop_id), name, text(settings)))
        return sinks

    async def put(self, sink: StoredSink) -> None:
        async with self._store.calls():
            place = f"{sink.workshop_id}/{sink.name}"
            await awaited(self._store.redis.hset(self._store.common("workshop_sinks"), place, sink.settings))

    async def remove(self, workshop_id: WorkshopId, name: str) -> None:
        async with self._store.calls():
            await awaited(self._store.redis.hdel(self._store.common("workshop_sinks"), f"{workshop_id}/{name}"))
