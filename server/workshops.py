"""Which workshops this node has in memory, and how they get there.

Theory of operation. Nothing is loaded until somebody asks; an actor that has had nobody connected and no timer running for
`idle_ms` is stopped, and loaded again from the journal when next asked for. Loading and stopping the same workshop
happen one after the other, so a workshop never has two actors. What is loaded is owned: the `Owner` is asked first, and says where the
workshop is if it is elsewhere; whoever has lost it meanwhile is told so before anything is read from memory.

A workshop that will be handed to this node can be read ahead (`warm`): when it is loaded, only what came since is read.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.events.privacy import PersonalDataErased
from rooms.ids import API, ParticipantId, WorkshopId
from rooms.state import WorkshopState
from server.actor import ActorLimits, Unavailable, WorkshopActor
from server.clock import Clock
from server.continuity import Continuity
from server.journal.port import Journal, JournalUnavailable
from server.replaying import replay
from server.tasks import ended

IDLE_MS = 60_000
WARM_MS = 30_000
"""How long a state that was read ahead is kept for a workshop that does not come."""
MAX_WARM = 64


class UnknownWorkshop(Exception):
    """There is no workshop of that id."""


class Elsewhere(Exception):
    """Another node has the workshop: `url` is where browsers reach it, `internal_url` where the other nodes do."""

    def __init__(self, node: str, url: str, internal_url: str) -> None:
        super().__init__(f"the workshop is at {node}")
        self.node = node
        self.url = url
        self.internal_url = internal_url


class Owner(Protocol):
    """Which workshops may be loaded here. Every method but `holds` may raise `JournalUnavailable`."""

    def holds(self, workshop_id: WorkshopId) -> bool:
        """Whether this node owns the workshop, as far as it knows."""

    async def claim(self, workshop_id: WorkshopId, *, new: bool = False) -> None:
        """Own it from now on, or raise `Elsewhere`, `UnknownWorkshop` or `Unavailable` (no room for a new one)."""

    async def release(self, workshop_id: WorkshopId, heir: str = "") -> None:
        """Give it up, to a node of that name or to whoever asks."""


class SoleOwner:
    """The owner of everything: one node with a store of its own. `room` tells whether it takes another workshop."""

    def __init__(self, room: Callable[[], bool] = lambda: True) -> None:
        self._room = room

    def holds(self, _workshop_id: WorkshopId) -> bool:
        return True

    async def claim(self, _workshop_id: WorkshopId, *, new: bool = False) -> None:
        if new and not self._room():
            raise Unavailable("server_full", "This server has no room for another workshop now; try again later.")

    async def release(self, _workshop_id: WorkshopId, _heir: str = "") -> None: ...


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
        on_append: Callable[[float], None] | None = None,
        owner: Owner | None = None,
        continuity: Continuity | None = None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._continuity = continuity or Continuity(clock)
        self.note_lost = self._continuity.note_lost
        self._draw = draw
        self._limits = limits or ActorLimits()
        self._idle_ms = idle_ms
        self._on_events = on_events
        self._on_erased = on_erased
        self._on_append = on_append
        self._owner = owner or SoleOwner()
        self._slots: dict[WorkshopId, _Slot] = {}
        self._warm: dict[WorkshopId, tuple[int, WorkshopState]] = {}
        """Read ahead: when (monotonic ms), and the state then."""
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
            await ended(self._sweeper)
        await asyncio.gather(*(self._unload(each) for each in list(self._slots)))
        self._deciding.shutdown(wait=False)

    @property
    def loaded(self) -> list[WorkshopActor]:
        """The actors in memory that take commands."""
        return [slot.actor for slot in self._slots.values() if slot.actor is not None and not slot.actor.closed]

    async def get(self, workshop_id: WorkshopId) -> WorkshopActor:
        """The workshop's actor, loaded if need be. Raises `UnknownWorkshop`, `Elsewhere` or `Unavailable`.

        Whoever keeps it asks again when it is `closed`: it may be stopped while nobody is connected.
        """
        slot = self._slots.get(workshop_id)
        ready = slot is not None and slot.actor is not None and not slot.actor.closed
        if slot is not None and slot.actor is not None and ready and self._owner.holds(workshop_id):
            slot.idle_since_ms = None
            return slot.actor
        async with self._locked(workshop_id) as slot:
            await self._own(workshop_id)
            if slot.actor is None or slot.actor.closed:
                slot.actor = await self._load(workshop_id, former=slot.actor)
            slot.idle_since_ms = None
            return slot.actor

    async def warm(self, workshop_id: WorkshopId) -> None:
        """Read a workshop that will soon be this node's. Raises `JournalUnavailable`, or whatever the replay runs into."""
        state = await replay(self._journal, workshop_id)
        self._cool_down()
        while len(self._warm) >= MAX_WARM:
            del self._warm[next(iter(self._warm))]
        self._warm[workshop_id] = (self._clock.monotonic_ms(), state)

    def _cool_down(self) -> None:
        long_ago_ms = self._clock.monotonic_ms() - WARM_MS
        for workshop_id in [each for each, (read_ms, _) in self._warm.items() if read_ms < long_ago_ms]:
            del self._warm[workshop_id]

    async def create(self, command: CreateWorkshop, command_id: str, *, actor: ParticipantId = API) -> WorkshopActor:
        """A new workshop. Raises `Rejected` (`workshop_exists` among others) or `Unavailable`.

        Repeated with the same `command_id`, it gives the workshop that was made the first time.
        """
        workshop_id = command.workshop_id
        async with self._locked(workshop_id) as slot:
            await self._own(workshop_id, new=True)
            if slot.actor is None or slot.actor.closed:
                slot.actor = await self._load(workshop_id, new=True, former=slot.actor)
            slot.idle_since_ms = None
            made = slot.actor
            try:
                await made.submit(command, actor, command_id)
            finally:
                if made.state.seq == 0:  # refused: there is no such workshop
                    slot.actor = None
                    await made.stop()
                    await self._owner.release(workshop_id)
            return made

    def in_memory(self, workshop_id: WorkshopId) -> bool:
        """Whether it is loaded, or somebody is about to load it."""
        return workshop_id in self._slots

    def drop(self, workshop_id: WorkshopId) -> WorkshopActor | None:
        """The workshop is somebody else's now: end its actor, carrying out nothing more; returns it."""
        slot = self._slots.get(workshop_id)
        if slot is None or slot.actor is None:
            return None
        slot.actor.abandon()
        return slot.actor

    async def hand_over(self, workshop_id: WorkshopId, heir: str) -> None:
        """Carry out what waits, then let the node named `heir` have it."""
        async with self._locked(workshop_id) as slot:
            if slot.actor is not None:
                await slot.actor.stop()
                slot.actor = None
            await self._owner.release(workshop_id, heir)

    async def delete(self, workshop_id: WorkshopId) -> bool:
        """Stop the workshop and destroy all that is kept of it. Returns whether there was anything. Raises `Elsewhere`,
        `Unavailable` or `JournalError`."""
        async with self._locked(workshop_id) as slot:
            await self._own(workshop_id)
            if slot.actor is not None:
                await slot.actor.stop()
                slot.actor = None
            deleted = await self._journal.delete_workshop(workshop_id)
            await self._owner.release(workshop_id)
        if self._on_erased is not None:
            self._on_erased(workshop_id)
        return deleted

    async def sweep(self) -> None:
        """Stop what has been idle for long enough. Called by itself every quarter of `idle_ms`."""
        now_ms = self._clock.monotonic_ms()
        self._cool_down()
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

    async def _own(self, workshop_id: WorkshopId, *, new: bool = False) -> None:
        if self._closing:
            raise Unavailable("stopping", "This server is stopping; try again in a moment.")
        try:
            await self._owner.claim(workshop_id, new=new)
        except JournalUnavailable as error:
            message = "The server cannot reach its store just now; try again."
            raise Unavailable("store_unavailable", message) from error

    async def _load(
        self, workshop_id: WorkshopId, *, new: bool = False, former: WorkshopActor | None = None
    ) -> WorkshopActor:
        if former is not None:
            await former.wait_closed()
        actor = WorkshopActor(
            *(workshop_id, self._journal, self._clock, self._draw, self._limits, self._deciding),
            on_append=self._on_append,
            continuity=self._continuity,
        )
        _, known = self._warm.pop(workshop_id, (0, None))
        try:
            if not new and not await self._journal.read(workshop_id, 0, 1):
                raise UnknownWorkshop(workshop_id)
            await actor.start(known)
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
                await self._owner.release(workshop_id)

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
