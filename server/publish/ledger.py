"""What has been delivered where: the port to the durable side of the publisher.

A *position* in a workshop is (`seq`, `part`): all published events of the journal's events up to `seq` are delivered, and the first
`part` of those that event `seq` + 1 is told as. Positions only grow. A dead letter is a place, not a copy: the event is told anew
when it is looked at or retried, so what was erased meanwhile is gone from it too.
"""

from dataclasses import dataclass
from typing import Protocol

from rooms.ids import WorkshopId

FORGOTTEN = "forgotten, because somebody was erased"
"""The reason of a dead letter after that."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """See the module's text. (0, 0) is the beginning."""

    seq: int = 0
    part: int = 0


BEGINNING = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that a sink will not take: the `part`th (from 0) of what the journal's event `seq` is told as."""

    ref: int
    sink: str
    workshop_id: WorkshopId
    seq: int
    part: int
    event_id: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkState:
    """`failing_since_ms`: when the failures began that have not been followed by a success; `disabled`: why nothing is sent."""

    failing_since_ms: int | None = None
    disabled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far a sink is behind: journal events not told to it, and the time of the oldest (Unix ms; None if there is none)."""

    events: int
    oldest_at_ms: int | None
    dead_letters: int


class Ledger(Protocol):
    """Every method may raise `server.journal.port.JournalUnavailable`."""

    async def position(self, sink: str, workshop_id: WorkshopId) -> Position:
        """How far the sink is in a workshop; the beginning if it has got nothing of it."""

    async def advance(
        self, sink: str, workshop_id: WorkshopId, to: Position, dead: tuple[tuple[int, int, str, str, int], ...] = ()
    ) -> None:
        """Note, durably and together, a new position and dead letters (seq, part, event id, reason, time in Unix ms)."""

    async def behind(self, sink: str, only: WorkshopId | None = None) -> list[WorkshopId]:
        """Workshops with events after the sink's position; `only`: the one that the sink is for."""

    async def lag(self, sink: str, only: WorkshopId | None = None) -> Lag: ...

    async def forget_sink(self, sink: str) -> None:
        """The sink is gone for good: its cursors, dead letters and state with it."""

    async def rewind(self, sink: str, workshop_id: WorkshopId | None, to: Position = BEGINNING) -> None:
        """Go back to `to`, for one workshop or all: what comes after it is delivered again, with the same ids. A sink that has not
        come so far stays where it is."""

    async def state(self, sink: str) -> SinkState: ...

    async def set_state(self, sink: str, state: SinkState) -> None: ...

    async def dead_letters(self, sink: str, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """In the order they died; `after` is the last `ref` seen."""

    async def forget_reasons(self, workshop_id: WorkshopId) -> None:
        """Somebody was erased: what receivers said of a workshop's dead letters may repeat texts, so it is forgotten."""

    async def forget_letters(self, workshop_id: WorkshopId) -> None:
        """The workshop was deleted (and its cursors with it): there is nothing any more that its dead letters point to."""

    async def bury(self, ref: int) -> None:
        """Forget a dead letter, because it was delivered after all or is not wanted any more."""
