"""RTP packets as bytes (RFC 3550 section 5.1, RFC 8285 one-byte header extensions). Bytes in, numbers out; no object a packet."""

from struct import Struct

HEADER = Struct("!BBHII")
HEADER_BYTES = 12
ONE_BYTE_PROFILE = 0xBEDE


class Malformed(ValueError):
    """The bytes are not what they should be; drop the packet and count it."""


def extension(packet: bytes, wanted: int) -> bytes | None:
    """The data of header extension `wanted` (1 to 14) of a packet whose header has been measured; None if absent.

    Two-byte headers (profile 0x1000) are understood too, because browsers use them for long values.
    """
    if not packet[0] & 0x10:
        return None
    at = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    profile = packet[at] << 8 | packet[at + 1]
    end = at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    at += 4
    if profile == ONE_BYTE_PROFILE:
        while at < end:
            head = packet[at]
            if head == 0:
                at += 1
                continue
            if head >> 4 == 15:
                return None
            size = (head & 0x0F) + 1
            if head >> 4 == wanted:
                return packet[at + 1 : at + 1 + size] if at + 1 + size <= end else None
            at += 1 + size
    elif profile & 0xFFF0 == 0x1000:
        while at + 1 < end:
            if packet[at] == 0:
                at += 1
                continue
            size = packet[at + 1]
            if packet[at] == wanted:
                return packet[at + 2 : at + 2 + size] if at + 2 + size <= end else None
            at += 2 + size
    return None


def two_extensions(packet: bytes, at: int, one: int, other: int) -> tuple[int, int]:
    """Where the data of two header extensions begins, found in one pass; 0 where absent.

    The block begins at `at`, and the header has been measured. Each is asked for by its one-byte head (id << 4 | size − 1), so what
    has another size is not found; 0 asks for none.
    """
    profile = packet[at] << 8 | packet[at + 1]
    end = at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    at += 4
    first = second = 0
    if profile != ONE_BYTE_PROFILE:
        return _two_byte_extensions(packet, at, end, one, other) if profile & 0xFFF0 == 0x1000 else (0, 0)
    while at < end:
        head = packet[at]
        if head < 0x10:
            at += 1
            continue
        if head >= 0xF0:
            break
        if head == one:
            first = at + 1
        elif head == other:
            second = at + 1
        at += 2 + (head & 0x0F)
    return (first, second) if at <= end else (0, 0)


def _two_byte_extensions(packet: bytes, at: int, end: int, one: int, other: int) -> tuple[int, int]:
    first = second = 0
    while at + 1 < end:
        number, size = packet[at], packet[at + 1]
        if not number:
            at += 1
            continue
        if number < 15 and 0 < size <= 16:
            head = number << 4 | size - 1
            first, second = (at + 2 if head == one else first), (at + 2 if head == other else second)
        at += 2 + size
    return (first, second) if at <= end else (0, 0)


def extension_block(elements: list[tuple[int, bytes]]) -> bytes:
    """A one-byte-header extension block, padded to words: `(id 1 to 14, 1 to 16 bytes)` each."""
    body = b"".join(bytes((number << 4 | len(data) - 1,)) + data for number, data in elements)
    body += bytes(-len(body) % 4)
    return ONE_BYTE_PROFILE.to_bytes(2, "big") + (len(body) // 4).to_bytes(2, "big") + body


def nearest(highest: int, seq: int) -> int:
    """The index with these low 16 bits that is nearest to `highest`."""
    index = (highest & ~0xFFFF) | seq
    if index - highest > 0x8000:
        return index - 0x10000
    return index + 0x10000 if highest - index > 0x8000 else index
