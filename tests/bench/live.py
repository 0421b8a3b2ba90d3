"""A workshop of a thousand people, over real sockets: joining, a poll, and chat to everybody.

One node (or several, with a workshop each), load clients and the measure in processes of their own, so that the server's CPU and memory are read off its
process. Everybody joins; everybody casts a ballot within 8 s; then 20 messages a second go to everybody for some seconds. In the
same run a bare WebSocket server sends frames of the same size to as many sockets: `ratio` is the server's CPU per delivered frame, with deciding,
storing and answering in it, against that of the bare one. With `--idle 10000` sockets only stay: what one costs in memory.

    python -m tests.bench.live [--people 1000] [--seconds 10] [--nodes 3] [--idle 10000]
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from rooms.ids import ParticipantId, WorkshopId
from server.auth import Claims, Tokens
from tests.harness import TOKEN_SECRET, ServerProcess, free_port
from tests.nodes import nodes
from tests.socket_client import WireClient

LOADS = 2
"""Processes of clients for each workshop."""
VOTING_S = 8.0
CHAT_PER_S = 20.0
OPTIONS = {
    "ATELIER_LIMITS__CALLS_BURST": "100000",  # everybody comes from one address
    "ATELIER_LIMITS__CALLS_PER_SECOND": "10000",
}
IDLE_WORKSHOP = 100


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_kib(pid: int) -> int:
    """Memory of a process now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


class LoadProcess:
    """`tests.bench.live_load`, asked one thing at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, do: str, **fields: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise AssertionError("a process of clients has ended")
        return json.loads(line)


@asynccontextmanager
async def processes(module: str, count: int, *arguments: str) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    made = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        for _ in range(count)
    ]
    try:
        yield made
    finally:
        for process in made:
            process.kill()
            await process.wait()


@dataclass
class Class:
    """A workshop with its people, and what was measured of it."""

    workshop_id: str
    node: ServerProcess
    loads: list[LoadProcess]
    count: int
    facilitator: WireClient
    before_kib: int
    joined_s: float = 0.0
    voted_s: float = 0.0
    used_s: float = 0.0
    used_joining_s: float = 0.0
    people_kib: float = 0.0
    acks_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    frames: int = 0
    bytes: int = 0

    async def join(self) -> None:
        names = [f"p{number}" for number in range(self.count)]
        began_s, used_s = time.monotonic(), cpu_s(self.node.pid)
        await asyncio.gather(
            *(
                load.ask("join", url=self.node.base_url, tokens=[token(self.workshop_id, each) for each in share])
                for load, share in zip(self.loads, shares(names, len(self.loads)), strict=True)
            )
        )
        self.joined_s, self.used_joining_s = time.monotonic() - began_s, cpu_s(self.node.pid) - used_s
        self.people_kib = (rss_kib(self.node.pid) - self.before_kib) / self.count

    async def vote(self) -> None:
        await self.facilitator.ok("CreatePoll", question="Which?", options=["A", "B"], open=True)
        (poll,) = await self.facilitator.until(lambda _: self.facilitator.of_kind("poll"))
        chosen = [each["option_id"] for each in poll["options"]]
        began_s = time.monotonic()
        for acks in await asyncio.gather(
            *(load.ask("vote", poll_id=poll["poll_id"], option_ids=chosen, within_s=VOTING_S) for load in self.loads)
        ):
            self.acks_s += acks
        self.voted_s = time.monotonic() - began_s

        def counted(_records: dict[str, Any]) -> bool:
            return sum(each["ballots"] for each in self.facilitator.of_kind("tally")) >= self.count

        await self.facilitator.until(counted, within_s=30)

    async def chat(self, seconds: float) -> None:
        await asyncio.gather(*(load.ask("heard", watch=True) for load in self.loads))
        used_s = cpu_s(self.node.pid)
        per_s = CHAT_PER_S / len(self.loads)
        for acks in await asyncio.gather(*(load.ask("talk", per_s=per_s, seconds=seconds) for load in self.loads)):
            self.acks_s += acks
        await asyncio.sleep(1)
        self.used_s = cpu_s(self.node.pid) - used_s
        for heard in await asyncio.gather(*(load.ask("heard", watch=False) for load in self.loads)):
            self.late_s += heard["late_s"]
            self.frames += heard["frames"]
            self.bytes += heard["bytes"]


def token(workshop_id: str, who: str, role: Any = "learner") -> str:
    claims = Claims(
        kind="participant",
        workshop_id=WorkshopId(workshop_id),
        role=role,
        participant_id=ParticipantId(who),
        name=who.title(),
        expires_at=int(time.time()) + 3600,
    )
    return Tokens(TOKEN_SECRET).sign(claims)


def shares(names: list[str], count: int) -> list[list[str]]:
    return [names[index::count] for index in range(count)]


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def classes(running: list[ServerProcess], loads: list[LoadProcess], people: int) -> list[Class]:
    found = []
    for index, node in enumerate(running):
        workshop_id = f"w{index}"
        await node.create_workshop(workshop_id=workshop_id)
        if len(running) > 1:
            name = node.data_dir.name
            status, body = await node.api("POST", f"/api/workshops/{workshop_id}/move", {"to": name})
            assert status == 200, body
        facilitator = await WireClient(node.base_url, token(workshop_id, "fay", "facilitator")).connect()
        own = loads[index * LOADS : (index + 1) * LOADS]
        found.append(Class(workshop_id, node, own, people, facilitator, rss_kib(node.pid)))
    return found


async def bare_cpu_per_frame(loads: list[LoadProcess], people: int, bytes_: int, per_s: float, seconds: float) -> float:
    """CPU seconds the bare server needs for a frame of so many bytes, sent at this rate to as many sockets."""
    port = free_port()
    async with processes("tests.bench.live_bare", 1, str(port)) as (bare,):
        assert bare.stdout is not None
        await bare.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        await asyncio.gather(*(load.ask("bare", url=url, count=people // len(loads)) for load in loads))
        used_s = cpu_s(bare.pid)
        query = f"bytes={bytes_}&per_s={per_s}&seconds={seconds}"
        async with aiohttp.ClientSession() as http, http.post(f"{url}/send?{query}") as answer:
            frames = int(await answer.json())
        return (cpu_s(bare.pid) - used_s) / frames


async def run(running: list[ServerProcess], people: int, seconds: float) -> str:
    async with processes("tests.bench.live_load", LOADS * len(running)) as made:
        loads = [LoadProcess(each) for each in made]
        all_ = await classes(running, loads, people)
        print(f"server processes: {[each.pid for each in running]}", flush=True)
        await asyncio.gather(*(each.join() for each in all_))
        print(f"joined: {max(each.joined_s for each in all_):.1f} s, CPU {all_[0].used_joining_s:.1f} s", flush=True)
        await asyncio.gather(*(each.vote() for each in all_))
        print(f"voted: {max(each.voted_s for each in all_):.1f} s", flush=True)
        await asyncio.gather(*(each.chat(seconds) for each in all_))
        lost = sum([await load.ask("lost") for load in loads])
        frames, bytes_ = sum(each.frames for each in all_), sum(each.bytes for each in all_)
        used_s = sum(each.used_s for each in all_) / frames
        print(f"chat: {frames} frames of {bytes_ / frames:.0f} bytes, CPU {1e6 * used_s:.1f} µs each", flush=True)
        rate = frames / people / len(all_) / seconds
        bare_s = await bare_cpu_per_frame(loads[:LOADS], people, bytes_ // frames, rate, seconds)
        print(f"bare: CPU {1e6 * bare_s:.1f} µs a frame", flush=True)
        for each in all_:
            await each.facilitator.close()
    acks_s = [ack for each in all_ for ack in each.acks_s]
    late_s = [late for each in all_ for late in each.late_s]
    heard = len(late_s) / (CHAT_PER_S * seconds * people * len(all_))
    cpu = sum(each.used_s for each in all_) / (seconds + 1)
    return (
        f"live: nodes={len(all_)} people={people * len(all_)} join_s={max(each.joined_s for each in all_):.1f} "
        f"ballots_s={max(each.voted_s for each in all_):.1f} ack_p50_ms={1e3 * quantile(acks_s, 0.5):.0f} "
        f"ack_p99_ms={1e3 * quantile(acks_s, 0.99):.0f} fanout_p50_ms={1e3 * quantile(late_s, 0.5):.0f} "
        f"fanout_p99_ms={1e3 * quantile(late_s, 0.99):.0f} frames_per_s={frames / seconds:.0f} cpu={cpu:.2f} "
        f"kib_per_person={sum(each.people_kib for each in all_) / len(all_):.0f} ratio={used_s / bare_s:.2f} "
        f"heard={heard:.3f} disconnected={lost}"
    )


async def idle(node: ServerProcess, sockets: int) -> str:
    """Workshops of a hundred, in which nothing happens."""
    async with processes("tests.bench.live_load", LOADS) as made:
        loads = [LoadProcess(each) for each in made]
        before_kib, began_s = rss_kib(node.pid), time.monotonic()
        tokens: list[str] = []
        for index in range(-(-sockets // IDLE_WORKSHOP)):
            await node.create_workshop(workshop_id=f"i{index}")
            tokens += [token(f"i{index}", f"p{number}") for number in range(IDLE_WORKSHOP)]
        await asyncio.gather(
            *(
                load.ask("join", url=node.base_url, tokens=share)
                for load, share in zip(loads, shares(tokens[:sockets], LOADS), strict=True)
            )
        )
        joined_s = time.monotonic() - began_s
        await asyncio.sleep(12)  # past the first heartbeat
        used_s, began_s = cpu_s(node.pid), time.monotonic()
        await asyncio.sleep(20)
        cpu = (cpu_s(node.pid) - used_s) / (time.monotonic() - began_s)
        lost = sum([await load.ask("lost") for load in loads])
        each_kib = (rss_kib(node.pid) - before_kib) / sockets
    return (
        f"idle: sockets={sockets} join_s={joined_s:.0f} kib_per_socket={each_kib:.0f} cpu={cpu:.2f} disconnected={lost}"
    )


async def main(arguments: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory() as name:
        if arguments.nodes > 1:
            names = [f"n{number + 1}" for number in range(arguments.nodes)]
            async with nodes(Path(name), *names, **OPTIONS) as cluster:
                return await run(list(cluster.all.values()), arguments.people, arguments.seconds)
        node = ServerProcess(Path(name) / "n1", **OPTIONS)
        await node.start()
        try:
            if arguments.idle:
                return await idle(node, arguments.idle)
            return await run([node], arguments.people, arguments.seconds)
        finally:
            await node.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=1000, help="in each workshop; a workshop for each node")
    parser.add_argument("--seconds", type=float, default=10, help="of chat")
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--idle", type=int, default=0, help="only so many sockets in which nothing happens")
    print(asyncio.run(main(parser.parse_args())))
