"""A bot's media connection: an `Endpoint` that plays a film, and answers what its viewers' server asks.

It sends a microphone and a camera and receives a few of each; answers requests for key frames by starting its film over and for lost packets by
sending them again.
"""

from collections import deque
from typing import Any

from server.bots.endpoint import LEVEL_EXT, MID_EXT, Endpoint, Stream
from server.bots.film import FPS, PACKET_MS, SAMPLE_RATE, Loop
from server.media import rtcp
from server.media.dtls import Certificate
from server.media.rtp import Malformed
from server.media.srtp import Unauthentic

MAX_BODY = 1_100
KEPT_PACKETS = 256
SLOTS = (
    ("send", "mic"),
    ("send", "camera"),
    *(("receive", "audio"),) * 3,
    *(("receive", "video"),) * 4,
)
LOUD, SILENT = 25, 127
"""Audio levels, −dBov (RFC 6464)."""


class Peer(Endpoint):
    """`offer` → server → `connect(answer)` → `say`, `show`; `received` counts the media packets that have come."""

    def __init__(self, certificate: Certificate, loop: Loop) -> None:
        super().__init__(SLOTS, certificate=certificate, heard=self._take)
        self._loop = loop
        self._mic, self._camera = self.streams["mic"], self.streams["camera"]
        self._frame = self._packet = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_PACKETS)
        """(sequence number, packet) of what the camera sent last."""
        self.received = 0

    def keep_alive(self) -> None:
        """Say that it is still there; due every few seconds."""
        self.send(self.check())

    def say(self, *, loud: bool) -> None:
        """The next 20 ms of sound; silence is sent as such, without a syllable."""
        sound = self._loop.audio[self._packet % len(self._loop.audio)] if loud else b"\xf8\xff\xfe"
        self._packet += 1
        self._mic.timestamp += SAMPLE_RATE * PACKET_MS // 1000
        self._media(self._mic, sound, [(LEVEL_EXT, bytes((0x80 | LOUD if loud else SILENT,)))], marker=False)

    def show(self) -> None:
        """The next frame of the picture."""
        camera, film = self._camera, self._loop.video
        frame = film[self._frame % len(film)]
        self._frame += 1
        camera.picture_id = camera.picture_id + 1 & 0x7FFF
        camera.timestamp += 90_000 // FPS
        for at in range(0, len(frame), MAX_BODY):
            descriptor = bytes((0x90 if at == 0 else 0x80, 0x80)) + (0x8000 | camera.picture_id).to_bytes(2, "big")
            body = descriptor + frame[at : at + MAX_BODY]
            self._media(camera, body, [], marker=at + MAX_BODY >= len(frame))

    def report(self, now_us: int) -> None:
        """Sender reports of what is sent: by these receivers keep sound and picture in step."""
        if self.sender is None:
            return
        for stream in (self._mic, self._camera):
            if stream.packets:
                ntp = rtcp.ntp_of(now_us)
                packet = rtcp.sender_report(stream.ssrc, ntp, stream.timestamp, stream.packets, stream.octets)
                self.send(self.sender.protect_rtcp(packet + rtcp.description(stream.ssrc)))

    def _media(self, stream: Stream, body: bytes, elements: list[tuple[int, bytes]], *, marker: bool) -> None:
        if self.sender is None:
            return
        packet = self.packet(stream, body, [(MID_EXT, stream.mid.encode()), *elements], marker=marker)
        if stream is self._camera:
            self._kept.append((stream.index & 0xFFFF, packet))
        self.send(packet)

    def _take(self, packet: bytes) -> None:
        if not rtcp.is_rtcp(packet):
            self.received += 1
            return
        if self.receiver is None:
            return
        try:
            for kind, fmt, each in rtcp.split(self.receiver.unprotect_rtcp(packet)):
                if self._camera.ssrc in rtcp.wants_key_frame(kind, fmt, each):
                    self._frame = 0
                asked: Any = rtcp.missing(kind, fmt, each)
                if asked is not None and asked[0] == self._camera.ssrc:
                    for seq, kept in self._kept:
                        if seq in asked[1]:
                            self.send(kept)
        except (Unauthentic, Malformed):
            return
