"""Datagrams read many at once are those that are read one by one: bytes, addresses, times."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from server.media import receiving
from server.media.receiving import AT_ONCE, OneByOne, Reading, reading

CLOCKS_US = 50_000
"""Where a machine is busy a packet passes the loopback a little after it was sent."""
WAYS = {"the best": reading, "one by one": OneByOne}


@pytest.fixture(params=["127.0.0.1", "::1", "::"])
def sock(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    host = request.param
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if host == "::":
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
    made.bind((host, 0))
    made.setblocking(False)
    yield made
    made.close()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_what_was_sent_is_read_with_where_it_came_from_and_when(
    sock: socket.socket, way: Callable[[socket.socket], Reading]
) -> None:
    read = way(sock).read
    assert read() == ([], [])
    host = sock.getsockname()[0]
    target = ("127.0.0.1" if host == "::" else host, sock.getsockname()[1])
    senders = [
        socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)
    ]
    try:
        for sender in senders:
            sender.connect(target)
        for turn in range(3):  # buffers are used again: nothing of an earlier datagram may show
            began_us = time.time_ns() // 1000
            sent = []
            for number in range(AT_ONCE + 10):
                sender = senders[number % 3]
                payload = bytes((turn, number)) * ((number * 37 + turn) % 700) + b"."
                sender.send(payload)
                seen = sender.getsockname()[0]
                sent.append((payload, (f"::ffff:{seen}" if host == "::" else seen, sender.getsockname()[1])))
            sent_us = time.time_ns() // 1000
            senders[0].send(b"")
            first, times = read()
            assert len(first) == AT_ONCE
            rest, later = read()
            assert (first + rest)[:-1] == sent
            assert rest[-1][0] == b""
            assert sorted(times + later) == times + later
            assert began_us - CLOCKS_US <= times[0] <= later[-2] <= sent_us + CLOCKS_US
            assert read() == ([], [])
    finally:
        for sender in senders:
            sender.close()


def test_addresses_are_not_kept_without_end(sock: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_KNOWN", 2)
    host, port = sock.getsockname()[:2]
    way = reading(sock)
    for _ in range(5):
        with socket.socket(sock.family, socket.SOCK_DGRAM) as sender:
            sender.connect(("::1" if host == "::" else host, port))
            sender.send(b"x")
            assert way.read()[0] == [(b"x", sender.getsockname()[:2])]
