"""What every journal promises (server/journal/port.py); the same tests run on each adapter."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms.events import Event, Recorded
from rooms.events.chat import MessagePosted
from rooms.events.people import HandRaised, ParticipantJoined
from rooms.ids import PLENARY, SYSTEM, MessageId, ParticipantId, WorkshopId
from rooms.messages import ERASED
from server.journal.port import (
    CommandKey,
    Entry,
    Journal,
    JournalUnavailable,
    Repeated,
    StoredWorkshop,
    WorkshopDeleted,
    WrongSeq,
)
from tests.contract.journals import STORES, Store

W, OTHER = WorkshopId("w_1"), WorkshopId("w_2")
ADA, BO = ParticipantId("p_ada"), ParticipantId("p_bo")


@pytest.fixture(params=sorted(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    store: Store = STORES[request.param](tmp_path)
    await store.start()
    yield store
    await store.stop()


@pytest.fixture
async def journal(store: Store) -> AsyncIterator[Journal]:
    journal = store.journal()
    await journal.open()
    yield journal
    await journal.close()


def entry(after_seq: int, *events: Event, actor: ParticipantId = ADA, command_id: str | None = None) -> Entry:
    command_id = command_id or f"c{after_seq}"
    return Entry(
        command=CommandKey(actor, command_id),
        events=tuple(
            Recorded(seq=seq, at_ms=1_000 + seq, actor=actor, command_id=command_id, event=event)
            for seq, event in enumerate(events, start=after_seq + 1)
        ),
    )


def hand(who: ParticipantId = ADA) -> HandRaised:
    return HandRaised(participant_id=who)


def said(text: str, who: ParticipantId = ADA) -> MessagePosted:
    return MessagePosted(message_id=MessageId("m_1"), author_id=who, channel="everyone", text=text, length=len(text))


def joined(name: str, who: ParticipantId = ADA) -> ParticipantJoined:
    return ParticipantJoined(participant_id=who, name=name, role="learner", room_id=PLENARY)


async def test_what_was_appended_is_read_back_equal_and_in_order(journal: Journal) -> None:
    first, second = entry(0, joined("Ada"), hand()), entry(2, said("Grüße, 皆さん 👋"))
    await journal.append(W, 0, [first])
    await journal.append(W, 2, [second])
    assert await journal.read(W, 0) == [*first.events, *second.events]


async def test_it_is_there_after_reopening(store: Store) -> None:
    journal = store.journal()
    await journal.open()
    await journal.append(W, 0, [entry(0, joined("Ada"), hand(), command_id="c")])
    await journal.close()
    again = store.journal()
    await again.open()
    try:
        assert await again.read(W, 0) == list(entry(0, joined("Ada"), hand(), command_id="c").events)
        assert await again.answers(W, [CommandKey(ADA, "c")]) == {CommandKey(ADA, "c"): 2}
        await again.append(W, 2, [entry(2, hand())])
    finally:
        await again.close()


async def test_reading_starts_after_a_seq_and_stops_at_the_limit(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, *[hand()] * 7)])
    assert [each.seq for each in await journal.read(W, 2, 3)] == [3, 4, 5]
    assert [each.seq for each in await journal.read(W, 5, 3)] == [6, 7]
    assert await journal.read(W, 7, 3) == []
    assert await journal.read(WorkshopId("w_unknown"), 0) == []


@pytest.mark.parametrize("expected", [0, 1, 3])
async def test_an_append_anywhere_but_at_the_end_is_refused_whole(journal: Journal, expected: int) -> None:
    await journal.append(W, 0, [entry(0, hand(), hand())])
    with pytest.raises(WrongSeq) as refusal:
        await journal.append(W, expected, [entry(expected, joined("Ada"), command_id="late")])
    assert (refusal.value.expected, refusal.value.actual) == (expected, 2)
    assert [each.seq for each in await journal.read(W, 0)] == [1, 2]
    assert await journal.answers(W, [CommandKey(ADA, "late")]) == {}
    await journal.append(W, 2, [entry(2, hand())])


@pytest.mark.parametrize("seqs", [[2], [1, 3], [1, 1], [2, 1]])
async def test_numbers_that_do_not_follow_each_other_are_refused(journal: Journal, seqs: list[int]) -> None:
    events = tuple(Recorded(seq=seq, at_ms=1, actor=ADA, command_id="c", event=hand()) for seq in seqs)
    with pytest.raises(ValueError, match="follow"):
        await journal.append(W, 0, [Entry(command=CommandKey(ADA, "c"), events=events)])
    assert await journal.read(W, 0) == []


async def test_of_two_writers_at_the_same_seq_one_wins(journal: Journal) -> None:
    results = await asyncio.gather(
        *(journal.append(W, 0, [entry(0, hand(), command_id=f"c{i}")]) for i in range(5)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in results) == ["NoneType", *["WrongSeq"] * 4]
    assert len(await journal.read(W, 0)) == 1


async def test_one_refused_append_does_not_disturb_others_that_commit_with_it(journal: Journal) -> None:
    workshops = [WorkshopId(f"w_{i}") for i in range(20)]
    appends = [journal.append(w, 0, [entry(0, joined(f"Ada of {w}"))]) for w in workshops]
    wrong = [journal.append(w, 9, [entry(9, joined("nobody"))]) for w in workshops]
    results = await asyncio.gather(
        *(each for pair in zip(wrong, appends, strict=True) for each in pair), return_exceptions=True
    )
    assert all(isinstance(each, WrongSeq) for each in results[::2])
    assert results[1::2] == [None] * 20
    for w in workshops:
        assert [each.event for each in await journal.read(w, 0)] == [joined(f"Ada of {w}")]


async def test_answers_are_remembered_by_person_and_id_with_or_without_events(journal: Journal) -> None:
    await journal.append(
        W,
        0,
        [
            entry(0, hand(), hand(), command_id="x"),
            entry(2, command_id="nothing"),
            entry(2, hand(BO), actor=BO, command_id="x"),
        ],
    )
    asked = [CommandKey(ADA, "x"), CommandKey(ADA, "nothing"), CommandKey(BO, "x"), CommandKey(BO, "nothing")]
    assert await journal.answers(W, asked) == {asked[0]: 2, asked[1]: 2, asked[2]: 3}
    assert await journal.answers(OTHER, asked) == {}
    assert await journal.answers(W, []) == {}


async def test_a_command_without_events_is_durable_too_and_moves_nothing(store: Store) -> None:
    journal = store.journal()
    await journal.open()
    await journal.append(W, 0, [entry(0, hand())])
    await journal.append(W, 1, [entry(1, command_id="nothing")])
    await journal.close()
    await journal.open()
    try:
        assert await journal.answers(W, [CommandKey(ADA, "nothing")]) == {CommandKey(ADA, "nothing"): 1}
        await journal.append(W, 1, [entry(1, hand())])
    finally:
        await journal.close()


async def test_the_first_answer_stays(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, hand(), command_id="c")])
    await journal.append(W, 1, [entry(1, hand(), command_id="c")])
    assert await journal.answers(W, [CommandKey(ADA, "c")]) == {CommandKey(ADA, "c"): 1}


async def test_what_is_to_be_appended_once_is_refused_whole_when_a_command_in_it_was_answered(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, hand(), command_id="c"), entry(1, command_id="nothing")], once=True)
    for repeated in ("c", "nothing"):
        batch = [entry(1, hand(), command_id="new"), entry(2, joined("Ada"), command_id=repeated)]
        with pytest.raises(Repeated):
            await journal.append(W, 1, batch, once=True)
    assert [each.seq for each in await journal.read(W, 0)] == [1]
    assert await journal.answers(W, [CommandKey(ADA, "new")]) == {}
    await journal.append(W, 1, [entry(1, hand(), command_id="new")], once=True)
    await journal.append(OTHER, 0, [entry(0, hand(), command_id="c")], once=True)  # each workshop for itself
    assert await journal.answers(OTHER, [CommandKey(ADA, "c")]) == {CommandKey(ADA, "c"): 1}


async def test_workshops_are_listed_in_the_order_they_began(journal: Journal) -> None:
    assert await journal.workshops() == []
    await journal.append(OTHER, 0, [entry(0, hand())])
    await journal.append(W, 0, [entry(0, hand(), hand())])
    await journal.append(OTHER, 1, [entry(1, hand())])
    assert await journal.workshops() == [
        StoredWorkshop(workshop_id=OTHER, last_seq=2, last_at_ms=1_002),
        StoredWorkshop(workshop_id=W, last_seq=2, last_at_ms=1_002),
    ]


async def test_while_the_store_is_away_nothing_is_half_written_and_then_work_goes_on(
    store: Store, journal: Journal
) -> None:
    await journal.append(W, 0, [entry(0, joined("Ada"))])
    async with store.away():
        with pytest.raises(JournalUnavailable):
            await journal.append(W, 1, [entry(1, joined("Bo", BO), said("hello"), command_id="lost")])
        with pytest.raises(JournalUnavailable):
            await journal.append(OTHER, 0, [entry(0, hand())])
    assert [each.seq for each in await journal.read(W, 0)] == [1]
    assert await journal.answers(W, [CommandKey(ADA, "lost")]) == {}
    await journal.append(W, 1, [entry(1, joined("Bo", BO), said("hello"), command_id="lost")])
    assert [each.event for each in await journal.read(W, 1)] == [joined("Bo", BO), said("hello")]


async def test_after_closing_nothing_is_taken(store: Store) -> None:
    journal = store.journal()
    with pytest.raises(JournalUnavailable):
        await journal.read(W, 0)
    await journal.open()
    await journal.close()
    for call in (
        lambda: journal.append(W, 0, [entry(0, hand())]),
        lambda: journal.read(W, 0),
        lambda: journal.answers(W, []),
        journal.workshops,
        lambda: journal.erase_person(W, ADA),
    ):
        with pytest.raises(JournalUnavailable):
            await call()


async def test_a_cancelled_append_does_not_disturb_the_next(journal: Journal) -> None:
    task = asyncio.create_task(journal.append(W, 0, [entry(0, hand())]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await journal.append(OTHER, 0, [entry(0, hand())])
    assert len(await journal.read(OTHER, 0)) == 1
    assert len(await journal.read(W, 0)) in (0, 1)


async def test_erasing_a_person_takes_their_text_and_leaves_the_events(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, joined("Ada"), joined("Bo", BO), said("from Ada"), said("from Bo", BO))])
    await journal.append(OTHER, 0, [entry(0, joined("Ada elsewhere"))])
    assert await journal.erase_person(W, ADA) is True
    expected = [joined(ERASED), joined("Bo", BO), said(ERASED), said("from Bo", BO)]
    assert [each.event for each in await journal.read(W, 0)] == expected
    assert [each.event for each in await journal.read(OTHER, 0)] == [joined("Ada elsewhere")]
    assert await journal.erase_person(W, ADA) is False
    assert await journal.erase_person(WorkshopId("w_unknown"), ADA) is False


async def test_text_sealed_after_an_erasure_is_readable_again(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, joined("Ada"))])
    await journal.erase_person(W, ADA)
    await journal.append(W, 1, [entry(1, said("back"))])
    assert [each.event for each in await journal.read(W, 0)] == [joined(ERASED), said("back")]


async def test_personal_text_is_never_stored_in_the_clear(store: Store, journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, joined("Ada Quartzwright"), said("my secret xylophone"))])
    stored = store.stored_bytes()
    assert b"ParticipantJoined" in stored  # the search does find what is there
    assert b"Quartzwright" not in stored
    assert b"xylophone" not in stored


async def test_many_interleaved_workshops_stay_whole(journal: Journal) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)

    async def write(workshop_id: WorkshopId) -> list[Recorded]:
        written: list[Recorded] = []
        while len(written) < 40:
            entries = []
            for _ in range(draw.randint(1, 3)):
                after = len(written)
                made = entry(after, *(said(f"{workshop_id} {after} {i}") for i in range(draw.randint(0, 4))))
                entries.append(made)
                written += made.events
            await journal.append(workshop_id, len(written) - sum(len(each.events) for each in entries), entries)
        return written

    workshops = [WorkshopId(f"w_{i}") for i in range(12)]
    written = await asyncio.gather(*(write(each) for each in workshops))
    for workshop_id, events in zip(workshops, written, strict=True):
        assert await journal.read(workshop_id, 0) == events
    assert SYSTEM not in {each.actor for events in written for each in events}


async def test_nothing_of_a_deleted_workshop_can_be_read_and_its_id_is_not_given_again(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, said("one")), entry(1, said("two"))])
    await journal.append(OTHER, 0, [entry(0, said("kept"))])
    assert await journal.delete_workshop(W) is True
    assert await journal.delete_workshop(W) is False
    assert await journal.read(W, 0) == []
    assert await journal.answers(W, [CommandKey(ADA, "c0")]) == {}
    assert [each.workshop_id for each in await journal.workshops()] == [OTHER]
    with pytest.raises(WorkshopDeleted):
        await journal.append(W, 0, [entry(0, said("again"))])
    assert len(await journal.read(OTHER, 0)) == 1
    await journal.close()
    await journal.open()
    assert await journal.read(W, 0) == []
    with pytest.raises(WorkshopDeleted):
        await journal.append(W, 0, [entry(0, said("again"))])


async def test_several_people_are_erased_at_once(journal: Journal) -> None:
    await journal.append(W, 0, [entry(0, said("one")), entry(1, said("two", BO))])
    assert await journal.erase_person(W, ADA, BO, ParticipantId("p_nobody")) is True
    assert [getattr(each.event, "text", None) for each in await journal.read(W, 0)] == [ERASED, ERASED]
