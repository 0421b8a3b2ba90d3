"""A real Redis Cluster of three primaries on free ports of loopback.

A cluster's primaries refuse writes for their first two seconds, so tests share one: `shared` starts it once a process, and empties it for each.
"""

import asyncio
import atexit
import functools
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from tests.harness import free_port

SLOTS = 16_384
NODES = 3
WITHIN_S = 60


class RedisClusterServer:
    """`kill` and `start` are for all of it; started again, it has its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = [(free_port(), free_port()) for _ in range(NODES)]
        self._processes: list[subprocess.Popen[bytes]] = []
        self._met = False
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port, _ in self._ports[:2])

    @property
    def running(self) -> bool:
        return bool(self._processes)

    async def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing; `make system-packages` installs it"
        try:
            for port, bus in self._ports:
                place = self.folder / str(port)
                place.mkdir(parents=True, exist_ok=True)
                options = ["--port", str(port), "--cluster-port", str(bus), "--bind", "127.0.0.1", "--dir", str(place)]
                options += ["--cluster-enabled", "yes", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]
                self._processes.append(subprocess.Popen([program, *options], stdout=subprocess.DEVNULL))  # noqa: ASYNC220
            async with asyncio.timeout(WITHIN_S):
                if not self._met:
                    await self._meet()
                await self._until_whole()
        except BaseException:
            self.kill()
            if not self._met:  # whoever starts it again begins anew
                for port, _ in self._ports:
                    shutil.rmtree(self.folder / str(port), ignore_errors=True)
            raise

    def kill(self) -> None:
        for each in self._processes:
            each.kill()
            each.wait()
        self._processes.clear()

    async def empty(self) -> None:
        for port, _ in self._ports:
            async with self._node(port) as redis:
                await redis.flushall()

    async def sizes(self) -> list[int]:
        """How many keys each node has."""
        found = []
        for port, _ in self._ports:
            async with self._node(port) as redis:
                found.append(int(await redis.dbsize()))
        return found

    async def _meet(self) -> None:
        for index, (port, _) in enumerate(self._ports):
            async with self._node(port) as redis:
                await _until_there(redis)
                slots = (SLOTS * index // NODES, SLOTS * (index + 1) // NODES - 1)
                await redis.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)  # type: ignore[no-untyped-call]
                # Told so, they need not settle it between themselves; a node that has one already settles it.
                with suppress(ResponseError):
                    await redis.execute_command("CLUSTER", "SET-CONFIG-EPOCH", index + 1)  # type: ignore[no-untyped-call]
                for other, bus in self._ports[:index]:
                    meet = ("CLUSTER", "MEET", "127.0.0.1", other, bus)
                    await redis.execute_command(*meet)  # type: ignore[no-untyped-call]
        self._met = True

    async def _until_whole(self) -> None:
        """Every node knows of every slot."""
        for port, _ in self._ports:
            async with self._node(port) as redis:
                await _until_there(redis)
                while True:
                    told: bytes = await redis.execute_command("CLUSTER", "INFO")  # type: ignore[no-untyped-call]
                    if b"cluster_state:ok" in told and b"cluster_known_nodes:%d" % NODES in told:
                        break
                    await asyncio.sleep(0.02)

    @staticmethod
    def _node(port: int) -> Redis:
        return Redis.from_url(f"redis://127.0.0.1:{port}/0")


async def _until_there(redis: Redis) -> None:
    while True:
        try:
            await redis.ping()
            return
        except (RedisError, OSError):
            await asyncio.sleep(0.02)


@functools.cache
def _one() -> RedisClusterServer:
    folder = tempfile.mkdtemp(prefix="redis-cluster-")
    server = RedisClusterServer(Path(folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.kill)  # the last registered is the first called
    return server


async def shared() -> RedisClusterServer:
    """This process's cluster, running and empty."""
    server = _one()
    if not server.running:
        await server.start()
    await server.empty()
    return server
