"""Getting through with real browsers: without UDP, by TURN alone, over IPv6, and after the network has changed."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from server.ice_servers import for_browser
from tests.browser.browsers import Browsers
from tests.browser.network import Browser, address_for, changed_network, protocols, sees, two
from tests.browser.test_media import Listener
from tests.relay import Relay
from tests.turn_server import turn_server

SOON_S = 5
"""Before a browser itself would say that its connection is gone."""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("bob", ["chromium", "firefox"])
async def test_where_udp_is_blocked_media_goes_by_tcp(browsers: Browsers, bob: Browser) -> None:
    """Soon in one of three times, because browsers take their time on a busy machine."""
    took = [await by_tcp(browsers, bob, seed=1)]
    while took[-1] >= SOON_S and len(took) < 3:
        took.append(await by_tcp(browsers, bob, seed=1 + len(took)))
    print(f"{bob}: by TCP after {took} s")
    assert took[-1] < SOON_S


async def by_tcp(browsers: Browsers, bob: Browser, seed: int) -> float:
    """Seconds until Bob, who gets nothing through by UDP, sees Ann."""
    host = address_for(bob)
    relay = Relay((host, 9), seed=seed, host=host)
    relay.blocked = True
    await relay.start()
    async with two(browsers, Listener(), {"bob": relay.port}, host=host, bob=bob) as (media, ann, page):
        seconds = await sees(page, 60)
        await sees(ann, 60)
        assert {protocol for _, protocol in await protocols(page)} == {"tcp"}
        assert relay.counts["up lost"] > 0
        assert not [name for name in media.stats() if "tcp" in name]
    relay.close()
    return seconds


@pytest.mark.parametrize("at", ["chromium", "firefox"])
async def test_by_turn_alone(browsers: Browsers, tmp_path: Path, at: Browser) -> None:
    host = address_for(at)
    async with turn_server(tmp_path, host) as entry:
        relayed: dict[str, Any] = {"iceServers": for_browser([entry], time.time(), 600), "iceTransportPolicy": "relay"}
        async with two(browsers, Listener(), {}, host=host, bob=at, **relayed) as (_, ann, bob):
            await sees(bob, 60)
            await sees(ann, 60)
            assert {kind for kind, _ in await protocols(bob)} == {"relay"}


async def test_over_ipv6(browsers: Browsers) -> None:
    async with two(browsers, Listener(), {}, host="::1") as (media, ann, bob):
        await sees(ann, 60)
        await sees(bob, 60)
        assert all(":" in transport.address[0] for transport in media._transports.values() if transport.address)


async def test_a_changed_network_is_got_over_and_keeps_the_slots(browsers: Browsers) -> None:
    listener = Listener()
    former, latter = (Relay(("127.0.0.1", 9), seed=seed) for seed in (1, 2))
    await former.start()
    await latter.start()
    ports = {"bob": former.port}
    async with two(browsers, listener, ports, relays=[former, latter], iceTransportPolicy="all") as (media, ann, bob):
        await sees(bob, 60)
        await sees(ann, 60)
        assert former.counts["down passed"] > 20
        bindings, number = dict(listener.bindings["bob"]), media._transports["bob"].number
        former.blocked = True
        ports["bob"] = latter.port
        await asyncio.sleep(1)
        began = time.monotonic()
        await bob.evaluate("window.pc.restartIce(), window.offer()")
        await sees(bob, 60)
        await sees(ann, 60)
        print(f"recovered {time.monotonic() - began:.1f} s after the restart", latter.counts)
        assert latter.counts["down passed"] > 0
        assert media._transports["bob"].number == number
        assert listener.bindings["bob"] == bindings
        assert listener.lost == []
        for relay in (former, latter):
            relay.close()


@pytest.mark.parametrize("at", ["chromium", "firefox"])
async def test_the_client_notices_by_itself_that_its_network_has_changed(
    browsers: Browsers, tmp_path: Path, at: Browser
) -> None:
    """Nothing tells the page. A network that is only bad is not taken for dead; what has been measured stays: the same connection, the same slots."""
    changed = await changed_network(browsers, tmp_path, at, tries=3, enough_s=SOON_S)
    print(f"{at}: recovered {changed.seconds:.1f} s after the change")
    assert changed.offers == [1]
    assert changed.connections == 1
    assert changed.seconds < SOON_S
