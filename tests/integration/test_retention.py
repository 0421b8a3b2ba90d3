"""What has been kept long enough is forgotten, in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rooms.commands.attendance import ObjectToAttendance
from rooms.commands.people import Connect, Leave
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop
from rooms.errors import Rejected
from rooms.events.workshop import Retention as Rule
from rooms.ids import API, ConnectionId, ParticipantId, WorkshopId
from rooms.messages import ERASED
from server.config import RetentionSettings
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_audit import SqliteAudit
from server.publish.ledger import Position
from server.publish.narrative import Options
from server.publish.publisher import Publisher
from server.publish.sink_store import SqliteSinkStore
from server.publish.sinks.file import FileSink
from server.publish.sqlite_ledger import SqliteLedger
from server.publish.workshop_sinks import WorkshopSinks
from server.retention import Retention
from server.workshops import UnknownWorkshop, Workshops
from tests.harness import ServerProcess
from tests.integration.actor_case import ShiftedClock

W, ANN = WorkshopId("w_1"), ParticipantId("ann")
DAY_MS = 24 * 3_600_000


@dataclass
class Node:
    path: Path
    settings: RetentionSettings = field(default_factory=RetentionSettings)
    clock: ShiftedClock = field(default_factory=ShiftedClock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.journal = SqliteJournal(self.path / "journal.sqlite")
        await self.journal.open()
        self.workshops = Workshops(self.journal, self.clock)
        self.ledger, self.audit = SqliteLedger(self.journal), SqliteAudit(self.journal, self.clock)
        publisher = Publisher(
            self.journal, self.ledger, [FileSink("file", self.path)], Options(home_page="https://x.example"), self.clock
        )
        self.sinks = WorkshopSinks(SqliteSinkStore(self.journal), publisher, self.ledger, self.path, private=True)
        self.retention = Retention(
            self.settings, self.journal, self.workshops, self.ledger, self.audit, self.clock, publisher, self.sinks
        )
        await self.workshops.start()
        yield
        await self.workshops.close()
        await self.journal.close()

    async def held(self, rule: Rule, *, close: bool = True, workshop_id: WorkshopId = W) -> None:
        """A workshop that Ann was in and that has ended."""
        create = CreateWorkshop(workshop_id=workshop_id, title="Title", retention=rule)
        actor = await self.workshops.create(create, "create")
        await actor.submit(Connect(connection_id=ConnectionId("c"), name="Annabel", role="learner"), ANN, "connect")
        await actor.submit(CloseWorkshop() if close else Leave(), API if close else ANN, "end")

    async def after(self, days: float) -> list[tuple[str, str]]:
        """What the audit trail says once so many days more have passed and the job has looked."""
        self.clock.ahead_ms += int(days * DAY_MS)
        await self.retention.enforce()
        return [(each.action, each.actor) for each in await self.audit.entries()]

    async def name(self) -> str:
        return (await self.workshops.get(W)).state.participants[ANN].name


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


ERASURE, DELETION = ("personal_data.erased", "retention"), ("workshop.deleted", "retention")


@pytest.mark.parametrize("close", [True, False])
async def test_PD6_people_are_erased_and_then_the_workshop_is_deleted(node: Node, close: bool) -> None:
    async with node.running():
        await node.held(Rule(personal_data_days=30, everything_days=365), close=close)
        assert await node.after(29.9) == []
        assert await node.name() == "Annabel"
        assert await node.after(0.2) == [ERASURE]
        assert await node.name() == ERASED
        assert await node.after(1) == [ERASURE]  # once, whatever the job finds next time
    async with node.running():
        # The erasure does not count as the end: a year after it was held, not after it was erased.
        assert await node.after(333.8) == [ERASURE]
        assert await node.after(0.2) == [ERASURE, DELETION]
        with pytest.raises(UnknownWorkshop):
            await node.workshops.get(W)
        with pytest.raises(Rejected, match="workshop_deleted"):
            await node.workshops.create(CreateWorkshop(workshop_id=W, title="Another"), "again")
        assert await node.after(1) == [ERASURE, DELETION]


async def test_PD6_what_a_workshop_does_not_say_is_as_the_server_is_set(node: Node) -> None:
    node.settings = RetentionSettings(personal_data_days=10, everything_days=0)
    async with node.running():
        await node.held(Rule())
        await node.held(Rule(personal_data_days=0), workshop_id=WorkshopId("w_kept"))
        await node.held(Rule(personal_data_days=20), workshop_id=WorkshopId("w_longer"))
        await node.after(11)
        assert [each.workshop_id for each in await node.audit.entries()] == [W]
        await node.after(10)
        assert [each.workshop_id for each in await node.audit.entries()] == [W, "w_longer"]
        await node.after(5_000)
        assert len(await node.audit.entries()) == 2


async def test_PD6_what_comes_after_an_erasure_is_erased_too(node: Node) -> None:
    async with node.running():
        await node.held(Rule(personal_data_days=30), close=False)
        await node.after(31)
        actor = await node.workshops.get(W)
        await actor.submit(
            Connect(connection_id=ConnectionId("c2"), name="Bo", role="learner"), ParticipantId("bo"), "connect"
        )
        await actor.submit(Leave(), ParticipantId("bo"), "leave")
        assert await node.after(29) == [ERASURE]
        assert await node.after(2) == [ERASURE, ERASURE]
        assert (await node.workshops.get(W)).state.participants[ParticipantId("bo")].name == ERASED


async def test_the_erasure_of_one_person_is_not_that_of_everybody(node: Node) -> None:
    async with node.running():
        await node.held(Rule(personal_data_days=30))
        actor = await node.workshops.get(W)
        await actor.submit(ErasePersonalData(participant_id=ANN), API, "erase")
        assert await node.after(31) == [ERASURE]


async def test_the_end_is_found_behind_more_erasures_than_are_read_at_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.retention.READ_LIMIT", 2)
    async with node.running():
        await node.held(Rule(personal_data_days=30, everything_days=40))
        actor = await node.workshops.get(W)
        for number in range(4):
            await actor.submit(ErasePersonalData(participant_id=None), API, f"erase{number}")
        assert await node.after(31) == []
        assert await node.after(10) == [DELETION]


async def test_a_deletion_takes_cursors_and_dead_letters_and_says_what_was_not_delivered(node: Node) -> None:
    async with node.running():
        await node.held(Rule(everything_days=1))
        await node.ledger.advance("file", W, Position(2), ((1, 0, "id", "reason", 7),))
        await node.after(2)
        (entry,) = await node.audit.entries()
        assert entry.detail["events"] - entry.detail["undelivered"] == 2  # type: ignore[operator]
        assert await node.ledger.dead_letters("file") == []
        assert await node.ledger.position("file", W) == Position()
        assert (await node.ledger.lag("file")).events == 0


async def test_PD6_an_objection_after_the_end_does_not_move_the_end(node: Node) -> None:
    async with node.running():
        await node.held(Rule(everything_days=10))
        node.clock.ahead_ms += 8 * DAY_MS
        actor = await node.workshops.get(W)
        await actor.submit(ObjectToAttendance(text="I was there"), ANN, "object")
        assert await node.after(3) == [DELETION]


async def test_days_that_cannot_be_kept_are_refused_at_creation(node: Node) -> None:
    async with node.running():
        for days in (-1, 36_501):
            create = CreateWorkshop(workshop_id=W, title="T", retention=Rule(personal_data_days=days))
            with pytest.raises(Rejected, match="retention_days"):
                await node.workshops.create(create, f"create{days}")


async def test_a_deletion_that_was_killed_is_finished_at_the_next_start(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running():
        await node.held(Rule(everything_days=1))
        monkeypatch.setattr("server.journal.sqlite_deletion.STEP_ROWS", 1)
        from server.journal import sqlite_deletion

        await node.journal.transact(lambda db: sqlite_deletion.mark(db, W))
        await node.journal.transact(sqlite_deletion.step)
        assert await node.journal.read(W, 0) == []
    async with node.running():
        left = await node.journal.query(lambda db: db.execute("SELECT count(*) FROM events").fetchone()[0])
        assert left == 0


async def test_retention_is_set_over_http(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    try:
        retention = {"personal_data_days": 30, "everything_days": 0}
        workshop_id = await server.create_workshop(retention=retention)
        assert workshop_id
        status, problem = await server.api(
            "POST", "/api/workshops", {"title": "T", "retention": {"personal_data_days": 99_999}}
        )
        assert (status, problem["code"]) == (422, "retention_days")
        status, problem = await server.api("POST", "/api/workshops", {"title": "T", "retention": {"days": 1}})
        assert (status, problem["code"]) == (400, "body_invalid")
    finally:
        await server.stop()
