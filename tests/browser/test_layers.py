"""Simulcast with a real Chromium: a viewer gets the layer that its tile needs, switched without renegotiation and without a gap."""

import asyncio
import time
from typing import Any

import pytest
from playwright.async_api import Page

from server.media import Tile
from server.media.forwarder import Thin
from tests.browser.browsers import Browsers
from tests.browser.test_media import Listener, media_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH = 960
LAYERS = [
    {"rid": "q", "scaleResolutionDownBy": 4, "maxBitrate": 150_000, "maxFramerate": 15},
    {"rid": "h", "scaleResolutionDownBy": 2, "maxBitrate": 500_000, "maxFramerate": 15},
    {"rid": "f", "maxBitrate": 1_200_000, "maxFramerate": 15},
]


async def test_half_the_frames_are_a_whole_picture_too(browsers: Browsers) -> None:
    """What is left of a picture without its upper temporal layer decodes without a gap, and so does what comes back.

    In one of some stretches: a machine that stands still for a moment loses packets, and then the decoder asks for a key frame.
    """
    async with media_server(Listener()) as (media, url):
        browser = await browsers.chromium()
        ann, bob = [await (await browser.new_context()).new_page() for _ in range(2)]
        for name, page, encodings in (("ann", ann, LAYERS), ("bob", bob, [{"active": False}])):
            media.place(name, "one")
            await page.goto(url)
            await page.evaluate("(all) => window.start(...all)", [name, WIDTH, encodings])
        media.view("bob", [Tile(endpoint="ann", media="camera", width=200, height=120)])

        async def decoded(seconds: float) -> tuple[int, int]:
            """(frames that bob decoded, frames that ann encoded of the smallest layer) in so many seconds."""
            before = (await bob.evaluate("window.inbound()"))[0]["framesDecoded"], (await encoded(ann))["q"]
            await asyncio.sleep(seconds)
            after = (await bob.evaluate("window.inbound()"))[0]["framesDecoded"], (await encoded(ann))["q"]
            return after[0] - before[0], after[1] - before[1]

        async with asyncio.timeout(60):
            while not await bob.evaluate("window.inbound()"):
                await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        slot = media._transports["bob"].slots["5"]
        for temporal, least, most in ((3, 0.85, 1.2), (1, 0.35, 0.65), (3, 0.85, 1.2)):
            media._forwarder.apply(Thin(slot, temporal))
            stretches: list[tuple[float, int]] = []
            while not stretches or not (least < stretches[-1][0] < most and stretches[-1][1] == 0):
                assert len(stretches) < 5, (temporal, stretches)
                await asyncio.sleep(1)
                asked = media.stats()["key frames asked"]
                got, sent = await decoded(3)
                stretches.append((got / max(1, sent), media.stats()["key frames asked"] - asked))
            print(temporal, stretches)


async def encoded(page: Page) -> dict[str, int]:
    """Frames encoded so far, by rid."""
    stats = await page.evaluate("window.stats('outbound-rtp', 'video')")
    return {stat["rid"]: stat.get("framesEncoded", 0) for stat in stats}


async def test_a_viewer_gets_the_layer_its_tile_needs(browsers: Browsers) -> None:
    listener = Listener()
    async with media_server(listener) as (media, url):
        browser = await browsers.chromium()
        ann, bob = [await (await browser.new_context()).new_page() for _ in range(2)]
        for name, page, encodings in (("ann", ann, LAYERS), ("bob", bob, [{"active": False}])):
            media.place(name, "one")
            await page.goto(url)
            await page.evaluate("(all) => window.start(...all)", [name, WIDTH, encodings])

        async def height(wanted: int, within_s: float = 60) -> dict[str, Any]:
            seen: list[dict[str, Any]] = []
            async with asyncio.timeout(within_s):
                while not seen or seen[0]["frameHeight"] != wanted:
                    await asyncio.sleep(0.25)
                    seen = await bob.evaluate("window.inbound()")
                    print(wanted, seen, media.stats())
            return seen[0]

        async def paused(rids: list[str]) -> None:
            try:
                async with asyncio.timeout(60):
                    while not listener.pauses or sorted(listener.pauses[-1][2]) != rids:
                        await asyncio.sleep(0.1)
            except TimeoutError:
                raise AssertionError(f"not paused: {rids}; {listener.pauses}, {media.stats()}") from None

        for tile, expected in ((135, 135), (540, 540), (300, 270), (120, 135)):
            media.view("bob", [Tile(endpoint="ann", media="camera", width=tile * 16 // 9, height=tile)])
            await height(expected)
        assert (
            media.stats()["key frames asked"] <= 30
        )  # layers that become known one by one cost one each; hundreds would be no answer to anything
        await paused(["f", "h"])
        await ann.evaluate("window.pause(['f', 'h'])")
        await asyncio.sleep(1.5)
        before = await encoded(ann)
        await asyncio.sleep(1.5)
        after = await encoded(ann)
        assert [rid for rid in after if after[rid] > before[rid]] == ["q"]
        media.view("bob", [Tile(endpoint="ann", media="camera", width=960, height=540)])
        await paused(["h"])
        await ann.evaluate("window.pause(['h'])")
        await height(540)
        media.view("bob", [])
        rates: list[float] = []
        while not rates or rates[-1] >= 130:  # two microphones at most, no picture
            assert len(rates) < 20, rates
            began, before = time.monotonic(), media.stats()["forwarded"]
            await asyncio.sleep(1.0)
            rates.append((media.stats()["forwarded"] - before) / (time.monotonic() - began))
        assert listener.lost == []
