"""RTP packets taken apart the plain way; the forwarder's packet loop does the same inline (`PythonForwarder._media`), and `tests/unit/test_rtp.py` compares."""

from server.media.rtp import HEADER_BYTES, Malformed
from server.media.srtp import Receiver


def header_length(packet: bytes) -> int:
    """Bytes of the header with CSRCs and extension. Raises `Malformed` if the packet is shorter or not version 2."""
    size = len(packet)
    if size < HEADER_BYTES or packet[0] >> 6 != 2:
        raise Malformed("rtp header")
    length = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if size < length + 4:
            raise Malformed("rtp extension")
        length += 4 + 4 * (packet[length + 2] << 8 | packet[length + 3])
    if size < length:
        raise Malformed("rtp header")
    return length


def opened(receiver: Receiver, packet: bytes) -> tuple[bytes, int]:
    """(payload, 48-bit index) of an SRTP packet. Raises `Unauthentic`, `Malformed`."""
    return receiver.open(packet, header_length(packet), int.from_bytes(packet[8:12], "big"), packet[2] << 8 | packet[3])
