"""The store is away for a minute; the owner of a workshop stands still for half a minute and goes on: what people notice, and what is lost.

Two nodes and Redis in processes of their own, with the default lease, and a Redis stream that everything is published to. People talk all the while and keep
every answer; a poll and breakout rooms are open with timers.

1. Redis is killed and started again after `--away` seconds. Nobody may get an acknowledgement meanwhile: everybody is told that nothing can be stored, also
   somebody who wants to come in, and nobody loses the connection. Afterwards everything goes on, with the timers where they were.
2. The owner is stopped (SIGSTOP) for `--paused` seconds and goes on (SIGCONT). A newcomer finds the workshop at the other node after the lease; the old
   owner must answer nothing, append nothing, publish nothing and send its people on.

In the end the journal and the stream are counted. Ends with 1 unless all that holds; the last line has the figures.

    python -m tests.simulation.faults [--away 60] [--paused 30] [--people 12]
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis

from rooms.ids import WorkshopId
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from server.publish.narrative import Options
from tests.bench.live import token
from tests.nodes import Nodes, nodes
from tests.redis_server import RedisServer
from tests.roaming import Roamer
from tests.simulation import counting
from tests.socket_client import Refused, WireClient

W = "w"
HOME_PAGE = "https://workshops.example"
STREAM = "events"
LEASE_MS = 3_000
BETWEEN_S = 0.25
"""How long somebody waits between two commands."""
QUIET_S = 2.0
"""In which a node that was paused, or away from Redis, would do what it still had in mind."""
SETTLE_WITHIN_S = 60.0
SILENT_S = 10.0
"""After this a browser gives a connection up on which an answer is due and nothing comes. The library of these clients waits for missing heartbeats."""


@dataclass(frozen=True, slots=True)
class Answer:
    asked_s: float
    came_s: float
    node: str
    ack: dict[str, Any]


class Witness(Roamer):
    """A roamer that keeps every answer, and notices a server that stands still as soon as a browser does."""

    def __init__(self, url: str, who: str, role: str = "learner") -> None:
        super().__init__(url, token(W, who, role))
        self.who = who
        self.answers: list[Answer] = []
        self._watching: asyncio.Task[None] | None = None
        self.seq_of: dict[tuple[str, str, str], int] = {}
        """As `tests.simulation.people.Acked` has it."""

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await super().close()

    async def watch(self) -> None:
        """Give up a connection on which nothing has come for too long; for somebody who talks all the time."""
        while True:
            await asyncio.sleep(0.5)
            heard_s = max(self.connected_at[-1], self.answers[-1].came_s if self.answers else 0.0)
            if self.client is not None and time.monotonic() - heard_s > SILENT_S:
                await self.client.sio.eio.disconnect(abort=True)

    async def _ack(self, client: WireClient, kind: str, command_id: str, fields: dict[str, Any]) -> Any:
        asked_s = time.monotonic()
        ack = await super()._ack(client, kind, command_id, fields)
        if ack is not None:
            self.answers.append(Answer(asked_s, time.monotonic(), client.hello["node"], ack))
            if ack["ok"]:
                self.seq_of[W, self.who, command_id] = ack["seq"]
        return ack

    async def talk(self, stop: asyncio.Event) -> None:
        said = 0
        self._watching = asyncio.create_task(self.watch())
        while not stop.is_set():
            await self.command("PostMessage", channel="everyone", text=f"{self.who} {said}")
            said += 1
            await asyncio.sleep(BETWEEN_S)

    def accepted_after(self, moment_s: float) -> float | None:
        """When the first command was acknowledged that was given (again) after a moment."""
        return next((each.came_s for each in self.answers if each.asked_s > moment_s and each.ack["ok"]), None)


@dataclass
class Story:
    """What one fault did. `faults`: what should not have been."""

    figures: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def expect(self, good: object, fault: str) -> None:
        if not good:
            self.faults.append(fault)

    def line(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.figures.items())


@asynccontextmanager
async def workshop(folder: Path, people: int) -> AsyncIterator[tuple[Nodes, RedisServer, list[Witness]]]:
    """Two nodes, a workshop at the first with a poll and rooms open, people in it, and the Redis that has the stream."""
    (folder / "stream").mkdir()
    stream = RedisServer(folder / "stream")
    await stream.start()
    sinks = [{"kind": "redis", "name": "stream", "url": stream.url, "stream": STREAM}]
    options = {
        "ATELIER_PUBLISH__SINKS": json.dumps(sinks),
        "ATELIER_PUBLISH__HOME_PAGE": HOME_PAGE,
        "ATELIER_CLUSTER__LEASE_MS": str(LEASE_MS),
        "ATELIER_LIMITS__CALLS_BURST": "100000",
    }
    try:
        async with nodes(folder, "n1", "n2", **options) as cluster:
            n1 = cluster.all["n1"]
            await n1.create_workshop(workshop_id=W)
            await n1.api("POST", f"/api/workshops/{W}/move", {"to": "n1"})
            fay = await coming(cluster, "n1", "fay", "facilitator")
            crowd = [await coming(cluster, "n1", f"p{number}") for number in range(people)]
            await fay.command("OpenBreakouts", count=2, duration_ms=3_000_000)
            await fay.command("CreatePoll", question="Which?", options=["A", "B"], duration_ms=3_000_000, open=True)
            yield cluster, stream, [fay, *crowd]
    finally:
        await stream.kill()


async def coming(cluster: Nodes, node: str, who: str, role: str = "learner") -> Witness:
    witness = Witness(cluster.all[node].base_url, who, role)
    cluster.roamers.append(witness)
    await witness.start()
    return witness


def timers(records: Mapping[str, Any]) -> list[int]:
    """When the rooms and the poll end."""
    return [each["ends_at_ms"] for each in records.values() if each["kind"] == "breakouts"] + [
        each["closes_at_ms"] for each in records.values() if each["kind"] == "poll"
    ]


# ── the faults ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def store_away(folder: Path, seconds: float, people: int) -> Story:
    story = Story()
    async with workshop(folder, people) as (cluster, stream, crowd):
        stop = asyncio.Event()
        talking = [asyncio.create_task(each.talk(stop)) for each in crowd]
        await asyncio.sleep(3)
        before = timers(crowd[0].records)
        await cluster.redis.kill()
        away_s = time.monotonic()
        await asyncio.sleep(seconds / 2)
        newcomer = await refusal(cluster.all["n2"].base_url, "newcomer")
        await asyncio.sleep(max(0.0, away_s + seconds - time.monotonic()))
        back_s = time.monotonic()
        await cluster.redis.start()
        resumed = await all_accepted(crowd, back_s)
        await asyncio.sleep(QUIET_S)
        late = await coming(cluster, "n2", "newcomer")
        stop.set()
        await asyncio.gather(*talking)
        meanwhile = [each for one in crowd for each in one.answers if each.asked_s > away_s and each.came_s < back_s]
        told = [next((each for each in one.answers if each.asked_s > away_s), None) for one in crowd]
        story.expect(not any(each.ack["ok"] for each in meanwhile), "something was acknowledged while Redis was away")
        story.expect(
            all(each is not None and each.came_s < back_s for each in told),
            "somebody was told nothing while Redis was away",
        )
        codes = {each.ack["code"] for each in meanwhile if not each.ack["ok"]}
        story.expect(codes == {"store_unavailable"}, f"refused for {codes}")
        story.expect(newcomer == "store_unavailable", f"a newcomer was told {newcomer}")
        for each in crowd:
            story.expect(len(each.urls) == 1, f"{each.who} lost the connection: {each.nodes}")
        story.expect(timers(crowd[0].records) == before, "a timer is not where it was")
        told_s = [each.came_s - each.asked_s for each in told if each is not None]
        story.figures = {
            "store_away_s": f"{back_s - away_s:.0f}",
            "acked_meanwhile": str(sum(each.ack["ok"] for each in meanwhile)),
            "refused_meanwhile": str(len(meanwhile)),
            "told_within_s": f"{max(told_s):.2f}",
            "resumed_within_s": f"{resumed - back_s:.2f}",
        }
        await counted(story, cluster, stream, [*crowd, late])
    return story


async def owner_paused(folder: Path, seconds: float, people: int) -> Story:
    story = Story()
    async with workshop(folder, people) as (cluster, stream, crowd):
        n1 = cluster.all["n1"]
        stop = asyncio.Event()
        talking = [asyncio.create_task(each.talk(stop)) for each in crowd]
        await asyncio.sleep(3)
        before = timers(crowd[0].records)
        n1.pause()
        paused_s = time.monotonic()
        newcomer = await coming(cluster, "n2", "newcomer")
        taken_s = time.monotonic()
        assert newcomer.client is not None
        taken_seq = newcomer.client.hello["seq"]
        talking.append(asyncio.create_task(newcomer.talk(stop)))
        story.expect(await cluster.owner(W) == "n2", "nobody has taken the workshop")
        await asyncio.sleep(max(0.0, paused_s + seconds - time.monotonic()))
        gone_on = sum(each.nodes[-1].startswith("n2#") for each in crowd)
        n1.resume()
        resumed_s = time.monotonic()
        async with asyncio.timeout(SETTLE_WITHIN_S):
            while await gauge(n1.base_url, "atelier_sockets"):
                await asyncio.sleep(0.05)
            closed_s = time.monotonic()
            back = await all_accepted([*crowd, newcomer], resumed_s)
        await asyncio.sleep(QUIET_S)
        stop.set()
        await asyncio.gather(*talking)
        old = [each for one in crowd for each in one.answers if each.node.startswith("n1#") and each.came_s > paused_s]
        # What it had stored before it was stopped it may still answer.
        late = [each for each in old if each.ack["ok"] and each.ack["seq"] >= taken_seq]
        story.expect(not late, f"the old owner has acknowledged {late}")
        story.expect(all(each.nodes[-1].startswith("n2#") for each in crowd), "somebody is still at the old owner")
        story.expect(await cluster.owner(W) == "n2", "the workshop went back by itself")
        story.expect(await gauge(n1.base_url, "atelier_leases_lost_total") >= 1, "the old owner noticed nothing")
        story.expect(timers(newcomer.records) == before, "a timer is not where it was")
        story.figures = {
            "owner_paused_s": f"{resumed_s - paused_s:.0f}",
            "taken_over_within_s": f"{taken_s - paused_s:.2f}",
            "gone_on_meanwhile": f"{gone_on}/{len(crowd)}",
            "acked_by_the_old": str(len(late)),
            "old_closed_within_s": f"{closed_s - resumed_s:.2f}",
            "all_there_within_s": f"{max(0.0, back - resumed_s):.2f}",
        }
        await counted(story, cluster, stream, [*crowd, newcomer])
    return story


async def refusal(url: str, who: str) -> str:
    """The code with which somebody is kept out."""
    client = WireClient(url, token(W, who))
    try:
        await client.connect()
    except Refused as refused:
        return refused.code
    await client.close()
    return "nothing"


async def all_accepted(crowd: Sequence[Witness], moment_s: float) -> float:
    """When the last of them had a command acknowledged that was given after a moment."""
    async with asyncio.timeout(SETTLE_WITHIN_S):
        while any(each.accepted_after(moment_s) is None for each in crowd):
            await asyncio.sleep(0.02)
    return max(each.accepted_after(moment_s) or 0.0 for each in crowd)


async def gauge(url: str, name: str) -> float:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as http, http.get(f"{url}/metrics") as answer:
        found = re.search(rf"^{name} (\S+)$", await answer.text(), re.MULTILINE)
    assert found is not None, name
    return float(found[1])


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def counted(story: Story, cluster: Nodes, stream: RedisServer, crowd: Sequence[Witness]) -> None:
    """Every acknowledged command once in the journal, at the seq of its ack; every event once in the stream, in order."""
    for each in crowd:
        await each.close()
    report = counting.Report()
    acked = {key: seq for each in crowd for key, seq in each.seq_of.items()}
    journal = RedisJournal(RedisStore(cluster.redis.url))
    await journal.open()
    try:
        for name, node in cluster.all.items():
            story.expect("Traceback" not in node.log.read_text(), f"{name} has logged an exception: {node.log}")
            await node.stop()
        logs = await counting.check_journal(report, journal, [WorkshopId(W)], acked)
    finally:
        await journal.close()
    expected = counting.published(logs, Options(home_page=HOME_PAGE))
    counting.check_sink(report, "stream", expected, await streamed(stream), once=True)
    story.faults += report.faults
    wrong = len(report.invented) + len(report.disorder) + len(report.gaps)
    story.figures |= {
        "acked": str(report.acknowledged),
        "events": str(len(expected)),
        "lost": str(len(report.lost) + len(report.missing)),
        "double": str(len(report.duplicated)),
        "wrong": str(wrong),
    }


async def streamed(stream: RedisServer) -> list[dict[str, Any]]:
    async with Redis.from_url(stream.url) as redis:
        return [json.loads(entry[b"event"]) for _, entry in await redis.xrange(STREAM)]


async def run(away_s: float, paused_s: float, people: int) -> list[Story]:
    stories = []
    for fault, seconds in ((store_away, away_s), (owner_paused, paused_s)):
        if seconds > 0:
            with tempfile.TemporaryDirectory() as folder:
                stories.append(await fault(Path(folder), seconds, people))
            print(fault.__name__, *stories[-1].faults, sep="\n  ", flush=True)
    return stories


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--away", type=float, default=60, help="seconds without Redis; 0 leaves it out")
    parser.add_argument(
        "--paused", type=float, default=30, help="seconds in which the owner is stopped; 0 leaves it out"
    )
    parser.add_argument("--people", type=int, default=12)
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments.away, arguments.paused, arguments.people))
    print("faults: " + "; ".join(each.line() for each in found))
    sys.exit(any(each.faults for each in found))
