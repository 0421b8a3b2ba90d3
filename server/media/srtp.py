"""SRTP and SRTCP for one direction of one transport.

AES-128-GCM (RFC 7714) by `cryptography`, with the key derivation of RFC 3711 section 4.3; AES-CM-128-HMAC-SHA1-80 by libsrtp for
peers that know nothing else. The two receivers have the same methods (`open`, `forget`, `unprotect_rtcp`), and the two senders (`protect`,
`protect_rtcp`); only for GCM the forwarder calls `encrypt` itself, with a nonce that it has prepared.

An index is the 48-bit packet index: roll-over counter and sequence number. The forwarder keeps the sequence number of what it sends
as that index, so protecting never has to guess; unprotecting guesses the roll-over as RFC 3711 section 3.3.1 says, and refuses replays: what is behind
the highest index must be known to be missing, and not by more than 1,024 packets.
"""

from contextlib import suppress

import pylibsrtp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pylibsrtp._binding import ffi

KEY_BYTES = 16
GCM_SALT_BYTES = 12
TAG_BYTES = 16
REPLAY_WINDOW = 1_024
REORDERED_AT_FIRST = 64
"""So many packets before the first that has come may still come."""
MAX_STREAMS = 256
"""SSRCs that one peer may send RTP with, and as many RTCP: what is remembered of each must not be a way to fill the memory."""
BUFFER_BYTES = 4_096
"""Twice what is read as one packet: what is sent is longer than what came by its extensions and its tag."""
_ENCRYPTED = 0x80000000


class Unauthentic(ValueError):
    """The packet was not made with this key, or has been seen before."""


def derive(master_key: bytes, master_salt: bytes, label: int, size: int) -> bytes:
    """A session key (RFC 3711 section 4.3.1, key derivation rate 0). Labels: 0, 2 for SRTP key and salt; 3, 5 for SRTCP."""
    x = int.from_bytes(master_salt.ljust(14, b"\0"), "big") ^ (label << 48)
    counter = (x << 16).to_bytes(16, "big")
    encryptor = Cipher(algorithms.AES(master_key), modes.CTR(counter)).encryptor()
    return encryptor.update(bytes(size))


def _index_of(highest: int, seq: int) -> int:
    """The most likely 48-bit index of a 16-bit sequence number."""
    index = (highest & ~0xFFFF) | seq
    if index - highest > 0x8000 and index >= 0x10000:
        return index - 0x10000
    if highest - index > 0x8000:
        return index + 0x10000
    return index


class _Stream:
    """What is known of one received SSRC: the highest index, and which before it are still missing.

    Packets that come in order, which are nearly all, cost one comparison; a window of bits would have to be shifted for each.
    """

    __slots__ = ("highest", "missing", "nonce_base")

    def __init__(self, first: int, nonce_base: int = 0) -> None:
        self.highest = first
        self.missing = set(range(max(0, first - REORDERED_AT_FIRST), first))
        self.nonce_base = nonce_base

    def is_new(self, index: int) -> bool:
        return index > self.highest or (index in self.missing and index > self.highest - REPLAY_WINDOW)

    def saw(self, index: int) -> None:
        high = self.highest
        if index <= high:
            self.missing.discard(index)
            return
        if index != high + 1:
            oldest = index - REPLAY_WINDOW
            self.missing = {each for each in self.missing if each > oldest}
            self.missing.update(range(max(high, oldest) + 1, index))
        self.highest = index


class GcmReceiver:
    """Unprotects what the peer sends, under one master key (28 bytes: key and salt)."""

    def __init__(self, key_and_salt: bytes) -> None:
        key, salt = key_and_salt[:KEY_BYTES], key_and_salt[KEY_BYTES:]
        self._decrypt = AESGCM(derive(key, salt, 0, KEY_BYTES)).decrypt
        self._salt = int.from_bytes(derive(key, salt, 2, GCM_SALT_BYTES), "big")
        self._rtcp_decrypt = AESGCM(derive(key, salt, 3, KEY_BYTES)).decrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, 5, GCM_SALT_BYTES), "big")
        self._streams: dict[int, _Stream] = {}
        self._rtcp_streams: dict[int, _Stream] = {}

    def open(self, packet: bytes, header: int, ssrc: int, seq: int) -> tuple[bytes, int]:
        """(payload, 48-bit index) of an SRTP packet, whose header of `header` bytes says these numbers. Raises `Unauthentic`."""
        stream = self._streams.get(ssrc)
        if stream is None:
            return self._open_first(packet, header, ssrc, seq)
        index = stream.highest + 1
        if index & 0xFFFF != seq:
            index = _index_of(stream.highest, seq)
            if not stream.is_new(index):
                raise Unauthentic("replayed")
        try:
            payload = self._decrypt((stream.nonce_base ^ index).to_bytes(12, "big"), packet[header:], packet[:header])
        except InvalidTag:
            raise Unauthentic("tag") from None
        if index == stream.highest + 1:
            stream.highest = index
        else:
            stream.saw(index)
        return payload, index

    def _open_first(self, packet: bytes, header: int, ssrc: int, seq: int) -> tuple[bytes, int]:
        nonce_base = self._salt ^ ssrc << 48
        try:
            payload = self._decrypt((nonce_base ^ seq).to_bytes(12, "big"), packet[header:], packet[:header])
        except InvalidTag:
            raise Unauthentic("tag") from None
        if len(self._streams) >= MAX_STREAMS:
            raise Unauthentic("too many streams")
        self._streams[ssrc] = _Stream(seq, nonce_base)
        return payload, seq

    def forget(self, ssrc: int) -> None:
        """Free what is known of an SSRC that is not wanted."""
        self._streams.pop(ssrc, None)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """The RTCP packet of an SRTCP one. Raises `Unauthentic`."""
        if len(packet) < 8 + TAG_BYTES + 4:
            raise Unauthentic("short")
        word = packet[-4:]
        index = int.from_bytes(word, "big")
        if not index & _ENCRYPTED:
            raise Unauthentic("not encrypted")
        index &= ~_ENCRYPTED
        ssrc = int.from_bytes(packet[4:8], "big")
        stream = self._rtcp_streams.get(ssrc)
        if stream is not None and not stream.is_new(index):
            raise Unauthentic("replayed")
        nonce = (self._rtcp_salt ^ (ssrc << 48 | index)).to_bytes(12, "big")
        try:
            body = self._rtcp_decrypt(nonce, packet[8:-4], packet[:8] + word)
        except InvalidTag:
            raise Unauthentic("tag") from None
        if stream is None:
            if len(self._rtcp_streams) >= MAX_STREAMS:
                raise Unauthentic("too many streams")
            stream = self._rtcp_streams[ssrc] = _Stream(index)
        stream.saw(index)
        return packet[:8] + body


class GcmSender:
    """Protects what is sent, under one master key (28 bytes: key and salt)."""

    def __init__(self, key_and_salt: bytes) -> None:
        key, salt = key_and_salt[:KEY_BYTES], key_and_salt[KEY_BYTES:]
        self.encrypt = AESGCM(derive(key, salt, 0, KEY_BYTES)).encrypt
        self.salt = int.from_bytes(derive(key, salt, 2, GCM_SALT_BYTES), "big")
        self._rtcp_encrypt = AESGCM(derive(key, salt, 3, KEY_BYTES)).encrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, 5, GCM_SALT_BYTES), "big")
        self._rtcp_index = 0

    def protect(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """The SRTP packet; `index` is the 48-bit index whose low 16 bits are the header's sequence number."""
        nonce = (self.salt ^ (ssrc << 48 | index)).to_bytes(12, "big")
        return header + self.encrypt(nonce, payload, header)

    def protect_rtcp(self, packet: bytes) -> bytes:
        """The SRTCP packet of a (compound) RTCP one."""
        self._rtcp_index += 1
        word = (self._rtcp_index | _ENCRYPTED).to_bytes(4, "big")
        ssrc = int.from_bytes(packet[4:8], "big")
        nonce = (self._rtcp_salt ^ (ssrc << 48 | self._rtcp_index)).to_bytes(12, "big")
        return packet[:8] + self._rtcp_encrypt(nonce, packet[8:], packet[:8] + word) + word


class CmReceiver:
    """As `GcmReceiver`, for AES-CM-128-HMAC-SHA1-80 (30 bytes: key and salt)."""

    def __init__(self, key_and_salt: bytes) -> None:
        self._session, self._rtcp_session = (
            _libsrtp(key_and_salt, pylibsrtp.Policy.SSRC_ANY_INBOUND) for _ in range(2)
        )  # two, because to one an SSRC's RTP and RTCP are one record, and to forget the one would let the other be replayed
        self._highest: dict[int, int] = {}
        """SSRC → index; what is a replay libsrtp knows."""
        self._rtcp_ssrcs: set[int] = set()

    def open(self, packet: bytes, header: int, ssrc: int, seq: int) -> tuple[bytes, int]:
        """As `GcmReceiver.open`."""
        highest = self._highest.get(ssrc)
        if highest is None and len(self._highest) >= MAX_STREAMS:
            raise Unauthentic("too many streams")
        try:
            plain = self._session.unprotect(packet)
        except pylibsrtp.Error as error:
            raise Unauthentic(str(error)) from None
        index = seq if highest is None else _index_of(highest, seq)
        if highest is None or index > highest:
            self._highest[ssrc] = index
        return plain[header:], index

    def forget(self, ssrc: int) -> None:
        """As `GcmReceiver.forget`."""
        self._highest.pop(ssrc, None)
        with suppress(pylibsrtp.Error):
            self._session.remove_stream(ssrc)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """As `GcmReceiver.unprotect_rtcp`."""
        ssrc = int.from_bytes(packet[4:8], "big")
        if ssrc not in self._rtcp_ssrcs and len(self._rtcp_ssrcs) >= MAX_STREAMS:
            raise Unauthentic("too many streams")
        try:
            plain: bytes = self._rtcp_session.unprotect_rtcp(packet)
        except pylibsrtp.Error as error:
            raise Unauthentic(str(error)) from None
        self._rtcp_ssrcs.add(ssrc)
        return plain


class CmSender:
    """As `GcmSender`, for AES-CM-128-HMAC-SHA1-80 (30 bytes: key and salt)."""

    def __init__(self, key_and_salt: bytes) -> None:
        self._session = _libsrtp(key_and_salt, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)

    def protect(self, header: bytes, payload: bytes, _ssrc: int, _index: int) -> bytes:
        """As `GcmSender.protect`; libsrtp counts the roll-overs itself."""
        protected: bytes = self._session.protect(header + payload)
        return protected

    def protect_rtcp(self, packet: bytes) -> bytes:
        """As `GcmSender.protect_rtcp`."""
        protected: bytes = self._session.protect_rtcp(packet)
        return protected


def _libsrtp(key_and_salt: bytes, ssrc_type: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(
        key=key_and_salt, ssrc_type=ssrc_type, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
    )
    policy.allow_repeat_tx = True
    policy.window_size = REPLAY_WINDOW
    session = pylibsrtp.Session(policy)
    # Its own buffer has 1,500 bytes, and of longer packets it raises ValueError: nothing that the forwarder could count and go on.
    session._cdata = ffi.new("char[]", BUFFER_BYTES)
    session._buffer = ffi.buffer(session._cdata)
    return session


Receiver = GcmReceiver | CmReceiver
Sender = GcmSender | CmSender
