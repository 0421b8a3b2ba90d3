"""Which store the settings name: the journal and, beside it, the publisher's ledger and the audit trail."""

from dataclasses import dataclass

from server.audit import Audit
from server.clock import Clock
from server.config import Settings
from server.journal.redis import RedisJournal
from server.journal.redis_audit import RedisAudit
from server.journal.redis_store import RedisStore
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_audit import SqliteAudit
from server.publish.ledger import Ledger
from server.publish.redis_ledger import RedisLedger
from server.publish.sink_store import RedisSinkStore, SinkStore, SqliteSinkStore
from server.publish.sqlite_ledger import SqliteLedger


@dataclass(frozen=True, slots=True)
class Stores:
    """The journal, and what stands in the same store beside it; all of it is usable once the journal is open."""

    journal: SqliteJournal | RedisJournal
    ledger: Ledger
    audit: Audit
    sinks: SinkStore
    clock: Clock
    """What all who share the store go by."""


def of(settings: Settings, clock: Clock) -> Stores:
    """Not open yet."""
    if settings.store == "sqlite":
        journal = SqliteJournal(settings.data_dir / "journal.sqlite")
        return Stores(journal, SqliteLedger(journal), SqliteAudit(journal, clock), SqliteSinkStore(journal), clock)
    options = settings.redis
    shared = RedisJournal(
        RedisStore(settings.store, prefix=options.prefix, timeout_s=options.timeout_ms / 1000, clock=clock),
        wait_replicas=options.wait_replicas,
        wait_s=options.wait_ms / 1000,
        allow_volatile=options.allow_volatile,
    )
    clock = shared.store.clock
    return Stores(shared, RedisLedger(shared), RedisAudit(shared, clock), RedisSinkStore(shared), clock)
