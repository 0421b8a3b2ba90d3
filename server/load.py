"""How busy this node is: the largest of the shares that are used of its processor, its sockets, its transports and its workshops.

One process runs on one core, so the processor counts as full when the process has used as much time as has passed. The event loop's lag
is measured on the way: how much later than asked a timer comes.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

SAMPLE_S = 0.5
SMOOTHING = 0.05
"""Weight of the newest sample: what counts is about the last ten seconds, so that a moment's work turns nobody away."""

Share = Callable[[], float]


class LoadMeter:
    """`shares` give what is used of each limit, by name, from 0; `on_lag` is told the event loop's lag in seconds."""

    def __init__(self, shares: Mapping[str, Share], on_lag: Callable[[float], None] = lambda _seconds: None) -> None:
        self._shares = shares
        self._on_lag = on_lag
        self._cpu = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._sample(), name="load")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def value(self) -> float:
        """0 (idle) to 1 (full)."""
        return min(1.0, max(self._cpu, *(share() for share in self._shares.values())))

    def by_part(self) -> dict[str, float]:
        """What it comes from."""
        return {"cpu": self._cpu, **{name: share() for name, share in self._shares.items()}}

    async def _sample(self) -> None:
        while True:
            began_s, used_s = time.monotonic(), time.process_time()
            await asyncio.sleep(SAMPLE_S)
            passed_s = time.monotonic() - began_s
            self._on_lag(max(0.0, passed_s - SAMPLE_S))
            share = min(1.0, (time.process_time() - used_s) / passed_s)
            self._cpu += SMOOTHING * (share - self._cpu)
