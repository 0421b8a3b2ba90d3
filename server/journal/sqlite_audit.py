"""The audit trail in the journal's SQLite file."""

import json
import sqlite3

from server.audit import Action, AuditEntry
from server.clock import Clock
from server.journal.sqlite import SqliteJournal


class SqliteAudit:
    """`server.audit.Audit`."""

    def __init__(self, journal: SqliteJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def note(
        self, action: Action, *, actor: str, workshop_id: str = "", subject: str = "", **detail: str | int | None
    ) -> None:
        row = (self._clock.wall_ms(), actor, action, workshop_id, subject, json.dumps(detail))
        await self._journal.transact(
            lambda db: db.execute(
                "INSERT INTO audit (at_ms, actor, action, workshop_id, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", row
            )
        )

    async def entries(self, *, after: int = 0, limit: int = 100, workshop_id: str | None = None) -> list[AuditEntry]:
        def find(db: sqlite3.Connection) -> list[AuditEntry]:
            rows = db.execute(
                "SELECT ref, at_ms, actor, action, workshop_id, subject, detail FROM audit "
                "WHERE ref > ? AND (? IS NULL OR workshop_id = ?) ORDER BY ref LIMIT ?",
                (after, workshop_id, workshop_id, limit),
            )
            names = ("ref", "at_ms", "actor", "action", "workshop_id", "subject")
            return [AuditEntry(**dict(zip(names, row[:-1], strict=True)), detail=json.loads(row[-1])) for row in rows]

        return await self._journal.query(find)
