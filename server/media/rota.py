"""Whose turn it is: work that everybody needs once an interval, spread evenly over it, so that no moment has all of it.

With everything at once each tenth of a second, the packets that come meanwhile would wait for all of it.
"""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Rota(Generic[T]):
    """Serves each of its items about once in `interval_us`, in turn; call `due` as often as is convenient."""

    def __init__(self, interval_us: int) -> None:
        self._interval_us = interval_us
        self._waiting: deque[T] = deque()
        self._served_us = 0

    def add(self, item: T) -> None:
        """Something that is new waits for an interval at most."""
        self._waiting.append(item)

    def remove(self, item: T) -> None:
        """Raises ValueError for what is not there."""
        self._waiting.remove(item)

    def due(self, now_us: int) -> list[T]:
        """Whose turn has come since the last call; each once at most, however long ago that was."""
        count = len(self._waiting)
        due = (now_us - self._served_us) * count // self._interval_us
        if due >= count:
            self._served_us = now_us
            return list(self._waiting)
        self._served_us += due * self._interval_us // count
        items = [self._waiting.popleft() for _ in range(due)]
        self._waiting.extend(items)
        return items
