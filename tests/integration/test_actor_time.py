"""The actor on a real journal over time: graces, timers, restarts, and when those went whose end could not be stored."""

import asyncio
import secrets
from pathlib import Path

import pytest

from rooms.commands.breakouts import OpenBreakouts
from rooms.commands.people import Connect, Disconnect
from rooms.events.breakouts import BreakoutsClosed
from rooms.events.people import ConnectionClosed, ParticipantLeft
from rooms.ids import ConnectionId, ParticipantId
from server.actor import Unavailable, WorkshopActor
from server.continuity import Continuity
from server.departures import Departures
from tests.integration.actor_case import ADA, BO, Node, W, heard_by, say, until, workshop_with


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
