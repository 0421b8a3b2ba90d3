"""Time for the workshops: Unix milliseconds that never run backwards and that no clock correction stretches.

Theory of operation. The machine's wall clock is looked at once, when a workshop is loaded; from then on time advances with
the monotonic clock. So a countdown of five minutes takes five minutes and attendance is right to the second, whatever
happens to the wall clock meanwhile; a corrected clock is taken over when the workshop is next loaded, unless somebody is there
(`server.continuity`). If the wall clock stands before the workshop's last event (it was set back), the workshop goes on from its last event.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """The machine's two clocks, in milliseconds."""

    def wall_ms(self) -> int:
        """Unix time; may jump either way."""

    def monotonic_ms(self) -> int:
        """Never jumps; from an arbitrary origin."""


class SystemClock:
    """The real ones."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class WorkshopClock:
    """One workshop's time. `last_ms` is the time of its last event (0 if it has none); `origin_ms` goes on with a time that ran before."""

    def __init__(self, clock: Clock, last_ms: int = 0, origin_ms: int | None = None) -> None:
        self._clock = clock
        now_ms = clock.monotonic_ms()
        found_ms = clock.wall_ms() if origin_ms is None else origin_ms + now_ms
        self.origin_ms = max(found_ms, last_ms) - now_ms
        """What stands between this time and the monotonic clock."""

    def now_ms(self) -> int:
        """Unix time in milliseconds, never less than before, never less than `last_ms`."""
        return self.origin_ms + self._clock.monotonic_ms()
