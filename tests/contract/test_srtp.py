"""Our SRTP against libsrtp's, both ways: the same bytes, the same refusals."""

import os
import random

import pylibsrtp
import pytest

from server.media import rtcp
from server.media.receiving import MAX_DATAGRAM
from server.media.rtp import HEADER, extension_block
from server.media.srtp import MAX_STREAMS, REPLAY_WINDOW, CmReceiver, CmSender, GcmReceiver, GcmSender, Unauthentic
from tests.packets import opened

GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
CM = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
SSRC = 0xDEADBEEF
Profile = tuple[int, type, type]
"""(bytes of key and salt, sender, receiver)"""
PROFILES: list[Profile] = [(28, GcmSender, GcmReceiver), (30, CmSender, CmReceiver)]


def libsrtp(key: bytes, profile: int, ssrc_type: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=key, ssrc_type=ssrc_type, srtp_profile=profile)
    policy.allow_repeat_tx = True
    return pylibsrtp.Session(policy)


def header(seq: int) -> bytes:
    return HEADER.pack(0x90, 0x80 | 111, seq & 0xFFFF, seq * 960, SSRC) + extension_block([(3, b"7"), (2, b"abc")])


@pytest.mark.parametrize(("size", "profile"), [(28, GCM), (30, CM)])
def test_what_we_protect_libsrtp_unprotects_over_a_roll_over(size: int, profile: int) -> None:
    key = os.urandom(size)
    ours = GcmSender(key) if profile == GCM else CmSender(key)
    theirs = libsrtp(key, profile, pylibsrtp.Policy.SSRC_ANY_INBOUND)
    for index in range(65_500, 65_600):
        payload = os.urandom(index % 50 + 1)
        protected = ours.protect(header(index), payload, SSRC, index)
        assert theirs.unprotect(protected) == header(index) + payload
    for _ in range(3):
        assert theirs.unprotect_rtcp(ours.protect_rtcp(rtcp.picture_loss(1, 2))) == rtcp.picture_loss(1, 2)


@pytest.mark.parametrize(("size", "profile"), [(28, GCM), (30, CM)])
def test_what_libsrtp_protects_we_unprotect_with_the_right_index(size: int, profile: int) -> None:
    key = os.urandom(size)
    ours = GcmReceiver(key) if profile == GCM else CmReceiver(key)
    theirs = libsrtp(key, profile, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    for index in range(65_500, 65_600):
        payload = os.urandom(20)
        assert opened(ours, theirs.protect(header(index) + payload)) == (payload, index)
    for _ in range(3):
        assert ours.unprotect_rtcp(theirs.protect_rtcp(rtcp.picture_loss(1, 2))) == rtcp.picture_loss(1, 2)


@pytest.mark.parametrize("make", PROFILES)
def test_a_replay_and_a_changed_byte_are_refused(make: Profile) -> None:
    size, sender, receiver = make
    key = os.urandom(size)
    out, into = sender(key), receiver(key)
    packet = out.protect(header(5), b"hello", SSRC, 5)
    opened(into, packet)
    with pytest.raises(Unauthentic):
        opened(into, packet)
    other = bytearray(out.protect(header(6), b"hello", SSRC, 6))
    for at in (4, 9, len(header(6)) + 1, len(other) - 1):
        changed = bytearray(other)
        changed[at] ^= 1
        with pytest.raises(Unauthentic):
            opened(into, bytes(changed))
    control = out.protect_rtcp(rtcp.picture_loss(1, 2))
    into.unprotect_rtcp(control)
    with pytest.raises(Unauthentic):
        into.unprotect_rtcp(control)


def test_late_packets_are_taken_within_the_window_and_once() -> None:
    key = os.urandom(28)
    out, into = GcmSender(key), GcmReceiver(key)
    packets = {index: out.protect(header(index), b"x", SSRC, index) for index in range(2_000)}
    for index in (0, 1, 500, 100, 1_500, 1_400):
        assert opened(into, packets[index])[1] == index
    for index in (100, 1_400, 400):  # seen, seen, older than the window
        with pytest.raises(Unauthentic):
            opened(into, packets[index])


def test_in_any_order_each_packet_is_taken_once_unless_it_is_too_old() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    key = os.urandom(28)
    out, into = GcmSender(key), GcmReceiver(key)
    at, taken, highest = 65_000, set[int](), 0
    for turn in range(3_000):
        at += rng.choice((1, 1, 1, 1, 2, 5, 1_500 if turn % 500 == 7 else 1))
        index = at if rng.random() < 0.7 or not turn else at - rng.choice((1, 2, 3, 40, 1_000, 1_100, 1_400))
        packet = out.protect(header(index), b"x", SSRC, index)
        wanted = index not in taken and index > highest - REPLAY_WINDOW
        if not taken:
            first = index
        if index < first:
            continue  # what was before the first is taken within another, smaller window
        if wanted:
            assert opened(into, packet) == (b"x", index)
            taken.add(index)
            highest = max(highest, index)
        else:
            with pytest.raises(Unauthentic):
                opened(into, packet)
    assert len(taken) > 1_500


def test_a_packet_before_the_first_that_came_is_taken_once() -> None:
    key = os.urandom(28)
    out, into = GcmSender(key), GcmReceiver(key)
    for index in (100, 98, 99):
        assert opened(into, out.protect(header(index), b"x", SSRC, index)) == (b"x", index)
    for index in (98, 30):
        with pytest.raises(Unauthentic):
            opened(into, out.protect(header(index), b"x", SSRC, index))


@pytest.mark.parametrize("make", PROFILES)
def test_what_is_remembered_of_a_peers_rtcp_is_bounded(make: Profile) -> None:
    size, sender, receiver = make
    key = os.urandom(size)
    out, into = sender(key), receiver(key)
    for ssrc in range(MAX_STREAMS):
        into.unprotect_rtcp(out.protect_rtcp(rtcp.picture_loss(ssrc, 1)))
    for ssrc in range(MAX_STREAMS, MAX_STREAMS + 50):
        with pytest.raises(Unauthentic):
            into.unprotect_rtcp(out.protect_rtcp(rtcp.picture_loss(ssrc, 1)))
    assert into.unprotect_rtcp(out.protect_rtcp(rtcp.picture_loss(7, 1))) == rtcp.picture_loss(7, 1)


@pytest.mark.parametrize("make", PROFILES)
def test_what_is_remembered_of_a_peers_rtp_is_bounded(make: Profile) -> None:
    size, sender, receiver = make
    key = os.urandom(size)
    out, into = sender(key), receiver(key)

    def open_one(ssrc: int, index: int) -> bytes:
        head = HEADER.pack(0x80, 111, index, 960, ssrc)
        payload, _ = into.open(out.protect(head, b"x", ssrc, index), len(head), ssrc, index)
        return payload

    for ssrc in range(MAX_STREAMS):
        open_one(ssrc, 1)
    for ssrc in range(MAX_STREAMS, MAX_STREAMS + 50):
        with pytest.raises(Unauthentic):
            open_one(ssrc, 1)
    assert open_one(7, 2) == b"x"
    into.forget(7)
    assert open_one(MAX_STREAMS, 1) == b"x"


@pytest.mark.parametrize("make", PROFILES)
def test_a_packet_of_a_forgotten_source_is_taken_again_and_its_rtcp_is_not(make: Profile) -> None:
    size, sender, receiver = make
    key = os.urandom(size)
    out, into = sender(key), receiver(key)
    packet, control = out.protect(header(5), b"hello", SSRC, 5), out.protect_rtcp(rtcp.picture_loss(SSRC, 1))
    into.unprotect_rtcp(control)
    for _ in range(2):
        assert opened(into, packet) == (b"hello", 5)
        into.forget(SSRC)
    into.forget(SSRC + 1)
    with pytest.raises(Unauthentic):
        into.unprotect_rtcp(control)


@pytest.mark.parametrize("make", PROFILES)
def test_the_longest_packets_that_are_read_can_be_protected_and_opened(make: Profile) -> None:
    """libsrtp's Python binding takes 1,500 bytes by itself, and raises what nobody expects for more."""
    size, sender, receiver = make
    key = os.urandom(size)
    out, into = sender(key), receiver(key)
    body = bytes(MAX_DATAGRAM)
    packet = out.protect(header(5), body, SSRC, 5)
    assert opened(into, packet) == (body, 5)
    with pytest.raises(Unauthentic):
        opened(into, bytes((0x80,)) + bytes(MAX_DATAGRAM - 1))
    control = rtcp.picture_loss(1, 2) * (MAX_DATAGRAM // 12)
    assert into.unprotect_rtcp(out.protect_rtcp(control)) == control
