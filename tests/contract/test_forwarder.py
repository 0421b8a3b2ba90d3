"""What every forwarder must do, on bytes: what slots get never jumps, whatever they are routed to."""

import itertools
import os
import random
from collections.abc import Callable

import pytest

from server.media import rtcp
from server.media.forwarder import (
    AddRepair,
    AddSlot,
    AddSource,
    AddTransport,
    Datagram,
    Forwarder,
    MoveTransport,
    ReceiverEstimate,
    RemoveTransport,
    Route,
    Thin,
    UnknownSource,
)
from server.media.python_forwarder import PythonForwarder
from server.media.rtp import HEADER, extension, extension_block, header_length
from server.media.srtp import GcmReceiver, GcmSender
from server.media.vp8 import Descriptor

MID, LEVEL, TIME = 4, 1, 2
FORWARDERS: list[Callable[[], Forwarder]] = [PythonForwarder]


class Peer:
    """A transport seen from its other end."""

    def __init__(self, forwarder: Forwarder, number: int, *, sequence: int = 0) -> None:
        up, down = os.urandom(28), os.urandom(28)
        self.forwarder = forwarder
        self.number = number
        self.address = ("192.0.2.1", 10_000 + number)
        self.sender, self.receiver = GcmSender(up), GcmReceiver(down)
        forwarder.apply(
            AddTransport(
                transport=number,
                address=self.address,
                receiver=GcmReceiver(up),
                sender=GcmSender(down),
                feedback_ssrc=900 + number,
                mid_extension=MID,
                level_extension=LEVEL,
                abs_time_extension=TIME,
                sequence_extension=sequence,
            )
        )

    def source(self, number: int, ssrc: int, kind: str, *, nack: bool = False) -> None:
        payload_type, clock = (96, 90_000) if kind == "video" else (111, 48_000)
        self.forwarder.apply(
            AddSource(
                source=number,
                transport=self.number,
                ssrc=ssrc,
                payload_type=payload_type,
                kind=kind,
                clock_hz=clock,
                max_bps=0,
                nack=nack,
            )  # type: ignore[arg-type]  # the kind is one of the two
        )

    def slot(self, number: int, ssrc: int, kind: str) -> None:
        payload_type, clock = (120, 90_000) if kind == "video" else (109, 48_000)
        self.forwarder.apply(
            AddSlot(
                slot=number,
                transport=self.number,
                ssrc=ssrc,
                payload_type=payload_type,
                mid=b"m7",
                clock_hz=clock,
                repair_ssrc=ssrc + 1 if kind == "video" else 0,
                repair_payload_type=121,
            )
        )

    def packet(
        self, ssrc: int, seq: int, stamp: int, body: bytes, *, number: int = 96, block: bytes = b"", padding: int = 0
    ) -> Datagram:
        first = 0x80 | (0x10 if block else 0) | (0x20 if padding else 0)
        header = HEADER.pack(first, 0x80 | number, seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + block
        tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
        return self.sender.protect(header, body + tail, ssrc, seq), self.address

    def opened(self, datagram: Datagram) -> tuple[int, int, int, bytes, bytes]:
        """(seq, timestamp, SSRC, header, payload) of a forwarded packet."""
        packet, address = datagram
        assert address == self.address
        size = header_length(packet)
        payload, _ = self.receiver.unprotect(packet, size)
        _, _, seq, stamp, ssrc = HEADER.unpack_from(packet)
        return seq, stamp, ssrc, packet[:size], payload

    def told(self, sends: list[Datagram]) -> list[tuple[int, int, bytes]]:
        """(packet type, format, packet) of the RTCP for this peer."""
        mine = [packet for packet, address in sends if address == self.address and 192 <= packet[1] <= 223]
        return [each for packet in mine for each in rtcp.split(self.receiver.unprotect_rtcp(packet))]

    def asked_again(self, sends: list[Datagram]) -> list[int]:
        """Sequence numbers that this peer is asked to send again."""
        found = [rtcp.missing(*each) for each in self.told(sends)]
        return [seq for each in found if each is not None for seq in each[1]]


def frame(picture_id: int, *, key: bool = False, tl0: int = 3, key_index: int = 5) -> bytes:
    """A VP8 payload with every optional number."""
    return (
        bytes((0x90, 0xF0))
        + (0x8000 | picture_id).to_bytes(2, "big")
        + bytes((tl0, 0x20 | key_index, 0x00 if key else 0x01))
        + b"video"
    )


def numbers(payload: bytes) -> tuple[int, int, int]:
    descriptor = Descriptor()
    descriptor.parse(payload)
    return descriptor.picture_id, descriptor.tl0, descriptor.key_index


@pytest.fixture(params=FORWARDERS, ids=lambda make: make.__name__)
def forwarder(request: pytest.FixtureRequest) -> Forwarder:
    made: Forwarder = request.param()
    return made


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
