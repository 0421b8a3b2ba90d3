"""A Redis Cluster as the store: what stands on several of its nodes, leases, and what cannot be had with it."""

from pathlib import Path

import pytest

from rooms.events import Recorded
from rooms.events.people import HandRaised
from rooms.ids import ParticipantId, WorkshopId
from server.cluster.leases import Leases
from server.journal.port import CommandKey, Entry, JournalUnavailable
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore, problem_of
from tests.harness import ServerProcess
from tests.redis_cluster import shared
from tests.socket_client import WireClient

ADA = ParticipantId("p_ada")


async def test_workshops_are_spread_over_the_nodes_and_leases_renewed_on_each() -> None:
    cluster = await shared()
    journal = RedisJournal(RedisStore(cluster.url))
    await journal.open()
    mine, other = Leases(journal.store, "n1#1", 60_000), Leases(journal.store, "n2#1", 60_000)
    ids = [WorkshopId(f"w_{number}") for number in range(12)]
    held = []
    for workshop_id in ids:
        taken = await mine.take(workshop_id, new=True)
        assert taken.outcome == "mine"
        journal.hold(workshop_id, taken.epoch)
        held.append((workshop_id, taken.epoch))
        event = Recorded(seq=1, at_ms=1, actor=ADA, command_id="c", event=HandRaised(participant_id=ADA))
        await journal.append(workshop_id, 0, [Entry(command=CommandKey(ADA, "c"), events=(event,))])
    assert all(await cluster.sizes()), "all nodes have something"
    assert [each.workshop_id for each in await journal.workshops()] == ids
    assert (await other.take(ids[3])).outcome == "elsewhere"
    assert await mine.renew(held) == []
    assert await mine.release(*held[5])
    assert (await other.take(ids[5])).outcome == "mine"
    assert await mine.renew(held) == [ids[5]]
    await journal.close()


async def test_a_server_keeps_its_workshops_there(tmp_path: Path) -> None:
    cluster = await shared()
    server = ServerProcess(tmp_path / "n1", ATELIER_STORE=cluster.url, ATELIER_CLUSTER__NODE="n1")
    await server.start()
    try:
        workshop_id = await server.create_workshop("Over three")
        client = await WireClient(server.base_url, await server.token(workshop_id, "learner", "Ada", "p_ada")).connect()
        await client.ok("PostMessage", channel="everyone", text="still there?")
        await client.close()
        await server.kill()
        await server.start()
        client = await WireClient(server.base_url, await server.token(workshop_id, "learner", "Ada", "p_ada")).connect()
        assert [each["text"] for each in client.of_kind("message")] == ["still there?"]
        await client.close()
    finally:
        await server.kill()


async def test_replicas_cannot_be_waited_for() -> None:
    cluster = await shared()
    journal = RedisJournal(RedisStore(cluster.url), wait_replicas=1)
    with pytest.raises(JournalUnavailable, match="min-replicas-to-write"):
        await journal.open()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+cluster://a,b:7000", None),
        ("rediss+cluster://u:p@a:7000/0", None),
        ("redis+cluster://a/1", "database 0"),
        ("redis+cluster://", "needs a host"),
    ],
)
def test_a_cluster_s_url_is_checked(url: str, problem: str | None) -> None:
    told = problem_of(url)
    assert told is None if problem is None else problem in str(told)
