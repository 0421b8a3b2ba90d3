"""Ending a task.

A task that is cancelled in the very moment in which what it waits for is there may go on as if nothing had been said: `asyncio.wait_for` up to
Python 3.11, and libraries that use it, lose the cancellation then. A loop that is cancelled once and waited for is waited for until somebody
ends the process.
"""

import asyncio
from typing import Any

AGAIN_S = 2.0
"""How long a task may take to clean up before it is cancelled once more."""


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel the task, and wait until it has ended; how it ended is left to whoever asks it."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_S)
