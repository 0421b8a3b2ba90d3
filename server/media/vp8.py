"""The VP8 payload descriptor (RFC 7741 section 4.2): where its numbers are, and how to rewrite them.

X|R|N|S|R|PID   I|L|T|K|RSV   M|PictureID (7 or 15)   TL0PICIDX   TID|Y|KEYIDX
"""

from server.media.rtp import Malformed


class Descriptor:
    """Positions within one source's payloads; filled by `parse`, reused for every packet so that nothing is allocated."""

    __slots__ = (
        "key_frame",
        "key_index",
        "key_index_at",
        "length",
        "picture_id",
        "picture_id_at",
        "picture_id_bits",
        "start",
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
        self.key_index = self.key_index_at = 0

    def parse(self, payload: bytes) -> None:
        """Read a payload's descriptor. An `…_at` of 0 means that the field is absent. Raises `Malformed`."""
        try:
            first = payload[0]
            at = 1
            self.picture_id_at = self.tl0_at = self.key_index_at = self.temporal = 0
            if first & 0x80:
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
                    self.temporal = payload[at] >> 6 if flags & 0x20 else 0
                    if flags & 0x10:
                        self.key_index_at = at
                        self.key_index = payload[at] & 0x1F
                    at += 1
            self.length = at
            self.start = first & 0x17 == 0x10
            self.key_frame = self.start and payload[at] & 0x01 == 0
        except IndexError:
            raise Malformed("vp8 descriptor") from None
