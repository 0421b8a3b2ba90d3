"""RTCP packets as bytes: RFC 3550 (SR, RR, SDES, BYE), RFC 4585 and 5104 (NACK, PLI, FIR), and REMB (draft-alvestrand-rmcat-remb)."""

from collections.abc import Iterator
from functools import lru_cache
from struct import Struct

from server.media.rtp import Malformed

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
PLI, FIR, APPLICATION = 1, 4, 15
NACK = 1
MAX_MISSING = 256
"""Of the packets that one NACK asks for, so many are looked at: a browser asks for some ten, and each costs a search."""
NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (Unix)."""

_SENDER = Struct("!BBHIQIII")
_BLOCK = Struct("!IIIIII")
_HEADER = Struct("!BBHI")
_PSFB = Struct("!BBHII")


def is_rtcp(packet: bytes) -> bool:
    """Whether a packet in the RTP range is RTCP (RFC 5761: payload types 192 to 223)."""
    return len(packet) >= 8 and 192 <= packet[1] <= 223


def split(compound: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(packet type, count or format, whole packet) of each packet in a compound one. Raises `Malformed`."""
    at, size = 0, len(compound)
    while at < size:
        if size - at < 4 or compound[at] >> 6 != 2:
            raise Malformed("rtcp header")
        length = 4 + 4 * (compound[at + 2] << 8 | compound[at + 3])
        if at + length > size:
            raise Malformed("rtcp length")
        yield compound[at + 1], compound[at] & 0x1F, compound[at : at + length]
        at += length


def sender_info(packet: bytes) -> tuple[int, int, int]:
    """(SSRC, NTP time as 32.32 fixed point, RTP time) of a sender report. Raises `Malformed`."""
    if len(packet) < 28:
        raise Malformed("sender report")
    _, _, _, ssrc, ntp, rtp_time, _, _ = _SENDER.unpack_from(packet)
    return ssrc, ntp, rtp_time


def wants_key_frame(kind: int, fmt: int, packet: bytes) -> list[int]:
    """SSRCs for which a PLI or FIR asks a key frame; none for anything else."""
    if kind != PSFB or len(packet) < 12:
        return []
    if fmt == PLI:
        return [int.from_bytes(packet[8:12], "big")]
    if fmt == FIR:
        return [int.from_bytes(packet[at : at + 4], "big") for at in range(12, len(packet) - 7, 8)]
    return []


def remb(kind: int, fmt: int, packet: bytes) -> int | None:
    """The bits a second of a REMB message; None for anything else."""
    if kind != PSFB or fmt != APPLICATION or len(packet) < 20 or packet[12:16] != b"REMB":
        return None
    word = int.from_bytes(packet[17:20], "big")
    return (word & 0x3FFFF) << (word >> 18)


def missing(kind: int, fmt: int, packet: bytes) -> tuple[int, list[int]] | None:
    """(SSRC, sequence numbers) that a generic NACK asks for; None for anything else."""
    if kind != RTPFB or fmt != NACK or len(packet) < 16:
        return None
    seqs = []
    for at in range(12, len(packet) - 3, 4):
        first, mask = packet[at] << 8 | packet[at + 1], packet[at + 2] << 8 | packet[at + 3]
        seqs.append(first)
        seqs += [first + 1 + bit & 0xFFFF for bit in range(16) if mask >> bit & 1]
        if len(seqs) >= MAX_MISSING:
            break
    return int.from_bytes(packet[8:12], "big"), seqs[:MAX_MISSING]


def nack(sender: int, media: int, seqs: list[int]) -> bytes:
    """A generic NACK for these sequence numbers, which ascend (modulo 2^16)."""
    words: list[int] = []
    for seq in seqs:
        behind = (seq - (words[-1] >> 16)) & 0xFFFF if words else 0
        if words and 0 < behind <= 16:
            words[-1] |= 1 << behind - 1
        else:
            words.append(seq << 16)
    body = b"".join(word.to_bytes(4, "big") for word in words)
    return _PSFB.pack(0x80 | NACK, RTPFB, 2 + len(words), sender, media) + body


def blocks(kind: int, count: int, packet: bytes) -> list[tuple[int, int, int, int, int]]:
    """(SSRC, packets lost in all, highest sequence number, LSR, DLSR in 65,536ths of a second) of each block of an SR or RR."""
    if kind not in (SR, RR):
        return []
    first = 28 if kind == SR else 8
    return [
        (
            int.from_bytes(packet[at : at + 4], "big"),
            int.from_bytes(packet[at + 5 : at + 8], "big", signed=True),
            int.from_bytes(packet[at + 8 : at + 12], "big"),
            int.from_bytes(packet[at + 16 : at + 20], "big"),
            int.from_bytes(packet[at + 20 : at + 24], "big"),
        )
        for at in range(first, min(len(packet) - 23, first + 24 * count), 24)
    ]


def picture_loss(sender: int, media: int) -> bytes:
    """A PLI."""
    return _PSFB.pack(0x80 | PLI, PSFB, 2, sender, media)


def bandwidth(sender: int, bps: int, ssrcs: list[int]) -> bytes:
    """A REMB of `bps` bits a second for these SSRCs."""
    exponent = max(0, bps.bit_length() - 18)
    word = exponent << 18 | bps >> exponent
    body = b"REMB" + bytes((len(ssrcs),)) + word.to_bytes(3, "big") + b"".join(s.to_bytes(4, "big") for s in ssrcs)
    return _PSFB.pack(0x80 | APPLICATION, PSFB, 2 + len(body) // 4, sender, 0) + body


def sender_report(ssrc: int, ntp: int, rtp_time: int, packets: int, octets: int) -> bytes:
    """An SR without blocks. The compound packet that it begins must have a `description` too."""
    return _SENDER.pack(0x80, SR, 6, ssrc, ntp, rtp_time & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)


def receiver_report(sender: int, blocks: list[tuple[int, int, int, int, int, int]]) -> bytes:
    """An RR with up to 31 blocks of (SSRC, fraction lost 0–255, cumulative lost, highest extended seq, jitter, last SR · delay)

    where the last item is LSR << 32 | DLSR, both as RFC 3550 has them.
    """
    packed = b"".join(
        _BLOCK.pack(ssrc, fraction << 24 | lost & 0xFFFFFF, highest & 0xFFFFFFFF, jitter, last >> 32, last & 0xFFFFFFFF)
        for ssrc, fraction, lost, highest, jitter, last in blocks
    )
    return _HEADER.pack(0x80 | len(blocks), RR, 1 + len(packed) // 4, sender) + packed


@lru_cache(4_096)
def description(ssrc: int, cname: bytes = b"atelier") -> bytes:
    """An SDES with a CNAME."""
    chunk = ssrc.to_bytes(4, "big") + bytes((1, len(cname))) + cname + b"\0"
    chunk += bytes(-len(chunk) % 4)
    return bytes((0x81, SDES)) + (len(chunk) // 4).to_bytes(2, "big") + chunk


def round_trip_ms(now_us: int, last: int, delay: int) -> int | None:
    """From an LSR and DLSR that came at `now_us` (RFC 3550 section 6.4.1); None without a sender report before it, or nonsense."""
    if not last:
        return None
    took = (ntp_of(now_us) >> 16) - last - delay & 0xFFFFFFFF
    return took * 1000 >> 16 if took < 60 << 16 else None


def ntp_of(unix_us: int) -> int:
    """Unix microseconds as NTP 32.32 fixed point."""
    seconds, rest = divmod(unix_us, 1_000_000)
    return (seconds + NTP_EPOCH_S) << 32 | (rest << 32) // 1_000_000


def unix_us_of(ntp: int) -> int:
    """NTP 32.32 fixed point as Unix microseconds."""
    return (ntp * 1_000_000 >> 32) - NTP_EPOCH_S * 1_000_000
