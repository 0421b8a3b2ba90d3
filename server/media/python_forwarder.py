"""The forwarder in Python. The per-packet loop is `handle` and `_forward`; everything else prepares what they need.

What makes it fast: one decryption a packet, and for each slot one header, one nonce, one encryption, with every constant of a slot
(payload type, extension bytes, salt ^ SSRC, the bound `encrypt`) prepared when it is added or routed. A packet in order takes the short way at
every step (replay window, transport-wide number, descriptor, hole), and what a slot sent last is one tuple shared by all slots of the packet. Reports are
sent in turn (`rota.py`), so that no packet waits for all of them.

Of a batch, pictures are given back before sound: so what goes to one address has long runs of one size, which the socket takes in one call, and
the order within each source is kept.

What makes it right: a slot's sequence number, timestamp and VP8 numbers never jump, and none of its indices is used twice (`streams.py`); video
switches at a key frame only, and asks for one until it comes.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import repeat

from server.media import recovery, reports, rtcp
from server.media.forwarder import (
    AddRepair,
    Address,
    AddSlot,
    AddSource,
    AddTransport,
    Change,
    Datagram,
    MoveTransport,
    Note,
    ReceiverEstimate,
    RemoveTransport,
    Route,
    SourceActivity,
    Thin,
    UnknownSource,
)
from server.media.rota import Rota
from server.media.rtp import HEADER, HEADER_BYTES, Malformed, extension, nearest, two_extensions
from server.media.srtp import Unauthentic
from server.media.streams import ALL_TEMPORAL, CACHED_PACKETS, Slot, Source, Transport
from server.media.vp8 import renumbered

KEY_FRAME_INTERVAL_US = 500_000
"""Least time between two key-frame requests to one source."""
KEY_FRAME_REST_US = 300_000
"""After a key frame Chromium ignores requests for so long: one that is made meanwhile would be lost."""
TELL_INTERVAL_US = 100_000
"""Between two messages about when packets came."""
REPORT_INTERVAL_US = 1_000_000
MAX_NOTES = 64
_CACHE_MASK = CACHED_PACKETS - 1


class PythonForwarder:
    """Implements `server.media.forwarder.Forwarder`."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.forwarded = 0
        self.resent = 0
        self.key_frames_asked = 0
        self._transports: dict[int, Transport] = {}
        self._by_address: dict[Address, Transport] = {}
        self._sources: dict[int, Source] = {}
        self._slots: dict[int, Slot] = {}
        self._holed: set[Source] = set()
        self._pressing: dict[Source, None] = {}
        """Sources from which a key frame or missing packets are wanted."""
        self._to_tell: Rota[Transport] = Rota(TELL_INTERVAL_US)
        self._to_report: Rota[Transport] = Rota(REPORT_INTERVAL_US)

    # ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def apply(self, change: Change) -> None:
        match change:
            case AddTransport():
                transport = Transport(change)
                self._transports[change.transport] = self._by_address[change.address] = transport
                self._to_report.add(transport)
                if transport.arrivals is not None:
                    self._to_tell.add(transport)
            case MoveTransport():
                self._move(self._transports[change.transport], change.address)
            case RemoveTransport():
                self._remove(change.transport)
            case AddSource():
                transport = self._transports[change.transport]
                self._sources[change.source] = transport.sources[change.ssrc] = Source(change, transport)
            case AddRepair():
                self._transports[change.transport].repairs[change.ssrc] = self._sources[change.source]
            case AddSlot():
                transport = self._transports[change.transport]
                slot = self._slots[change.slot] = transport.slots_by_ssrc[change.ssrc] = Slot(change, transport)
                transport.slots.append(slot)
            case Route():
                source = None if change.source is None else self._sources[change.source]
                self._route(self._slots[change.slot], source, keep=change.keep)
            case Thin():
                slot = self._slots[change.slot]
                slot.wanted_temporal = change.temporal
                slot.thinned = slot.thinned or change.temporal < ALL_TEMPORAL

    def _move(self, transport: Transport, address: Address) -> None:
        if self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        transport.address = address
        self._by_address[address] = transport
        for slot in transport.slots:
            slot.address = address

    def _remove(self, number: int) -> None:
        transport = self._transports.pop(number)
        self._to_report.remove(transport)
        if transport.arrivals is not None:
            self._to_tell.remove(transport)
        if self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        for source in transport.sources.values():
            for slot in (*source.slots, *source.waiting):
                self._route(slot, None, keep=False)
            source.cache = None
            self._pressing.pop(source, None)
            del self._sources[source.number]
        for slot in transport.slots:
            self._route(slot, None, keep=False)
            del self._slots[slot.number]
            slot.segments.clear()
        for held in (transport.sources, transport.repairs, transport.slots_by_ssrc, transport.slots):
            held.clear()  # what holds one another would stay until the collector of circles comes, which is seldom

    def _route(self, slot: Slot, source: Source | None, *, keep: bool) -> None:
        if slot.pending is not None:
            slot.pending.waiting.remove(slot)
            slot.pending = None
        if slot.source is source:
            return
        if keep and source is not None and source.video and slot.source is not None and not slot.switching:
            slot.pending = source
            source.waiting.append(slot)
            self._want_key_frame(source)
            return
        if slot.source is not None:
            slot.source.slots.remove(slot)
        slot.source = source
        slot.switching = True
        if source is not None:
            source.slots.append(slot)
            if source.video:
                self._want_key_frame(source)

    def _want_key_frame(self, source: Source) -> None:
        source.key_frame_wanted = True
        self._pressing[source] = None

    # ── packets ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def handle(
        self, now_us: int, datagrams: Sequence[Datagram], came_us: Sequence[int] = ()
    ) -> tuple[list[Datagram], list[Note]]:
        sends: list[Datagram] = []
        sound: list[Datagram] = []
        notes: list[Note] = []
        # abs-send-time: seconds as 6.18 fixed point, 24 bits
        abs_time = ((now_us << 18) // 1_000_000 & 0xFFFFFF).to_bytes(3, "big")
        by_address = self._by_address
        timed = zip(datagrams, came_us, strict=True) if came_us else zip(datagrams, repeat(now_us), strict=False)
        for (packet, address), at_us in timed:
            transport = by_address.get(address)
            if transport is None:
                self.dropped["unbound"] += 1
                continue
            try:
                if 192 <= packet[1] <= 223:
                    compound = transport.receiver.unprotect_rtcp(packet)
                    self._control(now_us, abs_time, transport, compound, sends, notes)
                else:
                    self._media(at_us, abs_time, transport, packet, sends, sound, notes)
            except Unauthentic:
                self.dropped["unauthentic"] += 1
            except (Malformed, IndexError):
                self.dropped["malformed"] += 1
        for source in self._holed:
            recovery.ask(source, now_us, sends)
        self._holed.clear()
        sends += sound
        return sends, notes

    def _media(
        self,
        now_us: int,
        abs_time: bytes,
        transport: Transport,
        packet: bytes,
        sends: list[Datagram],
        sound: list[Datagram],
        notes: list[Note],
    ) -> None:
        # Measured here and not by a function, which would cost a call a packet; `tests/packets.py` does the same the plain way, and tests compare.
        if len(packet) < HEADER_BYTES:
            raise Malformed("rtp header")
        first, second, seq, timestamp, ssrc = HEADER.unpack_from(packet)
        block = header = HEADER_BYTES + 4 * (first & 0x0F)
        if first & 0x10:
            header += 4 + 4 * (packet[header + 2] << 8 | packet[header + 3])
        if first >> 6 != 2 or len(packet) < header:
            raise Malformed("rtp header")
        payload, index = transport.receiver.open(packet, header, ssrc, seq)
        level_at = 0
        if first & 0x10:
            number_at, level_at = two_extensions(packet, block, transport.sequence_head, transport.level_head)
            if number_at and transport.arrivals is not None:
                transport.arrivals.note(packet[number_at] << 8 | packet[number_at + 1], now_us)
        source = transport.sources.get(ssrc)
        if source is None and ssrc not in transport.repairs:  # before anything is refused: else it would be remembered
            transport.receiver.forget(ssrc)
            if len(notes) < MAX_NOTES:
                notes.append(_unknown(transport, packet, ssrc))
            return
        if first & 0x20:
            padding = payload[-1] if payload else 0
            if not 0 < padding <= len(payload):
                raise Malformed("rtp padding")
            payload = payload[:-padding]
        if source is None:
            found = self._repair(transport.repairs[ssrc], payload)
            if found is None:
                return
            source, index = found
            payload = payload[2:]
        else:
            if second & 0x7F != source.payload_type:
                self.dropped["payload type"] += 1
                payload = b""
            source.packets += 1
            source.received += 1
            if index == source.highest + 1 and source.base >= 0:
                source.highest = index
            elif not self._wanted(source, now_us, index):
                return
            source.octets += len(packet)
            if timestamp != source.timestamp and index == source.highest:
                source.timestamp = timestamp
                reports.follow_jitter(source, now_us, timestamp)
            if level_at and not source.video:
                source.loudness += 127 - (packet[level_at] & 0x7F)
        if payload:
            out = sends if source.video else sound
            self._forward(now_us, abs_time, source, second & 0x80, timestamp, payload, index, out)
        else:  # padding alone: the gap is closed, so that nobody asks for it again
            for slot in source.slots:
                slot.leave_out(source, index)

    def _repair(self, source: Source, payload: bytes) -> tuple[Source, int] | None:
        """(source, index) of what a packet sends again; None where there is nothing to forward."""
        if len(payload) <= 2:
            return None  # padding, by which the peer finds out how much its network takes
        index = nearest(source.highest, payload[0] << 8 | payload[1])
        if source.missing.pop(index, None) is None:
            self.dropped["repair not wanted"] += 1
            return None
        return source, index

    def _wanted(self, source: Source, now_us: int, index: int) -> bool:
        """Of a packet out of order: whether it is wanted, and not one that was given up or has come as a retransmission."""
        highest = source.highest
        if source.base < 0:
            source.base = source.highest = index
        elif index > highest:
            if source.nack:
                recovery.note_hole(source, now_us, index)
                self._pressing[source] = None
                self._holed.add(source)
            source.highest = index
        elif source.nack and source.missing.pop(index, None) is None:
            self.dropped["late"] += 1
            return False
        return True

    def _forward(
        self,
        now_us: int,
        abs_time: bytes,
        source: Source,
        marker: int,
        timestamp: int,
        payload: bytes,
        index: int,
        sends: list[Datagram],
    ) -> None:
        descriptor = source.descriptor
        video = source.video
        if video:
            self._look_at(now_us, source, marker, timestamp, payload, index)
        size = len(payload)
        last = (timestamp, now_us, descriptor.picture_id, descriptor.tl0, descriptor.key_index)
        for slot in source.slots:
            if slot.switching:
                if video and not descriptor.key_frame:
                    self._want_key_frame(source)
                    continue
                slot.switch(now_us, source, index, timestamp, descriptor if video else None)
            out = index + slot.index_delta
            if out <= slot.index or index < slot.first_index:
                self._forward_late(slot, abs_time, source, index, marker, timestamp, payload, sends)
                continue
            if slot.thinned and slot.thins(descriptor):
                slot.leave_out(source, index, picture=descriptor.start)
                continue
            body = payload
            if slot.renumbers:
                body = renumbered(payload, descriptor, slot.picture_id_delta, slot.tl0_delta, slot.key_index_delta)
            header = HEADER.pack(
                slot.first_byte,
                marker | slot.payload_type,
                out & 0xFFFF,
                timestamp + slot.timestamp_delta & 0xFFFFFFFF,
                slot.ssrc,
            ) + (slot.extension + abs_time if slot.stamped else slot.extension)
            if slot.encrypt is not None:
                protected = header + slot.encrypt((slot.nonce_base ^ out).to_bytes(12, "big"), body, header)
            else:
                protected = slot.transport.sender.protect(header, body, slot.ssrc, out)
            sends.append((protected, slot.address))
            slot.index = out
            slot.last = last
            slot.packets += 1
            slot.octets += size
        self.forwarded += len(source.slots)

    def _look_at(self, now_us: int, source: Source, marker: int, timestamp: int, payload: bytes, index: int) -> None:
        """What a packet of a picture says of it."""
        descriptor = source.descriptor
        descriptor.parse(payload)
        assert source.cache is not None
        place = index & _CACHE_MASK
        source.cache[place] = payload
        source.cached_indices[place] = index
        source.cached_heads[place] = marker << 32 | timestamp
        if descriptor.key_frame:
            source.key_frame_wanted = False
            source.key_frame_came_us = now_us
            if source.waiting:
                self._take_waiting(source)
        elif source.waiting or not descriptor.height:
            self._want_key_frame(source)  # without its height nobody could be given it

    def _forward_late(
        self,
        slot: Slot,
        abs_time: bytes,
        source: Source,
        index: int,
        marker: int,
        timestamp: int,
        payload: bytes,
        sends: list[Datagram],
    ) -> None:
        """A packet that comes behind later ones goes out with the numbers it would have had in its place."""
        segment = slot.segment_of(source, index)
        if segment is None:
            return
        _, _, _, index_delta, timestamp_delta, picture_id, tl0, key_index = segment
        out = index + index_delta
        body = renumbered(payload, source.descriptor, picture_id, tl0, key_index) if source.video else payload
        header = HEADER.pack(
            0x90 if slot.extension else 0x80,
            marker | slot.payload_type,
            out & 0xFFFF,
            timestamp + timestamp_delta & 0xFFFFFFFF,
            slot.ssrc,
        ) + slot.extension_now(abs_time)
        sends.append((slot.transport.sender.protect(header, body, slot.ssrc, out), slot.address))
        slot.index = max(slot.index, out)
        slot.packets += 1
        slot.octets += len(body)

    def _take_waiting(self, source: Source) -> None:
        """A key frame: the slots that waited for it leave the layer they had."""
        for slot in source.waiting:
            slot.pending = None
            if slot.source is not None:
                slot.source.slots.remove(slot)
            slot.source = source
            slot.switching = True
            source.slots.append(slot)
        source.waiting.clear()

    def _control(
        self,
        now_us: int,
        abs_time: bytes,
        transport: Transport,
        compound: bytes,
        sends: list[Datagram],
        notes: list[Note],
    ) -> None:
        for kind, fmt, packet in rtcp.split(compound):
            if kind == rtcp.SR:
                reports.take_sender_report(transport, now_us, packet)
            for ssrc in rtcp.wants_key_frame(kind, fmt, packet):
                slot = transport.slots_by_ssrc.get(ssrc)
                if slot is not None and slot.source is not None and slot.source.video:
                    self._want_key_frame(slot.source)
            asked = rtcp.missing(kind, fmt, packet)
            if asked is not None:
                slot = transport.slots_by_ssrc.get(asked[0])
                if slot is not None:
                    self.resent += recovery.resend(slot, now_us, abs_time, asked[1], sends)
            if len(notes) >= MAX_NOTES:
                continue
            if kind in (rtcp.SR, rtcp.RR):
                loss = reports.take_blocks(transport, now_us, rtcp.blocks(kind, fmt, packet))
                notes.extend(() if loss is None else (loss,))
            bps = rtcp.remb(kind, fmt, packet)
            if bps is not None:
                notes.append(ReceiverEstimate(transport.number, bps))

    # ── what is due ──────────────────────────────────────────────────────────────────────────────────────────────────
    def tick(self, now_us: int) -> list[Datagram]:
        sends: list[Datagram] = []
        for source in tuple(self._pressing):
            if source.missing:
                recovery.ask(source, now_us, sends)
            wanted = source.slots or source.waiting or not source.descriptor.height
            if source.key_frame_wanted and wanted:
                if (
                    now_us - source.key_frame_asked_us >= KEY_FRAME_INTERVAL_US
                    and now_us - source.key_frame_came_us >= KEY_FRAME_REST_US
                ):
                    source.key_frame_asked_us = now_us
                    source.key_frame_wanted = (
                        False  # until a picture comes that is none: nobody asks one who sends nothing
                    )
                    self.key_frames_asked += 1
                    reports.ask_key_frame(source, sends)
            elif not source.missing:
                del self._pressing[source]
        for transport in self._to_tell.due(now_us):
            reports.tell_arrivals(transport, sends)
        for transport in self._to_report.due(now_us):
            reports.report(transport, now_us, sends)
        return sends

    def activity(self) -> list[SourceActivity]:
        """Of every source, since the last call."""
        told = []
        for source in self._sources.values():
            loudness = source.loudness / source.packets if source.packets else 0.0
            height = source.descriptor.height if source.video else 0
            layered = source.descriptor.layered
            told.append(SourceActivity(source.number, source.packets, loudness, source.octets, height, layered))
            source.packets = source.octets = source.loudness = 0
        return told


def _unknown(transport: Transport, packet: bytes, ssrc: int) -> UnknownSource:
    def said(number: int) -> bytes:
        return (extension(packet, number) if number else None) or b""

    return UnknownSource(
        transport.number,
        ssrc,
        packet[1] & 0x7F,
        said(transport.mid_extension),
        said(transport.rid_extension),
        said(transport.repaired_rid_extension),
    )
