"""Short pauses of the garbage collector.

A full collection looks at every container there is: with all modules loaded that takes tens of milliseconds, in which no packet is forwarded and no command
answered. What is there when the server has started is therefore taken out of its sight for good, and it looks less often at the rest, most of
which reference counting frees anyway.
"""

import gc

THRESHOLDS = (20_000, 20, 50)
"""Container objects made and not yet freed before the youngest are looked at; so many times before the next generation is, and the oldest."""


def shorten() -> None:
    """Call once, when everything that stays has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
