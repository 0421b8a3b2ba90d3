"""Media on networks that are bad, blocked or changing, in real browsers: the figures of "What people can rely on", one a line, all on the last.

    python -m tests.bench.network [--seconds 12] [--only loss,cut,…]

Loss is 5% each way beside 50 ms (`tests/relay.py`, seeded); `decoded` is the share of the frames sent, `still_ms` the longest time a picture stood
still, `made_up` the share of sound that was invented. Times are in seconds: `down_s` from the cut to 300 kbit/s until a smaller layer is shown,
`back_s` from its release until the best one is; `tcp_s` from the answer until there are pictures though UDP is blocked; `turn_s` the same through
coturn alone; `changed_s` from the loss of the product's own way to the server until both people see each other again, `offers_before` how often it has
negotiated before, on a bad network: once.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from server.ice_servers import for_browser
from tests.browser.browsers import Browsers, browsers
from tests.browser.network import (
    BAD,
    ONE_LAYER,
    Browser,
    address_for,
    changed_network,
    measured,
    own_address,
    scene,
    sees,
    two,
)
from tests.browser.test_layers import LAYERS
from tests.browser.test_media import Listener
from tests.relay import Link, Relay
from tests.turn_server import turn_server


async def loss(at: Browsers, name: str, seconds: float, *, relay_for: str, ann: Browser, bob: Browser) -> str:
    async with scene(at, ONE_LAYER, relay_for=relay_for, ann=ann, bob=bob) as on:
        await on.height([270], 60)
        on.relay.up = on.relay.down = BAD
        await asyncio.sleep(3)
        await on.bob.evaluate("window.watch('5')")
        what = await measured(on, seconds)
        return (
            f"loss {name}: decoded={what.decoded / max(1, what.sent):.3f} still_ms={what.still_ms:.0f} "
            f"made_up={what.made_up / max(1, what.samples):.3f}"
        )


async def cut(at: Browsers, name: str, seconds: float, bob: Browser) -> str:
    async with scene(at, LAYERS, bob=bob) as on:
        await on.height([540], 60)
        await on.bob.evaluate("window.watch('5')")
        on.relay.down = Link(rate_bps=300_000, delay_ms=20)
        down_s = await on.height([270, 135], 60)
        what = await measured(on, seconds)
        on.relay.down = Link(delay_ms=20)
        back_s = await on.height([540], 90, held_s=3)
        made_up = what.made_up / max(1, what.samples)
        return f"cut {name}: down_s={down_s:.1f} made_up={made_up:.3f} back_s={back_s:.1f}"


async def tcp(at: Browsers, name: str, bob: Browser) -> str:
    host = address_for(bob)
    relay = Relay((host, 9), seed=1, host=host)
    relay.blocked = True
    await relay.start()
    try:
        async with two(at, Listener(), {"bob": relay.port}, host=host, bob=bob) as (_, _, page):
            return f"udp blocked {name}: tcp_s={await sees(page, 60):.1f}"
    finally:
        relay.close()


async def turn(at: Browsers, name: Browser) -> str:
    host = address_for(name)
    with tempfile.TemporaryDirectory() as folder:
        async with turn_server(Path(folder), host) as entry:
            relayed: dict[str, Any] = {
                "iceServers": for_browser([entry], time.time(), 600),
                "iceTransportPolicy": "relay",
            }
            async with two(at, Listener(), {}, host=host, bob=name, **relayed) as (_, _, page):
                return f"coturn alone {name}: turn_s={await sees(page, 60):.1f}"


async def changed(at: Browsers, name: Browser) -> str:
    with tempfile.TemporaryDirectory() as folder:
        found = await changed_network(at, Path(folder), name)
        return (
            f"network changed {name}: changed_s={found.seconds:.1f} connections={found.connections} "
            f"offers_before={sum(found.offers)}"
        )


def scenarios(at: Browsers, seconds: float) -> dict[str, Callable[[], Awaitable[str]]]:
    both: dict[str, Callable[[], Awaitable[str]]] = {
        "loss": lambda: loss(at, "to chromium", seconds, relay_for="bob", ann="chromium", bob="chromium"),
        "loss-from": lambda: loss(at, "from chromium", seconds, relay_for="ann", ann="chromium", bob="chromium"),
        "cut": lambda: cut(at, "chromium", seconds, "chromium"),
        "tcp": lambda: tcp(at, "chromium", "chromium"),
        "turn": lambda: turn(at, "chromium"),
        "changed": lambda: changed(at, "chromium"),
    }
    if own_address() is not None:
        both |= {
            "firefox-loss": lambda: loss(at, "to firefox", seconds, relay_for="bob", ann="chromium", bob="firefox"),
            "firefox-loss-from": lambda: loss(
                at, "from firefox", seconds, relay_for="ann", ann="firefox", bob="chromium"
            ),
            "firefox-cut": lambda: cut(at, "firefox", seconds, "firefox"),
            "firefox-tcp": lambda: tcp(at, "firefox", "firefox"),
            "firefox-turn": lambda: turn(at, "firefox"),
            "firefox-changed": lambda: changed(at, "firefox"),
        }
    return both


async def run(seconds: float, only: list[str]) -> str:
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        async with browsers(Path(folder)) as at:
            for name, scenario in scenarios(at, seconds).items():
                if only and name not in only:
                    continue
                figures.append(await scenario())
                print(figures[-1], f"(load {os.getloadavg()[0]:.1f})", flush=True)
    return "; ".join(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12, help="how long loss is measured")
    parser.add_argument("--only", default="", help="names of scenarios, separated by commas")
    arguments = parser.parse_args()
    print(asyncio.run(run(arguments.seconds, [name for name in arguments.only.split(",") if name])))


if __name__ == "__main__":
    main()
