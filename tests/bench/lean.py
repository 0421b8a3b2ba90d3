"""A client that costs next to nothing, so that a thousand of them leave the machine to the server.

Theory of operation. It speaks WebSocket (RFC 6455) over a bare `asyncio.Protocol`: one read gives the frames in it, and nothing is decoded but answers
to what it asked itself. Of every other message it keeps the count, the bytes, and when the stamps in it came: a chat text `@<ns>@` says
when it was sent, by the clock that all processes of a machine share.
"""

import asyncio
import base64
import itertools
import os
import re
import struct
import time
from typing import Any
from urllib.parse import urlsplit

import msgpack

STAMP = re.compile(rb"@(\d+)@")
EVENT, ACK, CONNECT, CONNECT_ERROR = 2, 3, 0, 4
PATIENCE_S = 60


class Heard:
    """What all sockets of a process have been sent; `late_s` holds how long after its sending each stamp came."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.late_s: list[float] = []
        self.watching = False


class LeanSocket(asyncio.Protocol):
    """One connection to `path` of a server. `heard` is shared by many."""

    def __init__(self, host: str, path: str, heard: Heard) -> None:
        self._host = host
        self._path = path
        self._heard = heard
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._open = False
        self._ids = itertools.count()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.lost = False

    @classmethod
    async def to(cls, url: str, heard: Heard, path: str = "/socket.io/?EIO=4&transport=websocket") -> "LeanSocket":
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(
            lambda: cls(parts.netloc, f"{parts.path.rstrip('/')}{path}", heard), parts.hostname, parts.port
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                await made.ready
        except BaseException:
            made.close()
            raise
        return made

    async def enter(self, token: str) -> dict[str, Any]:
        """Ask for a session and say hello; hello's answer."""
        self._binary({"type": CONNECT, "nsp": "/", "data": {"token": token, "protocol": 1}})
        async with asyncio.timeout(PATIENCE_S):
            await self.connected
            return await self.call("hello", {"last_seq": None})

    async def call(self, event: str, payload: Any) -> Any:
        """Send an event; its answer."""
        number = next(self._ids)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self._binary({"type": EVENT, "nsp": "/", "data": [event, payload], "id": number})
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # ── asyncio.Protocol ─────────────────────────────────────────────────────────────────────────────────────────────
    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        gone = ConnectionError("the connection was lost")
        for future in (self.ready, self.connected, *self._asked.values()):
            if not future.done():
                future.set_exception(exc or gone)
                future.exception()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head[:16]:
                self.ready.set_exception(ConnectionError(head[:60].decode(errors="replace")))
                return
            self._open = True
            self.ready.set_result(None)
        at, size = 0, len(buffer)
        while size - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                start += 2
                if size < start:
                    break
                (length,) = struct.unpack_from("!H", buffer, at + 2)
            elif length == 127:
                start += 8
                if size < start:
                    break
                (length,) = struct.unpack_from("!Q", buffer, at + 2)
            if size - start < length:
                break
            self._frame(buffer[at], buffer[start : start + length])
            at = start + length
        self._buffer = buffer[at:]

    def _frame(self, first: int, payload: bytes) -> None:
        heard = self._heard
        if first == 0x82:
            if b"changes" in payload[:32] or b"signals" in payload[:32]:
                heard.frames += 1
                heard.bytes += len(payload)
                if heard.watching:
                    now_ns = time.monotonic_ns()
                    heard.late_s += [(now_ns - int(sent)) / 1e9 for sent in STAMP.findall(payload)]
            else:
                self._answer(msgpack.unpackb(payload))
        elif first == 0x81 and payload == b"2":
            self._send(0x81, b"3")

    def _answer(self, packet: dict[str, Any]) -> None:
        match packet["type"]:
            case 3:
                answer = self._asked.pop(packet["id"], None)
                if answer is not None and not answer.done():
                    answer.set_result(packet["data"][0])
            case 0:
                self.connected.set_result(packet["data"])
            case 4:
                self.connected.set_exception(ConnectionError(str(packet["data"])))

    def _binary(self, packet: dict[str, Any]) -> None:
        self._send(0x82, msgpack.packb(packet))

    def _send(self, first: int, payload: bytes) -> None:
        # Masked with zeros: allowed, and nothing to compute (RFC 6455, 5.3).
        length = len(payload)
        size = bytes((0x80 | length,)) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
        assert self._transport is not None
        self._transport.write(bytes((first,)) + size + b"\0\0\0\0" + payload)
