"""What every ledger promises (server/publish/ledger.py); the same tests run on each adapter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms.events import Recorded
from rooms.events.people import HandRaised
from rooms.ids import ParticipantId, WorkshopId
from server.journal.port import CommandKey, Entry, Journal
from server.journal.redis import RedisJournal
from server.journal.sqlite import SqliteJournal
from server.publish.ledger import FORGOTTEN, Lag, Ledger, Position, SinkState
from server.publish.redis_ledger import RedisLedger
from server.publish.sqlite_ledger import SqliteLedger
from tests.contract.journals import STORES

W, OTHER = WorkshopId("w_1"), WorkshopId("w_2")
ADA = ParticipantId("p_ada")
SINK = "sink"


@pytest.fixture(params=sorted(STORES))
async def stored(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Journal, Ledger]]:
    store = STORES[request.param](tmp_path)
    await store.start()
    journal = store.journal()
    await journal.open()
    for workshop_id, count in ((W, 5), (OTHER, 2)):
        events = tuple(
            Recorded(seq=seq, at_ms=1_000 * seq, actor=ADA, command_id="c", event=HandRaised(participant_id=ADA))
            for seq in range(1, count + 1)
        )
        await journal.append(workshop_id, 0, [Entry(command=CommandKey(ADA, "c"), events=events)])
    match journal:
        case SqliteJournal():
            yield journal, SqliteLedger(journal)
        case RedisJournal():
            yield journal, RedisLedger(journal)
    await journal.close()
    await store.stop()


async def test_positions_are_kept_by_sink_and_workshop(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    assert await ledger.position(SINK, W) == Position()
    await ledger.advance(SINK, W, Position(3, 1))
    assert await ledger.position(SINK, W) == Position(3, 1)
    assert await ledger.position("another", W) == await ledger.position(SINK, OTHER) == Position()


async def test_behind_and_lag_count_what_is_not_delivered(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    assert await ledger.behind(SINK) == [W, OTHER]
    assert await ledger.lag(SINK) == Lag(events=7, oldest_at_ms=1_000, dead_letters=0)
    await ledger.advance(SINK, W, Position(3, 1))
    await ledger.advance(SINK, OTHER, Position(2))
    assert await ledger.behind(SINK) == [W]
    assert await ledger.lag(SINK) == Lag(events=2, oldest_at_ms=4_000, dead_letters=0)
    await ledger.advance(SINK, W, Position(5))
    assert await ledger.lag(SINK) == Lag(events=0, oldest_at_ms=None, dead_letters=0)


async def test_rewinding_one_workshop_or_all_begins_anew(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    for sink in (SINK, "another"):
        await ledger.advance(sink, W, Position(5))
        await ledger.advance(sink, OTHER, Position(2))
    await ledger.rewind(SINK, OTHER)
    assert await ledger.behind(SINK) == [OTHER]
    await ledger.rewind(SINK, None)
    assert await ledger.behind(SINK) == [W, OTHER]
    assert await ledger.behind("another") == []


async def test_rewinding_to_a_position_moves_only_what_is_beyond_it(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    await ledger.advance(SINK, W, Position(4, 1))
    await ledger.rewind(SINK, OTHER, Position(1))  # nothing was delivered of it
    await ledger.rewind(SINK, W, Position(4, 2))
    assert await ledger.position(SINK, OTHER) == Position()
    assert await ledger.position(SINK, W) == Position(4, 1)
    await ledger.rewind(SINK, W, Position(4))
    assert await ledger.position(SINK, W) == Position(4)
    await ledger.rewind(SINK, None, Position(2))
    assert await ledger.position(SINK, W) == Position(2)
    assert await ledger.position("another", W) == Position()


async def test_dead_letters_are_listed_in_order_and_forgotten(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    await ledger.advance(SINK, W, Position(2), ((2, 0, "e-2", "no", 1), (2, 1, "e-3", "no", 2)))
    await ledger.advance("another", OTHER, Position(1), ((1, 0, "e-4", "why", 3),))
    first, second = await ledger.dead_letters(SINK)
    assert (first.event_id, first.workshop_id, first.seq, first.part, first.reason, first.at_ms) == (
        *("e-2", W, 2, 0, "no"),
        1,
    )
    assert await ledger.dead_letters(SINK, after=first.ref) == [second]
    assert await ledger.dead_letters(SINK, limit=1) == [first]
    assert (await ledger.lag(SINK)).dead_letters == 2
    await ledger.bury(first.ref)
    await ledger.bury(first.ref)
    assert await ledger.dead_letters(SINK) == [second]
    assert [each.event_id for each in await ledger.dead_letters("another")] == ["e-4"]


async def test_a_sink_s_state_is_kept(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    assert await ledger.state(SINK) == SinkState()
    await ledger.set_state(SINK, SinkState(failing_since_ms=5, disabled="gone"))
    assert await ledger.state(SINK) == SinkState(failing_since_ms=5, disabled="gone")
    assert await ledger.state("another") == SinkState()


async def test_reasons_of_a_workshops_dead_letters_are_forgotten_and_no_others(stored: tuple[Journal, Ledger]) -> None:
    _, ledger = stored
    await ledger.advance(SINK, W, Position(2), ((1, 0, "id1", "says Ann", 7), (2, 0, "id2", "says Bo", 8)))
    await ledger.advance(SINK, OTHER, Position(1), ((1, 0, "id3", "kept", 9),))
    await ledger.forget_reasons(W)
    letters = await ledger.dead_letters(SINK)
    assert [(each.event_id, each.reason) for each in letters] == [
        ("id1", FORGOTTEN),
        ("id2", FORGOTTEN),
        ("id3", "kept"),
    ]
