"""Endpoints that send counted bytes with valid headers and VP8 descriptors, so that a test measures the server and not an encoder."""

import time

from server.bots.endpoint import LEVEL_EXT, Endpoint, Slots, Stream

KEY_FRAME = bytes.fromhex("000000 9d012a 8002 6801".replace(" ", ""))
"""The first bytes of a VP8 key frame of 640 by 360 pixels (RFC 6386 section 9.1)."""


def stamp() -> bytes:
    """Now, as the last eight bytes of what is sent (Unix time in ns, as the kernel stamps what arrives)."""
    return time.time_ns().to_bytes(8, "big")


class SyntheticEndpoint(Endpoint):
    """`offer` → give it to the server → `connect(answer)` → `socket.send(audio_packet())`; what comes is the test's to read."""

    def __init__(self, slots: Slots, *, numbered: bool = False) -> None:
        super().__init__(slots, numbered=numbered, buffer_bytes=4 * 1024 * 1024)
        self.name = ""
        """By what the server knows it, for whoever wants to remember that."""

    def audio_packet(self, *, size: int = 80, level: int = 30, tail: bytes | None = None) -> bytes:
        """The next Opus packet, protected; 20 ms after the one before. `tail`: its last eight bytes, if not the time."""
        stream = self.streams["mic"]
        stream.timestamp += 960
        return self.packet(stream, bytes(size - 8) + (tail or stamp()), [(LEVEL_EXT, bytes((0x80 | level,)))])

    def video_packet(
        self,
        *,
        size: int = 1_100,
        key: bool = False,
        start: bool = True,
        end: bool = True,
        medium: str = "camera",
        tail: bytes | None = None,
    ) -> bytes:
        """The next VP8 packet, protected; `start` begins a new frame. `tail`: its last eight bytes, if not the time."""
        stream: Stream = self.streams[medium]
        if start:
            stream.timestamp += 3_600
            stream.picture_id = stream.picture_id + 1 & 0x7FFF
        body = bytes((0x90 if start else 0x80, 0x80)) + (0x8000 | stream.picture_id).to_bytes(2, "big")
        body += KEY_FRAME if key else b"\x01"
        return self.packet(stream, body + bytes(size - len(body) - 8) + (tail or stamp()), marker=end)
