"""A bot's media connection: the other end of `server.media`, with the same bytes.

It offers like a browser that sends a microphone and a camera and receives a few of each; checks connectivity and goes on doing so for consent; shakes
hands as the DTLS client; sends frames as RTP; answers requests for key frames by starting its film over and for lost packets by sending them again.
"""

import asyncio
import secrets
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aioice import stun

from server.bots.film import FPS, PACKET_MS, SAMPLE_RATE, Loop
from server.media import rtcp
from server.media.dtls import Certificate, Dtls
from server.media.rtp import HEADER, Malformed, extension_block
from server.media.srtp import Receiver, Sender, Unauthentic

OPUS, VP8, MID_EXT, LEVEL_EXT = 111, 96, 4, 1
MAX_BODY = 1_100
KEPT_PACKETS = 256
SECTIONS = (
    ("audio", "send", "mic"),
    ("video", "send", "camera"),
    *(("audio", "receive", "audio"),) * 3,
    *(("video", "receive", "video"),) * 4,
)
"""(kind, direction, medium) of each m-line."""
LOUD, SILENT = 25, 127
"""Audio levels, −dBov (RFC 6464)."""


@dataclass(slots=True)
class _Stream:
    number: int
    mid: str
    clock_hz: int
    ssrc: int = field(default_factory=lambda: secrets.randbits(31) + 1)
    index: int = field(default_factory=lambda: secrets.randbelow(30_000))
    timestamp: int = field(default_factory=lambda: secrets.randbits(31))
    packets: int = 0
    octets: int = 0
    kept: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT_PACKETS))


class Peer:
    """`offer` → server → `connect(answer)` → `say`, `show`; `received` counts the media packets that have come."""

    def __init__(self, certificate: Certificate, loop: Loop) -> None:
        self._certificate = certificate
        self._loop = loop
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(16)
        self._remote_ufrag = self._remote_password = ""
        self._socket: socket.socket | None = None
        self._bound = asyncio.Event()
        self._mic, self._camera = _Stream(OPUS, "0", SAMPLE_RATE), _Stream(VP8, "1", 90_000)
        self._frame, self._packet, self._picture_id = 0, 0, secrets.randbelow(0x7FFF)
        self._dtls: Dtls | None = None
        self._receiver: Receiver | None = None
        self._sender: Sender | None = None
        self.received = 0

    def slots(self) -> list[dict[str, str]]:
        """What `media.offer` says beside the SDP."""
        return [
            {"mid": str(mid), "direction": direction, "media": medium}
            for mid, (_, direction, medium) in enumerate(SECTIONS)
        ]

    def offer(self) -> str:
        """The SDP."""
        lines = ["v=0", "o=bot 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(str(mid) for mid in range(len(SECTIONS))))
        for mid, (kind, direction, _) in enumerate(SECTIONS):
            number, codec = (OPUS, "opus/48000/2") if kind == "audio" else (VP8, "VP8/90000")
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}",
                "c=IN IP4 0.0.0.0",
                f"a=ice-ufrag:{self._ufrag}",
                f"a=ice-pwd:{self._password}",
                f"a=fingerprint:sha-256 {self._certificate.fingerprint}",
                "a=setup:actpass",
                f"a=mid:{mid}",
                "a=sendonly" if direction == "send" else "a=recvonly",
                "a=rtcp-mux",
                f"a=rtpmap:{number} {codec}",
                f"a=extmap:{MID_EXT} urn:ietf:params:rtp-hdrext:sdes:mid",
            ]
            if kind == "audio":
                lines.append(f"a=extmap:{LEVEL_EXT} urn:ietf:params:rtp-hdrext:ssrc-audio-level")
            if direction == "send":
                lines.append(f"a=ssrc:{(self._mic if kind == 'audio' else self._camera).ssrc} cname:bot")
        return "\r\n".join(lines) + "\r\n"

    async def connect(self, answer: str, within_s: float = 15) -> None:
        """Check connectivity and shake hands. Raises ConnectionError."""
        lines = [line[2:] for line in answer.splitlines() if line.startswith("a=")]
        values = dict(line.partition(":")[::2] for line in lines)
        self._remote_ufrag, self._remote_password = values["ice-ufrag"], values["ice-pwd"]
        candidates = [line.split() for line in lines if line.startswith("candidate:")]
        host, port = next((each[4], int(each[5])) for each in candidates if each[2].lower() == "udp")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
        self._socket.connect((host, port))
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)
        algorithm, _, value = values["fingerprint"].partition(" ")
        self._dtls = Dtls(self._certificate, self._send, lambda: None, client=True)
        try:
            async with asyncio.timeout(within_s):
                while not self._bound.is_set():
                    self.check()
                    try:
                        await asyncio.wait_for(self._bound.wait(), 0.3)
                    except TimeoutError:
                        continue
                keys = await self._dtls.handshake([(algorithm, value)])
        except TimeoutError:
            raise ConnectionError("the media port does not answer") from None
        if keys is None:
            raise ConnectionError("the DTLS handshake failed")
        self._receiver, self._sender = keys

    def check(self) -> None:
        """A connectivity check; again every few seconds, or the server takes the bot for gone (RFC 7675)."""
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self._remote_ufrag}:{self._ufrag}"
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self._remote_password.encode())
        self._send(bytes(message))

    def say(self, *, loud: bool) -> None:
        """The next 20 ms of sound; silence is sent as such, without a syllable."""
        sound = self._loop.audio[self._packet % len(self._loop.audio)] if loud else b"\xf8\xff\xfe"
        self._packet += 1
        self._mic.timestamp += SAMPLE_RATE * PACKET_MS // 1000
        level = bytes((0x80 | LOUD if loud else SILENT,))
        self._media(self._mic, sound, [(LEVEL_EXT, level)], marker=False)

    def show(self) -> None:
        """The next frame of the picture."""
        camera, film = self._camera, self._loop.video
        frame = film[self._frame % len(film)]
        self._frame += 1
        self._picture_id = self._picture_id + 1 & 0x7FFF
        camera.timestamp += 90_000 // FPS
        for at in range(0, len(frame), MAX_BODY):
            descriptor = bytes((0x90 if at == 0 else 0x80, 0x80)) + (0x8000 | self._picture_id).to_bytes(2, "big")
            body = descriptor + frame[at : at + MAX_BODY]
            self._media(camera, body, [], marker=at + MAX_BODY >= len(frame))

    def report(self, now_us: int) -> None:
        """Sender reports of what is sent: by these receivers keep sound and picture in step."""
        if self._sender is None:
            return
        for stream in (self._mic, self._camera):
            if stream.packets:
                ntp = rtcp.ntp_of(now_us)
                packet = rtcp.sender_report(stream.ssrc, ntp, stream.timestamp, stream.packets, stream.octets)
                packet += rtcp.description(stream.ssrc)
                self._send(self._sender.protect_rtcp(packet))

    async def close(self) -> None:
        if self._dtls is not None:
            await self._dtls.stop()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _media(self, stream: _Stream, body: bytes, elements: list[tuple[int, bytes]], *, marker: bool) -> None:
        if self._sender is None:
            return
        stream.index += 1
        seq = stream.index & 0xFFFF
        header = HEADER.pack(0x90, marker << 7 | stream.number, seq, stream.timestamp & 0xFFFFFFFF, stream.ssrc)
        header += extension_block([(MID_EXT, stream.mid.encode()), *elements])
        packet = self._sender.protect(header, body, stream.ssrc, stream.index)
        stream.kept.append((seq, packet))
        stream.packets += 1
        stream.octets += len(body)
        self._send(packet)

    def _send(self, packet: bytes) -> None:
        if self._socket is not None:
            try:
                self._socket.send(packet)
            except OSError:
                return  # a full buffer or a server that is gone; consent ends it

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(2_048)
            except OSError:
                return
            first = data[0] if data else 255
            if first < 4:
                self._bound.set()
            elif 19 < first < 64 and self._dtls is not None:
                self._dtls.feed(data)
            elif 127 < first < 192 and len(data) > 12:
                if rtcp.is_rtcp(data):
                    self._control(data)
                else:
                    self.received += 1

    def _control(self, packet: bytes) -> None:
        if self._receiver is None:
            return
        try:
            for kind, fmt, each in rtcp.split(self._receiver.unprotect_rtcp(packet)):
                if self._camera.ssrc in rtcp.wants_key_frame(kind, fmt, each):
                    self._frame = 0
                asked: Any = rtcp.missing(kind, fmt, each)
                if asked is not None and asked[0] == self._camera.ssrc:
                    for seq, kept in self._camera.kept:
                        if seq in asked[1]:
                            self._send(kept)
        except (Unauthentic, Malformed):
            return
