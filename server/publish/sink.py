"""A sink: something that takes CloudEvents. What it may answer, and what the publisher does then.

A sink is given a workshop's events in order, at most `max_batch` at once, and never two batches of one workshop at the same time; up to `lanes`
workshops are served at once. It must not return before the receiver has taken responsibility for the events, and
must make it recognisable when it gets an event again (the id does that).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from rooms.ids import WorkshopId
from server.publish.cloudevents import CloudEvent


class NotDelivered(Exception):
    """The first `delivered` events of the batch were taken, the others were not. `reason` is for people and logs; it must hold no
    secret and no personal data."""

    def __init__(self, reason: str, *, delivered: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delivered = delivered


class Later(NotDelivered):
    """The receiver cannot take anything now. The publisher waits, longer each time, at least `retry_after_s`."""

    def __init__(self, reason: str, *, delivered: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(reason, delivered=delivered)
        self.retry_after_s = retry_after_s


class Refused(NotDelivered):
    """The receiver will never take the event after those delivered. It becomes a dead letter and the others go on."""


class Gone(NotDelivered):
    """The receiver wants nothing any more. The sink is disabled until somebody enables it."""


class Sink(Protocol):
    """See the module's text."""

    @property
    def name(self) -> str:
        """Unique and lasting: the cursor is kept under it."""

    @property
    def max_batch(self) -> int: ...

    @property
    def lanes(self) -> int: ...

    @property
    def give_up_after_ms(self) -> int | None:
        """After failing for so long, events older than that become dead letters; None: never."""

    async def open(self) -> None:
        """Prepare; failures that may pass are for `deliver` to report."""

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        """Raises `Later`, `Refused` or `Gone`; returns when all are taken."""

    async def rewound(self, workshop_id: WorkshopId | None) -> None:
        """Somebody asked for everything again, of one workshop or of all: forget what was remembered against repetition.

        Raises `Later`."""

    async def close(self) -> None: ...


@runtime_checkable
class Keeping(Protocol):
    """What a sink that keeps the events itself can do besides. One that hands them on leaves it to the receiver, who gets the event
    `personal_data.erased`."""

    async def retold(self, workshop_id: WorkshopId, changed: Mapping[str, CloudEvent]) -> None:
        """Somebody's texts were erased: replace what was delivered of these events, by id, with what they are told as now.

        Called before `personal_data.erased` is delivered, and perhaps again. Raises `Later`."""
