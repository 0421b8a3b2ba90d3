"""Who gets what, applied: keeps the forwarder's routes in line with rooms, views, speakers, layers and networks.

Theory of operation. The router says what every receive slot should carry, the allocator which layer of it. A change is a difference: the listener is
told first (`bound`), then the forwarder (`Route`). It runs whenever somebody is placed, shows something else, or starts or stops sending, and
besides every half second, because what networks take and what publishers send changes by itself. Nothing here sees a packet, and nothing here may keep
packets waiting: of what comes round for everybody, each step does a share (`rota.py`).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from server.media.feeds import Feeds
from server.media.forwarder import Forwarder, Route, Thin
from server.media.layers import Want, allocate, importance
from server.media.rota import Rota
from server.media.router import Endpoint, Router
from server.media.transport import RECEIVED, Transport
from server.media.values import MediaLimits, MediaListener, Tile

STEP_S = 0.02
STEPS_A_TICK = 5
TICK_S = STEP_S * STEPS_A_TICK
"""Levels and activity are looked at this often."""
ROUTE_EVERY_US = 500_000
"""A viewer's layers are chosen anew this often, besides whenever what a slot carries changes."""
PAUSE_EVERY_TICKS = 5
SPOKEN_LATELY = 3
"""So many who spoke last come before the others where not everybody can be shown well."""
HALF, ALL = 1, 3
"""Temporal layers: of Chromium's three, the first two are half of the frames."""
SPOKE_EVERY_MS = 5_000


class Policy:
    """Owns rooms, views, speakers and feeds; `transports` (by endpoint) are the server's. `flush` sends what the forwarder has to say at once."""

    def __init__(
        self,
        forwarder: Forwarder,
        listener: MediaListener,
        transports: Mapping[str, Transport],
        flush: Callable[[], None],
        limits: MediaLimits | None = None,
    ) -> None:
        self._forwarder = forwarder
        self._listener = listener
        self._transports = transports
        self._flush = flush
        self._router = Router()
        self.feeds = Feeds(TICK_S, limits)
        self._rooms: dict[str, str] = {}
        self._tiles: dict[str, Sequence[Tile]] = {}
        self._listens: dict[str, tuple[str, ...]] = {}
        self._allowed: dict[str, frozenset[str]] = {}
        self._steps = 0
        self._ticked_us = 0
        self._looked_at: dict[str, int] = {}
        """Endpoint → the revision of what it sends that the router knows."""
        self._viewers: Rota[str] = Rota(ROUTE_EVERY_US)
        self._spoken_ms: dict[str, int] = {}

    # ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────
    def connected(self, transport: Transport) -> None:
        """A transport has its slots: put its endpoint where it belongs."""
        slots: dict[str, list[str]] = {medium: [] for medium in RECEIVED}
        for mid, (medium, _) in transport.received.items():
            slots[medium].append(mid)
        self._router.add(
            Endpoint(
                name=transport.endpoint,
                slots=slots,
                sends=set(transport.sent),
                tiles=self._tiles.get(transport.endpoint),
            )
        )
        self._viewers.add(transport.endpoint)
        room = self._rooms.get(transport.endpoint)
        self._router.listen(transport.endpoint, self._listens.get(transport.endpoint, ()))
        if room is not None:
            self.place(transport.endpoint, room)
        self._settle(self._router.heard_in(transport.endpoint))

    def ended(self, endpoint: str) -> None:
        """A connected transport is gone; where its endpoint belongs is kept for the next one."""
        self.feeds.remove(endpoint)
        self._looked_at.pop(endpoint, None)
        self._viewers.remove(endpoint)
        room = self._router.remove(endpoint)
        spoken_ms = self._spoken_ms.pop(endpoint, 0)
        if spoken_ms:
            self._listener.spoke(endpoint, spoken_ms)  # what was not enough to be told so far
        if room is not None:
            self._settle({room})
        self._settle(self._router.heard_in(endpoint))

    def tell_spoken(self) -> None:
        """Tell now who has spoken for how long, however little it is."""
        spoken, self._spoken_ms = self._spoken_ms, {}
        for endpoint, spoken_ms in spoken.items():
            if spoken_ms:
                self._listener.spoke(endpoint, spoken_ms)

    def forget(self, endpoint: str) -> None:
        """The endpoint will not come back."""
        self._rooms.pop(endpoint, None)
        self._tiles.pop(endpoint, None)
        self._listens.pop(endpoint, None)
        self._allowed.pop(endpoint, None)
        self.voice(endpoint, frozenset())

    def place(self, endpoint: str, room: str | None) -> None:
        """See `MediaServer.place`."""
        if room is None:
            self._rooms.pop(endpoint, None)
        else:
            self._rooms[endpoint] = room
        known = self._router.get(endpoint)
        if known is not None and known.room != room:
            rooms = self._router.place(endpoint, room)
            if room is None and (cleared := self._router.clear(endpoint)):
                self._listener.bound(endpoint, cleared)
                self._route(self._router.endpoint(endpoint))
            self._settle(rooms)

    def allow(self, endpoint: str, media: frozenset[str]) -> None:
        """See `MediaServer.allow`."""
        if self._allowed.get(endpoint) == media:
            return
        self._allowed[endpoint] = media
        known = self._router.get(endpoint)
        if known is None:
            return
        if self._router.set_active(endpoint, self._coming(endpoint)) and known.room is not None:
            self._settle({known.room})
        self._reroute(endpoint)

    def listen(self, endpoint: str, rooms: Sequence[str]) -> None:
        """See `MediaServer.listen`."""
        listens = tuple(rooms)
        if self._listens.get(endpoint, ()) == listens:
            return
        if listens:
            self._listens[endpoint] = listens
        else:
            del self._listens[endpoint]
        known = self._router.get(endpoint)
        if known is not None:
            self._router.listen(endpoint, listens)
            if known.room is not None:
                self._settle({known.room})

    def voice(self, endpoint: str, rooms: frozenset[str]) -> None:
        """See `MediaServer.voice`."""
        self._settle(self._router.voice(endpoint, rooms))

    def view(self, endpoint: str, tiles: Sequence[Tile]) -> None:
        """See `MediaServer.view`."""
        self._tiles[endpoint] = tuple(tiles)
        known = self._router.get(endpoint)
        if known is not None:
            known.tiles = self._tiles[endpoint]
            if known.room is not None:
                self._settle({known.room})
            self._route(known)

    def found(self, endpoint: str) -> None:
        """An endpoint sends something that was not known before."""
        self._reroute(endpoint)

    def _may(self, endpoint: str, medium: str) -> bool:
        allowed = self._allowed.get(endpoint)
        return allowed is None or ("screen" if medium == "screen_audio" else medium) in allowed

    def _coming(self, endpoint: str) -> list[str]:
        return [medium for medium in self.feeds.coming(endpoint) if self._may(endpoint, medium)]

    # ── what follows ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _settle(self, rooms: Iterable[str]) -> None:
        for room in rooms:
            for viewer, changed in self._router.settle(room):
                self._listener.bound(viewer.name, changed)
                self._route(viewer)
        self._flush()

    def _reroute(self, endpoint: str) -> None:
        """What an endpoint sends goes elsewhere, or nowhere: bring those in line who get it."""
        own = self._rooms.get(endpoint)
        rooms = self._router.heard_in(endpoint) | (frozenset() if own is None else {own})
        for viewer in {each.name: each for room in rooms for each in self._router.audience(room)}.values():
            if any(binding is not None and binding.endpoint == endpoint for binding in viewer.bindings.values()):
                self._route(viewer)
        self._flush()

    def _route(self, viewer: Endpoint) -> None:
        """Bring a viewer's routes in line with its bindings, what it shows, and what its network takes."""
        transport = self._transports[viewer.name]
        transport.revision = self._revision(viewer)
        shown = {(tile.endpoint, tile.media): (at, tile.height) for at, tile in enumerate(viewer.tiles or ())}
        targets: dict[str, int | None] = {}
        wants: list[tuple[tuple[int, int], Want]] = []
        sound_bps = 0.0
        recent = self._router.speakers[viewer.room].recent[:SPOKEN_LATELY] if viewer.room is not None else ()
        for mid, binding in viewer.bindings.items():
            targets[mid] = None
            if binding is None:
                continue
            # What may not be sent is carried to nobody; the slot stays, so that switching on again needs no new binding.
            may = self._may(binding.endpoint, binding.media)
            layers = self.feeds.layers(binding.endpoint, binding.media) if may else ()
            if transport.received[mid][1].kind == "audio":
                targets[mid] = layers[0].source if layers else None
                sound_bps += layers[0].bps if layers else 0
                continue
            before, _ = transport.routed.get(mid, (None, None))
            place, height = shown.get((binding.endpoint, binding.media), (len(shown), 0))
            current = transport.wished.get(mid) if before == binding else None
            want = Want(mid, height, layers, current, mid in transport.thin)
            spoken = binding.endpoint in recent
            wants.append((importance(screen=binding.media == "screen", place=place, spoken=spoken), want))
        ordered = [want for _, want in sorted(wants, key=lambda each: each[0])]
        now_ms = _now_ms()
        budget_bps = transport.downlink.budget_bps(now_ms, sound_bps)
        transport.limited = budget_bps is not None
        allocation = allocate(ordered, budget_bps)
        if transport.downlink.allocated(now_ms, allocation, sound_bps):
            allocation = allocate(ordered, transport.downlink.budget_bps(now_ms, sound_bps))
        # As a whole: what was left of slots that carry nothing now would keep a layer from being paused.
        transport.wished = allocation.sources
        for mid, wished in allocation.sources.items():
            binding = viewer.bindings[mid]
            if wished is not None and binding is not None:
                targets[mid] = self.feeds.given(binding.endpoint, binding.media, wished)
        for mid in transport.thin ^ allocation.thin:
            self._forwarder.apply(Thin(transport.slots[mid], HALF if mid in allocation.thin else ALL))
        transport.thin = set(allocation.thin)
        for mid, source in targets.items():
            binding = viewer.bindings[mid]
            before, current = transport.routed.get(mid, (None, None))
            if (before, current) != (binding, source):
                transport.routed[mid] = binding, source
                self._forwarder.apply(Route(transport.slots[mid], source, keep=before == binding))

    def _still_right(self, viewer: Endpoint) -> bool:
        """Whether a viewer's routes need no second thought: its network shows no limit, and those it shows send what they sent."""
        transport = self._transports[viewer.name]
        if transport.limited or not transport.downlink.free(_now_ms()) or transport.revision != self._revision(viewer):
            return False
        bps = self.feeds.bps
        transport.downlink.sent(sum([bps(source) for _, source in transport.routed.values()]))
        return True

    def _revision(self, viewer: Endpoint) -> int:
        """Grows when one of those whom a viewer sees or hears sends something else; a change of the viewer's own is routed when it happens."""
        revision = self.feeds.revision
        return sum([revision(binding.endpoint) for binding in viewer.bindings.values() if binding is not None])

    def step(self, now_us: int) -> None:
        """Call every `STEP_S`. `now_us` is of any clock that is steady enough for half a second."""
        for name in self._viewers.due(now_us):
            viewer = self._router.endpoint(name)
            if viewer.room is not None and not self._still_right(viewer):
                self._route(viewer)
        self._steps += 1
        at = self._steps % (STEPS_A_TICK * PAUSE_EVERY_TICKS)
        if at == STEPS_A_TICK // 2:  # not in one step with the other
            self._pause()
        elif at % STEPS_A_TICK == 0:
            self._tick(now_us)

    def _tick(self, now_us: int) -> None:
        """From packets and levels to who sends what and who speaks."""
        passed_s = (now_us - self._ticked_us) / 1_000_000
        self._ticked_us = now_us
        for endpoint in self.feeds.take(self._forwarder.activity(), passed_s):
            self.found(endpoint)
        changed: set[str] = set()
        loudness: dict[str, float] = {}
        for transport in self._transports.values():
            if transport.state != "connected":
                continue
            endpoint = transport.endpoint
            if self._may(endpoint, "mic"):
                loudness[endpoint] = self.feeds.loudness(endpoint)
            revision = self.feeds.revision(endpoint)
            if self._looked_at.get(endpoint) == revision:
                continue  # what it sends is what it sent
            self._looked_at[endpoint] = revision
            if self._router.set_active(endpoint, self._coming(endpoint)):
                room = self._rooms.get(endpoint)
                changed.update(() if room is None else (room,))
        for room in self._router.rooms():
            speakers = self._router.speakers[room]
            members = self._router.names(room)
            if speakers.update({name: loudness.get(name, 0.0) for name in (*members, *self._router.voices(room))}):
                changed.add(room)
                self._listener.speaking(room, speakers.speaking)
            self._count_spoken([name for name in speakers.speaking if name in members])
        if changed:
            self._settle(changed)

    def _pause(self) -> None:
        """Tell publishers which layers nobody takes."""
        used: set[int] = set()
        for transport in self._transports.values():
            used.update(source for source in transport.wished.values() if source is not None)
            used.update(source for _, source in transport.routed.values() if source is not None)
        for endpoint, medium, rids in list(self.feeds.unused(used)):
            self._listener.paused(endpoint, medium, rids)

    def _count_spoken(self, speaking: Sequence[str]) -> None:
        for endpoint in speaking:
            spoken = self._spoken_ms.get(endpoint, 0) + int(TICK_S * 1000)
            if spoken >= SPOKE_EVERY_MS:
                self._listener.spoke(endpoint, spoken)
                spoken = 0
            self._spoken_ms[endpoint] = spoken


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
