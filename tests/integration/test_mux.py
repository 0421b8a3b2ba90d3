"""The node's port: whatever is sent together arrives whole, and in order for each address."""

import asyncio
import random
import socket

import pytest

from server.media.mux import UdpMux


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
    mux = UdpMux(lambda *_: None, lambda *_: None, lambda _: None, segments=segments)
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
