"""Media over a bad network, measured in real browsers: what is decoded, for how long it stands still, and how it comes back."""

import asyncio
from dataclasses import dataclass

import pytest

from tests.browser.browsers import Browsers
from tests.browser.network import BAD, ONE_LAYER, Browser, Measured, measured, scene
from tests.browser.test_layers import LAYERS
from tests.relay import Link

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("relay_for", "ann", "bob"),
    [
        ("bob", "chromium", "chromium"),
        ("ann", "chromium", "chromium"),
        ("bob", "chromium", "firefox"),
        ("ann", "firefox", "chromium"),
    ],
    ids=["to a Chromium", "from a Chromium", "to a Firefox", "from a Firefox"],
)
async def test_at_five_percent_loss_and_fifty_ms_the_picture_moves_on(
    browsers: Browsers, relay_for: str, ann: Browser, bob: Browser
) -> None:
    """In one of some stretches: where something else takes the whole machine for a second, no picture moves."""
    async with scene(browsers, ONE_LAYER, relay_for=relay_for, ann=ann, bob=bob) as on:
        await on.height([270], 60)
        on.relay.up = on.relay.down = BAD
        await asyncio.sleep(2)
        await on.bob.evaluate("window.watch('5')")
        stretches: list[Measured] = []
        while not stretches or not (
            stretches[-1].good() and stretches[-1].sent > 40 and stretches[-1].samples > 220_000
        ):
            assert len(stretches) < 10, stretches
            stretches.append(await measured(on, 6))
            print(stretches[-1], on.relay.counts, on.media.stats())
        lost = on.relay.counts["down lost" if relay_for == "bob" else "up lost"]
        assert lost > 15, "the network was not bad"


@dataclass(frozen=True, slots=True)
class Cut:
    """One time that the receiver's link was cut to 300 kbit/s."""

    down_s: float
    back_s: float
    made_up: float
    """Share of the sound that was invented while the link was narrow."""

    def good(self) -> bool:
        return self.down_s < 5 and self.back_s < 20 and self.made_up < 0.1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bob", ["chromium", "firefox"])
async def test_a_cut_link_lowers_the_layer_keeps_the_sound_and_recovers(browsers: Browsers, bob: Browser) -> None:
    """Once of four times: how fast a publisher's encoder starts a layer again, and whether sound is played in time, is also the machine's affair."""
    async with scene(browsers, LAYERS, bob=bob) as on:
        await on.height([540], 60)
        cuts: list[Cut] = []
        while not cuts or not cuts[-1].good():
            assert len(cuts) < 4, cuts
            on.relay.down = Link(rate_bps=300_000, delay_ms=20)
            down_s = await on.height([270, 135], 30)
            heard = await on.sound()
            await asyncio.sleep(5)
            hears, seen = await on.sound(), await on.picture()
            assert seen["frameHeight"] < 540  # the middle one just fits and may be tried
            on.relay.down = Link(delay_ms=20)
            samples, made_up, silent = (
                hears[what] - heard[what]
                for what in ("totalSamplesReceived", "concealedSamples", "silentConcealedSamples")
            )
            back_s = await on.height([540], 90, held_s=2)
            cuts.append(Cut(down_s, back_s, (made_up - silent) / samples))
            print(cuts[-1], on.relay.counts, on.media.stats())


def is_picture(packet: bytes) -> bool:
    """RTP (RFC 7983, RFC 5761) whose payload type is not Opus's, which both browsers give one of these numbers."""
    return 127 < packet[0] < 192 and not 192 <= packet[1] <= 223 and packet[1] & 0x7F not in (109, 111)


async def test_a_picture_that_is_stuck_moves_again_by_itself(browsers: Browsers) -> None:
    """Nothing of it comes for a while, and no retransmission ever, while sound goes on, so that nobody restarts the connection."""
    async with scene(browsers, ONE_LAYER) as on:
        await on.height([270], 60)
        on.relay.drops = is_picture
        await asyncio.sleep(1)
        before, heard = await on.picture(), await on.sound()
        await asyncio.sleep(3)
        stuck, hears = await on.picture(), await on.sound()
        assert stuck["framesDecoded"] <= before["framesDecoded"] + 2
        assert hears["packetsReceived"] > heard["packetsReceived"] + 60
        repairs = {ssrc.to_bytes(4, "big") for ssrc in on.media._transports["bob"].repair_ssrcs.values()}
        on.relay.drops = lambda packet: packet[8:12] in repairs
        async with asyncio.timeout(40):
            while (await on.picture())["framesDecoded"] < stuck["framesDecoded"] + 10:
                await asyncio.sleep(0.1)
