"""What goes wrong in a storm: the server and Redis die, the disk is full, receivers misbehave, the wall clock jumps.

Something that is dead is started again by its *supervisor*, as systemd would, also where it died by itself (at a point of `shaken`, or
because of the disk) and where a start fails. What is drawn comes from one seed for each kind of failure.
"""

import asyncio
import os
import random
import resource
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.harness import ServerProcess
from tests.redis_server import RedisServer
from tests.simulation import shaken
from tests.simulation.receivers import Misbehaving

ROOM_BYTES = 512 << 20
PAGE_BYTES = 4096
TICK_S = 0.05
UP_WITHIN_S = 180.0
"""How long server and Redis may take until they are up and stay so, once nothing kills them any more."""


class Disk:
    """A folder on a file system of its own that can be made full, where this may be mounted; elsewhere a folder whose files cannot grow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mounted = False
        self.is_full = False
        self._pids: Callable[[], list[int]] = list

    @contextmanager
    def ready(self, pids: Callable[[], list[int]]) -> Iterator[None]:
        """`pids`: the processes that write there."""
        self._pids = pids
        self.folder.mkdir()
        self.mounted = os.geteuid() == 0 and not self._mount("tmpfs", "tmpfs", f"size={ROOM_BYTES}", "-t")
        try:
            yield
        finally:
            if self.mounted:
                subprocess.run(["umount", "-l", self.folder], check=True)

    def fill(self) -> None:
        """Full from now on."""
        self.is_full = True
        if not self.mounted:
            self._limit(PAGE_BYTES)
        while self.mounted:
            stat = os.statvfs(self.folder)
            used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
            if not self._mount("remount", str(self.folder), f"remount,size={used}"):
                return  # else it has grown meanwhile

    def free(self) -> None:
        self.is_full = False
        if self.mounted:
            assert not self._mount("remount", str(self.folder), f"remount,size={ROOM_BYTES}")
        else:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def _mount(self, kind: str, what: str, options: str, *more: str) -> int:
        command = ["mount", "-o", options]
        command += ["-t", kind, what, str(self.folder)] if more else [what]
        return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


class Failures:
    """`run(end)` lets things fail until then, and afterwards sees to it that everything is up and well."""

    def __init__(
        self,
        seed: int,
        server: ServerProcess,
        redis: RedisServer,
        disk: Disk,
        shaking: Path,
        receivers: list[Misbehaving],
    ) -> None:
        self.happened: Counter[str] = Counter()
        self._seed = seed
        self._server, self._redis, self._disk, self._shaking, self._receivers = server, redis, disk, shaking, receivers
        self._clock_s = 0
        self._ups: list[float] = []

    async def run(self, seconds: float) -> None:
        """Everything at random, for so long."""
        end = time.monotonic() + seconds
        kinds = (
            self._kill_server,
            self._die_at_points,
            self._kill_redis,
            self._fill_disk,
            self._jump_clock,
            self._misbehave,
        )
        async with self._supervised():
            draws = (random.Random(f"{self._seed} {kind.__name__}") for kind in kinds)
            await asyncio.gather(*(kind(draw, end) for kind, draw in zip(kinds, draws, strict=True)))

    async def run_once(self) -> None:
        """One thing after the other, each once, with what is drawn from the seed."""
        draw = random.Random(f"{self._seed} once")
        async with self._supervised():
            for each in self._receivers:
                each.bad = True
            self._disk.fill()
            self.happened["disk full"] += 1
            await asyncio.sleep(draw.uniform(1, 2))
            self._disk.free()
            await asyncio.sleep(draw.uniform(1, 2))
            await self._die_at(draw.choice(("append", "ack")))
            self._set_clock(draw.choice((-3600, 3600)))
            await self._redis.kill()
            await asyncio.sleep(draw.uniform(1, 2))
            await self._die_at(draw.choice(("deliver", "cursor", "next")))
            await asyncio.sleep(draw.uniform(1, 2))
            for each in self._receivers:
                each.bad = False

    @asynccontextmanager
    async def _supervised(self) -> AsyncIterator[None]:
        supervisors = [asyncio.create_task(each()) for each in (self._keep_server, self._keep_redis)]
        try:
            yield
            async with asyncio.timeout(UP_WITHIN_S):
                while not (self._server.running and self._redis.running and await self._is_ready()):
                    await asyncio.sleep(TICK_S)
        finally:
            for each in supervisors:
                each.cancel()
            await asyncio.wait(supervisors)

    async def _die_at(self, point: str) -> None:
        """Wait until the server has come to that point, and is there again."""
        died = self.happened["server died"]
        shaken.arm(self._shaking, point)
        while self.happened["server died"] == died:
            await asyncio.sleep(TICK_S)
        self.happened[f"at {point}"] += 1
        await self._until_ready(time.monotonic() + 60)

    def _set_clock(self, offset_s: int) -> None:
        self._clock_s = offset_s
        shaken.write_clock(self._shaking, offset_s)
        self.happened["clock jumped"] += 1

    def up_after(self, moment: float) -> float:
        """When the server was first ready after that; the moment itself where it has been all the time."""
        return next((up for up in self._ups if up > moment), moment)

    @property
    def kills(self) -> int:
        return sum(count for what, count in self.happened.items() if "died" in what)

    async def _until_ready(self, end: float) -> None:
        while not await self._is_ready() and await _wait(TICK_S, end):
            pass

    async def _is_ready(self) -> bool:
        with suppress(OSError):
            return (await self._server.api("GET", "/readyz"))[0] == 200
        return False

    # ── supervisors ──────────────────────────────────────────────────────────────────────────────────────────────────
    async def _keep_server(self) -> None:
        while True:
            if not self._server.running:
                self.happened["server died"] += 1
                await self._begin("server start failed", self._start_server)
            await asyncio.sleep(TICK_S)

    async def _start_server(self) -> None:
        """A start that failed counts as one, too: the server may have been there for a moment, with somebody's grace begun."""
        try:
            await self._server.start()
        finally:
            self._ups.append(time.monotonic())

    async def _keep_redis(self) -> None:
        while True:
            if not self._redis.running:
                self.happened["Redis died"] += 1
                await asyncio.sleep(0.3)
                await self._begin("Redis start failed", self._redis.start)
            await asyncio.sleep(TICK_S)

    async def _begin(self, failed: str, start: Callable[[], Any]) -> None:
        """Start it, again until it stays up."""
        while True:
            try:
                await start()
                return
            except AssertionError:
                self.happened[failed] += 1
                await asyncio.sleep(0.3)

    # ── failures ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _kill_server(self, draw: random.Random, end: float) -> None:
        """At any moment, sometimes while it starts."""
        while await _wait(min(draw.expovariate(1 / 8), 20), end):
            await self._server.kill()
            if draw.random() < 0.2 and await _wait(draw.uniform(0.5, 3), end):
                await self._server.kill()
            await self._until_ready(end)

    async def _die_at_points(self, draw: random.Random, end: float) -> None:
        points: list[str] = []
        while await _wait(draw.uniform(2, 8), end):
            await self._until_ready(end)
            points = points or draw.sample(shaken.POINTS, len(shaken.POINTS))
            point = points.pop()
            shaken.arm(self._shaking, point)
            await _wait(5, end)
            if not shaken.disarm(self._shaking, point):
                self.happened[f"at {point}"] += 1

    async def _kill_redis(self, draw: random.Random, end: float) -> None:
        while await _wait(draw.uniform(5, 15), end):
            await self._redis.kill()

    async def _fill_disk(self, draw: random.Random, end: float) -> None:
        while await _wait(draw.uniform(5, 30), end):
            self._disk.fill()
            self.happened["disk full"] += 1
            await _wait(draw.uniform(1, 5), end)
            self._disk.free()

    async def _jump_clock(self, draw: random.Random, end: float) -> None:
        """By an hour, forwards and back, and now and then where it was."""
        while await _wait(draw.uniform(3, 20), end):
            self._set_clock(draw.choice([each for each in (-3600, 0, 3600) if each != self._clock_s]))

    async def _misbehave(self, draw: random.Random, end: float) -> None:
        while await _wait(draw.uniform(0.5, 3), end):
            for each in self._receivers:
                each.bad = draw.random() < 0.6
        for each in self._receivers:
            each.bad = False


async def _wait(seconds: float, end: float) -> bool:
    """Wait so long, but not beyond the end; whether there is any time left then."""
    await asyncio.sleep(max(0.0, min(seconds, end - time.monotonic())))
    return time.monotonic() < end
