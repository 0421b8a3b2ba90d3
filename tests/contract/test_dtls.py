"""The private parts of aiortc and aioice that `server/media/dtls.py` and `ice.py` use: when one changes, this says which."""

import asyncio
import importlib.metadata
import inspect

import pytest
from aioice import stun
from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport

from server.media.dtls import PROFILES, Certificate, Dtls
from server.media.srtp import CmReceiver, GcmReceiver, Unauthentic
from tests.packets import opened


class _Ice:
    role = "controlled"

    async def _recv(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def _send(self, data: bytes) -> None: ...


def test_the_versions_are_those_that_were_looked_at() -> None:
    assert importlib.metadata.version("aiortc") == "1.16.0"
    assert importlib.metadata.version("aioice") == "0.13.0"


async def test_the_transport_has_the_private_parts_that_are_used() -> None:
    transport = RTCDtlsTransport(_Ice(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    assert list(inspect.signature(transport._set_role).parameters) == ["role"]
    assert isinstance(transport._srtp_profiles, list)
    assert transport._state is rtcdtlstransport.State.NEW
    assert hasattr(transport, "_ssl")
    for profile in PROFILES:
        assert isinstance(profile.openssl_profile, bytes)
        size = 2 * (profile.key_length + profile.salt_length)
        assert len(profile.get_key_and_salt(bytes(size), 0)) == size // 2


def test_a_stun_message_without_integrity_is_parsed_and_fails_its_check() -> None:
    bare = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    assert not stun.parse_message(bytes(bare)).check_message_integrity(b"password")
    bare.add_message_integrity(b"password")
    parsed = stun.parse_message(bytes(bare))
    assert parsed.check_message_integrity(b"password")
    assert "FINGERPRINT" in parsed.attributes


@pytest.mark.parametrize("profile", PROFILES, ids=["gcm", "cm-sha1"])
async def test_a_handshake_gives_both_ends_the_same_keys(profile: object) -> None:
    """Ours as the server, aiortc as the client, each profile on its own."""
    certificate = Certificate()
    client_certificate = RTCCertificate.generateCertificate()
    to_client: asyncio.Queue[bytes] = asyncio.Queue()
    ours = Dtls(certificate, to_client.put_nowait, lambda: None)

    class Pipe:
        role = "controlling"

        async def _recv(self) -> bytes:
            return await to_client.get()

        async def _send(self, data: bytes) -> None:
            ours.feed(data)

    client = RTCDtlsTransport(Pipe(), [client_certificate])  # type: ignore[arg-type]
    client._set_role("client")
    client._srtp_profiles = [profile]  # type: ignore[list-item]
    prints = [(each.algorithm, each.value) for each in client_certificate.getFingerprints()]
    fingerprint = rtcdtlstransport.RTCDtlsFingerprint(algorithm="sha-256", value=certificate.fingerprint)
    async with asyncio.timeout(60):
        keys, _ = await asyncio.gather(
            ours.handshake(prints), client.start(rtcdtlstransport.RTCDtlsParameters(fingerprints=[fingerprint]))
        )
    assert client.state == "connected"
    assert keys is not None
    assert isinstance(keys[0], GcmReceiver if profile is PROFILES[0] else CmReceiver)
    assert client._tx_srtp is not None
    packet = client._tx_srtp.protect(bytes.fromhex("806f0001000003c0deadbeef") + b"opus")
    assert opened(keys[0], packet) == (b"opus", 1)
    with pytest.raises(Unauthentic):
        opened(keys[0], packet)
    await ours.stop()
    await client.stop()


async def test_a_peer_with_another_certificate_is_refused() -> None:
    certificate = Certificate()
    to_client: asyncio.Queue[bytes] = asyncio.Queue()
    ours = Dtls(certificate, to_client.put_nowait, lambda: None)

    class Pipe:
        role = "controlling"

        async def _recv(self) -> bytes:
            return await to_client.get()

        async def _send(self, data: bytes) -> None:
            ours.feed(data)

    client = RTCDtlsTransport(Pipe(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    client._set_role("client")
    other = [("sha-256", Certificate().fingerprint)]
    fingerprint = rtcdtlstransport.RTCDtlsFingerprint(algorithm="sha-256", value=certificate.fingerprint)
    starting = asyncio.ensure_future(client.start(rtcdtlstransport.RTCDtlsParameters(fingerprints=[fingerprint])))
    async with asyncio.timeout(60):
        assert await ours.handshake(other) is None
        await client.stop()
        await starting
    await ours.stop()


async def test_a_handshake_that_is_stopped_ends_however_much_waits_to_be_read() -> None:
    certificate = Certificate()
    ours = Dtls(certificate, lambda _: None, lambda: None)
    shaking = asyncio.ensure_future(ours.handshake([("sha-256", certificate.fingerprint)]))
    await asyncio.sleep(0)
    while ours.feed(b"\x16\xfe\xfd" + bytes(20)):
        pass
    await ours.stop()
    async with asyncio.timeout(30):
        assert await shaking is None
