"""Which workshops this node owns: takes them when they are asked for, keeps the leases, and lets go of what it has lost.

Theory of operation. Whoever loads a workshop, or publishes from it, claims it first. The lease is renewed three times in its life. What this
node believes ends, by its own monotonic clock, with the last renewal that Redis confirmed; after that (Redis away, process stopped)
nothing is published and every claim asks Redis again. Belief is a courtesy all the same: what keeps a late owner from doing harm is the
epoch that the journal checks.

A lease is lost when a renewal says so. Then the journal forgets the epoch and `on_lost` ends the workshop here. While Redis is away
nothing is lost: nobody else can take it either. It is tried often then, so that the owner is the first to ask when Redis is back.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog

from rooms.ids import WorkshopId
from server.actor import Unavailable
from server.cluster import placement
from server.cluster.leases import Leases, Taken, name_of
from server.cluster.registry import NodeInfo, Registry
from server.journal.port import JournalUnavailable
from server.journal.redis import RedisJournal
from server.tasks import ended
from server.workshops import Elsewhere, UnknownWorkshop

log = structlog.get_logger()

UNUSED_S = 10.0
"""A lease nobody has asked about for so long, of a workshop that is not in memory, is given up."""

AGAIN_S = 0.2
"""Between two tries to renew while Redis is away: when it is back every lease has run out, and whoever asks another node first has it taken."""

passed_on: ContextVar[bool] = ContextVar("passed_on", default=False)
"""Whether the HTTP call that is being served came from another node, which has chosen this one: it is not sent on again."""


@dataclass(slots=True)
class _Held:
    epoch: int
    believed_until_s: float
    used_s: float


class Ownership:
    """`server.workshops.Owner` for many nodes. `loaded` tells whether a workshop is in memory here."""

    def __init__(self, journal: RedisJournal, leases: Leases, registry: Registry, name: str, lease_ms: int) -> None:
        self._journal = journal
        self._leases = leases
        self._registry = registry
        self._name = name
        self._lease_s = lease_ms / 1000
        self._held: dict[WorkshopId, _Held] = {}
        self._changing: WeakValueDictionary[WorkshopId, asyncio.Lock] = WeakValueDictionary()
        """A lease is taken and given up one after the other: an answer that came late would be believed after the release."""
        self._task: asyncio.Task[None] | None = None
        self.draining = False
        self.lost = 0
        """Leases that another node has taken."""
        self.on_lost: Callable[[WorkshopId], None] = lambda _workshop_id: None
        self.on_gone: Callable[[WorkshopId], None] = lambda _workshop_id: None
        """Called when a workshop is this node's no more, lost or given up."""
        self.on_taken: Callable[[WorkshopId], None] = lambda _workshop_id: None
        self.loaded: Callable[[WorkshopId], bool] = lambda _workshop_id: False

    async def start(self) -> None:
        self._task = asyncio.create_task(self._renew_again_and_again(), name="leases")

    async def close(self) -> None:
        """Give everything up that is still held."""
        self.draining = True  # the publisher takes nothing up any more
        if self._task is not None:
            await ended(self._task)
        for workshop_id in list(self._held):
            await self.release(workshop_id)

    @property
    def held(self) -> list[WorkshopId]:
        return list(self._held)

    # ── Owner ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def holds(self, workshop_id: WorkshopId) -> bool:
        """Whether this node owns it, as far as it can know without asking."""
        held = self._held.get(workshop_id)
        if held is None or time.monotonic() >= held.believed_until_s:
            return False
        held.used_s = time.monotonic()
        return True

    async def claim(self, workshop_id: WorkshopId, *, new: bool = False) -> None:
        """Own it from now on. Raises `Elsewhere`, `UnknownWorkshop`, `Unavailable` or `JournalUnavailable`."""
        if self.holds(workshop_id):
            return
        taken = await self._take(workshop_id, prefer=self._preferred(new), new=new)
        if taken.outcome == "unknown":
            raise UnknownWorkshop(workshop_id)
        if taken.outcome == "elsewhere":
            raise self._elsewhere(taken.owner)

    async def release(self, workshop_id: WorkshopId, heir: str = "") -> None:
        """Give it up; whoever asks next, or the heir, takes it. While Redis is away, the lease runs out by itself."""
        async with self._lock(workshop_id):
            held = self._held.pop(workshop_id, None)
            self._journal.let_go(workshop_id)
            self.on_gone(workshop_id)
            if held is not None:
                with suppress(JournalUnavailable):
                    await self._leases.release(workshop_id, held.epoch, heir)

    # ── for the publisher ────────────────────────────────────────────────────────────────────────────────────────────
    async def may_publish(self, workshop_id: WorkshopId) -> bool:
        """Whether this node publishes from the workshop now: it does if it owns it, and takes it if nobody does."""
        if self.holds(workshop_id):
            return True
        return not self.draining and (await self._take(workshop_id)).outcome == "mine"

    # ── for others ───────────────────────────────────────────────────────────────────────────────────────────────────
    async def owner(self, workshop_id: WorkshopId) -> NodeInfo | None:
        """The other node that has the workshop; None if this one has, or nobody. Raises `JournalUnavailable`."""
        if self.holds(workshop_id):
            return None
        owner = await self._leases.owner(workshop_id)
        return None if owner is None or name_of(owner) == self._name else self._registry.find(name_of(owner))

    def _preferred(self, new: bool) -> str:
        """Who should have a workshop that nobody owns; "" for this node. Raises `Unavailable`."""
        if passed_on.get():
            return ""
        chosen = placement.choose(self._registry.nodes, self._name, new=new)
        if chosen is None:
            if new:
                raise Unavailable("server_full", "No server has room for another workshop now; try again later.")
            if self.draining:
                raise Unavailable("stopping", "This server is stopping; try again in a moment.")
            return ""
        if chosen.name != self._name:
            self._registry.placed(chosen.name)
            return chosen.name
        return ""

    def _elsewhere(self, owner: str) -> Elsewhere | Unavailable:
        node = self._registry.find(name_of(owner))
        if node is None or node.name == self._name:
            # Its node has just gone, or this one was started anew: the lease has not run out yet.
            return Unavailable("stopping", "The workshop is changing servers; try again in a moment.")
        return Elsewhere(node.name, node.url, node.internal_url)

    def _lock(self, workshop_id: WorkshopId) -> asyncio.Lock:
        return self._changing.setdefault(workshop_id, asyncio.Lock())

    async def _take(self, workshop_id: WorkshopId, *, prefer: str = "", new: bool = False) -> Taken:
        async with self._lock(workshop_id):
            asked_s = time.monotonic()
            taken = await self._leases.take(workshop_id, prefer=prefer, new=new)
            held = self._held.get(workshop_id)
            if held is not None and (taken.outcome != "mine" or taken.epoch != held.epoch):
                self._lose(workshop_id)  # it has been somebody else's meanwhile, so what is in memory is old
            if taken.outcome == "mine":
                fresh = workshop_id not in self._held
                self._held[workshop_id] = _Held(taken.epoch, asked_s + self._lease_s, asked_s)
                self._journal.hold(workshop_id, taken.epoch)
                if fresh:
                    self.on_taken(workshop_id)
            return taken

    def _lose(self, workshop_id: WorkshopId) -> None:
        del self._held[workshop_id]
        self._journal.let_go(workshop_id)
        self.lost += 1
        log.warning("lease_lost", workshop_id=workshop_id)
        self.on_gone(workshop_id)
        self.on_lost(workshop_id)

    # ── the task ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _renew_again_and_again(self) -> None:
        away = False
        while True:
            await asyncio.sleep(AGAIN_S if away else self._lease_s / 3)
            try:
                await self._renew()
                await self._give_up_unused()
            except JournalUnavailable as error:
                if not away:
                    log.warning("leases_not_renewed", error=str(error), workshops=len(self._held))
                away = True
            else:
                if away:
                    log.info("leases_renewed_again", workshops=len(self._held))
                away = False

    async def _renew(self) -> None:
        asked_s = time.monotonic()
        asked = {workshop_id: held.epoch for workshop_id, held in self._held.items()}
        if not asked:
            return
        lost = set(await self._leases.renew(list(asked.items())))
        for workshop_id, epoch in asked.items():
            held = self._held.get(workshop_id)
            if held is None or held.epoch != epoch:
                continue  # released, or taken anew, meanwhile
            if workshop_id in lost:
                self._lose(workshop_id)
            else:
                held.believed_until_s = asked_s + self._lease_s

    async def _give_up_unused(self) -> None:
        long_ago_s = time.monotonic() - UNUSED_S
        for workshop_id, held in list(self._held.items()):
            if held.used_s < long_ago_s and not self.loaded(workshop_id):
                await self.release(workshop_id)
