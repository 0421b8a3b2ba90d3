"""What the tests of the actor share: a node on a real journal that outlives it, a workshop with people, what is heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rooms.commands.chat import PostMessage
from rooms.commands.people import Connect
from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.ids import ConnectionId, ParticipantId, WorkshopId
from server.actor import ActorLimits, WorkshopActor
from server.clock import SystemClock
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


async def until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


def say(text: str) -> PostMessage:
    return PostMessage(channel="everyone", text=text)
