"""Getting through with a real Chromium: without UDP, by TURN alone, over IPv6, and after the network has changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from server.ice_servers import for_browser
from server.media import MediaServer
from tests.browser.devices import CHROMIUM, CHROMIUM_FLAGS
from tests.browser.test_media import Listener, media_server
from tests.relay import Relay
from tests.turn_server import turn_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@asynccontextmanager
async def two(
    listener: Listener,
    ports: dict[str, int],
    host: str = "127.0.0.1",
    relays: Sequence[Relay] = (),
    **configuration: Any,
) -> AsyncIterator[tuple[MediaServer, Page, Page]]:
    """Ann, and Bob with an RTCConfiguration of his own; the relays lead to the server."""
    async with async_playwright() as playwright, media_server(listener, ports, host) as (media, url):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        pages = []
        for relay in relays:
            relay.target = ("127.0.0.1", media.port)
        for name, settings in (("ann", {}), ("bob", configuration)):
            page = await (await browser.new_context()).new_page()
            media.place(name, "one")
            await page.goto(url)
            await page.evaluate("(all) => window.start(...all)", [name, 320, [{}], settings])
            pages.append(page)
        try:
            yield media, *pages
        finally:
            await browser.close()


async def sees(page: Page, within_s: float) -> float:
    """Seconds until more frames are decoded than at first."""
    began, first = time.monotonic(), None
    async with asyncio.timeout(within_s):
        while True:
            decoded = sum(stat["framesDecoded"] for stat in await page.evaluate("window.inbound()"))
            if first is not None and decoded > first:
                return time.monotonic() - began
            first = decoded
            await asyncio.sleep(0.1)


async def protocols(page: Page) -> set[tuple[str, str]]:
    """(local candidate's type, transport) of the pairs in use."""
    said = await page.evaluate(
        """async () => { const all = [...(await window.pc.getStats()).values()];
        const used = all.filter((stat) => stat.type === "transport").map((stat) => stat.selectedCandidatePairId);
        return all.filter((stat) => used.includes(stat.id)).map((pair) => all.find((stat) => stat.id === pair.localCandidateId))
          .map((local) => [local.candidateType, local.relayProtocol ? "relay" : local.protocol]); }"""
    )
    return {(kind, protocol) for kind, protocol in said}


async def test_where_udp_is_blocked_media_goes_by_tcp() -> None:
    relay = Relay(("127.0.0.1", 9), seed=1)
    relay.blocked = True
    await relay.start()
    async with two(Listener(), {"bob": relay.port}) as (media, ann, bob):
        assert await sees(bob, 10) < 6
        assert await sees(ann, 10) < 6
        assert {protocol for _, protocol in await protocols(bob)} == {"tcp"}
        assert relay.counts["up lost"] > 0
        assert not [name for name in media.stats() if "tcp" in name]
    relay.close()


async def test_by_turn_alone(tmp_path: Path) -> None:
    async with turn_server(tmp_path) as entry:
        servers = for_browser([entry], time.time(), 600)
        listener = Listener()
        async with two(listener, {}, iceServers=servers, iceTransportPolicy="relay") as (_, ann, bob):
            await sees(bob, 15)
            await sees(ann, 15)
            assert {kind for kind, _ in await protocols(bob)} == {"relay"}


async def test_over_ipv6() -> None:
    async with two(Listener(), {}, host="::1") as (media, ann, bob):
        await sees(ann, 15)
        await sees(bob, 15)
        assert all(":" in transport.address[0] for transport in media._transports.values() if transport.address)


async def test_a_changed_network_is_got_over_within_five_seconds_and_keeps_the_slots() -> None:
    listener = Listener()
    former, latter = (Relay(("127.0.0.1", 9), seed=seed) for seed in (1, 2))
    await former.start()
    await latter.start()
    ports = {"bob": former.port}
    async with two(listener, ports, relays=[former, latter], iceTransportPolicy="all") as (media, ann, bob):
        await sees(bob, 10)
        await sees(ann, 10)
        assert former.counts["down passed"] > 20
        bindings, number = dict(listener.bindings["bob"]), media._transports["bob"].number
        former.blocked = True
        ports["bob"] = latter.port
        await asyncio.sleep(1)
        began = time.monotonic()
        await bob.evaluate("window.pc.restartIce(), window.offer()")
        await sees(bob, 10)
        await sees(ann, 10)
        print(f"recovered {time.monotonic() - began:.1f} s after the restart", latter.counts)
        assert time.monotonic() - began < 5
        assert latter.counts["down passed"] > 0
        assert media._transports["bob"].number == number
        assert listener.bindings["bob"] == bindings
        assert listener.lost == []
        for relay in (former, latter):
            relay.close()
