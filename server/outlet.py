"""What goes out to one client: a queue that writes through to the WebSocket as long as nothing waits in it.

Theory of operation. engine.io puts packets into a queue that a task empties, with a new task and a timer for each packet: several times the cost of
sending it. Here a packet is written at once, as a frame that was made once for everybody who gets it, unless that would overtake something
(a packet is waiting, or the library has taken it and not sent it yet) or the client does not read (the transport has paused). Then it waits,
and goes out through the library, which stops where the client stops. So order is kept, and what waits can be counted and bounded.

Heartbeats always wait: the library closes a connection whose queue has had nothing for too long.
"""

import asyncio
import struct
from typing import Any

from aiohttp import web
from engineio import packet as eio_packet

TEXT, BINARY = 0x81, 0x82
"""First bytes of a whole frame (RFC 6455, 5.2)."""


class SharedPacket(eio_packet.Packet):  # type: ignore[misc]  # the library is untyped
    """An engine.io packet whose frame is made once, for any number of clients."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(eio_packet.MESSAGE, payload)
        self.frame = framed(payload)


def framed(payload: bytes | str) -> bytes:
    """The payload as one unmasked WebSocket frame."""
    first = BINARY
    if isinstance(payload, str):
        first, payload = TEXT, payload.encode()
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", first, length) + payload
    if length < 65_536:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


class Outlet(asyncio.Queue[Any]):
    """The queue of one engine.io socket. `attach` once its WebSocket is there; `sent` after each packet that the library has sent from it."""

    def __init__(self) -> None:
        super().__init__()
        self._unsent = 0
        """Packets that wait here, or that the library has taken and not sent yet."""
        self._socket: web.WebSocketResponse | None = None
        self._request: web.Request | None = None

    def attach(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket, self._request = socket, request

    def sent(self) -> None:
        self._unsent -= 1

    def put_nowait(self, item: Any) -> None:
        """Send it, now or as soon as possible. None, the library's sign for the end, waits like everything else."""
        if self._unsent or item is None or not self._written(item):
            self._unsent += 1
            super().put_nowait(item)

    def _written(self, packet: Any) -> bool:
        if self._socket is None or self._request is None or self._socket.closed:
            return False
        if packet.packet_type != eio_packet.MESSAGE or self._request.protocol.writing_paused:
            return False
        transport = self._request.transport
        if transport is None or transport.is_closing():
            return False
        transport.write(packet.frame if isinstance(packet, SharedPacket) else framed(packet.encode()))
        return True
