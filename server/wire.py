"""Socket.IO the way the gateway needs it; the only file that knows the inside of python-socketio and engine.io.

Theory of operation. What the library does not do by itself, and the private parts used for it (the versions are pinned,
`tests/contract/test_wire.py` finds out when they change):
- *One encoding an audience.* `encode` makes the packet and its frame once; `send` writes those bytes to each client (`server.outlet`).
  (`emit` makes a task for each recipient, and the library's queue another for each packet.)
- *Bounded queues.* engine.io's queue has no limit; `send` looks at its length and says no when the client does not read.
- *Malformed frames end that connection only*, with a `goodbye`, and never as a traceback: `FramedSocket` lets no frame
  through that engine.io would trip over, `StrictPacket` none that Socket.IO would, and `_handle_eio_message` is wrapped.
- *A close is a close.* The library ends a Socket.IO session and leaves the WebSocket open, and waits for ever for a client
  that does not read. Here a socket without a session is closed, and one that does not let itself be closed is cut.
- *What is closed is gone.* An exception holds the frames it went through, and where one of them holds the exception again nothing of the connection
  is freed before the next full collection, which may be hours away (`server.pauses`). So the end of a WebSocket is no exception here, and the one that
  aiohttp keeps of it forgets its frames.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgpack
import socketio
import socketio.packet
from aiohttp import WSMsgType
from aiohttp.web import Response, StreamResponse, WebSocketResponse
from engineio.async_drivers import aiohttp as eio_aiohttp
from socketio.msgpack_packet import MsgPackPacket

from server.outlet import Outlet, SharedPacket
from server.pauses import forget_frames

NAMESPACE = "/"
CLOSE_WITHIN_S = 2.0
"""How long a client may take to read what waits for it and to close, once it has been told to go."""
FROM_CLIENTS = (socketio.packet.CONNECT, socketio.packet.DISCONNECT, socketio.packet.EVENT)
RESERVED = ("connect", "disconnect", "*")
"""Names under which the library calls handlers; a client that sends them as events would call those itself."""
HEARTBEAT = ("1", "3")
"""The text frames of engine.io that a client may send: close and pong."""
REFUSED_FRAME = "4?"
"""A text message, which `StrictPacket` refuses: the same way out for every malformed frame."""

MALFORMED = "What came is not a message of this protocol."

Encoded = Any
"""A packet, ready for any number of clients; opaque to everybody else."""


class MalformedFrame(Exception):
    """What came is not a Socket.IO packet of this protocol."""


def _own_origins(environ: dict[str, Any]) -> list[str]:
    """The origins of pages that came from the address this request was sent to, directly or through a proxy."""
    scheme, host = environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST")
    origins = [] if host is None else [f"{scheme}://{host}"]
    forwarded = environ.get("HTTP_X_FORWARDED_HOST", host)
    if forwarded is not None:
        proto = environ.get("HTTP_X_FORWARDED_PROTO", scheme).split(",")[0].strip()
        origins.append(f"{proto}://{forwarded.split(',')[0].strip()}")
    return origins


class StrictPacket(MsgPackPacket):  # type: ignore[misc]  # the library is untyped
    """Refuses what the library would let through or trip over."""

    def decode(self, encoded_packet: Any) -> None:
        if not isinstance(encoded_packet, bytes):
            raise MalformedFrame("text frame")
        try:
            decoded = msgpack.unpackb(encoded_packet, strict_map_key=True, max_ext_len=0)
        except (ValueError, RecursionError, msgpack.UnpackException) as error:
            raise MalformedFrame("not msgpack") from error
        if not isinstance(decoded, dict) or not _is_int(decoded.get("type")):
            raise MalformedFrame("not a packet")
        self.packet_type, self.data, self.id = decoded["type"], decoded.get("data"), decoded.get("id")
        self.namespace = decoded.get("nsp", NAMESPACE)
        if self.namespace != NAMESPACE or self.packet_type not in FROM_CLIENTS:
            raise MalformedFrame("namespace or type")
        if self.id is not None and not _is_int(self.id):
            raise MalformedFrame("id")
        if self.packet_type == socketio.packet.EVENT:
            name = self.data[0] if isinstance(self.data, list) and len(self.data) == 2 else None
            if not isinstance(name, str) or name in RESERVED:
                raise MalformedFrame("an event is [name, payload]")
        if self.packet_type == socketio.packet.CONNECT and not isinstance(self.data, dict | None):
            raise MalformedFrame("auth is a map")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class FramedSocket(eio_aiohttp.WebSocket):  # type: ignore[misc]  # the library is untyped
    """engine.io's WebSocket, which passes on nothing but heartbeats and binary messages.

    Without compression: a compressor for each connection costs some 300 kB, and would compress the one encoding of an
    audience again for each of its members.
    """

    async def __call__(self, environ: Any) -> StreamResponse:
        self._sock = WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, compress=False)
        request = environ["aiohttp.request"]
        socket = self.handler.__self__  # it is a method of engine.io's socket
        try:
            await self._sock.prepare(request)
        except ConnectionError:  # who asked has gone
            await socket.close(wait=False, abort=True)
            return Response()
        self.environ = environ
        self._outlet: Outlet = socket.queue
        self._outlet.attach(self._sock, request)
        await self.handler(self)
        forget_frames(self._sock.exception())
        return self._sock

    async def send(self, message: bytes | str) -> None:
        await super().send(message)
        self._outlet.sent()

    async def wait(self) -> bytes | str | None:
        """None at the end, which the library takes as well as the exception that its own class raises then, and keeps no task for."""
        message = await self._sock.receive()
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            return None
        frame: bytes | str = message.data
        return frame if (isinstance(frame, bytes) and frame) or frame in HEARTBEAT else REFUSED_FRAME


class WireServer(socketio.AsyncServer):  # type: ignore[misc]  # the library is untyped
    """An AsyncServer with the differences above."""

    def __init__(
        self,
        *,
        max_frame_bytes: int,
        max_queued_frames: int,
        connect_within_s: float,
        allowed_origins: Callable[[], list[str]] | None,
        same_origin: bool = True,
    ) -> None:
        super().__init__(
            async_mode="aiohttp",
            serializer=StrictPacket,
            transports=["websocket"],
            cors_allowed_origins=lambda origin, environ: (
                (same_origin and origin in _own_origins(environ))
                or (allowed_origins is not None and origin in allowed_origins())
            ),
            cookie=None,
            max_http_buffer_size=max_frame_bytes,
            ping_interval=10,
            ping_timeout=15,
            namespaces=[NAMESPACE],
        )
        self.eio._async = {**self.eio._async, "websocket": FramedSocket}
        self.eio.create_queue = Outlet
        self._max_queued_frames = max_queued_frames
        self._connect_within_s = connect_within_s
        self._ends: set[asyncio.Task[None]] = set()
        self.on_malformed: Callable[[str], Awaitable[None]] | None = None

    def encode(self, event: str, payload: Any) -> Encoded:
        """An event as the packet that goes to any number of clients."""
        packet = self.packet_class(socketio.packet.EVENT, namespace=NAMESPACE, data=[event, payload])
        return SharedPacket(packet.encode())

    def send(self, sid: str, packet: Encoded) -> bool:
        """Queue a packet for a client; False if so much waits for it already that it must be called too slow."""
        socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        if socket is None or socket.closed:
            return True  # gone; the disconnect event tells the gateway
        if socket.queue.qsize() >= self._max_queued_frames:
            return False
        socket.queue.put_nowait(packet)
        return True

    async def close(self, sid: str) -> None:
        """End a client's session and its WebSocket, after what waits for it; within `CLOSE_WITHIN_S` in any case."""
        eio_sid = self.manager.eio_sid_from_sid(sid, NAMESPACE)
        await self.disconnect(sid)
        await self._end(eio_sid)

    def abort(self, sid: str) -> None:
        """Cut a client's connection at once, also where it does not read; the disconnect event follows."""
        self._cut(self._transport(self.manager.eio_sid_from_sid(sid, NAMESPACE)))

    async def _end(self, eio_sid: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and not socket.closed:
            # Aborted, which leaves out engine.io's own "close": the WebSocket's says it too, and the library's clients that get both
            # at once wait for themselves for twenty seconds.
            await socket.close(wait=False, abort=True)
            socket.queue.put_nowait(None)  # the writer ends here, and with it the WebSocket

    def _transport(self, eio_sid: str) -> Any:
        environ = self.environ.get(eio_sid)
        return None if environ is None else environ["aiohttp.request"].transport

    @staticmethod
    def _cut(transport: Any) -> None:
        if transport is not None:
            transport.abort()

    def _end_without_session(self, eio_sid: str) -> None:
        """Close a WebSocket that has no session: refused, ended, or never asked for."""
        if self.manager.sid_from_eio_sid(eio_sid, NAMESPACE) is None:
            task = asyncio.get_running_loop().create_task(self._end(eio_sid))
            self._ends.add(task)
            task.add_done_callback(self._ends.discard)

    # ── called by the library ────────────────────────────────────────────────────────────────────────────────────────
    async def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        """Answers to a client take this way, and are bounded like everything else: who asks and never reads is cut."""
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and socket.queue.qsize() >= self._max_queued_frames:
            self._cut(self._transport(eio_sid))
            return
        await super()._send_packet(eio_sid, pkt)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        asyncio.get_running_loop().call_later(self._connect_within_s, self._end_without_session, eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        transport = self._transport(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
        asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, self._cut, transport)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except MalformedFrame:
            sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
            if sid is not None:
                if self.on_malformed is not None:
                    await self.on_malformed(sid)
                return
            told = {"message": MALFORMED, "data": {"code": "malformed", "message": MALFORMED}}
            refused = self.packet_class(socketio.packet.CONNECT_ERROR, data=told, namespace=NAMESPACE)
            await self._send_packet(eio_sid, refused)
        self._end_without_session(eio_sid)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        if self.manager.sid_from_eio_sid(eio_sid, NAMESPACE) is not None:
            raise MalformedFrame("a second session")
        await super()._handle_connect(eio_sid, namespace, data)
