"""The publisher on a real journal and real files: everything arrives, in order, whatever fails in between."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from rooms.commands.breakouts import OpenBreakouts
from rooms.commands.people import LowerHand, RaiseHand
from rooms.events import Recorded
from rooms.events.workshop import WorkshopCreated
from rooms.ids import ParticipantId, WorkshopId
from rooms.messages import ERASED
from server.journal.port import CommandKey, Entry
from server.journal.sqlite import SqliteJournal
from server.publish.cloudevents import CloudEvent, timestamp
from server.publish.delivery import BackOff
from server.publish.ledger import Lag, SinkState
from server.publish.narrative import Options
from server.publish.publisher import Publisher
from server.publish.sink import Gone, Later, Refused, Sink
from server.publish.sinks.file import FileSink
from server.publish.sqlite_ledger import SqliteLedger
from tests.integration.actor_case import ShiftedClock, until
from tests.unit.test_narrative import published
from tests.unit.workshop_case import Workshop

OPTIONS = Options(home_page="https://learn.example", names=True)
QUICK = BackOff(first_s=0.01, longest_s=0.05)
W = WorkshopId("w_1")
NO_LAG = Lag(events=0, oldest_at_ms=None, dead_letters=0)
DAY_MS = 24 * 3_600_000


@dataclass
class Receiver:
    """A receiver in this process that takes what it is given until a test makes it misbehave. It is no part of ours: what it has is
    what was delivered."""

    name: str = "receiver"
    max_batch: int = 7
    lanes: int = 3
    give_up_after_ms: int | None = None
    events: list[CloudEvent] = field(default_factory=list)
    misbehave: Callable[[Sequence[CloudEvent]], None] = lambda _events: None
    attempts: int = 0
    gate: asyncio.Event | None = None

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def rewound(self, workshop_id: WorkshopId | None) -> None: ...

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        assert 1 <= len(events) <= self.max_batch
        self.attempts += 1
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        self.misbehave(events)
        self.events += events

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]


def workshop(people: int, *, workshop_id: str = "w_1") -> list[Recorded]:
    case = Workshop()
    case.crowd(people)
    return called(case.log, workshop_id)


def called(log: list[Recorded], workshop_id: str) -> list[Recorded]:
    """The same story of another workshop."""
    created = log[0]
    assert isinstance(created.event, WorkshopCreated)
    return [replace(created, event=replace(created.event, workshop_id=WorkshopId(workshop_id))), *log[1:]]


def long_workshop(events: int) -> list[Recorded]:
    case = Workshop()
    case.crowd(3)
    while len(case.log) < events:
        for who in ("l0", "l1", "l2"):
            case.do(who, LowerHand() if case.state.participants[ParticipantId(who)].hand_raised_seq else RaiseHand())
    return case.log


@dataclass
class Node:
    path: Path
    clock: ShiftedClock = field(default_factory=ShiftedClock)

    @asynccontextmanager
    async def running(self, *sinks: Sink) -> AsyncIterator[tuple[SqliteJournal, Publisher]]:
        journal = SqliteJournal(self.path / "journal.db")
        await journal.open()
        publisher = Publisher(
            journal, SqliteLedger(journal), sinks, OPTIONS, self.clock, back_off=QUICK, draw=random.Random(1)
        )
        await publisher.start()
        try:
            yield journal, publisher
        finally:
            await publisher.close()
            await journal.close()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


async def until_equal(read: Callable[[], Awaitable[Any]], expected: Any) -> None:
    async with asyncio.timeout(60):
        while await read() != expected:
            await asyncio.sleep(0.01)


async def append(journal: SqliteJournal, log: Sequence[Recorded], workshop_id: WorkshopId = W) -> None:
    entries = [Entry(command=CommandKey(each.actor, f"c{each.seq}"), events=(each,)) for each in log]
    await journal.append(workshop_id, log[0].seq - 1, entries)


def expected_ids(log: list[Recorded]) -> list[str]:
    return [event["id"] for event in published(log)]


async def test_everything_is_delivered_once_and_in_order_and_goes_on_after_a_restart(node: Node) -> None:
    log, receiver = workshop(20), Receiver()
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log[:15])
        publisher.wake(W)
        await until(lambda: receiver.ids == expected_ids(log[:15]))
        await until_equal(lambda: publisher.delivery("receiver").lag(), NO_LAG)
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log[15:])
        publisher.wake(W)
        await until(lambda: receiver.ids == expected_ids(log))
    assert receiver.events == published(log)


async def test_what_came_while_nothing_was_running_is_found_without_being_told(node: Node) -> None:
    log, receiver = workshop(5), Receiver()
    async with node.running() as (journal, _):
        await append(journal, log)
    async with node.running(receiver):
        await until(lambda: receiver.events == published(log))


async def test_a_receiver_that_is_down_gets_everything_when_it_is_back(node: Node) -> None:
    log, receiver = workshop(20), Receiver()
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)

    def down(events: Sequence[CloudEvent]) -> None:
        if draw.random() < 0.5:
            taken = draw.randrange(len(events))
            receiver.events += events[:taken]
            raise Later("down", delivered=taken)

    receiver.misbehave = down
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.ids == expected_ids(log))
        await until(lambda: publisher.delivery("receiver").state == SinkState())


async def test_while_a_receiver_is_down_the_wait_grows_and_the_failure_is_known(node: Node) -> None:
    receiver = Receiver()

    def down(_events: Sequence[CloudEvent]) -> None:
        raise Later("down", retry_after_s=0.2 if receiver.attempts == 1 else None)

    receiver.misbehave = down
    async with node.running(receiver) as (journal, publisher):
        log = workshop(2)
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.attempts == 1)
        await asyncio.sleep(0.1)
        assert receiver.attempts == 1  # it asked for a longer wait
        await until(lambda: receiver.attempts == 3)
        delivery = publisher.delivery("receiver")
        assert delivery.state.failing_since_ms is not None
        assert (await delivery.lag()).events == len(log)
    waits = [BackOff(first_s=1, longest_s=60).wait_s(n, random.Random(n)) for n in range(1, 60)]
    assert all(0.5 * min(60, 2 ** (n - 1)) <= wait <= min(60, 2 ** (n - 1)) for n, wait in enumerate(waits, start=1))


async def test_a_refused_event_becomes_a_dead_letter_and_the_others_go_on(node: Node) -> None:
    log, receiver = workshop(6), Receiver()
    poison = expected_ids(log)[3]

    def refuse(events: Sequence[CloudEvent]) -> None:
        for index, event in enumerate(events):
            if event["id"] == poison:
                receiver.events += events[:index]
                raise Refused("it does not like it", delivered=index)

    receiver.misbehave = refuse
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.ids == [each for each in expected_ids(log) if each != poison])
        delivery = publisher.delivery("receiver")
        (dead,) = await delivery.dead_letters()
        assert (dead.event_id, dead.reason, dead.workshop_id) == (poison, "it does not like it", W)
        assert (await delivery.lag()).dead_letters == 1
        assert (await delivery.letter(dead))["id"] == poison
        with pytest.raises(Refused):
            await delivery.retry(dead)
        receiver.misbehave = lambda _events: None
        await delivery.retry(dead)
        assert receiver.ids[-1] == poison
        assert await delivery.dead_letters() == []


async def test_what_is_older_than_the_receiver_has_failed_for_is_given_up(node: Node) -> None:
    log, receiver = workshop(3), Receiver(give_up_after_ms=3 * DAY_MS)

    def down(_events: Sequence[CloudEvent]) -> None:
        raise Later("down")

    receiver.misbehave = down
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.attempts > 2)
        delivery = publisher.delivery("receiver")
        assert await delivery.dead_letters() == []  # the events are old, but it has not failed for long
        node.clock.ahead_ms = 3 * DAY_MS

        async def dead() -> list[str]:
            return [each.event_id for each in await delivery.dead_letters()]

        await until_equal(dead, expected_ids(log))
        assert receiver.events == []


async def test_a_receiver_that_is_gone_is_left_alone_until_it_is_enabled(node: Node) -> None:
    log, receiver = workshop(3), Receiver()

    def gone(_events: Sequence[CloudEvent]) -> None:
        raise Gone("410")

    receiver.misbehave = gone
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: publisher.delivery("receiver").state.disabled == "410")
    receiver.misbehave = lambda _events: None
    async with node.running(receiver) as (_, publisher):
        publisher.wake(W)
        await asyncio.sleep(0.1)
        assert receiver.events == []
        await publisher.delivery("receiver").enable()
        await until(lambda: receiver.events == published(log))


async def test_one_receiver_does_not_wait_for_another(node: Node) -> None:
    log, well, ill = workshop(10), Receiver(name="well"), Receiver(name="ill")

    def down(_events: Sequence[CloudEvent]) -> None:
        raise Later("down")

    ill.misbehave = down
    async with node.running(ill, well) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: well.events == published(log))
        assert ill.events == []


async def test_many_workshops_are_served_side_by_side(node: Node) -> None:
    receiver = Receiver()
    async with node.running(receiver) as (journal, publisher):
        logs = {WorkshopId(f"w_{n}"): workshop(3, workshop_id=f"w_{n}") for n in range(30)}
        for each, log in logs.items():
            await append(journal, log, each)
            publisher.wake(each)
        expected = sorted(each for log in logs.values() for each in expected_ids(log))
        await until(lambda: sorted(receiver.ids) == expected)


async def test_a_replay_delivers_the_same_events_again(node: Node) -> None:
    log, receiver = workshop(4), Receiver()
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.events == published(log))
        await publisher.delivery("receiver").replay(W)
        await until(lambda: receiver.events == published(log) * 2)
        await publisher.delivery("receiver").replay(None)
        await until(lambda: receiver.events == published(log) * 3)


async def test_a_replay_from_a_time_delivers_what_happened_then_and_later(node: Node) -> None:
    log, receiver = workshop(4), Receiver()
    whole = published(log)
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.events == whole)
        for from_ms in (log[-2].at_ms, log[len(log) // 2].at_ms, 0, log[-1].at_ms + 1):
            before = len(receiver.events)
            later = [event for event in whole if event["time"] >= timestamp(from_ms)]
            await publisher.delivery("receiver").replay(None, from_ms)
            await until(lambda: len(receiver.events) >= before + len(later))  # noqa: B023
            assert receiver.events[before:] == later


async def test_what_is_erased_while_it_waits_is_not_delivered(node: Node) -> None:
    log, receiver = workshop(3), Receiver()

    def down(_events: Sequence[CloudEvent]) -> None:
        raise Later("down")

    receiver.misbehave = down
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.attempts > 2)
        await journal.erase_person(W, ParticipantId("l1"))
        publisher.forget(W)
        receiver.misbehave = lambda _events: None
        await until(lambda: receiver.ids == expected_ids(log))
        names = [event["data"]["display_name"] for event in receiver.events if "joined" in event["type"]]
        assert names == ["Fay", "L0", ERASED, "L2"]


async def test_what_is_erased_while_other_events_are_on_their_way_is_not_delivered_after_them(node: Node) -> None:
    log, receiver = workshop(9), Receiver(max_batch=2, gate=asyncio.Event())
    assert receiver.gate is not None
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: receiver.attempts == 1)
        await journal.erase_person(W, ParticipantId("l8"))
        publisher.forget(W)
        receiver.gate.set()
        await until(lambda: receiver.ids == expected_ids(log))
        assert receiver.events[-1]["data"]["display_name"] == ERASED


async def test_a_restart_in_the_middle_of_what_one_event_is_told_as_delivers_only_the_rest(node: Node) -> None:
    case = Workshop()
    case.crowd(6)
    case.do("fay", OpenBreakouts(count=2))
    log, receiver = case.log, Receiver(max_batch=1)
    enough = len(published(log)) - 3

    def down(_events: Sequence[CloudEvent]) -> None:
        if len(receiver.events) == enough:
            raise Later("down")

    receiver.misbehave = down
    async with node.running(receiver) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: publisher.delivery("receiver").state.failing_since_ms is not None)
        assert receiver.ids == expected_ids(log)[:enough]
    receiver.misbehave = lambda _events: None
    async with node.running(receiver):
        await until(lambda: len(receiver.events) >= len(published(log)))
        assert receiver.events == published(log)


async def test_a_workshop_that_cannot_be_told_does_not_stop_the_others(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, receiver = workshop(3), Receiver()
    real = SqliteJournal.read

    async def broken(self: SqliteJournal, workshop_id: WorkshopId, *arguments: int) -> list[Recorded]:
        if workshop_id == "w_bad":
            raise ZeroDivisionError("a bug")
        return await real(self, workshop_id, *arguments)

    monkeypatch.setattr(SqliteJournal, "read", broken)
    async with node.running(receiver) as (journal, publisher):
        for each in (WorkshopId("w_bad"), W):
            await append(journal, log, each)
            publisher.wake(each)
        await until(lambda: receiver.events == published(log))
        monkeypatch.undo()
        await publisher.delivery("receiver").enable()
        await until(lambda: len(receiver.events) == 2 * len(published(log)))


async def test_two_sinks_of_one_name_are_refused(node: Node) -> None:
    with pytest.raises(ValueError, match="same name"):
        async with node.running(Receiver(), Receiver()):
            pass


def lines(folder: Path) -> list[CloudEvent]:
    files = [*sorted(folder.glob("events-*.ndjson")), folder / "events.ndjson"]
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


async def test_the_file_sink_holds_the_events_in_order_over_rotation_and_restart(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileSink, "max_batch", 5)
    log, folder = workshop(30), tmp_path / "out" / "events"
    begun = 0
    for end in (20, len(log)):
        async with node.running(FileSink("file", folder, max_bytes=10_000)) as (journal, publisher):
            await append(journal, log[begun:end])
            publisher.wake(W)
            delivery, count = publisher.delivery("file"), len(published(log[:end])) - len(published(log[:begun]))
            await until(lambda delivery=delivery, count=count: delivery.delivered == count)  # type: ignore[misc]
            begun = end
    assert lines(folder) == published(log)
    files = list(folder.glob("*"))
    assert len(files) > 2
    assert all(file.stat().st_size <= 10_000 and file.stat().st_mode & 0o077 == 0 for file in files)


async def test_the_file_sink_cuts_off_a_torn_line_and_keeps_as_many_files_as_it_should(tmp_path: Path) -> None:
    events = published(workshop(10))
    sink = FileSink("file", tmp_path, max_bytes=2_000, keep=2)
    for event in events:
        await sink.deliver([event])
        with (tmp_path / "events.ndjson").open("a") as file:
            file.write('{"specversion": "1.0", "torn')
    await sink.deliver([events[-1]])
    kept = lines(tmp_path)
    assert kept == [*events, events[-1]][-len(kept) :]
    aside = sorted(name for name in os.listdir(tmp_path) if name.startswith("events-"))
    assert len(aside) == 2
    assert aside[0] > "events-000001.ndjson"


async def test_a_file_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    events = published(workshop(1))
    (tmp_path / "folder").write_text("in the way")
    sink = FileSink("file", tmp_path / "folder")
    with pytest.raises(Later, match="folder"):
        await sink.deliver(events)
    (tmp_path / "folder").unlink()
    await sink.deliver(events)
    assert lines(tmp_path / "folder") == events
