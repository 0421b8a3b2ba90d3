"""The load of `media.py`: synthetic publishers and subscribers in one process, which mostly count.

Publishers take turns within a tick, as people do who have not started their cameras in the same instant. When the receivers are more than
`MAX_TICKS_BEHIND` ticks behind, the publishers' clock waits, so that what is lost was lost by the server and not by a full socket of the load generator.

What is sent is made before (`Load.prepare`): protecting it costs this process as much as reading what comes, and where two cores are one core's two threads,
as those of virtual machines often are, whatever this one does makes the server slower (a loop takes up to twice as long while the other core is busy). What
is sampled is only put aside while packets are sent, and verified and timed afterwards (`Subscribers.look`): all receivers' samples of one packet come
at once, and while this process looked at them its publishers would be late, and then send in bunches that no server could keep from waiting.
"""

import asyncio
import dataclasses
import json
import math
import random
import select
import socket
import struct
import sys
import time
from array import array
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.packets import opened
from tests.synthetic import SyntheticEndpoint

AUDIO_BYTES, VIDEO_BYTES = 80, 1_100
TICK_S = 0.02
"""One Opus packet and `video_a_tick` VP8 packets a publisher; a frame is two ticks."""
VERIFY_EVERY = 64
MAX_TICKS_BEHIND = 3
PATIENCE_S = 1.0
SAMPLE_EVERY = 61
"""Of the packets of a slot, by sequence number; a prime, so that each place in a frame has its turn. Each receiver has others, so that what is timed are
many packets at few of their receivers: all receivers of a few packets would say something of a few moments only."""
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
SO_TIMESTAMPNS = 35
"""asm-generic/socket.h: the kernel says when a packet arrived, so that the time it then waits for this process does not count."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`rooms` of `speakers` (microphone and camera), `cameras` (a camera only) and `audience`; each of them receives with so many slots, if any."""

    name: str
    rooms: int
    speakers: int
    audience: int
    video_a_tick: int
    slots: tuple[int, int]
    speakers_receive: bool = False
    cameras: int = 0

    def heard(self, receiver_sends: bool) -> tuple[int, int]:
        """(microphones, cameras) that one receiver gets."""
        own = int(receiver_sends)
        return min(self.slots[0], self.speakers - own), min(self.slots[1], self.speakers + self.cameras - own)

    @property
    def forwarded_a_tick(self) -> int:
        total = 0
        for count, sends in ((self.audience, False), (self.speakers if self.speakers_receive else 0, True)):
            mics, cameras = self.heard(sends)
            total += count * (mics + cameras * self.video_a_tick)
        return total * self.rooms


SCENARIOS = {
    "5to50": Scenario("5->50", 1, 5, 50, 2, (5, 5)),
    "1to200": Scenario("1->200", 1, 1, 200, 2, (1, 1)),
    "25x4": Scenario("25x4", 25, 4, 0, 2, (3, 3), speakers_receive=True),
    "1x100": Scenario("1x100", 1, 3, 91, 1, (3, 9), cameras=6),
}


class Node:
    """The measured process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *flags: str) -> "Node":
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.media_node", *flags, stdin=pipe, stdout=pipe, limit=2**24
            )
        )

    async def ask(self, do: str, **fields: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        return json.loads(await self._process.stdout.readline())

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def connected(node: Node, room: str, name: str, slots: list[tuple[str, str]]) -> SyntheticEndpoint:
    """A new endpoint, in a room."""
    endpoint = SyntheticEndpoint(slots, numbered=True)
    endpoint.name = name
    specs = [dataclasses.asdict(spec) for spec in endpoint.specs()]
    answer = await node.ask("connect", endpoint=name, room=room, sdp=endpoint.offer(), slots=specs)
    await endpoint.connect(answer)
    endpoint.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return endpoint


async def crowd(node: Node, scenario: Scenario) -> tuple[list[SyntheticEndpoint], list[SyntheticEndpoint]]:
    """(who sends, who receives) of all rooms, connected; who sends in an order that has nothing to do with the rooms."""
    senders: list[SyntheticEndpoint] = []
    receivers: list[SyntheticEndpoint] = []
    receive = [("receive", "audio")] * scenario.slots[0] + [("receive", "video")] * scenario.slots[1]
    for room in range(scenario.rooms):
        for number in range(scenario.speakers):
            slots = [("send", "mic"), ("send", "camera"), *(receive if scenario.speakers_receive else ())]
            senders.append(await connected(node, f"room {room}", f"speaker {room}.{number}", slots))
            if scenario.speakers_receive:
                receivers.append(senders[-1])
        for number in range(scenario.cameras):
            senders.append(await connected(node, f"room {room}", f"camera {room}.{number}", [("send", "camera")]))
        for number in range(scenario.audience):
            receivers.append(await connected(node, f"room {room}", f"audience {room}.{number}", receive))
    random.Random(4).shuffle(senders)
    return senders, receivers


def sampling_filter(place: int) -> tuple[bytes, Any]:
    """(what `SO_ATTACH_FILTER` wants, what it points at): of every `SAMPLE_EVERY` RTP packets of a slot one, and nothing else; `place` says which.

    linux/filter.h, classic BPF; a socket's filter sees the UDP header first, so that the sequence number is at 10.
    """
    program = array("Q")
    for code, on_true, on_false, value in (
        (0x28, 0, 0, 10),  # load 2 bytes
        (0x04, 0, 0, place),  # add
        (0x94, 0, 0, SAMPLE_EVERY),  # modulo
        (0x15, 0, 1, 0),  # 0?
        (0x06, 0, 0, 0x40000),  # take all of it
        (0x06, 0, 0, 0),
    ):
        program.append(int.from_bytes(struct.pack("=HBBI", code, on_true, on_false, value), sys.byteorder))
    return struct.pack("HP", len(program), program.buffer_info()[0]), program


class Subscribers:
    """Reads all sockets, counts RTP packets, and verifies one in `VERIFY_EVERY` with the keys.

    While it samples, the system drops all but one in `SAMPLE_EVERY` where a socket would get them, and that one is timed: what cannot be read as fast as it
    is sent would say something of this process instead of the server. Only one receiver a room goes on reading everything, and what it has counts for all.
    """

    def __init__(self, endpoints: list[SyntheticEndpoint], rooms: int) -> None:
        self._poll = select.epoll()
        self._by_fd: dict[int, SyntheticEndpoint] = {}
        for endpoint in endpoints:
            self.add(endpoint)
        self._stands_for = len(endpoints) // rooms
        self._witnesses = set(endpoints[self._stands_for - 1 :: self._stands_for])
        """The last of each room, whose turn is last when a packet is sent to all of them."""
        self._places = {endpoint: place for place, endpoint in enumerate(endpoints)}
        self.received = 0
        self.verified = 0
        self.sampling = False
        self._buffer = bytearray(2048)
        self.latencies_ns: list[tuple[int, int]] = []
        """(when it was sent, how long it took)."""
        self._sampled: list[tuple[SyntheticEndpoint, bytes, bytes]] = []

    def add(self, endpoint: SyntheticEndpoint) -> None:
        self._by_fd[endpoint.socket.fileno()] = endpoint
        self._poll.register(endpoint.socket.fileno(), select.EPOLLIN)

    def remove(self, endpoint: SyntheticEndpoint) -> None:
        self._poll.unregister(endpoint.socket.fileno())
        del self._by_fd[endpoint.socket.fileno()]

    def sample(self, on: bool) -> None:
        """Sample from now on, or read everything again."""
        for endpoint in set(self._by_fd.values()) - self._witnesses:
            if on:
                said, _kept = sampling_filter(self._places[endpoint])
                endpoint.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, said)
            else:
                endpoint.socket.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
        self.sampling = on

    def read(self, until: float) -> None:
        """Read what comes until a moment of the performance counter; what is left then is there the next time."""
        while (left := until - time.perf_counter()) > 0:
            if not select.select([self._poll], [], [], left)[0]:
                return
            for fd, _ in self._poll.poll(0):
                endpoint = self._by_fd[fd]
                with suppress(BlockingIOError):
                    (self._read_sample if self.sampling else self._read)(endpoint)
                if time.perf_counter() >= until:
                    return

    def _read(self, endpoint: SyntheticEndpoint) -> None:
        receive, buffer = endpoint.socket.recv_into, self._buffer
        while True:
            size = receive(buffer)
            if buffer[0] & 0xC0 == 0x80 and not 192 <= buffer[1] <= 223:
                self.received += 1
                if self.received % VERIFY_EVERY == 0:
                    self._verify(endpoint, bytes(buffer[:size]))

    def _read_sample(self, endpoint: SyntheticEndpoint) -> None:
        receive, witness, place = endpoint.socket.recvmsg, endpoint in self._witnesses, self._places[endpoint]
        while True:
            packet, ancillary, _, _ = receive(2048, 64)
            if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223:
                if witness:
                    self.received += self._stands_for
                    if (int.from_bytes(packet[2:4], "big") + place) % SAMPLE_EVERY:
                        continue
                self._sampled.append((endpoint, packet, ancillary[0][2]))

    def look(self, sent_ns: "array[int]") -> None:
        """Verify and time what was sampled; `sent_ns` says when each packet was sent. Not while there is something to send: see the module's text."""
        for endpoint, packet, came in self._sampled:
            seconds, ns = struct.unpack("@ll", came)
            since_ns = sent_ns[int.from_bytes(self._verify(endpoint, packet)[-8:], "big")]
            self.latencies_ns.append((since_ns, seconds * 10**9 + ns - since_ns))
        self._sampled.clear()

    def _verify(self, endpoint: SyntheticEndpoint, packet: bytes) -> bytes:
        assert endpoint.receiver is not None
        payload, _ = opened(endpoint.receiver, packet)
        self.verified += 1
        return payload


Burst = list[tuple[int, bytes]]
"""One tick's packets of a publisher, each with its place in `Load.sent_ns`."""


@dataclass(slots=True)
class Load:
    """What is sent, by whom, to whom; each run goes on where the one before ended."""

    scenario: Scenario
    publishers: list[SyntheticEndpoint]
    subscribers: Subscribers
    busy: float = 0.0
    """The share of its core that this process took in the last run."""
    late_s: list[float] = dataclasses.field(default_factory=list)
    """By how much each publisher of the last run sent later than it should have: what this process did not keep up with."""
    sent_ns: "array[int]" = dataclasses.field(default_factory=lambda: array("q"))
    """When each packet was sent (Unix time, as the kernel stamps what arrives); a packet's last eight bytes are its place here."""
    _ahead: deque[list[Burst]] = dataclasses.field(default_factory=deque)
    _made: int = 0

    def prepare(self, ticks: int) -> None:
        """Make what the next so many ticks send, if it is not there. What a run leaves is sent by the next one."""
        while len(self._ahead) < ticks:
            self._ahead.append([self._burst(publisher, self._made) for publisher in self.publishers])
            self._made += 1

    def _burst(self, publisher: SyntheticEndpoint, tick: int) -> Burst:
        half, count = tick % 2 == 0, self.scenario.video_a_tick
        key = half and tick % 50 == 0
        burst: Burst = []
        for place in range(count):
            first, last = half and place == 0, not half and place == count - 1
            number, tail = self._numbered()
            packet = publisher.video_packet(size=VIDEO_BYTES, start=first, end=last, key=key and first, tail=tail)
            burst.append((number, packet))
        if "mic" in publisher.streams:
            number, tail = self._numbered()
            burst.append((number, publisher.audio_packet(size=AUDIO_BYTES, tail=tail)))
        return burst

    def _numbered(self) -> tuple[int, bytes]:
        number = len(self.sent_ns)
        self.sent_ns.append(0)
        return number, number.to_bytes(8, "big")

    def run(
        self,
        seconds: float,
        tick_s: float = TICK_S,
        *,
        behind: float = MAX_TICKS_BEHIND,
    ) -> tuple[int, float]:
        """(packets expected, seconds it took) of a run of `seconds` if the receivers keep up. A `tick_s` of 0 sends as fast as they do.

        The clock waits for receivers that are more than `behind` ticks behind.
        """
        subscribers, each_tick, sent_ns = self.subscribers, self.scenario.forwarded_a_tick, self.sent_ns
        began = due = time.perf_counter()
        used_s = time.process_time()
        expected, missing = 0, -subscribers.received
        self.late_s.clear()
        step_s = tick_s / len(self.publishers)
        ticks = round(seconds / tick_s) if tick_s else 0
        while ticks > 0 if tick_s else time.perf_counter() - began < seconds:
            self.prepare(1)
            for publisher, burst in zip(self.publishers, self._ahead.popleft(), strict=True):
                self.late_s.append(time.perf_counter() - due)
                send = publisher.socket.send
                for number, packet in burst:
                    sent_ns[number] = time.time_ns()
                    send(packet)
                due += step_s
                if tick_s:
                    subscribers.read(due)
            expected += each_tick
            ticks -= 1
            given_up = time.perf_counter() + PATIENCE_S
            while expected - subscribers.received - missing > behind * each_tick:
                subscribers.read(time.perf_counter() + 0.0005)
                if time.perf_counter() > given_up:  # lost for good
                    missing = expected - subscribers.received
            if behind != math.inf:
                due = max(due, time.perf_counter() - tick_s)
        took_s = time.perf_counter() - began
        self.busy = (time.process_time() - used_s) / took_s
        return expected, took_s
