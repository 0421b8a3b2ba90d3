"""What forwarding costs: CPU of the server a forwarded packet, loss, and the ratio to a bare `sendto` in the same run.

Five publishers send 50 Opus packets of 80 B and 100 VP8 packets of 1,100 B a second each to fifty subscribers: 37,500 packets a second. The publishers and
subscribers are synthetic endpoints (STUN, DTLS, SRTP, RTP) in a process of their own that mostly counts what it receives; the server has its own.
Before and after, the server's process sends as many packets of the same sizes to the same sockets with `sendto` alone.

    python -m tests.bench.media [--seconds 10] [--publishers 5] [--subscribers 50]
"""

import argparse
import asyncio
import dataclasses
import json
import select
import sys
import time
from typing import Any

from server.media.rtp import header_length
from tests.synthetic import SyntheticEndpoint

AUDIO_BYTES, VIDEO_BYTES = 80, 1_100
AUDIO_PER_S, VIDEO_PER_S = 50, 100
TICK_S = 0.02
"""One Opus packet and two VP8 packets a publisher; a frame is four packets."""
VERIFY_EVERY = 64
MAX_TICKS_BEHIND = 3
PATIENCE_S = 1.0


class Node:
    """The measured process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "Node":
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.media_node", stdin=pipe, stdout=pipe, limit=2**24
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


async def connected(node: Node, name: str, slots: list[tuple[str, str]]) -> SyntheticEndpoint:
    endpoint = SyntheticEndpoint(slots)
    specs = [dataclasses.asdict(spec) for spec in endpoint.specs()]
    answer = await node.ask("connect", endpoint=name, room="room", sdp=endpoint.offer(), slots=specs)
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
                                endpoint.receiver.unprotect(packet, header_length(packet))
                                self.verified += 1
                except BlockingIOError:
                    continue


def publish(publishers: list[SyntheticEndpoint], tick: int) -> int:
    """One tick's packets of every publisher; how many."""
    half = tick % 2 == 0
    key = half and tick % 50 == 0
    for publisher in publishers:
        send = publisher.socket.send
        send(publisher.audio_packet(size=AUDIO_BYTES))
        send(publisher.video_packet(size=VIDEO_BYTES, start=half, end=False, key=key))
        send(publisher.video_packet(size=VIDEO_BYTES, start=False, end=not half))
    return 3 * len(publishers)


def forward(
    publishers: list[SyntheticEndpoint], subscribers: Subscribers, first_tick: int, seconds: float
) -> tuple[int, int, float]:
    """(packets published, next tick, seconds it took) of a paced run.

    On a machine that cannot hold the rate the publishers' clock waits for the receivers, so that what is lost was lost by the
    server and not by a full socket of the load generator; the time it took tells by how much.
    """
    published, tick, began = 0, first_tick, time.perf_counter()
    due, missing = began, -subscribers.received
    each_tick = len(subscribers.endpoints) * 3 * len(publishers)
    for _ in range(round(seconds / TICK_S)):
        count = publish(publishers, tick)
        published += count
        tick += 1
        due += TICK_S
        subscribers.read(due)
        given_up = time.perf_counter() + PATIENCE_S
        while published * len(subscribers.endpoints) - subscribers.received - missing > MAX_TICKS_BEHIND * each_tick:
            subscribers.read(time.perf_counter() + 0.005)
            if time.perf_counter() > given_up:  # lost for good
                missing = published * len(subscribers.endpoints) - subscribers.received
        due = max(due, time.perf_counter() - TICK_S)
    return published, tick, time.perf_counter() - began


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


async def run(publisher_count: int, subscriber_count: int, seconds: float) -> str:
    node = await Node.start()
    names = [f"p{index}" for index in range(publisher_count)]
    publishers = [await connected(node, name, [("send", "mic"), ("send", "camera")]) for name in names]
    slots = [("receive", "audio")] * publisher_count + [("receive", "video")] * publisher_count
    listeners = [await connected(node, f"s{index}", slots) for index in range(subscriber_count)]
    subscribers = Subscribers(listeners)
    addresses = [listener.socket.getsockname() for listener in listeners]
    rate = publisher_count * subscriber_count * (AUDIO_PER_S + VIDEO_PER_S)
    # What goes out is larger than what comes in by the header, the stamped extension (12 B) and the tag (16 B).
    sizes = [size + 40 for size in (AUDIO_BYTES, VIDEO_BYTES, VIDEO_BYTES)] * publisher_count

    _, tick, _ = forward(publishers, subscribers, 0, 2.0)  # key frames arrive, every slot is bound
    subscribers.read(time.perf_counter() + 0.5)
    bare_before = await sendto_us(node, subscribers, addresses, sizes, rate, 3.0)
    subscribers.read(time.perf_counter() + 0.3)
    subscribers.received = subscribers.verified = 0
    before = await node.ask("stats")
    published, _, took_s = forward(publishers, subscribers, tick, seconds)
    subscribers.read(time.perf_counter() + 0.5)
    after = await node.ask("stats")
    got = subscribers.received
    bare_after = await sendto_us(node, subscribers, addresses, sizes, rate, 3.0)

    expected = published * subscriber_count
    forwarded = after["forwarded"] - before["forwarded"]
    cpu_us = (after["cpu_s"] - before["cpu_s"]) / max(1, forwarded) * 1e6
    bare_us = (bare_before + bare_after) / 2
    print(f"published {published}, expected {expected}, received {got}, verified {subscribers.verified}")
    print(f"server: {after}")
    print(
        f"sendto before {bare_before:.2f} us, after {bare_after:.2f} us; {forwarded / took_s:.0f} packets/s forwarded"
        + (f"; the publishers' clock was slowed {took_s / seconds:.2f} times" if took_s > 1.02 * seconds else "")
    )
    for endpoint in (*publishers, *listeners):
        await endpoint.close()
    await node.stop()
    return (
        f"{publisher_count}->{subscriber_count}: cpu_us_per_forwarded_packet={cpu_us:.2f} "
        f"loss={max(0, expected - got)} of {expected} sendto_us={bare_us:.2f} ratio={cpu_us / bare_us:.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--publishers", type=int, default=5)
    parser.add_argument("--subscribers", type=int, default=50)
    arguments = parser.parse_args()
    print(asyncio.run(run(arguments.publishers, arguments.subscribers, arguments.seconds)))
