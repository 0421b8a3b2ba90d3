"""What forwarding costs: CPU of the server a forwarded packet, the ratio to a bare `sendto` in the same run, latency, loss, memory.

Publishers send 50 Opus packets of 80 B and 50 or 100 VP8 packets of 1,100 B a second each, numbered for TWCC. They are synthetic endpoints (STUN, DTLS,
SRTP, RTP) in a process of their own that mostly counts what it receives (`media_load.py`); the server has its own. For each scenario:

1. bare: the server's process sends as many packets of the same sizes from the same socket to the same ones with `sendto` alone, before 2 and after;
2. cost: the publishers' rate, or what the machine carries of it; CPU a forwarded packet, loss;
3. saturation: as fast as packets are carried. Where the load generator is the limit and not the server, which the server's share of a core shows, the rate is
   divided by that share;
4. latency at half of that, at which publishers send whether or not anything comes back: from before `send` to when the kernel has put the packet into the
   receiver's socket.

In 3 and 4 the kernel throws away most of what arrives (`Subscribers.sample`): one process could not read it as fast as the server sends, and what is waited
for would be that process. Both processes have a core each, before all others of the machine (`alone.py`), where the system allows it.

    python -m tests.bench.media [--scenario 5to50|1to200|25x4|1x100|soak|parts] [--seconds 10] [--no-segments]

The last lines are the figures, one a scenario, and then all of them in one.
"""

import argparse
import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server import pauses
from tests.bench import media_parts, media_soak
from tests.bench.alone import take_core
from tests.bench.media_load import (
    AUDIO_BYTES,
    SCENARIOS,
    TICK_S,
    VIDEO_BYTES,
    Load,
    Node,
    Scenario,
    Subscribers,
    crowd,
)

WARMED_S = 2.0
BARE_S = 2.0
SATURATED_S = 3.0
SETTLED_S = 1.0
LEAST_BURST_S = 0.001
"""What is sent bare goes out in bursts as large as what one publisher's packets of a tick become, or what comes in so long if that is more."""
MOST_FORWARDED = 200_000
"""A second. What is sent flat out is made before, for so much."""
BUSY = 0.95
"""A share of a core above which the server is the limit."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one scenario. Rates are forwarded packets a second."""

    name: str
    cpu_us: float
    bare_us: float
    expected: int
    lost: int
    saturating: float
    half: float
    p50_ms: float
    p99_ms: float
    kib: float

    def __str__(self) -> str:
        return (
            f"{self.name}: cpu_us_per_forwarded_packet={self.cpu_us:.2f} loss={self.lost} of {self.expected} "
            f"sendto_us={self.bare_us:.2f} ratio={self.cpu_us / self.bare_us:.2f} saturating={self.saturating:.0f}/s "
            f"latency_ms p50={self.p50_ms:.2f} p99={self.p99_ms:.2f} at {self.half:.0f}/s kib_per_participant={self.kib:.0f}"
        )

    def short(self) -> str:
        return (
            f"{self.name} us={self.cpu_us:.2f} ratio={self.cpu_us / self.bare_us:.2f} "
            f"p50_ms={self.p50_ms:.2f} p99_ms={self.p99_ms:.2f} loss={self.lost} kib={self.kib:.0f}"
        )


async def bare_sendto_us(
    node: Node, subscribers: Subscribers, addresses: list[Any], sizes: list[int], rate: int, burst: int
) -> float:
    asked = asyncio.ensure_future(
        node.ask("sendto", addresses=addresses, sizes=sizes, packets_per_s=rate, burst=burst, seconds=BARE_S)
    )
    while not asked.done():
        subscribers.read(time.perf_counter() + 0.05)
        await asyncio.sleep(0)
    subscribers.read(time.perf_counter() + 0.3)
    measured = asked.result()
    return float(measured["cpu_s"] / measured["packets"] * 1e6)


async def cost(node: Node, load: Load, seconds: float) -> tuple[float, float, int, int]:
    """(CPU µs a forwarded packet, share of a core, expected, lost)."""
    subscribers = load.subscribers
    before, began = await node.ask("stats"), subscribers.received
    expected, took_s = load.run(seconds)
    subscribers.read(time.perf_counter() + 0.5)
    after = await node.ask("stats")
    cpu_s, forwarded = after["cpu_s"] - before["cpu_s"], after["forwarded"] - before["forwarded"]
    slowed = f"; the publishers' clock was slowed {took_s / seconds:.2f} times" if took_s > 1.02 * seconds else ""
    print(
        f"  {forwarded / took_s:.0f} packets/s forwarded with {cpu_s / took_s:.0%} of a core, the load generator {load.busy:.0%}{slowed}"
    )
    print(f"  server: {after}")
    return cpu_s / max(1, forwarded) * 1e6, cpu_s / took_s, expected, expected - (subscribers.received - began)


async def saturating(node: Node, load: Load) -> float:
    """Forwarded packets a second with the server at its limit."""
    before = await node.ask("stats")
    _, took_s = load.run(SATURATED_S, 0)
    after = await node.ask("stats")
    load.subscribers.read(time.perf_counter() + 0.5)
    load.subscribers.look(load.sent_ns)
    carried = (after["forwarded"] - before["forwarded"]) / took_s
    busy = (after["cpu_s"] - before["cpu_s"]) / took_s
    limit = "the server" if busy >= BUSY else "the load generator"
    print(
        f"  flat out: {carried:.0f} packets/s forwarded with {busy:.0%} of a core, the load generator {load.busy:.0%}: {limit} is the limit"
    )
    return float(carried / min(1.0, busy))


def quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    """(p50, p99, the largest); of nothing, zeros."""
    ordered = sorted(values) or [0.0]
    p50, p99, most = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99, 1))
    return p50, p99, most


async def latencies_ms(node: Node, load: Load, rate: float, seconds: float) -> tuple[float, float, float]:
    """(p50, p99, the rate that was really forwarded)."""
    subscribers, tick_s = load.subscribers, load.scenario.forwarded_a_tick / rate
    load.prepare(math.ceil((SETTLED_S + seconds) / tick_s))
    pauses.shorten()
    load.run(
        SETTLED_S, tick_s, behind=math.inf
    )  # whoever begins to send is shown to everybody, which is not what is measured
    subscribers.look(load.sent_ns)
    subscribers.latencies_ns.clear()
    before = await node.ask("stats")
    _, took_s = load.run(seconds, tick_s, behind=math.inf)
    subscribers.read(time.perf_counter() + 0.3)
    subscribers.look(load.sent_ns)
    after = await node.ask("stats")
    busy = (after["cpu_s"] - before["cpu_s"]) / took_s
    timed = subscribers.latencies_ns
    p50, p99, most = quantiles([took_ns / 1e6 for _, took_ns in timed])
    late = quantiles([each * 1e3 for each in load.late_s])
    print(
        f"  at half of that: {busy:.0%} of a core, the load generator {load.busy:.0%}; {len(timed)} packets timed, the slowest {most:.2f} ms; "
        f"publishers late by p50={late[0]:.2f} p99={late[1]:.2f} ms; "
        f"the server waited for its core for {after['waited_ms'] - before['waited_ms']:.1f} ms in all"
    )
    print("  p99 of each second:", " ".join(f"{each:.1f}" for each in by_second(timed)))
    return p50, p99, (after["forwarded"] - before["forwarded"]) / took_s


def by_second(timed: Sequence[tuple[int, int]]) -> list[float]:
    """The p99 (ms) of each second; what comes from outside, such as a core that the machine's owner took away, is in few of them."""
    seconds: defaultdict[int, list[float]] = defaultdict(list)
    for sent_ns, took_ns in timed:
        seconds[sent_ns // 10**9].append(took_ns / 1e6)
    return [quantiles(seconds[second])[1] for second in sorted(seconds)]


async def run(scenario: Scenario, seconds: float, segments: bool) -> Figures:
    print(f"{scenario.name}:")
    node = await Node.start("--alone", *([] if segments else ["--no-segments"]))
    empty = await node.ask("stats")
    senders, receivers = await crowd(node, scenario)
    load = Load(scenario, senders, Subscribers(receivers, scenario.rooms))
    addresses = [receiver.socket.getsockname() for receiver in receivers]
    rate = round(scenario.forwarded_a_tick / TICK_S)
    # What goes out is larger than what comes in by the header, the stamped extension (12 B) and the tag (16 B).
    mics, cameras = scenario.heard(scenario.speakers_receive)
    sizes = [AUDIO_BYTES + 40] * mics + [VIDEO_BYTES + 40] * cameras * scenario.video_a_tick
    burst = max(scenario.forwarded_a_tick // len(senders), round(rate * LEAST_BURST_S))

    flat_out = SATURATED_S * MOST_FORWARDED / scenario.forwarded_a_tick
    load.prepare(round((WARMED_S + seconds) / TICK_S + flat_out))
    pauses.shorten()
    load.run(WARMED_S)  # key frames arrive, every slot is bound
    load.subscribers.read(time.perf_counter() + 0.5)
    full = await node.ask("stats")
    await node.ask("settle")
    bare = [await bare_sendto_us(node, load.subscribers, addresses, sizes, rate, burst)]
    cpu_us, _, expected, lost = await cost(node, load, seconds)
    bare.append(await bare_sendto_us(node, load.subscribers, addresses, sizes, rate, burst))
    print(f"  sendto before {bare[0]:.2f} us, after {bare[1]:.2f} us")
    load.subscribers.sample(True)
    most = await saturating(node, load)
    p50, p99, half = await latencies_ms(node, load, most / 2, seconds)
    print(f"  {load.subscribers.verified} packets verified")
    for endpoint in {*senders, *receivers}:
        await endpoint.close()
    await node.stop()
    kib = (full["rss_kib"] - empty["rss_kib"]) / max(1, full["transports"])
    return Figures(scenario.name, cpu_us, sum(bare) / 2, expected, max(0, lost), most, half, p50, p99, kib)


async def main(arguments: argparse.Namespace) -> None:
    names = arguments.scenario or list(SCENARIOS)
    if "parts" in names:
        print(media_parts.run())
    if "soak" in names:
        print(await media_soak.run(arguments.seconds))
    measured = [name for name in names if name in SCENARIOS]
    if not measured:
        return
    if not take_core(1):
        print("no core of its own: what else the machine does is in the latencies")
    found = {name: await run(SCENARIOS[name], arguments.seconds, not arguments.no_segments) for name in measured}
    print(*found.values(), sep="\n")
    rooms = ""
    if {"5to50", "25x4"} <= found.keys():
        rooms = f"; 25x4 costs {found['25x4'].cpu_us / found['5to50'].cpu_us:.2f} times 5->50 a packet"
    print("; ".join(each.short() for each in found.values()) + rooms)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--scenario",
        action="append",
        choices=[*SCENARIOS, "soak", "parts"],
        help="may be repeated; the first four if left out; `soak` watches memory, `parts` says where the time goes",
    )
    parser.add_argument(
        "--no-segments", action="store_true", help="one call a packet, not UDP_SEGMENT where sizes match"
    )
    asyncio.run(main(parser.parse_args()))
