"""What every audit trail promises (server/audit.py); the same tests run on each adapter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.audit import Audit
from server.clock import SystemClock
from server.journal.port import Journal
from server.journal.redis import RedisJournal
from server.journal.redis_audit import RedisAudit
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_audit import SqliteAudit
from tests.contract.journals import STORES


def audit_of(journal: Journal) -> Audit:
    match journal:
        case SqliteJournal():
            return SqliteAudit(journal, SystemClock())
        case RedisJournal():
            return RedisAudit(journal, SystemClock())
    raise AssertionError(journal)


@pytest.fixture(params=sorted(STORES))
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    store = STORES[request.param](tmp_path)
    await store.start()
    journal = store.journal()
    await journal.open()
    yield journal
    await journal.close()
    await store.stop()


async def test_entries_are_kept_in_order_and_read_in_pages(journal: Journal) -> None:
    audit = audit_of(journal)
    for number in range(5):
        await audit.note("record.exported", actor="api", workshop_id=f"w_{number % 2}", rows=number)
    entries = await audit.entries()
    assert [each.ref for each in entries] == sorted(each.ref for each in entries)
    assert [each.detail for each in entries] == [{"rows": number} for number in range(5)]
    assert [each.detail["rows"] for each in await audit.entries(after=entries[1].ref, limit=2)] == [2, 3]
    assert [each.detail["rows"] for each in await audit.entries(workshop_id="w_1")] == [1, 3]
    assert [each.detail["rows"] for each in await audit.entries(workshop_id="w_1", after=entries[1].ref)] == [3]


async def test_entries_outlive_the_process(journal: Journal) -> None:
    await audit_of(journal).note("personal_data.erased", actor="api", workshop_id="w_1", subject="ann", seq=7)
    await journal.close()
    await journal.open()
    (entry,) = await audit_of(journal).entries()
    assert (entry.action, entry.actor, entry.workshop_id, entry.subject) == (
        "personal_data.erased",
        "api",
        "w_1",
        "ann",
    )
    assert entry.at_ms > 1_700_000_000_000
