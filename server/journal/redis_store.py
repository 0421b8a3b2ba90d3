"""The connection to Redis that journal, ledger and cluster share: where it is, what its keys are called, how it fails.

Theory of operation. Everything of one workshop stands under keys with the hash tag `{workshop id}`, so that one script can touch all of it
on a Redis Cluster too. What Redis cannot do now (unreachable, loading, read-only after a failover, out of memory) becomes
`JournalUnavailable`, whose text never holds the URL, because that may hold a password.

A lost connection is tried once more at once: a pool's idle connections are all dead after Redis was restarted. Scripts that write
are therefore made so that a second run does no harm. A call that got no answer in time is not repeated.

URLs: `redis://[user:password@]host:port/db`, `rediss://…` (TLS), and `redis+sentinel://host:port,host:port/service/db` for a
primary that Sentinel names.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ConstantBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from rooms.ids import WorkshopId
from server.journal.port import JournalUnavailable

MAX_CONNECTIONS = 32
SENTINEL_PORT = 26379
SCHEMES = ("redis", "rediss", "redis+sentinel")


class RedisStore:
    """One node's connections to Redis. `prefix` keeps several installations apart; `timeout_s` bounds every call."""

    def __init__(self, url: str, *, prefix: str = "atelier", timeout_s: float = 2.0) -> None:
        self.prefix = prefix
        self.timeout_s = timeout_s
        self.redis: Redis = _client(url, timeout_s)
        self._open = False

    async def open(self) -> None:
        """Raises `JournalUnavailable` where Redis does not answer."""
        self._open = True
        try:
            async with self.calls():
                await self.redis.ping()
        except BaseException:
            self._open = False
            raise

    async def close(self) -> None:
        self._open = False
        await self.redis.aclose()

    def of(self, workshop_id: WorkshopId, *parts: str) -> str:
        """A key of a workshop."""
        return ":".join((self.prefix, f"{{{workshop_id}}}", *parts))

    def common(self, *parts: str) -> str:
        """A key that belongs to no workshop; all of these share a hash tag."""
        return ":".join((f"{{{self.prefix}}}", *parts))

    def script(self, lua: str) -> AsyncScript:
        """A Lua script, loaded when it is first needed."""
        return self.redis.register_script(lua)

    @asynccontextmanager
    async def calls(self) -> AsyncIterator[None]:
        """Frames calls of Redis: what fails in them is `JournalUnavailable`."""
        if not self._open:
            raise JournalUnavailable("the store is not open")
        try:
            yield
        except (RedisError, OSError) as error:
            raise JournalUnavailable(f"Redis: {plain(error)}") from error


def plain(error: Exception) -> str:
    """What went wrong, without what was sent and without the URL."""
    code = str(error).split(" ", 1)[0].strip(":") if isinstance(error, ResponseError) else ""
    return type(error).__name__ + (f" ({code})" if code.isupper() else "")


def text(value: Any) -> str:
    """What Redis answers, as text."""
    return value.decode() if isinstance(value, bytes) else str(value)


async def awaited(call: Any) -> Any:
    """redis-py types its commands for both of its clients; this one always gives an awaitable."""
    return await cast(Awaitable[Any], call)


def problem_of(url: str) -> str | None:
    """What is wrong with a store's URL, as a sentence; None if nothing is."""
    try:
        parts = urlsplit(url)
        hosts = _hosts(parts.netloc)
    except ValueError:
        return "the store's URL cannot be read; a port is a number"
    if parts.scheme not in SCHEMES:
        return "the store is `sqlite` or begins with redis://, rediss:// or redis+sentinel://"
    if not hosts or not hosts[0][0]:
        return "the store's URL needs a host, like redis://127.0.0.1:6379/0"
    if parts.scheme == "redis+sentinel" and not parts.path.strip("/"):
        return (
            "redis+sentinel:// needs the service's name, like redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0"
        )
    return None


def _client(url: str, timeout_s: float) -> Redis:
    parts = urlsplit(url)
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "health_check_interval": 0,
        "retry": Retry(ConstantBackoff(0.05), 1, supported_errors=(RedisConnectionError,)),
    }
    if parts.scheme != "redis+sentinel":
        # The pool's own limit makes calls wait for a connection, rather than open one for each workshop at once.
        return Redis.from_pool(
            BlockingConnectionPool.from_url(url, max_connections=MAX_CONNECTIONS, timeout=timeout_s, **options)
        )
    service, _, db = parts.path.strip("/").partition("/")
    credentials, _, _ = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    if credentials:
        options |= {"username": unquote(user) or None, "password": unquote(password) or None}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts.netloc), sentinel_kwargs={"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s}
    )
    pool = SentinelConnectionPool(service, sentinel, db=int(db or 0), **options)  # type: ignore[no-untyped-call]
    return Redis.from_pool(pool)


def _hosts(netloc: str) -> list[tuple[str, int]]:
    """Raises ValueError for a port that is no number."""
    found = []
    for each in netloc.rpartition("@")[2].split(","):
        host, colon, port = each.rpartition(":") if ":" in each and not each.endswith("]") else (each, "", "")
        found.append((host, int(port) if colon else SENTINEL_PORT))
    return found
