"""A bad network: a UDP relay between one server and its clients that loses, delays, shakes, reorders, repeats and throttles packets.

Every decision is drawn from one seeded generator, in the order in which packets come, so a run can be repeated as far as its traffic repeats.
A direction's `Link` may be replaced at any time. Packets that wait for a throttled link wait in a queue of bounded length, as in a router.
"""

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One direction. Shares are from 0 to 1; `rate_bps` None is unlimited."""

    loss: float = 0.0
    duplicated: float = 0.0
    reordered: float = 0.0
    """Share of packets that take `reorder_ms` longer than those behind them."""
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    """Drawn evenly from 0 to this, without overtaking."""
    reorder_ms: float = 30.0
    rate_bps: float | None = None
    queue_ms: float = 300.0


class Direction:
    """What has happened on one direction of one client's way."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._last_due = 0.0
        self._free_at = 0.0

    def dues(self, link: Link, now_s: float, size: int) -> list[float]:
        """When to deliver a packet of `size` bytes: never, once or twice."""
        rng = self._rng
        if rng.random() < link.loss:
            return []
        due = now_s
        if link.rate_bps is not None:
            starts = max(now_s, self._free_at)
            if (starts - now_s) * 1000 > link.queue_ms:
                return []
            due = self._free_at = starts + (size + 28) * 8 / link.rate_bps
        due += (link.delay_ms + rng.random() * link.jitter_ms) / 1000
        if rng.random() < link.reordered:
            return [due + link.reorder_ms / 1000]
        due = self._last_due = max(due, self._last_due)
        return [due, due] if rng.random() < link.duplicated else [due]


class Relay:
    """`await start()`, give `port` to clients, `close()`."""

    def __init__(
        self,
        target: Address,
        *,
        seed: int,
        up: Link | None = None,
        down: Link | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.target = target
        self.host = host
        """The address at which clients find it, and from which it speaks to the server."""
        self.up = up or Link()
        """From clients to the server."""
        self.down = down or Link()
        self.blocked = False
        """Nothing passes in either direction."""
        self.drops: Callable[[bytes], bool] = lambda _packet: False
        """Which packets to clients do not pass, besides those that are lost by chance."""
        self.counts: Counter[str] = Counter()
        self.port = 0
        self._rng = random.Random(seed)
        self._front: socket.socket | None = None
        self._behind: dict[Address, socket.socket] = {}
        self._directions: dict[tuple[str, Address], Direction] = {}

    async def start(self) -> None:
        self._front = _socket(self.host)
        self.port = self._front.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._front.fileno(), self._from_clients)

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        for sock in (self._front, *self._behind.values()):
            if sock is not None:
                loop.remove_reader(sock.fileno())
                sock.close()
        self._front = None
        self._behind.clear()

    def _from_clients(self) -> None:
        assert self._front is not None
        for packet, client in _read(self._front):
            behind = self._behind.get(client)
            if behind is None:
                behind = self._behind[client] = _socket(self.host)
                asyncio.get_running_loop().add_reader(behind.fileno(), self._from_server, client)
            self._pass("up", self.up, client, behind, packet, self.target)

    def _from_server(self, client: Address) -> None:
        for packet, _ in _read(self._behind[client]):
            assert self._front is not None
            self._pass("down", self.down, client, self._front, packet, client)

    def _pass(self, way: str, link: Link, client: Address, through: socket.socket, packet: bytes, to: Address) -> None:
        loop = asyncio.get_running_loop()
        direction = self._directions.setdefault((way, client), Direction(self._rng))
        dropped = self.blocked or (way == "down" and self.drops(packet))
        dues = [] if dropped else direction.dues(link, loop.time(), len(packet))
        self.counts[f"{way} {'passed' if dues else 'lost'}"] += 1
        for due in dues:
            if due <= loop.time():
                _send(through, packet, to)
            else:
                loop.call_at(due, _send, through, packet, to)


def _socket(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    sock.bind((host, 0))
    sock.setblocking(False)
    return sock


def _read(sock: socket.socket) -> list[tuple[bytes, Address]]:
    packets = []
    while len(packets) < 200:
        try:
            packets.append(sock.recvfrom(2_048))
        except OSError:
            break
    return packets


def _send(sock: socket.socket, packet: bytes, to: Address) -> None:
    if sock.fileno() >= 0:
        try:
            sock.sendto(packet, to)
        except OSError:
            return
