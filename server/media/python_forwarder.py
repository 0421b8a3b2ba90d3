"""The forwarder in Python. The per-packet loop is `handle` and `_forward`; everything else prepares what they need.

What makes it fast: one decryption a packet, and for each slot one header, one nonce, one encryption, with every constant of a slot
(payload type, extension bytes, salt ^ SSRC, the bound `encrypt`) prepared when it is added or routed. No object is made for a packet.

What makes it right: a slot's sequence number, timestamp and VP8 numbers never jump. They are the source's plus a delta that is set at each switch
so that they go on from what was last sent; video switches at a key frame only, and asks for one until it comes.
"""

from collections import Counter
from collections.abc import Sequence

from server.media import rtcp
from server.media.forwarder import (
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
    UnknownSource,
)
from server.media.rtp import HEADER, Malformed, extension, extension_block, header_length
from server.media.srtp import GcmSender, Unauthentic
from server.media.vp8 import Descriptor

KEY_FRAME_INTERVAL_US = 500_000
"""Least time between two key-frame requests to one source."""
REPORT_INTERVAL_US = 1_000_000
MAX_NOTES = 64


class _Transport:
    __slots__ = (
        "abs_time_extension",
        "address",
        "feedback_ssrc",
        "level_extension",
        "mid_extension",
        "number",
        "receiver",
        "sender",
        "slots",
        "slots_by_ssrc",
        "sources",
    )

    def __init__(self, added: AddTransport) -> None:
        self.number = added.transport
        self.address = added.address
        self.receiver = added.receiver
        self.sender = added.sender
        self.feedback_ssrc = added.feedback_ssrc
        self.mid_extension = added.mid_extension
        self.level_extension = added.level_extension
        self.abs_time_extension = added.abs_time_extension
        self.sources: dict[int, _Source] = {}
        self.slots: list[_Slot] = []
        self.slots_by_ssrc: dict[int, _Slot] = {}


class _Source:
    __slots__ = (
        "base",
        "clock_hz",
        "descriptor",
        "highest",
        "key_frame_asked_us",
        "key_frame_wanted",
        "loudness",
        "max_bps",
        "number",
        "packets",
        "payload_type",
        "received",
        "reported_expected",
        "reported_received",
        "slots",
        "sr_arrived_us",
        "sr_ntp",
        "ssrc",
        "transport",
        "video",
    )

    def __init__(self, added: AddSource, transport: _Transport) -> None:
        self.number = added.source
        self.transport = transport
        self.ssrc = added.ssrc
        self.payload_type = added.payload_type
        self.video = added.kind == "video"
        self.clock_hz = added.clock_hz
        self.max_bps = added.max_bps
        self.descriptor = Descriptor()
        self.slots: list[_Slot] = []
        self.key_frame_wanted = False
        self.key_frame_asked_us = 0
        self.packets = 0
        self.loudness = 0
        self.base = -1
        self.highest = self.received = self.reported_expected = self.reported_received = 0
        self.sr_ntp = self.sr_arrived_us = 0


class _Slot:
    __slots__ = (
        "address",
        "clock_hz",
        "encrypt",
        "extension",
        "extension_end",
        "first_index",
        "index",
        "index_delta",
        "key_index",
        "key_index_delta",
        "nonce_base",
        "number",
        "octets",
        "packets",
        "payload_type",
        "picture_id",
        "picture_id_delta",
        "sent_us",
        "source",
        "ssrc",
        "switching",
        "timestamp",
        "timestamp_delta",
        "tl0",
        "tl0_delta",
        "transport",
    )

    def __init__(self, added: AddSlot, transport: _Transport) -> None:
        self.number = added.slot
        self.transport = transport
        self.address = transport.address
        self.ssrc = added.ssrc
        self.payload_type = added.payload_type
        self.clock_hz = added.clock_hz
        sender = transport.sender
        self.encrypt = sender.encrypt if isinstance(sender, GcmSender) else None
        self.nonce_base = sender.salt ^ added.ssrc << 48 if isinstance(sender, GcmSender) else 0
        elements = [(transport.mid_extension, added.mid)] if transport.mid_extension else []
        if transport.abs_time_extension:
            elements.append((transport.abs_time_extension, b"\0\0\0"))
        block = extension_block(elements) if elements else b""
        # The block is cut at the three bytes of abs-send-time, which alone differ from packet to packet.
        cut = (
            (4 + (2 + len(added.mid) if transport.mid_extension else 1)) if transport.abs_time_extension else len(block)
        )
        self.extension = block[:cut]
        self.extension_end = block[cut + 3 :] if transport.abs_time_extension else None
        self.source: _Source | None = None
        self.switching = False
        self.first_index = 0
        self.index = -1
        self.index_delta = self.timestamp_delta = 0
        self.timestamp = self.sent_us = 0
        self.picture_id = self.tl0 = self.key_index = -1
        self.picture_id_delta = self.tl0_delta = self.key_index_delta = 0
        self.packets = self.octets = 0


class PythonForwarder:
    """Implements `server.media.forwarder.Forwarder`."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.forwarded = 0
        self._transports: dict[int, _Transport] = {}
        self._by_address: dict[Address, _Transport] = {}
        self._sources: dict[int, _Source] = {}
        self._slots: dict[int, _Slot] = {}
        self._reported_us = 0

    # ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def apply(self, change: Change) -> None:
        match change:
            case AddTransport():
                self._transports[change.transport] = self._by_address[change.address] = _Transport(change)
            case MoveTransport():
                self._move(self._transports[change.transport], change.address)
            case RemoveTransport():
                self._remove(change.transport)
            case AddSource():
                transport = self._transports[change.transport]
                self._sources[change.source] = transport.sources[change.ssrc] = _Source(change, transport)
            case AddSlot():
                transport = self._transports[change.transport]
                slot = self._slots[change.slot] = transport.slots_by_ssrc[change.ssrc] = _Slot(change, transport)
                transport.slots.append(slot)
            case Route():
                source = None if change.source is None else self._sources[change.source]
                self._route(self._slots[change.slot], source)

    def _move(self, transport: _Transport, address: Address) -> None:
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
            for slot in tuple(source.slots):
                self._route(slot, None)
            del self._sources[source.number]
        for slot in transport.slots:
            self._route(slot, None)
            del self._slots[slot.number]

    def _route(self, slot: _Slot, source: _Source | None) -> None:
        if slot.source is source:
            return
        if slot.source is not None:
            slot.source.slots.remove(slot)
        slot.source = source
        slot.switching = True
        if source is not None:
            source.slots.append(slot)
            source.key_frame_wanted = source.video

    # ── packets ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def handle(self, now_us: int, datagrams: Sequence[Datagram]) -> tuple[list[Datagram], list[Note]]:
        sends: list[Datagram] = []
        notes: list[Note] = []
        # abs-send-time: seconds as 6.18 fixed point, 24 bits
        abs_time = ((now_us << 18) // 1_000_000 & 0xFFFFFF).to_bytes(3, "big")
        for packet, address in datagrams:
            transport = self._by_address.get(address)
            if transport is None:
                self.dropped["unbound"] += 1
                continue
            try:
                if 192 <= packet[1] <= 223:
                    self._control(now_us, transport, transport.receiver.unprotect_rtcp(packet), notes)
                else:
                    self._media(now_us, abs_time, transport, packet, sends, notes)
            except Unauthentic:
                self.dropped["unauthentic"] += 1
            except (Malformed, IndexError):
                self.dropped["malformed"] += 1
        return sends, notes

    def _media(
        self,
        now_us: int,
        abs_time: bytes,
        transport: _Transport,
        packet: bytes,
        sends: list[Datagram],
        notes: list[Note],
    ) -> None:
        header = header_length(packet)
        payload, index = transport.receiver.unprotect(packet, header)
        ssrc = int.from_bytes(packet[8:12], "big")
        source = transport.sources.get(ssrc)
        if source is None:
            transport.receiver.forget(ssrc)
            if len(notes) < MAX_NOTES:
                mid = extension(packet, transport.mid_extension) if transport.mid_extension else None
                notes.append(UnknownSource(transport.number, ssrc, packet[1] & 0x7F, mid or b""))
            return
        if packet[0] & 0x20:
            padding = payload[-1] if payload else 0
            if not 0 < padding <= len(payload):
                raise Malformed("rtp padding")
            payload = payload[:-padding]
        if packet[1] & 0x7F != source.payload_type:
            self.dropped["payload type"] += 1
            payload = b""
        self._count(source, index)
        if not source.video and transport.level_extension:
            level = extension(packet, transport.level_extension)
            if level:
                source.loudness += 127 - (level[0] & 0x7F)
        if source.slots:
            if payload:
                self._forward(now_us, abs_time, source, packet, payload, index, sends)
            else:
                for slot in source.slots:  # padding alone: the gap is closed, so that nobody asks for it again
                    if not slot.switching and index >= slot.first_index:
                        slot.index_delta -= 1

    def _count(self, source: _Source, index: int) -> None:
        source.packets += 1
        source.received += 1
        if source.base < 0:
            source.base = source.highest = index
        elif index > source.highest:
            source.highest = index

    def _forward(
        self,
        now_us: int,
        abs_time: bytes,
        source: _Source,
        packet: bytes,
        payload: bytes,
        index: int,
        sends: list[Datagram],
    ) -> None:
        marker = packet[1] & 0x80
        timestamp = int.from_bytes(packet[4:8], "big")
        descriptor = source.descriptor
        video = source.video
        if video:
            descriptor.parse(payload)
        for slot in source.slots:
            if slot.switching:
                if video and not descriptor.key_frame:
                    source.key_frame_wanted = True
                    continue
                self._switch(slot, now_us, index, timestamp, descriptor if video else None)
            if index < slot.first_index:
                continue
            out = index + slot.index_delta
            if out < 0:
                continue
            stamp = timestamp + slot.timestamp_delta & 0xFFFFFFFF
            body = self._rewritten(slot, payload, descriptor) if video else payload
            end = slot.extension_end
            header = HEADER.pack(
                0x90 if slot.extension else 0x80, marker | slot.payload_type, out & 0xFFFF, stamp, slot.ssrc
            ) + (slot.extension if end is None else slot.extension + abs_time + end)
            if slot.encrypt is not None:
                protected = header + slot.encrypt((slot.nonce_base ^ out).to_bytes(12, "big"), body, header)
            else:
                protected = slot.transport.sender.protect(header, body, slot.ssrc, out)
            sends.append((protected, slot.address))
            if out > slot.index:
                slot.index = out
                slot.timestamp = stamp
                slot.sent_us = now_us
            slot.packets += 1
            slot.octets += len(body)
        self.forwarded += len(source.slots)

    def _switch(self, slot: _Slot, now_us: int, index: int, timestamp: int, descriptor: Descriptor | None) -> None:
        """Set the deltas so that the slot goes on from what it sent last; the very first source is taken as it is."""
        slot.switching = False
        slot.first_index = index
        if slot.index < 0:
            slot.index_delta = slot.timestamp_delta = 0
        else:
            slot.index_delta = slot.index + 1 - index
            elapsed = max(1, (now_us - slot.sent_us) * slot.clock_hz // 1_000_000)
            slot.timestamp_delta = slot.timestamp + elapsed - timestamp
        if descriptor is None:
            return
        slot.picture_id_delta = slot.picture_id + 1 - descriptor.picture_id if slot.picture_id >= 0 else 0
        slot.tl0_delta = slot.tl0 + 1 - descriptor.tl0 if slot.tl0 >= 0 else 0
        slot.key_index_delta = slot.key_index + 1 - descriptor.key_index if slot.key_index >= 0 else 0

    def _rewritten(self, slot: _Slot, payload: bytes, descriptor: Descriptor) -> bytes:
        """The payload with the slot's VP8 numbers; the source's own bytes where they are the same."""
        at = descriptor.picture_id_at
        if at:
            wide = descriptor.picture_id_bits == 15
            number = descriptor.picture_id + slot.picture_id_delta & (0x7FFF if wide else 0x7F)
            slot.picture_id = number
            if slot.picture_id_delta:
                written = (0x8000 | number).to_bytes(2, "big") if wide else bytes((number,))
                payload = payload[:at] + written + payload[at + len(written) :]
        at = descriptor.tl0_at
        if at:
            slot.tl0 = descriptor.tl0 + slot.tl0_delta & 0xFF
            if slot.tl0_delta:
                payload = payload[:at] + bytes((slot.tl0,)) + payload[at + 1 :]
        at = descriptor.key_index_at
        if at:
            slot.key_index = descriptor.key_index + slot.key_index_delta & 0x1F
            if slot.key_index_delta:
                payload = payload[:at] + bytes((payload[at] & 0xE0 | slot.key_index,)) + payload[at + 1 :]
        return payload

    def _control(self, now_us: int, transport: _Transport, compound: bytes, notes: list[Note]) -> None:
        for kind, fmt, packet in rtcp.split(compound):
            if kind == rtcp.SR:
                ssrc, ntp, _ = rtcp.sender_info(packet)
                source = transport.sources.get(ssrc)
                if source is not None:
                    source.sr_ntp, source.sr_arrived_us = ntp, now_us
                continue
            for ssrc in rtcp.wants_key_frame(kind, fmt, packet):
                slot = transport.slots_by_ssrc.get(ssrc)
                if slot is not None and slot.source is not None and slot.source.video:
                    slot.source.key_frame_wanted = True
            bps = rtcp.remb(kind, fmt, packet)
            if bps is not None and len(notes) < MAX_NOTES:
                notes.append(ReceiverEstimate(transport.number, bps))

    # ── what is due ──────────────────────────────────────────────────────────────────────────────────────────────────
    def tick(self, now_us: int) -> list[Datagram]:
        sends: list[Datagram] = []
        for source in self._sources.values():
            if not source.key_frame_wanted or not source.slots:
                continue
            if now_us - source.key_frame_asked_us >= KEY_FRAME_INTERVAL_US:
                source.key_frame_asked_us = now_us
                source.key_frame_wanted = any(slot.switching for slot in source.slots)
                transport = source.transport
                request = rtcp.receiver_report(transport.feedback_ssrc, []) + rtcp.description(transport.feedback_ssrc)
                request += rtcp.picture_loss(transport.feedback_ssrc, source.ssrc)
                sends.append((transport.sender.protect_rtcp(request), transport.address))
        if now_us - self._reported_us >= REPORT_INTERVAL_US:
            self._reported_us = now_us
            for transport in self._transports.values():
                self._report(now_us, transport, sends)
        return sends

    def _report(self, now_us: int, transport: _Transport, sends: list[Datagram]) -> None:
        for slot in transport.slots:
            if slot.packets and slot.source is not None and not slot.switching:
                stamp = slot.timestamp + (now_us - slot.sent_us) * slot.clock_hz // 1_000_000
                report = rtcp.sender_report(slot.ssrc, rtcp.ntp_of(now_us), stamp, slot.packets, slot.octets)
                sends.append((transport.sender.protect_rtcp(report), transport.address))
        heard = [source for source in transport.sources.values() if source.base >= 0]
        if heard:
            blocks = [self._block(now_us, source) for source in heard[:31]]
            report = rtcp.receiver_report(transport.feedback_ssrc, blocks) + rtcp.description(transport.feedback_ssrc)
            allowed = sum(source.max_bps for source in heard)
            if allowed:
                report += rtcp.bandwidth(transport.feedback_ssrc, allowed, [s.ssrc for s in heard if s.max_bps])
            sends.append((transport.sender.protect_rtcp(report), transport.address))

    def _block(self, now_us: int, source: _Source) -> tuple[int, int, int, int, int, int]:
        expected = source.highest - source.base + 1
        lost = max(0, expected - source.received)
        expected_now = expected - source.reported_expected
        lost_now = max(0, expected_now - (source.received - source.reported_received))
        fraction = min(255, lost_now * 256 // expected_now) if expected_now > 0 else 0
        source.reported_expected, source.reported_received = expected, source.received
        delay = (now_us - source.sr_arrived_us) * 65_536 // 1_000_000 if source.sr_arrived_us else 0
        last = (source.sr_ntp >> 16 & 0xFFFFFFFF) << 32 | delay & 0xFFFFFFFF
        return source.ssrc, fraction, lost, source.highest, 0, last

    def activity(self) -> list[SourceActivity]:
        """Of every source, since the last call."""
        told = []
        for source in self._sources.values():
            loudness = source.loudness / source.packets if source.packets else 0.0
            told.append(SourceActivity(source.number, source.packets, loudness))
            source.packets = source.loudness = 0
        return told
