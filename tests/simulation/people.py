"""Simulated people, over the public protocol. Each gives commands until they are answered, comes, goes, and loses the connection, and
knows when: what they did is the ground truth that the published attendance is compared with.

Four kinds of going: *blinking* (the connection ends and another is made at once: no absence), *leaving* (the command), *vanishing*
(the connection ends and nobody comes back before the grace is over: gone since the connection ended), and losing the connection because
the server died, which is blinking for who wants to be there. Who has gone stays away until the facilitator sees that they left.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgpack

from tests.raw_socket import ACK, CONNECT, DISCONNECT, EVENT
from tests.simulation.truth import Between, Presence, at

PATIENCE_S = 15.0
"""How long a connection may leave a command without an answer before it counts as lost."""
WATCH_S = 0.2
"""How often somebody who does nothing looks whether they are connected."""
UNCLEAR_FROM = 0.8
"""Gaps of this share of the grace and more may have been absences."""


class Lost(Exception):
    """The connection ended before the answer came."""


@dataclass
class Acked:
    """Acknowledged commands: (workshop, person, command id) → seq."""

    seq_of: dict[tuple[str, str, str], int] = field(default_factory=dict)
    refused: int = 0
    """For good: somebody else was quicker."""
    repeated: int = 0
    """Given more than once before they were answered."""


class Link:
    """One connection. What is pushed is read and dropped; `lost` is when it ended."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, token: str) -> None:
        self._http, self._base_url, self._token = http, base_url, token
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._reader: asyncio.Task[None] | None = None
        self._accepted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.lost: float | None = None
        self.given_up = False
        """It was ended from this side."""

    async def open(self) -> None:
        """Raises `Lost` where there is no server, or where it does not want this connection now."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                url = f"{self._base_url}/socket.io/?EIO=4&transport=websocket"
                self._ws = await self._http.ws_connect(url, max_msg_size=0, compress=0)
                self._reader = asyncio.create_task(self._read(self._ws))
                await self._send({"type": CONNECT, "nsp": "/", "data": {"token": self._token, "protocol": 1}})
                await self._accepted
        except (aiohttp.ClientError, OSError) as error:
            self.abort()
            raise Lost from error
        except Lost:
            self.abort()
            raise

    async def call(self, event: str, payload: Any) -> dict[str, Any]:
        """Raises `Lost`."""
        self._number += 1
        number = self._number
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"type": EVENT, "nsp": "/", "data": [event, payload], "id": number})
            async with asyncio.timeout(PATIENCE_S):
                told: dict[str, Any] = await answer
                return told
        except TimeoutError as error:
            self.give_up()  # the server may be there, and the grace begins now
            raise Lost from error
        except (OSError, aiohttp.ClientError) as error:
            self.abort()
            raise Lost from error
        finally:
            self._waiting.pop(number, None)

    def give_up(self) -> float:
        """`abort`, because somebody wants to."""
        self.given_up = self.lost is None
        return self.abort()

    def abort(self) -> float:
        """End it without a word, as a network does; when it ended."""
        if self.lost is None:
            self.lost = time.monotonic()
        if self._ws is not None and self._ws._response.connection is not None:
            transport = self._ws._response.connection.transport
            if transport is not None:
                transport.abort()
            self._ws._response.close()
        if self._reader is not None and self._reader is not asyncio.current_task():
            self._reader.cancel()
        for each in (self._accepted, *self._waiting.values()):
            if not each.done():
                each.set_exception(Lost())
                each.exception()
        return self.lost

    async def _send(self, packet: dict[str, Any]) -> None:
        if self._ws is None or self.lost is not None:
            raise Lost
        await self._ws.send_bytes(msgpack.packb(packet))

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(aiohttp.ClientError, OSError):
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    if message.data == "2":
                        await ws.send_str("3")
                elif b"changes" not in message.data[:64]:
                    self._take(msgpack.unpackb(message.data))
        self.abort()

    def _take(self, packet: dict[str, Any]) -> None:
        match packet["type"]:
            case 0 if not self._accepted.done():
                self._accepted.set_result(None)
            case 4 if not self._accepted.done():
                self._accepted.set_exception(Lost(str(packet["data"])))
            case kind if kind == ACK and (waiting := self._waiting.get(packet["id"])) and not waiting.done():
                waiting.set_result(packet["data"][0])
            case kind if kind == DISCONNECT:
                self.abort()


@dataclass
class Sight:
    """What is known beyond a person's own connection. `waits` returns when the facilitator sees that somebody is there, or not; `up_after`:
    when the server was first ready after that moment."""

    waits: Callable[[str, bool], Awaitable[None]]
    up_after: Callable[[float], float]


class Person:
    """`steady` people never leave and never vanish. `sure`: what is refused for now has not happened."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        workshop_id: str,
        who: str,
        token: str,
        draw: random.Random,
        *,
        grace_s: float,
        pause_s: float,
        steady: bool,
        sure: bool,
        sight: Sight,
    ) -> None:
        self.workshop_id, self.who, self.steady, self._sure = workshop_id, who, steady, sure
        self.presence = Presence()
        self.settled = asyncio.Event()
        self._http, self._base_url, self._token, self._draw = http, base_url, token, draw
        self._grace_s, self._pause_s, self._sight = grace_s, pause_s, sight
        self._link: Link | None = None
        self._number = 0

    async def act(self, acked: Acked, stop: asyncio.Event) -> None:
        """Until `stop`; then everybody is connected, which `settled` tells, and stays so until this is cancelled."""
        await self._come()
        while not stop.is_set():
            await asyncio.sleep(self._draw.uniform(0, 2 * self._pause_s))
            fate = self._draw.random()
            if fate < 0.05:
                await self._blink()
            elif fate < 0.08 and not self.steady:
                await self._away(self._leave)
            elif fate < 0.10 and not self.steady:
                await self._away(self._vanish)
            else:
                await self.until_answered(self._anything(), acked)
        while True:
            await self._connected()
            self.settled.set()
            await asyncio.sleep(WATCH_S)

    async def close(self) -> None:
        if self._link is not None:
            self._link.abort()

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def _anything(self) -> dict[str, Any]:
        number = self._number
        return self._draw.choice(
            [
                {"type": "PostMessage", "channel": "everyone", "text": f"{self.who} says {number}"},
                {"type": "RaiseHand"},
                {"type": "LowerHand"},
                {"type": "RaiseHand"},
                {"type": "LowerHand"},
                {"type": "Rename", "name": f"{self.who} {number}"},
                {"type": "SetMedia", "mic": bool(number % 2), "camera": False, "screen": False},
                {"type": "SetMedia", "mic": bool(number % 2), "camera": True, "screen": False},
            ]
        )

    async def until_answered(self, command: dict[str, Any], acked: Acked) -> tuple[Between, dict[str, Any]]:
        """Give a command, again with the same id as long as there is no answer or one that asks for that; when it happened."""
        self._number += 1
        command_id, first, tries = f"{self.who}-{self._number}", time.monotonic(), 0
        while True:
            tries += 1
            link = await self._connected()
            try:
                answer = await link.call("command", {"id": command_id, **command})
            except Lost:
                continue
            if answer["ok"]:
                acked.seq_of[self.workshop_id, self.who, command_id] = answer["seq"]
                acked.repeated += tries > 1
                return Between(first, time.monotonic()), answer
            if not answer["retryable"]:
                acked.refused += 1
                return Between(first, time.monotonic()), answer
            await asyncio.sleep(self._draw.uniform(0.1, 0.4))

    # ── coming and going ─────────────────────────────────────────────────────────────────────────────────────────────
    async def _come(self) -> None:
        self.presence.come(await self._enter())

    async def _connected(self) -> Link:
        """The connection, made anew where it is lost."""
        assert self._link is not None
        if self._link.lost is not None:
            former, lost = self._link, self._link.lost
            back = (await self._enter()).last
            gap_s = back - lost
            # With the server go all connections, and the grace begins when it is there again.
            waited_s = gap_s if former.given_up else min(gap_s, back - self._sight.up_after(lost))
            if waited_s > self._grace_s * UNCLEAR_FROM:
                self.presence.unclear.append(gap_s)
        return self._link

    async def _enter(self) -> Between:
        """Connect and say hello until that is answered; when it was."""
        first: float | None = None
        """Of those tries of which it is not known whether they succeeded."""
        while True:
            link, sent = Link(self._http, self._base_url, self._token), None
            try:
                await link.open()
                sent = time.monotonic()
                answer = await link.call("hello", {"last_seq": None})
            except Lost:
                first = first or sent
            else:
                if answer["ok"]:
                    self._link = link
                    return Between(first or sent, time.monotonic())
                if not answer["retryable"]:
                    raise AssertionError(f"{self.who} is not let in: {answer}")
                first = first if self._sure else first or sent
            link.abort()
            await asyncio.sleep(self._draw.uniform(0.1, 0.5))

    async def _blink(self) -> None:
        (await self._connected()).give_up()
        await asyncio.sleep(self._draw.uniform(0, 1))
        await self._connected()

    async def _away(self, go: Callable[[], Awaitable[Between]]) -> None:
        await self._sight.waits(self.who, True)
        self.presence.go(await go())
        await self._sight.waits(self.who, False)
        await asyncio.sleep(self._draw.uniform(0, 2))
        await self._come()

    async def _leave(self) -> Between:
        """If the connection is lost on the way, it either happened before, or this is vanishing."""
        self._number += 1
        command = {"id": f"{self.who}-{self._number}", "type": "Leave"}
        link = await self._connected()
        first = time.monotonic()
        try:
            while not (answer := await link.call("command", command))["ok"]:
                assert answer["retryable"], answer
                await asyncio.sleep(0.1)
                first = time.monotonic() if self._sure else first
        except Lost:
            assert link.lost is not None
            return Between(min(first, link.lost), link.lost)
        ended = Between(first, time.monotonic())
        link.abort()
        return ended

    async def _vanish(self) -> Between:
        return at((await self._connected()).give_up())
