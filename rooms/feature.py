"""What a feature of the core is made of, so that `workshop` and `views` only dispatch.

A feature is one file (`breakouts.py`, `polls.py`, …) that ends in a `FEATURE` with:
- `deciders`: command type → what happens if it is given now, or `Rejected`. Reads the state, never writes.
- `evolvers`: event type → how the state changes. Never rejects; is given the `Recorded` for seq and time.
- `touched`: event type → keys of the records that may look different afterwards (asked after evolving). Naming one too many costs
  a comparison; naming one too few shows somebody an old state, which the property tests find.
- `renderers`: record kind → the record now and who sees it, or None where there is none (any more).
- `keys`: all record keys of the feature.
- `deadline_ms`, `tick`: when something is due next, and what is due by now.
- `slow`: command types whose decision may take longer than a moment (it groups people, or reads a file).
- `at_close`: what ends when the workshop is closed.
Other features' events can be listed in `evolvers` and `touched` as well (a tally changes when somebody joins); evolvers of one event
run in the order of `workshop.FEATURES`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rooms.commands import Stamp
from rooms.events import Event, Recorded
from rooms.ids import ParticipantId
from rooms.records import Record
from rooms.state import WorkshopState

Decider = Callable[[WorkshopState, Any, Stamp], tuple[Event, ...]]
Evolver = Callable[[WorkshopState, Any, Recorded], None]
Toucher = Callable[[WorkshopState, Any], Iterable[str]]
Shown = tuple[Record, frozenset[str]]
"""A record and the audiences that see it."""
Renderer = Callable[[WorkshopState, str], Shown | None]


class AboutSomebody(Protocol):
    """An event about one person."""

    @property
    def participant_id(self) -> ParticipantId: ...


def nothing_due(_state: WorkshopState) -> int | None:
    """For features without timers."""
    return None


def nothing_happens(_state: WorkshopState, _stamp: Stamp) -> tuple[Event, ...]:
    """For features without timers."""
    return ()


def nothing_to_end(_state: WorkshopState) -> Iterable[Event]:
    """For features that have nothing running."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    deciders: Mapping[type[Any], Decider]
    evolvers: Mapping[type[Any], Evolver]
    touched: Mapping[type[Any], Toucher]
    renderers: Mapping[str, Renderer]
    keys: Callable[[WorkshopState], Iterable[str]]
    deadline_ms: Callable[[WorkshopState], int | None] = field(default=nothing_due)
    tick: Callable[[WorkshopState, Stamp], tuple[Event, ...]] = field(default=nothing_happens)
    at_close: Callable[[WorkshopState], Iterable[Event]] = field(default=nothing_to_end)
    slow: frozenset[type[Any]] = frozenset()
