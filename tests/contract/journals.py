"""The journals that the contract suite runs on, each with the real store behind it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Protocol

from server.journal.port import Journal
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from server.journal.sqlite import SqliteJournal
from tests.redis_cluster import RedisClusterServer, shared
from tests.redis_server import RedisServer


class Store(Protocol):
    """A store that outlives the journals opened on it."""

    async def start(self) -> None:
        """Called first."""

    async def stop(self) -> None:
        """Called last."""

    def journal(self) -> Journal:
        """A journal on the store, not open yet; one at a time."""

    def away(self) -> AbstractAsyncContextManager[None]:
        """Inside, the store cannot be written."""

    def stored_bytes(self) -> bytes:
        """Everything that the store keeps on disk."""


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.db"

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

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


class RedisOnDisk:
    """A redis-server of its own; away means killed, which is known at once: the limit is for a machine that is busy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = RedisServer(folder)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.kill()

    def journal(self) -> Journal:
        return RedisJournal(RedisStore(self._server.url, timeout_s=10))

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        await self._server.kill()
        yield
        await self._server.start()

    def stored_bytes(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self._folder.rglob("*")) if path.is_file())


class ClusterOnDisk:
    """Three primaries of a Redis Cluster, shared by the tests of this process; away means all killed."""

    _server: RedisClusterServer

    def __init__(self, _folder: Path) -> None: ...

    async def start(self) -> None:
        self._server = await shared()

    async def stop(self) -> None: ...

    def journal(self) -> Journal:
        return RedisJournal(RedisStore(self._server.url, timeout_s=10))

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        self._server.kill()
        yield
        await self._server.start()

    def stored_bytes(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self._server.folder.rglob("*")) if path.is_file())


STORES = {"sqlite": SqliteStore, "redis": RedisOnDisk, "redis-cluster": ClusterOnDisk}
