"""The people of a workshop that goes to another node: told where it will be, kept here until they are there, sent away if they do not go.

Theory of operation. A hand-over (`server.cluster.handover`) ends the workshop's actor here, and its connections stay: they carry sound and
picture, and their answers, until each has opened the next. Whoever is told twice is told once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rooms.ids import WorkshopId
from server.session import Session
from server.wire import Encoded


class Sender(Protocol):
    """`server.wire.WireServer`."""

    def encode(self, event: str, payload: Any) -> Encoded: ...

    def send(self, sid: str, packet: Encoded) -> bool: ...


class Moving:
    """`sessions` are the gateway's, by sid; `goodbye` tells one of them (sid, code, message) why and closes it."""

    def __init__(
        self, sessions: Mapping[str, Session], sender: Sender, goodbye: Callable[[str, str, str], None]
    ) -> None:
        self._sessions = sessions
        self._sender = sender
        self._goodbye = goodbye
        self._under_way: set[WorkshopId] = set()

    def __contains__(self, workshop_id: WorkshopId) -> bool:
        """Whether its connections are to stay though its actor has ended."""
        return workshop_id in self._under_way

    def begin(self, workshop_id: WorkshopId) -> None:
        """The workshop's actor is about to end here, and its connections are to stay for a while."""
        self._under_way.add(workshop_id)

    def tell(self, workshop_id: WorkshopId, url: str) -> None:
        """Tell everybody who has not been told where it is now; they connect there and then close here."""
        packet = self._sender.encode("moved", {"url": url})
        for session in self._of(workshop_id):
            if session.sent_to != url:
                session.sent_to = url
                self._sender.send(session.sid, packet)

    def connected(self, workshop_id: WorkshopId) -> int:
        """How many connections are here, with and without a hello."""
        return len(self._of(workshop_id))

    def end(self, workshop_id: WorkshopId) -> None:
        """Send away whoever has not gone."""
        self._under_way.discard(workshop_id)
        for session in self._of(workshop_id):
            if session.actor is None or session.actor.closed:
                self._goodbye(session.sid, "server_stopping", "The workshop is on another server now; reconnecting.")

    def _of(self, workshop_id: WorkshopId) -> list[Session]:
        return [session for session in self._sessions.values() if session.claims.workshop_id == workshop_id]
