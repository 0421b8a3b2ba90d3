"""Synthetic WebRTC endpoints: real STUN, DTLS, SRTP and RTP over a socket of their own, without a browser.

An endpoint makes an offer as a browser would, checks connectivity, shakes hands as the DTLS client, and then has keys to send and receive
with. What it sends is synthetic (counted bytes with valid headers and VP8 descriptors), so that a load test measures the server and not an encoder.
"""

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass, field

from aioice import stun
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

from server.media import SlotSpec
from server.media.rtp import HEADER, extension_block
from server.media.srtp import CmReceiver, CmSender, GcmReceiver, GcmSender, Receiver, Sender

MID_EXT, LEVEL_EXT, TIME_EXT, SEQUENCE_EXT = 4, 1, 2, 3
OPUS, VP8 = 111, 96
PAYLOAD_TYPE = {"audio": OPUS, "video": VP8}
KIND = {
    "mic": "audio",
    "camera": "video",
    "screen": "video",
    "screen_audio": "audio",
    "audio": "audio",
    "video": "video",
}
Slots = list[tuple[str, str]]
"""(direction, medium) of each m-line."""


def stamp() -> bytes:
    """Now, as the last eight bytes of what is sent (Unix time in ns, as the kernel stamps what arrives)."""
    return time.time_ns().to_bytes(8, "big")


class _Pipe:
    role = "controlling"

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        return await self.queue.get()

    async def _send(self, data: bytes) -> None:
        self._socket.send(data)


@dataclass(slots=True)
class Stream:
    """One RTP stream that an endpoint sends."""

    ssrc: int
    kind: str
    seq: int = field(default_factory=lambda: secrets.randbelow(60_000))
    timestamp: int = field(default_factory=lambda: secrets.randbits(31))
    picture_id: int = field(default_factory=lambda: secrets.randbelow(0x7FFF))
    index: int = -1


class SyntheticEndpoint:
    """`offer` → give it to the server → `connect(answer)` → `send_*`, `receiver`."""

    def __init__(
        self, slots: Slots, *, profiles: tuple[object, ...] = (SRTP_AEAD_AES_128_GCM,), numbered: bool = False
    ) -> None:
        self._numbered = numbered
        """Whether its packets have transport-wide numbers."""
        self._number = 0
        self.name = ""
        """By what the server knows it, for whoever wants to remember that."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.certificate = RTCCertificate.generateCertificate()
        self.slots = slots
        self.streams = {
            medium: Stream(secrets.randbits(31) + 1, KIND[medium]) for way, medium in slots if way == "send"
        }
        self.receiver: Receiver | None = None
        self.sender: Sender | None = None
        self.remote_ufrag = self.remote_password = ""
        self._profiles = profiles
        self._dtls: RTCDtlsTransport | None = None

    def specs(self) -> list[SlotSpec]:
        return [
            SlotSpec(mid=str(index), direction=way, media=medium)  # type: ignore[arg-type]  # plain strings of the right values
            for index, (way, medium) in enumerate(self.slots)
        ]

    def offer(self) -> str:
        """The SDP of this endpoint's offer."""
        fingerprint = next(each.value for each in self.certificate.getFingerprints() if each.algorithm == "sha-256")
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(str(index) for index in range(len(self.slots))))
        for index, (way, medium) in enumerate(self.slots):
            kind = KIND[medium]
            number = PAYLOAD_TYPE[kind]
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}",
                "c=IN IP4 0.0.0.0",
                f"a=ice-ufrag:{self.ufrag}",
                f"a=ice-pwd:{self.password}",
                f"a=fingerprint:sha-256 {fingerprint}",
                "a=setup:actpass",
                f"a=mid:{index}",
                "a=sendonly" if way == "send" else "a=recvonly",
                "a=rtcp-mux",
                f"a=rtpmap:{number} {'opus/48000/2' if kind == 'audio' else 'VP8/90000'}",
                f"a=extmap:{MID_EXT} urn:ietf:params:rtp-hdrext:sdes:mid",
                f"a=extmap:{TIME_EXT} http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
            ]
            if self._numbered and way == "send":
                uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
                lines.append(f"a=extmap:{SEQUENCE_EXT} {uri}")
            if kind == "audio":
                lines.append(f"a=extmap:{LEVEL_EXT} urn:ietf:params:rtp-hdrext:ssrc-audio-level")
            if way == "send":
                lines.append(f"a=ssrc:{self.streams[medium].ssrc} cname:x")
        return "\r\n".join(lines) + "\r\n"

    async def connect(self, answer: str) -> None:
        """Check connectivity and shake hands; afterwards `sender` and `receiver` are there."""
        values = dict(
            line[2:].partition(":")[::2] for line in answer.splitlines() if line.startswith("a=") and ":" in line
        )
        _, _, _, _, host, port, *_ = values["candidate"].split()
        self.socket.connect((host, int(port)))
        self.remote_ufrag, self.remote_password = values["ice-ufrag"], values["ice-pwd"]
        loop = asyncio.get_running_loop()
        pipe = _Pipe(self.socket)
        bound = asyncio.Event()

        def readable() -> None:
            while True:
                try:
                    data = self.socket.recv(2048)
                except (BlockingIOError, ConnectionError):
                    return
                if data[0] < 4:
                    bound.set()
                elif 19 < data[0] < 64:
                    pipe.queue.put_nowait(data)

        loop.add_reader(self.socket.fileno(), readable)
        try:
            async with asyncio.timeout(20):
                while not bound.is_set():
                    self.socket.send(self.check())
                    try:
                        await asyncio.wait_for(bound.wait(), 0.3)
                    except TimeoutError:
                        continue
                self._dtls = RTCDtlsTransport(pipe, [self.certificate])  # type: ignore[arg-type]
                self._dtls._set_role("client")
                self._dtls._srtp_profiles = list(self._profiles)  # type: ignore[arg-type]
                algorithm, value = values["fingerprint"].split()
                fingerprints = [RTCDtlsFingerprint(algorithm=algorithm, value=value)]
                await self._dtls.start(RTCDtlsParameters(fingerprints=fingerprints))
        finally:
            loop.remove_reader(self.socket.fileno())
        assert self._dtls.state == "connected", self._dtls.state
        assert self._dtls._ssl is not None
        name = self._dtls._ssl.get_selected_srtp_profile()
        profile = SRTP_AEAD_AES_128_GCM if name == SRTP_AEAD_AES_128_GCM.openssl_profile else SRTP_AES128_CM_SHA1_80
        material = self._dtls._ssl.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        tx, rx = profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1)
        gcm = profile is SRTP_AEAD_AES_128_GCM
        self.sender = GcmSender(tx) if gcm else CmSender(tx)
        self.receiver = GcmReceiver(rx) if gcm else CmReceiver(rx)

    def check(self, *, nominate: bool = True) -> bytes:
        """A binding request with our credentials."""
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.remote_ufrag}:{self.ufrag}"
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self.remote_password.encode())
        return bytes(message)

    def audio_packet(self, *, size: int = 80, level: int = 30) -> bytes:
        """The next Opus packet, protected; 20 ms after the one before."""
        stream = self.streams["mic"]
        stream.timestamp += 960
        return self._packet(stream, bytes(size - 8) + stamp(), [(LEVEL_EXT, bytes((0x80 | level,)))])

    def video_packet(
        self, *, size: int = 1_100, key: bool = False, start: bool = True, end: bool = True, medium: str = "camera"
    ) -> bytes:
        """The next VP8 packet, protected; `start` begins a new frame."""
        stream = self.streams[medium]
        if start:
            stream.timestamp += 3_600
            stream.picture_id = stream.picture_id + 1 & 0x7FFF
        descriptor = bytes((0x90 if start else 0x80, 0x80)) + (0x8000 | stream.picture_id).to_bytes(2, "big")
        body = descriptor + bytes((0x00 if key else 0x01,)) + bytes(size - 13) + stamp()
        return self._packet(stream, body, [], marker=end)

    def _packet(self, stream: Stream, body: bytes, elements: list[tuple[int, bytes]], *, marker: bool = False) -> bytes:
        assert self.sender is not None
        if self._numbered:
            elements = [*elements, (SEQUENCE_EXT, (self._number & 0xFFFF).to_bytes(2, "big"))]
            self._number += 1
        block = extension_block(elements) if elements else b""
        stream.seq += 1
        stream.index = stream.seq
        first = 0x90 if block else 0x80
        header = HEADER.pack(
            first,
            marker << 7 | PAYLOAD_TYPE[stream.kind],
            stream.seq & 0xFFFF,
            stream.timestamp & 0xFFFFFFFF,
            stream.ssrc,
        )
        return self.sender.protect(header + block, body, stream.ssrc, stream.index)

    async def close(self) -> None:
        if self._dtls is not None:
            await self._dtls.stop()
        self.socket.close()
