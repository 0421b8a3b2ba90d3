"""ICE-TCP (RFC 6544, passive): for networks that let no UDP through, the same packets in frames of RFC 4571 over TCP on the same port number.

A connection is nothing but an address of its own kind (`TcpAddress`), so ICE, DTLS and media know no difference. What a peer does not read is
dropped and not kept: late media is useless, and a queue would only make everything behind it late too. A connection by which no authenticated check
comes for long is closed, whatever else comes: so nobody without an offer holds one, and none is left of who is gone.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from server.media.forwarder import Address

MAX_FRAME = 2_048
MAX_UNREAD = 128 * 1024
"""Octets that a peer may leave unread: a second at 1 Mbit/s."""
FIRST_WITHIN_S = 10.0
"""The first authenticated check after the connection."""
NEXT_WITHIN_S = 40.0
"""Each further one; a browser makes one every 2.5 s."""


class TcpAddress(NamedTuple):
    """Where a connection comes from; `host` begins with `tcp:`, so that it equals no UDP address."""

    host: str
    port: int


class TcpPort:
    """Owns the listening socket and the connections. `on_packet` gets (packet, source)."""

    def __init__(
        self, on_packet: Callable[[bytes, Address], None], dropped: Counter[str], max_connections: int
    ) -> None:
        self._on_packet = on_packet
        self._dropped = dropped
        self._max_connections = max_connections
        self._writers: dict[TcpAddress, asyncio.StreamWriter] = {}
        self._until: dict[TcpAddress, float] = {}
        """When each is closed unless it is proved before (the loop's time)."""
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, None if host == "::" else host, port, limit=64 * 1024)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers.values()):
                writer.transport.abort()
            await asyncio.sleep(0)
            self._server = None

    def send(self, packet: bytes, address: TcpAddress) -> bool:
        """Send a packet in a frame; False if it was dropped."""
        writer = self._writers.get(address)
        if writer is None or writer.transport.is_closing():
            self._dropped["send: tcp gone"] += 1
            return False
        if writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self._dropped["send: tcp unread"] += 1
            return False
        writer.write(len(packet).to_bytes(2, "big") + packet)
        return True

    def proved(self, address: TcpAddress) -> None:
        """An authenticated check has come from there."""
        if address in self._until:
            self._until[address] = asyncio.get_running_loop().time() + NEXT_WITHIN_S

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port, *_ = writer.get_extra_info("peername") or ("", 0)
        address = TcpAddress(f"tcp:{host}", port)
        if not host or address in self._writers or len(self._writers) >= self._max_connections:
            self._dropped["tcp too many"] += 1
            writer.transport.abort()
            return
        loop = asyncio.get_running_loop()
        self._writers[address], self._until[address] = writer, loop.time() + FIRST_WITHIN_S
        begun = False
        try:
            while True:
                packet = await asyncio.wait_for(_frame(reader), self._until[address] - loop.time())
                if not begun and packet[:1] > b"\x03":
                    self._dropped["tcp without stun"] += 1
                    return
                begun = True
                if packet:
                    self._on_packet(packet, address)
        except TimeoutError:
            self._dropped["tcp without check"] += 1
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return
        finally:
            del self._writers[address], self._until[address]
            writer.transport.abort()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(2), "big")
    if size > MAX_FRAME:
        raise ValueError("tcp frame too long")
    return await reader.readexactly(size)
