"""DTLS by aiortc, and the SRTP keys that come of it. The only file that imports aiortc; what is private there is used here alone.

`RTCDtlsTransport` runs over anything with `role`, `_recv` and `_send`. It makes libsrtp sessions of its own, which stay unused: the keys are
exported once more from its `_ssl` (RFC 5764 section 4.2) and media never passes through it. aiortc is pinned, and
`tests/contract/test_dtls.py` fails when one of these private parts changes.
"""

import asyncio
from collections.abc import Callable, Sequence

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    State,
)

from server.media.srtp import CmReceiver, CmSender, GcmReceiver, GcmSender, Receiver, Sender

PROFILES = (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
MAX_QUEUED = 32
"""DTLS datagrams waiting to be read; a peer that sends more is not handshaking."""


class Certificate:
    """The node's certificate, made at start."""

    def __init__(self) -> None:
        self.inner = RTCCertificate.generateCertificate()
        prints = {each.algorithm: each.value for each in self.inner.getFingerprints()}
        self.fingerprint: str = prints["sha-256"]


class _Pipe:
    """What aiortc takes for an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED)

    def feed(self, datagram: bytes) -> bool:
        try:
            self._queue.put_nowait(datagram)
        except asyncio.QueueFull:
            return False
        return True

    def close(self) -> None:
        """Whoever waits for a datagram is told that none comes any more, also where many wait to be read."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _recv(self) -> bytes:
        datagram = await self._queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)


class Dtls:
    """One connection's DTLS, as the server unless `client`. `feed` it datagrams from the bound address only."""

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        closed: Callable[[], None],
        *,
        client: bool = False,
    ) -> None:
        self._pipe = _Pipe(send)
        self._transport = RTCDtlsTransport(self._pipe, [certificate.inner])  # type: ignore[arg-type]  # quacks like one
        self._client = client
        self._transport._set_role("client" if client else "server")
        self._transport._srtp_profiles = list(PROFILES)
        self._closed = closed

    def feed(self, datagram: bytes) -> bool:
        """Take a datagram; False if too many wait already."""
        return self._pipe.feed(datagram)

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> tuple[Receiver, Sender] | None:
        """The keys, once the peer has proved one of its fingerprints; None if the handshake failed."""
        parameters = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(algorithm=algorithm, value=value) for algorithm, value in fingerprints]
        )
        await self._transport.start(parameters)
        if self._transport.state != "connected":
            return None
        self._transport.on("statechange", self._state_changed)
        ssl = self._transport._ssl
        assert ssl is not None
        name = ssl.get_selected_srtp_profile()
        profile = next(each for each in PROFILES if each.openssl_profile == name)
        material = ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length))
        receive, send = (profile.get_key_and_salt(material, index) for index in ((1, 0) if self._client else (0, 1)))
        if profile is SRTP_AEAD_AES_128_GCM:
            return GcmReceiver(receive), GcmSender(send)
        return CmReceiver(receive), CmSender(send)

    def _state_changed(self) -> None:
        if self._transport._state is State.CLOSED:
            self._closed()

    async def stop(self) -> None:
        """Say goodbye to the peer and end."""
        self._transport.remove_all_listeners()
        await self._transport.stop()
        self._pipe.close()
