"""The ledger in the journal's SQLite file: one file to back up, one writer, one commit for what comes together."""

import sqlite3

from rooms.ids import WorkshopId
from server.journal.sqlite import SqliteJournal
from server.publish.ledger import BEGINNING, FORGOTTEN, DeadLetter, Lag, Position, SinkState

_BEHIND = (
    "FROM workshops LEFT JOIN cursors ON cursors.workshop = workshops.ref AND cursors.sink = ?1 "
    "WHERE workshops.last_seq > coalesce(cursors.seq, 0) AND (?2 IS NULL OR workshops.workshop_id = ?2)"
)


class SqliteLedger:
    """`server.publish.ledger.Ledger`."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    async def position(self, sink: str, workshop_id: WorkshopId) -> Position:
        def find(db: sqlite3.Connection) -> Position:
            row = db.execute(
                "SELECT seq, part FROM cursors JOIN workshops ON workshop = ref WHERE sink = ? AND workshop_id = ?",
                (sink, workshop_id),
            ).fetchone()
            return Position() if row is None else Position(*row)

        return await self._journal.query(find)

    async def advance(
        self, sink: str, workshop_id: WorkshopId, to: Position, dead: tuple[tuple[int, int, str, str, int], ...] = ()
    ) -> None:
        def note(db: sqlite3.Connection) -> None:
            (ref,) = db.execute("SELECT ref FROM workshops WHERE workshop_id = ?", (workshop_id,)).fetchone()
            db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?)", (sink, ref, to.seq, to.part))
            db.executemany(
                "INSERT INTO dead_letters (sink, workshop, seq, part, event_id, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(sink, ref, *letter) for letter in dead],
            )

        await self._journal.transact(note)

    async def behind(self, sink: str, only: WorkshopId | None = None) -> list[WorkshopId]:
        def find(db: sqlite3.Connection) -> list[WorkshopId]:
            rows = db.execute(f"SELECT workshop_id {_BEHIND} ORDER BY ref", (sink, only))
            return [WorkshopId(row[0]) for row in rows]

        return await self._journal.query(find)

    async def lag(self, sink: str, only: WorkshopId | None = None) -> Lag:
        def measure(db: sqlite3.Connection) -> Lag:
            events = db.execute(f"SELECT coalesce(sum(last_seq - coalesce(cursors.seq, 0)), 0) {_BEHIND}", (sink, only))
            oldest = db.execute(
                "SELECT min(at_ms) FROM events JOIN "
                f"(SELECT workshops.ref AS ref, coalesce(cursors.seq, 0) + 1 AS next {_BEHIND}) "
                "ON events.workshop = ref AND events.seq = next",
                (sink, only),
            )
            dead = db.execute("SELECT count(*) FROM dead_letters WHERE sink = ?", (sink,))
            return Lag(events=events.fetchone()[0], oldest_at_ms=oldest.fetchone()[0], dead_letters=dead.fetchone()[0])

        return await self._journal.query(measure)

    async def rewind(self, sink: str, workshop_id: WorkshopId | None, to: Position = BEGINNING) -> None:
        await self._journal.transact(
            lambda db: db.execute(
                "UPDATE cursors SET seq = ?1, part = ?2 WHERE sink = ?3 AND (seq, part) > (?1, ?2) "
                "AND (?4 IS NULL OR workshop = (SELECT ref FROM workshops WHERE workshop_id = ?4))",
                (to.seq, to.part, sink, workshop_id),
            )
        )

    async def state(self, sink: str) -> SinkState:
        def find(db: sqlite3.Connection) -> SinkState:
            row = db.execute("SELECT failing_since_ms, disabled FROM sinks WHERE sink = ?", (sink,)).fetchone()
            return SinkState() if row is None else SinkState(failing_since_ms=row[0], disabled=row[1])

        return await self._journal.query(find)

    async def set_state(self, sink: str, state: SinkState) -> None:
        await self._journal.transact(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO sinks VALUES (?, ?, ?)", (sink, state.failing_since_ms, state.disabled)
            )
        )

    async def dead_letters(self, sink: str, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        def find(db: sqlite3.Connection) -> list[DeadLetter]:
            rows = db.execute(
                "SELECT dead_letters.ref, sink, workshop_id, seq, part, event_id, reason, at_ms "
                "FROM dead_letters JOIN workshops ON workshop = workshops.ref "
                "WHERE sink = ? AND dead_letters.ref > ? ORDER BY dead_letters.ref LIMIT ?",
                (sink, after, limit),
            )
            names = ("ref", "sink", "workshop_id", "seq", "part", "event_id", "reason", "at_ms")
            return [DeadLetter(**dict(zip(names, row, strict=True))) for row in rows]

        return await self._journal.query(find)

    async def forget_reasons(self, workshop_id: WorkshopId) -> None:
        await self._journal.transact(
            lambda db: db.execute(
                "UPDATE dead_letters SET reason = ? WHERE workshop = (SELECT ref FROM workshops WHERE workshop_id = ?)",
                (FORGOTTEN, workshop_id),
            )
        )

    async def forget_letters(self, workshop_id: WorkshopId) -> None:
        await self._journal.transact(
            lambda db: db.execute(
                "DELETE FROM dead_letters WHERE workshop = (SELECT ref FROM workshops WHERE workshop_id = ?)",
                (workshop_id,),
            )
        )

    async def forget_sink(self, sink: str) -> None:
        def forget(db: sqlite3.Connection) -> None:
            for table in ("cursors", "dead_letters", "sinks"):
                db.execute(f"DELETE FROM {table} WHERE sink = ?", (sink,))

        await self._journal.transact(forget)

    async def bury(self, ref: int) -> None:
        await self._journal.transact(lambda db: db.execute("DELETE FROM dead_letters WHERE ref = ?", (ref,)))
