"""A workshop while everything around it fails, and afterwards everything is counted.

`make chaos ARGS="--seconds 120 --people 200 --seed 7 --journal redis"`. Simulated people give commands over real sockets, each again with
the same id until it is answered; they come and go, lose connections, are moved between breakout rooms, and know when. Meanwhile, from the
seed: the server dies (at any moment, and at the points of `shaken`), Redis dies and is started again, the disk is full for a
while, the receivers of webhooks and the way to the LRS (Ralph) answer badly, and the wall clock jumps by an hour.

Then everything is up and left alone, the facilitator closes the workshop, the sinks catch up, the server is stopped, and it is counted:
- acknowledged commands that the journal does not have, or has twice, or answers with another seq than it did; gaps in the numbers;
- for each sink (file, webhook, Redis stream, LRS, and the HTTP API): events missing, events that the journal does not come to,
  repeated ids (file and webhook may get an event again after a crash; the stream and the LRS may not), and wrong order;
- the published attendance of everybody, and the time in each room of those who were moved, against what the people know.

The seed is printed; it fixes what people do and when what fails, not how the machine schedules it. The last line has the figures. Every wait
is bounded: a run that does not come to its end says what it waited for, what the server said last, and then the last line too.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis

from rooms.ids import WorkshopId
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from server.journal.sqlite import SqliteJournal
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Options
from server.publish.xapi import statement_of
from tests.harness import ServerProcess
from tests.lrs import PASSWORD, USERNAME, Lrs
from tests.redis_server import RedisServer
from tests.simulation import counting, shaken
from tests.simulation.failures import Disk, Failures
from tests.simulation.people import Acked, Person, Sight
from tests.simulation.receivers import SECRET, Between, Webhooks
from tests.simulation.truth import Between as When
from tests.simulation.truth import Whereabouts
from tests.socket_client import WireClient

SETTLE_WITHIN_S = 300
PREPARE_WITHIN_S = 180
"""For everything that is started before the storm, and stopped and counted after it."""
LOG_LINES = 20
STREAM = "{atelier}:events"
HOME_PAGE = "http://localhost"
ROOMS = ("Red", "Green", "Blue")
STEADY = 0.2
"""Which part of the people stays throughout; those are moved between the rooms."""


class Facilitator:
    """Sees who is there, opens rooms, moves people, closes the workshop."""

    def __init__(self, server: ServerProcess, workshop_id: str, token: str, acked: Acked, *, sure: bool) -> None:
        self.workshop_id, self._sure = workshop_id, sure
        self._server, self._token, self._acked = server, token, acked
        self._client: WireClient | None = None
        self._connecting = asyncio.Lock()
        self._number = 0

    async def client(self) -> WireClient:
        """Connected; made anew where the connection is lost."""
        async with self._connecting:
            while self._client is None or self._client.disconnected.is_set():
                await self.close()
                fresh = WireClient(self._server.base_url, self._token)
                try:
                    self._client = await fresh.connect()
                except Exception:  # noqa: BLE001  whatever the socket library raises when the server dies under it
                    await _shut(fresh)
                    await asyncio.sleep(0.2)
            return self._client

    async def waits(self, who: str, there: bool) -> None:
        """Until the facilitator sees that somebody is there, or has left."""
        while True:
            record = (await self.client()).records.get(f"participant:{who}")
            if record is not None and (record["presence"] != "left") == there:
                return
            await asyncio.sleep(0.05)

    async def does(self, kind: str, **fields: Any) -> When | None:
        """Give a command until it is answered; when it happened, None if it was refused for good."""
        self._number += 1
        command_id, tries = f"fay-{self._number}", 0
        first: float | None = None
        """Of those tries of which it is not known whether they succeeded."""
        while True:
            tries += 1
            client, sent = await self.client(), time.monotonic()
            try:
                answer = await client.command(kind, command_id=command_id, **fields)
            except Exception:  # noqa: BLE001  as above
                first = first or sent
            else:
                if answer["ok"]:
                    self._acked.seq_of[self.workshop_id, "fay", command_id] = answer["seq"]
                    self._acked.repeated += tries > 1
                    return When(first or sent, time.monotonic())
                if not answer["retryable"]:
                    return None
                first = first if self._sure else first or sent
            await asyncio.sleep(0.1)

    async def rooms(self) -> dict[str, str]:
        """Name → id of the breakout rooms, once they are all to be seen."""
        while True:
            seen = {each["name"]: each["room_id"] for each in (await self.client()).of_kind("room")}
            if seen.keys() >= set(ROOMS):
                return seen
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _shut(client)


async def _shut(client: WireClient) -> None:
    with suppress(Exception):
        await client.sio.shutdown()
    session = client.sio.eio.http  # stays open where the server died while connecting
    if session is not None and not session.closed:
        await session.close()


class Chaos:
    """One run. `folder` is empty. `seconds`: how long the storm lasts; 0: until everything has failed once. `pause_s`: how long people wait
    between two commands on average."""

    def __init__(
        self, seed: int, seconds: float, people: int, folder: Path, *, journal: str, grace_s: float, pause_s: float
    ) -> None:
        self._seed, self._seconds, self._people, self._folder = seed, seconds, people, folder
        self._journal, self._grace_s, self._pause_s = journal, grace_s, pause_s
        self.report = counting.Report()
        self.waiting_for = "preparing"
        self.happened: Mapping[str, int] = {}
        self.acked = Acked()
        self.crowd: list[Person] = []
        self.where: dict[str, Whereabouts] = {}
        self.disk = Disk(folder / "disk")
        (folder / "redis").mkdir()
        redis_folder = self.disk.folder / "redis" if journal == "redis" else folder / "redis"
        self.redis = RedisServer(redis_folder)
        self.server = ServerProcess(self.disk.folder / "data", module="tests.simulation.shaken", **self._environment())
        self.server.log = folder / "server.log"
        self.lrs = Lrs(folder / "lrs")
        self.hooks = Webhooks(random.Random(f"{seed} webhooks"))
        self.lane = Between(random.Random(f"{seed} lane"), self.lrs.endpoint)

    async def run(self) -> counting.Report:
        """Raises what has gone wrong with the run itself, at the latest when its time is over; `report` is there all the same."""
        async with asyncio.timeout(self._seconds + 3 * SETTLE_WITHIN_S + PREPARE_WITHIN_S):
            await self._run()
        return self.report

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            stack.enter_context(self.disk.ready(lambda: self._pids()))
            if self._journal == "redis":
                (self.disk.folder / "redis").mkdir()
            shaken.write_clock(self._folder, 0)
            await self.lrs.start()
            stack.push_async_callback(self.lrs.stop)
            for each in (self.hooks, self.lane):
                await stack.enter_async_context(each.listening())
            await self.redis.start()
            stack.push_async_callback(self.redis.kill)
            self.server.set_environment(ATELIER_PUBLISH__SINKS=json.dumps(self._sinks()))
            await self.server.start()
            stack.push_async_callback(self.server.kill)
            http = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(30))
            )
            workshop_id = await self.server.create_workshop("Chaos", grace_ms=int(self._grace_s * 1000))
            ended = await self._storm(http, workshop_id)
            await self._count(workshop_id, ended)

    def standing(self) -> str:
        """How things stand, for whoever wants to know why a run does not end."""
        settled = sum(each.settled.is_set() for each in self.crowd)
        lines = [f"{settled} of {len(self.crowd)} people are settled; {self.waiting_for}"]
        lines += [f"server: {'up' if self.server.running else 'down'}, Redis: {'up' if self.redis.running else 'down'}"]
        if self.server.log.exists():
            lines += self.server.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(lines)

    def _pids(self) -> list[int]:
        writers = [self.server, self.redis] if self._journal == "redis" else [self.server]
        return [each.pid for each in writers if each.running]

    def _environment(self) -> dict[str, str]:
        store = {"ATELIER_STORE": self.redis.url} if self._journal == "redis" else {}
        return {"SHAKEN_FOLDER": str(self._folder), "ATELIER_PUBLISH__HOME_PAGE": HOME_PAGE, **store}

    def _sinks(self) -> list[dict[str, Any]]:
        private = {"allow_http": True, "allow_private_addresses": True}
        credentials = {"username": USERNAME, "password": PASSWORD}
        return [
            {"kind": "file", "name": "file", "max_bytes": 1_000_000},
            {"kind": "webhook", "name": "webhook", "url": self.hooks.url, "secrets": [SECRET], **private},
            {"kind": "redis", "name": "redis", "url": self.redis.url, "stream": STREAM},
            {"kind": "xapi", "name": "xapi", "endpoint": self.lane.url, **credentials, **private},
        ]

    # ── the storm ────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _storm(self, http: aiohttp.ClientSession, workshop_id: str) -> When:
        """Returns when the workshop was closed."""
        token = await self.server.token(workshop_id, "facilitator", "Fay", "fay")
        fay = Facilitator(self.server, workshop_id, token, self.acked, sure=self._journal == "sqlite")
        failures = Failures(self._seed, self.server, self.redis, self.disk, self._folder, [self.hooks, self.lane])
        self.happened = failures.happened
        sight = Sight(fay.waits, failures.up_after)
        draw = random.Random(f"{self._seed} people")
        steady = max(2 * len(ROOMS), int(self._people * STEADY))
        for number in range(self._people):
            who = f"p{number}"
            token = await self.server.token(workshop_id, "learner", who, who)
            manner = {"grace_s": self._grace_s, "pause_s": self._pause_s, "steady": number < steady, "sight": sight}
            manner["sure"] = self._journal == "sqlite"
            drawn = random.Random(draw.random())
            self.crowd.append(Person(http, self.server.base_url, workshop_id, who, token, drawn, **manner))
        stop = asyncio.Event()
        await fay.client()
        acting = [asyncio.create_task(each.act(self.acked, stop)) for each in self.crowd]
        moving = asyncio.create_task(self._move(fay, [each for each in self.crowd if each.steady], stop))
        try:
            self.waiting_for = "in the storm"
            await (failures.run(self._seconds) if self._seconds else failures.run_once())
            stop.set()
            self.waiting_for = "waiting for everybody to be connected"
            async with asyncio.timeout(SETTLE_WITHIN_S):
                settled = asyncio.gather(moving, *(each.settled.wait() for each in self.crowd))
                await asyncio.wait([settled, *acting], return_when=asyncio.FIRST_COMPLETED)
                for failed in (task for task in acting if task.done()):
                    await failed
                await settled
                self.waiting_for = "waiting for the workshop to close"
                ended = await fay.does("CloseWorkshop")
                assert ended is not None
        finally:
            for task in (moving, *acting):
                task.cancel()
            await asyncio.gather(moving, *acting, return_exceptions=True)
            await fay.close()
            for each in self.crowd:
                await each.close()
            self.report.kills, self.report.acknowledged = failures.kills, len(self.acked.seq_of)
        for person in self.crowd:
            person.presence.go(ended)
        return ended

    async def _move(self, fay: Facilitator, movers: list[Person], stop: asyncio.Event) -> None:
        """Open rooms for those who stay throughout, and move them about."""
        draw = random.Random(f"{self._seed} rooms")
        for each in movers:
            await fay.waits(each.who, True)
        groups = [[each.who for each in movers[number :: len(ROOMS)]] for number in range(len(ROOMS))]
        opened = await fay.does(
            "OpenBreakouts",
            rooms=[{"name": name} for name in ROOMS],
            assignment={"kind": "by_hand", "groups": groups, "rest": "plenary"},
            policy={"repair": "off", "late": "hold"},
        )
        assert opened is not None
        for name, group in zip(ROOMS, groups, strict=True):
            for who in group:
                self.where[who] = Whereabouts()
                self.where[who].move(opened, name)
        rooms = await fay.rooms()
        while not stop.is_set():
            await asyncio.sleep(draw.uniform(0.2, 3))
            people, room = draw.sample(movers, draw.randint(1, 3)), draw.choice(ROOMS)
            ids = [each.who for each in people]
            moved = await fay.does("MoveParticipants", participant_ids=ids, room_id=rooms[room])
            for each in people if moved is not None else []:
                self.where[each.who].move(moved, room)

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────
    async def _count(self, workshop_id: str, ended: When) -> None:
        began = time.monotonic()
        await self._until_settled()
        self.report.settled_s = time.monotonic() - began
        self.waiting_for = "counting"
        told = await self._told(workshop_id)
        _, attendance = await self.server.api("GET", f"/api/workshops/{workshop_id}/attendance")
        await self.server.stop()
        streamed = await self._streamed()
        journal = self._opened_journal()
        await journal.open()
        try:
            logs = await counting.check_journal(self.report, journal, [WorkshopId(workshop_id)], self.acked.seq_of)
        finally:
            await journal.close()
        if self._journal == "sqlite":
            with closing(sqlite3.connect(self.server.data_dir / "journal.sqlite")) as db:
                if (found := db.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
                    self.report.gaps.append(f"SQLite: {found}")
        expected = counting.published(logs, Options(home_page=HOME_PAGE))
        self.report.events = len(expected)
        self._check_sinks(expected, told, streamed)
        self._check_attendance(expected, attendance, ended)
        for fault in self.report.attendance[:3]:
            person = next(each for each in self.crowd if each.who == fault.split()[0])
            self.report.histories.append(counting.history(logs[WorkshopId(workshop_id)], person.who, person.presence))

    def _opened_journal(self) -> SqliteJournal | RedisJournal:
        if self._journal == "redis":
            return RedisJournal(RedisStore(self.redis.url))
        return SqliteJournal(self.server.data_dir / "journal.sqlite")

    async def _until_settled(self) -> None:
        """Every sink has everything. Bounded: what fails is up again, so back-offs are cut short."""
        async with asyncio.timeout(SETTLE_WITHIN_S):
            while True:
                _, body = await self.server.api("GET", "/api/sinks")
                behind = [each for each in body["sinks"] if each["lag_events"] or each["disabled"]]
                self.waiting_for = f"waiting for sinks: {behind}"
                if not behind:
                    return
                for each in behind:
                    if each["failing_since_ms"] is not None:
                        await self.server.api("POST", f"/api/sinks/{each['name']}/enable")
                await asyncio.sleep(0.5)

    async def _told(self, workshop_id: str) -> list[CloudEvent]:
        events: list[CloudEvent] = []
        after = 0
        while True:
            _, page = await self.server.api("GET", f"/api/workshops/{workshop_id}/events?after={after}&limit=1000")
            if not page["events"]:
                return events
            events += page["events"]
            after = page["next"]

    async def _streamed(self) -> list[CloudEvent]:
        async with Redis.from_url(self.redis.url) as redis:
            return [json.loads(entry[b"event"]) for _, entry in await redis.xrange(STREAM)]

    def _check_sinks(self, expected: list[CloudEvent], told: list[CloudEvent], streamed: list[CloudEvent]) -> None:
        folder = self.server.data_dir / "events"
        paths = [*sorted(folder.glob("events-*.ndjson")), folder / "events.ndjson"]
        lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
        counting.check_sink(self.report, "api", expected, told, once=True)
        counting.check_sink(self.report, "file", expected, lines, once=False)
        counting.check_sink(self.report, "webhook", expected, self.hooks.received, once=False)
        counting.check_sink(self.report, "redis", expected, streamed, once=True)
        statements = [made for event in expected if (made := statement_of(event)) is not None]
        stored = [each["id"] for each in self.lrs.stored()]
        counting.check_statements(self.report, expected, statements, stored)

    def _check_attendance(self, expected: list[CloudEvent], attendance: dict[str, Any], ended: When) -> None:
        final = {
            event["data"]["participant"]["name"]: event["data"]
            for event in expected
            if event["type"] == "org.atelier.attendance.finalised.v1"
        }
        rooms = {each["participant_id"]: each["rooms"] for each in attendance["people"]}
        for person in self.crowd:
            counting.note_doubt(self.report, (each for stay in person.presence.stays for each in stay))
            possible = person.presence.possible()
            counting.check_time(self.report, f"{person.who} present", possible, final[person.who]["present_ms"])
        for who in (each.who for each in self.crowd if each.steady and not each.presence.unclear):
            whereabouts = self.where[who]
            measured = {each["name"]: each["ms"] for each in rooms[who]}
            for room, possible in whereabouts.possible(ended).items():
                counting.check_time(self.report, f"{who} in {room}", possible, measured.get(room, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--journal", choices=("sqlite", "redis"), default="sqlite")
    parser.add_argument("--grace", type=float, default=30, help="in seconds")
    parser.add_argument("--pause", type=float, default=4, help="seconds between two commands of a person, on average")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        manner = {"journal": arguments.journal, "grace_s": arguments.grace, "pause_s": arguments.pause}
        chaos = Chaos(arguments.seed, arguments.seconds, arguments.people, Path(folder), **manner)
        unfinished = ""
        try:
            asyncio.run(chaos.run())
        except Exception as error:  # noqa: BLE001  whatever it was, what is known is told
            traceback.print_exc()
            print(chaos.standing())
            unfinished = f"NOT FINISHED ({type(error).__name__}, {chaos.waiting_for}): "
    report = chaos.report
    print(dict(chaos.happened))
    for fault in report.faults[:20]:
        print(fault)
    print(*report.histories, sep="\n")
    print(f"longest instant that the truth leaves open: {report.doubt_s:.2f} s")
    print(unfinished + report.line())
    raise SystemExit(bool(report.faults or unfinished))


if __name__ == "__main__":
    main()
