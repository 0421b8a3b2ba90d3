"""Moving workshops between nodes while people are in them, draining a node, and several nodes from one command."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.harness import API_KEY, ServerProcess, free_port
from tests.nodes import Nodes, nodes
from tests.redis_server import RedisServer
from tests.roaming import Roamer


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Nodes]:
    async with nodes(tmp_path, "n1", "n2") as cluster:
        yield cluster


async def atelier(node: ServerProcess, *arguments: str) -> tuple[int, str]:
    """The command line's (status, output), spoken to this node."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *arguments, "--url", node.base_url),
        env={**os.environ, "ATELIER_API_KEY": API_KEY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def chatter(who: Roamer, stop: asyncio.Event) -> tuple[list[int], float]:
    """Gives a command every 50 ms; the seqs it got and the longest time that an ack took."""
    seqs, longest_s = [], 0.0
    while not stop.is_set():
        began = time.monotonic()
        seqs.append(await who.command("PostMessage", channel="everyone", text=f"{len(seqs)}"))
        longest_s = max(longest_s, time.monotonic() - began)
        await asyncio.sleep(0.05)
    return seqs, longest_s


async def all_messages(who: Roamer) -> int:
    assert who.client is not None
    return len(who.client.of_kind("message"))


async def test_a_workshop_moves_while_people_talk_and_nobody_waits(cluster: Nodes) -> None:
    n1 = cluster.all["n1"]
    await n1.create_workshop(workshop_id="w")
    people = [await cluster.roamer(n1, "w", "learner", f"p{n}") for n in range(4)]
    former = await cluster.owner("w")
    other = "n2" if former == "n1" else "n1"
    stop = asyncio.Event()
    talking = [asyncio.create_task(chatter(who, stop)) for who in people]
    await asyncio.sleep(1)
    status, output = await atelier(n1, "move", "w", "--to", other)
    assert status == 0, output
    async with asyncio.timeout(
        30
    ):  # the move is done when the workshop has changed hands; people follow as fast as the machine lets them
        while {who.url for who in people} != {cluster.all[other].base_url}:
            await asyncio.sleep(0.05)
    stop.set()
    said = await asyncio.gather(*talking)
    assert await cluster.owner("w") == other
    assert {who.url for who in people} == {cluster.all[other].base_url}
    longest_s = max(longest for _, longest in said)
    print(f"longest ack during the move: {longest_s * 1000:.0f} ms")
    assert longest_s < 5
    for who in people:  # nobody was ever without a connection
        assert who.client is not None
        assert not who.client.goodbyes
    total = sum(len(seqs) for seqs, _ in said)
    assert people[0].client is not None
    await people[0].client.until(lambda _: len(people[0].client.of_kind("message")) == total)  # type: ignore[union-attr]
    status, body = await n1.api("POST", "/api/workshops/w/move", {"to": "nowhere"})
    assert (status, body["code"]) == (409, "no_other_node")


async def test_a_drained_node_is_not_ready_and_hands_everything_over(cluster: Nodes) -> None:
    n1, n2 = cluster.all["n1"], cluster.all["n2"]
    for name in ("a", "b", "c"):
        await n1.create_workshop(workshop_id=name)
        await n1.api("POST", f"/api/workshops/{name}/move", {"to": "n1"})
    people = [await cluster.roamer(n1, name, "learner", "ann") for name in ("a", "b", "c")]
    assert {await cluster.owner(name) for name in ("a", "b", "c")} == {"n1"}
    seqs = [await who.command("PostMessage", channel="everyone", text="before") for who in people]
    draining = asyncio.create_task(atelier(n2, "drain", "n1"))
    async with aiohttp.ClientSession() as http, asyncio.timeout(40):
        while (await http.get(f"{n1.base_url}/readyz")).status == 200:
            await asyncio.sleep(0.02)
    status, output = await draining
    assert status == 0, output
    assert "n1 is empty" in output
    assert {await cluster.owner(name) for name in ("a", "b", "c")} == {"n2"}
    after = [await who.command("PostMessage", channel="everyone", text="after") for who in people]
    assert all(late > early for early, late in zip(seqs, after, strict=True))
    await n1.create_workshop(workshop_id="d")  # it takes nothing new
    assert await cluster.owner("d") == "n2"
    assert "draining" in (await atelier(n2, "nodes"))[1]


async def test_sigterm_drains_and_a_second_one_ends_it_at_once(cluster: Nodes) -> None:
    n1 = cluster.all["n1"]
    await n1.create_workshop(workshop_id="w")
    await n1.api("POST", "/api/workshops/w/move", {"to": "n1"})
    ann = await cluster.roamer(n1, "w", "learner", "ann")
    await ann.command("RaiseHand")
    n1.signal(signal.SIGTERM)
    await asyncio.wait_for(ann.command("LowerHand", participant_id="ann"), 10)
    assert await n1.wait() == 0
    assert ann.url == cluster.all["n2"].base_url
    n2 = cluster.all["n2"]
    again = await cluster.add("n1")
    await cluster.until_known()
    began = time.monotonic()
    n2.signal(signal.SIGTERM)
    await asyncio.sleep(0.1)
    n2.signal(signal.SIGTERM)
    assert await n2.wait() == 0
    assert time.monotonic() - began < 12  # a drain alone would take its seconds of grace
    await asyncio.wait_for(ann.command("RaiseHand"), 15)
    assert ann.url == again.base_url


async def test_a_drain_that_comes_to_no_end_is_forced_at_its_deadline(tmp_path: Path) -> None:
    async with nodes(tmp_path, "n1", "n2", ATELIER_CLUSTER__DRAIN_WITHIN_S="1") as cluster:
        n1, n2 = cluster.all["n1"], cluster.all["n2"]
        await n1.create_workshop(workshop_id="w")
        await n1.api("POST", "/api/workshops/w/move", {"to": "n1"})
        ann = await cluster.roamer(n1, "w", "learner", "ann")
        await ann.command("RaiseHand")
        n2.pause()  # it is known and answers nothing
        n1.signal(signal.SIGTERM)
        assert await n1.wait(60) == 0
        assert "drain_forced" in n1.log.read_text()
        n2.resume()
        await asyncio.wait_for(ann.command("LowerHand", participant_id="ann"), 60)
        assert ann.url == n2.base_url


async def test_several_nodes_from_one_command(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis")
    await redis.start()
    port = free_port()
    log = (tmp_path / "log").open("ab")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve", "--nodes=2", f"--port={port}", f"--udp-port={port - 10}"),
        *("--store", redis.url, "--data-dir", str(tmp_path / "data")),
        env={
            **os.environ,
            "ATELIER_CLUSTER__HEARTBEAT_MS": "200",
            "ATELIER_CLUSTER__NODE": "m",
            "ATELIER_API_KEY": API_KEY,
        },
        stdout=log,
        stderr=log,
    )
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as http, asyncio.timeout(120):
            names: set[str] = set()
            while names != {"m-1", "m-2"}:
                await asyncio.sleep(0.1)
                try:
                    async with http.get(f"http://127.0.0.1:{port + 1}/api/nodes") as answer:
                        names = {node["name"] for node in (await answer.json())["nodes"]}
                except aiohttp.ClientError:
                    continue
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
        log.close()
        await redis.kill()


async def test_nodes_without_a_shared_store_are_refused(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve", "--nodes=2", "--data-dir", str(tmp_path)),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    assert b"redis://" in told


async def test_nodes_whose_ports_would_meet_are_refused(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve", "--nodes=3", "--port=8080", "--udp-port=8082"),
        *("--store", "redis://127.0.0.1:1/0", "--data-dir", str(tmp_path)),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, told = await asyncio.wait_for(process.communicate(), 60)
    except TimeoutError:
        process.terminate()
        await process.wait()
        raise
    assert process.returncode == 1
    assert b"at least 3 apart" in told
