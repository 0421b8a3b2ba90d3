"""What forwarders say to publishers and receivers: key frames asked for, arrivals, reports."""

import pytest

from server.media import rtcp
from server.media.forwarder import (
    Forwarder,
    Route,
)
from server.media.rtp import extension_block
from tests.contract.forwarders import Peer, frame


def test_key_frame_requests_are_throttled(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))
    request = rtcp.picture_loss(5, 2222)
    count = 0
    for step in range(100):  # ten seconds, a request from the viewer every 100 ms
        forwarder.handle(1_000_000 + step * 100_000, [(two.sender.protect_rtcp(request), two.address)])
        count += sum(
            any(rtcp.wants_key_frame(*each) for each in rtcp.split(one.receiver.unprotect_rtcp(packet)))
            for packet, address in forwarder.tick(1_000_000 + step * 100_000)
            if address == one.address
        )
    assert 15 <= count <= 21


def test_a_key_frame_that_has_come_is_not_asked_for_again(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    for number, ssrc in ((11, 1111), (12, 1113)):
        one.source(number, ssrc, "video")
    two.slot(21, 2222, "video")

    def asked(now_us: int) -> list[int]:
        return [s for each in one.told(forwarder.tick(now_us)) for s in rtcp.wants_key_frame(*each)]

    for step, (ssrc, source) in enumerate(((1111, 11), (1113, 12), (1111, 11))):
        now_us = 10_000_000 * (step + 1)
        forwarder.apply(Route(21, source, keep=step > 0))
        assert asked(now_us) == [ssrc]
        forwarder.handle(now_us, [one.packet(ssrc, step + 1, 90, frame(step, key=True))])
        assert [asked(now_us + late_us) for late_us in (100_000, 600_000, 1_200_000)] == [[], [], []]


def test_who_sends_nothing_is_asked_once_and_again_when_something_comes(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))

    def asked(now_us: int) -> int:
        return sum(len(rtcp.wants_key_frame(*each)) for each in one.told(forwarder.tick(now_us)))

    assert [asked(1_000_000 + late_us) for late_us in (0, 600_000, 1_200_000)] == [1, 0, 0]
    forwarder.handle(3_000_000, [one.packet(1111, 1, 90, frame(1))])
    assert asked(3_000_000) == 1


def test_a_picture_of_unknown_size_is_asked_for_a_key_frame_though_nobody_takes_it(forwarder: Forwarder) -> None:
    """Without its height it would be the least of its layers, and nobody would ever take it."""
    one = Peer(forwarder, 1)
    one.source(11, 1111, "video")

    def asked(now_us: int) -> list[int]:
        return [s for each in one.told(forwarder.tick(now_us)) for s in rtcp.wants_key_frame(*each)]

    assert asked(1_000_000) == []
    forwarder.handle(2_000_000, [one.packet(1111, 1, 90, frame(1))])
    assert asked(2_000_000) == [1111]
    sized = frame(2, key=True)[:-5] + bytes.fromhex("0000 9d012a c003 1c02")  # 960 by 540
    forwarder.handle(2_100_000, [one.packet(1111, 2, 180, sized), one.packet(1111, 3, 270, frame(3))])
    assert asked(3_000_000) == []
    assert forwarder.activity()[0].height == 540


@pytest.mark.parametrize("together", [False, True], ids=["as they come", "read together, later"])
def test_publishers_that_number_their_packets_are_told_when_they_came(forwarder: Forwarder, together: bool) -> None:
    one = Peer(forwarder, 1, sequence=5)
    one.source(11, 1111, "video")
    packets, times = [], []
    for at_ms, number in ((0, 65_534), (10, 65_535), (30, 1)):
        block = extension_block([(5, number.to_bytes(2, "big"))])
        packets.append(one.packet(1111, at_ms, 90, frame(1), block=block))
        times.append(1_000_000 + at_ms * 1_000)
    if together:
        forwarder.handle(1_039_000, packets, times)
    else:
        for packet, came_us in zip(packets, times, strict=True):
            forwarder.handle(came_us, [packet])
    (message,) = [packet for kind, fmt, packet in one.told(forwarder.tick(1_040_000)) if (kind, fmt) == (205, 15)]
    # Three came of four, 10 and 20 ms apart (steps of 250 µs); the first 40 ms after the reference of 960 ms.
    assert message[12:] == bytes.fromhex("fffe 0004 00000f00 d440 a02850 000000".replace(" ", ""))
    assert [fmt for kind, fmt, _ in one.told(forwarder.tick(3_000_000)) if kind == rtcp.PSFB] == []  # no REMB besides


def test_reports_tell_publishers_what_was_lost_and_receivers_the_time(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    forwarder.handle(1_000_000, [one.packet(1111, seq, seq * 960, b"a", number=111) for seq in (1, 2, 4, 5)])
    reports = dict.fromkeys((one.address, two.address), b"")
    for packet, address in forwarder.tick(2_000_000):
        peer = one if address == one.address else two
        reports[address] += peer.receiver.unprotect_rtcp(packet)
    blocks = [packet for kind, _, packet in rtcp.split(reports[one.address]) if kind == rtcp.RR]
    assert int.from_bytes(blocks[0][8:12], "big") == 1111
    assert blocks[0][12] == 256 // 5
    assert int.from_bytes(blocks[0][13:16], "big") == 1
    infos = [rtcp.sender_info(packet) for kind, _, packet in rtcp.split(reports[two.address]) if kind == rtcp.SR]
    assert infos == [(2222, rtcp.ntp_of(2_000_000), 5 * 960 + 48_000)]


def test_publishers_are_told_how_unevenly_their_packets_come(forwarder: Forwarder) -> None:
    one = Peer(forwarder, 1)
    one.source(11, 1111, "audio")

    def jitter(now_us: int) -> int:
        blocks = [packet for kind, _, packet in one.told(forwarder.tick(now_us)) if kind == rtcp.RR]
        return int.from_bytes(blocks[0][20:24], "big")

    for seq in range(1, 100):
        forwarder.handle(1_000_000 + seq * 20_000, [one.packet(1111, seq, seq * 960, b"a", number=111)])
    assert jitter(4_000_000) == 0
    for seq in range(100, 300):  # each second one comes 10 ms late: 480 ticks, 20 ms after the one before or none
        late_us = 10_000 * (seq % 2)
        forwarder.handle(4_000_000 + seq * 20_000 + late_us, [one.packet(1111, seq, seq * 960, b"a", number=111)])
    assert 470 <= jitter(20_000_000) <= 480


def test_however_many_slots_there_are_reports_fit_into_datagrams_and_name_each_once(forwarder: Forwarder) -> None:
    publishers = [Peer(forwarder, number) for number in range(1, 21)]
    viewer = Peer(forwarder, 99)
    for peer in publishers:
        peer.source(100 + peer.number, 1_000 + peer.number, "audio")
        viewer.slot(200 + peer.number, 2_000 + peer.number, "audio")
        forwarder.apply(Route(200 + peer.number, 100 + peer.number))
        forwarder.handle(1_000_000, [peer.packet(1_000 + peer.number, 1, 960, b"a", number=111)])
    viewer.source(199, 1_999, "audio")
    forwarder.handle(1_000_000, [viewer.packet(1_999, 1, 960, b"a", number=111)])
    sends = [send for send in forwarder.tick(2_000_000) if send[1] == viewer.address]
    assert all(len(packet) < 1_200 for packet, _ in sends)
    told = viewer.told(sends)
    reported = [rtcp.sender_info(packet)[0] for kind, _, packet in told if kind == rtcp.SR]
    assert sorted(reported) == [2_000 + peer.number for peer in publishers]
    assert [kind for kind, _, _ in told].count(rtcp.RR) == 1
    named = [int.from_bytes(packet[4:8], "big") for kind, _, packet in told if kind == rtcp.SDES]
    assert set(reported) < set(named)
