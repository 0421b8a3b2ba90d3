"""One bot: a person as the server sees it, by link, socket and media connection.

Theory of operation. As the browser does, it has one line (`server.bots.line`) to where the workshop is, and one media connection there. When
it is told that the workshop moves, it opens the next of both before it closes the former; when the line is lost, it tries the servers it
knows in turn for `RETURN_WITHIN_S`. Only what the server says for good ends it.
"""

import asyncio
import base64
import itertools
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

from server.bots.film import FPS, PACKET_MS, loop
from server.bots.line import BotRefused, Line
from server.bots.peer import Peer
from server.media.dtls import Certificate

CHECK_EVERY_S = 4.0
REPORT_EVERY_S = 2.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.3, 5.0
RETURN_WITHIN_S = 120.0
WORDS = ("clear", "practice", "feedback", "trust", "listening", "time", "questions", "courage")


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
        self._line: Line | None = None
        self._entries: list[str] = []
        """Servers to turn to when this one is lost."""
        self._going = asyncio.Lock()
        """It goes to one place at a time."""
        self._answered: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    # ── coming in ────────────────────────────────────────────────────────────────────────────────────────────────────
    async def join(self, http: aiohttp.ClientSession) -> None:
        """Become a person, connect, say hello, and offer media. Raises `BotRefused`."""
        parts = urlsplit(self._link)
        token = (parse_qs(parts.fragment).get("t") or [""])[0]
        self._origin = f"{parts.scheme}://{parts.netloc}"
        if not token or not parts.netloc:
            raise BotRefused("A link to a workshop ends with #t= and a token.")
        self._token = await self._own_token(http, token)
        async with self._going:
            await self._enter(self._origin)

    async def _enter(self, url: str) -> None:
        line = Line(self._token, self)
        try:
            hello = await line.open(url)
            await self._offer(line)
        except BaseException:  # it stays where it is, and may try again
            await line.close()
            raise
        former, self._line = self._line, line
        self._origin = line.url
        self._entries = hello["entries"]
        self.participant_id = hello["participant_id"]
        self.records.clear()
        line.take(hello)
        if former is not None:
            await former.close()
        with suppress(BotRefused):  # observers, and people in the lobby, watch
            await line.command("SetMedia", mic=self._speak, camera=self._video, screen=False)

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

    async def _offer(self, line: Line) -> None:
        """Connect its media; what there was goes on until then."""
        film = await asyncio.to_thread(loop, self._number)  # the other bots go on meanwhile
        peer = Peer(self._certificate, film)
        offer = {"sdp": peer.offer(), "slots": [asdict(spec) for spec in peer.specs()]}
        try:
            answer = await line.call("media.offer", offer)
            if not answer["ok"]:
                raise BotRefused(str(answer["message"]), retryable=answer["retryable"])
            await peer.connect(answer["sdp"])
        except ConnectionError as error:
            await peer.close()
            raise BotRefused(str(error), retryable=True) from None
        except BaseException:
            await peer.close()
            raise
        former, self.peer = self.peer, peer
        if former is not None:
            await former.close()

    async def _offer_again(self, line: Line) -> None:
        """What there was is gone; what is refused for now is offered later, as long as the line is the one in use."""
        pause_s = FIRST_PAUSE_S
        while line is self._line:
            try:
                return await self._offer(line)
            except BotRefused as refused:
                if not refused.retryable:
                    raise
            await asyncio.sleep(pause_s * self._rng.uniform(0.75, 1.25))
            pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)

    # ── staying, wherever the workshop goes ──────────────────────────────────────────────────────────────────────────
    async def _move(self, url: str) -> None:
        async with self._going:
            try:
                await self._enter(url)
            except BotRefused as refused:
                if not refused.retryable:
                    raise  # else the former line says when it is over, and it is looked for

    async def _return(self, line: Line) -> None:
        async with self._going, asyncio.timeout(RETURN_WITHIN_S):
            pause_s = FIRST_PAUSE_S
            urls = itertools.cycle(dict.fromkeys([self._origin, *self._entries]))
            while self._line is line:
                await asyncio.sleep(pause_s * self._rng.uniform(0.75, 1.25))
                pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)
                try:
                    await self._enter(next(urls))
                except BotRefused as refused:
                    if not refused.retryable:
                        raise

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
        if self._line is not None:
            await self._line.close()

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

    # ── what comes (server.bots.line.Listener) ───────────────────────────────────────────────────────────────────────
    def changed(self, change: Mapping[str, Any]) -> None:
        for key in change["remove"]:
            self.records.pop(key, None)
        for put in change["put"]:
            record = self.records[put["key"]] = put["record"]
            if record["kind"] == "poll" and record["status"] == "open" and record["poll_id"] not in self._answered:
                self._answered.add(record["poll_id"])
                self._later(self._vote(record))

    def signalled(self, signals: Mapping[str, Any]) -> None:
        closed = signals.get("media", {}).get("state") == "closed"
        if closed and self.ended is None and self._line is not None and not self._going.locked():
            self._later(self._offer_again(self._line))

    def told_entries(self, entries: list[str]) -> None:
        self._entries = entries

    def moved(self, url: str) -> None:
        self._later(self._move(url))

    def lost(self, line: Line) -> None:
        if self.ended is None and line is self._line:
            self._later(self._return(line))

    def farewell(self, message: str) -> None:
        self._end(message)

    async def _vote(self, poll: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._rng.uniform(0.5, 5))
        fields = {"poll_id": poll["poll_id"], **answer_to(poll, self._rng)}
        command_id = str(uuid.uuid4())
        while True:
            line = self._line
            assert line is not None
            try:
                await line.command("CastBallot", command_id=command_id, **fields)
            except BotRefused as refused:
                if not refused.retryable:
                    return  # it was closed meanwhile, or is not for this bot
                await asyncio.sleep(FIRST_PAUSE_S)
            else:
                break
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
