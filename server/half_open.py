"""Ends connections that ask for nothing: opened and silent, or sending the head of a request one byte at a time.

aiohttp (the version is pinned) limits how long a connection may be idle after a request, not before the first; `tests/integration/test_admission.py`
finds out when that, or the private parts used here, change.
"""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

CHECK_S = 1.0


class HalfOpen:
    """Watches the connections of `server` (an AppRunner's); each has `within_s` for its first request."""

    def __init__(self, server: web.Server, within_s: float) -> None:
        self._server = server
        self._within_s = within_s
        self._silent: dict[Any, float] = {}
        """Connections without a request yet → when they were first seen."""
        self._task: asyncio.Task[None] | None = None
        self.ended = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name="half-open connections")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            now_s = asyncio.get_running_loop().time()
            silent: dict[Any, float] = {}
            for connection in self._server.connections:
                if connection._request_count or connection.transport is None:
                    continue
                silent[connection] = self._silent.get(connection, now_s)
                if now_s - silent[connection] > self._within_s:
                    self.ended += 1
                    connection.transport.abort()
            self._silent = silent
