"""What forwarders do about packets that are missing, late or asked for again."""

import random

from server.media import rtcp
from server.media.forwarder import (
    AddRepair,
    Forwarder,
    Route,
)
from server.media.rtp import extension
from tests.contract.forwarders import MID, Peer, frame


def test_padding_alone_leaves_no_gap(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    packets = [
        one.packet(1111, 1, 960, b"a", number=111),
        one.packet(1111, 2, 960, b"", number=111, padding=40),
        one.packet(1111, 3, 1_920, b"b", number=111, padding=3),
    ]
    sends, _ = forwarder.handle(1_000_000, packets)
    opened = [two.opened(send) for send in sends]
    assert [(seq, payload) for seq, _, _, _, payload in opened] == [(1, b"a"), (2, b"b")]


def test_no_index_of_a_slot_is_used_twice_whatever_the_order(forwarder: Forwarder) -> None:
    """With GCM, two packets under one SSRC and index would give the key away (RFC 7714 section 14.1)."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    packets = [
        one.packet(1111, seq, 960 * seq, b"", number=111, padding=20)
        if rng.random() < 0.3
        else one.packet(1111, seq, 960 * seq, seq.to_bytes(2, "big"), number=111)
        for seq in range(1, 600)
    ]
    for at in range(1, 590, 7):  # some packets come late by up to six places
        part = packets[at : at + 7]
        rng.shuffle(part)
        packets[at : at + 7] = part
    used: dict[int, int] = {}
    for packet in packets:
        for send in forwarder.handle(1_000_000, [packet])[0]:
            seq, _, _, _, payload = two.opened(send)  # its replay window refuses an index that came before
            assert seq not in used
            used[seq] = int.from_bytes(payload, "big")
    assert [used[seq] for seq in sorted(used)] == sorted(used.values())


def test_a_hole_is_asked_for_at_once_and_again_and_filled_once(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video", nack=True)
    forwarder.apply(AddRepair(1, 11, 1112))
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))
    packets = {seq: one.packet(1111, seq, 90 * seq, frame(seq, key=seq == 10)) for seq in range(10, 20)}
    first, _ = forwarder.handle(1_000_000, [packets[10], packets[11], packets[14], packets[13]])
    assert one.asked_again(first) == [12]
    assert one.asked_again(forwarder.tick(1_050_000)) == []
    assert one.asked_again(forwarder.tick(1_150_000)) == [12]
    again = (12).to_bytes(2, "big") + frame(12)
    sends, _ = forwarder.handle(1_200_000, [one.packet(1112, 900, 90 * 12, again, number=97)])
    assert [(seq, payload) for seq, _, _, _, payload in map(two.opened, sends)] == [(12, frame(12))]
    for late in (packets[12], one.packet(1112, 901, 90 * 12, again, number=97)):
        assert forwarder.handle(1_300_000, [late])[0] == []
    assert forwarder.dropped["late"] == forwarder.dropped["repair not wanted"] == 1
    forwarder.handle(1_400_000, [packets[17]])
    assert one.asked_again(forwarder.tick(2_600_000)) == []  # too old to be of use


def test_a_receivers_nack_is_answered_with_the_numbers_the_packet_went_out_with(forwarder: Forwarder) -> None:
    viewer = Peer(forwarder, 9)
    viewer.slot(21, 2222, "video")
    peers = [Peer(forwarder, 1), Peer(forwarder, 2)]

    def asked(now_us: int, seqs: list[int]) -> dict[int, tuple[int, bytes]]:
        request = viewer.sender.protect_rtcp(rtcp.nack(1, 2222, seqs))
        got = {}
        for send in forwarder.handle(now_us, [(request, viewer.address)])[0]:
            _, stamp, ssrc, header, payload = viewer.opened(send)
            assert (ssrc, header[1] & 0x7F, extension(header, MID)) == (2223, 121, b"m7")
            got[int.from_bytes(payload[:2], "big")] = stamp, payload[2:]
        return got

    former: list[int] = []
    for turn, peer in enumerate(peers):
        peer.source(10 + peer.number, 1000 + peer.number, "video")
        forwarder.apply(Route(21, 10 + peer.number))
        sent: dict[int, tuple[int, bytes]] = {}
        for step in range(6):
            seq = 50_000 * turn + 10 + step
            packet = peer.packet(
                1000 + peer.number, seq, 3_000 * step, b"" if step == 3 else frame(step, key=step == 0), padding=9
            )
            for send in forwarder.handle(1_000_000 + turn * 1_000_000 + step * 33_000, [packet])[0]:
                out, stamp, _, _, payload = viewer.opened(send)
                sent[out] = stamp, payload
        now_us = 1_500_000 + turn * 1_000_000
        forwarder.tick(now_us)
        assert len(sent) == 5
        # What was before the key frame of a switch is of no use any more.
        assert asked(now_us, sorted([*former, *sent])) == sent
        former = sorted(sent)
    assert asked(3_000_000, [max(former) + 1, 40_000]) == {}


def test_retransmissions_are_bounded(forwarder: Forwarder) -> None:
    """What is sent again must not keep a congested link congested."""
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))
    for seq in range(1, 200):
        packet = one.packet(1111, seq, 90 * seq, frame(seq, key=seq == 1) + bytes(1_000))
        forwarder.handle(1_000_000 + seq * 1_000, [packet])
    now_us = 1_300_000
    forwarder.tick(now_us)
    again, before = 0, set[bytes]()
    for _ in range(40):  # two seconds in which the receiver asks for everything every 50 ms
        now_us += 50_000
        request = two.sender.protect_rtcp(rtcp.nack(1, 2222, list(range(1, 200))))
        sends = forwarder.handle(now_us, [(request, two.address)])[0]
        originals = {two.opened(send)[4][:2] for send in sends}
        assert len(originals) == len(sends)
        assert not originals & before, "the same packet twice within 90 ms"
        again, before = again + len(sends), originals
        forwarder.tick(now_us)
    assert 50 <= again <= 140


def test_of_a_nack_for_everything_no_more_is_looked_at_than_a_browser_would_ask_for() -> None:
    words = b"".join((17 * word & 0xFFFF).to_bytes(2, "big") + b"\xff\xff" for word in range(500))
    everything = bytes((0x81, rtcp.RTPFB)) + (502).to_bytes(2, "big") + bytes(8) + words
    asked = rtcp.missing(rtcp.RTPFB, rtcp.NACK, everything)
    assert asked is not None
    assert asked[1] == list(range(rtcp.MAX_MISSING))
