"""Seconds spoken get into the journal: summed up, before the workshop closes, and kept while the store is away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from rooms.attendance import report_of
from rooms.commands.people import Connect
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop
from rooms.ids import API, ConnectionId, ParticipantId, WorkshopId
from server.actor import Unavailable, WorkshopActor
from server.clock import SystemClock
from server.journal.sqlite import SqliteJournal
from server.speech import SpeechMeter
from server.workshops import Workshops

pytestmark = pytest.mark.asyncio
ANN, BOB, W = ParticipantId("ann"), ParticipantId("bob"), WorkshopId("w")


@pytest_asyncio.fixture
async def workshops(tmp_path: Path) -> AsyncIterator[Workshops]:
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    await journal.open()
    made = Workshops(journal, SystemClock())
    await made.start()
    actor = await made.create(CreateWorkshop(workshop_id=W, title="Test"), "create")
    for who in (ANN, BOB):
        connected = Connect(connection_id=ConnectionId(f"c_{who}"), name=who, role="learner")
        await actor.submit(connected, who, f"connect-{who}")
    yield made
    await made.close()
    await journal.close()


def spoken_ms(actor: WorkshopActor, who: ParticipantId) -> int:
    found = report_of(actor.state, who, actor.now_ms())
    assert found is not None
    return found.spoken_ms


async def test_AT4_what_was_spoken_is_summed_up_in_one_event(workshops: Workshops) -> None:
    meter, actor = SpeechMeter(workshops), await workshops.get(W)
    before = actor.state.seq
    for _ in range(50):
        meter.add(W, ANN, 100)
        meter.add(W, BOB, 20)
    meter.add(W, ParticipantId("nobody"), 1_000)
    meter.add(WorkshopId("unknown"), ANN, 1_000)
    await meter.settle(W)
    await meter.settle(W)
    await meter.settle(WorkshopId("unknown"))
    assert (spoken_ms(actor, ANN), spoken_ms(actor, BOB), actor.state.seq) == (5_000, 1_000, before + 1)


async def test_AT4_every_so_often_and_at_the_end(workshops: Workshops) -> None:
    meter, actor = SpeechMeter(workshops, every_s=0.01), await workshops.get(W)
    await meter.start()
    meter.add(W, ANN, 300)
    async with asyncio.timeout(60):
        while not spoken_ms(actor, ANN):
            await asyncio.sleep(0.005)
    meter.add(W, ANN, 200)
    await meter.close()
    assert spoken_ms(actor, ANN) == 500


async def test_AT4_who_hears_people_is_asked_for_what_they_have_not_told_yet(workshops: Workshops) -> None:
    meter = SpeechMeter(workshops, gather=lambda: meter.add(W, ANN, 300))
    actor = await workshops.get(W)
    await meter.settle(W)
    assert spoken_ms(actor, ANN) == 300
    await meter.close()
    assert spoken_ms(actor, ANN) == 600


async def test_AT4_nothing_is_lost_while_nothing_can_be_stored(
    workshops: Workshops, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, actor = SpeechMeter(workshops), await workshops.get(W)
    meter.add(W, ANN, 300)

    async def away(*_arguments: object) -> None:
        raise Unavailable("store_unavailable", "Not now.")

    with monkeypatch.context() as patched:
        patched.setattr(actor, "submit", away)
        await meter.settle(W)
    meter.add(W, ANN, 300)
    await meter.settle(W)
    assert spoken_ms(actor, ANN) == 600


async def test_AT4_speech_after_the_end_is_dropped(workshops: Workshops) -> None:
    meter, actor = SpeechMeter(workshops), await workshops.get(W)
    await actor.submit(CloseWorkshop(), API, "close")
    seq = actor.state.seq
    meter.add(W, ANN, 300)
    await meter.settle(W)
    assert (actor.state.seq, spoken_ms(actor, ANN)) == (seq, 0)
