"""Publishing with several nodes. A replay is asked of any of them, and the one that has the workshop carries it out: its cursor goes back, and what it holds
in memory is told anew. A node that has been overtaken publishes nothing more.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.bench.live import token
from tests.integration.test_failover import workshop_on
from tests.nodes import Nodes, nodes
from tests.roaming import Roamer
from tests.simulation.receivers import SECRET, Webhooks

ALL_WITHIN_S = 60.0


class Slow(Webhooks):
    """Takes its time while `slow_s` is set."""

    slow_s = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.slow_s)
        return await super().answer(request)

    def times(self, workshop_id: str) -> Counter[str]:
        """How often each event of the workshop came, by its id."""
        return Counter(event["id"] for event in self.received if event["partitionkey"] == workshop_id)


@asynccontextmanager
async def cluster_and_receiver(folder: Path) -> AsyncIterator[tuple[Nodes, Slow]]:
    hook = Slow(random.Random(1))
    async with hook.listening():
        sink = {"kind": "webhook", "name": "hook", "url": hook.url, "secrets": [SECRET]}
        sinks = json.dumps([{**sink, "allow_http": True, "allow_private_addresses": True}])
        async with nodes(folder, "n1", "n2", ATELIER_PUBLISH__SINKS=sinks) as cluster:
            yield cluster, hook


async def settled(hook: Slow, workshop_id: str, count: int, times: int) -> None:
    """Until so many events have come at least so often."""
    try:
        async with asyncio.timeout(ALL_WITHIN_S):
            while sum(each >= times for each in hook.times(workshop_id).values()) < count:
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"{times} times each of {count}: {Counter(hook.times(workshop_id).values())}")


async def told(cluster: Nodes, workshop_id: str) -> int:
    status, body = await cluster.all["n1"].api("GET", f"/api/workshops/{workshop_id}/events?limit=1000")
    assert status == 200, body
    return len(body["events"])


@pytest.mark.parametrize("asked", ["n1", "n2"])
async def test_whichever_node_is_asked_everything_is_delivered_again(tmp_path: Path, asked: str) -> None:
    async with cluster_and_receiver(tmp_path) as (cluster, hook):
        await workshop_on(cluster, "n1", "first")
        await workshop_on(cluster, "n2", "second")
        for workshop_id in ("first", "second"):
            ann = await cluster.roamer(cluster.all["n1"], workshop_id, "learner", "ann")
            for _ in range(3):
                await ann.command("PostMessage", channel="everyone", text="hello")
            await settled(hook, workshop_id, await told(cluster, workshop_id), 1)
        counts = {each: await told(cluster, each) for each in ("first", "second")}
        node = cluster.all[asked]
        assert (await node.api("POST", "/api/sinks/hook/replay", {"workshop_id": "first"}))[0] == 200
        await settled(hook, "first", counts["first"], 2)
        assert set(hook.times("second").values()) == {1}
        assert (await node.api("POST", "/api/sinks/hook/replay", {}))[0] == 200
        await settled(hook, "second", counts["second"], 2)
        await settled(hook, "first", counts["first"], 3)
        assert {each: len(hook.times(each)) for each in counts} == counts


@pytest.mark.parametrize("asked", ["n1", "n2"])
async def test_from_a_time_on_also_while_a_batch_is_on_its_way(tmp_path: Path, asked: str) -> None:
    async with cluster_and_receiver(tmp_path) as (cluster, hook):
        await workshop_on(cluster, "n1", "w")
        ann = await cluster.roamer(cluster.all["n1"], "w", "learner", "ann")
        await ann.command("PostMessage", channel="everyone", text="before")
        await settled(hook, "w", await told(cluster, "w"), 1)
        old = set(hook.times("w"))
        await asyncio.sleep(0.05)
        from_ms = int(time.time() * 1000)
        await asyncio.sleep(0.05)
        for number in range(5):
            await ann.command("PostMessage", channel="everyone", text=f"after {number}")
        await settled(hook, "w", await told(cluster, "w"), 1)
        new = len(hook.times("w")) - len(old)
        hook.slow_s = 0.3
        await ann.command("PostMessage", channel="everyone", text="on its way")  # its batch moves the cursor forward
        body = {"workshop_id": "w", "from_ms": from_ms}
        assert (await cluster.all[asked].api("POST", "/api/sinks/hook/replay", body))[0] == 200
        hook.slow_s = 0.0
        await settled(hook, "w", new, 2)
        await settled(hook, "w", await told(cluster, "w"), 1)
        assert {each for each, times in hook.times("w").items() if times == 1} >= old


async def test_an_owner_that_was_paused_publishes_nothing_that_its_successor_has_published(tmp_path: Path) -> None:
    async with cluster_and_receiver(tmp_path) as (cluster, hook):
        await workshop_on(cluster, "n1", "w")
        n1, n2 = cluster.all["n1"], cluster.all["n2"]
        ann = await cluster.roamer(n1, "w", "learner", "ann")
        await ann.command("PostMessage", channel="everyone", text="before")
        await settled(hook, "w", await told(cluster, "w"), 1)
        n1.pause()
        # The token is made here: a call about the workshop would be passed on to the first, and wait for it.
        bob = Roamer(n2.base_url, token("w", "bob"))
        cluster.roamers.append(bob)
        await bob.start()
        assert await cluster.owner("w") == "n2"
        for number in range(5):
            await bob.command("PostMessage", channel="everyone", text=f"meanwhile {number}")
        status, body = await n2.api("GET", "/api/workshops/w/events?limit=1000")
        assert status == 200
        await settled(hook, "w", len(body["events"]), 1)
        n1.resume()
        await ann.command(
            "PostMessage", channel="everyone", text="after"
        )  # on the other node: the first is no owner any more
        await settled(hook, "w", await told(cluster, "w"), 1)
        await asyncio.sleep(2)  # in which the first would publish what it has in memory
        assert set(hook.times("w").values()) == {1}
        sequences = [int(event["sequence"]) for event in hook.received]
        assert sequences == sorted(sequences)
