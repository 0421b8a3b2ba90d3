"""The actor on a real journal: batches, repeated commands, failures, timers, restarts."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rooms import codec, people
from rooms import workshop as core
from rooms.commands.breakouts import OpenBreakouts, PrepareRotation
from rooms.commands.chat import PostMessage
from rooms.commands.people import Connect, Disconnect, Leave, LowerHand, RaiseHand
from rooms.commands.workshop import CreateWorkshop, Tick
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.events.breakouts import BreakoutsClosed
from rooms.events.people import ConnectionClosed, HandRaised, ParticipantLeft
from rooms.ids import ConnectionId, ParticipantId, WorkshopId
from server.actor import Ack, ActorLimits, Unavailable, WorkshopActor
from server.clock import SystemClock
from server.continuity import Continuity
from server.departures import Departures
from server.replaying import replay
from server.workshops import Workshops
from tests.contract.journals import SqliteStore

W, OTHER = WorkshopId("w_1"), WorkshopId("w_2")
ADA, BO = ParticipantId("p_ada"), ParticipantId("p_bo")


class ShiftedClock(SystemClock):
    """The machine's clocks, which a test can put forward."""

    ahead_ms = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.ahead_ms

    def monotonic_ms(self) -> int:
        return super().monotonic_ms() + self.ahead_ms


@dataclass
class Node:
    """A node's journal and workshops, as the server composes them, on a store that outlives it."""

    store: SqliteStore
    clock: ShiftedClock = field(default_factory=ShiftedClock)

    @asynccontextmanager
    async def running(self, limits: ActorLimits | None = None, **options: Any) -> AsyncIterator[Workshops]:
        journal = self.store.journal()
        await journal.open()
        workshops = Workshops(journal, self.clock, limits=limits, **options)
        await workshops.start()
        try:
            yield workshops
        finally:
            await workshops.close()
            await journal.close()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(SqliteStore(tmp_path))


async def workshop_with(workshops: Workshops, *people: ParticipantId, workshop_id: WorkshopId = W) -> WorkshopActor:
    create = CreateWorkshop(workshop_id=workshop_id, title="Title", grace_ms=1_000)
    actor = await workshops.create(create, "create")
    for who in people:
        role = "facilitator" if who == ADA else "learner"
        await actor.submit(Connect(connection_id=ConnectionId("n_" + who), name=who, role=role), who, f"connect-{who}")
    return actor


def heard_by(actor: WorkshopActor) -> list[Recorded]:
    heard: list[Recorded] = []
    actor.subscribe(heard.extend)
    return heard


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


def say(text: str) -> PostMessage:
    return PostMessage(channel="everyone", text=text)


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


async def test_people_who_do_not_come_back_leave_when_their_grace_ends(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
    async with node.running() as workshops:
        actor = await workshops.get(W)
        heard = heard_by(actor)
        await actor.submit(Connect(connection_id=ConnectionId("n2"), name="Ada", role="facilitator"), ADA, "again")
        await until(lambda: any(isinstance(each.event, ParticipantLeft) for each in heard))
        dropped = [each for each in heard if isinstance(each.event, ConnectionClosed)]
        left = [each for each in heard if isinstance(each.event, ParticipantLeft)]
        assert {each.event.participant_id for each in dropped} == {ADA, BO}
        assert [(each.event.participant_id, each.event.reason) for each in left] == [(BO, "lost")]
        assert 1_000 <= left[0].at_ms - dropped[0].at_ms < 1_500


async def test_a_timer_is_where_it_was_after_a_restart(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        await actor.submit(OpenBreakouts(count=1, duration_ms=2_000), ADA, "open")
        assert actor.state.breakouts is not None
        ends_at_ms = actor.state.breakouts.ends_at_ms
    await asyncio.sleep(0.3)
    async with node.running() as workshops:
        actor = await workshops.get(W)
        heard = heard_by(actor)
        assert actor.state.breakouts is not None
        assert actor.state.breakouts.ends_at_ms == ends_at_ms
        await until(lambda: any(isinstance(each.event, BreakoutsClosed) for each in heard))
        closed = next(each for each in heard if isinstance(each.event, BreakoutsClosed))
        assert ends_at_ms is not None
        assert 0 <= closed.at_ms - ends_at_ms < 500


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


async def test_before_anything_else_the_connections_of_a_process_that_died_end_when_it_died(
    node: Node, tmp_path: Path
) -> None:
    """Bo's grace is over by the time the server is there again; that must not count Ada as present until then."""
    folder = tmp_path
    first = Continuity(node.clock, folder, boot="boot")
    await first.start()
    async with node.running(continuity=first) as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        await actor.submit(Disconnect(connection_id=ConnectionId("n_" + BO)), BO, "gone")
        first._beat()
        died_ms = actor.now_ms()
        actor.abandon()  # what a dead process does: nothing more
    await first.close()
    node.clock.ahead_ms += 60_000
    second = Continuity(node.clock, folder, boot="boot")
    await second.start()
    async with node.running(continuity=second) as workshops:
        actor = await workshops.get(W)
        heard = heard_by(actor)
        await until(lambda: actor.state.participants[ADA].left and actor.state.participants[BO].left)
        closed = [each.event for each in heard if isinstance(each.event, ConnectionClosed)]
        assert [each.participant_id for each in closed] == [ADA]
        assert closed[0].lost_at_ms is not None
        assert abs(closed[0].lost_at_ms - died_ms) < 5_000  # and not a minute later
    await second.close()


async def test_connections_of_the_process_before_end_as_soon_as_that_can_be_stored(node: Node) -> None:
    async with node.running() as workshops:
        await workshop_with(workshops, ADA, BO)
    journal = node.store.journal()
    await journal.open()
    actor = WorkshopActor(W, journal, node.clock, secrets.token_bytes)
    await actor.start()
    async with node.store.away():
        with pytest.raises(Unavailable):
            await actor.submit(say("lost"), ADA, "say")
        assert actor.state.participants[BO].connections
    await actor.submit(Connect(connection_id=ConnectionId("new"), name="Ada", role="facilitator"), ADA, "back")
    assert actor.state.participants[ADA].connections == {"new"}
    assert not actor.state.participants[BO].connections
    await actor.stop()
    await journal.close()


async def test_who_goes_while_nothing_can_be_stored_went_when_they_went(node: Node) -> None:
    noted: list[ConnectionId] = []
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        heard = heard_by(actor)
        departures = Departures(lambda connection_id, _ago_ms: noted.append(connection_id))
        went: dict[ParticipantId, int] = {}
        async with node.store.away():
            for who in (BO, ADA):
                went[who] = actor.now_ms()
                departures.note(actor, who, ConnectionId("n_" + who))
                await asyncio.sleep(0.05)
                node.clock.ahead_ms += 1_000
            departures.note(actor, BO, ConnectionId("refused"), was_here=False)
            await until(lambda: len(noted) == 2)
            node.clock.ahead_ms += 10_000
        await departures.settled(30)
        closed = [each.event for each in heard if isinstance(each.event, ConnectionClosed)]
        assert [(each.participant_id, each.lost_at_ms is not None) for each in closed] == [(BO, True), (ADA, True)]
        assert all(abs((each.lost_at_ms or 0) - went[each.participant_id]) < 500 for each in closed)
        assert noted == ["n_" + BO, "n_" + ADA]
