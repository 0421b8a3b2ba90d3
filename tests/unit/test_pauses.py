"""When the garbage collector looks at everything."""

import gc
import time
import weakref

import pytest

from server.pauses import AT_LAST_S, BETWEEN_S, FEW_OBJECTS, Collector


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize(
    ("people", "objects", "after_s", "collected"),
    [
        (0, FEW_OBJECTS + 1, 0.0, True),
        (1, FEW_OBJECTS, BETWEEN_S - 1, False),
        (1, FEW_OBJECTS, BETWEEN_S + 1, True),
        (1, FEW_OBJECTS + 1, AT_LAST_S - 1, False),
        (1, FEW_OBJECTS + 1, AT_LAST_S + 1, True),
    ],
)
def test_rings_are_looked_for_when_it_holds_up_nobody_or_at_last(
    people: int, objects: int, after_s: float, collected: bool
) -> None:
    collector = Collector(lambda: people, lambda: objects)
    gc.disable()
    try:
        left = weakref.ref(Ring())
        collector.look(time.monotonic() + after_s)
        assert (left() is None) is collected
    finally:
        gc.enable()
