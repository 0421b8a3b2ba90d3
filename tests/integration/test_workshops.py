"""Loading, creating, and letting go of workshops."""

import asyncio
from pathlib import Path

import pytest

from rooms.commands.chat import PostMessage
from rooms.commands.people import Leave
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.workshop import CreateWorkshop
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.ids import API, WorkshopId
from rooms.messages import ERASED
from server.actor import Unavailable
from server.journal.port import READ_LIMIT
from server.replaying import replay
from server.workshops import IDLE_MS, UnknownWorkshop, Workshops
from tests.contract.journals import SqliteStore
from tests.integration.actor_case import ADA, BO, OTHER, Node, W, until, workshop_with


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(SqliteStore(tmp_path))


async def sweep_over(node: Node, workshops: Workshops, ms: int) -> None:
    await workshops.sweep()
    node.clock.ahead_ms += ms
    await workshops.sweep()


async def test_nothing_is_loaded_until_asked_for_and_then_once(node: Node) -> None:
    async with node.running() as workshops:
        await workshop_with(workshops, ADA)
        await workshop_with(workshops, ADA, workshop_id=OTHER)
    async with node.running() as workshops:
        assert workshops.loaded == []
        first, second = await asyncio.gather(workshops.get(W), workshops.get(W))
        assert first is second is await workshops.get(W)
        assert [each.workshop_id for each in workshops.loaded] == [W]
        assert list(first.state.participants) == [ADA]


async def test_an_unknown_workshop_is_refused_and_leaves_nothing_behind(node: Node) -> None:
    async with node.running() as workshops:
        for _ in range(3):
            with pytest.raises(UnknownWorkshop):
                await workshops.get(WorkshopId("w_unknown"))
        assert workshops._slots == {}


async def test_an_id_is_given_once_but_a_repeated_creation_gets_the_first_workshop(node: Node) -> None:
    create = CreateWorkshop(workshop_id=W, title="Title")
    async with node.running() as workshops:
        first = await workshops.create(create, "c1")
        assert await workshops.create(create, "c1") is first
        with pytest.raises(Rejected) as rejection:
            await workshops.create(create, "c2")
        assert rejection.value.code == "workshop_exists"
    async with node.running() as workshops:
        await workshops.create(create, "c1")
        assert (await workshops.get(W)).state.seq == 1


async def test_a_refused_creation_leaves_no_workshop(node: Node) -> None:
    async with node.running() as workshops:
        with pytest.raises(Rejected):
            await workshops.create(CreateWorkshop(workshop_id=W, title="  "), "c1")
        with pytest.raises(UnknownWorkshop):
            await workshops.get(W)
        async with node.store.away():
            with pytest.raises(Unavailable) as refusal:
                await workshops.create(CreateWorkshop(workshop_id=W, title="Title"), "c2")
            assert refusal.value.retryable
        await workshops.create(CreateWorkshop(workshop_id=W, title="Title"), "c2")


async def test_an_idle_workshop_is_let_go_and_comes_back_as_it_was(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        await sweep_over(node, workshops, IDLE_MS)
        assert workshops.loaded == [actor]  # somebody is connected
        await actor.submit(PostMessage(channel="everyone", text="hello"), ADA, "c1")
        await actor.submit(Leave(), ADA, "c2")
        told: list[str] = []
        actor.subscribe(lambda _: None, lambda: told.append("closed"))
        await sweep_over(node, workshops, IDLE_MS - 1_000)
        assert workshops.loaded == [actor]
        await sweep_over(node, workshops, 1_000)
        assert workshops.loaded == []
        assert told == ["closed"]
        assert workshops._slots == {}
        again = await workshops.get(W)
        assert again is not actor
        assert again.state == actor.state


async def test_a_workshop_with_a_timer_running_is_kept_until_it_has_run_out(node: Node) -> None:
    async with node.running() as workshops:
        await workshop_with(workshops, ADA, BO)
    async with node.running() as workshops:
        actor = await workshops.get(W)  # both have lost their connections: their grace runs
        await until(lambda: actor.state.lost != {})
        await workshops.sweep()
        assert not actor.idle
        await until(lambda: actor.state.lost == {})
        await sweep_over(node, workshops, IDLE_MS)
        assert workshops.loaded == []


async def test_a_closing_node_loads_nothing_more(node: Node) -> None:
    async with node.running() as workshops:
        await workshop_with(workshops, ADA)
    with pytest.raises(Unavailable) as refusal:
        await workshops.get(W)
    assert refusal.value.retryable


async def test_what_was_read_ahead_is_continued_but_not_past_an_erasure(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        journal = workshops._journal
        known, old = await replay(journal, W), await replay(journal, W)
        await actor.submit(PostMessage(channel="everyone", text="after"), ADA, "m1")
        assert await replay(journal, W, known) == actor.state
        await actor.submit(ErasePersonalData(participant_id=ADA), API, "erase")
        continued = await replay(journal, W, old)
        assert continued == actor.state
        assert continued.participants[ADA].name == ERASED


async def test_a_workshop_that_was_read_ahead_is_loaded_by_reading_what_came_since(node: Node) -> None:
    async with node.running() as workshops:
        actor, heir = await workshop_with(workshops, ADA), Workshops(workshops._journal, node.clock)
        await heir.warm(W)
        read_ahead = actor.state.seq
        await actor.submit(PostMessage(channel="everyone", text="after"), ADA, "m1")
        await workshops.hand_over(W, "heir")
        read_after: list[int] = []
        read = heir._journal.read

        async def noted(workshop_id: WorkshopId, after_seq: int, limit: int = READ_LIMIT) -> list[Recorded]:
            read_after.append(after_seq)
            return await read(workshop_id, after_seq, limit)

        heir._journal.read = noted  # type: ignore[method-assign]
        taken = await heir.get(W)
        assert read_after == [0, read_ahead]  # whether it is there at all, and the rest
        assert len(taken.state.messages) == 1
        assert heir._warm == {}
        await heir.close()
