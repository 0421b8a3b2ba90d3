"""The node's one port, UDP and TCP: read what has come, sort it by first byte (RFC 7983), hand it on, send.

Never an exception out of the loop, whatever comes. Datagrams are read and handed on until none is left, and only then what they became is sent (`put`): the
packets of a picture come a few microseconds apart, so that while the first of them is protected for everybody the others arrive, and all go to
each receiver in one call. Where much is to be sent already (`SENDS_AT_ONCE`) it goes out before more is read.

When each datagram came is what the system noted (SO_TIMESTAMP), not when it was read: a publisher works out from these times what its network takes, and a
loop that was busy for a while would look to it like a congested network, and the packets read together afterwards like nothing that it can learn from.
"""

import asyncio
import errno
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from server.media.forwarder import Address, Datagram
from server.media.receiving import Reading, reading
from server.media.tcp import TcpAddress, TcpPort

SENDS_AT_ONCE = 500
"""Packets that are made before they are sent, about: some two milliseconds' work, and by then runs to one address are long enough."""
PACE_S = 0.001
"""Between two looks at the socket while packets come from many and go to few. What each costs then is less the packet than the waking up for it."""
WINDOW_S = 0.02
PACED_FROM, PACED_FAN_OUT = 60, 10
"""So many datagrams in a window, each sent to fewer than that."""
MAX_READS = 32
"""In one turn of the event loop."""
LEAST_RTP = 12
UDP_SEGMENT = 103
"""linux/udp.h; Python names it from 3.14 on."""
MAX_RUN_OCTETS = 60_000
MAX_RUN = 64
"""linux/udp.h: UDP_MAX_SEGMENTS, until Linux 6.9."""
ALWAYS_FITS = 1_200
"""Octets that every network takes in one piece; of larger ones none may be segments where they do not fit."""
LEAST_FOR_SEGMENTS = 4
"""Fewer datagrams are not worth sorting."""
BUFFER_BYTES = 8 * 1024 * 1024


class UdpMux:
    """Owns the socket. `on_stun` and `on_dtls` get (datagram, source), `on_media` a batch of them and when each came (Unix time, µs); it may `put`."""

    def __init__(
        self,
        on_stun: Callable[[bytes, Address], None],
        on_dtls: Callable[[bytes, Address], None],
        on_media: Callable[[list[Datagram], list[int]], None],
        max_tcp: int = 1_000,
        *,
        segments: bool = True,
    ) -> None:
        self._on_stun = on_stun
        self._on_dtls = on_dtls
        self._on_media = on_media
        self._socket: socket.socket | None = None
        self._reading: Reading | None = None
        self.dropped: Counter[str] = Counter()
        self.tcp = TcpPort(self._one, self.dropped, max_tcp)
        self.segments = segments
        self._said = _Said()
        self._outgoing: list[Datagram] = []
        self._window = (0.0, 0, 0)
        """When it began, and what had been received and sent by then."""
        self.paced = False
        """Whether the socket is looked at from time to time, instead of whenever something comes."""
        self.sending_ns = 0
        """What was spent on sending what was `put`."""
        self.received = 0
        self.received_bytes = 0
        self.sent = 0
        self.sent_bytes = 0

    def open(self, host: str, port: int) -> int:
        """Bind, begin to read; the port. Raises OSError."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if family is socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            for forced in (33, 32):  # SO_RCVBUFFORCE, SO_SNDBUFFORCE: beyond the system's limit, where allowed
                try:
                    sock.setsockopt(socket.SOL_SOCKET, forced, BUFFER_BYTES)
                except PermissionError:
                    break
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        self._socket, self._reading = sock, reading(sock)
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable)
        return int(sock.getsockname()[1])

    def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(
                self._socket.fileno()
            )  # which may be gone already: it is all the same
            self._socket.close()
            self._socket = None

    def send(self, datagram: bytes, address: Address) -> None:
        """Send one datagram; what the system does not take is counted and lost, as on any network."""
        if self._socket is None:
            return
        if type(address) is TcpAddress:
            self.sent += self.tcp.send(datagram, address)
            return
        try:
            self._socket.sendto(datagram, address)
            self.sent += 1
            self.sent_bytes += len(datagram)
        except OSError as error:
            self.dropped[f"send: {type(error).__name__}"] += 1

    def put(self, datagrams: Sequence[Datagram]) -> None:
        """Send soon: when what has come is handed on, or there is much of it."""
        self._outgoing += datagrams
        if len(self._outgoing) >= SENDS_AT_ONCE // 2:
            self._flush()

    def _flush(self) -> bool:
        """Send what was put; whether there was any."""
        if not self._outgoing:
            return False
        began_ns = time.perf_counter_ns()
        outgoing, self._outgoing = self._outgoing, []
        self.send_all(outgoing)
        self.sending_ns += time.perf_counter_ns() - began_ns
        return True

    def send_all(self, datagrams: Sequence[Datagram]) -> None:
        """Send many; those for one address in order."""
        if self._socket is None:
            return
        if self.segments and len(datagrams) >= LEAST_FOR_SEGMENTS:
            datagrams = self._send_runs(self._socket, datagrams)
        sendto = self._socket.sendto
        count = size = 0
        for datagram, address in datagrams:
            if type(address) is TcpAddress:
                count += self.tcp.send(datagram, address)
                continue
            try:
                sendto(datagram, address)
                count += 1
                size += len(datagram)
            except OSError as error:
                self.dropped[f"send: {type(error).__name__}"] += 1
        self.sent += count
        self.sent_bytes += size

    def _send_runs(self, sock: socket.socket, datagrams: Sequence[Datagram]) -> Sequence[Datagram]:
        """Send what is of one size for one address with one call (UDP_SEGMENT); addresses with one datagram are given back."""
        by_address: dict[Address, list[bytes]] = {}
        for datagram, address in datagrams:
            packets = by_address.get(address)
            if packets is None:
                by_address[address] = [datagram]
            else:
                packets.append(datagram)
        if len(by_address) * 2 > len(datagrams):
            return datagrams
        rest: list[Datagram] = []
        for address, packets in by_address.items():
            if len(packets) == 1:
                rest.append((packets[0], address))
            elif type(address) is TcpAddress:
                rest.extend((packet, address) for packet in packets)
            else:
                for run in runs(packets):
                    self._send_run(sock, run, address)
        return rest

    def _send_run(self, sock: socket.socket, run: Sequence[bytes], address: Address) -> None:
        size = len(run[0])
        if len(run) > 1 and self.segments:
            try:
                sock.sendmsg(run, self._said[size], 0, address)
                self.sent += len(run)
                self.sent_bytes += size * (len(run) - 1) + len(run[-1])
                return
            except BlockingIOError:
                self.dropped["send: BlockingIOError"] += len(run)
                return
            except OSError as error:
                if error.errno not in (errno.EIO, errno.EINVAL, errno.ENOPROTOOPT):
                    self.dropped[f"send: {type(error).__name__}"] += len(run)
                    return
                if size <= ALWAYS_FITS:  # else it is the way to this address that takes no packets of this size whole
                    self.segments = False  # this system or its network card cannot; the other calls can
        for packet in run:
            self.send(packet, address)

    def _readable(self) -> None:
        self._read()
        if self._socket is not None and self._is_busy():
            self.paced = True
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket.fileno())
            loop.call_later(PACE_S, self._look)

    def _look(self) -> None:
        """While paced: read, and either look again soon or be woken by what comes."""
        if self._socket is None:
            return
        loop = asyncio.get_running_loop()
        self.paced = self._is_busy()
        if self.paced:
            loop.call_later(PACE_S, self._look)
        else:
            loop.add_reader(self._socket.fileno(), self._readable)
        self._read()

    def _is_busy(self) -> bool:
        """Whether there is so much to read, and so little to send of each, that it is better read together; as the latest whole window was."""
        now_s = time.monotonic()
        since_s, received, sent = self._window
        if now_s - since_s < WINDOW_S:
            return self.paced
        self._window = now_s, self.received, self.sent
        received, sent = self.received - received, self.sent - sent
        return received >= PACED_FROM * (now_s - since_s) / WINDOW_S and sent < PACED_FAN_OUT * received

    def _read(self) -> None:
        for _ in range(MAX_READS):
            if self._socket is None or self._reading is None:
                return
            try:
                datagrams, came_us = self._reading.read()
            except OSError:  # an earlier answer could not be delivered (ICMP); not about this read
                continue
            if not datagrams:
                break
            sent = self.sent
            self._hand_on(datagrams, came_us)
            if self.sent != sent:
                break  # much was sent, and others than this socket have waited meanwhile
        self._flush()

    def _hand_on(self, datagrams: list[Datagram], came_us: list[int]) -> None:
        media: list[Datagram] = []
        times: list[int] = []
        size = 0
        for each, at_us in zip(datagrams, came_us, strict=True):
            datagram = each[0]
            size += len(datagram)
            if (len(datagram) >= LEAST_RTP and 127 < datagram[0] < 192) or self._sort(*each):
                media.append(each)
                times.append(at_us)
        self.received += len(datagrams)
        self.received_bytes += size
        if media:
            self._on_media(media, times)

    def _sort(self, datagram: bytes, address: Address) -> bool:
        """Whether it is media; what is not is handed on, or dropped."""
        first = datagram[0] if datagram else 255
        if 127 < first < 192:
            if len(datagram) >= LEAST_RTP:
                return True
            self.dropped["short"] += 1
        elif first < 4:
            self._on_stun(datagram, address)
        elif 19 < first < 64:
            self._on_dtls(datagram, address)
        else:
            self.dropped["unknown protocol"] += 1
        return False

    def _one(self, packet: bytes, address: Address) -> None:
        """A packet that came by itself, over TCP."""
        self.received += 1
        if self._sort(packet, address):
            self._on_media([(packet, address)], [time.time_ns() // 1000])
            self._flush()


def share_end(datagrams: Sequence[Datagram], at: int, most: int) -> int:
    """Where a share ends that begins at `at` and has about `most` datagrams, at least one.

    Those of one sender that follow each other stay together: they are one picture, and go out in one run.
    """
    end = min(len(datagrams), at + max(1, most))
    while end < len(datagrams) and datagrams[end][1] == datagrams[end - 1][1]:
        end += 1
    return end


class _Said(dict[int, list[tuple[int, int, bytes]]]):
    """What is said with a run of packets of so many octets; made when it is first needed, and sizes are few."""

    def __missing__(self, size: int) -> list[tuple[int, int, bytes]]:
        said = self[size] = [(socket.SOL_UDP, UDP_SEGMENT, size.to_bytes(2, sys.byteorder))]
        return said


def runs(packets: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """Packets for one address in parts that may be sent as segments: of one size each, but for the last, which may be smaller."""
    sizes = list(map(len, packets))
    size, count = sizes[0], len(sizes)
    alike = sizes.count(size)
    if (
        count <= MAX_RUN
        and size * count <= MAX_RUN_OCTETS
        and (alike == count or (alike == count - 1 and sizes[-1] < size))
    ):
        return (packets,)  # as it is nearly always
    return _parts(packets, sizes)


def _parts(packets: Sequence[bytes], sizes: Sequence[int]) -> Iterator[Sequence[bytes]]:
    at, end = 0, len(sizes)
    while at < end:
        size, run = sizes[at], at + 1
        limit = min(end, at + min(MAX_RUN, MAX_RUN_OCTETS // size))
        while run < limit and sizes[run] == size:
            run += 1
        if run < limit and sizes[run] < size:
            run += 1
        yield packets[at:run]
        at = run
