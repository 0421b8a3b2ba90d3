"""What forwarding costs: CPU of the server a forwarded packet, the ratio to a bare `sendto` in the same run, latency, loss, memory.

Publishers send 50 Opus packets of 80 B and 50 or 100 VP8 packets of 1,100 B a second each, numbered for TWCC. They are synthetic endpoints (STUN, DTLS,
SRTP, RTP) in a process of their own that mostly counts what it receives; the server has its own. Before and after, the server's process sends as many packets
of the same sizes to the same sockets with `sendto` alone. Latency is measured afterwards at half the load that was carried.

    python -m tests.bench.media [--scenario 5to50|1to200|25x4|1x100] [--seconds 10] [--no-segments]

The last lines are the figures, one a scenario.
"""

import argparse
import asyncio
import dataclasses
import json
import select
import sys
import time
from dataclasses import dataclass
from typing import Any

from server.media.rtp import header_length
from tests.synthetic import SyntheticEndpoint

AUDIO_BYTES, VIDEO_BYTES = 80, 1_100
TICK_S = 0.02
"""One Opus packet and `video` / 50 VP8 packets a publisher; a frame is two ticks."""
VERIFY_EVERY = 64
MAX_TICKS_BEHIND = 3
PATIENCE_S = 1.0


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
    endpoint = SyntheticEndpoint(slots, numbered=True)
    specs = [dataclasses.asdict(spec) for spec in endpoint.specs()]
    answer = await node.ask("connect", endpoint=name, room=room, sdp=endpoint.offer(), slots=specs)
    await endpoint.connect(answer)
    return endpoint


class Subscribers:
    """Reads all sockets, counts RTP packets, and verifies one in `VERIFY_EVERY` with the keys."""

    def __init__(self, endpoints: list[SyntheticEndpoint]) -> None:
        self._poll = select.epoll()
        self.endpoints = endpoints
        self._by_fd = {endpoint.socket.fileno(): endpoint for endpoint in endpoints}
        for fd in self._by_fd:
            self._poll.register(fd, select.EPOLLIN)
        self.received = 0
        self.verified = 0
        self.latencies_ns: list[int] = []

    def read(self, until: float) -> None:
        """Read what comes until a moment of the performance counter."""
        while (left := until - time.perf_counter()) > 0:
            for fd, _ in self._poll.poll(left):
                endpoint = self._by_fd[fd]
                receive = endpoint.socket.recv
                try:
                    while True:
                        packet = receive(2048)
                        if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223:
                            self.received += 1
                            if self.received % VERIFY_EVERY == 0 and endpoint.receiver is not None:
                                came = time.perf_counter_ns()
                                payload, _ = endpoint.receiver.unprotect(packet, header_length(packet))
                                self.latencies_ns.append(came - int.from_bytes(payload[-8:], "big"))
                                self.verified += 1
                except BlockingIOError:
                    continue


def publish(publishers: list[SyntheticEndpoint], tick: int, video_a_tick: int) -> None:
    """One tick's packets of every publisher."""
    half = tick % 2 == 0
    key = half and tick % 50 == 0
    for publisher in publishers:
        send = publisher.socket.send
        if "mic" in publisher.streams:
            send(publisher.audio_packet(size=AUDIO_BYTES))
        for place in range(video_a_tick):
            first, last = half and place == 0, not half and place == video_a_tick - 1
            send(publisher.video_packet(size=VIDEO_BYTES, start=first, end=last, key=key and first))


def forward(
    scenario: Scenario,
    publishers: list[SyntheticEndpoint],
    subscribers: Subscribers,
    first_tick: int,
    seconds: float,
    tick_s: float = TICK_S,
) -> tuple[int, int, float]:
    """(packets expected, next tick, seconds it took) of a paced run.

    On a machine that cannot hold the rate the publishers' clock waits for the receivers, so that what is lost was lost by the
    server and not by a full socket of the load generator; the time it took tells by how much.
    """
    tick, began = first_tick, time.perf_counter()
    each_tick = scenario.forwarded_a_tick
    due, expected, missing = began, 0, -subscribers.received
    for _ in range(round(seconds / tick_s)):
        publish(publishers, tick, scenario.video_a_tick)
        expected += each_tick
        tick += 1
        due += tick_s
        subscribers.read(due)
        given_up = time.perf_counter() + PATIENCE_S
        while expected - subscribers.received - missing > MAX_TICKS_BEHIND * each_tick:
            subscribers.read(time.perf_counter() + 0.005)
            if time.perf_counter() > given_up:  # lost for good
                missing = expected - subscribers.received
        due = max(due, time.perf_counter() - tick_s)
    return expected, tick, time.perf_counter() - began


async def sendto_us(
    node: Node, subscribers: Subscribers, addresses: list[Any], sizes: list[int], rate: int, seconds: float
) -> float:
    asked = asyncio.ensure_future(
        node.ask("sendto", addresses=addresses, sizes=sizes, packets_per_s=rate, seconds=seconds)
    )
    while not asked.done():
        subscribers.read(time.perf_counter() + 0.05)
        await asyncio.sleep(0)
    measured = asked.result()
    return float(measured["cpu_s"] / measured["packets"] * 1e6)


async def crowd(node: Node, scenario: Scenario) -> tuple[list[SyntheticEndpoint], list[SyntheticEndpoint]]:
    """(who sends, who receives) of all rooms, connected."""
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
    return senders, receivers


async def run(scenario: Scenario, seconds: float, segments: bool) -> str:
    node = await Node.start(*([] if segments else ["--no-segments"]))
    empty = await node.ask("stats")
    senders, receivers = await crowd(node, scenario)
    subscribers = Subscribers(receivers)
    addresses = [receiver.socket.getsockname() for receiver in receivers]
    rate = round(scenario.forwarded_a_tick / TICK_S)
    # What goes out is larger than what comes in by the header, the stamped extension (12 B) and the tag (16 B).
    mics, cameras = scenario.heard(scenario.speakers_receive)
    sizes = [AUDIO_BYTES + 40] * mics + [VIDEO_BYTES + 40] * cameras * scenario.video_a_tick

    _, tick, _ = forward(scenario, senders, subscribers, 0, 2.0)  # key frames arrive, every slot is bound
    subscribers.read(time.perf_counter() + 0.5)
    bare_before = await sendto_us(node, subscribers, addresses, sizes, rate, 3.0)
    subscribers.read(time.perf_counter() + 0.3)
    subscribers.received = subscribers.verified = 0
    before = await node.ask("stats")
    expected, tick, took_s = forward(scenario, senders, subscribers, tick, seconds)
    subscribers.read(time.perf_counter() + 0.5)
    after = await node.ask("stats")
    got = subscribers.received
    bare_after = await sendto_us(node, subscribers, addresses, sizes, rate, 3.0)
    forwarded = after["forwarded"] - before["forwarded"]
    cpu_us = (after["cpu_s"] - before["cpu_s"]) / max(1, forwarded) * 1e6
    bare_us = (bare_before + bare_after) / 2

    subscribers.read(time.perf_counter() + 0.3)
    subscribers.latencies_ns.clear()
    carried = min(1e6 / cpu_us, forwarded / took_s)
    calm_s = 2 * scenario.forwarded_a_tick / carried
    forward(scenario, senders, subscribers, tick, seconds, calm_s)
    subscribers.read(time.perf_counter() + 0.3)
    latencies_ms = sorted(each / 1e6 for each in subscribers.latencies_ns) or [0.0]
    p50, p99 = (latencies_ms[int(share * (len(latencies_ms) - 1))] for share in (0.5, 0.99))
    memory_kib = (before["rss_kib"] - empty["rss_kib"]) / max(1, before["transports"])

    print(f"{scenario.name}: expected {expected}, received {got}, verified {subscribers.verified}; server: {after}")
    print(
        f"sendto before {bare_before:.2f} us, after {bare_after:.2f} us; {forwarded / took_s:.0f} packets/s forwarded"
        + (f"; the publishers' clock was slowed {took_s / seconds:.2f} times" if took_s > 1.02 * seconds else "")
    )
    for endpoint in {*senders, *receivers}:
        await endpoint.close()
    await node.stop()
    return (
        f"{scenario.name}: cpu_us_per_forwarded_packet={cpu_us:.2f} "
        f"loss={max(0, expected - got)} of {expected} sendto_us={bare_us:.2f} ratio={cpu_us / bare_us:.2f} "
        f"latency_ms p50={p50:.2f} p99={p99:.2f} at {scenario.forwarded_a_tick / calm_s:.0f}/s kib_per_participant={memory_kib:.0f}"
    )


async def main(arguments: argparse.Namespace) -> None:
    names = arguments.scenario or list(SCENARIOS)
    figures = [await run(SCENARIOS[name], arguments.seconds, not arguments.no_segments) for name in names]
    print(*figures, sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="may be repeated; all if left out")
    parser.add_argument(
        "--no-segments", action="store_true", help="one call a packet, not UDP_SEGMENT where sizes match"
    )
    asyncio.run(main(parser.parse_args()))
