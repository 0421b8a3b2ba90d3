"""Loss: what was asked for again and what is asked for (RFC 4585 NACK, RFC 4588 RTX). Works on the forwarder's state.

Towards receivers a source's packets are kept, not each slot's: a slot's segments say which source packet an index was and with which
numbers it went out, so a retransmission is made anew from one shared copy and keeping it costs nothing for each receiver.

From publishers every hole is asked for at once and then again, until it is filled or too old to be of use. A packet that fills a hole is taken once, whether it
comes late or as a retransmission; whatever fills none is a duplicate.
"""

from server.media import rtcp
from server.media.forwarder import Datagram
from server.media.rtp import HEADER, nearest
from server.media.streams import CACHED_PACKETS, MAX_GAP, Slot, Source
from server.media.vp8 import Descriptor, renumbered

ASK_AGAIN_US = 100_000
MISSING_FOR_US = 1_000_000
RESEND_AGAIN_US = 90_000
"""Receivers ask again before a retransmission can have come; one of a packet in so long is enough."""
REPAIR_OCTETS = 80_000
"""What a slot may send again in one burst (a large key frame); it is filled up by `REPAIR_SHARE` of what the slot sends and a little besides,

or else the retransmissions would keep a congested link congested.
"""
REPAIR_SHARE = 0.25
REPAIR_OCTETS_A_SECOND = 10_000
_CACHE_MASK = CACHED_PACKETS - 1
_scratch = Descriptor()


def note_hole(source: Source, now_us: int, index: int) -> None:
    """`index` has come and is higher than the next that was expected."""
    first = source.highest + 1
    if index - first > MAX_GAP:
        source.missing.clear()
        source.key_frame_wanted = source.video
        return
    for each in range(first, index):
        source.missing[each] = [now_us, 0, 0]


def ask(source: Source, now_us: int, sends: list[Datagram]) -> None:
    """Ask the publisher for what is missing and due."""
    missing = source.missing
    for index in [each for each, (since_us, _, _) in missing.items() if now_us - since_us > MISSING_FOR_US]:
        del missing[index]
    due = [index for index, (_, asked_us, _) in missing.items() if now_us - asked_us >= ASK_AGAIN_US]
    if not due:
        return
    for index in due:
        missing[index][1] = now_us
        missing[index][2] += 1
    transport = source.transport
    request = rtcp.receiver_report(transport.feedback_ssrc, []) + rtcp.description(transport.feedback_ssrc)
    request += rtcp.nack(transport.feedback_ssrc, source.ssrc, [index & 0xFFFF for index in sorted(due)])
    sends.append((transport.sender.protect_rtcp(request), transport.address))


def _refill(slot: Slot, now_us: int) -> None:
    """What may be sent again grows with time and with what is sent; it is counted when it is needed."""
    sent, passed_us = slot.octets - slot.repairs_filled_at, now_us - slot.repairs_filled_us
    slot.repairs_filled_at, slot.repairs_filled_us = slot.octets, now_us
    more = passed_us * REPAIR_OCTETS_A_SECOND / 1_000_000 + sent * REPAIR_SHARE
    slot.repair_octets = min(REPAIR_OCTETS, slot.repair_octets + more)


def resend(slot: Slot, now_us: int, abs_time: bytes, seqs: list[int], sends: list[Datagram]) -> int:
    """Answer a receiver's NACK as far as the packets are still there and of use; how many were sent."""
    count = 0
    _refill(slot, now_us)
    for seq in seqs:
        if not slot.repair_ssrc or slot.repair_octets <= 0:
            break
        out = nearest(slot.index, seq)
        segment = slot.segment_at(out)
        if segment is None or out < slot.switched_at or now_us - slot.resent.get(out, 0) < RESEND_AGAIN_US:
            continue
        _, source, _, index_delta, timestamp_delta, picture_id, tl0, key_index = segment
        index = out - index_delta
        place = index & _CACHE_MASK
        if source.cache is None or source.cached_indices[place] != index:
            continue
        payload, head = source.cache[place], source.cached_heads[place]
        _scratch.parse(payload)
        body = renumbered(payload, _scratch, picture_id, tl0, key_index)
        header = HEADER.pack(
            0x90 if slot.extension else 0x80,
            head >> 32 | slot.repair_payload_type,
            slot.repair_index & 0xFFFF,
            head + timestamp_delta & 0xFFFFFFFF,
            slot.repair_ssrc,
        ) + slot.extension_now(abs_time)
        original = (out & 0xFFFF).to_bytes(2, "big")
        packet = slot.transport.sender.protect(header, original + body, slot.repair_ssrc, slot.repair_index)
        sends.append((packet, slot.address))
        slot.repair_index += 1
        slot.repair_octets -= len(packet)
        slot.resent[out] = now_us
        if len(slot.resent) > CACHED_PACKETS:
            del slot.resent[next(iter(slot.resent))]
        count += 1
    return count
