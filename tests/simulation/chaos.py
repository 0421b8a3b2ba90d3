"""A workshop while everything around it fails: the server and Redis are killed with SIGKILL at random moments, receivers go up and down.

`make chaos ARGS="--seconds 120 --people 40 --seed 7"`. Simulated people give commands over real sockets, each again with the
same id until it is acknowledged. Afterwards everything is up and left alone until the sinks have caught up, and then it is counted:
- acknowledged commands that the journal does not have, or has twice, or answers with another seq than it did;
- gaps in a journal's sequence, and what SQLite's own check finds;
- for each sink: events missing, events that nobody told, repeated ids (at-least-once sinks may repeat; the Redis stream and the LRS may not), and events
  that come for the first time out of their workshop's order.
The seed is printed; it fixes what the people do and when what is killed, not how the machine schedules it. The last line has the figures.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from server.publish.xapi import statement_of
from tests.harness import ServerProcess
from tests.redis_server import RedisServer
from tests.simulation.receivers import SECRET, Store, Webhooks
from tests.socket_client import WireClient

SETTLE_WITHIN_S = 120
STREAM = "{atelier}:events"
WORKSHOPS = 3
AT_LEAST_ONCE, ONCE = ("file", "webhook"), ("redis", "xapi")


@dataclass
class Acked:
    """Acknowledged commands: (workshop, person, command id) → seq."""

    seq_of: dict[tuple[str, str, str], int] = field(default_factory=dict)
    refused: int = 0
    """For good: somebody else was quicker."""
    repeated: int = 0


@dataclass
class Report:
    acknowledged: int = 0
    kills: int = 0
    events: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged commands that the journal has not, or not as it was said."""
    gaps: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    """In sinks that must not repeat."""
    repeated: int = 0
    """In those that may."""
    disorder: list[str] = field(default_factory=list)
    settled_s: float = 0.0

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.gaps, *self.missing, *self.invented, *self.duplicated, *self.disorder]

    def line(self) -> str:
        return (
            f"{self.acknowledged} acknowledged over {self.kills} kills, {self.events} events: {len(self.lost)} lost, {len(self.gaps)} gaps, "
            f"{len(self.missing)} missing, {len(self.duplicated)} duplicated ids, {len(self.disorder)} order errors "
            f"({self.repeated} repeated where that is allowed); caught up in {self.settled_s:.1f} s"
        )


class Person:
    """Gives commands until told to stop, each until it is answered, whatever happens to the connection."""

    def __init__(self, server: ServerProcess, workshop_id: str, who: str, token: str, draw: random.Random) -> None:
        self._server, self._workshop_id, self._who, self._token, self._draw = server, workshop_id, who, token, draw
        self._client: WireClient | None = None

    async def act(self, acked: Acked, stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            await self._until_answered(f"{self._who}-{number}", self._anything(number), acked)
            await asyncio.sleep(self._draw.uniform(0, 0.15))
        if self._client is not None:
            with suppress(Exception):
                await self._client.close()

    def _anything(self, number: int) -> dict[str, Any]:
        return self._draw.choice(
            [
                {"kind": "PostMessage", "channel": "everyone", "text": f"{self._who} says {number}"},
                {"kind": "RaiseHand"},
                {"kind": "LowerHand"},
                {"kind": "Rename", "name": f"{self._who} {number}"},
                {"kind": "SetMedia", "mic": bool(number % 2), "camera": False, "screen": False},
            ]
        )

    async def _until_answered(self, command_id: str, command: dict[str, Any], acked: Acked) -> None:
        tries = 0
        while True:
            tries += 1
            try:
                client = await self._connected()
                answer = await client.command(command["kind"], command_id=command_id, **_fields(command))
            except Exception:  # noqa: BLE001  whatever the socket library raises when the server dies under it
                await self._let_go()
                await asyncio.sleep(self._draw.uniform(0.05, 0.3))
                continue
            if answer["ok"]:
                acked.seq_of[self._workshop_id, self._who, command_id] = answer["seq"]
                acked.repeated += tries > 1
                return
            if not answer["retryable"]:
                acked.refused += 1
                return
            await asyncio.sleep(0.1)

    async def _connected(self) -> WireClient:
        if self._client is None or self._client.disconnected.is_set():
            await self._let_go()
            self._client = WireClient(self._server.base_url, self._token)
            await self._client.connect()
        return self._client

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                await client.sio.shutdown()
            session = client.sio.eio.http  # stays open where the server died while connecting
            if session is not None and not session.closed:
                await session.close()


def _fields(command: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in command.items() if name != "kind"}


class Chaos:
    """One run. `folder` is empty."""

    def __init__(self, seed: int, seconds: float, people: int, folder: Path) -> None:
        self._draw = random.Random(seed)
        self._seconds = seconds
        self._people = people
        self._folder = folder
        self.report = Report()
        self.acked = Acked()
        self.hooks, self.store = Webhooks(random.Random(seed + 1)), Store(random.Random(seed + 2))
        (folder / "redis").mkdir()
        self.redis = RedisServer(folder / "redis")

    async def run(self) -> Report:
        async with AsyncExitStack() as stack:
            for each in (self.hooks, self.store):
                await stack.enter_async_context(each.listening())
            await self.redis.start()
            stack.push_async_callback(self.redis.kill)
            self.server = ServerProcess(self._folder / "data", ATELIER_PUBLISH__SINKS=json.dumps(self._sinks()))
            await self.server.start()
            stack.push_async_callback(self.server.stop)
            workshops = [await self.server.create_workshop(f"Chaos {number}") for number in range(WORKSHOPS)]
            await self._storm(workshops)
            began = time.monotonic()
            await self._until_settled()
            self.report.settled_s = time.monotonic() - began
            told = {each: await self._told(each) for each in workshops}
            streamed = await self._streamed()
        self._check_journal(workshops)
        self._check_sinks(told, streamed)
        return self.report

    def _sinks(self) -> list[dict[str, Any]]:
        private = {"allow_http": True, "allow_private_addresses": True}
        return [
            {"kind": "file", "name": "file", "max_bytes": 200_000},
            {"kind": "webhook", "name": "webhook", "url": self.hooks.url, "secrets": [SECRET], **private},
            {"kind": "redis", "name": "redis", "url": self.redis.url, "stream": STREAM},
            {"kind": "xapi", "name": "xapi", "endpoint": self.store.url, "token": "chaos", **private},
        ]

    # ── the storm ────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _storm(self, workshops: Sequence[str]) -> None:
        stop = asyncio.Event()
        crowd = []
        for number in range(self._people):
            workshop_id, who = workshops[number % len(workshops)], f"p{number}"
            token = await self.server.token(workshop_id, "learner", who, who)
            crowd.append(Person(self.server, workshop_id, who, token, random.Random(self._draw.random())))
        acting = [asyncio.create_task(each.act(self.acked, stop)) for each in crowd]
        end = time.monotonic() + self._seconds
        failing = [asyncio.create_task(each(end)) for each in (self._kill_server, self._kill_redis, self._misbehave)]
        await asyncio.gather(*failing)
        stop.set()
        async with asyncio.timeout(SETTLE_WITHIN_S):
            await asyncio.gather(*acting)

    async def _kill_server(self, end: float) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(self._draw.expovariate(1 / 4))
            await self.server.kill()
            self.report.kills += 1
            await self.server.start()

    async def _kill_redis(self, end: float) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(self._draw.uniform(2, 6))
            await self.redis.kill()
            self.report.kills += 1
            await asyncio.sleep(self._draw.uniform(0, 2))
            await self.redis.start()

    async def _misbehave(self, end: float) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(self._draw.uniform(0.5, 3))
            for each in (self.hooks, self.store):
                each.bad = self._draw.random() < 0.6
        self.hooks.bad = self.store.bad = False

    async def _until_settled(self) -> None:
        """Everybody has left their grace and every sink has everything. Bounded: what fails is up again, so back-offs are cut short."""
        async with asyncio.timeout(SETTLE_WITHIN_S):
            while True:
                _, body = await self.server.api("GET", "/api/sinks")
                behind = [each for each in body["sinks"] if each["lag_events"] or each["disabled"]]
                if not behind and await self._all_gone():
                    return
                for each in behind:
                    if each["failing_since_ms"] is not None:
                        await self.server.api("POST", f"/api/sinks/{each['name']}/enable")
                await asyncio.sleep(0.3)

    async def _all_gone(self) -> bool:
        """Whether the journals stand still: nobody is connected, so the last event is soon behind."""
        before = self.report.events
        self.report.events = len(self._rows("SELECT 1 FROM events"))
        return before == self.report.events

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _rows(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self._folder / "data" / "journal.sqlite", timeout=10)) as db:
            return db.execute(query, values).fetchall()

    async def _told(self, workshop_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        after = 0
        while True:
            _, page = await self.server.api("GET", f"/api/workshops/{workshop_id}/events?after={after}&limit=1000")
            if not page["events"]:
                return events
            events += page["events"]
            after = page["next"]

    async def _streamed(self) -> list[dict[str, Any]]:
        async with Redis.from_url(self.redis.url) as redis:
            return [json.loads(entry[b"event"]) for _, entry in await redis.xrange(STREAM)]

    def _check_journal(self, workshops: Sequence[str]) -> None:
        report = self.report
        if (found := self._rows("PRAGMA integrity_check")) != [("ok",)]:
            report.gaps.append(f"SQLite: {found}")
        for workshop_id in workshops:
            seqs = [row[0] for row in self._rows(f"{_EVENTS} ORDER BY seq", workshop_id)]
            if seqs != list(range(1, len(seqs) + 1)):
                report.gaps.append(f"{workshop_id}: {len(seqs)} events up to {seqs[-1]}")
        report.acknowledged = len(self.acked.seq_of)
        answers = {tuple(row[:3]): row[3] for row in self._rows(_ANSWERS)}
        caused: dict[tuple[str, str, str], list[int]] = {}
        for workshop_id, actor, command_id, seq in self._rows(_CAUSED):
            caused.setdefault((workshop_id, actor, command_id), []).append(seq)
        for key, seq in self.acked.seq_of.items():
            events = caused.get(key, [])
            once = events == list(range(seq - len(events) + 1, seq + 1)) if events else True
            if answers.get(key) != seq or not once:
                report.lost.append(f"{key} was answered {seq}, the journal says {answers.get(key)}, events {events}")

    def _check_sinks(self, told: dict[str, list[dict[str, Any]]], streamed: list[dict[str, Any]]) -> None:
        files = sorted(
            (self._folder / "data" / "events").glob("*.ndjson"), key=lambda path: (len(path.name) < 15, path.name)
        )
        lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
        expected = [event for events in told.values() for event in events]
        self._compare("file", expected, lines, once=False)
        self._compare("webhook", expected, self.hooks.received, once=False)
        self._compare("redis", expected, streamed, once=True)
        statements = {made["id"] for event in expected if (made := statement_of(event)) is not None}
        self.report.missing += [f"xapi: {each}" for each in statements - self.store.statements.keys()]
        self.report.invented += [f"xapi: {each}" for each in self.store.statements.keys() - statements]

    def _compare(self, sink: str, expected: list[dict[str, Any]], got: list[dict[str, Any]], *, once: bool) -> None:
        report = self.report
        first: dict[str, dict[str, Any]] = {}
        for event in got:
            if event["id"] in first:
                report.repeated += not once
                if once:
                    report.duplicated.append(f"{sink}: {event['id']}")
                elif event != first[event["id"]]:
                    report.invented.append(f"{sink}: {event['id']} came with two contents")
            first.setdefault(event["id"], event)
        wanted = {event["id"]: event for event in expected}
        report.missing += [f"{sink}: {each}" for each in wanted.keys() - first.keys()]
        report.invented += [f"{sink}: {each}" for each, event in first.items() if wanted.get(each) != event]
        for source in {event["source"] for event in expected}:
            order = [int(event["sequence"]) for event in first.values() if event["source"] == source]
            if order != sorted(order):
                report.disorder.append(f"{sink}: {source}")


_EVENTS = "SELECT seq FROM events JOIN workshops ON workshop = ref WHERE workshop_id = ?"
_ANSWERS = "SELECT workshop_id, actor, command_id, answers.seq FROM answers JOIN workshops ON workshop = ref"
_CAUSED = (
    "SELECT workshop_id, actor, command_id, seq FROM events JOIN workshops ON workshop = ref ORDER BY workshop_id, seq"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(Chaos(arguments.seed, arguments.seconds, arguments.people, Path(folder)).run())
    for fault in report.faults[:20]:
        print(fault)
    print(report.line())
    raise SystemExit(bool(report.faults))


if __name__ == "__main__":
    main()
