"""Time: Unix milliseconds that a jump of the wall clock does not disturb.

The wall clock is read once, at start; from then on the monotonic clock counts. So every duration within a run is true, and a correction of
the wall clock is taken over at the next start (where an actor makes sure that its workshop's time does not run backwards).
"""

import time
from collections.abc import Callable


class Clock:
    """`now_ms()` never runs backwards."""

    def __init__(
        self, wall_s: Callable[[], float] = time.time, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic_s = monotonic_s
        self._offset_s = wall_s() - monotonic_s()

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return int((self._offset_s + self._monotonic_s()) * 1000)
