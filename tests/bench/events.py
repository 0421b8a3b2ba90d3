"""From the journal to the sinks: events a second, latency from acknowledgement to delivery, acknowledgement latency by load, catching up after an outage.

`make bench-events ARGS="--pending 1000000 --rates 200,1000,2000 --seconds 5"`. Every receiver is a process of its own that takes
everything at once (for xAPI an HTTP server that answers as an LRS does), so what is measured is this side. For each store:
1. catching up: `--events` journalled events pending, one sink after the other; events a second and how much memory it took;
2. live: 200 commands a second on ten workshops; the time from each command's acknowledgement to the delivery of what it is told as;
3. load: commands offered at each of `--rates`, whatever the answers take (an open loop); the time from when a command was due to its acknowledgement.
With `--pending` part 1 is repeated for the file sink with so many events. The last line has the figures.
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from rooms.commands.people import Connect, LowerHand, RaiseHand
from rooms.commands.workshop import CreateWorkshop
from rooms.events import Event, Recorded
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


def peak_mb() -> float:
    """The most memory that the process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def fill(journal: Any, events: int) -> None:
    """So many events of hands in ten workshops."""

    def event(workshop_id: WorkshopId, seq: int) -> Event:
        if seq == 1:
            return WorkshopCreated(workshop_id=workshop_id, title="Bench", grace_ms=60_000)
        if seq == 2:
            return ParticipantJoined(participant_id=ANN, name="Ann", role="learner", room_id=PLENARY)
        return HandRaised(participant_id=ANN) if seq % 2 else HandLowered(participant_id=ANN)

    each, size = max(2, events // WORKSHOPS), 1_000
    for number in range(WORKSHOPS):
        workshop_id = WorkshopId(f"w{number}")
        for start in range(1, each + 1, size):
            recorded = tuple(
                Recorded(seq=seq, at_ms=seq, actor=ANN, command_id=f"c{seq}", event=event(workshop_id, seq))
                for seq in range(start, min(start + size, each + 1))
            )
            await journal.append(workshop_id, start - 1, [Entry(command=CommandKey(ANN, f"c{start}"), events=recorded)])


async def catch_up(store: Store, sink: Sink, events: int) -> tuple[float, float]:
    """(events a second, growth of the peak memory in MB) of delivering everything that is pending."""
    journal, ledger = store
    timed = Timed(sink)
    publisher = Publisher(journal, ledger, [timed], OPTIONS, SystemClock(), draw=random.Random(1))
    memory, began = peak_mb(), time.monotonic()
    await publisher.start()
    while timed.count < events // WORKSHOPS * WORKSHOPS:
        await asyncio.sleep(0.01)
        timed.at.clear()
    took = time.monotonic() - began
    await publisher.close()
    return timed.count / took, peak_mb() - memory


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
                    rate, memory = await catch_up(store, make(), arguments.events)
                    print(f"{kind} → {name}: {rate:,.0f} events/s, {memory:+.0f} MB", flush=True)
                    told = spread(await live(store, make(), arguments.seconds, name))
                    print(
                        f"{kind} → {name}: delivered {told} after the acknowledgement, at {LIVE_RATE} commands/s",
                        flush=True,
                    )
                    figures[f"{kind} {name}"] = f"{rate:.0f}/s {told}"
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
        if arguments.pending:
            async with stored("sqlite", folder / "pending") as store:
                await fill(store[0], arguments.pending)
                rate, memory = await catch_up(store, makers["file"](), arguments.pending)
                figures[f"{arguments.pending} pending"] = f"{rate:.0f}/s {memory:+.0f} MB"
    return json.dumps(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--pending", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rates", default="200,1000,2000")
    parser.add_argument("--stores", default="sqlite,redis")
    parser.add_argument("--dir", help="where the journals are made; a temporary folder if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.dir) as folder:
        print(asyncio.run(measure(arguments, Path(folder))))


if __name__ == "__main__":
    main()
