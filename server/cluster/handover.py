"""Moving workshops to other nodes while people are in them: one that is hot, or all of them before this node goes.

Theory of operation, for one workshop: have the successor read it ahead and expect it; tell everybody connected to go there, where their
hello waits, while this node still answers them; when they are there, carry out what waits in the workshop, release its lease with the
successor named as heir, and have it take and load what came last. The waiting hellos are answered, and clients close here. So commands stop only
from the release to the hellos, and this node carries sound and picture until the clients have gone. Who has not gone after `GRACE_S` is
sent away. If the successor dies in between, its time as an heir runs out and whoever is asked takes the workshop.

A drain is that for every workshop, a few at once; before it, the node stops being ready and says so to the others.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from rooms.ids import WorkshopId
from server.actor import WorkshopActor
from server.cluster import placement
from server.cluster.ownership import Ownership
from server.cluster.passing import Passing
from server.cluster.registry import NodeInfo, Registry
from server.gateway import Gateway
from server.journal.port import JournalUnavailable
from server.media_bridge import MediaBridge
from server.refusals import Refusal
from server.speech import SpeechMeter
from server.workshops import Workshops

log = structlog.get_logger()

GRACE_S = 10.0
MEDIA_GRACE_S = 3.0
"""How long sound and picture go on here after the last connection has gone."""
POLL_S = 0.1
AT_ONCE = 8
"""Workshops that are handed over at the same time."""


class Handover:
    """`name` is this node's; `set_draining` is called when a drain begins."""

    def __init__(
        self,
        name: str,
        api_key: str,
        registry: Registry,
        ownership: Ownership,
        passing: Passing,
        workshops: Workshops,
        gateway: Gateway,
        bridge: MediaBridge,
        speech: SpeechMeter,
        set_draining: Callable[[], None],
    ) -> None:
        self._name = name
        self._api_key = api_key
        self._registry = registry
        self._ownership = ownership
        self._passing = passing
        self._workshops = workshops
        self._gateway = gateway
        self._bridge = bridge
        self._speech = speech
        self._set_draining = set_draining
        self._tasks: set[asyncio.Future[object]] = set()
        self._draining: asyncio.Task[None] | None = None
        self.moved = 0
        """Workshops handed over since the start."""

    async def close(self) -> None:
        """End at once, whatever is under way."""
        tasks: list[asyncio.Future[Any]] = [*self._tasks, *([] if self._draining is None else [self._draining])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def move(self, workshop_id: WorkshopId, to: str | None = None) -> NodeInfo:
        """Hand a workshop of this node over, to the node of that name or the least loaded. Raises `Refusal`."""
        target = await self._successor(to)
        people = self._gateway.moving.connected(workshop_id)
        if people and await self._say(workshop_id, target, "expect"):
            self._gateway.moving.tell(workshop_id, target.url)
            await self._say(workshop_id, target, "expect", {"sockets": people})
        actor = next((each for each in self._workshops.loaded if each.workshop_id == workshop_id), None)
        await self._speech.settle(workshop_id)
        began_s = time.monotonic()
        self._gateway.moving.begin(workshop_id)
        try:
            await self._workshops.hand_over(workshop_id, target.name)
        except BaseException:
            self._gateway.moving.end(workshop_id)
            raise
        self._registry.placed(target.name)
        if actor is not None:
            self._later(self._say(workshop_id, target, "arrive"))
        self._gateway.moving.tell(workshop_id, target.url)
        self.moved += 1
        log.info(
            "workshop_moved", workshop_id=workshop_id, to=target.name, ms=round(1000 * (time.monotonic() - began_s))
        )
        self._later(self._finish(workshop_id, actor))
        return target

    def drain(self) -> Awaitable[None]:
        """Hand everything over; returns when all have gone. Asked again, it is the same drain."""
        if self._draining is None:
            self._set_draining()
            self._ownership.draining = True
            self._draining = asyncio.create_task(self._drain(), name="drain")
        return self._draining

    async def _drain(self) -> None:
        try:
            await self._registry.beat()  # the others hear of it before anything is sent to them
        except JournalUnavailable as error:
            log.warning("draining_unsaid", error=str(error))
        if placement.choose(self._registry.nodes, self._name, new=False, without=self._name) is None:
            log.warning("nowhere_to_drain", workshops=len(self._workshops.loaded))
            return
        slots = asyncio.Semaphore(AT_ONCE)

        async def move(workshop_id: WorkshopId) -> None:
            async with slots:
                try:
                    await self.move(workshop_id)
                except (Refusal, JournalUnavailable) as error:
                    log.warning("not_moved", workshop_id=workshop_id, error=str(error))

        while left := {each.workshop_id for each in self._workshops.loaded}:
            await asyncio.gather(*(move(each) for each in left))
            if left & {each.workshop_id for each in self._workshops.loaded}:
                await asyncio.sleep(1)  # something could not be moved; the deadline is for whoever asked to set
        for workshop_id in self._ownership.held:
            await self._ownership.release(workshop_id)
        while self._tasks:
            await asyncio.wait(self._tasks)
        log.info("drained", moved=self.moved)

    async def _successor(self, to: str | None) -> NodeInfo:
        candidates = [node for node in self._registry.nodes if node.name != self._name and not node.draining]
        while candidates:
            named = [node for node in candidates if to in (None, node.name)]
            target = placement.choose(named, self._name, new=False)
            if target is None:
                break
            try:
                if await self._passing.call(target.internal_url, "GET", "/readyz", self._api_key) == 200:
                    return target
            except Refusal:
                log.warning("successor_silent", node=target.name)
            candidates.remove(next(node for node in candidates if node.name == target.name))
        raise Refusal("no_other_node", "There is no other node that could take the workshop.", retryable=True)

    async def _say(self, workshop_id: WorkshopId, target: NodeInfo, what: str, body: object = None) -> bool:
        """Tell the successor something about the workshop; whether it took note. A node of another version may not know how."""
        path = f"/api/workshops/{workshop_id}/{what}"
        try:
            status = await self._passing.call(target.internal_url, "POST", path, self._api_key, body or {})
        except Refusal:
            status = 0
        if status != 200:
            log.warning("successor_silent", node=target.name, workshop_id=workshop_id, what=what, status=status)
        return status == 200

    async def _finish(self, workshop_id: WorkshopId, actor: WorkshopActor | None) -> None:
        deadline_s = time.monotonic() + GRACE_S
        while True:
            await asyncio.sleep(POLL_S)
            if not self._gateway.moving.connected(workshop_id) or time.monotonic() >= deadline_s:
                break
        self._gateway.moving.end(workshop_id)
        if actor is not None:
            await asyncio.sleep(MEDIA_GRACE_S)
            if not self._ownership.holds(workshop_id):  # it has not come back meanwhile
                self._bridge.forget(actor.state)

    def _later(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
