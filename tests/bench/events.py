"""From the journal to the sinks: events a second, latency from acknowledgement to delivery, acknowledgement latency by load, catching up after an outage.

`make bench-events ARGS="--pending 1000000 --rates 200,1000,2000 --seconds 5"`. Every receiver is a process of its own that takes
everything at once (for xAPI an HTTP server that answers as an LRS does), so what is measured is this side. For each store:
1. catching up: `--events` journalled events pending, one sink after the other; events a second and how much memory it took;
2. live: 200 commands a second on ten workshops; the time from each command's acknowledgement to the delivery of what it is told as;
3. load: commands offered at each of `--rates`, whatever the answers take (an open loop); the time from when a command was due to its acknowledgement.
With `--pending` that is all that is done: so many events are put into the journal, and each sink catches up for `--within` seconds at most; what is
printed is how many of them it got, how fast, and the memory of the process before, in the middle and at the end. The last line has the figures.
"""

import argparse
import asyncio
import json
import math
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooms import codec
from rooms.commands.people import Connect, LowerHand, RaiseHand
from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.events.people import HandLowered, HandRaised, ParticipantJoined
from rooms.events.workshop import WorkshopCreated
from rooms.ids import PLENARY, ConnectionId, ParticipantId, WorkshopId
from server.clock import SystemClock
from server.journal.port import CommandKey, Entry
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from server.journal.sqlite import SqliteJournal
from server.publish.cloudevents import CloudEvent
from server.publish.ledger import Ledger
from server.publish.narrative import Options
from server.publish.publisher import Publisher
from server.publish.redis_ledger import RedisLedger
from server.publish.sink import Sink
from server.publish.sinks.file import FileSink
from server.publish.sinks.redis_stream import RedisStreamSink
from server.publish.sinks.webhook import WebhookSink
from server.publish.sinks.xapi import XapiSink
from server.publish.sqlite_ledger import SqliteLedger
from server.workshops import Workshops
from tests.harness import free_port
from tests.redis_server import RedisServer
from tests.simulation.receivers import SECRET

OPTIONS = Options(home_page="https://learn.example")
WORKSHOPS = 10
LIVE_RATE = 200
BULK = 5_000
ANN = ParticipantId("ann")

RECEIVER = """
import asyncio, json, sys
from aiohttp import web

async def take(request):
    body = await request.read()
    if not request.path.endswith("/statements"):
        return web.Response(status=204)
    return web.json_response([each["id"] for each in json.loads(body)])

app = web.Application(client_max_size=64 << 20)
app.router.add_route("*", "/{path:.*}", take)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


class Timed:
    """A sink that notes when what was caused by which command was delivered."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.count = 0
        self.at: dict[str, float] = {}
        self.name, self.max_batch, self.lanes = sink.name, sink.max_batch, sink.lanes
        self.give_up_after_ms = sink.give_up_after_ms
        self.open, self.close, self.rewound = sink.open, sink.close, sink.rewound

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        await self._sink.deliver(events)
        now = time.monotonic()
        self.count += len(events)
        for event in events:
            self.at[event["data"]["command_id"]] = now


Store = tuple[SqliteJournal | RedisJournal, Ledger]


@asynccontextmanager
async def stored(kind: str, folder: Path) -> AsyncIterator[Store]:
    folder.mkdir()  # noqa: ASYNC240  nothing else runs yet
    async with AsyncExitStack() as stack:
        journal: SqliteJournal | RedisJournal
        if kind == "sqlite":
            journal = SqliteJournal(folder / "journal.sqlite")
        else:
            redis = RedisServer(folder)
            await redis.start()
            stack.push_async_callback(redis.kill)
            journal = RedisJournal(RedisStore(redis.url))
        await journal.open()
        stack.push_async_callback(journal.close)
        yield journal, SqliteLedger(journal) if isinstance(journal, SqliteJournal) else RedisLedger(journal)


@asynccontextmanager
async def sinks(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """Name → what makes the sink."""
    (folder / "stream").mkdir()
    redis, port = RedisServer(folder / "stream"), free_port()
    await redis.start()
    receiver = await asyncio.create_subprocess_exec(sys.executable, "-c", RECEIVER, str(port))
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield {
            "file": lambda: FileSink("file", folder / "events"),
            "webhook": lambda: WebhookSink("webhook", url, [SECRET], allow_private_addresses=True),
            "redis": lambda: RedisStreamSink("redis", redis.url, stream="{bench}", max_length=10_000_000),
            "xapi": lambda: XapiSink("xapi", url, "Bearer bench", allow_private_addresses=True),
        }
    finally:
        receiver.kill()
        await receiver.wait()
        await redis.kill()


def memory_mb() -> float:
    """What the process has in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)


async def fill(journal: SqliteJournal | RedisJournal, events: int) -> None:
    """So many events of hands in ten workshops; all but the first two of each go into the store in bulk, as `append` would have put them."""
    each = max(2, events // WORKSHOPS)
    hands = {
        odd: json.dumps(codec.encode(made(participant_id=ANN))) for odd, made in ((1, HandRaised), (0, HandLowered))
    }
    for number in range(WORKSHOPS):
        workshop_id = WorkshopId(f"w{number}")
        first = (
            WorkshopCreated(workshop_id=workshop_id, title="Bench", grace_ms=60_000),
            ParticipantJoined(participant_id=ANN, name="Ann", role="learner", room_id=PLENARY),
        )
        recorded = tuple(
            Recorded(seq=seq, at_ms=seq, actor=ANN, command_id=f"c{seq}", event=event)
            for seq, event in enumerate(first, 1)
        )
        await journal.append(workshop_id, 0, [Entry(command=CommandKey(ANN, "c1"), events=recorded)])
        for start in range(3, each + 1, BULK):
            rows = [(seq, str(ANN), f"c{seq}", hands[seq % 2]) for seq in range(start, min(start + BULK, each + 1))]
            if isinstance(journal, SqliteJournal):
                await _fill_sqlite(journal, workshop_id, rows)
            else:
                await _fill_redis(journal, workshop_id, rows)


async def _fill_sqlite(journal: SqliteJournal, workshop_id: WorkshopId, rows: list[tuple[int, str, str, str]]) -> None:
    def put(db: sqlite3.Connection) -> None:
        (ref,) = db.execute("SELECT ref FROM workshops WHERE workshop_id = ?", (workshop_id,)).fetchone()
        db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", ((ref, row[0], *row) for row in rows))
        db.execute("UPDATE workshops SET last_seq = ?1, last_at_ms = ?1 WHERE ref = ?2", (rows[-1][0], ref))

    await journal.transact(put)


_PUT = """
for i = 1, #ARGV, 4 do
    redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'at', ARGV[i], 'actor', ARGV[i + 1], 'command', ARGV[i + 2], 'event', ARGV[i + 3])
end
redis.call('HSET', KEYS[2], 'seq', ARGV[#ARGV - 3], 'at', ARGV[#ARGV - 3])
"""


async def _fill_redis(journal: RedisJournal, workshop_id: WorkshopId, rows: list[tuple[int, str, str, str]]) -> None:
    keys = [journal.store.of(workshop_id, each) for each in ("log", "head")]
    await journal.store.script(_PUT)(keys=keys, args=[each for row in rows for each in row])


@dataclass
class CaughtUp:
    """How many events were delivered in how many seconds, this process's CPU time for it, and its memory in MB before, in the middle and at the end."""

    events: int
    seconds: float
    cpu_s: float
    memory_mb: tuple[float, float, float]

    def __str__(self) -> str:
        before, middle, after = self.memory_mb
        return (
            f"{self.events / self.seconds:,.0f} events/s ({self.events:,} in {self.seconds:.0f} s, "
            f"{self.cpu_s / max(1, self.events) * 1e6:.0f} µs CPU each), "
            f"memory {before:.0f} → {middle:.0f} → {after:.0f} MB"
        )


async def catch_up(store: Store, sink: Sink, events: int, within_s: float = math.inf) -> CaughtUp:
    """Deliver what is pending, all of it or what goes into the time."""
    journal, ledger = store
    timed = Timed(sink)
    publisher = Publisher(journal, ledger, [timed], OPTIONS, SystemClock(), draw=random.Random(1))
    cpu_s = time.process_time()
    began, whole = time.monotonic(), events // WORKSHOPS * WORKSHOPS
    memory = [memory_mb()]
    await publisher.start()
    while timed.count < whole and (took := time.monotonic() - began) < within_s:
        await asyncio.sleep(0.01)
        timed.at.clear()
        if len(memory) == 1 and (timed.count > whole / 2 or took > within_s / 2):
            memory.append(memory_mb())
    seconds, count = time.monotonic() - began, timed.count
    memory.append(memory_mb())
    await publisher.close()
    return CaughtUp(
        count, seconds, time.process_time() - cpu_s, (memory[0], memory[min(1, len(memory) - 1)], memory[-1])
    )


async def offered(
    workshops: Workshops, rate: float, seconds: float, prefix: str
) -> tuple[list[float], dict[str, float], float]:
    """Offer commands at a rate; (time to the acknowledgement each, command → when it was acknowledged, acknowledged a second)."""
    actors = []
    for number in range(WORKSHOPS):
        create = CreateWorkshop(workshop_id=WorkshopId(f"{prefix}{number}"), title="Bench")
        actor = await workshops.create(create, "create")
        await actor.submit(Connect(connection_id=ConnectionId("c"), name="Ann", role="learner"), ANN, "connect")
        actors.append(actor)
    latencies: list[float] = []
    acked: dict[str, float] = {}

    async def give(number: int, due: float) -> None:
        command = RaiseHand() if number // WORKSHOPS % 2 == 0 else LowerHand()
        await actors[number % WORKSHOPS].submit(command, ANN, f"{prefix}-{number}")
        now = time.monotonic()
        latencies.append(now - due)
        acked[f"{prefix}-{number}"] = now

    began, tasks = time.monotonic(), list[asyncio.Task[None]]()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(give(number, due)))
    await asyncio.gather(*tasks)
    return latencies, acked, len(tasks) / (time.monotonic() - began)


async def live(store: Store, sink: Sink, seconds: float, name: str) -> list[float]:
    """From each command's acknowledgement to its delivery."""
    journal, ledger = store
    timed = Timed(sink)
    publisher = Publisher(journal, ledger, [timed], OPTIONS, SystemClock(), draw=random.Random(1))
    workshops = Workshops(journal, SystemClock(), on_events=publisher.wake)
    await publisher.start()
    await workshops.start()
    _, acked, _ = await offered(workshops, LIVE_RATE, seconds, f"live-{name}-")
    async with asyncio.timeout(60):
        while acked.keys() - timed.at.keys():
            await asyncio.sleep(0.01)
    await workshops.close()
    await publisher.close()
    return [timed.at[each] - when for each, when in acked.items()]


def spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2] * 1e3:.1f} ms, p99 {ordered[len(ordered) * 99 // 100] * 1e3:.1f} ms"


async def measure(arguments: argparse.Namespace, folder: Path) -> str:
    figures: dict[str, Any] = {}
    async with sinks(folder) as makers:
        for kind in filter(None, arguments.stores.split(",")):
            for name, make in makers.items():
                async with stored(kind, folder / f"{kind}-{name}") as store:
                    await fill(store[0], arguments.events)
                    caught = await catch_up(store, make(), arguments.events)
                    print(f"{kind} → {name}: {caught}", flush=True)
                    told = spread(await live(store, make(), arguments.seconds, name))
                    print(
                        f"{kind} → {name}: delivered {told} after the acknowledgement, at {LIVE_RATE} commands/s",
                        flush=True,
                    )
                    figures[f"{kind} {name}"] = f"{caught.events / caught.seconds:.0f}/s {told}"
            for offered_rate in map(int, filter(None, arguments.rates.split(","))):
                async with stored(kind, folder / f"{kind}-{offered_rate}") as store:
                    workshops = Workshops(store[0], SystemClock())
                    await workshops.start()
                    latencies, _, reached = await offered(workshops, offered_rate, arguments.seconds, "load")
                    await workshops.close()
                    print(
                        f"{kind}: {offered_rate} commands/s offered, {reached:.0f}/s acknowledged, {spread(latencies)}",
                        flush=True,
                    )
                    figures[f"{kind} {offered_rate}/s"] = f"{reached:.0f}/s {spread(latencies)}"
    return json.dumps(figures)


async def measure_pending(arguments: argparse.Namespace, folder: Path) -> str:
    """Each sink after a long outage, from the same journal."""
    figures: dict[str, str] = {}
    async with sinks(folder) as makers:
        for kind in filter(None, arguments.stores.split(",")):
            async with stored(kind, folder / f"{kind}-pending") as store:
                began = time.monotonic()
                await fill(store[0], arguments.pending)
                print(f"{kind}: {arguments.pending:,} events filled in {time.monotonic() - began:.0f} s", flush=True)
                for name in filter(None, arguments.sinks.split(",")):
                    caught = await catch_up(store, makers[name](), arguments.pending, arguments.within)
                    print(f"{kind} → {name}: {caught}", flush=True)
                    figures[f"{kind} {name}"] = str(caught)
    return json.dumps({f"{arguments.pending:,} pending": figures}, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--pending", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rates", default="200,1000,2000")
    parser.add_argument("--stores", default="sqlite,redis")
    parser.add_argument("--within", type=float, default=60, help="seconds for each sink with --pending")
    parser.add_argument("--sinks", default="file,webhook,redis,xapi", help="those with --pending")
    parser.add_argument("--dir", help="where the journals are made; a temporary folder if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.dir) as folder:
        print(asyncio.run((measure_pending if arguments.pending else measure)(arguments, Path(folder))))


if __name__ == "__main__":
    main()
