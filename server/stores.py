"""Which store the settings name: the journal and, beside it, the publisher's ledger."""

from server.config import Settings
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from server.journal.sqlite import SqliteJournal
from server.publish.ledger import Ledger
from server.publish.redis_ledger import RedisLedger
from server.publish.sqlite_ledger import SqliteLedger


def of(settings: Settings) -> tuple[SqliteJournal | RedisJournal, Ledger]:
    """Neither is open yet."""
    if settings.store == "sqlite":
        journal = SqliteJournal(settings.data_dir / "journal.sqlite")
        return journal, SqliteLedger(journal)
    options = settings.redis
    shared = RedisJournal(
        RedisStore(settings.store, prefix=options.prefix, timeout_s=options.timeout_ms / 1000),
        wait_replicas=options.wait_replicas,
        wait_s=options.wait_ms / 1000,
        allow_volatile=options.allow_volatile,
    )
    return shared, RedisLedger(shared)
