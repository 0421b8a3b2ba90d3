"""The forwarder in Python. The per-packet loop is `handle` and `_forward`; everything else prepares what they need.

What makes it fast: one decryption a packet, and for each slot one header, one nonce, one encryption, with every constant of a slot
(payload type, extension bytes, salt ^ SSRC, the bound `encrypt`) prepared when it is added or routed. No object is made for a packet.

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
from server.media.rtp import HEADER, Malformed, extension, header_length, nearest
from server.media.srtp import Unauthentic
from server.media.streams import CACHED_PACKETS, Slot, Source, Transport
from server.media.vp8 import renumbered

KEY_FRAME_INTERVAL_US = 500_000
"""Least time between two key-frame requests to one source."""
KEY_FRAME_REST_US = 300_000
"""After a key frame Chromium ignores requests for so long: one that is made meanwhile would be lost."""
TELL_INTERVAL_US = 90_000
"""Between two messages about when packets came; a little less than a tick, so that each tick has one."""
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
        self._reported_us = self._told_us = 0

    # ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def apply(self, change: Change) -> None:
        match change:
            case AddTransport():
                self._transports[change.transport] = self._by_address[change.address] = Transport(change)
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
                self._slots[change.slot].wanted_temporal = change.temporal

    def _move(self, transport: Transport, address: Address) -> None:
        if self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        transport.address = address
        self._by_address[address] = transport
        for slot in transport.slots:
            slot.address = address

    def _remove(self, number: int) -> None:
        transport = self._transports.pop(number)
        if self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]
        for source in transport.sources.values():
            for slot in (*source.slots, *source.waiting):
                self._route(slot, None, keep=False)
            source.cache = None
            del self._sources[source.number]
        for slot in transport.slots:
            self._route(slot, None, keep=False)
            del self._slots[slot.number]

    def _route(self, slot: Slot, source: Source | None, *, keep: bool) -> None:
        if slot.pending is not None:
            slot.pending.waiting.remove(slot)
            slot.pending = None
        if slot.source is source:
            return
        if keep and source is not None and source.video and slot.source is not None and not slot.switching:
            slot.pending = source
            source.waiting.append(slot)
            source.key_frame_wanted = True
            return
        if slot.source is not None:
            slot.source.slots.remove(slot)
        slot.source = source
        slot.switching = True
        if source is not None:
            source.slots.append(slot)
            source.key_frame_wanted = source.video

    # ── packets ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def handle(
        self, now_us: int, datagrams: Sequence[Datagram], came_us: Sequence[int] = ()
    ) -> tuple[list[Datagram], list[Note]]:
        sends: list[Datagram] = []
        notes: list[Note] = []
        # abs-send-time: seconds as 6.18 fixed point, 24 bits
        abs_time = ((now_us << 18) // 1_000_000 & 0xFFFFFF).to_bytes(3, "big")
        for (packet, address), at_us in zip(datagrams, came_us or repeat(now_us), strict=False):
            transport = self._by_address.get(address)
            if transport is None:
                self.dropped["unbound"] += 1
                continue
            try:
                if 192 <= packet[1] <= 223:
                    compound = transport.receiver.unprotect_rtcp(packet)
                    self._control(now_us, abs_time, transport, compound, sends, notes)
                else:
                    self._media(at_us, abs_time, transport, packet, sends, notes)
            except Unauthentic:
                self.dropped["unauthentic"] += 1
            except (Malformed, IndexError):
                self.dropped["malformed"] += 1
        for source in self._holed:
            recovery.ask(source, now_us, sends)
        self._holed.clear()
        return sends, notes

    def _media(
        self,
        now_us: int,
        abs_time: bytes,
        transport: Transport,
        packet: bytes,
        sends: list[Datagram],
        notes: list[Note],
    ) -> None:
        header = header_length(packet)
        payload, index = transport.receiver.unprotect(packet, header)
        if transport.arrivals is not None:
            seq = extension(packet, transport.sequence_extension)
            if seq is not None and len(seq) == 2:
                transport.arrivals.note(seq[0] << 8 | seq[1], now_us)
        ssrc = int.from_bytes(packet[8:12], "big")
        source = transport.sources.get(ssrc)
        if packet[0] & 0x20:
            padding = payload[-1] if payload else 0
            if not 0 < padding <= len(payload):
                raise Malformed("rtp padding")
            payload = payload[:-padding]
        if source is None:
            source = transport.repairs.get(ssrc)
            if source is None:
                transport.receiver.forget(ssrc)
                if len(notes) < MAX_NOTES:
                    notes.append(_unknown(transport, packet, ssrc))
                return
            if len(payload) <= 2:
                return  # padding, by which the peer finds out how much its network takes
            index = nearest(source.highest, payload[0] << 8 | payload[1])
            payload = payload[2:]
            if source.missing.pop(index, None) is None:
                self.dropped["repair not wanted"] += 1
                return
        else:
            if packet[1] & 0x7F != source.payload_type:
                self.dropped["payload type"] += 1
                payload = b""
            if not self._count(source, now_us, index):
                return
            source.octets += len(packet)
            if not source.video and transport.level_extension:
                level = extension(packet, transport.level_extension)
                if level:
                    source.loudness += 127 - (level[0] & 0x7F)
        if payload:
            self._forward(now_us, abs_time, source, packet, payload, index, sends)
        else:  # padding alone: the gap is closed, so that nobody asks for it again
            for slot in source.slots:
                slot.leave_out(source, index)

    def _count(self, source: Source, now_us: int, index: int) -> bool:
        """Whether the packet is wanted: not one that was given up or has come as a retransmission."""
        source.packets += 1
        source.received += 1
        highest = source.highest
        if source.base < 0:
            source.base = source.highest = index
        elif index > highest:
            if source.nack and index > highest + 1:
                recovery.note_hole(source, now_us, index)
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
        packet: bytes,
        payload: bytes,
        index: int,
        sends: list[Datagram],
    ) -> None:
        marker = packet[1] & 0x80
        timestamp = int.from_bytes(packet[4:8], "big")
        if index == source.highest:
            reports.follow_jitter(source, now_us, timestamp)
        descriptor = source.descriptor
        video = source.video
        if video:
            descriptor.parse(payload)
            assert source.cache is not None
            source.cache[index & _CACHE_MASK] = (index, marker, timestamp, payload)
            if descriptor.key_frame:
                source.key_frame_wanted = False
                source.key_frame_came_us = now_us
                if source.waiting:
                    self._take_waiting(source)
            elif source.waiting or not descriptor.height:
                source.key_frame_wanted = True  # without its height nobody could be given it
        for slot in source.slots:
            if slot.switching:
                if video and not descriptor.key_frame:
                    source.key_frame_wanted = True
                    continue
                slot.switch(now_us, source, index, timestamp, descriptor if video else None)
            out = index + slot.index_delta
            if out <= slot.index or index < slot.first_index:
                self._forward_late(slot, abs_time, source, index, marker, timestamp, payload, sends)
                continue
            if video and slot.wanted_temporal + slot.most_temporal < 6 and slot.thins(descriptor):
                slot.leave_out(source, index, picture=descriptor.start)
                continue
            stamp = timestamp + slot.timestamp_delta & 0xFFFFFFFF
            if video:
                body = renumbered(payload, descriptor, slot.picture_id_delta, slot.tl0_delta, slot.key_index_delta)
                slot.picture_id = descriptor.picture_id + slot.picture_id_delta & 0x7FFF
                slot.tl0 = descriptor.tl0 + slot.tl0_delta & 0xFF
                slot.key_index = descriptor.key_index + slot.key_index_delta & 0x1F
            else:
                body = payload
            end = slot.extension_end
            header = HEADER.pack(
                0x90 if slot.extension else 0x80, marker | slot.payload_type, out & 0xFFFF, stamp, slot.ssrc
            ) + (slot.extension if end is None else slot.extension + abs_time + end)
            if slot.encrypt is not None:
                protected = header + slot.encrypt((slot.nonce_base ^ out).to_bytes(12, "big"), body, header)
            else:
                protected = slot.transport.sender.protect(header, body, slot.ssrc, out)
            sends.append((protected, slot.address))
            slot.index = out
            slot.timestamp = stamp
            slot.source_timestamp = timestamp
            slot.sent_us = now_us
            slot.packets += 1
            slot.octets += len(body)
        self.forwarded += len(source.slots)

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
                    slot.source.key_frame_wanted = True
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
        for source in self._sources.values():
            if source.missing:
                recovery.ask(source, now_us, sends)
            if not source.key_frame_wanted:
                continue
            if not (source.slots or source.waiting) and source.descriptor.height:
                continue
            if (
                now_us - source.key_frame_asked_us >= KEY_FRAME_INTERVAL_US
                and now_us - source.key_frame_came_us >= KEY_FRAME_REST_US
            ):
                source.key_frame_asked_us = now_us
                source.key_frame_wanted = False  # until a picture comes that is none: nobody asks one who sends nothing
                self.key_frames_asked += 1
                reports.ask_key_frame(source, sends)
        if now_us - self._told_us >= TELL_INTERVAL_US:
            self._told_us = now_us
            for transport in self._transports.values():
                if transport.arrivals is not None:
                    reports.tell_arrivals(transport, sends)
        if now_us - self._reported_us >= REPORT_INTERVAL_US:
            self._reported_us = now_us
            for transport in self._transports.values():
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
