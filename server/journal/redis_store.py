"""The connection to Redis that journal, ledger and cluster share: where it is, what its keys are called, how it fails.

Theory of operation. Everything of one workshop stands under keys with the hash tag `{workshop id}`, so that one script can touch all of it
on a Redis Cluster too. What Redis cannot do now (unreachable, loading, read-only after a failover, out of memory) becomes
`JournalUnavailable`, whose text never holds the URL, because that may hold a password.

A lost connection is tried once more at once: a pool's idle connections are all dead after Redis was restarted. Scripts that write
are therefore made so that a second run does no harm. A call that got no answer in time is not repeated.

URLs: `redis://[user:password@]host:port/db`, `rediss://…` (TLS), and `redis+sentinel://host:port,host:port/service/db` for a
primary that Sentinel names, and `redis+cluster://[user:password@]host:port,host:port` (`rediss+cluster://…`: TLS) for a Redis Cluster, of which any nodes
are named. A cluster's client sends each call to the primary that has the key, follows what has moved, and takes no scripts in pipelines.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ConstantBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from rooms.ids import WorkshopId
from server.clock import Clock, SystemClock
from server.journal.port import JournalUnavailable
from server.journal.redis_clock import RedisClock

MAX_CONNECTIONS = 32
MAX_CLUSTER_CONNECTIONS = 1_000
"""To each node of a Redis Cluster, whose client refuses calls beyond it rather than let them wait."""
REDIS_PORT, SENTINEL_PORT = 6379, 26379
CLUSTER_SCHEMES = ("redis+cluster", "rediss+cluster")
SCHEMES = ("redis", "rediss", "redis+sentinel", *CLUSTER_SCHEMES)


_TIME = "return redis.call('TIME')"
"""With a key, so that in a cluster it is always asked of the same node."""


class RedisStore:
    """One node's connections to Redis. `prefix` keeps several installations apart; `timeout_s` bounds every call."""

    def __init__(
        self, url: str, *, prefix: str = "atelier", timeout_s: float = 2.0, clock: Clock | None = None
    ) -> None:
        self.prefix = prefix
        self.timeout_s = timeout_s
        self.cluster = _cluster(url, timeout_s) if urlsplit(url).scheme in CLUSTER_SCHEMES else None
        """The client itself where it is a Redis Cluster's."""
        self.redis: Redis = _client(url, timeout_s) if self.cluster is None else cast(Redis, self.cluster)
        self.clock = RedisClock(clock or SystemClock())
        """All nodes' wall clock."""
        self._time = self.script(_TIME)
        self._open = False

    async def open(self) -> None:
        """Raises `JournalUnavailable` where Redis does not answer."""
        self._open = True
        try:
            async with self.calls():
                await self.redis.ping()
            await self.ask_time()
        except BaseException:
            self._open = False
            raise

    async def close(self) -> None:
        self._open = False
        await self.redis.aclose()

    async def ask_time(self) -> None:
        """Set `clock` by Redis's. Raises `JournalUnavailable`."""
        asked_ms = self.clock.monotonic_ms()
        async with self.calls():
            seconds, micros = await self._time(keys=[self.common("nodes")])
        self.clock.told(int(seconds) * 1000 + int(micros) // 1000, asked_ms)

    def of(self, workshop_id: WorkshopId, *parts: str) -> str:
        """A key of a workshop."""
        return ":".join((self.prefix, f"{{{workshop_id}}}", *parts))

    def common(self, *parts: str) -> str:
        """A key that belongs to no workshop; all of these share a hash tag."""
        return ":".join((f"{{{self.prefix}}}", *parts))

    def script(self, lua: str) -> AsyncScript:
        """A Lua script, loaded when it is first needed."""
        return self.redis.register_script(lua)

    async def infos(self, *section: str) -> list[dict[str, Any]]:
        """What Redis says of itself; each primary of a cluster."""
        if self.cluster is None:
            return [await self.redis.info(*section)]
        return [await awaited(self.cluster.info(*section, target_nodes=each)) for each in self.cluster.get_primaries()]

    async def rewrite_aof(self) -> None:
        """Have Redis, or each primary of a cluster, begin to write its append-only file anew."""
        if self.cluster is None:
            await self.redis.bgrewriteaof()
            return
        for each in self.cluster.get_primaries():
            await awaited(self.cluster.bgrewriteaof(target_nodes=each))

    @asynccontextmanager
    async def calls(self) -> AsyncIterator[None]:
        """Frames calls of Redis: what fails in them is `JournalUnavailable`."""
        if not self._open:
            raise JournalUnavailable("the store is not open")
        try:
            yield
        except (RedisError, RedisClusterException, OSError) as error:
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
        return "the store is `sqlite` or begins with redis://, rediss://, redis+sentinel:// or redis+cluster://"
    if not hosts or not hosts[0][0]:
        return "the store's URL needs a host, like redis://127.0.0.1:6379/0"
    if parts.scheme == "redis+sentinel" and not parts.path.strip("/"):
        return (
            "redis+sentinel:// needs the service's name, like redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0"
        )
    if parts.scheme in CLUSTER_SCHEMES and parts.path.strip("/") not in ("", "0"):
        return "a Redis Cluster has database 0 only; leave the number out"
    return None


def _cluster(url: str, timeout_s: float) -> RedisCluster:
    parts = urlsplit(url)
    user, password = _credentials(parts.netloc)
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in _hosts(parts.netloc, REDIS_PORT)],
        username=user,
        password=password,
        ssl=parts.scheme.startswith("rediss"),
        max_connections=MAX_CLUSTER_CONNECTIONS,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(ConstantBackoff(0.05), 1, supported_errors=(RedisConnectionError,)),
    )


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
    user, password = _credentials(parts.netloc)
    options |= {"username": user, "password": password}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts.netloc), sentinel_kwargs={"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s}
    )
    pool = SentinelConnectionPool(service, sentinel, db=int(db or 0), **options)  # type: ignore[no-untyped-call]
    return Redis.from_pool(pool)


def _credentials(netloc: str) -> tuple[str | None, str | None]:
    user, _, password = netloc.rpartition("@")[0].partition(":")
    return unquote(user) or None, unquote(password) or None


def _hosts(netloc: str, default: int = SENTINEL_PORT) -> list[tuple[str, int]]:
    """Raises ValueError for a port that is no number."""
    found = []
    for each in netloc.rpartition("@")[2].split(","):
        host, colon, port = each.rpartition(":") if ":" in each and not each.endswith("]") else (each, "", "")
        found.append((host, int(port) if colon else default))
    return found
