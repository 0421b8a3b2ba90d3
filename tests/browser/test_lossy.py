"""Media over a bad network, measured in a real Chromium: what is decoded, for how long it stands still, and how it comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from server.media import MediaServer, Tile
from tests.browser.devices import CHROMIUM, CHROMIUM_FLAGS
from tests.browser.test_layers import LAYERS, WIDTH
from tests.browser.test_media import Listener, media_server
from tests.relay import Link, Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEED = 20_240_611


@dataclass(slots=True)
class Scene:
    """Ann sends, Bob receives through his relay; both are pages of one browser."""

    media: MediaServer
    ann: Page
    bob: Page
    relay: Relay

    async def picture(self) -> dict[str, Any]:
        """Bob's inbound video, as its statistics say."""
        stats = await self.bob.evaluate("window.stats('inbound-rtp', 'video')")
        return max(stats, key=lambda stat: stat.get("framesDecoded", 0), default={})

    async def sound(self) -> dict[str, Any]:
        stats = await self.bob.evaluate("window.stats('inbound-rtp', 'audio')")
        return max(stats, key=lambda stat: stat.get("totalSamplesReceived", 0), default={})

    async def sent_frames(self) -> int:
        stats = await self.ann.evaluate("window.stats('outbound-rtp', 'video')")
        return max(int(stat["framesSent"]) for stat in stats)

    async def height(self, wanted: int, within_s: float, *, or_more: bool = False) -> None:
        """Wait until Bob's picture has so many lines."""
        seen: list[int] = []
        try:
            async with asyncio.timeout(within_s):
                while not seen or not (seen[-1] == wanted or (or_more and seen[-1] > wanted)):
                    await asyncio.sleep(0.25)
                    seen.append((await self.picture()).get("frameHeight", 0))
        except TimeoutError:
            raise AssertionError(f"not {wanted} lines within {within_s} s: {seen}; {self.media.stats()}") from None


@asynccontextmanager
async def scene(encodings: list[dict[str, Any]], relay_for_ann: bool = False) -> AsyncIterator[Scene]:
    ports: dict[str, int] = {}
    async with async_playwright() as playwright, media_server(Listener(), ports) as (media, url):
        relay = Relay(("127.0.0.1", media.port), seed=SEED)
        await relay.start()
        ports["ann" if relay_for_ann else "bob"] = relay.port
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        ann, bob = [await (await browser.new_context()).new_page() for _ in range(2)]
        for name, page, each in (("ann", ann, encodings), ("bob", bob, [{"active": False}])):
            media.place(name, "one")
            await page.goto(url)
            await page.evaluate("(all) => window.start(...all)", [name, WIDTH, each])
        media.view("bob", [Tile(endpoint="ann", media="camera", width=960, height=540)])
        try:
            yield Scene(media, ann, bob, relay)
        finally:
            await browser.close()
            relay.close()


@pytest.mark.parametrize("publisher", [False, True], ids=["to the viewer", "from the publisher"])
async def test_at_five_percent_loss_and_fifty_ms_the_picture_moves_on(publisher: bool) -> None:
    one_layer = [{"maxBitrate": 400_000, "maxFramerate": 15, "scaleResolutionDownBy": 2}]
    async with scene(one_layer, relay_for_ann=publisher) as on:
        await on.height(270, 20)
        bad = Link(loss=0.05, delay_ms=50, jitter_ms=10, reordered=0.01, duplicated=0.01)
        on.relay.up = on.relay.down = bad
        await asyncio.sleep(3)
        await on.bob.evaluate("window.watch('5')")
        sent, before, heard = await on.sent_frames(), await on.picture(), await on.sound()
        await asyncio.sleep(12)
        more, after, hears = await on.sent_frames(), await on.picture(), await on.sound()
        decoded = after["framesDecoded"] - before["framesDecoded"]
        print(more - sent, "sent", decoded, "decoded", on.relay.counts, on.media.stats())
        assert more - sent > 100
        assert decoded >= 0.95 * (more - sent)
        shown = await on.bob.evaluate("window.seen")
        print(shown)
        assert shown["frames"] > 0.5 * decoded  # a busy machine does not paint every frame
        assert shown["longestMs"] < 1_000
        lost = on.relay.counts["up lost" if publisher else "down lost"]
        assert lost > 20, "the network was not bad"
        samples = hears["totalSamplesReceived"] - heard["totalSamplesReceived"]
        concealed = hears["concealedSamples"] - heard["concealedSamples"]
        silent = hears["silentConcealedSamples"] - heard["silentConcealedSamples"]
        print(samples, "samples", concealed - silent, "made up")
        assert samples > 11 * 48_000
        assert concealed - silent < 0.1 * samples


async def test_a_cut_link_lowers_the_layer_keeps_the_sound_and_recovers() -> None:
    async with scene(LAYERS) as on:
        # A browser whose machine is busy sends no largest layer; what is tested is that the link changes what comes.
        await on.height(270, 60, or_more=True)
        on.relay.down = Link(rate_bps=300_000, delay_ms=20)
        await on.height(135, 30)
        heard = await on.sound()
        await asyncio.sleep(6)
        hears, seen = await on.sound(), await on.picture()
        samples = hears["totalSamplesReceived"] - heard["totalSamplesReceived"]
        made_up = (hears["concealedSamples"] - hears["silentConcealedSamples"]) - (
            heard["concealedSamples"] - heard["silentConcealedSamples"]
        )
        print(samples, "samples", made_up, "made up;", on.relay.counts, on.media.stats())
        assert made_up < 0.3 * samples  # a busy machine conceals, too
        assert seen["frameHeight"] < 540  # the middle one just fits and may be tried
        on.relay.down = Link(delay_ms=20)
        await on.height(270, 60, or_more=True)
