"""Several real nodes on one real Redis, each a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from tests.harness import ServerProcess
from tests.redis_server import RedisServer
from tests.roaming import Roamer

FAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"
"""Debian's; the dynamic linker knows what $LIB is."""
LEASE_MS = 1_500
HEARTBEAT_MS = 400


class Nodes:
    """`all` by name (n1, n2 …); `redis` is the store."""

    def __init__(self, folder: Path, redis: RedisServer, **environment: str) -> None:
        self._folder = folder
        self._environment = environment
        self.redis = redis
        self.all: dict[str, ServerProcess] = {}
        self.roamers: list[Roamer] = []

    async def add(self, name: str, **environment: str) -> ServerProcess:
        node = ServerProcess(
            self._folder / name,
            **{
                "ATELIER_STORE": self.redis.url,
                "ATELIER_CLUSTER__NODE": name,
                "ATELIER_CLUSTER__LEASE_MS": str(LEASE_MS),
                "ATELIER_CLUSTER__HEARTBEAT_MS": str(HEARTBEAT_MS),
                **self._environment,
                **environment,
            },
        )
        await node.start()
        self.all[name] = node
        return node

    async def until_known(self, to: ServerProcess | None = None, names: set[str] | None = None) -> None:
        """Every running node (or this one) knows every other (or these), and no more."""
        for node in self.all.values() if to is None else [to]:
            async with asyncio.timeout(20):
                while True:
                    _, body = await node.api("GET", "/api/nodes")
                    if {each["name"] for each in body["nodes"]} == (names or set(self.all)):
                        break
                    await asyncio.sleep(0.05)

    async def owner(self, workshop_id: str) -> str:
        """The name of the node that has the workshop, as Redis knows it."""
        async with Redis.from_url(self.redis.url, decode_responses=True) as redis:
            owner = await redis.hget(f"atelier:{{{workshop_id}}}:head", "owner")  # type: ignore[misc]
        return str(owner).partition("#")[0]

    async def roamer(self, via: ServerProcess, workshop_id: str, role: str, who: str) -> Roamer:
        token = await via.token(workshop_id, role, who.title(), who)
        roamer = Roamer(via.base_url, token)
        self.roamers.append(roamer)
        return await roamer.start()


def with_clock(minutes: float) -> dict[str, str]:
    """The environment of a process whose wall clock is so far off; its monotonic clock is not touched."""
    seconds = f"{60 * minutes:+.0f}s"
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": seconds, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}


@asynccontextmanager
async def nodes(folder: Path, *names: str, **environment: str) -> AsyncIterator[Nodes]:
    (folder / "redis").mkdir()
    redis = RedisServer(folder / "redis")
    await redis.start()
    made = Nodes(folder, redis, **environment)
    try:
        await asyncio.gather(*(made.add(name) for name in names))
        await made.until_known()
        yield made
    finally:
        for roamer in made.roamers:
            await roamer.close()
        for node in made.all.values():
            node.resume()
            await node.kill()
        await redis.kill()
