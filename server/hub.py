"""Who of one workshop is connected here, which audiences they belong to, and what goes out to them.

Theory of operation. The workshop's actor says when events are durable; the first of them starts a 50 ms gathering, at whose end
the projection's differences are encoded once an audience and queued for every connection in it. The projection never shows what is
not durable (`server.actor`), so it may be read at any time. Audience changes are applied before batches are
sent, and a connection is put into its audiences in the same step that takes its snapshot, so it can neither miss a change nor get one
it may not see.

Signals take the same way without a journal: what is said about the same thing within a gathering is merged, the last word wins.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rooms.codec import plain
from rooms.events import Recorded
from rooms.ids import ConnectionId, ParticipantId
from rooms.projection import Projection, Put, Resume, Snapshot
from rooms.records import Record
from rooms.views import audiences_of
from server.wire import Encoded

GATHER_S = 0.05
SIGNAL_KINDS = 16
"""Different signal payload keys kept for one audience within a gathering."""


class Source(Protocol):
    """What is shown: `server.actor.WorkshopActor`."""

    @property
    def projection(self) -> Projection: ...


class Sender(Protocol):
    """Where packets go: `server.wire.WireServer`."""

    def encode(self, event: str, payload: Any) -> Encoded: ...

    def send(self, sid: str, packet: Encoded) -> bool: ...


@dataclass(slots=True)
class Connection:
    """One socket that has said hello."""

    sid: str
    connection_id: ConnectionId
    participant_id: ParticipantId
    audiences: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Merged:
    """The signals waiting for one audience."""

    payload: dict[str, Any] = field(default_factory=dict)

    def add(self, payload: dict[str, Any]) -> None:
        for key, value in payload.items():
            before = self.payload.get(key)
            if isinstance(before, dict) and isinstance(value, dict):
                self.payload[key] = {**before, **value}
            elif before is not None or len(self.payload) < SIGNAL_KINDS:
                self.payload[key] = value


class Hub:
    """One workshop's connections on this node; the only owner of their audiences."""

    def __init__(self, source: Source, sender: Sender, too_slow: Callable[[str], None]) -> None:
        self._source = source
        self._sender = sender
        self._too_slow = too_slow
        self._by_sid: dict[str, Connection] = {}
        self._by_person: dict[ParticipantId, set[str]] = defaultdict(set)
        self._members: dict[str, set[str]] = defaultdict(set)
        self._signals: dict[str, _Merged] = defaultdict(_Merged)
        self._plain: dict[str, tuple[Record, dict[str, Any]]] = {}
        """Key → the record as it was last sent, and how; a newcomer is given nearly the same as the one before."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> Sequence[Connection]:
        return tuple(self._by_sid.values())

    def of(self, participant_id: ParticipantId) -> Sequence[Connection]:
        """A person's connections here."""
        return tuple(self._by_sid[sid] for sid in self._by_person.get(participant_id, ()))

    def enter(self, connection: Connection, last_seq: int | None) -> Snapshot | Resume:
        """Put a connection into its audiences and say what it must be told first."""
        projection = self._source.projection
        resumed = None if last_seq is None else projection.since(connection.participant_id, last_seq)
        first = projection.snapshot(connection.participant_id) if resumed is None else resumed
        self._by_sid[connection.sid] = connection
        self._by_person[connection.participant_id].add(connection.sid)
        self._apply(connection, audiences_of(projection.state, connection.participant_id))
        return first

    def puts(self, put: Sequence[Put]) -> list[dict[str, Any]]:
        """Records as they are on the wire."""
        found = []
        for key, record in put:
            known = self._plain.get(key)
            if known is None or known[0] is not record:
                known = self._plain[key] = (record, {"key": key, "record": plain(record)})
            found.append(known[1])
        return found

    def leave(self, sid: str) -> Connection | None:
        """Forget a connection."""
        connection = self._by_sid.pop(sid, None)
        if connection is not None:
            self._apply(connection, frozenset())
            person = self._by_person[connection.participant_id]
            person.discard(sid)
            if not person:
                del self._by_person[connection.participant_id]
        return connection

    def recorded(self, _events: Sequence[Recorded]) -> None:
        """Something durable happened: tell everybody within the gathering time."""
        self._gather()

    def signal(self, audience: str, payload: dict[str, Any]) -> None:
        """Send a payload to an audience with the next gathering; lost for whoever is not connected."""
        self._signals[audience].add(payload)
        self._gather()

    def flush(self) -> None:
        """Send what has gathered, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flush_changes()
        self._flush_signals()

    def _flush_changes(self) -> None:
        changes = self._source.projection.flush()
        if changes is not None:
            for participant_id, audiences in changes.audiences.items():
                for connection in self.of(participant_id):
                    self._apply(connection, audiences)
            for batch in changes.batches:
                for key in batch.remove:
                    self._plain.pop(key, None)
                members = self._members.get(batch.audience)
                if members:
                    payload = {
                        "since": changes.since,
                        "seq": changes.seq,
                        "put": self.puts(batch.put),
                        "remove": list(batch.remove),
                    }
                    self._send(members, "changes", payload)

    def _flush_signals(self) -> None:
        signals, self._signals = self._signals, defaultdict(_Merged)
        for audience, merged in signals.items():
            members = self._members.get(audience)
            if members:
                self._send(members, "signals", merged.payload)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _gather(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self.flush)

    def _send(self, sids: Iterable[str], event: str, payload: Any) -> None:
        packet = self._sender.encode(event, payload)
        slow = [sid for sid in sids if not self._sender.send(sid, packet)]
        for sid in slow:
            self._too_slow(sid)

    def _apply(self, connection: Connection, audiences: frozenset[str]) -> None:
        for audience in connection.audiences - audiences:
            members = self._members[audience]
            members.discard(connection.sid)
            if not members:
                del self._members[audience]
        for audience in audiences - connection.audiences:
            self._members[audience].add(connection.sid)
        connection.audiences = audiences
