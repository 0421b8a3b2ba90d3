"""A workshop on the pure core, in virtual time."""

import heapq
from collections.abc import Callable
from itertools import count
from random import Random

from rooms.commands import Command, Stamp
from rooms.commands.workshop import CreateWorkshop, Tick
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.ids import API, SYSTEM, ParticipantId, WorkshopId
from rooms.state import WorkshopState
from rooms.workshop import decide, evolve, initial_state, next_deadline_ms

START_MS = 1_000_000_000_000
"""When virtual time begins; any time would do."""
MAX_EVENTS = 500_000
"""A rehearsal that goes beyond has run away."""

Listener = Callable[[Recorded], None]


class Stage:
    """`listeners` hear every event after it has been folded in."""

    def __init__(self, draw: Random, title: str) -> None:
        self.state: WorkshopState = initial_state()
        self.now_ms = START_MS
        self.listeners: list[Listener] = []
        self._draw = draw
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._number = count()
        self.do(API, CreateWorkshop(workshop_id=WorkshopId("rehearsal"), title=title or "Rehearsal"))

    @property
    def elapsed_ms(self) -> int:
        return self.now_ms - START_MS

    def do(self, who: ParticipantId, command: Command) -> tuple[Event, ...]:
        """Carry a command out now. Raises `Rejected`."""
        stamp = Stamp(now_ms=self.now_ms, actor=who, entropy=self._draw.randbytes(32))
        events = decide(self.state, command, stamp)
        for event in events:
            recorded = Recorded(seq=self.state.seq + 1, at_ms=self.now_ms, actor=who, command_id="", event=event)
            self.state = evolve(self.state, recorded)
            for listener in self.listeners:
                listener(recorded)
        if self.state.seq > MAX_EVENTS:
            raise RuntimeError("the rehearsal does not come to an end")
        return events

    def try_to(self, who: ParticipantId, command: Command) -> bool:
        """Carry a command out, if the rules allow it now."""
        try:
            self.do(who, command)
        except Rejected:
            return False
        return True

    def later(self, after_ms: float, action: Callable[[], None]) -> None:
        """Do something after so much time."""
        heapq.heappush(self._queue, (self.now_ms + max(0, round(after_ms)), next(self._number), action))

    def play(self, until_ms: int) -> None:
        """Let time pass until nothing is left to do, or until so much time has passed."""
        end_ms = START_MS + until_ms
        while True:
            due_ms = next_deadline_ms(self.state)
            queued_ms = self._queue[0][0] if self._queue else None
            times = [time for time in (due_ms, queued_ms) if time is not None]
            if not times or min(times) > end_ms:
                return
            self.now_ms = max(self.now_ms, min(times))
            if due_ms is not None and due_ms == min(times):
                self.do(SYSTEM, Tick())
            else:
                heapq.heappop(self._queue)[2]()
