"""A room of thirty: 28 bots that speak in turns and send pictures, and two people; their every tile moves, and they hear one speaker after the other.

So what bots send is what browsers decode.
"""

import asyncio
import sys
from typing import Any

import pytest

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import Person, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOTS = 28
FEWEST_TILES = 7
"""Of nine pictures that come; one or two are changing at any time."""
SPEAKERS = 5
"""More than the three that are heard at a time: so slots were switched."""
HEARD = 0.001
"""Energy of decoded sound, of which silence has none (`totalAudioEnergy`, W3C webrtc-stats)."""
LOOK_EVERY_S = 2.0
LOOK = """async () => {
  const tiles = [...document.querySelectorAll(".tile")].filter((tile) => !tile.innerText.includes("(you)"));
  const named = (tile) => tile.innerText.trim().split("\\n").at(-1);
  const pictures = {};
  for (const tile of tiles) {
    const video = tile.querySelector("video");
    if (video?.offsetParent) pictures[named(tile)] = video.getVideoPlaybackQuality().totalVideoFrames;
  }
  let energy = 0;
  for (const pc of window.__probe.pcs())
    for (const stat of (await pc.getStats()).values()) energy += stat.type === "inbound-rtp" ? stat.totalAudioEnergy ?? 0 : 0;
  return {pictures, energy, speaking: tiles.filter((tile) => tile.dataset.speaking === "true").map(named)};
}"""


async def looks_on(person: Person) -> None:
    """Until every picture that stays is moving, from one look to the next, and more people have been heard than there are slots for sound."""
    spoke: set[str] = set()
    looks: list[dict[str, Any]] = []
    moving: list[str] = []
    still: list[str] = []
    energy: list[float] = []
    try:
        async with asyncio.timeout(120):
            while len(moving) < FEWEST_TILES or still or len(spoke) < SPEAKERS or energy[-1] < energy[0] + HEARD:
                await asyncio.sleep(LOOK_EVERY_S if looks else 0)
                looks.append(await person.page.evaluate(LOOK))
                before, now = looks[-2:] if len(looks) > 1 else looks * 2
                stay = before["pictures"].keys() & now["pictures"].keys()
                moving = [name for name in stay if now["pictures"][name] != before["pictures"][name]]
                still = [name for name in stay if name not in moving]
                spoke.update(now["speaking"])
                energy.append(now["energy"])
    except TimeoutError:
        raise AssertionError(
            f"{person.name}: {len(moving)} move, {still} stand still; heard {spoke}: {looks}"
        ) from None


async def test_in_a_room_of_thirty_every_tile_moves_and_speakers_change(
    server: ServerProcess, browsers: Browsers
) -> None:
    workshop = await server.create_workshop()
    invite = server.link(workshop, await server.token(workshop, "learner"))
    bots = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "bots", "--url", invite, "-n", str(BOTS), "--speak", "--video"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert bots.stdout is not None
        async with asyncio.timeout(120):
            assert await bots.stdout.readline() == f"{BOTS} of {BOTS} bots are in the workshop\n".encode()
        named = [("Ann", DEVICES[0]), ("Bob", DEVICES[1])]
        async with people(browsers, named) as crowd:
            await asyncio.gather(*(person.join(invite) for person in crowd))
            await asyncio.gather(*(looks_on(person) for person in crowd))
            assert [person.errors for person in crowd] == [[], []]
    finally:
        bots.terminate()
        await bots.communicate()
    assert bots.returncode == 0
