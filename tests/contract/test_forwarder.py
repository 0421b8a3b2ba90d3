"""What every forwarder must do, on bytes: what slots get never jumps, whatever they are routed to."""

import itertools

import pytest

from server.media import rtcp
from server.media.forwarder import (
    Datagram,
    Forwarder,
    MoveTransport,
    ReceiverEstimate,
    RemoveTransport,
    Route,
    Thin,
    UnknownSource,
)
from server.media.rtp import HEADER, extension, extension_block
from tests.contract.forwarders import LEVEL, MID, TIME, Peer, frame, numbers


def test_audio_is_forwarded_with_the_slots_header_and_extensions(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    block = extension_block([(LEVEL, bytes((0x80 | 30,)))])
    sends, notes = forwarder.handle(3_000_000, [one.packet(1111, 500, 9_000, b"opus", number=111, block=block)])
    seq, stamp, ssrc, header, payload = two.opened(sends[0])
    assert (seq, stamp, ssrc, payload, header[1]) == (500, 9_000, 2222, b"opus", 0x80 | 109)
    assert extension(header, MID) == b"m7"
    assert extension(header, TIME) == (3 << 18).to_bytes(3, "big")
    assert notes == []
    (activity,) = forwarder.activity()
    assert (activity.source, activity.packets, activity.loudness) == (11, 1, 97.0)


def test_video_waits_for_a_key_frame_and_asks_for_one(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))
    asked = [
        one.receiver.unprotect_rtcp(packet) for packet, address in forwarder.tick(1_000_000) if address == one.address
    ]
    kinds = [(kind, fmt, rtcp.wants_key_frame(kind, fmt, packet)) for kind, fmt, packet in rtcp.split(asked[0])]
    assert (rtcp.PSFB, rtcp.PLI, [1111]) in kinds
    assert forwarder.handle(1_000_000, [one.packet(1111, 1, 90, frame(1))])[0] == []
    sends, _ = forwarder.handle(
        1_100_000, [one.packet(1111, 2, 180, frame(2, key=True)), one.packet(1111, 3, 270, frame(3))]
    )
    assert [numbers(two.opened(send)[4])[0] for send in sends] == [2, 3]


def test_no_number_of_a_slot_jumps_over_twelve_switches(forwarder: Forwarder) -> None:
    viewer = Peer(forwarder, 9)
    viewer.slot(21, 2222, "video")
    peers = [Peer(forwarder, 1), Peer(forwarder, 2)]
    for peer in peers:
        peer.source(10 + peer.number, 1000 + peer.number, "video")
    seqs = [65_530, 7]
    stamps = [4_294_900_000, 100]
    pictures = [32_760, 50]
    got: list[tuple[int, int, tuple[int, int, int]]] = []
    now_us = 1_000_000
    for switch in range(12):
        which = switch % 2
        peer = peers[which]
        forwarder.apply(Route(21, 10 + peer.number))
        for step in range(5):
            now_us += 33_333
            seqs[which] += 1
            stamps[which] += 3_000
            pictures[which] = pictures[which] + 1 & 0x7FFF
            payload = frame(
                pictures[which], key=step == 0, tl0=(switch * 31 + step) & 0xFF, key_index=(switch * 7) & 31
            )
            sends, _ = forwarder.handle(now_us, [peer.packet(1000 + peer.number, seqs[which], stamps[which], payload)])
            for send in sends:
                seq, stamp, _, _, body = viewer.opened(send)
                got.append((seq, stamp, numbers(body)))
    assert len(got) == 60
    for (seq, stamp, (picture, _, _)), (next_seq, next_stamp, (next_picture, _, _)) in itertools.pairwise(got):
        assert next_seq == (seq + 1) & 0xFFFF
        assert next_picture == (picture + 1) & 0x7FFF
        assert 2_000 < (next_stamp - stamp) & 0xFFFFFFFF < 4_000
    for (_, _, (_, tl0, key)), (_, _, (_, next_tl0, next_key)) in zip(got[::5], got[5::5], strict=False):
        assert (next_tl0 - tl0) & 0xFF == 5  # four frames within, one at the switch
        assert (next_key - key) & 31 == 1


def test_a_thinned_slot_gets_fewer_frames_and_no_number_jumps(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))
    pattern = (0, 2, 1, 2)
    """Temporal layers of four frames; the last two say that they need nothing above the lowest."""
    got: list[tuple[int, int, int]] = []
    seq = 0
    for at in range(40):
        if at == 9:
            forwarder.apply(Thin(21, 1))
        if at == 24:
            forwarder.apply(Thin(21, 3))
        temporal = pattern[at % 4]
        head = temporal << 6 | (0x20 if at % 4 >= 2 else 0)
        for part in range(2):  # two packets a frame
            seq += 1
            start = 0x90 if part == 0 else 0x80
            body = bytes((start, 0xF0)) + (0x8000 | 100 + at).to_bytes(2, "big") + bytes((at // 4, head, int(at > 0)))
            for send in forwarder.handle(1_000_000 + at * 33_000, [one.packet(1111, seq, 3_000 * at, body + b"x")])[0]:
                out, stamp, _, _, payload = two.opened(send)
                got.append((out, stamp // 3_000, numbers(payload)[0]))
    frames = [frame for _, frame, _ in got]
    assert frames[::2] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, *range(27, 40)]
    assert frames[::2] == frames[1::2], "a frame is sent whole or not at all"
    assert [out for out, *_ in got] == list(range(1, len(got) + 1))
    assert [picture for *_, picture in got][::2] == list(range(100, 100 + len(got) // 2))


def test_a_moved_transport_is_sent_to_its_new_address_and_a_removed_one_not_at_all(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    two.address = ("192.0.2.9", 9)
    forwarder.apply(MoveTransport(2, two.address))
    sends, _ = forwarder.handle(1_000_000, [one.packet(1111, 1, 960, b"a", number=111)])
    assert [address for _, address in sends] == [two.address]
    forwarder.apply(RemoveTransport(2))
    assert forwarder.handle(1_100_000, [one.packet(1111, 2, 1_920, b"a", number=111)])[0] == []
    forwarder.apply(RemoveTransport(1))
    forwarder.handle(1_200_000, [one.packet(1111, 3, 2_880, b"a", number=111)])
    assert forwarder.dropped["unbound"] == 1


def test_what_is_not_authentic_or_not_announced_is_dropped_and_told(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    two.slot(21, 2222, "audio")
    datagram, address = one.packet(7777, 1, 960, b"a", number=111, block=extension_block([(MID, b"mic")]))
    sends, notes = forwarder.handle(
        1_000_000,
        [(datagram, address), (datagram[:-1] + bytes((datagram[-1] ^ 1,)), address), (datagram, ("192.0.2.8", 1))],
    )
    assert (sends, notes) == ([], [UnknownSource(1, 7777, 111, b"mic")])
    assert forwarder.dropped["unbound"] == 1
    estimate = two.sender.protect_rtcp(rtcp.bandwidth(5, 1_234_000, [2222]))
    _, notes = forwarder.handle(1_000_000, [(estimate, two.address)])
    assert isinstance(notes[0], ReceiverEstimate)
    assert abs(notes[0].bps - 1_234_000) < 10_000


def test_a_layer_is_kept_until_the_key_frame_of_the_next_and_time_goes_on(forwarder: Forwarder) -> None:
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    for number, ssrc in ((11, 1111), (12, 1113)):
        one.source(number, ssrc, "video")
    two.slot(21, 2222, "video")
    forwarder.apply(Route(21, 11))

    def report(ssrc: int, rtp_time: int) -> Datagram:
        packet = rtcp.sender_report(ssrc, rtcp.ntp_of(50_000_000), rtp_time, 1, 1)
        return one.sender.protect_rtcp(packet), one.address

    # Both layers' clocks: the first was at 90,000 and the second at 7 when the peer's own clock showed 50 s.
    forwarder.handle(1_000_000, [report(1111, 90_000), report(1113, 7)])
    sends, _ = forwarder.handle(1_000_000, [one.packet(1111, 1, 90_000, frame(1, key=True))])
    forwarder.apply(Route(21, 12, keep=True))
    asked = [ssrc for each in one.told(forwarder.tick(1_010_000)) for ssrc in rtcp.wants_key_frame(*each)]
    assert 1113 in asked
    kept, _ = forwarder.handle(1_033_000, [one.packet(1111, 2, 93_000, frame(2)), one.packet(1113, 5, 3_007, frame(7))])
    assert len(kept) == 1
    # A frame taken 66.7 ms after the first comes 200 ms late; the slot's time goes on by 33.3 ms from the second.
    switched, _ = forwarder.handle(1_266_000, [one.packet(1113, 6, 6_007, frame(8, key=True))])
    old, _ = forwarder.handle(1_267_000, [one.packet(1111, 3, 96_000, frame(3))])
    assert old == []
    got = [two.opened(send) for send in (*sends, *kept, *switched)]
    assert [seq for seq, *_ in got] == [1, 2, 3]
    assert [stamp for _, stamp, *_ in got] == pytest.approx([90_000, 93_000, 96_000], abs=2)
    assert [numbers(payload)[0] for *_, payload in got] == [1, 2, 3]


def test_of_a_batch_pictures_are_given_back_before_sound_and_each_source_in_order(forwarder: Forwarder) -> None:
    """So what goes to one address has long runs of one size, which the socket takes in one call."""
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    for number, ssrc, kind in ((11, 1111, "audio"), (12, 1112, "video")):
        one.source(number, ssrc, kind)
        two.slot(number + 10, ssrc + 1_000, kind)
        forwarder.apply(Route(number + 10, number))
    batch = [one.packet(1112, 1, 90, frame(1, key=True)), one.packet(1111, 5, 960, b"a", number=111)]
    batch += [one.packet(1112, 2, 180, frame(2)), one.packet(1111, 6, 1_920, b"b", number=111)]
    got = [two.opened(send) for send in forwarder.handle(1_000_000, batch)[0]]
    assert [(ssrc, seq) for seq, _, ssrc, _, _ in got] == [(2112, 1), (2112, 2), (2111, 5), (2111, 6)]


def test_who_comes_after_a_publishers_numbers_have_rolled_over_can_open_what_is_sent(forwarder: Forwarder) -> None:
    """A receiver cannot know how often they have: for it the roll-over counter begins at 0."""
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    now_us = 1_000_000
    for seq in (65_530, 65_535, 65_540):
        forwarder.handle(now_us, [one.packet(1111, seq, seq * 960, b"a", number=111)])
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    got = []
    for seq in range(65_541, 65_551):
        sends, _ = forwarder.handle(now_us, [one.packet(1111, seq, seq * 960, b"a", number=111)])
        got += [two.opened(send)[0] for send in sends]
    assert got == list(range(5, 15))


def test_the_first_number_of_a_slot_leaves_room_before_the_roll_over(forwarder: Forwarder) -> None:
    """Whoever loses the packets around it at the very beginning would take all later ones for unauthentic."""
    one, two = Peer(forwarder, 1), Peer(forwarder, 2)
    one.source(11, 1111, "audio")
    two.slot(21, 2222, "audio")
    forwarder.apply(Route(21, 11))
    lost = [one.packet(1111, seq, seq * 960, b"a", number=111) for seq in range(65_530, 65_540)]
    forwarder.handle(1_000_000, lost)
    (send,) = forwarder.handle(1_000_000, [one.packet(1111, 65_540, 960, b"a", number=111)])[0]
    assert two.opened(send)[4] == b"a"


@pytest.mark.parametrize("cm", [False, True], ids=["gcm", "cm"])
def test_the_packet_by_which_a_source_becomes_known_can_be_handled_once_more(forwarder: Forwarder, cm: bool) -> None:
    one = Peer(forwarder, 1, cm=cm)
    datagram = one.packet(1111, 1, 90, frame(1, key=True))
    assert len(forwarder.handle(1_000_000, [datagram])[1]) == 1
    one.source(11, 1111, "video")
    forwarder.handle(1_000_000, [datagram])
    assert [each.packets for each in forwarder.activity()] == [1]


def test_nothing_is_kept_of_a_source_that_nobody_announced_however_broken_its_packets(forwarder: Forwarder) -> None:
    one = Peer(forwarder, 1)
    broken = [
        (one.sender.protect(HEADER.pack(0xA0, 96, 1, 90, ssrc), bytes(4), ssrc, 1), one.address)
        for ssrc in range(1, 301)
    ]  # the last byte says how much of the payload is padding, and it is 0
    forwarder.handle(1_000_000, broken)
    assert not one.servers_receiver._streams
    one.source(11, 1111, "video")
    sends = forwarder.handle(1_100_000, [one.packet(1111, 1, 90, frame(1, key=True))])
    assert sends == ([], [])
    assert [each.packets for each in forwarder.activity()] == [1]
