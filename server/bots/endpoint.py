"""The other end of a media connection, without a browser: an offer, connectivity checks, DTLS as the client, SRTP and RTP over a socket of its own.

What it sends is up to whoever uses it: bots play a film (`peer.py`), tests count bytes.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aioice import stun

from server.media import SlotSpec, sdp
from server.media.dtls import Certificate, Dtls
from server.media.rtp import HEADER, extension_block
from server.media.srtp import Receiver, Sender
from server.media.transport import KIND_OF

MID_EXT, LEVEL_EXT, TIME_EXT, SEQUENCE_EXT = 4, 1, 2, 3
OPUS, VP8 = 111, 96
CODECS = {"audio": (OPUS, "opus/48000/2"), "video": (VP8, "VP8/90000")}
CHECK_EVERY_S = 0.3
MAX_DATAGRAM = 2_048
Slots = Sequence[tuple[str, str]]
"""(direction, medium) of each m-line."""


@dataclass(slots=True)
class Stream:
    """One RTP stream that an endpoint sends. `index` is the 48-bit SRTP index of the latest packet."""

    mid: str
    kind: str
    ssrc: int = field(default_factory=lambda: secrets.randbits(31) + 1)
    index: int = field(default_factory=lambda: secrets.randbelow(60_000))
    timestamp: int = field(default_factory=lambda: secrets.randbits(31))
    picture_id: int = field(default_factory=lambda: secrets.randbelow(0x7FFF))
    packets: int = 0
    octets: int = 0


class Endpoint:
    """`offer` → give it to the server → `connect(answer)`; from then on there are `sender` and `receiver`.

    `heard` gets every RTP and RTCP packet that comes; without it nothing is read after the handshake, and `socket` is the caller's to read.
    `numbered`: packets have transport-wide numbers.
    """

    def __init__(
        self,
        slots: Slots,
        *,
        certificate: Certificate | None = None,
        heard: Callable[[bytes], None] | None = None,
        numbered: bool = False,
        buffer_bytes: int = 1024 * 1024,
    ) -> None:
        self.slots = slots
        self.streams = {
            medium: Stream(str(mid), KIND_OF[medium]) for mid, (way, medium) in enumerate(slots) if way == "send"
        }
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.remote_ufrag = self.remote_password = ""
        self.receiver: Receiver | None = None
        self.sender: Sender | None = None
        self._certificate = certificate or Certificate()
        self._heard = heard
        self._numbered = numbered
        self._number = 0
        self._buffer_bytes = buffer_bytes
        self._socket: socket.socket | None = None
        self._bound = asyncio.Event()
        self._dtls: Dtls | None = None

    @property
    def socket(self) -> socket.socket:
        """There from `connect` to `close`."""
        assert self._socket is not None
        return self._socket

    def specs(self) -> list[SlotSpec]:
        """What the server is told beside the offer."""
        return [
            SlotSpec(mid=str(mid), direction=way, media=medium)  # type: ignore[arg-type]  # plain strings of the right values
            for mid, (way, medium) in enumerate(self.slots)
        ]

    def offer(self) -> str:
        """The SDP of an offer such as a browser makes."""
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(str(mid) for mid in range(len(self.slots))))
        for mid, (way, medium) in enumerate(self.slots):
            kind = KIND_OF[medium]
            number, codec = CODECS[kind]
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}",
                "c=IN IP4 0.0.0.0",
                f"a=ice-ufrag:{self.ufrag}",
                f"a=ice-pwd:{self.password}",
                f"a=fingerprint:sha-256 {self._certificate.fingerprint}",
                "a=setup:actpass",
                f"a=mid:{mid}",
                "a=sendonly" if way == "send" else "a=recvonly",
                "a=rtcp-mux",
                f"a=rtpmap:{number} {codec}",
                f"a=extmap:{MID_EXT} {sdp.MID}",
                f"a=extmap:{TIME_EXT} {sdp.ABS_SEND_TIME}",
            ]
            if self._numbered and way == "send":
                lines.append(f"a=extmap:{SEQUENCE_EXT} {sdp.TRANSPORT_CC}")
            if kind == "audio":
                lines.append(f"a=extmap:{LEVEL_EXT} {sdp.AUDIO_LEVEL}")
            if way == "send":
                lines.append(f"a=ssrc:{self.streams[medium].ssrc} cname:endpoint")
        return "\r\n".join(lines) + "\r\n"

    async def connect(self, answer: str, within_s: float = 20) -> None:
        """Check connectivity and shake hands. Raises ConnectionError."""
        lines = [line[2:] for line in answer.splitlines() if line.startswith("a=")]
        values = dict(line.partition(":")[::2] for line in lines)
        candidates = [line.split() for line in lines if line.startswith("candidate:")]
        udp = next((each for each in candidates if each[2].lower() == "udp"), None)
        if udp is None or not {"ice-ufrag", "ice-pwd", "fingerprint"} <= values.keys():
            raise ConnectionError("the answer names no way to connect by UDP")
        self.remote_ufrag, self.remote_password = values["ice-ufrag"], values["ice-pwd"]
        host, port = udp[4], int(udp[5])
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_bytes)
        self._socket.connect((host, port))
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._readable)
        algorithm, _, fingerprint = values["fingerprint"].partition(" ")
        self._dtls = Dtls(self._certificate, self.send, lambda: None, client=True)
        try:
            async with asyncio.timeout(within_s):
                while not self._bound.is_set():
                    self.send(self.check())
                    try:
                        await asyncio.wait_for(self._bound.wait(), CHECK_EVERY_S)
                    except TimeoutError:
                        continue
                keys = await self._dtls.handshake([(algorithm, fingerprint)])
        except TimeoutError:
            raise ConnectionError("the media port does not answer") from None
        finally:
            if self._heard is None and self._socket is not None:
                loop.remove_reader(self._socket.fileno())
        if keys is None:
            raise ConnectionError("the DTLS handshake failed")
        self.receiver, self.sender = keys

    def check(self, *, nominate: bool = True) -> bytes:
        """A connectivity check; one is due every few seconds, or the server takes the endpoint for gone (RFC 7675)."""
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.remote_ufrag}:{self.ufrag}"
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self.remote_password.encode())
        return bytes(message)

    def packet(
        self, stream: Stream, body: bytes, elements: Sequence[tuple[int, bytes]] = (), *, marker: bool = False
    ) -> bytes:
        """The stream's next packet, protected, with these header extensions. Needs the keys."""
        assert self.sender is not None
        if self._numbered:
            elements = [*elements, (SEQUENCE_EXT, (self._number & 0xFFFF).to_bytes(2, "big"))]
            self._number += 1
        block = extension_block(list(elements)) if elements else b""
        stream.index += 1
        stream.packets += 1
        stream.octets += len(body)
        header = HEADER.pack(
            0x90 if block else 0x80,
            marker << 7 | CODECS[stream.kind][0],
            stream.index & 0xFFFF,
            stream.timestamp & 0xFFFFFFFF,
            stream.ssrc,
        )
        return self.sender.protect(header + block, body, stream.ssrc, stream.index)

    def send(self, packet: bytes) -> None:
        """Send, if there is a connection; what a full buffer or a server that is gone does not take is lost, and consent ends the rest."""
        if self._socket is not None:
            try:
                self._socket.send(packet)
            except OSError:
                return

    async def close(self) -> None:
        """Say goodbye and let go of the socket."""
        if self._dtls is not None:
            await self._dtls.stop()
            self._dtls = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(MAX_DATAGRAM)
            except OSError:
                return
            first = data[0] if data else 255
            if first < 4:
                self._bound.set()
            elif 19 < first < 64 and self._dtls is not None:
                self._dtls.feed(data)
            elif 127 < first < 192 and len(data) > 12 and self._heard is not None:
                self._heard(data)
