"""The socket side of the wire (PROTOCOL.md): connect, hello, command, media; changes and signals out.

Theory of operation. A socket passes three gates: a verified participant token (connect), `hello`, then commands. Everything it
sends is checked for size, shape and rate before the core sees it; the actor is the token's participant, whatever the message says.
What is refused gets a code and a sentence; what is malformed gets `goodbye` and is cut. Each workshop with sockets here has a `Hub`.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from socketio.exceptions import ConnectionRefusedError as RefuseConnection

from rooms.commands.people import Connect
from rooms.commands.workshop import CloseWorkshop
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.events.lobby import LobbyLeft
from rooms.events.people import ParticipantLeft
from rooms.events.workshop import WorkshopClosed
from rooms.ids import ConnectionId, ParticipantId, WorkshopId
from rooms.projection import Snapshot
from rooms.records import person_audience
from rooms.state import WorkshopState
from server.actor import Unavailable, WorkshopActor
from server.arrivals import Arrivals
from server.auth import LEEWAY_S, Claims, TokenRefused, Tokens
from server.config import Settings
from server.departures import Departures
from server.hub import Connection, Hub
from server.ice_servers import for_browser
from server.media import OfferRefused, SlotSpec
from server.moving import Moving
from server.neighbours import Neighbours
from server.observe import Metrics
from server.passing import Passing
from server.rates import Buckets
from server.refusals import Refusal, parsed
from server.schema import Hello, MediaOffer, MediaView, command_of
from server.session import Session
from server.speech import SpeechMeter
from server.wire import MALFORMED, WireServer
from server.workshops import Elsewhere, UnknownWorkshop, Workshops

log = structlog.get_logger()

PROTOCOL = 1
FAREWELLS = {
    "left": "You have left the workshop.",
    "removed": "A facilitator has removed you from this workshop.",
    "denied": "A facilitator has not let you in.",
}
"""Why somebody leaves → what they are told."""
ORDINARY = ("left", "workshop_closed", "server_stopping")
"""Goodbyes that everybody gets and that no log needs."""
FLOOD_FACTOR = 4
"""How far beyond its burst a connection may go before it is cut rather than refused."""
OFFER_COST = 10
"""What a media offer counts, in commands: it is read, and a transport made for it."""


class MediaPort(Protocol):
    """What the gateway asks of the media bridge."""

    async def offer(
        self, state: WorkshopState, participant_id: ParticipantId, sdp: str, slots: Sequence[SlotSpec]
    ) -> str: ...

    def view(
        self, workshop_id: WorkshopId, participant_id: ParticipantId, tiles: Sequence[tuple[str, str, int, int]]
    ) -> None: ...

    def bindings(self, workshop_id: WorkshopId, participant_id: ParticipantId) -> dict[str, Any] | None: ...

    def recorded(self, state: WorkshopState, events: Sequence[Recorded]) -> None: ...


@dataclass(slots=True)
class _Live:
    """A workshop with sockets on this node."""

    actor: WorkshopActor
    hub: Hub


class Gateway:
    """Owns the sockets. `wire` is mounted on the aiohttp application by the composition root."""

    def __init__(
        self,
        settings: Settings,
        tokens: Tokens,
        workshops: Workshops,
        media: MediaPort,
        speech: SpeechMeter,
        metrics: Metrics,
        nodes: Neighbours,
        arrivals: Arrivals,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._workshops = workshops
        self._media = media
        self._speech = speech
        self._metrics = metrics
        self._sessions: dict[str, Session] = {}
        self._live: dict[WorkshopId, _Live] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._departures = Departures(workshops.note_lost)
        self._nodes = nodes
        self._arrivals = arrivals
        self._entries: frozenset[str] = frozenset()
        """What hello's answers say now, and everybody here has been told."""
        self._passing = Passing(settings.limits)
        self._connects = Buckets(settings.limits.connects_per_second, settings.limits.connects_burst)
        self.wire = WireServer(
            max_frame_bytes=settings.limits.max_frame_bytes,
            max_queued_frames=settings.limits.max_queued_frames,
            connect_within_s=settings.limits.hello_within_s,
            allowed_origins=self._nodes.origins,
            same_origin=settings.public_url is None,
        )
        self.wire.on("connect", self._on_connect)
        self.wire.on("disconnect", self._on_disconnect)
        self.wire.on("hello", self._on_hello)
        self.wire.on("clock", self._on_clock)
        self.wire.on("command", self._on_command)
        self.wire.on("media.offer", self._on_offer)
        self.wire.on("media.view", self._on_view)
        self.wire.on("react", self._on_react)
        self.wire.on("caption", self._on_caption)
        self.wire.on("*", self._on_unknown)
        self.wire.on_malformed = self._malformed
        self.moving = Moving(self._sessions, self.wire, self._goodbye)

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _on_connect(self, sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        try:
            claims = await self._admit(auth)
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.code).inc()
            if refusal.code.startswith("token_"):
                self._metrics.auth_failures.labels("socket").inc()
            told = {"code": refusal.code, "message": refusal.message, **refusal.way_on()}
            raise RefuseConnection(refusal.message, told) from None
        assert claims.participant_id is not None
        session = Session(
            sid=sid,
            claims=claims,
            participant_id=claims.participant_id,
            connection_id=ConnectionId(f"c_{uuid.uuid4().hex[:20]}"),
            allowance=self._settings.limits.commands_burst,
        )
        self._sessions[sid] = session
        loop, life_s = asyncio.get_running_loop(), claims.expires_at + LEEWAY_S - time.time()
        session.timers = [
            loop.call_later(self._settings.limits.hello_within_s, self._hello_due, session),
            loop.call_later(max(life_s, 0.0), self._goodbye, sid, "token_expired", "Your link has expired."),
        ]
        self._metrics.sockets.set(len(self._sessions))

    async def _admit(self, auth: Any) -> Claims:
        auth = auth if isinstance(auth, dict) else {}
        if len(self._sessions) >= self._settings.limits.max_sockets:
            raise Refusal("server_full", "This server takes no more connections now; try again soon.", retryable=True)
        if auth.get("protocol", PROTOCOL) != PROTOCOL:
            raise Refusal("protocol_unsupported", f"This server speaks protocol {PROTOCOL}; reload the page.")
        try:
            claims = self._tokens.verify(auth.get("token"))
        except TokenRefused as refused:
            raise Refusal(refused.code, refused.message) from None
        if claims.kind == "invite":
            raise Refusal("token_is_invite", "This is an invite; exchange it at /api/join for a token of your own.")
        if not self._connects.take(f"{claims.workshop_id}/{claims.participant_id}"):
            message = "Too many connections were made with this link just now; wait a moment."
            raise Refusal("rate_limited", message, retryable=True)
        if claims.workshop_id not in self._arrivals:  # else hello waits for it
            actor = await self._actor(claims.workshop_id)
            if actor.state.status == "closed":
                raise Refusal("workshop_closed", "The workshop has ended.")
        return claims

    def _hello_due(self, session: Session) -> None:
        if session.hub is None and not session.entering:
            self._goodbye(session.sid, "malformed", "No hello came; send `hello` right after connecting.")

    async def _actor(self, workshop_id: WorkshopId) -> WorkshopActor:
        await self._arrivals.wait(workshop_id)
        try:
            return await self._workshops.get(workshop_id)
        except UnknownWorkshop:
            raise Refusal("workshop_unknown", "There is no such workshop on this server.") from None
        except Elsewhere as elsewhere:
            raise Refusal(
                "elsewhere", "The workshop is on another server.", retryable=True, url=elsewhere.url
            ) from None
        except Unavailable as unavailable:
            raise Refusal(unavailable.code, unavailable.message, retryable=True) from None

    async def _on_hello(self, sid: str, payload: Any) -> dict[str, Any]:
        session = self._sessions.get(sid)
        try:
            if session is None:
                raise _gone()
            self._spend(session)
            if session.entering or session.hub is not None:
                raise Refusal("hello_repeated", "This connection has said hello already.")
            hello = parsed(Hello, payload, "hello_invalid")
            session.entering = True
            try:
                return await self._enter(session, hello)
            finally:
                session.entering = False
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.code).inc()
            return refusal.answer()

    async def _enter(self, session: Session, hello: Hello) -> dict[str, Any]:
        workshop_id = session.claims.workshop_id
        actor = await self._actor(workshop_id)
        command = Connect(
            connection_id=session.connection_id,
            name=session.claims.name or "?",
            role=session.claims.role,
            external_id=session.claims.external_id,
            email=session.claims.email,
        )
        try:
            await self._submit(actor, command, session.participant_id, f"connect:{session.connection_id}")
        except Refusal as refusal:
            if refusal.retryable:  # it may have been stored all the same, and this connection is not taken
                self._departures.note(actor, session.participant_id, session.connection_id, was_here=False)
            raise
        if session.sid not in self._sessions:  # it went away meanwhile
            self._departures.note(actor, session.participant_id, session.connection_id)
            raise _gone()
        live = self._live.get(workshop_id)
        if live is None or live.actor is not actor:
            live = self._open(workshop_id, actor)
        connection = Connection(session.sid, session.connection_id, session.participant_id)
        hub = live.hub
        first = hub.enter(connection, hello.last_seq)
        session.hub, session.actor = hub, actor
        bindings = self._media.bindings(workshop_id, session.participant_id)
        if bindings is not None:
            hub.signal(person_audience(session.participant_id), bindings)
        return {
            "ok": True,
            "participant_id": session.participant_id,
            "connection_id": session.connection_id,
            "workshop_id": workshop_id,
            "now_ms": actor.now_ms(),
            "since": first.seq if isinstance(first, Snapshot) else first.since,
            "seq": first.seq,
            "snapshot": isinstance(first, Snapshot),
            "put": hub.puts(first.put),
            "remove": [] if isinstance(first, Snapshot) else list(first.remove),
            "node": self._nodes.node_id,
            "entries": self._nodes.entries(),
            "rtc": {"ice_servers": for_browser(self._settings.ice_servers, time.time(), self._settings.turn_ttl_s)},
        }

    async def _on_clock(self, sid: str, _payload: Any) -> dict[str, Any]:
        try:
            _, actor, _ = self._asking(sid, "asking for the time")
            return {"ok": True, "now_ms": actor.now_ms()}
        except Refusal as refusal:
            return refusal.answer()

    async def _on_command(self, sid: str, payload: Any) -> dict[str, Any]:
        try:
            session, actor, _ = self._asking(sid, "commands")
            if not isinstance(payload, dict):
                self._goodbye(sid, "malformed", "A command is a map with `id`, `type` and the type's fields.")
                raise Refusal("command_invalid", "A command is a map with `id`, `type` and the type's fields.")
            fields = dict(payload)
            command_id = fields.pop("id", None)
            if not isinstance(command_id, str) or not 1 <= len(command_id) <= 64:
                raise Refusal("command_invalid", "id: a command needs an id of 1 to 64 characters, best a UUID.")
            command = command_of(fields)
            if isinstance(command, CloseWorkshop):
                await self._speech.settle(session.claims.workshop_id)
            seq = await self._submit(actor, command, session.participant_id, command_id)
            return {"ok": True, "seq": seq}
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.code).inc()
            return refusal.answer()

    async def _submit(self, actor: WorkshopActor, command: Any, who: ParticipantId, command_id: str) -> int:
        started = time.perf_counter()
        try:
            ack = await actor.submit(command, who, command_id)
        except Rejected as rejected:
            raise Refusal(rejected.code, rejected.message, rule=rejected.rule) from None
        except Unavailable as unavailable:
            raise Refusal(unavailable.code, unavailable.message, retryable=unavailable.retryable) from None
        self._metrics.commands.labels(command.type).inc()
        self._metrics.command_seconds.observe(time.perf_counter() - started)
        return ack.seq

    def _asking(self, sid: str, what: str, cost: int = 1) -> tuple[Session, WorkshopActor, Hub]:
        """Who asks for something after hello, and of which workshop."""
        session = self._sessions.get(sid)
        if session is None or session.actor is None or session.hub is None:
            raise Refusal("hello_first", f"Send `hello` before {what}.")
        self._spend(session, cost)
        return session, session.actor, session.hub

    def _spend(self, session: Session, cost: int = 1) -> None:
        """A token bucket for each connection; far over it the connection is cut."""
        if session.leaving:
            raise _gone()
        limits = self._settings.limits
        session.pay(cost, limits.commands_per_second, limits.commands_burst)
        if session.allowance < -limits.commands_burst * FLOOD_FACTOR:
            self._goodbye(session.sid, "flooding", "Far too many commands came from this connection.")
        if session.allowance < 0:
            raise Refusal("rate_limited", "Too many commands at once; wait a moment and try again.", retryable=True)

    async def _on_offer(self, sid: str, payload: Any) -> dict[str, Any]:
        try:
            session, actor, hub = self._asking(sid, "a media offer", OFFER_COST)
            offer = parsed(MediaOffer, payload, "offer_invalid")
            live = self._live.get(session.claims.workshop_id)
            if live is None or live.hub is not hub:
                raise Refusal("stopping", "The workshop is being loaded anew; connect again.", retryable=True)
            slots = [SlotSpec(mid=slot.mid, direction=slot.direction, media=slot.media) for slot in offer.slots]
            try:
                answer = await self._media.offer(actor.state, session.participant_id, offer.sdp, slots)
            except OfferRefused as refused:
                raise Refusal(refused.code, refused.message, retryable=refused.retryable) from None
            closed = self.wire.encode("signals", {"media": {"state": "closed", "code": "taken_over"}})
            for other in live.hub.of(session.participant_id):
                if other.sid != sid:  # each, not only the one that offered last: its socket may have been another then
                    self.wire.send(other.sid, closed)
            return {"ok": True, "sdp": answer}
        except Refusal as refusal:
            self._metrics.refused.labels(refusal.code).inc()
            return refusal.answer()

    async def _on_view(self, sid: str, payload: Any) -> dict[str, Any]:
        try:
            session, _, _ = self._asking(sid, "a view")
            view = parsed(MediaView, payload, "view_invalid")
            tiles = [(tile.participant_id, tile.media, tile.width, tile.height) for tile in view.tiles]
            self._media.view(session.claims.workshop_id, session.participant_id, tiles)
            return {"ok": True}
        except Refusal as refusal:
            return refusal.answer()

    async def _on_react(self, sid: str, payload: Any) -> dict[str, Any]:
        return self._pass_on(sid, payload, self._passing.reaction)

    async def _on_caption(self, sid: str, payload: Any) -> dict[str, Any]:
        return self._pass_on(sid, payload, self._passing.caption)

    def _pass_on(self, sid: str, payload: Any, to: Callable[..., None]) -> dict[str, Any]:
        try:
            session, actor, hub = self._asking(sid, "a reaction or a caption")
            to(session.claims.workshop_id, actor.state, hub, session.participant_id, payload)
            return {"ok": True}
        except Refusal as refusal:
            return refusal.answer()

    async def _on_unknown(self, event: str, sid: str, _payload: Any) -> None:
        self._goodbye(sid, "malformed", f"There is no message {event[:40]!r} in this protocol.")

    async def _malformed(self, sid: str) -> None:
        self._goodbye(sid, "malformed", MALFORMED)

    async def _on_disconnect(self, sid: str, _reason: str = "") -> None:
        session = self._sessions.pop(sid, None)
        self._metrics.sockets.set(len(self._sessions))
        if session is None:
            return
        for timer in session.timers:
            timer.cancel()
        if session.hub is not None and session.actor is not None:
            session.hub.leave(sid)
            self._departures.note(session.actor, session.participant_id, session.connection_id)

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    def signal(self, workshop_id: WorkshopId, audience: str, payload: dict[str, Any]) -> None:
        """See `server.media_bridge.SignalSink`."""
        live = self._live.get(workshop_id)
        if live is not None:
            live.hub.signal(audience, payload)

    def _open(self, workshop_id: WorkshopId, actor: WorkshopActor) -> _Live:
        hub = Hub(actor, self.wire, self._too_slow)
        live = self._live[workshop_id] = _Live(actor, hub)

        def heard(events: Sequence[Recorded]) -> None:
            self._media.recorded(actor.state, events)
            hub.recorded(events)
            for recorded in events:
                if isinstance(recorded.event, ParticipantLeft | LobbyLeft) and recorded.event.reason in FAREWELLS:
                    for connection in hub.of(recorded.event.participant_id):
                        self._goodbye(connection.sid, recorded.event.reason, FAREWELLS[recorded.event.reason])
            if any(isinstance(recorded.event, WorkshopClosed) for recorded in events):
                hub.flush()
                for connection in hub.connections:
                    self._goodbye(connection.sid, "workshop_closed", "The workshop has ended.")

        def closed() -> None:
            hub.close()
            if self._live.get(workshop_id) is live:
                del self._live[workshop_id]
            if workshop_id not in self.moving:  # those who move keep this connection until they have the next
                for connection in hub.connections:
                    self._goodbye(connection.sid, "server_stopping", "The server had to look things up; reconnecting.")

        actor.subscribe(heard, closed)
        return live

    def tell_entries(self) -> None:
        """Tell everybody where else they may turn, if there is a server that they have not heard of."""
        entries = self._nodes.entries()
        known, self._entries = self._entries, frozenset(entries)
        if self._entries <= known:
            return
        packet = self.wire.encode("entries", {"entries": entries})
        for session in list(self._sessions.values()):  # whoever does not read may be cut meanwhile
            if session.hub is not None:
                self.wire.send(session.sid, packet)

    @property
    def sockets(self) -> int:
        return len(self._sessions)

    def _too_slow(self, sid: str) -> None:
        if self._leaving(sid):
            self._metrics.slow_clients.inc()
            self._told(sid, "slow")
            self.wire.abort(sid)

    def _goodbye(self, sid: str, code: str, message: str) -> None:
        """Say why, then close. The close is a task: it must come after the answer that is on its way."""
        if self._leaving(sid):
            self._told(sid, code)
            self.wire.send(sid, self.wire.encode("goodbye", {"code": code, "message": message}))
            self._later(self._close(sid))

    def _leaving(self, sid: str) -> bool:
        """Mark a session as on its way out; False where it was already or is gone."""
        session = self._sessions.get(sid)
        if session is None or session.leaving:
            return False
        session.leaving = True
        return True

    def _told(self, sid: str, code: str) -> None:
        """For whoever is asked why somebody was cut off."""
        session = self._sessions.get(sid)
        if session is not None and code not in ORDINARY:
            who = {"workshop_id": session.claims.workshop_id, "participant_id": session.participant_id}
            log.info("sent_away", code=code, **who)

    async def _close(self, sid: str) -> None:
        await asyncio.sleep(0)
        await self.wire.close(sid)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Say goodbye to everybody and wait until what they caused is recorded."""
        for sid in list(self._sessions):
            self._goodbye(sid, "server_stopping", "The server is being restarted; you will be back in a moment.")
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        await self._departures.settled(5)
        for live in self._live.values():
            live.hub.close()


def _gone() -> Refusal:
    return Refusal("gone", "The connection was closed.", retryable=True)  # on the next connection
