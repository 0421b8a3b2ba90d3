"""Two nodes, one Redis: where a workshop is, what a lost node costs, and that a late owner does no harm."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.harness import API_KEY
from tests.nodes import LEASE_MS, Nodes, nodes
from tests.roaming import Roamer
from tests.socket_client import Refused, WireClient


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Nodes]:
    async with nodes(tmp_path, "n1", "n2") as cluster:
        yield cluster


async def workshop_on(cluster: Nodes, name: str, workshop_id: str) -> None:
    """A workshop that this node owns: made there, and moved there if it was placed elsewhere."""
    node = cluster.all[name]
    await node.create_workshop(workshop_id=workshop_id)
    status, body = await node.api("POST", f"/api/workshops/{workshop_id}/move", {"to": name})
    assert status == 200, body
    async with asyncio.timeout(60):
        while await cluster.owner(workshop_id) != name:
            assert (await node.api("GET", f"/api/workshops/{workshop_id}"))[0] in (200, 503)
            await asyncio.sleep(0.05)


async def test_a_node_that_has_not_the_workshop_tells_sockets_where_it_is_and_passes_http_on(cluster: Nodes) -> None:
    await workshop_on(cluster, "n1", "w")
    n1, n2 = cluster.all["n1"], cluster.all["n2"]
    token = await n2.token("w", "facilitator", "Ann", "ann")  # passed on
    with pytest.raises(Refused) as refused:
        await WireClient(n2.base_url, token).connect()
    assert (refused.value.code, refused.value.url) == ("elsewhere", n1.base_url)
    ann = await WireClient(n1.base_url, token).connect()
    assert [node["name"] for node in (await n2.api("GET", "/api/nodes"))[1]["nodes"]] == ["n1", "n2"]
    assert (await n2.api("GET", "/api/workshops/w"))[1]["present"] == 1
    status, body = await n2.api("GET", "/api/workshops/unknown")
    assert (status, body["code"]) == (404, "workshop_unknown")
    roster = "email,name\n" + "".join(f"p{n}@example.org,{'x' * 200}\n" for n in range(8_000))
    assert len(roster) > 1_500_000  # more than other bodies may have
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "text/csv"}
    url = f"{n2.base_url}/api/workshops/w/roster"
    async with aiohttp.ClientSession() as http, http.put(url, data=io.BytesIO(roster.encode()), headers=headers) as put:
        assert put.status == 200, await put.text()
    by_path = await WireClient(f"{n1.base_url}/n/n1", token).connect()
    assert set(ann.hello["entries"]) == {n1.base_url, n2.base_url}
    await by_path.close()
    await ann.close()


def of_kind(roamer: Roamer, kind: str) -> Any:
    """The only record of that kind; KeyError where there is none yet."""
    found = [record for record in roamer.client.records.values() if record["kind"] == kind] if roamer.client else []
    if not found:
        raise KeyError(kind)
    return found[0]


async def test_clients_hear_of_a_node_that_comes_later_and_keep_one_that_is_held_up(tmp_path: Path) -> None:
    async with nodes(tmp_path, "n1") as cluster:
        n1 = cluster.all["n1"]
        await n1.create_workshop(workshop_id="w")
        ann = await cluster.roamer(n1, "w", "learner", "ann")
        assert ann.client is not None
        assert ann.client.hello["entries"] == [n1.base_url]
        n2 = await cluster.add("n2")
        async with asyncio.timeout(20):
            while ann.client.hello["entries"] != [n2.base_url, n1.base_url]:
                await asyncio.sleep(0.05)
        n2.pause()
        bob = WireClient(n1.base_url, await n1.token("w", "learner", "Bob", "bob"))
        await cluster.until_known(n1, {"n1"})
        await bob.connect()
        assert set(bob.hello["entries"]) == {n1.base_url, n2.base_url}
        await bob.close()
        await cluster.all.pop("n1").kill()
        n2.resume()
        await asyncio.wait_for(ann.command("RaiseHand"), 30)
        assert ann.url == n2.base_url


async def test_after_a_kill_clients_go_on_at_another_node(cluster: Nodes) -> None:
    await workshop_on(cluster, "n1", "w")
    ann = await cluster.roamer(cluster.all["n1"], "w", "facilitator", "ann")
    bob = await cluster.roamer(cluster.all["n2"], "w", "learner", "bob")
    await ann.command("OpenBreakouts", count=1, duration_ms=600_000)
    await bob.command("RaiseHand")
    assert ann.client is not None
    ends_at = (await ann.client.until(lambda records: records["breakouts"]))["ends_at_ms"]
    await ann.command("CreatePoll", question="Which?", options=["A", "B"], duration_ms=500_000, open=True)
    times = {"submit_ms": 400_000, "review_ms": 300_000, "discuss_ms": None}
    settings = {"title": "Drafts", "reviews_each": 1, "blind": "double", "times": times}
    criteria = [{"title": "Clarity", "scale": {"least": 1, "most": 5}, "weight": 1, "comment": "optional"}]
    await ann.command("CreateReviewRound", settings=settings, criteria=criteria)
    round_id = (await ann.client.until(lambda _: of_kind(ann, "review_round")))["round_id"]
    await ann.command("StartReviewRound", round_id=round_id)
    poll_ends_at = await ann.client.until(lambda _: of_kind(ann, "poll")["closes_at_ms"])
    phase_ends_at = await ann.client.until(lambda _: of_kind(ann, "review_round")["ends_at_ms"])
    acked = [await ann.command("PostMessage", channel="everyone", text=f"before {n}") for n in range(5)]
    killed_at = time.monotonic()
    await cluster.all.pop("n1").kill()
    acked += await asyncio.gather(
        ann.command("PostMessage", channel="everyone", text="after"), bob.command("LowerHand", participant_id="bob")
    )
    recovered_s = time.monotonic() - killed_at
    print(f"time to recovery: {recovered_s:.2f} s with leases of {LEASE_MS} ms")
    assert recovered_s < LEASE_MS / 1000 + 5
    assert ann.url == bob.url == cluster.all["n2"].base_url
    await ann.client.until(
        lambda records: [r["text"] for r in records.values() if r["kind"] == "message"].count("after") == 1
    )
    texts = {record["text"] for record in ann.client.records.values() if record["kind"] == "message"}
    assert texts == {*(f"before {n}" for n in range(5)), "after"}
    assert ann.client.records["breakouts"]["ends_at_ms"] == ends_at
    assert of_kind(ann, "poll")["closes_at_ms"] == poll_ends_at
    assert of_kind(ann, "review_round")["ends_at_ms"] == phase_ends_at
    assert len(set(acked)) == len(acked)


async def test_a_paused_owner_appends_nothing_and_closes_its_sockets(cluster: Nodes) -> None:
    await workshop_on(cluster, "n1", "w")
    n1, n2 = cluster.all["n1"], cluster.all["n2"]
    token = await n1.token("w", "facilitator", "Ann", "ann")
    old = await WireClient(n1.base_url, token).connect()
    await old.ok("PostMessage", channel="everyone", text="before")
    n1.pause()
    late = asyncio.create_task(old.command("PostMessage", channel="everyone", text="late"))
    async with asyncio.timeout(30):  # not the two minutes that a slow answer may take
        status, body = await n2.api("GET", "/api/workshops/w")
    assert (status, body.get("code")) in ((503, "node_unreachable"), (200, None)), body
    async with asyncio.timeout(60):
        while True:
            try:
                new = await WireClient(n2.base_url, token).connect()
                break
            except Refused as refused:
                assert refused.code in ("elsewhere", "stopping"), refused
                await asyncio.sleep(0.1)
    await new.ok("PostMessage", channel="everyone", text="meanwhile")
    assert await cluster.owner("w") == "n2"
    n1.resume()
    ack = await late
    assert not ack["ok"]
    assert ack["retryable"], ack
    async with asyncio.timeout(60):
        await old.disconnected.wait()
    assert [each["code"] for each in old.goodbyes] == ["server_stopping"]
    await new.ok("PostMessage", channel="everyone", text="after")
    texts = [record["text"] for record in new.records.values() if record["kind"] == "message"]
    assert "late" not in texts
    assert (await n1.api("GET", "/api/workshops/w"))[0] == 200  # passed on to the other
    with pytest.raises(Refused, match="elsewhere"):
        await WireClient(n1.base_url, token).connect()
    for name, node in cluster.all.items():
        assert "Traceback" not in node.log.read_text(), name
    await new.close()
    await old.close()


async def test_while_redis_is_away_nothing_is_acknowledged_and_then_everything_resumes(cluster: Nodes) -> None:
    await workshop_on(cluster, "n1", "w")
    n1, n2 = cluster.all["n1"], cluster.all["n2"]
    token = await n1.token("w", "facilitator", "Ann", "ann")
    ann = await WireClient(n1.base_url, token).connect()
    await ann.ok("PostMessage", channel="everyone", text="before")
    await cluster.redis.kill()
    await asyncio.sleep(2 * LEASE_MS / 1000)  # every lease would have run out
    ack = await ann.command("PostMessage", channel="everyone", text="during", command_id="during")
    assert (ack["ok"], ack["code"], ack["retryable"]) == (False, "store_unavailable", True)
    with pytest.raises(Refused, match="store_unavailable"):
        await WireClient(n2.base_url, token).connect()
    await cluster.redis.start()
    async with asyncio.timeout(60):
        while not (ack := await ann.command("PostMessage", channel="everyone", text="during", command_id="during"))[
            "ok"
        ]:
            assert ack["retryable"], ack
            await asyncio.sleep(0.1)
    assert not ann.goodbyes  # on the connection that was there all the time
    await ann.until(lambda _: [record["text"] for record in ann.of_kind("message")] == ["before", "during"])
    assert await cluster.owner("w") == "n1"
    for name, node in cluster.all.items():
        assert "Traceback" not in node.log.read_text(), name
    await ann.close()
