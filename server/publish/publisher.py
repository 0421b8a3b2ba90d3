"""Carries every published event to every sink: at least once, in a workshop's order, at the sink's own pace.

Each sink has a `Delivery` (`server.publish.delivery`), a task of its own, so sinks do not wait for each other; this hands on to them what there is to know.
"""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

from rooms.ids import WorkshopId
from server.clock import Clock
from server.journal.port import Journal
from server.publish.delivery import BackOff, Delivery
from server.publish.ledger import Ledger
from server.publish.narrative import Options
from server.publish.rights import AllRights, Rights
from server.publish.sink import Sink


class Publisher:
    """The sinks of a node. `options` are those of the narrative; `draw` is for the jitter only."""

    def __init__(
        self,
        journal: Journal,
        ledger: Ledger,
        sinks: Sequence[Sink],
        options: Options,
        clock: Clock,
        *,
        back_off: BackOff | None = None,
        draw: random.Random | None = None,
        rights: Rights | None = None,
    ) -> None:
        self._make = partial(
            Delivery,
            *(journal, ledger, options, clock),
            *(back_off or BackOff(), draw or random.Random(), rights or AllRights()),
        )
        self._deliveries = {sink.name: self._make(sink) for sink in sinks}
        if len(self._deliveries) < len(sinks):
            raise ValueError("two sinks have the same name; the cursor is kept under it, so each needs its own")

    async def start(self) -> None:
        for delivery in self._deliveries.values():
            await delivery.start()

    async def close(self) -> None:
        """Stop at once; what is not delivered is delivered after the next start."""
        await asyncio.gather(*(delivery.close() for delivery in self._deliveries.values()))

    async def add(self, sink: Sink, only: WorkshopId | None = None) -> None:
        """From now on deliver to `sink`, too, in place of one of the same name; with `only`, the events of that workshop alone."""
        await self.remove(sink.name)
        delivery = self._deliveries[sink.name] = self._make(sink, only)
        await delivery.start()

    async def remove(self, name: str) -> None:
        """Deliver nothing to it any more; its cursor stays. A name that is not known is nothing to stop."""
        if (delivery := self._deliveries.pop(name, None)) is not None:
            await delivery.close()

    def wake(self, workshop_id: WorkshopId) -> None:
        """There are new events in a workshop's journal."""
        for delivery in self._deliveries.values():
            delivery.wake(workshop_id)

    def forget(self, workshop_id: WorkshopId) -> None:
        """Something was erased: drop what has been told and is still waiting, and tell it anew."""
        for delivery in self._deliveries.values():
            delivery.forget(workshop_id)

    def take_up(self, workshop_id: WorkshopId) -> None:
        """This node publishes from the workshop from now on, whatever it knew of it before."""
        self.drop(workshop_id)
        self.wake(workshop_id)

    def drop(self, workshop_id: WorkshopId) -> None:
        """Another node publishes from the workshop now: what is told and waits here is not delivered."""
        for delivery in self._deliveries.values():
            delivery.drop(workshop_id)

    @property
    def names(self) -> list[str]:
        return list(self._deliveries)

    def names_for(self, workshop_id: WorkshopId) -> list[str]:
        """The sinks that get this workshop's events."""
        return [name for name, each in self._deliveries.items() if each.only in (None, workshop_id)]

    def delivery(self, sink: str) -> Delivery:
        """Raises KeyError for an unknown sink."""
        return self._deliveries[sink]
