"""The media plane of a node: joins mux, ICE, DTLS, router and forwarder, and is all that the rest of the server sees.

Theory of operation. An offer makes a transport that waits. An authenticated check that nominates binds it to an address; only then are DTLS packets from that
address given to it. After the handshake its slots and announced sources are told to the forwarder, and the room is settled. From
there, policy changes (`place`, `view`, speakers) are differences of the router's bindings: told to the listener first, then routed.
"""

import asyncio
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from aioice.ice import get_host_addresses

from server.media import ice, sdp
from server.media.dtls import Certificate, Dtls
from server.media.forwarder import (
    AddRepair,
    Address,
    AddSource,
    Datagram,
    MoveTransport,
    Note,
    ReceiverEstimate,
    ReceiverLoss,
    RemoveTransport,
    UnknownSource,
)
from server.media.mux import SENDS_AT_ONCE, UdpMux, share_end
from server.media.policy import STEP_S, Policy
from server.media.python_forwarder import PythonForwarder
from server.media.rtp import Malformed
from server.media.tcp import TcpAddress
from server.media.transport import Transport, match
from server.media.values import MediaLimits, MediaListener, OfferRefused, SlotSpec, Tile

log = structlog.get_logger()

EXPIRE_EVERY_S = 0.1


class MediaServer:
    """See the module's text. All methods are called on the event loop."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        public_ips: Sequence[str],
        limits: MediaLimits,
        listener: MediaListener,
        tcp: bool = True,
        segments: bool = True,
    ) -> None:
        self._host = host
        self._port = port
        self._public_ips = public_ips
        self._limits = limits
        self._listener = listener
        self._mux = UdpMux(self._on_stun, self._on_dtls, self._on_media, limits.max_transports, segments=segments)
        self._tcp = tcp
        self._forwarder = PythonForwarder()
        self._certificate = Certificate()
        self._numbers = itertools.count(1)
        self._transports: dict[str, Transport] = {}
        self._by_ufrag: dict[str, Transport] = {}
        self._by_address: dict[Address, Transport] = {}
        self._by_number: dict[int, Transport] = {}
        self._policy = Policy(self._forwarder, listener, self._transports, self._flush, limits)
        self._fan_out = 1.0
        """Packets sent for each received one, lately."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._reported: Counter[str] = Counter(
            {"expected": 0, "lost": 0, "round trips": 0, "round trip ms": 0, "forward ns": 0}
        )

    @property
    def port(self) -> int:
        """The port, UDP and TCP, known after `start`."""
        return self._port

    async def start(self) -> None:
        """Bind the port. Raises OSError where UDP cannot have it; without TCP there is media all the same."""
        self._port = self._mux.open(self._host, self._port)
        if self._tcp:
            try:
                await self._mux.tcp.open(self._host, self._port)
            except OSError as error:
                log.warning("media without TCP", port=self._port, reason=error.strerror)
                self._tcp = False
        self._ticking = asyncio.get_running_loop().create_task(self._tick_forever())

    async def close(self) -> None:
        """Say goodbye to every peer and let go of the port."""
        if self._ticking is not None:
            self._ticking.cancel()
        for transport in tuple(self._transports.values()):
            self._end(transport)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await self._mux.tcp.close()
        self._mux.close()

    def tell_spoken(self) -> None:
        """Tell the listener at once who has spoken for how long since it was last told, instead of by and by."""
        self._policy.tell_spoken()

    def stats(self) -> dict[str, int]:
        """Counters since start, by name; drops by reason as `dropped: …`."""
        counted = {
            "transports": len(self._transports),
            "received": self._mux.received,
            "sent": self._mux.sent,
            "forwarded": self._forwarder.forwarded,
            "resent": self._forwarder.resent,
            "key frames asked": self._forwarder.key_frames_asked,
            "received bytes": self._mux.received_bytes,
            "sent bytes": self._mux.sent_bytes,
            **self._reported,
            "forward ns": self._reported["forward ns"] + self._mux.sending_ns,
        }
        for dropped in (self._mux.dropped, self._forwarder.dropped):
            for reason, count in dropped.items():
                counted[f"dropped: {reason}"] = counted.get(f"dropped: {reason}", 0) + count
        return counted

    def states(self) -> dict[str, int]:
        """Transports by state."""
        return Counter(transport.state for transport in self._transports.values())

    # ── what the rest of the server says ─────────────────────────────────────────────────────────────────────────────
    async def connect(self, endpoint: str, offer_sdp: str, slots: Sequence[SlotSpec]) -> str:
        """Answer an offer. Raises `OfferRefused`, changing nothing.

        An earlier transport of the endpoint is replaced, unless the same connection offers again: then its ICE begins anew and all else stays.
        """
        offer = sdp.parse(offer_sdp, self._limits)
        sent, received = match(offer, list(slots), self._limits)
        former = self._transports.get(endpoint)
        if former is not None and former.same_as(offer, sent, received):
            return self._answer(former, offer)
        if former is None and len(self._transports) >= self._limits.max_transports:
            message = "This server takes no more media connections now; try again soon."
            raise OfferRefused("media_full", message, retryable=True)
        if former is not None:
            self._end(former)
        now_s = time.monotonic()
        transport = Transport(
            number=next(self._numbers),
            endpoint=endpoint,
            offer=offer,
            sent=sent,
            received=received,
            ssrcs={mid: secrets.randbits(31) + 1 for mid in received},
            repair_ssrcs={
                mid: secrets.randbits(31) + 1
                for mid, (_, section) in received.items()
                if section.repair_payload_type is not None
            },
            started_s=now_s,
            last_check_s=now_s,
        )
        transport.dtls = Dtls(
            self._certificate,
            lambda datagram: self._send(transport, datagram),
            lambda: self._lost(transport, "dtls_closed"),
        )
        self._transports[endpoint] = self._by_number[transport.number] = transport
        return self._answer(transport, offer)

    def keeps(self, endpoint: str, offer_sdp: str, slots: Sequence[SlotSpec]) -> bool:
        """Whether `connect` would keep the endpoint's transport. Raises `OfferRefused`."""
        offer = sdp.parse(offer_sdp, self._limits)
        former = self._transports.get(endpoint)
        return former is not None and former.same_as(offer, *match(offer, list(slots), self._limits))

    def _answer(self, transport: Transport, offer: sdp.Offer) -> str:
        for old in transport.used_up(next(reversed(transport.passwords), "")):  # restarted twice before anything came
            del self._by_ufrag[old]
        ufrag = transport.renew()
        self._by_ufrag[ufrag] = transport
        local = sdp.Local(
            ufrag=ufrag,
            password=transport.passwords[ufrag],
            fingerprint=self._certificate.fingerprint,
            candidates=[(host, self._port) for host in self._addresses()],
            ssrcs=transport.ssrcs,
            repair_ssrcs=transport.repair_ssrcs,
            streams={mid: "screen" for mid, (medium, _) in transport.received.items() if medium.startswith("screen")},
            session_id=transport.session_id,
            version=transport.version,
            tcp=self._tcp,
        )
        return sdp.answer(offer, local)

    def disconnect(self, endpoint: str) -> None:
        """End an endpoint's transport, if it has one; the listener is not told."""
        self._policy.forget(endpoint)
        transport = self._transports.get(endpoint)
        if transport is not None:
            self._end(transport)

    def place(self, endpoint: str, room: str | None) -> None:
        """Put an endpoint into a room: it sees and hears those in it, and they it. Kept for endpoints yet to connect."""
        self._policy.place(endpoint, room)

    def view(self, endpoint: str, tiles: Sequence[Tile]) -> None:
        """What an endpoint shows, most important first; its video slots follow it. Kept for endpoints yet to connect."""
        self._policy.view(endpoint, tiles)

    def allow(self, endpoint: str, media: frozenset[str]) -> None:
        """What of `mic`, `camera` and `screen` (with its sound) an endpoint may send; the rest is dropped here, whatever comes.

        Everything before the first word about it. Kept for endpoints yet to connect.
        """
        self._policy.allow(endpoint, media)

    def listen(self, endpoint: str, rooms: Sequence[str]) -> None:
        """Let an endpoint see and hear these rooms besides its own, and no others; those in them neither see nor hear the endpoint. None ends it."""
        self._policy.listen(endpoint, rooms)

    def voice(self, endpoint: str, rooms: frozenset[str]) -> None:
        """Let an endpoint's microphone be heard in these rooms besides its own; none ends it."""
        self._policy.voice(endpoint, rooms)

    # ── from the socket ──────────────────────────────────────────────────────────────────────────────────────────────
    def _on_stun(self, packet: bytes, address: Address) -> None:
        try:
            check = ice.read(packet)
            transport = self._by_ufrag.get(check.local_ufrag)
            if transport is None:
                self._mux.dropped["stun for nobody"] += 1
                return
            password = transport.passwords[check.local_ufrag]
            verified = ice.verify(check, password, address, transport.transactions)
        except Malformed:
            self._mux.dropped["stun malformed or unauthentic"] += 1
            return
        now_s = transport.last_check_s = time.monotonic()
        if type(address) is TcpAddress:
            self._mux.tcp.proved(address)
        self._mux.send(verified.response, address)
        if not verified.nominated:
            return
        used_up = transport.used_up(check.local_ufrag)
        for old in used_up:
            del self._by_ufrag[old]
        if transport.takes(address, now_s, anew=bool(used_up)) and transport.address != address:
            self._bind(transport, address)

    def _bind(self, transport: Transport, address: Address) -> None:
        former = self._by_address.get(address)
        if former is not None and former is not transport:  # the client made a new connection from the same port
            former.address = None
        if transport.address is not None and self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        transport.address = address
        self._by_address[address] = transport
        if transport.state == "waiting":
            transport.state = "handshake"
            self._task(self._handshake(transport))
        elif transport.state == "connected":
            self._forwarder.apply(MoveTransport(transport.number, address))

    def _on_dtls(self, packet: bytes, address: Address) -> None:
        transport = self._by_address.get(address)
        if transport is None or transport.dtls is None:
            self._mux.dropped["dtls unbound"] += 1
        elif not transport.dtls.feed(packet):
            self._mux.dropped["dtls too many"] += 1

    def _on_media(self, datagrams: list[Datagram], came_us: list[int]) -> None:
        """Handle what has come in shares that make about `SENDS_AT_ONCE` packets: what came first does not wait for all that came behind it."""
        at = 0
        while at < len(datagrams):
            end = share_end(datagrams, at, int(SENDS_AT_ONCE / self._fan_out))
            self._forward(datagrams[at:end], came_us[at:end])
            at = end

    def _forward(self, datagrams: list[Datagram], came_us: list[int]) -> None:
        began_ns = time.perf_counter_ns()
        sends, notes = self._forwarder.handle(time.time_ns() // 1000, datagrams, came_us)
        self._reported["forward ns"] += time.perf_counter_ns() - began_ns
        self._mux.put(sends)
        self._fan_out += (max(1.0, len(sends) / len(datagrams)) - self._fan_out) / 8
        if not notes:
            return
        found = self._take_notes(notes)
        if found:
            # What made it known is worth most: the beginning of a key frame, from which its size is learned.
            again = [
                (datagram, at_us)
                for datagram, at_us in zip(datagrams, came_us, strict=True)
                if (datagram[1], datagram[0][8:12]) in found
            ]
            sends, _ = self._forwarder.handle(
                time.time_ns() // 1000, [datagram for datagram, _ in again], [at_us for _, at_us in again]
            )
            self._mux.put(sends)

    def _take_notes(self, notes: Sequence[Note]) -> set[tuple[Address, bytes]]:
        """(address, SSRC) of what has become known by it."""
        found: set[tuple[Address, bytes]] = set()
        for note in notes:
            transport = self._by_number.get(note.transport)
            if transport is None:
                continue
            match note:
                case UnknownSource():
                    if transport.address is None:
                        continue  # another connection has taken it, whose keys are not known yet
                    stream = transport.address, note.ssrc.to_bytes(4, "big")
                    if stream not in found and self._found(transport, note):
                        found.add(stream)
                case ReceiverEstimate():
                    transport.downlink.estimated(_now_ms(), note.bps)
                case ReceiverLoss():
                    transport.downlink.lost(_now_ms(), note.expected, note.lost, note.rtt_ms)
                    self._count_report(note)
        return found

    def _count_report(self, note: ReceiverLoss) -> None:
        self._reported["expected"] += note.expected
        self._reported["lost"] += note.lost
        if note.rtt_ms is not None:
            self._reported["round trips"] += 1
            self._reported["round trip ms"] += note.rtt_ms

    def _send(self, transport: Transport, datagram: bytes) -> None:
        if transport.address is not None:
            self._mux.send(datagram, transport.address)

    # ── a transport's life ───────────────────────────────────────────────────────────────────────────────────────────
    async def _handshake(self, transport: Transport) -> None:
        if transport.dtls is None:  # it has ended meanwhile
            return
        keys = await transport.dtls.handshake(transport.offer.fingerprints)
        if transport.state != "handshake":
            return
        if keys is None or transport.address is None:  # another connection has taken its address meanwhile
            self._lost(transport, "dtls_failed")
            return
        for change in transport.announcement(*keys, numbers=self._numbers):
            self._forwarder.apply(change)
        transport.state = "connected"
        for medium, section in transport.sent.items():
            if section.ssrcs and not section.rids:
                self._add_source(transport, medium, "", section.ssrcs[0])
        self._policy.connected(transport)

    def _found(self, transport: Transport, note: UnknownSource) -> bool:
        """An SSRC that was not announced: it says its section by mid, and its layer by rid (RFC 8852). Whether it is known now."""
        mid = note.mid.decode("ascii", "replace")
        for medium, section in transport.sent.items():
            if section.mid != mid:
                continue
            layered = section.layered
            repaired = note.payload_type == section.repair_payload_type
            rid = (note.repaired_rid if repaired else note.rid).decode("ascii", "replace") if layered else ""
            known = self._policy.feeds.source(transport.endpoint, medium, rid)
            if repaired and known is not None:
                self._forwarder.apply(AddRepair(transport.number, known, note.ssrc))
                return True
            wanted = note.payload_type == section.payload_type and (not layered or rid in section.rids)
            if wanted and known is None:
                self._add_source(transport, medium, rid, note.ssrc)
                self._policy.found(transport.endpoint)
                return True
        self._mux.dropped["source not negotiated"] += 1
        return False

    def _add_source(self, transport: Transport, medium: str, rid: str, ssrc: int) -> None:
        section = transport.sent[medium]
        assert section.payload_type is not None
        limits = self._limits
        max_bps = {"mic": 0, "screen_audio": 0, "camera": limits.camera_bps, "screen": limits.screen_bps}[medium]
        number = next(self._numbers)
        self._forwarder.apply(
            AddSource(
                source=number,
                transport=transport.number,
                ssrc=ssrc,
                payload_type=section.payload_type,
                kind="audio" if section.kind == "audio" else "video",
                clock_hz=sdp.CLOCK_HZ[section.kind],
                max_bps=0 if self._policy.feeds.layers(transport.endpoint, medium) else max_bps,
                nack=section.kind == "video",
            )
        )
        if ssrc in section.repair_ssrcs:
            self._forwarder.apply(AddRepair(transport.number, number, section.repair_ssrcs[ssrc]))
        self._policy.feeds.add(transport.endpoint, medium, rid, number)

    def _lost(self, transport: Transport, code: str) -> None:
        """A transport ended by itself."""
        if transport.state != "closed":
            self._end(transport)
            log.info("media transport closed", code=code)
            self._listener.closed(transport.endpoint, code)

    def _end(self, transport: Transport) -> None:
        connected = transport.state == "connected"
        transport.state = "closed"
        if transport.dtls is not None:
            self._task(transport.dtls.stop())
            transport.dtls = None  # each holds the other, and the collector of such circles comes seldom
        del self._by_number[transport.number]
        for ufrag in transport.passwords:
            del self._by_ufrag[ufrag]
        if self._transports.get(transport.endpoint) is transport:
            del self._transports[transport.endpoint]
        if transport.address is not None and self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        if connected:
            self._forwarder.apply(RemoveTransport(transport.number))
            self._policy.ended(transport.endpoint)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _tick_forever(self) -> None:
        loop = asyncio.get_running_loop()
        due = looked_s = loop.time()
        while True:
            due = max(due + STEP_S, loop.time())
            await asyncio.sleep(due - loop.time())
            self._policy.step(time.monotonic_ns() // 1000)
            self._flush()
            if loop.time() - looked_s >= EXPIRE_EVERY_S:
                looked_s = loop.time()
                self._expire()

    def _expire(self) -> None:
        """End the transports of which nothing is heard any more, and those of which far too much is."""
        for endpoint in self._policy.feeds.flooding():
            self._lost(self._transports[endpoint], "flooding")
        now_s = time.monotonic()
        for transport in tuple(self._transports.values()):
            if now_s - transport.last_check_s > self._limits.consent_s:
                self._lost(transport, "consent_expired")
            elif transport.state != "connected" and now_s - transport.started_s > self._limits.handshake_s:
                self._lost(transport, "handshake_timeout")

    def _flush(self) -> None:
        self._mux.send_all(self._forwarder.tick(time.time_ns() // 1000))

    def _addresses(self) -> Sequence[str]:
        if self._public_ips:
            return self._public_ips
        if self._host in ("0.0.0.0", "::"):
            found: Sequence[str] = get_host_addresses(use_ipv4=True, use_ipv6=self._host == "::")
            return found or ["127.0.0.1"]
        return [self._host]

    def _task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
