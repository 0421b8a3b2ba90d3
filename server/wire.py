"""Socket.IO the way the gateway needs it; the only file that knows the inside of python-socketio and engine.io.

Theory of operation. Three things the library does not do by itself, and the private parts used for them (the versions are pinned,
`tests/contract/test_wire.py` finds out when they change):
- *One encoding an audience.* `encode` makes the engine.io packet once; `send` puts that same packet into each client's queue.
  (`emit` makes a task for each recipient.)
- *Bounded queues.* engine.io's queue has no limit; `send` looks at its length and says no when the client does not read.
- *Malformed frames end that connection only*, with a `goodbye`, and never as a traceback: `_handle_eio_message` is wrapped.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgpack
import socketio
import socketio.packet
from engineio import packet as eio_packet
from socketio.msgpack_packet import MsgPackPacket

NAMESPACE = "/"
MAX_NESTING = 8

Encoded = Any
"""An engine.io packet, ready for any number of clients; opaque to everybody else."""


class MalformedFrame(Exception):
    """What came is not a Socket.IO packet of this protocol."""


class StrictPacket(MsgPackPacket):  # type: ignore[misc]  # the library is untyped
    """Refuses what the library would let through or trip over."""

    def decode(self, encoded_packet: Any) -> None:
        if not isinstance(encoded_packet, bytes):
            raise MalformedFrame("text frame")
        try:
            decoded = msgpack.unpackb(encoded_packet, strict_map_key=True, max_ext_len=0)
        except (ValueError, RecursionError, msgpack.UnpackException) as error:
            raise MalformedFrame("not msgpack") from error
        if not isinstance(decoded, dict) or not isinstance(decoded.get("type"), int):
            raise MalformedFrame("not a packet")
        self.packet_type, self.data, self.id = decoded["type"], decoded.get("data"), decoded.get("id")
        self.namespace = decoded.get("nsp", NAMESPACE)
        if self.namespace != NAMESPACE or self.packet_type not in (0, 1, 2, 3):
            raise MalformedFrame("namespace or type")
        if self.id is not None and (not isinstance(self.id, int) or isinstance(self.id, bool)):
            raise MalformedFrame("id")
        is_event = isinstance(self.data, list) and len(self.data) == 2 and isinstance(self.data[0], str)
        if self.packet_type == socketio.packet.EVENT and not is_event:
            raise MalformedFrame("an event is [name, payload]")
        if self.packet_type == socketio.packet.CONNECT and not isinstance(self.data, dict | None):
            raise MalformedFrame("auth is a map")


class WireServer(socketio.AsyncServer):  # type: ignore[misc]  # the library is untyped
    """An AsyncServer with the three differences above."""

    def __init__(self, *, max_frame_bytes: int, max_queued_frames: int, allowed_origins: list[str] | None) -> None:
        super().__init__(
            async_mode="aiohttp",
            serializer=StrictPacket,
            transports=["websocket"],
            cors_allowed_origins=allowed_origins or None,
            cookie=None,
            max_http_buffer_size=max_frame_bytes,
            ping_interval=10,
            ping_timeout=15,
            namespaces=[NAMESPACE],
        )
        self._max_queued_frames = max_queued_frames
        self.on_malformed: Callable[[str], Awaitable[None]] | None = None

    def encode(self, event: str, payload: Any) -> Encoded:
        """An event as the packet that goes to any number of clients."""
        packet = self.packet_class(socketio.packet.EVENT, namespace=NAMESPACE, data=[event, payload])
        return eio_packet.Packet(eio_packet.MESSAGE, packet.encode())

    def send(self, sid: str, packet: Encoded) -> bool:
        """Queue a packet for a client; False if so much waits for it already that it must be called too slow."""
        socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        if socket is None or socket.closed:
            return True  # gone; the disconnect event tells the gateway
        if socket.queue.qsize() >= self._max_queued_frames:
            return False
        socket.queue.put_nowait(packet)
        return True

    def abort(self, sid: str) -> None:
        """Cut a client's connection at once, also where it does not read; the disconnect event follows."""
        environ = self.environ.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        transport = None if environ is None else environ["aiohttp.request"].transport
        if transport is not None:
            transport.abort()

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except MalformedFrame:
            sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
            if sid is not None and self.on_malformed is not None:
                await self.on_malformed(sid)
            else:
                await self.eio.disconnect(eio_sid)
