"""What bots send is what browsers decode: a person joins a room of bots, sees them move and hears them."""

import asyncio
import sys

import pytest

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DECODED = """async () => {
  const all = [];
  for (const pc of window.__probe.pcs()) for (const stat of (await pc.getStats()).values()) if (stat.type === "inbound-rtp") all.push(stat);
  return {frames: all.filter((stat) => stat.kind === "video" && stat.framesDecoded > 20).length,
    energy: all.reduce((sum, stat) => sum + (stat.totalAudioEnergy ?? 0), 0)};
}"""


async def test_a_person_sees_and_hears_bots(server: ServerProcess, browsers: Browsers) -> None:
    workshop = await server.create_workshop()
    invite = server.link(workshop, await server.token(workshop, "learner"))
    bots = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "bots", "--url", invite, "-n", "6", "--speak", "--video")
    )
    try:
        async with people(browsers, [("Ann", DEVICES[0])]) as (ann,):
            await ann.join(invite)
            seen: list[dict[str, float]] = []
            try:
                async with asyncio.timeout(150):
                    while not seen or seen[-1]["frames"] < 6 or seen[-1]["energy"] < 0.001:
                        await asyncio.sleep(0.5)
                        seen.append(await ann.page.evaluate(DECODED))
            except TimeoutError:
                raise AssertionError(f"not everybody is seen and heard: {seen[-1:]}") from None
    finally:
        bots.terminate()
        assert await bots.wait() == 0
