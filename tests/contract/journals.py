"""The journals that the contract suite runs on, each with the real store behind it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Protocol

from server.journal.port import Journal
from server.journal.sqlite import SqliteJournal


class Store(Protocol):
    """A store that outlives the journals opened on it."""

    def journal(self) -> Journal:
        """A journal on the store, not open yet; one at a time."""

    def away(self) -> AbstractAsyncContextManager[None]:
        """Inside, the store cannot be written."""

    def stored_bytes(self) -> bytes:
        """Everything that the store keeps on disk."""


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.db"

    def journal(self) -> Journal:
        return SqliteJournal(self._path, busy_timeout_ms=100)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def stored_bytes(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self._path.parent.glob("journal.db*")))


STORES = {"sqlite": SqliteStore}
