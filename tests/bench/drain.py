"""What a drained node costs: the longest time any participant waits for an ack, and the longest time a browser gets no new frame.

Two nodes, Redis and HAProxy on loopback. One node has 3 workshops with 20 people each, who give a command every second, and two browsers in the
first workshop that see each other. The node is drained; everybody goes on at the other. Every acknowledged command must be in the journal once.

People's browsers are not on the servers' machine; here they are, and each wants more than a core just when it opens its new connection. So nodes, Redis,
HAProxy and what gives the commands go before them, where the system allows it (`prior`).

    python -m tests.bench.drain [--people 60] [--without-browser]
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.alone import go_before
from tests.bench.failover import missing
from tests.bench.live import cpu_s
from tests.browser.browsers import browsers as opened
from tests.browser.devices import DEVICES
from tests.browser.person import Person, expect_company, people
from tests.haproxy import HaProxy
from tests.nodes import Nodes, nodes
from tests.roaming import Roamer

WORKSHOPS = ("a", "b", "c")
WATCH = """
(() => {
  const Native = window.RTCPeerConnection;
  const pcs = (window.__pcs = []);
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); pcs.push(this); }
  };
})();
"""
LONGEST_GAP = """async (ms) => {
  const last = new Map();
  let at = performance.now(), longest = 0;
  for (const end = at + ms; performance.now() < end;) {
    for (const pc of window.__pcs) {
      if (pc.connectionState !== "connected") continue;
      let frames = 0;
      for (const report of (await pc.getStats()).values())
        if (report.type === "inbound-rtp" && report.kind === "video") frames += report.framesDecoded;
      if (frames > (last.get(pc) ?? 0)) {
        const now = performance.now();
        longest = Math.max(longest, now - at);
        at = now;
      }
      last.set(pc, frames);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Math.max(longest, performance.now() - at);
}"""


@dataclass(frozen=True, order=True, slots=True)
class Waited:
    """How long an ack took, and when it was asked for."""

    took_s: float
    began_s: float


async def talk(roamer: Roamer, stop: asyncio.Event, acked: list[str]) -> Waited:
    """Gives commands until `stop`; the one whose ack took longest."""
    longest = Waited(0.0, 0.0)
    while not stop.is_set():
        text = f"{id(roamer)}-{len(acked)}-{random.random()}"
        began_s = time.monotonic()
        await roamer.command("PostMessage", channel="everyone", text=text)
        longest = max(longest, Waited(time.monotonic() - began_s, began_s))
        acked.append(text)
        await asyncio.sleep(1)
    return longest


async def run(count: int, browser: bool) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proxy = HaProxy(folder)
        # All come from one address.
        options = {"ATELIER_PUBLIC_URL": proxy.url, "ATELIER_LIMITS__CALLS_BURST": "100000"}
        async with nodes(folder, "n1", "n2", **options) as cluster, AsyncExitStack() as stack:
            await proxy.start(cluster.all)
            stack.push_async_callback(proxy.stop)
            n1 = cluster.all["n1"]
            for workshop_id in WORKSHOPS:
                await n1.create_workshop(workshop_id=workshop_id)
                await n1.api("POST", f"/api/workshops/{workshop_id}/move", {"to": "n1"})
            crowd = await browsers(stack, folder, cluster, proxy) if browser else []
            roamers = await asyncio.gather(
                *(enter(cluster, proxy.url, WORKSHOPS[index % 3], f"p{index}") for index in range(count))
            )
            prior = go_before([os.getpid(), proxy.pid, cluster.redis.pid, *(each.pid for each in cluster.all.values())])
            stop = asyncio.Event()
            acked: dict[str, list[str]] = {each: [] for each in WORKSHOPS}
            talking = [
                asyncio.create_task(talk(roamer, stop, acked[WORKSHOPS[index % 3]]))
                for index, roamer in enumerate(roamers)
            ]
            await asyncio.sleep(2)
            watching = [asyncio.create_task(person.page.evaluate(LONGEST_GAP, 14_000)) for person in crowd]
            await asyncio.sleep(1)
            asked_s, used = time.monotonic(), Used(cluster)
            assert (await n1.api("POST", "/api/nodes/here/drain"))[0] == 202
            while any(len(each.urls) < 2 or not each.nodes[-1].startswith("n2#") for each in roamers):
                await asyncio.sleep(0.02)
            print(used, flush=True)
            await asyncio.sleep(max(0.0, asked_s + 8 - time.monotonic()))
            media_ms = await asyncio.gather(*watching)
            stop.set()
            waits = await asyncio.gather(*talking)
            print(time_line(roamers, asked_s), slowest(roamers, waits, asked_s), sep="\n", flush=True)
            assert {await cluster.owner(each) for each in WORKSHOPS} == {"n2"}
            # By the node that answered, not by the URL: who was sent back to the public address is at the same node.
            assert {roamer.nodes[-1].partition("#")[0] for roamer in roamers} == {"n2"}
            lost = sum([await missing(cluster, texts, workshop_id) for workshop_id, texts in acked.items()])
    media = f"media_gap_s={max(media_ms) / 1000:.2f}" if media_ms else "media not measured"
    total = sum(map(len, acked.values()))
    gap = f"command_gap_s={max(waits).took_s:.2f} {media}"
    return f"drain: {gap} people={count} workshops=3 prior={'yes' if prior else 'no'} acked={total} lost={lost}"


class Used:
    """CPU seconds of each process since this was made."""

    def __init__(self, cluster: Nodes) -> None:
        self._pids = {**{name: node.pid for name, node in cluster.all.items()}, "clients": os.getpid()}
        self._before = {name: cpu_s(pid) for name, pid in self._pids.items()}

    def __str__(self) -> str:
        return "CPU until all were there: " + " ".join(
            f"{name}={cpu_s(pid) - self._before[name]:.2f}" for name, pid in self._pids.items()
        )


def time_line(roamers: list[Roamer], asked_s: float) -> str:
    """Seconds from the drain's begin until people were told, and were connected again."""
    told = [roamer.moved_at[-1] - asked_s for roamer in roamers]
    there = [roamer.connected_at[-1] - asked_s for roamer in roamers]
    between = [later - sooner for sooner, later in zip(told, there, strict=True)]
    return " ".join(
        f"{name}_s={min(each):.2f}/{statistics.median(each):.2f}/{max(each):.2f}"
        for name, each in (("told", told), ("connected", there), ("between", between))
    )


def slowest(roamers: list[Roamer], waits: list[Waited], asked_s: float) -> str:
    """Of the three that waited longest: when they asked, were told to go, were connected again and had their ack."""
    found = sorted(zip(waits, roamers, strict=True), key=lambda each: each[0], reverse=True)[:3]
    return "\n".join(
        f"slowest: took_s={wait.took_s:.2f} asked_s={wait.began_s - asked_s:.2f} told_s={roamer.moved_at[-1] - asked_s:.2f}"
        f" connected_s={roamer.connected_at[-1] - asked_s:.2f} acked_s={wait.began_s + wait.took_s - asked_s:.2f}"
        for wait, roamer in found
    )


async def enter(cluster: Nodes, url: str, workshop_id: str, who: str) -> Roamer:
    token = await cluster.all["n1"].token(workshop_id, "learner", who.title(), who)
    roamer = Roamer(url, token)
    cluster.roamers.append(roamer)
    return await roamer.start()


async def browsers(stack: AsyncExitStack, folder: Path, cluster: Nodes, proxy: HaProxy) -> list[Person]:
    at = await stack.enter_async_context(opened(folder))
    crowd = await stack.enter_async_context(people(at, [("Ann", DEVICES[1]), ("Bob", DEVICES[2])]))
    for person in crowd:
        await person.page.add_init_script(WATCH)
        token = await cluster.all["n1"].token("a", "learner", person.name, person.name.lower())
        await person.join(f"{proxy.url}/w/a#t={token}")
    await expect_company([crowd])
    return crowd


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--without-browser", action="store_true")
    arguments = parser.parse_args()
    print(asyncio.run(run(arguments.people, not arguments.without_browser)))
