"""A client that stays in its workshop whatever happens to the nodes, as the browser client does (PROTOCOL.md, 2 and 6).

It keeps one position, one set of records and the commands that have no ack; connections come and go.
"""

import asyncio
import random
import time
import uuid
from contextlib import suppress
from typing import Any

from socketio.exceptions import SocketIOError

from tests.socket_client import Refused, WireClient

RETRY_S = 0.1


class Roamer:
    """`start` it once; `command` returns when the command is acknowledged, however long the nodes are away."""

    def __init__(self, url: str, token: str) -> None:
        self._entry = url
        self._token = token
        self._task: asyncio.Task[None] | None = None
        self._live = asyncio.Event()
        self._changed = asyncio.Event()
        self.client: WireClient | None = None
        self.records: dict[str, Any] = {}
        self.last_seq: int | None = None
        self.url = url
        self.urls: list[str] = []
        """Where it has been, in order."""
        self.nodes: list[str] = []
        self.connected_at: list[float] = []
        self.moved_at: list[float] = []
        """When it was told to go elsewhere."""

    async def start(self) -> "Roamer":
        self._task = asyncio.create_task(self._stay())
        await self.until_connected()
        return self

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await _end(self.client)

    async def until_connected(self, within_s: float = 30) -> None:
        async with asyncio.timeout(within_s):
            await self._live.wait()

    async def command(self, kind: str, **fields: Any) -> int:
        """Its seq; sent again with the same id until there is an answer that is not retryable."""
        command_id = str(uuid.uuid4())
        while True:
            await self._live.wait()
            client = self.client
            assert client is not None
            ack = await self._ack(client, kind, command_id, fields)
            if ack is None:
                continue
            if ack["ok"]:
                return int(ack["seq"])
            if not ack["retryable"] and ack["code"] != "hello_first":
                raise AssertionError(ack)
            await asyncio.sleep(RETRY_S)

    async def _ack(self, client: WireClient, kind: str, command_id: str, fields: dict[str, Any]) -> Any:
        """None if the connection was lost or replaced before it came: then the command is sent again at once."""
        asked = asyncio.create_task(client.command(kind, command_id=command_id, **fields))
        changed = asyncio.create_task(self._changed.wait())
        await asyncio.wait([asked, changed], timeout=10, return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
        try:
            return asked.result() if asked.done() else None
        except (SocketIOError, OSError):
            await asyncio.sleep(RETRY_S)
            return None
        finally:
            asked.cancel()

    def _change(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _stay(self) -> None:
        url = self._entry
        while True:
            try:
                client = await self._connect(url)
            except Refused as refused:
                if refused.url is not None and refused.url != url:
                    url = refused.url
                else:
                    await asyncio.sleep(RETRY_S)
                    url = random.choice(self._entries())
                continue
            except (SocketIOError, TimeoutError, OSError):
                await asyncio.sleep(RETRY_S)
                url = random.choice(self._entries())
                continue
            former, self.client = self.client, client
            self.url = url
            self.urls.append(url)
            self.nodes.append(client.hello["node"])
            self.connected_at.append(time.monotonic())
            self.records = client.records
            self._live.set()
            self._change()
            await _end(former)
            lost = asyncio.create_task(client.disconnected.wait())
            await asyncio.wait([lost, client.moved_to], return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            self.last_seq = client.since
            if client.moved_to.done() and not client.disconnected.is_set():
                self.moved_at.append(time.monotonic())
                url = client.moved_to.result()  # the next is opened before this one is closed
            else:
                self._live.clear()
                self._change()

    def _entries(self) -> list[str]:
        told = [] if self.client is None else self.client.hello["entries"]
        return [*dict.fromkeys([*told, self._entry])]

    async def _connect(self, url: str) -> WireClient:
        client = WireClient(url, self._token)
        client.records = dict(self.records)
        try:
            async with asyncio.timeout(5):
                return await client.connect(last_seq=self.last_seq)
        except BaseException:
            await _end(client)
            raise


async def _end(client: WireClient | None) -> None:
    if client is not None:
        with suppress(SocketIOError, OSError, TimeoutError):
            async with asyncio.timeout(5):
                await client.close()
