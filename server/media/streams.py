"""The state behind the Python forwarder: transports, sources, slots, with everything prepared that the packet loop needs.

Theory of operation. A slot's numbers are a source's plus deltas. A *segment* is a stretch in which the deltas stay the same: one begins at every
switch to another source and after every packet that is left out. `out = index + index_delta` within a segment, and segments follow each other
without overlap, so **no index of a slot is used twice**, however late a packet comes. (With AES-GCM two packets under one index would give the
key away.) Late packets and retransmissions find the segment they belong to; packets in order need only the newest one's deltas.
"""

from server.media.forwarder import AddSlot, AddSource, AddTransport
from server.media.rtp import extension_block
from server.media.srtp import GcmSender
from server.media.twcc import Arrivals
from server.media.vp8 import Descriptor

MAX_SEGMENTS = 48
ALL_TEMPORAL = 3
"""The highest temporal layer that VP8 can have."""
CACHED_PACKETS = 512
"""Packets a video source keeps for retransmission: three seconds at 1.5 Mbit/s. A power of two."""
MAX_GAP = 128
"""A larger hole is not asked for packet by packet: a key frame is."""
MAX_CAPTURE_GAP_US = 2_000_000

Last = tuple[int, int, int, int, int]
"""(timestamp, when it was sent (µs), picture id, TL0PICIDX, KEYIDX) of a packet as its source sent it."""
Segment = tuple[int, "Source", int, int, int, int, int, int]
"""(first out index, source, first source index, then the deltas of index, timestamp, picture id, TL0PICIDX, KEYIDX)."""


class Transport:
    """A peer."""

    __slots__ = (
        "abs_time_extension",
        "address",
        "arrivals",
        "clock_offset_us",
        "feedback_ssrc",
        "level_head",
        "mid_extension",
        "number",
        "receiver",
        "repaired_rid_extension",
        "repairs",
        "rid_extension",
        "sender",
        "sequence_head",
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
        self.level_head = added.level_extension << 4
        """With what the element of that header extension begins; 0 without it."""
        self.abs_time_extension = added.abs_time_extension
        self.rid_extension = added.rid_extension
        self.repaired_rid_extension = added.repaired_rid_extension
        self.sequence_head = added.sequence_extension and added.sequence_extension << 4 | 1
        self.arrivals = Arrivals() if added.sequence_extension else None
        self.sources: dict[int, Source] = {}
        self.repairs: dict[int, Source] = {}
        self.slots: list[Slot] = []
        self.slots_by_ssrc: dict[int, Slot] = {}
        self.clock_offset_us: int | None = None
        """Our clock minus the peer's, as its fastest sender report showed it."""


class Source:
    """One SSRC that a peer sends."""

    __slots__ = (
        "base",
        "cache",
        "cached_heads",
        "cached_indices",
        "clock_hz",
        "descriptor",
        "highest",
        "jitter",
        "key_frame_asked_us",
        "key_frame_came_us",
        "key_frame_wanted",
        "loudness",
        "max_bps",
        "missing",
        "nack",
        "number",
        "octets",
        "packets",
        "payload_type",
        "received",
        "reported_expected",
        "reported_received",
        "slots",
        "sr_arrived_us",
        "sr_ntp",
        "sr_rtp",
        "ssrc",
        "timestamp",
        "transit",
        "transport",
        "video",
        "waiting",
    )

    def __init__(self, added: AddSource, transport: Transport) -> None:
        self.number = added.source
        self.transport = transport
        self.ssrc = added.ssrc
        self.payload_type = added.payload_type
        self.video = added.kind == "video"
        self.clock_hz = added.clock_hz
        self.max_bps = added.max_bps
        self.nack = added.nack
        self.descriptor = Descriptor()
        self.slots: list[Slot] = []
        self.waiting: list[Slot] = []
        """Slots that carry another layer until this one's next key frame."""
        kept = CACHED_PACKETS if self.video else 0
        self.cache: list[bytes] | None = [b""] * kept if self.video else None
        """Payloads as they came, by the low bits of the index. One tuple a packet would be a container more for the garbage collector to look at:

        with some forty publishers who have just begun, their filling it up would make a pause of 20 ms every few seconds."""
        self.cached_indices, self.cached_heads = [-1] * kept, [0] * kept
        """Index, and marker bit << 32 | timestamp, of each."""
        self.missing: dict[int, list[int]] = {}
        """Index → [when it was missed, when it was last asked for (µs), how often]."""
        self.key_frame_wanted = False
        self.key_frame_asked_us = self.key_frame_came_us = 0
        self.packets = self.octets = 0
        self.loudness = 0
        self.base = -1
        self.jitter = 0.0
        """Interarrival jitter in RTP clock ticks (RFC 3550 section 6.4.1)."""
        self.transit: int | None = None
        self.timestamp = -1
        """Of the latest packet in order."""
        self.highest = self.received = self.reported_expected = self.reported_received = 0
        self.sr_ntp = self.sr_rtp = self.sr_arrived_us = 0

    def captured_us(self, timestamp: int) -> int | None:
        """When, by the peer's clock, something with this RTP timestamp was captured; None before the first sender report."""
        if not self.sr_arrived_us:
            return None
        ticks = (timestamp - self.sr_rtp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        return (self.sr_ntp * 1_000_000 >> 32) + ticks * 1_000_000 // self.clock_hz


class Slot:
    """One SSRC that a peer receives."""

    __slots__ = (
        "address",
        "clock_hz",
        "encrypt",
        "extension",
        "first_byte",
        "first_index",
        "index",
        "index_delta",
        "key_index",
        "key_index_delta",
        "last",
        "most_temporal",
        "nonce_base",
        "number",
        "octets",
        "packets",
        "payload_type",
        "pending",
        "picture_id",
        "picture_id_delta",
        "renumbers",
        "repair_index",
        "repair_octets",
        "repair_payload_type",
        "repair_ssrc",
        "repairs_filled_at",
        "repairs_filled_us",
        "resent",
        "segments",
        "sent_us",
        "source",
        "source_timestamp",
        "ssrc",
        "stamped",
        "switched_at",
        "switching",
        "thinned",
        "timestamp",
        "timestamp_delta",
        "tl0",
        "tl0_delta",
        "told",
        "transport",
        "wanted_temporal",
    )

    def __init__(self, added: AddSlot, transport: Transport) -> None:
        self.number = added.slot
        self.transport = transport
        self.address = transport.address
        self.ssrc = added.ssrc
        self.payload_type = added.payload_type
        self.clock_hz = added.clock_hz
        self.repair_ssrc = added.repair_ssrc
        self.repair_payload_type = added.repair_payload_type
        self.repair_index = 0
        self.repair_octets = 0.0
        self.repairs_filled_at = self.repairs_filled_us = 0
        self.resent: dict[int, int] = {}
        """Index → when it was last sent again (µs); bounded."""
        sender = transport.sender
        self.encrypt = sender.encrypt if isinstance(sender, GcmSender) else None
        self.nonce_base = sender.salt ^ added.ssrc << 48 if isinstance(sender, GcmSender) else 0
        self.extension = _extension(transport, added.mid)
        self.stamped = bool(transport.abs_time_extension)
        """Whether three bytes of abs-send-time follow `extension`."""
        self.first_byte = 0x90 if self.extension else 0x80
        self.source: Source | None = None
        self.pending: Source | None = None
        self.switching = False
        self.switched_at = 0
        """Index of the latest switch: the key frame there makes what was before it useless."""
        self.segments: list[Segment] = []
        self.first_index = 0
        self.index = -1
        self.index_delta = self.timestamp_delta = 0
        self.last: Last | None = None
        self.timestamp = self.source_timestamp = self.sent_us = 0
        self.picture_id = self.tl0 = self.key_index = -1
        self.picture_id_delta = self.tl0_delta = self.key_index_delta = 0
        self.renumbers = False
        """Whether VP8's numbers are others than the source's."""
        self.packets = self.octets = 0
        self.most_temporal = self.wanted_temporal = ALL_TEMPORAL
        """Temporal layers that are carried now, and that should be."""
        self.thinned = False
        """Whether one of them is not all."""
        self.told: tuple[int, int] | None = None
        """(highest sequence number, packets lost in all) of the receiver's latest report."""

    def extension_now(self, abs_time: bytes) -> bytes:
        """The slot's header extensions."""
        return self.extension + abs_time if self.stamped else self.extension

    def settle(self) -> None:
        """Work out the numbers of what was sent last. For each packet only its source's are noted, as one tuple that all slots share."""
        if self.last is None:
            return
        self.source_timestamp, self.sent_us, picture_id, tl0, key_index = self.last
        self.last = None
        self.timestamp = self.source_timestamp + self.timestamp_delta & 0xFFFFFFFF
        self.picture_id = picture_id + self.picture_id_delta & 0x7FFF
        self.tl0 = tl0 + self.tl0_delta & 0xFF
        self.key_index = key_index + self.key_index_delta & 0x1F

    def begin_segment(self, source: Source, first_index: int) -> None:
        """The deltas have changed: they hold for this source's packets from `first_index` on."""
        self.first_index = first_index
        self.renumbers = bool(self.picture_id_delta or self.tl0_delta or self.key_index_delta)
        first_out = first_index + self.index_delta
        deltas = (self.index_delta, self.timestamp_delta, self.picture_id_delta, self.tl0_delta, self.key_index_delta)
        if self.segments and self.segments[-1][0] == first_out:
            self.segments.pop()  # nothing was sent in it
        self.segments.append((first_out, source, first_index, *deltas))
        if len(self.segments) > MAX_SEGMENTS:
            del self.segments[0]

    def leave_out(self, source: Source, index: int, *, picture: bool = False) -> None:
        """A packet that is not forwarded: the gap is closed, unless something after it has gone out already. `picture`: it begins one."""
        if not self.switching and index + self.index_delta > self.index and index >= self.first_index:
            self.settle()
            self.index_delta -= 1
            self.picture_id_delta -= picture
            self.begin_segment(source, index + 1)

    def thins(self, descriptor: Descriptor) -> bool:
        """Whether a packet belongs to a frame that is left out. More is taken up only where a frame needs none of those that were left out."""
        wanted = self.wanted_temporal
        if descriptor.start and (wanted < self.most_temporal or descriptor.key_frame or descriptor.sync):
            self.most_temporal = wanted
            self.thinned = wanted < ALL_TEMPORAL
        return descriptor.temporal > self.most_temporal

    def segment_of(self, source: Source, index: int) -> Segment | None:
        """The segment to which a late packet belongs; None if there is no place for it any more."""
        end = self.index + 1  # within the newest segment; what is newer is not late
        for segment in reversed(self.segments):
            first_out, of, first_index, delta, *_ = segment
            if of is source and index >= first_index and first_out <= index + delta < end:
                return segment
            end = first_out
        return None

    def segment_at(self, out: int) -> Segment | None:
        """The segment in which index `out` was sent."""
        if out > self.index:
            return None
        return next((segment for segment in reversed(self.segments) if segment[0] <= out), None)

    def switch(self, now_us: int, source: Source, index: int, timestamp: int, descriptor: Descriptor | None) -> None:
        """Set the deltas so that the slot goes on from what it sent last; the very first source is taken as it is."""
        former = self.segments[-1][1] if self.segments else None
        self.settle()
        self.switching = False
        self.most_temporal = self.wanted_temporal
        self.thinned = self.wanted_temporal < ALL_TEMPORAL
        if self.index < 0:
            # A receiver takes the first roll-over counter for 0 (RFC 3711 section 3.3.1), however many packets the source has sent
            # before, and must not miss the first roll-over if packets are lost: so the number begins in the lower half.
            self.index_delta, self.timestamp_delta = (index & 0x7FFF) - index, 0
        else:
            self.index_delta = self.index + 1 - index
            elapsed_us = self._elapsed_us(now_us, former, source, timestamp)
            self.timestamp_delta = self.timestamp + max(1, elapsed_us * self.clock_hz // 1_000_000) - timestamp
        if descriptor is not None:
            self.picture_id_delta = self.picture_id + 1 - descriptor.picture_id if self.picture_id >= 0 else 0
            self.tl0_delta = self.tl0 + 1 - descriptor.tl0 if self.tl0 >= 0 else 0
            self.key_index_delta = self.key_index + 1 - descriptor.key_index if self.key_index >= 0 else 0
        self.switched_at = index + self.index_delta
        self.begin_segment(source, index)

    def _elapsed_us(self, now_us: int, former: Source | None, source: Source, timestamp: int) -> int:
        """Between what was sent last and what comes now: by the capture clock where both are one peer's, else by arrival."""
        arrived_us = now_us - self.sent_us
        if former is not None and former.transport is source.transport:
            before, after = former.captured_us(self.source_timestamp), source.captured_us(timestamp)
            if before is not None and after is not None and abs(after - before - arrived_us) < MAX_CAPTURE_GAP_US:
                return after - before
        return arrived_us


def _extension(transport: Transport, mid: bytes) -> bytes:
    """A slot's header extensions without the three bytes of abs-send-time, which alone differ from packet to packet and come last.

    What fills up the words stands before that element (RFC 8285 section 4.2 allows it anywhere between two).
    """
    elements = [(transport.mid_extension, mid)] if transport.mid_extension else []
    if not transport.abs_time_extension:
        return extension_block(elements) if elements else b""
    named, stamp = extension_block(elements), extension_block([(transport.abs_time_extension, bytes(3))])
    words = (len(named) + len(stamp) - 8) // 4
    return named[:2] + words.to_bytes(2, "big") + named[4:] + stamp[4:5]
