"""Memory over time: 5 publishers to 50 receivers while people come and go, for minutes. A part of `media.py`.

Every two seconds a receiver leaves and another one joins, every twenty a publisher. What is kept of those who are gone shows as a slope of the server's memory;
it is taken after the first fifth, in which pools and caches fill.
"""

import time

from tests.bench.media_load import SCENARIOS, Load, Node, Subscribers, connected, crowd
from tests.synthetic import SyntheticEndpoint

SAMPLE_S = 2.0
PUBLISHER_EVERY = 10
"""With every so many receivers a publisher is exchanged."""
SHOW_EVERY = 15
ROOM = "room 0"


async def run(seconds: float) -> str:
    """The last line."""
    scenario = SCENARIOS["5to50"]
    receive = [("receive", "audio")] * scenario.slots[0] + [("receive", "video")] * scenario.slots[1]
    node = await Node.start()
    senders, receivers = await crowd(node, scenario)
    load = Load(scenario, senders, Subscribers(receivers, scenario.rooms))
    load.run(SAMPLE_S)
    await node.ask("settle")
    samples: list[tuple[float, int]] = []
    began, exchanged = time.monotonic(), 0
    while (at_s := time.monotonic() - began) < seconds:
        load.run(SAMPLE_S)
        stats = await node.ask("stats")
        samples.append((at_s, stats["rss_kib"]))
        if exchanged % SHOW_EVERY == 0:
            print(
                f"  {at_s:.0f} s: {stats['rss_kib']} KiB, {stats['transports']} transports, {exchanged} exchanged",
                flush=True,
            )
        gone = receivers.pop(0)
        load.subscribers.remove(gone)
        await leave(node, gone)
        receivers.append(await connected(node, ROOM, f"later {exchanged}", receive))
        load.subscribers.add(receivers[-1])
        if exchanged % PUBLISHER_EVERY == 0:
            await leave(node, senders.pop(0))
            senders.append(
                await connected(node, ROOM, f"later speaker {exchanged}", [("send", "mic"), ("send", "camera")])
            )
        exchanged += 1
    print(f"  server: {await node.ask('stats')}")
    for endpoint in (*senders, *receivers):
        await endpoint.close()
    await node.stop()
    first, middle, last = (samples[at][1] / 1024 for at in (0, len(samples) // 2, -1))
    return (
        f"soak: {len(samples)} samples in {seconds:.0f} s, {exchanged} people exchanged; rss_mib start={first:.1f} "
        f"middle={middle:.1f} end={last:.1f} slope_kib_per_minute={slope(samples[len(samples) // 5 :]) * 60:.1f}"
    )


async def leave(node: Node, endpoint: SyntheticEndpoint) -> None:
    await node.ask("disconnect", endpoint=endpoint.name)
    await endpoint.close()


def slope(samples: list[tuple[float, int]]) -> float:
    """KiB a second by least squares."""
    count = len(samples)
    mean_s, mean_kib = sum(at for at, _ in samples) / count, sum(kib for _, kib in samples) / count
    spread = sum((at - mean_s) ** 2 for at, _ in samples)
    return sum((at - mean_s) * (kib - mean_kib) for at, kib in samples) / spread if spread else 0.0
