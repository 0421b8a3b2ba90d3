"""A core of its own for a measured process, so that what it waits for is its own work and not that of others on the machine."""

import os
from collections.abc import Iterable

PRIORITY = 1
"""The least of the real-time ones: before everything that has none."""


def take_core(number: int) -> bool:
    """Run this thread on the core of this number alone and before whoever else wants it; False, changing nothing, where that cannot be."""
    former = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {number})  # a child may have its parent's core alone so far
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError:
        os.sched_setaffinity(0, former)
        return False
    return True


def go_before(pids: Iterable[int]) -> bool:
    """Have the main threads of these processes go before whatever else wants their core; False, changing nothing, where that cannot be.

    A nice value would not do: where Linux groups processes by session (`sched_autogroup_enabled`), it counts within a group only."""
    try:
        for pid in pids:
            os.sched_setscheduler(pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except PermissionError:
        return False
    return True
