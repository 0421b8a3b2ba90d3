"""Leases on a real Redis as one node keeps them: nothing that happens side by side leaves a node believing in what it has given up."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from rooms.ids import WorkshopId
from server.cluster.leases import Leases, Taken
from server.cluster.ownership import Ownership
from server.cluster.registry import NodeInfo, Registry
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from tests.redis_server import RedisServer

W = WorkshopId("w_1")


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.kill()


class LateAnswers(Leases):
    """Redis has taken a lease, and its answer is still on its way."""

    def __init__(self, store: RedisStore, node_id: str, lease_ms: int) -> None:
        super().__init__(store, node_id, lease_ms)
        self.renewals = 0
        self.hold_back = asyncio.Event()
        self.hold_back.set()
        self.asked = asyncio.Event()

    async def take(self, workshop_id: WorkshopId, *, prefer: str = "", new: bool = False) -> Taken:
        taken = await super().take(workshop_id, prefer=prefer, new=new)
        if not self.hold_back.is_set():
            self.asked.set()
        await self.hold_back.wait()
        return taken

    async def renew(self, held: Sequence[tuple[WorkshopId, int]]) -> list[WorkshopId]:
        self.renewals += 1
        return await super().renew(held)


def owner(journal: RedisJournal, name: str, lease_ms: int = 60_000) -> tuple[Ownership, LateAnswers]:
    me = NodeInfo(name=name, node_id=f"{name}#1", url=f"http://{name}", internal_url=f"http://{name}")
    leases = LateAnswers(journal.store, me.node_id, lease_ms)
    registry = Registry(journal.store, lambda: me, 60_000)
    return Ownership(journal, leases, registry, name, lease_ms), leases


@pytest.fixture
async def journal(redis: RedisServer) -> AsyncIterator[RedisJournal]:
    journal = RedisJournal(RedisStore(redis.url))
    await journal.open()
    yield journal
    await journal.close()


async def test_a_lease_that_is_given_up_while_it_is_asked_for_again_is_not_believed_in(journal: RedisJournal) -> None:
    ours, leases = owner(journal, "n1")
    theirs, _ = owner(journal, "n2")
    await ours._take(W, new=True)
    await journal.store.redis.hset(journal.store.of(W, "head"), "seq", "1")  # type: ignore[misc]
    leases.hold_back.clear()
    asking = asyncio.create_task(ours._take(W))  # as the publisher may, at any time
    await leases.asked.wait()
    releasing = asyncio.create_task(ours.release(W, "n2"))
    for _ in range(100):
        await asyncio.sleep(0.001)  # in which the release would reach Redis, if nothing held it
    leases.hold_back.set()
    await asking
    await releasing
    assert not ours.holds(W)
    assert ours.held == []
    await theirs._take(W)
    assert theirs.holds(W)


async def test_while_redis_is_away_leases_are_tried_often_and_hold_when_it_is_back(
    redis: RedisServer, journal: RedisJournal
) -> None:
    """When it is back every lease has run out; the owner asks before anybody else is asked for the workshop."""
    lease_ms = 4_500
    ours, leases = owner(journal, "n1", lease_ms)
    await ours._take(W, new=True)
    await journal.store.redis.hset(journal.store.of(W, "head"), "seq", "1")  # type: ignore[misc]
    await ours.start()
    await redis.kill()
    began_s = time.monotonic()
    async with asyncio.timeout(60):
        while leases.renewals < 6:
            await asyncio.sleep(0.01)
        assert (
            time.monotonic() - began_s < 5 * lease_ms / 3000
        )  # as long as five would take that are as far apart as usual
        while ours.holds(W):
            await asyncio.sleep(0.01)
        await redis.start()
        while not ours.holds(W):
            await asyncio.sleep(0.01)
    await ours.close()
