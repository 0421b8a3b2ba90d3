"""The actor on a real journal: batches, repeated commands, order, the inbox, the end."""

import asyncio
import secrets
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from rooms import workshop as core
from rooms.commands.breakouts import PrepareRotation
from rooms.commands.people import Connect, Leave, LowerHand, RaiseHand
from rooms.errors import Rejected
from rooms.ids import ConnectionId, ParticipantId, WorkshopId
from server.actor import Ack, ActorLimits, Unavailable
from tests.integration.actor_case import ADA, BO, OTHER, Node, W, heard_by, say, workshop_with


async def test_commands_are_acknowledged_with_the_seq_and_told_to_listeners_in_order(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        heard = heard_by(actor)
        before = actor.state.seq
        acks = await asyncio.gather(*(actor.submit(say(f"{n}"), ADA, f"c{n}") for n in range(50)))
        assert acks == [Ack(before + 1 + n) for n in range(50)]
        assert [each.seq for each in heard] == [ack.seq for ack in acks]
        assert [each.command_id for each in heard] == [f"c{n}" for n in range(50)]


async def test_what_queues_up_is_appended_together(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        sizes: list[int] = []
        real = actor._journal.append

        async def counted(workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Any], *, once: bool) -> None:
            sizes.append(len(entries))
            await real(workshop_id, expected_seq, entries, once=once)

        monkeypatch.setattr(actor._journal, "append", counted)
        await asyncio.gather(*(actor.submit(say(f"{n}"), ADA, f"c{n}") for n in range(600)))
        assert sum(sizes) == 600
        assert len(sizes) <= 5


async def test_the_state_never_shows_what_is_not_durable(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        seq = actor.state.seq
        async with node.store.away():
            waiting = asyncio.ensure_future(actor.submit(RaiseHand(), ADA, "hand"))
            while not waiting.done():
                assert actor.state.seq == seq
                assert actor.state.participants[ADA].hand_raised_seq is None
                await asyncio.sleep(0.005)
            with pytest.raises(Unavailable):
                await waiting


async def test_a_repeated_command_gets_the_first_answer_also_across_a_restart(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        first = await actor.submit(RaiseHand(), BO, "raise")
        nothing = await actor.submit(LowerHand(participant_id=ADA), ADA, "lower")  # it is down: no event
        twice = await asyncio.gather(actor.submit(say("once"), ADA, "say"), actor.submit(say("once"), ADA, "say"))
        assert twice[0] == twice[1]
        await actor.submit(RaiseHand(), ADA, "raise")  # another person's id of the same name is another command
        seq = actor.state.seq
    async with node.running() as workshops:
        actor = await workshops.get(W)
        assert await actor.submit(RaiseHand(), BO, "raise") == first
        assert await actor.submit(LowerHand(participant_id=ADA), ADA, "lower") == nothing
        assert await actor.submit(say("once"), ADA, "say") == twice[0]
        assert actor.state.participants[ADA].hand_raised_seq is not None
        assert actor.state.seq == seq + 2  # the two connections that the restart dropped
        assert len(actor.state.messages) == 1


@pytest.mark.parametrize("careful_s", [0.0, 60.0])
async def test_repeated_commands_among_new_ones_change_nothing_and_the_new_ones_happen(
    node: Node, monkeypatch: pytest.MonkeyPatch, careful_s: float
) -> None:
    monkeypatch.setattr("server.actor.CAREFUL_S", careful_s)
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        hand = await actor.submit(RaiseHand(), BO, "raise")
        said = await actor.submit(say("once"), ADA, "say")
        await actor.submit(Leave(), BO, "leave")
        for batch in range(2):
            seq = actor.state.seq
            answers = await asyncio.gather(
                actor.submit(RaiseHand(), BO, "raise"),  # would be rejected by now
                actor.submit(say("once"), ADA, "say"),
                actor.submit(say("new"), ADA, f"new-{batch}"),
                actor.submit(RaiseHand(), BO, f"rejected-{batch}"),
                actor.submit(say("new"), ADA, f"newer-{batch}"),
                return_exceptions=True,
            )
            assert answers[:3] == [hand, said, Ack(seq + 1)]
            assert isinstance(answers[3], Rejected)
            assert answers[4] == Ack(seq + 2)
            assert actor.state.seq == seq + 2
        assert len(actor.state.messages) == 5
        assert await actor.submit(RaiseHand(), BO, "raise") == hand


async def test_a_rejected_command_changes_nothing_and_is_decided_anew(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        seq = actor.state.seq
        with pytest.raises(Rejected) as rejection:
            await actor.submit(RaiseHand(), BO, "hand")
        assert rejection.value.code == "unknown_participant"
        assert actor.state.seq == seq
        await actor.submit(Connect(connection_id=ConnectionId("n"), name="Bo", role="learner"), BO, "connect")
        assert (await actor.submit(RaiseHand(), BO, "hand")).seq == seq + 3


async def test_a_full_inbox_refuses_retryably_but_takes_the_servers_own_commands(node: Node) -> None:
    async with node.running(ActorLimits(inbox=10, inbox_reserve=5)) as workshops:
        actor = await workshop_with(workshops, ADA)
        waiting = [asyncio.ensure_future(actor.submit(say(f"{n}"), ADA, f"c{n}")) for n in range(30)]
        joins = [
            asyncio.ensure_future(
                actor.submit(Connect(connection_id=ConnectionId(f"n{n}"), name="Bo", role="learner"), BO, f"j{n}")
            )
            for n in range(7)
        ]
        results = await asyncio.gather(*waiting, *joins, return_exceptions=True)
        busy = [each for each in results if isinstance(each, Unavailable)]
        assert {(each.code, each.retryable) for each in busy} == {("busy", True)}
        assert [type(each) for each in results] == [Ack] * 10 + [Unavailable] * 20 + [Ack] * 5 + [Unavailable] * 2
        await actor.submit(say("there is room again"), ADA, "later")


async def test_stopping_finishes_what_was_given_and_refuses_more(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        waiting = [asyncio.ensure_future(actor.submit(say(f"{n}"), ADA, f"c{n}")) for n in range(300)]
        await asyncio.sleep(0)
        await actor.stop()
        assert all(isinstance(each, Ack) for each in await asyncio.gather(*waiting))
        with pytest.raises(Unavailable) as refusal:
            await actor.submit(say("late"), ADA, "late")
        assert (refusal.value.code, refusal.value.retryable) == ("stopping", True)


async def test_ids_are_drawn_anew_for_each_command(node: Node) -> None:
    async with node.running(draw=secrets.token_bytes) as workshops:
        actor = await workshop_with(workshops, ADA)
        await asyncio.gather(*(actor.submit(say("same"), ADA, f"c{n}") for n in range(30)))
        assert len(actor.state.messages) == 30


async def test_a_hard_decision_keeps_the_order_of_its_workshop_and_nobody_elses_waiting(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While groups are looked for, which takes here until another workshop has been answered, that workshop is answered."""
    answered = threading.Event()
    decider = core.DECIDERS[PrepareRotation]

    def held(*given: Any) -> Any:
        assert answered.wait(10), "nobody else was answered meanwhile"
        return decider(*given)

    monkeypatch.setitem(core.DECIDERS, PrepareRotation, held)
    async with node.running() as workshops:
        learners = [ParticipantId(f"l{number}") for number in range(12)]
        actor = await workshop_with(workshops, ADA, *learners)
        other = await workshop_with(workshops, ADA, workshop_id=OTHER)
        rotation = asyncio.ensure_future(actor.submit(PrepareRotation(rounds=3, count=4), ADA, "hard"))
        after = asyncio.ensure_future(actor.submit(say("after"), ADA, "after"))
        await asyncio.sleep(0)
        await other.submit(say("hello"), ADA, "hello")
        answered.set()
        assert (await after).seq == (await rotation).seq + 1
        assert len(actor.state.plans) == 3
