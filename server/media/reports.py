"""RTCP that the forwarder sends of itself and the sender reports it takes in (RFC 3550 section 6). Works on the forwarder's state.

A slot's sender report is its source's, carried over to our clock: NTP time by one offset for each publisher, RTP time by the slot's delta. So sound
and picture of one person keep the distance that the person's own browser measured, whatever the network did to the packets.
"""

from server.media import rtcp
from server.media.forwarder import Datagram, ReceiverLoss
from server.media.streams import Slot, Source, Transport

MAX_TOLD = 20_000
"""More packets between two reports of a receiver are a mistake."""
ENOUGH_OCTETS = 400
"""A compound packet this long is sent before anything is added: 31 blocks (744 octets) and a REMB must still fit into one datagram."""
CLOCK_STEP_US = 5_000_000
"""A larger change of a peer's clock is a step, not drift."""


def follow_jitter(source: Source, now_us: int, timestamp: int) -> None:
    """A packet with a timestamp of its own has come in order; RFC 3550 appendix A.8."""
    transit = now_us * source.clock_hz // 1_000_000 - timestamp & 0xFFFFFFFF
    if source.transit is not None:
        distance = (transit - source.transit + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        if -source.clock_hz < distance < source.clock_hz:  # a pause or a new beginning is no jitter
            source.jitter += (abs(distance) - source.jitter) / 16
    source.transit = transit


def take_sender_report(transport: Transport, now_us: int, packet: bytes) -> None:
    """Remember what a publisher says about its clock. Raises `Malformed`."""
    ssrc, ntp, rtp_time = rtcp.sender_info(packet)
    source = transport.sources.get(ssrc)
    if source is None:
        return
    source.sr_ntp, source.sr_rtp, source.sr_arrived_us = ntp, rtp_time, now_us
    offset = now_us - rtcp.unix_us_of(ntp)
    known = transport.clock_offset_us
    if known is None or offset < known or offset - known > CLOCK_STEP_US:
        transport.clock_offset_us = offset
    else:
        transport.clock_offset_us = known + (offset - known) // 64


def take_blocks(transport: Transport, now_us: int, blocks: list[tuple[int, int, int, int, int]]) -> ReceiverLoss | None:
    """What a receiver says about its slots; None where there is nothing new in it."""
    expected = lost = 0
    trips = []
    for ssrc, lost_in_all, highest, last, delay in blocks:
        slot = transport.slots_by_ssrc.get(ssrc)
        if slot is None:
            continue
        trip = rtcp.round_trip_ms(now_us, last, delay)
        if trip is not None:
            trips.append(trip)
        before = slot.told
        slot.told = highest, lost_in_all
        if before is not None and 0 < highest - before[0] < MAX_TOLD:
            expected += highest - before[0]
            lost += min(max(0, lost_in_all - before[1]), highest - before[0])
    if not expected and not trips:
        return None
    return ReceiverLoss(transport.number, expected, lost, min(trips, default=None))


def ask_key_frame(source: Source, sends: list[Datagram]) -> None:
    """Send a PLI."""
    transport = source.transport
    request = rtcp.receiver_report(transport.feedback_ssrc, []) + rtcp.description(transport.feedback_ssrc)
    request += rtcp.picture_loss(transport.feedback_ssrc, source.ssrc)
    sends.append((transport.sender.protect_rtcp(request), transport.address))


def report(transport: Transport, now_us: int, sends: list[Datagram]) -> None:
    """What one peer is told every second: SR for its slots, RR and REMB for its sources, in as few packets as they fit."""
    told, ntp = b"", rtcp.ntp_of(now_us)
    for slot in transport.slots:
        if slot.packets and slot.source is not None and not slot.switching:
            stamp = _timestamp_at(slot, slot.source, now_us)
            told += rtcp.sender_report(slot.ssrc, ntp, stamp, slot.packets, slot.octets)
            told += rtcp.description(slot.ssrc)
            if len(told) > ENOUGH_OCTETS:
                sends.append((transport.sender.protect_rtcp(told), transport.address))
                told = b""
    heard = [source for source in transport.sources.values() if source.base >= 0]
    if heard:
        blocks = [_block(now_us, source) for source in heard[:31]]
        told += rtcp.receiver_report(transport.feedback_ssrc, blocks) + rtcp.description(transport.feedback_ssrc)
        allowed = sum(source.max_bps for source in heard)
        if allowed and transport.arrivals is None:
            told += rtcp.bandwidth(transport.feedback_ssrc, allowed, [s.ssrc for s in heard if s.max_bps])
    if told:
        sends.append((transport.sender.protect_rtcp(told), transport.address))


def tell_arrivals(transport: Transport, sends: list[Datagram]) -> None:
    """Which packets of a publisher came, and when."""
    assert transport.arrivals is not None
    ssrc = next(iter(transport.sources), 0)
    for message in transport.arrivals.feedback(transport.feedback_ssrc, ssrc):
        sends.append((transport.sender.protect_rtcp(message), transport.address))


def _timestamp_at(slot: Slot, source: Source, now_us: int) -> int:
    offset = source.transport.clock_offset_us
    if source.sr_arrived_us and offset is not None:
        since_us = now_us - offset - rtcp.unix_us_of(source.sr_ntp)
        return source.sr_rtp + since_us * source.clock_hz // 1_000_000 + slot.timestamp_delta
    slot.settle()
    return slot.timestamp + (now_us - slot.sent_us) * slot.clock_hz // 1_000_000


def _block(now_us: int, source: Source) -> tuple[int, int, int, int, int, int]:
    expected = source.highest - source.base + 1
    lost = max(0, expected - source.received)
    expected_now = expected - source.reported_expected
    lost_now = max(0, expected_now - (source.received - source.reported_received))
    fraction = min(255, lost_now * 256 // expected_now) if expected_now > 0 else 0
    source.reported_expected, source.reported_received = expected, source.received
    delay = (now_us - source.sr_arrived_us) * 65_536 // 1_000_000 if source.sr_arrived_us else 0
    last = (source.sr_ntp >> 16 & 0xFFFFFFFF) << 32 | delay & 0xFFFFFFFF
    return source.ssrc, fraction, lost, source.highest, int(source.jitter), last
