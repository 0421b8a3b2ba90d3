"""One bot: a person as the server sees it, by link, socket and media connection."""

import asyncio
import base64
import json
import random
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import socketio
from socketio.exceptions import ConnectionError as SocketConnectionError

from server.bots.film import FPS, PACKET_MS, loop
from server.bots.peer import Peer
from server.media.dtls import Certificate

CHECK_EVERY_S = 4.0
REPORT_EVERY_S = 2.0
ASK_WITHIN_S = 20
MAX_MOVES = 3
WORDS = ("clear", "practice", "feedback", "trust", "listening", "time", "questions", "courage")


class BotRefused(Exception):
    """The server does not let the bot in, or does not answer; the message says what it said."""


def answer_to(poll: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    """The fields of a ballot for a poll's record, drawn from `rng`; every kind of poll gets what it takes."""
    options = [option["option_id"] for option in poll["options"]]
    if poll["poll_kind"] == "ranking":
        rng.shuffle(options)
        return {"option_ids": options}
    if options:
        least, most = max(1, poll["min_choices"]), max(1, min(poll["max_choices"], len(options)))
        return {"option_ids": rng.sample(options, rng.randint(min(least, most), most))}
    if poll["scale"] is not None:
        return {"value": rng.randint(poll["scale"]["least"], poll["scale"]["most"])}
    return {"text": rng.choice(WORDS)}


class Bot:
    """`await join()`, then `await live()`; `close()`. `rng` decides when it speaks and how it votes."""

    def __init__(self, link: str, name: str, number: int, rng: random.Random, *, speak: bool, video: bool) -> None:
        self.name = name
        self._link = link
        self._number = number
        self._rng = rng
        self._speak = speak
        self._video = video
        self._origin = ""
        self._token = ""
        self.participant_id = ""
        self.records: dict[str, Any] = {}
        self.voted = 0
        self.ended: str | None = None
        """Why the server has ended it, if it has."""
        self._over = asyncio.Event()
        self.peer: Peer | None = None
        self._certificate = Certificate()
        self._early: list[Any] | None = []
        self._elsewhere: str | None = None
        self._refused = ""
        self._answered: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sio = self._socket()

    def _socket(self) -> Any:
        # Its own handler of Ctrl+C would cancel everything, instead of letting the bots say goodbye.
        sio = socketio.AsyncClient(serializer="msgpack", reconnection=False, handle_sigint=False)
        for event in ("changes", "signals", "goodbye", "connect_error", "moved"):
            sio.on(event, getattr(self, f"_on_{event}"))
        return sio

    # ── coming in ────────────────────────────────────────────────────────────────────────────────────────────────────
    async def join(self, http: aiohttp.ClientSession) -> None:
        """Become a person, connect, say hello, and offer media. Raises `BotRefused`."""
        parts = urlsplit(self._link)
        token = (parse_qs(parts.fragment).get("t") or [""])[0]
        self._origin = f"{parts.scheme}://{parts.netloc}"
        if not token or not parts.netloc:
            raise BotRefused("A link to a workshop ends with #t= and a token.")
        self._token = await self._own_token(http, token)
        for _ in range(MAX_MOVES):
            self._elsewhere = None
            hello = await self._hello()
            if hello is not None:
                break
            self._origin = self._elsewhere or self._origin
            await self._sio.shutdown()
            self._sio = self._socket()
        else:
            raise BotRefused(self._refused or "The workshop is somewhere else each time.")
        self.participant_id = hello["participant_id"]
        self._take(hello)
        early, self._early = self._early or [], None
        for change in early:
            self._take(change)
        await self._offer()
        with suppress(BotRefused):  # observers, and people in the lobby, watch
            await self._command("SetMedia", mic=self._speak, camera=self._video, screen=False)

    async def _command(self, kind: str, **fields: Any) -> None:
        """Send a command. Raises `BotRefused`."""
        command = {"id": str(uuid.uuid4()), "type": kind, **fields}
        ack = await self._sio.call("command", command, timeout=ASK_WITHIN_S)
        if not ack["ok"]:
            raise BotRefused(str(ack["message"]))

    async def _own_token(self, http: aiohttp.ClientSession, token: str) -> str:
        try:
            payload = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError):
            raise BotRefused("The link's token cannot be read.") from None
        if claims.get("kind") != "invite":
            return token
        try:
            async with http.post(f"{self._origin}/api/join", json={"invite": token, "name": self.name}) as answer:
                body = await answer.json()
        except (aiohttp.ClientError, ValueError) as error:
            raise BotRefused(f"{self._origin} does not answer: {error}") from None
        if answer.status != 201:
            raise BotRefused(str(body.get("detail") or body))
        return str(body["token"])

    async def _hello(self) -> dict[str, Any] | None:
        auth = {"token": self._token, "protocol": 1}
        path = f"{urlsplit(self._origin).path.rstrip('/')}/socket.io"
        try:
            await self._sio.connect(self._origin, auth=auth, transports=["websocket"], socketio_path=path)
        except SocketConnectionError as error:
            if self._elsewhere is not None:
                return None
            raise BotRefused(self._refused or str(error)) from None
        hello: dict[str, Any] = await self._sio.call("hello", {"last_seq": None}, timeout=ASK_WITHIN_S)
        if hello["ok"]:
            return hello
        if hello["code"] == "elsewhere":
            self._elsewhere = hello["url"]
            return None
        raise BotRefused(str(hello["message"]))

    async def _offer(self) -> None:
        if self.peer is not None:
            await self.peer.close()
        film = await asyncio.to_thread(loop, self._number)  # the other bots go on meanwhile
        self.peer = Peer(self._certificate, film)
        offer = {"sdp": self.peer.offer(), "slots": [asdict(spec) for spec in self.peer.specs()]}
        answer = await self._sio.call("media.offer", offer, timeout=ASK_WITHIN_S)
        if not answer["ok"]:
            raise BotRefused(str(answer["message"]))
        try:
            await self.peer.connect(answer["sdp"])
        except ConnectionError as error:
            raise BotRefused(str(error)) from None

    # ── being there ──────────────────────────────────────────────────────────────────────────────────────────────────
    async def live(self) -> None:
        """Send media until cancelled or ended by the server."""
        works = [self._every(CHECK_EVERY_S, self._check), self._every(REPORT_EVERY_S, self._report), self._talk()]
        if self._video:
            works.append(self._every(1 / FPS, self._show))
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            await self._over.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Leave."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self.peer is not None:
            await self.peer.close()
        await self._sio.shutdown()

    async def _every(self, pause_s: float, do: Any) -> None:
        timer = asyncio.get_running_loop()
        due = timer.time() + self._rng.random() * pause_s
        while True:
            await asyncio.sleep(max(0.0, due - timer.time()))
            due = max(due + pause_s, timer.time() - 1.0)
            do()

    def _check(self) -> None:
        if self.peer is not None:
            self.peer.keep_alive()

    def _report(self) -> None:
        if self.peer is not None:
            self.peer.report(time.time_ns() // 1000)

    def _show(self) -> None:
        if self.peer is not None:
            self.peer.show()

    async def _talk(self) -> None:
        """Turns of some seconds, with longer pauses, in which only an occasional packet says that the microphone is there."""
        timer = asyncio.get_running_loop()
        while True:
            loud = self._speak and self._rng.random() < 0.3
            ends = timer.time() + (self._rng.uniform(2, 6) if loud else self._rng.uniform(2, 8))
            pause_s = PACKET_MS / 1000 if loud else 0.4
            due = timer.time()
            while timer.time() < ends:
                if self.peer is not None:
                    self.peer.say(loud=loud)
                due = max(due + pause_s, timer.time() - 0.5)
                await asyncio.sleep(max(0.0, due - timer.time()))

    # ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _take(self, change: Mapping[str, Any]) -> None:
        for key in change["remove"]:
            self.records.pop(key, None)
        for put in change["put"]:
            record = self.records[put["key"]] = put["record"]
            if record["kind"] == "poll" and record["status"] == "open" and record["poll_id"] not in self._answered:
                self._answered.add(record["poll_id"])
                self._later(self._vote(record))

    async def _vote(self, poll: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._rng.uniform(0.5, 5))
        try:
            await self._command("CastBallot", poll_id=poll["poll_id"], **answer_to(poll, self._rng))
        except BotRefused:
            return  # it was closed meanwhile, or is not for this bot
        self.voted += 1

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._end(f"{type(task.exception()).__name__}: {task.exception()}")

    def _end(self, why: str) -> None:
        self.ended = self.ended or why
        self._over.set()

    def _on_changes(self, change: dict[str, Any]) -> None:
        if self._early is not None:
            self._early.append(change)
        else:
            self._take(change)

    def _on_signals(self, signals: dict[str, Any]) -> None:
        if signals.get("media", {}).get("state") == "closed" and self.ended is None:
            self._later(self._offer())

    def _on_goodbye(self, said: dict[str, Any]) -> None:
        self._end(said["message"])

    def _on_moved(self, said: dict[str, Any]) -> None:
        self._end(f"the workshop has moved to {said['url']}")

    def _on_connect_error(self, told: Any) -> None:
        data = told.get("data") if isinstance(told, dict) else None
        if isinstance(data, dict):
            self._refused = data.get("message", "")
            self._elsewhere = data.get("url")
