"""A bot's socket to the server that has the workshop, by the public protocol (PROTOCOL.md, 2).

Theory of operation. `open` goes where it is sent until a hello is answered. What arrives before the answer has been taken waits for it, so that
an older snapshot never overwrites it. A line that was lost is not mended: whoever uses it opens another.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import socketio
from socketio.exceptions import ConnectionError as SocketConnectionError
from socketio.exceptions import SocketIOError

ASK_WITHIN_S = 20
MAX_MOVES = 3
PASSING = ("server_stopping", "slow")
"""Goodbyes after which one comes back."""
FINAL = ("workshop_closed", "workshop_unknown", "protocol_unsupported")
"""Refusals of a connection, besides those of tokens, that stay."""


class BotRefused(Exception):
    """The server does not let the bot in, or does not answer; the message says what it said. `retryable`: it may later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Listener(Protocol):
    """Who uses the line."""

    def changed(self, change: Mapping[str, Any]) -> None:
        """Records were put and removed."""

    def signalled(self, signals: Mapping[str, Any]) -> None: ...

    def told_entries(self, entries: list[str]) -> None: ...

    def moved(self, url: str) -> None:
        """The workshop will be there; this line goes on meanwhile."""

    def lost(self, line: "Line") -> None: ...

    def farewell(self, message: str) -> None:
        """It is over for good."""


class Line:
    """`await open(url)`, then `take(hello)`; `url` is where it has led."""

    def __init__(self, token: str, listener: Listener) -> None:
        self._token = token
        self._listener = listener
        self._early: list[Mapping[str, Any]] | None = []
        self._refusal: Mapping[str, Any] = {}
        self._closed = False
        self._gone = False
        """Lost before hello's answer was taken."""
        self.url = ""
        self._sio = self._socket()

    async def open(self, url: str) -> dict[str, Any]:
        """Hello's answer. Raises `BotRefused`."""
        refusal: Mapping[str, Any] = {}
        for _ in range(MAX_MOVES):
            self.url = url
            hello, refusal = await self._hello(url)
            if hello is not None:
                return hello
            if "url" not in refusal:
                break
            url = refusal["url"]
            await self._shut()
            self._sio = self._socket()
        raise BotRefused(
            refusal.get("message", "The server does not answer."), retryable=refusal.get("retryable", True)
        )

    def take(self, hello: Mapping[str, Any]) -> None:
        """Hand on hello's records and whatever has come since, also that the line is lost."""
        self._listener.changed(hello)
        early, self._early = self._early or [], None
        for change in early:
            self._listener.changed(change)
        if self._gone:
            self._listener.lost(self)

    async def command(self, kind: str, *, command_id: str | None = None, **fields: Any) -> None:
        """Send a command. Raises `BotRefused`; after a retryable one it may have been carried out: send it with the same id."""
        ack = await self.call("command", {"id": command_id or str(uuid.uuid4()), "type": kind, **fields})
        if not ack["ok"]:
            raise BotRefused(str(ack["message"]), retryable=ack["retryable"])

    async def call(self, event: str, payload: object) -> dict[str, Any]:
        """The answer. Raises `BotRefused` where none comes."""
        try:
            answer: dict[str, Any] = await self._sio.call(event, payload, timeout=ASK_WITHIN_S)
        except SocketIOError as error:
            raise BotRefused(str(error) or "The connection was lost.", retryable=True) from None
        return answer

    async def close(self) -> None:
        self._closed = True
        await self._shut()

    async def _shut(self) -> None:
        await self._sio.shutdown()
        http = self._sio.eio.http  # the library leaves it open where no connection came about
        if http is not None and not http.closed:
            await http.close()

    def _socket(self) -> Any:
        # Its own handler of Ctrl+C would cancel everything, instead of letting the bots say goodbye.
        sio = socketio.AsyncClient(serializer="msgpack", reconnection=False, handle_sigint=False)
        for event in ("changes", "signals", "entries", "moved", "goodbye", "connect_error"):
            sio.on(event, getattr(self, f"_on_{event}"))
        sio.on("disconnect", self._on_disconnect)
        return sio

    async def _hello(self, url: str) -> tuple[dict[str, Any] | None, Mapping[str, Any]]:
        """(the answer or None, the refusal)."""
        parts = urlsplit(url)
        auth = {"token": self._token, "protocol": 1}
        path = f"{parts.path.rstrip('/')}/socket.io"
        self._refusal = {}
        self._gone = False
        try:
            await self._sio.connect(
                f"{parts.scheme}://{parts.netloc}", auth=auth, transports=["websocket"], socketio_path=path
            )
        except SocketConnectionError as error:
            return None, self._refusal or {"message": str(error)}
        hello = await self.call("hello", {"last_seq": None})
        return (hello, {}) if hello["ok"] else (None, hello)

    # ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _on_changes(self, change: Mapping[str, Any]) -> None:
        if self._early is not None:
            self._early.append(change)
        else:
            self._listener.changed(change)

    def _on_signals(self, signals: Mapping[str, Any]) -> None:
        self._listener.signalled(signals)

    def _on_entries(self, said: Mapping[str, Any]) -> None:
        self._listener.told_entries(said["entries"])

    def _on_moved(self, said: Mapping[str, Any]) -> None:
        self._listener.moved(said["url"])

    def _on_goodbye(self, said: Mapping[str, Any]) -> None:
        if said["code"] not in PASSING and not self._closed:
            self._listener.farewell(said["message"])

    def _on_disconnect(self, *_reason: Any) -> None:
        if self._closed:
            return
        self._gone = True
        if self._early is None:
            self._listener.lost(self)

    def _on_connect_error(self, told: Any) -> None:
        data = told.get("data") if isinstance(told, dict) else None
        if isinstance(data, dict):
            code = str(data.get("code"))  # of a connection that is refused, it says whether it may be tried again
            self._refusal = {"retryable": code not in FINAL and not code.startswith("token_"), **data}
