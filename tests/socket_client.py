"""A client of the wire as PROTOCOL.md describes it, for tests: records by put and remove, acks, signals, goodbye."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import socketio
from pydantic import ValidationError
from socketio.exceptions import ConnectionError as SocketConnectionError

from server.outgoing import ANSWERS, PUSHED


class Refused(Exception):
    """The connection was refused; `code` says why."""

    def __init__(self, code: str, message: str, url: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.url = url
        self.code = code
        self.message = message


class WireClient:
    """One connection of one person."""

    def __init__(self, base_url: str, token: str | None) -> None:
        self._base_url = base_url
        self._token = token
        self.records: dict[str, Any] = {}
        self.since = 0
        self.hello: dict[str, Any] = {}
        self.signals: list[dict[str, Any]] = []
        self.goodbyes: list[dict[str, Any]] = []
        self.disconnected = asyncio.Event()
        self.moved_to: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.wrong: list[str] = []
        """Messages that had not the shape of `server.outgoing`; told when this is closed."""
        self._news = asyncio.Event()
        self._refused: dict[str, Any] | None = None
        self._early: list[Any] | None = []
        self.sio = socketio.AsyncClient(serializer="msgpack", reconnection=False)
        self.sio.on("changes", self._changes)
        self.sio.on("signals", self._signal)
        self.sio.on("goodbye", self._goodbye)
        self.sio.on("moved", self._moved)
        self.sio.on("entries", self._told_entries)
        self.sio.on("disconnect", self._disconnected)
        self.sio.on("connect_error", self._connect_error)

    async def connect(self, *, last_seq: int | None = None, hello: bool = True, **auth: Any) -> "WireClient":
        """Connect and say hello. Raises `Refused`."""
        credentials = {"token": self._token, "protocol": 1, **auth}
        try:
            parts = urlsplit(self._base_url)
            await self.sio.connect(
                f"{parts.scheme}://{parts.netloc}",
                auth=credentials,
                transports=["websocket"],
                wait_timeout=60,
                socketio_path=f"{parts.path.rstrip('/')}/socket.io",
            )
        except SocketConnectionError:
            await self.sio.shutdown()
            told = self._refused or {"code": "no_answer", "message": "?"}
            raise Refused(told["code"], told["message"], told.get("url")) from None
        if hello:
            self.hello = await self.call("hello", {"last_seq": last_seq})
            if not self.hello["ok"]:
                raise Refused(self.hello["code"], self.hello["message"], self.hello.get("url"))
            if self.hello["snapshot"]:
                self.records.clear()
            self._take(self.hello)
            early, self._early = self._early, None
            for change in early or ():
                self._take(change)
        return self

    async def call(self, event: str, payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.sio.call(event, payload, timeout=60)
        if event in ANSWERS:
            ANSWERS[event].validate_python(answer)
        return answer

    async def command(self, kind: str, /, *, command_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """Send a command; its ack."""
        return await self.call("command", {"id": command_id or str(uuid.uuid4()), "type": kind, **fields})

    async def ok(self, kind: str, /, **fields: Any) -> int:
        """Send a command that must be accepted; its seq."""
        ack = await self.command(kind, **fields)
        assert ack["ok"], ack
        return int(ack["seq"])

    async def until(self, condition: Callable[[dict[str, Any]], Any], *, within_s: float = 60) -> Any:
        """Wait until `condition(records)` is true (a record that is missing counts as not yet); what it returned."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        if found := condition(self.records):
                            return found
                    except KeyError:
                        pass
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"the condition never held; records: {self.records}") from None

    def of_kind(self, kind: str) -> list[Any]:
        return [record for record in self.records.values() if record["kind"] == kind]

    async def close(self) -> None:
        await self.sio.disconnect()
        await self.sio.shutdown()
        assert not self.wrong, self.wrong

    def _check(self, event: str, payload: Any) -> None:
        """What is raised in a handler of the library's is only logged; so it is kept for `close`."""
        try:
            PUSHED[event].validate_python(payload)
        except ValidationError as error:
            self.wrong.append(f"{event}: {error}")

    def _take(self, change: dict[str, Any]) -> None:
        for key in change["remove"]:
            self.records.pop(key, None)
        for put in change["put"]:
            self.records[put["key"]] = put["record"]
        self.since = max(self.since, change["since"])
        self._news.set()

    def _changes(self, change: dict[str, Any]) -> None:
        self._check("changes", change)
        if self._early is not None:
            self._early.append(change)
        else:
            self._take(change)

    def _signal(self, payload: dict[str, Any]) -> None:
        self._check("signals", payload)
        self.signals.append(payload)
        self._news.set()

    def _goodbye(self, payload: dict[str, Any]) -> None:
        self._check("goodbye", payload)
        self.goodbyes.append(payload)

    def _moved(self, payload: dict[str, Any]) -> None:
        self._check("moved", payload)
        if not self.moved_to.done():
            self.moved_to.set_result(payload["url"])

    def _told_entries(self, payload: dict[str, Any]) -> None:
        self._check("entries", payload)
        self.hello["entries"] = payload["entries"]

    def _disconnected(self, *_reason: Any) -> None:
        self.disconnected.set()

    def _connect_error(self, told: Any) -> None:
        self._refused = told.get("data") if isinstance(told, dict) and "data" in told else None
