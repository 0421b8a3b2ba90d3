"""Short pauses of the garbage collector.

A full collection looks at every container there is, those of all modules too, and meanwhile no packet is forwarded and no command answered. What is there
when the server has started is therefore taken out of its sight for good, and it looks less often at the rest. Reference counting frees that: nothing of ours
leaves a ring of references behind (`tests/integration/test_nothing_is_left.py`).

What the libraries leave behind in rings, most of it when something fails, is looked for in full when it holds up nobody: while nobody is connected, or
there is so little to look at that nobody notices; and if neither comes, once an hour.
"""

import asyncio
import gc
import time
from collections.abc import Callable

from server.tasks import ended

THRESHOLDS = (20_000, 20, 50)
"""Container objects made and not yet freed before the youngest are looked at; so many times before the next generation is, and the oldest."""
LOOK_S = 30.0
FEW_OBJECTS = 20_000
"""As many as some fifty people's are. How long a look at them takes: `python -m timeit -s 'import gc; o = [[] for _ in range(20_000)]' 'gc.collect()'`."""
BETWEEN_S = 600.0
"""While somebody is here."""
AT_LAST_S = 3600.0


def shorten() -> None:
    """Call once, when everything that stays has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def forget_frames(error: BaseException | None) -> None:
    """For an exception that something keeps which its frames hold in turn; also of those that led to it."""
    while error is not None:
        before, error.__traceback__, error.__context__ = error.__context__, None, None
        error = before


class Collector:
    """`people` tells how many are connected; `count` how many objects a full collection would look at."""

    def __init__(self, people: Callable[[], int], count: Callable[[], int] = lambda: len(gc.get_objects())) -> None:
        self._people = people
        self._count = count
        self._collected_s = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name="garbage")

    async def close(self) -> None:
        if self._task is not None:
            await ended(self._task)

    def look(self, now_s: float) -> None:
        """Collect, if this is a moment for it; `now_s` is monotonic."""
        since_s = now_s - self._collected_s
        few = since_s >= BETWEEN_S and self._count() <= FEW_OBJECTS
        if not self._people() or few or since_s >= AT_LAST_S:
            gc.collect()
            self._collected_s = now_s

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(time.monotonic())
