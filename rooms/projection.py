"""What to send: from touched keys to batches for audiences, for one workshop.

Theory of operation. `note` collects the keys each event touched; `flush` renders each of them once, compares with what was last
shown, and sorts the differences by audience. So ten ballots within one flush are one tally, a key that was touched without
looking different costs nothing on the wire, and a batch is encoded once for everybody in its audience.

Two invariants, both held by the property tests:
- For every viewer: an older snapshot, changed by all batches for the viewer's audiences since, equals a new snapshot.
- A removal goes only to audiences that had the record: a key says something too (`ballot:<poll>:<who>`: who voted).

When a person's audiences change (moved, left, new role), a batch for that person alone takes away what only the old audiences
showed and gives what only the new ones show. The gateway applies `Changes.audiences` before it sends the batches.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from rooms.events import Recorded
from rooms.feature import Shown
from rooms.ids import ParticipantId
from rooms.records import Record, person_audience, waiting_audience
from rooms.state import WorkshopState
from rooms.views import all_keys, audiences_of, render, touched

MAX_LOGGED_CHANGES = 8_000
"""Changed keys remembered for clients that resume; older ones get a snapshot, which costs less than going through more than that."""
MAX_SAME = 10_000
"""Sets of audiences that are kept once for all keys that have them."""

Put = tuple[str, Record]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one audience must be told. Removals apply before puts."""

    audience: str
    put: tuple[Put, ...]
    remove: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything between two positions of the journal; `audiences` lists the people whose audiences changed."""

    since: int
    seq: int
    audiences: dict[ParticipantId, frozenset[str]]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All a viewer may see, at `seq`."""

    seq: int
    put: tuple[Put, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """What changed for a viewer between `since` and `seq`."""

    since: int
    seq: int
    put: tuple[Put, ...]
    remove: tuple[str, ...]


@dataclass(slots=True)
class _Outbox:
    """One audience's part of a flush, by key, so that the last word on a key wins."""

    put: dict[str, Record] = field(default_factory=dict)
    remove: dict[str, None] = field(default_factory=dict)


class Projection:
    """Follows one workshop's state, which it never changes."""

    def __init__(self, state: WorkshopState) -> None:
        self._state = state
        self._shown: dict[str, Shown] = {}
        self._by_audience: dict[str, set[str]] = defaultdict(set)
        self._audiences: dict[ParticipantId, frozenset[str]] = {}
        self._same: dict[frozenset[str], frozenset[str]] = {}
        """Thousands of messages are for everybody; there is one set that says so."""
        self._pending: dict[str, int] = {}
        """Touched key → seq of the last event that touched it."""
        self._rendered: dict[str, Shown | None] = {}
        """Touched keys as they look now, where somebody asked: of a thousand people who join at once, each is given all the others."""
        self._flushed_seq = state.seq
        self._log: deque[tuple[int, str, frozenset[str]]] = deque()
        self._log_from = state.seq
        self._rescoped: dict[ParticipantId, int] = {}
        for key in all_keys(state):
            self._show(key, self._render(key))
        for participant_id in state.participants:
            self._audiences[participant_id] = audiences_of(state, participant_id)

    @property
    def state(self) -> WorkshopState:
        """The state that is shown; for reading."""
        return self._state

    def note(self, recorded: Recorded) -> None:
        """Call after each evolve."""
        for key in touched(self._state, recorded):
            self._pending[key] = recorded.seq
            self._rendered.pop(key, None)

    def rebuilt(self, state: WorkshopState) -> None:
        """Follow `state` from now on: the same workshop, folded anew from a journal in which texts were erased. The next flush tells
        the differences, whatever record they are in."""
        self._state = state
        self._rendered.clear()
        for key in (*self._shown, *all_keys(state)):
            self._pending[key] = state.seq

    def flush(self) -> Changes | None:
        """The differences since the last flush; None where nobody has to be told anything."""
        if not self._pending:
            return None
        since, seq = self._flushed_seq, self._state.seq
        boxes: dict[str, _Outbox] = defaultdict(_Outbox)
        for key, touched_seq in self._pending.items():
            self._difference(key, touched_seq, boxes)
        rescoped = self._rescope(boxes)
        self._pending.clear()
        self._rendered.clear()
        self._flushed_seq = seq
        while len(self._log) > MAX_LOGGED_CHANGES:
            self._log_from = max(self._log_from, self._log.popleft()[0])
        if not boxes and not rescoped:
            return None
        return Changes(since=since, seq=seq, audiences=rescoped, batches=tuple(_in_order(boxes)))

    def snapshot(self, participant_id: ParticipantId) -> Snapshot:
        """All that the viewer may see now: what is shown already, and anew what was touched since."""
        viewer = audiences_of(self._state, participant_id)
        pending = self._pending
        put = [
            (key, record)
            for key, (record, audiences) in self._shown.items()
            if key not in pending and not audiences.isdisjoint(viewer)
        ]
        return Snapshot(seq=self._state.seq, put=(*put, *self._visible(pending, viewer)))

    def since(self, participant_id: ParticipantId, last_seq: int) -> Resume | None:
        """What changed for the viewer after `last_seq`; None where that is not known any more: send a snapshot."""
        if not self._log_from <= last_seq <= self._state.seq or self._rescoped.get(participant_id, -1) > last_seq:
            return None
        if audiences_of(self._state, participant_id) != self._audiences.get(participant_id):
            return None
        viewer = self._audiences[participant_id]
        changed: dict[str, bool] = {}
        for seq, key, seen_by in self._log:
            if seq > last_seq:
                changed[key] = changed.get(key, False) or bool(seen_by & viewer)
        for key in self._pending:
            shown = self._shown.get(key)
            changed[key] = changed.get(key, False) or (shown is not None and bool(shown[1] & viewer))
        put = tuple(self._visible(changed, viewer))
        now = {key for key, _ in put}
        remove = tuple(key for key, seen in changed.items() if seen and key not in now)
        return Resume(since=last_seq, seq=self._state.seq, put=put, remove=remove)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _visible(self, keys: Iterable[str], viewer: frozenset[str]) -> Iterable[Put]:
        for key in keys:
            shown = self._now(key)
            if shown is not None and shown[1] & viewer:
                yield key, shown[0]

    def _now(self, key: str) -> Shown | None:
        """The record as it is: what was not touched since the last flush looks as it was shown then."""
        if key not in self._pending:
            return self._shown.get(key)
        if key not in self._rendered:
            self._rendered[key] = self._render(key)
        return self._rendered[key]

    def _render(self, key: str) -> Shown | None:
        shown = render(self._state, key)
        if shown is None:
            return None
        if len(self._same) > MAX_SAME:
            self._same.clear()
        return shown[0], self._same.setdefault(shown[1], shown[1])

    def _difference(self, key: str, seq: int, boxes: dict[str, _Outbox]) -> None:
        before, now = self._shown.get(key), self._now(key)
        if before == now:
            return
        had = before[1] if before is not None else frozenset[str]()
        has = now[1] if now is not None else frozenset[str]()
        for audience in had - has:
            boxes[audience].remove[key] = None
        if now is not None:
            for audience in has:
                boxes[audience].put[key] = now[0]
        self._log.append((seq, key, had))
        self._show(key, now)

    def _show(self, key: str, now: Shown | None) -> None:
        before = self._shown.get(key)
        if before is not None:
            for audience in before[1]:
                self._by_audience[audience].discard(key)
                if not self._by_audience[audience]:
                    del self._by_audience[audience]
        if now is None:
            self._shown.pop(key, None)
        else:
            self._shown[key] = now
            for audience in now[1]:
                self._by_audience[audience].add(key)

    def _rescope(self, boxes: dict[str, _Outbox]) -> dict[ParticipantId, frozenset[str]]:
        """People whose audiences changed; their own batches are added to `boxes`."""
        rescoped: dict[ParticipantId, frozenset[str]] = {}
        for key, touched_seq in self._pending.items():
            kind, _, key_id = key.partition(":")
            if kind != "participant":
                continue
            who = ParticipantId(key_id)
            before, now = self._audiences.get(who, frozenset()), audiences_of(self._state, who)
            if before == now:
                continue
            rescoped[who] = self._audiences[who] = now
            self._rescoped[who] = touched_seq
            if before and now:  # who comes gets a snapshot with hello, who goes gets nothing
                self._exchange(who, before, now, boxes)
        return rescoped

    def _exchange(
        self, who: ParticipantId, before: frozenset[str], now: frozenset[str], boxes: dict[str, _Outbox]
    ) -> None:
        alone = person_audience(who)
        box = boxes[alone if alone in now else waiting_audience(who)]
        for audience in before - now:
            lost = self._by_audience.get(audience, set()) | set(boxes[audience].remove if audience in boxes else ())
            for key in lost:
                shown = self._shown.get(key)
                if shown is None or not shown[1] & now:
                    box.remove[key] = None
        for audience in now - before:
            for key in self._by_audience.get(audience, ()):
                box.put[key] = self._shown[key][0]


def _in_order(boxes: dict[str, _Outbox]) -> Iterable[Batch]:
    """All removals before all puts: a record that changed its audience is taken from the old one first, so that a viewer
    in both keeps it."""
    for audience, box in boxes.items():
        if box.remove:
            yield Batch(audience=audience, put=(), remove=tuple(box.remove))
    for audience, box in boxes.items():
        if box.put:
            yield Batch(audience=audience, put=tuple(box.put.items()), remove=())
