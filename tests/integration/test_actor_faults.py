"""The actor on a real journal when something fails: the store, the core, a listener. What it costs, and whom."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from rooms import codec, people
from rooms import workshop as core
from rooms.commands.breakouts import OpenBreakouts, PrepareRotation
from rooms.commands.people import RaiseHand
from rooms.commands.workshop import Tick
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.events.people import HandRaised
from server.actor import Ack, ActorLimits, Unavailable
from server.replaying import replay
from tests.integration.actor_case import ADA, BO, OTHER, Node, W, heard_by, say, until, workshop_with


async def test_when_nothing_can_be_stored_commands_are_refused_retryably_and_later_work(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        heard, before = heard_by(actor), actor.state.seq
        async with node.store.away():
            results = await asyncio.gather(
                *(actor.submit(say(f"{n}"), ADA, f"c{n}") for n in range(20)),
                actor.submit(RaiseHand(), BO, "nobody"),
                return_exceptions=True,
            )
        assert {(each.code, each.retryable) for each in results if isinstance(each, Unavailable)} == {
            ("store_unavailable", True)
        }
        assert all(isinstance(each, Unavailable) for each in results[:20])
        assert heard == []
        assert actor._draft == actor.state
        acks = await asyncio.gather(*(actor.submit(say(f"{n}"), ADA, f"c{n}") for n in range(20)))
        assert [ack.seq for ack in acks] == list(range(before + 1, before + 21))
        assert [each.seq for each in heard] == [ack.seq for ack in acks]
        assert await replay(actor._journal, actor.workshop_id) == actor.state == actor._draft


async def test_a_bug_in_the_core_costs_the_command_that_ran_into_it_and_nobody_else(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        other = await workshop_with(workshops, ADA, workshop_id=OTHER)
        heard = heard_by(actor)

        def broken(state: Any, event: HandRaised, recorded: Recorded) -> None:
            people.evolve_hand_raised(state, event, recorded)
            raise ZeroDivisionError("a bug")

        monkeypatch.setitem(core.EVOLVERS, HandRaised, broken)
        results = await asyncio.gather(
            actor.submit(say("before"), ADA, "c1"),
            actor.submit(RaiseHand(), BO, "c2"),
            actor.submit(say("after"), BO, "c3"),
            other.submit(say("elsewhere"), ADA, "c4"),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [Ack, Unavailable, Ack, Ack]
        assert isinstance(results[1], Unavailable)
        assert (results[1].code, results[1].retryable) == ("internal", False)
        assert [each.command_id for each in heard] == ["c1", "c3"]
        assert actor.state.participants[BO].hand_raised_seq is None
        monkeypatch.undo()
        await actor.submit(RaiseHand(), BO, "c2")
        assert await replay(actor._journal, actor.workshop_id) == actor.state == actor._draft


async def test_an_event_that_cannot_be_encoded_costs_its_command_only(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        real = codec.encode

        def broken(event: Any) -> dict[str, Any]:
            if isinstance(event, HandRaised):
                raise TypeError("a bug")
            return real(event)

        monkeypatch.setattr(codec, "encode", broken)
        results = await asyncio.gather(
            actor.submit(say("before"), ADA, "c1"),
            actor.submit(RaiseHand(), BO, "c2"),
            actor.submit(say("after"), BO, "c3"),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [Ack, Unavailable, Ack]
        assert await replay(actor._journal, actor.workshop_id) == actor.state == actor._draft


async def test_when_the_log_cannot_be_replayed_the_actor_closes_and_the_others_go_on(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        other = await workshop_with(workshops, ADA, workshop_id=OTHER)
        await actor.submit(RaiseHand(), BO, "c1")

        def broken(state: Any, event: HandRaised, recorded: Recorded) -> None:
            raise ZeroDivisionError("a bug")

        with monkeypatch.context() as patch:
            patch.setitem(core.EVOLVERS, HandRaised, broken)
            with pytest.raises(Unavailable) as refusal:
                await actor.submit(RaiseHand(), ADA, "c2")
            assert refusal.value.code == "internal"
            await actor.wait_closed()
            with pytest.raises(Unavailable):
                await actor.submit(say("too late"), ADA, "c3")
            await other.submit(say("elsewhere"), ADA, "c4")
        again = await workshops.get(W)
        assert again is not actor
        await again.submit(RaiseHand(), ADA, "c2")


async def test_a_listener_with_a_bug_does_not_harm_the_workshop(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)

        def broken(_events: Sequence[Recorded]) -> None:
            raise ZeroDivisionError("a bug")

        actor.subscribe(broken)
        heard = heard_by(actor)
        await actor.submit(say("hello"), ADA, "c")
        assert len(heard) == 1


async def test_a_tick_that_cannot_be_carried_out_is_tried_again_but_does_not_spin(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running(ActorLimits(retry_ms=50)) as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        tries = 0

        def broken(*_: Any) -> Any:
            nonlocal tries
            tries += 1
            raise ZeroDivisionError("a bug")

        with monkeypatch.context() as patch:
            patch.setitem(core.DECIDERS, Tick, broken)
            await actor.submit(OpenBreakouts(count=1, duration_ms=1_000), ADA, "open")
            await until(lambda: tries >= 3)
            await actor.submit(say("the workshop goes on"), ADA, "c")
            assert tries < 10
        await until(lambda: actor.state.breakouts is None)


async def test_a_hard_decision_that_is_refused_or_is_a_bug_is_answered_like_any(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        with pytest.raises(Rejected) as refused:
            await actor.submit(PrepareRotation(rounds=99, count=7), ADA, "c1")
        assert refused.value.code == "rounds_out_of_range"
        monkeypatch.setitem(core.DECIDERS, PrepareRotation, lambda *_: 1 / 0)
        with pytest.raises(Unavailable) as failed:
            await actor.submit(PrepareRotation(rounds=2, count=7), ADA, "c2")
        assert failed.value.code == "internal"
        await actor.submit(say("still here"), ADA, "c3")
