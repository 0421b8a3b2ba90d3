"""Tells the core which connections have ended, in the order they did, until it has taken it.

The store may be away just then (the disk is full, Redis is down). Without another try the person would stay present for as long as the server runs;
and tried later without saying when it was lost, they would have been present until then. Where the actor has ended meanwhile nothing is left
to do: the one that comes after it drops all connections.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from rooms.commands.people import Disconnect
from rooms.errors import Rejected
from rooms.ids import ConnectionId, ParticipantId
from server.actor import Unavailable, WorkshopActor

log = structlog.get_logger()

AGAIN_AFTER_S = 0.5
AT_ONCE = 256
"""How many are told in one go. While the store is away whoever asks to come in is one more, and all of them again would hold the loop."""


@dataclass(frozen=True, slots=True)
class _Departure:
    participant_id: ParticipantId
    connection_id: ConnectionId
    lost_at_ms: int
    was_here: bool
    late: bool = False
    """It was not told when it happened, so it has to say when that was."""

    @property
    def command(self) -> Disconnect:
        return Disconnect(connection_id=self.connection_id, lost_at_ms=self.lost_at_ms if self.late else None)


class Departures:
    """`note_lost` keeps a connection's id, and how long ago it ended, for the next process."""

    def __init__(self, note_lost: Callable[[ConnectionId, int], None]) -> None:
        self._note_lost = note_lost
        self._waiting: dict[WorkshopActor, deque[_Departure]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(
        self, actor: WorkshopActor, participant_id: ParticipantId, connection_id: ConnectionId, *, was_here: bool = True
    ) -> None:
        """A connection has ended just now. `was_here` is False for one that was refused and may be stored all the same."""
        departure = _Departure(participant_id, connection_id, actor.now_ms(), was_here)
        waiting = self._waiting.get(actor)
        if waiting is not None:
            waiting.append(departure)
            return
        self._waiting[actor] = deque([departure])
        task = asyncio.create_task(self._tell(actor), name=f"departures from {actor.workshop_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self, within_s: float) -> None:
        """Wait until everything is told; what is not by then is left to the next start."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()

    async def _tell(self, actor: WorkshopActor) -> None:
        waiting = self._waiting[actor]
        try:
            while waiting and not actor.closed:
                batch = [waiting.popleft() for _ in range(min(len(waiting), AT_ONCE))]
                taken = await asyncio.gather(*(_taken(actor, each) for each in batch))
                left = [each for each, done in zip(batch, taken, strict=True) if not done]
                if left:
                    log.info("departures_not_recorded", workshop_id=actor.workshop_id, people=len(left))
                    waiting.extendleft(reversed(left))
                    self._all_late(actor, waiting)
                    await asyncio.sleep(AGAIN_AFTER_S)
                    self._all_late(actor, waiting)
        finally:
            del self._waiting[actor]

    def _all_late(self, actor: WorkshopActor, waiting: deque[_Departure]) -> None:
        """Those that wait, also behind one that was not taken, say when they were, and are kept for the next process."""
        for at, each in enumerate(waiting):
            if not each.late:
                if each.was_here:
                    self._note_lost(each.connection_id, actor.now_ms() - each.lost_at_ms)
                waiting[at] = replace(each, late=True)


async def _taken(actor: WorkshopActor, departure: _Departure) -> bool:
    """Whether the core has it, or will not want it."""
    try:
        await actor.submit(departure.command, departure.participant_id, f"disconnect:{departure.connection_id}")
    except Rejected:
        return True
    except Unavailable as unavailable:
        return not unavailable.retryable
    return True
