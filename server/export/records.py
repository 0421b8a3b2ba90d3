"""The records that facilitators see, for exports to be made of."""

from typing import TypeVar

from rooms.records import ALL, FACILITATORS
from rooms.state import WorkshopState
from rooms.views import render

SEEN = frozenset((ALL, FACILITATORS))
R = TypeVar("R")


def seen(state: WorkshopState, key: str, kind: type[R]) -> R | None:
    """The record of that key, if facilitators see it."""
    shown = render(state, key)
    if shown is None or not shown[1] & SEEN or not isinstance(shown[0], kind):
        return None
    return shown[0]
