"""Hours in minutes: three nodes on one Redis, workshops with people who come, talk, answer polls, lose their line and go, while workshops are moved and a node
is drained, or killed, and started again. In the end everything that was acknowledged is looked for, and what the lasting nodes use is fitted by a line.

    python -m tests.simulation.soak [--minutes 30] [--people 24] [--seed 1]

Ends with 1 unless nothing was lost, nothing was appended twice, and memory and file descriptors of the nodes that stayed are flat. The last line
has the figures; the slopes are of the second half, when caches are full.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from rooms.ids import WorkshopId
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from tests.bench.live import rss_kib, token
from tests.nodes import Nodes, nodes
from tests.roaming import Roamer

WORKSHOPS = ("a", "b", "c")
STAYING = ("n1", "n2")
"""Nodes whose memory is followed; the third comes and goes."""
SAMPLE_S = 5.0
FLAT_KIB_PER_MINUTE = 600.0
FLAT_FDS_PER_MINUTE = 1.0
LEASE_MS = 6_000
"""Longer than other tests', so that nodes which share a busy machine for so long do not lose what they own."""


class Person:
    """Talks, raises a hand, votes; now and then loses the line, or goes and comes back."""

    def __init__(self, cluster: Nodes, workshop_id: str, who: str, random_: random.Random) -> None:
        self._cluster, self._workshop_id, self._who, self._random = cluster, workshop_id, who, random_
        self._roamer: Roamer | None = None
        self.acked: list[tuple[str, int]] = []
        """(text, seq) of every acknowledged message."""
        self.comings = 0

    async def live(self, stop: asyncio.Event) -> None:
        said = 0
        while not stop.is_set():
            roamer = await self._come()
            for _ in range(self._random.randrange(5, 40)):
                if stop.is_set():
                    break
                text = f"{self._who}-{said}"
                said += 1
                self.acked.append((text, await roamer.command("PostMessage", channel="everyone", text=text)))
                if self._random.random() < 0.2:
                    await roamer.command("RaiseHand")
                await self._vote(roamer)
                if self._random.random() < 0.05 and roamer.client is not None:
                    await roamer.client.sio.disconnect()  # the network is gone for a moment
                await asyncio.sleep(self._random.uniform(0.2, 2))
            await self._go()
        await self._go()

    async def _come(self) -> Roamer:
        node = self._cluster.all["n1"]
        # Signed here: what is asked of the server may have to wait for a workshop whose node was killed.
        self._roamer = await Roamer(node.base_url, token(self._workshop_id, self._who)).start()
        self.comings += 1
        return self._roamer

    async def _vote(self, roamer: Roamer) -> None:
        polls = [each for each in roamer.records.values() if each["kind"] == "poll" and each["status"] == "open"]
        for poll in polls[-1:]:
            chosen = self._random.choice(poll["options"])["option_id"]
            with contextlib.suppress(AssertionError):  # it may have been closed meanwhile
                await roamer.command("CastBallot", poll_id=poll["poll_id"], option_ids=[chosen])

    async def _go(self) -> None:
        roamer, self._roamer = self._roamer, None
        if roamer is not None:
            await roamer.close()


class Usage:
    """Memory and file descriptors of the nodes that stay."""

    def __init__(self, cluster: Nodes) -> None:
        self._cluster = cluster
        self._began_s = time.monotonic()
        self.samples: dict[str, list[tuple[float, float, float]]] = {name: [] for name in STAYING}
        """(minute, KiB, descriptors that are not somebody's connection)."""

    async def follow(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for name, samples in self.samples.items():
                pid = self._cluster.all[name].pid
                minute = (time.monotonic() - self._began_s) / 60
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    sockets = await sockets_of(self._cluster.all[name].base_url)
                    samples.append((minute, float(rss_kib(pid)), len(os.listdir(f"/proc/{pid}/fd")) - sockets))
            await asyncio.sleep(SAMPLE_S)

    def course(self) -> str:
        """MiB of each node and its descriptors, some twelve times, to see whether it grows or has grown."""
        told = []
        for name, samples in self.samples.items():
            some = samples[:: max(1, len(samples) // 12)]
            told.append(f"{name}: " + " ".join(f"{minute:.0f}:{kib / 1024:.1f}/{fds:.0f}" for minute, kib, fds in some))
        return "minute:MiB/descriptors " + "; ".join(told)

    def slopes(self) -> tuple[float, float]:
        """The steepest of the nodes, per minute, over the second half: KiB, and descriptors without people's connections at their fewest in each
        minute, because how many calls and connections to Redis are open at a time is chance."""
        halves = [samples[len(samples) // 2 :] for samples in self.samples.values()]
        kib = max(slope([(minute, kib) for minute, kib, _ in half]) for half in halves)
        return kib, max(slope(fewest([(minute, fds) for minute, _, fds in half])) for half in halves)


async def sockets_of(url: str) -> float:
    """People's connections, as the node counts them."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as http, http.get(f"{url}/metrics") as answer:
        found = re.search(r"^atelier_sockets (\S+)$", await answer.text(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def fewest(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The lowest point of each whole minute."""
    lowest: dict[int, tuple[float, float]] = {}
    for minute, value in points:
        known = lowest.get(int(minute))
        if known is None or value < known[1]:
            lowest[int(minute)] = (minute, value)
    return list(lowest.values())


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares."""
    if len(points) < 2:
        return 0.0
    mean_x, mean_y = (sum(each[axis] for each in points) / len(points) for axis in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


class Operator:
    """Asks polls, moves workshops, drains, kills and adds a node."""

    def __init__(self, cluster: Nodes, random_: random.Random) -> None:
        self._cluster, self._random = cluster, random_
        self.did: Counter[str] = Counter()

    async def work(self, stop: asyncio.Event) -> None:
        steps: list[Callable[[], Awaitable[None]]] = [self.poll, self.poll, self.move, self.move, self.come_and_go]
        while not stop.is_set():
            await self._random.choice(steps)()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._random.uniform(1, 6)):
                    await stop.wait()

    async def poll(self) -> None:
        node, workshop_id = self._cluster.all["n1"], self._random.choice(WORKSHOPS)
        roamer = await Roamer(node.base_url, token(workshop_id, "fay", "facilitator")).start()
        for poll in [each for each in roamer.records.values() if each["kind"] == "poll" and each["status"] == "open"]:
            await roamer.command("ClosePoll", poll_id=poll["poll_id"])
        with contextlib.suppress(AssertionError):  # a workshop has a limit of polls
            await roamer.command("CreatePoll", question="Which?", options=["A", "B"], open=True)
        await roamer.close()
        self.did["polls"] += 1

    async def move(self) -> None:
        path = f"/api/workshops/{self._random.choice(WORKSHOPS)}/move"
        target = self._random.choice([name for name, node in self._cluster.all.items() if node.running])
        status, body = await self._cluster.all["n1"].api("POST", path, {"to": target})
        assert status in (200, 409, 503), body
        self.did["moves"] += status == 200

    async def come_and_go(self) -> None:
        node = self._cluster.all["n3"]
        if self._random.random() < 0.5:
            node.signal(signal.SIGTERM)
            await node.wait(90)
            self.did["drains"] += 1
        else:
            await node.kill()
            self.did["kills"] += 1
        await asyncio.sleep(self._random.uniform(0, 5))
        await node.start()


async def counted(cluster: Nodes, people: Sequence[Person]) -> tuple[int, int]:
    """(acknowledged messages that are not in the journal at the seq of their ack, or more than once; positions that are taken twice or
    missing, and commands that were carried out twice)."""
    journal = RedisJournal(RedisStore(cluster.redis.url))
    await journal.open()
    stored: dict[tuple[str, int], int] = Counter()
    double = 0
    for workshop_id in WORKSHOPS:
        seq, commands = 0, Counter[tuple[str, str]]()
        while page := await journal.read(WorkshopId(workshop_id), seq):
            for recorded in page:
                seq += 1
                double += recorded.seq != seq
                event: Any = recorded.event
                if event.type == "MessagePosted":
                    stored[event.text, recorded.seq] += 1
                    commands[recorded.actor, recorded.command_id] += 1
        double += sum(count > 1 for count in commands.values())
    await journal.close()
    texts = Counter(text for text, _ in stored)
    lost = sum(stored[acked] != 1 or texts[acked[0]] != 1 for person in people for acked in person.acked)
    return lost, double


async def run(minutes: float, count: int, seed: int) -> tuple[str, bool]:
    random_ = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "ATELIER_LIMITS__CALLS_BURST": "1000000",
            "ATELIER_LIMITS__CONNECTS_PER_SECOND": "100",
            "ATELIER_CLUSTER__LEASE_MS": str(LEASE_MS),
        }
        async with nodes(Path(folder), *STAYING, "n3", **options) as cluster:
            for workshop_id in WORKSHOPS:
                await cluster.all["n1"].create_workshop(workshop_id=workshop_id)
            people = [
                Person(cluster, WORKSHOPS[index % 3], f"p{index}", random.Random(f"{seed}-{index}"))
                for index in range(count)
            ]
            stop, operator, usage = asyncio.Event(), Operator(cluster, random_), Usage(cluster)
            tasks = [asyncio.create_task(each.live(stop)) for each in people]
            tasks += [asyncio.create_task(operator.work(stop)), asyncio.create_task(usage.follow(stop))]
            ended, _ = await asyncio.wait(tasks, timeout=60 * minutes, return_when=asyncio.FIRST_EXCEPTION)
            stop.set()
            try:
                for task in ended:
                    task.result()
            except BaseException:
                for name, node in cluster.all.items():
                    print(f"{name}:\n{node.log.read_text()[-3000:]}", flush=True)
                raise
            async with asyncio.timeout(180):
                await asyncio.gather(*tasks)
            lost, double = await counted(cluster, people)
            faults = [name for name, node in cluster.all.items() if "Traceback" in node.log.read_text()]
            for name in faults:
                print(f"{name} has logged an exception:\n{cluster.all[name].log.read_text()[-3000:]}", flush=True)
    print(usage.course(), flush=True)
    kib, fds = usage.slopes()
    flat = kib < FLAT_KIB_PER_MINUTE and fds < FLAT_FDS_PER_MINUTE
    acked, comings = sum(len(each.acked) for each in people), sum(each.comings for each in people)
    did = " ".join(f"{name}={operator.did[name]}" for name in ("polls", "moves", "drains", "kills"))
    line = (
        f"soak: minutes={minutes:g} people={count} comings={comings} {did} acked={acked} lost={lost} double={double} "
        f"rss_kib_per_minute={kib:.0f} fds_per_minute={fds:.2f} exceptions={len(faults)} seed={seed}"
    )
    return line, flat and not lost and not double and not faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    arguments = parser.parse_args()
    line, good = asyncio.run(run(arguments.minutes, arguments.people, arguments.seed))
    print(line)
    sys.exit(not good)
