"""The VP8 payload descriptor (RFC 7741 section 4.2): where its numbers are, and how to rewrite them.

X|R|N|S|R|PID   I|L|T|K|RSV   M|PictureID (7 or 15)   TL0PICIDX   TID|Y|KEYIDX
"""

from server.media.rtp import Malformed


class Descriptor:
    """Positions within one source's payloads; filled by `parse`, reused for every packet so that nothing is allocated."""

    __slots__ = (
        "continuation",
        "height",
        "key_frame",
        "key_index",
        "key_index_at",
        "layered",
        "length",
        "picture_id",
        "picture_id_at",
        "picture_id_bits",
        "start",
        "sync",
        "temporal",
        "tl0",
        "tl0_at",
    )

    def __init__(self) -> None:
        self.length = 0
        self.start = False
        self.key_frame = False
        self.picture_id = self.picture_id_at = self.picture_id_bits = 0
        self.tl0 = self.tl0_at = 0
        self.temporal = 0
        self.sync = self.layered = False
        self.key_index = self.key_index_at = 0
        self.height = 0
        self.continuation = b""
        """With what the further packets of the same frame begin."""

    def parse(self, payload: bytes) -> None:
        """Read a payload's descriptor. An `…_at` of 0 means that the field is absent. Raises `Malformed`.

        `layered`: a third temporal layer has been seen, without which half of the frames are left. `height` is
        the picture's, in pixels, as the latest key frame said it (RFC 6386 section 9.1); 0 before the first.
        """
        length = self.length
        if length and payload[:length] == self.continuation:
            self.start = self.key_frame = False
            return
        self.length = 0
        try:
            first = payload[0]
            at = 1
            self.picture_id_at = self.tl0_at = self.key_index_at = self.temporal = 0
            self.sync = False
            if first & 0x80:
                at = self._extended(payload)
            self.start = first & 0x17 == 0x10
            self.key_frame = self.start and payload[at] & 0x01 == 0
            if self.key_frame and len(payload) >= at + 10:
                self.height = payload[at + 8] | (payload[at + 9] & 0x3F) << 8
            self.continuation = bytes((first & 0xEF,)) + payload[1:at]
            self.length = at
        except IndexError:
            raise Malformed("vp8 descriptor") from None

    def _extended(self, payload: bytes) -> int:
        """Read the optional fields; where they end."""
        flags = payload[1]
        at = 2
        if flags & 0x80:
            self.picture_id_at = at
            if payload[at] & 0x80:
                self.picture_id = (payload[at] & 0x7F) << 8 | payload[at + 1]
                self.picture_id_bits = 15
                at += 2
            else:
                self.picture_id = payload[at]
                self.picture_id_bits = 7
                at += 1
        if flags & 0x40:
            self.tl0_at = at
            self.tl0 = payload[at]
            at += 1
        if flags & 0x30:
            if flags & 0x20:
                self.temporal = payload[at] >> 6
                self.sync = bool(payload[at] & 0x20)
                if self.temporal == 2:
                    self.layered = True
            if flags & 0x10:
                self.key_index_at = at
                self.key_index = payload[at] & 0x1F
            at += 1
        return at


def renumbered(payload: bytes, descriptor: Descriptor, picture_id: int, tl0: int, key_index: int) -> bytes:
    """The payload with these deltas added to its numbers; `descriptor` is that of the payload."""
    head = bytearray(payload[: descriptor.length])
    at = descriptor.picture_id_at
    if at and descriptor.picture_id_bits == 15:
        number = descriptor.picture_id + picture_id & 0x7FFF
        head[at], head[at + 1] = 0x80 | number >> 8, number & 0xFF
    elif at:
        head[at] = descriptor.picture_id + picture_id & 0x7F
    at = descriptor.tl0_at
    if at:
        head[at] = descriptor.tl0 + tl0 & 0xFF
    at = descriptor.key_index_at
    if at:
        head[at] = head[at] & 0xE0 | descriptor.key_index + key_index & 0x1F
    return bytes(head) + payload[descriptor.length :]
