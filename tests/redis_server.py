"""A real redis-server in a process of its own, on a free port, that tests can kill and start again with its data."""

import asyncio
import shutil
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.harness import free_port


class RedisServer:
    """Appends every write to disk before it answers, so a kill loses nothing that was acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, *options: str) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing; `make system-packages` installs it"
        self._process = await asyncio.create_subprocess_exec(
            program,
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning", *options),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(20), Redis.from_url(self.url) as redis:
            while True:
                if self._process.returncode is not None:
                    raise AssertionError(f"redis-server ended with status {self._process.returncode}")
                try:
                    await redis.ping()
                    return
                except (RedisError, OSError):
                    await asyncio.sleep(0.02)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
