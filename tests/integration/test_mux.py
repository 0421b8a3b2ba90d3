"""The node's port: whatever is sent together arrives whole, and in order for each address."""

import asyncio
import random
import socket
import time

import pytest

from server.media.forwarder import Datagram
from server.media.mux import SENDS_AT_ONCE, UdpMux, runs, share_end


def reader() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


@pytest.mark.parametrize("segments", [False, True])
async def test_what_is_sent_together_arrives_whole_and_in_order(segments: bool) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    mux = UdpMux(lambda *_: None, lambda *_: None, lambda *_: None, segments=segments)
    mux.open("127.0.0.1", 0)
    readers = [reader() for _ in range(4)]
    for _ in range(30):
        sent: dict[int, list[bytes]] = {place: [] for place in range(4)}
        batch = []
        for _ in range(rng.randrange(1, 200)):
            place = rng.randrange(4)
            packet = rng.randbytes(rng.choice((40, 300, 1_140, 1_140, 1_140, 1_141)))
            sent[place].append(packet)
            batch.append((packet, readers[place].getsockname()))
        mux.send_all(batch)
        await asyncio.sleep(0.005)
        for place, sock in enumerate(readers):
            got = []
            try:
                while True:
                    got.append(sock.recv(65_536))
            except BlockingIOError:
                assert got == sent[place]
    assert mux.segments == segments, "the system does not know UDP_SEGMENT"
    assert not mux.dropped
    mux.close()
    for sock in readers:
        sock.close()


async def test_many_small_packets_and_large_ones_do_not_end_the_use_of_segments() -> None:
    """The system takes 64 segments in one call, and none that would not fit into a packet of the way there."""
    mux = UdpMux(lambda *_: None, lambda *_: None, lambda *_: None)
    mux.open("127.0.0.1", 0)
    sock = reader()
    for size, count in ((60, 200), (1_140, 130), (1_900, 12)):
        batch = [bytes((number,)) * size for number in range(count)]
        mux.send_all([(packet, sock.getsockname()) for packet in batch])
        await asyncio.sleep(0)
        assert [sock.recv(65_536) for _ in batch] == batch
    assert mux.segments
    assert mux.sent == 342
    assert not mux.dropped
    mux.close()
    sock.close()


def test_runs_keep_the_order_and_are_of_one_size_but_for_their_end() -> None:
    rng = random.Random(3)
    for _ in range(300):
        packets = [rng.randbytes(rng.choice((50, 60, 1_140, 1_500))) for _ in range(rng.randrange(1, 150))]
        parts = list(runs(packets))
        assert [packet for part in parts for packet in part] == packets
        for part in parts:
            sizes = [len(packet) for packet in part]
            assert len(part) <= 64
            assert sum(sizes) <= 60_000
            assert set(sizes[:-1]) <= {sizes[0]}
            assert sizes[-1] <= sizes[0]


def test_shares_are_of_about_the_size_asked_for_and_leave_one_sender_s_packets_together() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    datagrams: list[Datagram] = []
    for port in range(40):
        datagrams += [(b"", ("127.0.0.1", port))] * rng.randint(1, 6)
    for most in (0, 1, 7, 1_000):
        at, ends = 0, []
        while at < len(datagrams):
            end = share_end(datagrams, at, most)
            assert at < end <= at + max(1, most) + 5, "five more of the same sender at most"
            assert end == len(datagrams) or datagrams[end][1] != datagrams[end - 1][1]
            ends.append(end)
            at = end
        assert ends[-1] == len(datagrams)
        assert most < len(datagrams) or len(ends) == 1


@pytest.mark.parametrize(("each", "before"), [(1, [0, 0]), (SENDS_AT_ONCE, [0, SENDS_AT_ONCE])], ids=["little", "much"])
async def test_what_comes_meanwhile_goes_out_with_what_came_before_unless_that_is_much(
    each: int, before: list[int]
) -> None:
    sent: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        packet = bytes((0x80,)) + bytes(99)

        def on_media(_datagrams: list[Datagram], _came_us: list[int]) -> None:
            sent.append(mux.sent)
            if len(sent) == 1:
                peer.sendto(packet, ("127.0.0.1", port))
            mux.put([(packet, peer.getsockname())] * each)

        mux = UdpMux(lambda *_: None, lambda *_: None, on_media)
        port = mux.open("127.0.0.1", 0)
        try:
            peer.sendto(packet, ("127.0.0.1", port))
            async with asyncio.timeout(10):
                while mux.sent < 2 * each:
                    await asyncio.sleep(0.01)
        finally:
            mux.close()
    assert sent == before


async def test_packets_from_many_for_few_are_read_together_and_none_is_lost_when_they_become_few_again() -> None:
    batches: list[list[Datagram]] = []
    mux = UdpMux(lambda *_: None, lambda *_: None, lambda datagrams, _: batches.append(datagrams))
    port = mux.open("127.0.0.1", 0)
    count = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:

        def send() -> None:
            nonlocal count
            peer.sendto(bytes((0x80,)) + count.to_bytes(4, "big") + bytes(40), ("127.0.0.1", port))
            count += 1

        try:
            async with asyncio.timeout(30):
                while not mux.paced:  # as fast as the loop turns
                    send()
                    await asyncio.sleep(0)
                while mux.paced:  # a few
                    send()
                    await asyncio.sleep(0.005)
                send()
                while sum(map(len, batches)) < count:
                    await asyncio.sleep(0.01)
        finally:
            mux.close()
    assert [int.from_bytes(packet[1:5], "big") for batch in batches for packet, _ in batch] == list(range(count))


async def test_when_a_datagram_came_is_told_and_not_when_it_was_read() -> None:
    got: list[tuple[list[Datagram], list[int]]] = []
    mux = UdpMux(lambda *_: None, lambda *_: None, lambda datagrams, came_us: got.append((datagrams, came_us)))
    port = mux.open("127.0.0.1", 0)
    sock = reader()
    sent_us = _sent_while_the_loop_is_held(sock, port)
    async with asyncio.timeout(60):
        while not got:
            await asyncio.sleep(0.01)
    ((datagrams, came_us),) = got
    assert [datagram[1] for datagram, _ in datagrams] == [0, 1, 2]
    assert all(came <= sent for came, sent in zip(came_us, sent_us, strict=True)), (came_us, sent_us)
    assert came_us[1] - came_us[0] > 90_000
    assert came_us[2] - came_us[1] > 90_000
    mux.close()
    sock.close()


def _sent_while_the_loop_is_held(sock: socket.socket, port: int) -> list[int]:
    """Three datagrams, 100 ms apart, while nobody reads; when each was gone (Unix time, µs)."""
    sent_us = []
    for number in range(3):
        time.sleep(0.1)
        sock.sendto(bytes((0x80, number)) + bytes(20), ("127.0.0.1", port))
        sent_us.append(time.time_ns() // 1000)
    time.sleep(0.1)
    return sent_us
