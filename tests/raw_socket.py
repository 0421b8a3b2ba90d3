"""A socket that sends what no honest client would: engine.io frames by hand, over a plain WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgpack

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = range(5)
PATIENCE_S = 20


class RawSocket:
    """One WebSocket. Heartbeats are answered; `packets` and `close_code` say what came."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.packets: list[dict[str, Any]] = []

    @property
    def events(self) -> list[list[Any]]:
        return [packet["data"] for packet in self.packets if packet["type"] == EVENT]

    @property
    def goodbyes(self) -> list[dict[str, Any]]:
        return [payload for name, payload in self.events if name == "goodbye"]

    async def packet(self, kind: int, data: Any = None, **fields: Any) -> None:
        await self.frame(msgpack.packb({"type": kind, "nsp": "/", "data": data, **fields}))

    async def event(self, name: str, payload: Any, ack: int | None = None) -> None:
        await self.packet(EVENT, [name, payload], **({} if ack is None else {"id": ack}))

    async def frame(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            await self.ws.send_bytes(frame)
        else:
            await self.ws.send_str(frame)

    async def next(self) -> dict[str, Any] | None:
        """The next packet, or None at the end of the connection."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.ws.receive()
                if message.type is aiohttp.WSMsgType.BINARY:
                    packet: dict[str, Any] = msgpack.unpackb(message.data)
                    self.packets.append(packet)
                    return packet
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return None
                if message.data == "2":
                    await self.ws.send_str("3")

    async def answer(self, ack: int) -> dict[str, Any]:
        """The answer to what was sent with this ack id."""
        while (packet := await self.next()) is not None:
            if packet["type"] == ACK and packet.get("id") == ack:
                answer: dict[str, Any] = packet["data"][0]
                return answer
        raise AssertionError(f"the connection ended; it brought {self.packets}")

    async def ended(self) -> "RawSocket":
        """Wait until the server has closed the connection."""
        while await self.next() is not None:
            pass
        return self

    async def connect(self, token: str | None) -> dict[str, Any]:
        """Ask for a session; what the server answers."""
        await self.packet(CONNECT, {"token": token, "protocol": 1})
        answer = await self.next()
        assert answer is not None
        return answer

    async def enter(self, token: str) -> dict[str, Any]:
        """Connect and say hello."""
        assert (await self.connect(token))["type"] == CONNECT
        await self.event("hello", {"last_seq": None}, ack=0)
        hello = await self.answer(0)
        assert hello["ok"], hello
        return hello


@asynccontextmanager
async def raw_socket(base_url: str) -> AsyncIterator[RawSocket]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{base_url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0) as ws,
    ):
        yield RawSocket(ws)
