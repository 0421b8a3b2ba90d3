"""Finds a workshop's actor, or starts it from the journal. There is one actor a workshop; nothing is loaded until asked for."""

import asyncio

from rooms.commands.workshop import CreateWorkshop
from rooms.ids import API, WorkshopId
from server.actor import STORE_AWAY, Unavailable, WorkshopActor
from server.clock import Clock
from server.journal.port import Journal, JournalUnavailable


class UnknownWorkshop(Exception):
    """The journal has nothing of a workshop with this id."""


class Workshops:
    """The actors of this node."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._actors: dict[WorkshopId, WorkshopActor] = {}
        self._locks: dict[WorkshopId, asyncio.Lock] = {}

    async def get(self, workshop_id: WorkshopId) -> WorkshopActor:
        """The actor of a workshop that exists. Raises `UnknownWorkshop`, `Unavailable`."""
        actor = self._actors.get(workshop_id)
        if actor is not None:
            return actor
        async with self._lock(workshop_id):
            actor = self._actors.get(workshop_id)
            if actor is None:
                actor = await self._start(workshop_id)
                if actor.state.status == "new":
                    await actor.stop()
                    self._locks.pop(workshop_id, None)
                    raise UnknownWorkshop(workshop_id)
                self._actors[workshop_id] = actor
        return actor

    async def create(self, command: CreateWorkshop, command_id: str) -> WorkshopActor:
        """A new workshop. Raises `Rejected` where the id is taken, `Unavailable`."""
        async with self._lock(command.workshop_id):
            actor = self._actors.get(command.workshop_id) or await self._start(command.workshop_id)
            await actor.submit(command, API, command_id)
            self._actors[command.workshop_id] = actor
        return actor

    async def close(self) -> None:
        """Stop every actor."""
        await asyncio.gather(*(actor.stop() for actor in self._actors.values()))
        self._actors.clear()

    def _lock(self, workshop_id: WorkshopId) -> asyncio.Lock:
        return self._locks.setdefault(workshop_id, asyncio.Lock())

    async def _start(self, workshop_id: WorkshopId) -> WorkshopActor:
        actor = WorkshopActor(workshop_id, self._journal, self._clock)
        try:
            await actor.start()
        except JournalUnavailable:
            raise Unavailable(*STORE_AWAY) from None
        return actor
