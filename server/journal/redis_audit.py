"""The audit trail in the journal's Redis: a stream whose entry `<ref>-0` is the entry `ref`."""

import json
from typing import Any

from server.audit import Action, AuditEntry
from server.clock import Clock
from server.journal.redis import RedisJournal
from server.journal.redis_store import text

_NOTE = """
redis.call('XADD', KEYS[1], redis.call('INCR', KEYS[2]) .. '-0', 'entry', ARGV[1])
"""
_PAGE = 500


class RedisAudit:
    """`server.audit.Audit`."""

    def __init__(self, journal: RedisJournal, clock: Clock) -> None:
        self._store = journal.store
        self._clock = clock
        self._note = self._store.script(_NOTE)

    async def note(
        self, action: Action, *, actor: str, workshop_id: str = "", subject: str = "", **detail: str | int | None
    ) -> None:
        entry = {"at_ms": self._clock.wall_ms(), "actor": actor, "action": action, "detail": detail}
        entry |= {"workshop_id": workshop_id, "subject": subject}
        keys = [self._store.common("audit"), self._store.common("audit", "count")]
        async with self._store.calls():
            await self._note(keys=keys, args=[json.dumps(entry)])

    async def entries(self, *, after: int = 0, limit: int = 100, workshop_id: str | None = None) -> list[AuditEntry]:
        found: list[AuditEntry] = []
        async with self._store.calls():
            while len(found) < limit:
                page: Any = await self._store.redis.xrange(self._store.common("audit"), min=f"({after}-0", count=_PAGE)
                if not page:
                    break
                for ref, fields in page:
                    after = int(text(ref).partition("-")[0])
                    entry = AuditEntry(ref=after, **json.loads(fields[b"entry"]))
                    if workshop_id is None or entry.workshop_id == workshop_id:
                        found.append(entry)
        return found[:limit]
