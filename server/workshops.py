"""Which workshops this node has in memory, and how they get there.

Theory of operation. Nothing is loaded until somebody asks; an actor that has had nobody connected and no timer running for
`idle_ms` is stopped, and loaded again from the journal when next asked for. Loading and stopping the same workshop
happen one after the other, so a workshop never has two actors.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.events.privacy import PersonalDataErased
from rooms.ids import API, ParticipantId, WorkshopId
from server.actor import ActorLimits, Unavailable, WorkshopActor
from server.clock import Clock
from server.journal.port import Journal, JournalUnavailable

IDLE_MS = 60_000


class UnknownWorkshop(Exception):
    """There is no workshop of that id."""


@dataclass(slots=True)
class _Slot:
    """A workshop's place in memory. `users` are those inside `_slot`; an empty slot without any is dropped."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    actor: WorkshopActor | None = None
    idle_since_ms: int | None = None


class Workshops:
    """The node's workshops. `start` and `close` frame its life; the journal is opened and closed by the caller.

    `on_events` is called with a workshop's id whenever something in it has become durable; `on_erased`, before that, when personal data
    has been erased and whoever keeps something of the workshop must read it anew.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        draw: Callable[[int], bytes] = secrets.token_bytes,
        limits: ActorLimits | None = None,
        idle_ms: int = IDLE_MS,
        on_events: Callable[[WorkshopId], None] | None = None,
        on_erased: Callable[[WorkshopId], None] | None = None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._draw = draw
        self._limits = limits or ActorLimits()
        self._idle_ms = idle_ms
        self._on_events = on_events
        self._on_erased = on_erased
        self._slots: dict[WorkshopId, _Slot] = {}
        # One, because more would not be faster (they share the interpreter) and would leave less to the event loop.
        self._deciding = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deciding")
        self._sweeper: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep_again_and_again(), name="workshops sweeper")

    async def close(self) -> None:
        """Stop every actor once it has carried out what it was given."""
        self._closing = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
        await asyncio.gather(*(self._unload(each) for each in list(self._slots)))
        self._deciding.shutdown(wait=False)

    @property
    def loaded(self) -> list[WorkshopActor]:
        """The actors in memory that take commands."""
        return [slot.actor for slot in self._slots.values() if slot.actor is not None and not slot.actor.closed]

    async def get(self, workshop_id: WorkshopId) -> WorkshopActor:
        """The workshop's actor, loaded if need be. Raises `UnknownWorkshop` or `Unavailable`.

        Whoever keeps it asks again when it is `closed`: it may be stopped while nobody is connected.
        """
        slot = self._slots.get(workshop_id)
        if slot is not None and slot.actor is not None and not slot.actor.closed:
            slot.idle_since_ms = None
            return slot.actor
        async with self._locked(workshop_id) as slot:
            if slot.actor is None or slot.actor.closed:
                slot.actor = await self._load(workshop_id)
            slot.idle_since_ms = None
            return slot.actor

    async def create(self, command: CreateWorkshop, command_id: str, *, actor: ParticipantId = API) -> WorkshopActor:
        """A new workshop. Raises `Rejected` (`workshop_exists` among others) or `Unavailable`.

        Repeated with the same `command_id`, it gives the workshop that was made the first time.
        """
        workshop_id = command.workshop_id
        async with self._locked(workshop_id) as slot:
            if slot.actor is None or slot.actor.closed:
                slot.actor = await self._load(workshop_id, new=True)
            slot.idle_since_ms = None
            made = slot.actor
            try:
                await made.submit(command, actor, command_id)
            finally:
                if made.state.seq == 0:  # refused: there is no such workshop
                    slot.actor = None
                    await made.stop()
            return made

    async def sweep(self) -> None:
        """Stop what has been idle for long enough. Called by itself every quarter of `idle_ms`."""
        now_ms = self._clock.monotonic_ms()
        for workshop_id, slot in list(self._slots.items()):
            actor = slot.actor
            if actor is None or slot.users:
                continue
            if not actor.idle and not actor.closed:
                slot.idle_since_ms = None
            elif slot.idle_since_ms is None:
                slot.idle_since_ms = now_ms
            elif now_ms - slot.idle_since_ms >= self._idle_ms:
                await self._unload(workshop_id, only_idle=True)

    async def _sweep_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._idle_ms / 4000)
            await self.sweep()

    async def _load(self, workshop_id: WorkshopId, *, new: bool = False) -> WorkshopActor:
        if self._closing:
            raise Unavailable("stopping", "This server is stopping; try again in a moment.")
        actor = WorkshopActor(workshop_id, self._journal, self._clock, self._draw, self._limits, self._deciding)
        try:
            if not new and not await self._journal.read(workshop_id, 0, 1):
                raise UnknownWorkshop(workshop_id)
            await actor.start()
        except JournalUnavailable as error:
            message = "The server cannot read this workshop just now; try again."
            raise Unavailable("store_unavailable", message) from error
        actor.subscribe(lambda events: self._tell(workshop_id, events))
        return actor

    def _tell(self, workshop_id: WorkshopId, events: Sequence[Recorded]) -> None:
        if self._on_erased is not None and any(isinstance(each.event, PersonalDataErased) for each in events):
            self._on_erased(workshop_id)
        if self._on_events is not None:
            self._on_events(workshop_id)

    async def _unload(self, workshop_id: WorkshopId, *, only_idle: bool = False) -> None:
        async with self._locked(workshop_id) as slot:
            if slot.actor is not None and (not only_idle or slot.actor.idle or slot.actor.closed):
                await slot.actor.stop()
                slot.actor = None

    @asynccontextmanager
    async def _locked(self, workshop_id: WorkshopId) -> AsyncIterator[_Slot]:
        slot = self._slots.setdefault(workshop_id, _Slot())
        slot.users += 1
        try:
            async with slot.lock:
                yield slot
        finally:
            slot.users -= 1
            if not slot.users and slot.actor is None:
                self._slots.pop(workshop_id, None)
