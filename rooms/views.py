"""Which records there are, who sees each, and which may have changed. Dispatch over the features' tables.

Anonymity and blindness live in the features' `render_*` functions: what a viewer may not know is in a record it never gets.
"""

from collections.abc import Iterable, Iterator

from rooms.events import Recorded
from rooms.feature import Renderer, Shown, Toucher
from rooms.people import audiences_of
from rooms.state import WorkshopState
from rooms.workshop import FEATURES

__all__ = ["all_keys", "audiences_of", "render", "touched"]

_RENDERERS: dict[str, Renderer] = {
    kind: renderer for feature in FEATURES for kind, renderer in feature.renderers.items()
}
_TOUCHERS: dict[type[object], tuple[Toucher, ...]] = {
    event: tuple(feature.touched[event] for feature in FEATURES if event in feature.touched)
    for feature in FEATURES
    for event in feature.touched
}


def touched(state: WorkshopState, recorded: Recorded) -> Iterator[str]:
    """Keys of the records that may look different now that `recorded` has been folded in."""
    for toucher in _TOUCHERS[type(recorded.event)]:
        yield from toucher(state, recorded.event)


def render(state: WorkshopState, key: str) -> Shown | None:
    """The record of that key and its audiences; None where there is none. Raises KeyError for an unknown kind."""
    kind, _, key_id = key.partition(":")
    return _RENDERERS[kind](state, key_id)


def all_keys(state: WorkshopState) -> Iterable[str]:
    """Every key that may have a record; some of them have none at the moment."""
    for feature in FEATURES:
        yield from feature.keys(state)
