"""Scenes on networks that are bad, blocked or changing, with real browsers: shared by the tests and by `make bench-network`.

Ann sends and Bob receives; each is at a Chromium or a Firefox. Their pages speak to a `MediaServer` alone (`test_media.py`), through a seeded
relay (`tests/relay.py`) where their network is to be other than good. Expressions are evaluated as they are, because the two browsers' drivers
take arguments differently.
"""

import asyncio
import atexit
import functools
import json
import subprocess
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from aioice.ice import get_host_addresses

from server.media import MediaServer, Tile
from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.firefox import FirefoxPerson, firefox_person
from tests.browser.person import Person, people
from tests.browser.test_layers import WIDTH
from tests.browser.test_media import Listener, media_server
from tests.harness import ServerProcess
from tests.relay import Link, Relay

SEED = 20_240_611
ONE_LAYER = [{"maxBitrate": 400_000, "maxFramerate": 15, "scaleResolutionDownBy": 2}]
BAD = Link(loss=0.05, delay_ms=50, jitter_ms=10, reordered=0.01, duplicated=0.01)
MADE_ADDRESS = "198.51.100.7"
"""Of a network kept for examples (RFC 5737)."""
Browser = Literal["chromium", "firefox"]


class Page(Protocol):
    """A page of either browser."""

    async def evaluate(self, expression: str) -> Any: ...


def address_for(*browsers: Browser) -> str:
    """Where the server is for these browsers. Skips the test where there is no address for a Firefox and none can be made."""
    if "firefox" not in browsers:
        return "127.0.0.1"
    found = own_address()
    if found is None:
        pytest.skip(
            "this machine has only its loopback address, which Firefox does not use for media, and takes no other"
        )
    return found


@functools.cache
def own_address() -> str | None:
    """An address of this machine that Firefox uses, which takes no loopback candidates.

    Where there is none, one is made, on a pair of interfaces of its own until this process ends; None where that is not allowed either.
    """
    found = get_host_addresses(use_ipv4=True, use_ipv6=False)
    if found:
        return str(found[0])
    for said in (
        "link add atelier0 type veth peer name atelier1",
        f"address add {MADE_ADDRESS}/24 dev atelier0",
        "link set atelier0 up",
        "link set atelier1 up",
        "route add default dev atelier0",  # Firefox asks which address it would be seen by from outside
    ):
        try:
            subprocess.run(["ip", *said.split()], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        atexit.register(subprocess.run, ["ip", "link", "delete", "atelier0"], capture_output=True)
    return MADE_ADDRESS


def started(name: str, width: int, encodings: Sequence[dict[str, Any]], configuration: dict[str, Any]) -> str:
    return f"window.start(...{json.dumps([name, width, list(encodings), configuration])})"


@asynccontextmanager
async def at_firefox(browsers: Browsers, name: str) -> AsyncIterator[FirefoxPerson]:
    device = DEVICES[1]
    async with firefox_person(await browsers.firefox(device.pitch_hz), name, device) as person:
        yield person


@asynccontextmanager
async def pages(browsers: Browsers, url: str, named: dict[str, Browser]) -> AsyncIterator[dict[str, Page]]:
    """A page at `url` for each name; all Chromium ones are of one browser."""
    opened: dict[str, Page] = {}
    async with AsyncExitStack() as stack:
        for name, browser in named.items():
            if browser == "chromium":
                context = await (await browsers.chromium()).new_context()
                stack.push_async_callback(context.close)
                page = await context.new_page()
                await page.goto(url)
                opened[name] = page
            else:
                person = await stack.enter_async_context(at_firefox(browsers, name))
                await person.browser.goto(url)
                opened[name] = person.browser
        yield opened


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

    async def height(self, wanted: Collection[int], within_s: float, held_s: float = 0) -> float:
        """Wait until Bob's picture has one of these numbers of lines, and keeps it for so long; the seconds until it had it."""
        seen: list[int] = []
        began = since = time.monotonic()
        try:
            async with asyncio.timeout(within_s):
                while not seen or seen[-1] not in wanted or time.monotonic() - since < held_s:
                    await asyncio.sleep(0.1)
                    seen.append((await self.picture()).get("frameHeight", 0))
                    if seen[-1] not in wanted or (len(seen) > 1 and seen[-2] not in wanted):
                        since = time.monotonic()
        except TimeoutError:
            raise AssertionError(f"not {wanted} lines within {within_s} s: {seen}; {self.media.stats()}") from None
        return since - began if held_s else time.monotonic() - began


@asynccontextmanager
async def scene(
    browsers: Browsers,
    encodings: list[dict[str, Any]],
    *,
    relay_for: str = "bob",
    ann: Browser = "chromium",
    bob: Browser = "chromium",
) -> AsyncIterator[Scene]:
    """Ann and Bob in a room; one of them behind a relay, on a good network at first. See `address_for`."""
    ports: dict[str, int] = {}
    host = address_for(ann, bob)
    async with (
        media_server(Listener(), ports, host) as (media, url),
        pages(browsers, url, {"ann": ann, "bob": bob}) as opened,
    ):
        relay = Relay((host, media.port), seed=SEED, host=host)
        await relay.start()
        ports[relay_for] = relay.port
        try:
            for name, each in (("ann", encodings), ("bob", [{"active": False}])):
                media.place(name, "one")
                await opened[name].evaluate(started(name, WIDTH, each, {}))
            media.view("bob", [Tile(endpoint="ann", media="camera", width=960, height=540)])
            yield Scene(media, opened["ann"], opened["bob"], relay)
        finally:
            relay.close()


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one stretch of a bad network."""

    sent: int
    decoded: int
    shown: int
    still_ms: float
    """The longest time that the picture stood still."""
    samples: int
    made_up: int
    """Of the sound's samples, those that were invented where something was missing."""

    def good(self) -> bool:
        """What issue and README promise, and that the picture was shown, though not each frame of it: a busy machine does not paint all."""
        return (
            self.decoded >= 0.95 * self.sent
            and self.still_ms < 1_000
            and self.shown > 0.5 * self.decoded
            and self.made_up < 0.1 * self.samples
        )


async def measured(on: Scene, seconds: float) -> Measured:
    await on.bob.evaluate("Object.assign(window.seen, {frames: 0, longestMs: 0})")
    sent, before, heard = await on.sent_frames(), await on.picture(), await on.sound()
    await asyncio.sleep(seconds)
    more, after, hears = await on.sent_frames(), await on.picture(), await on.sound()
    shown = await on.bob.evaluate("window.seen")

    def grown(what: str) -> int:
        return int(hears[what] - heard[what])

    return Measured(
        more - sent,
        after["framesDecoded"] - before["framesDecoded"],
        shown["frames"],
        shown["longestMs"],
        grown("totalSamplesReceived"),
        grown("concealedSamples") - grown("silentConcealedSamples"),
    )


@asynccontextmanager
async def two(
    browsers: Browsers,
    listener: Listener,
    ports: dict[str, int],
    host: str = "127.0.0.1",
    relays: Sequence[Relay] = (),
    bob: Browser = "chromium",
    **configuration: Any,
) -> AsyncIterator[tuple[MediaServer, Page, Page]]:
    """Ann, and Bob with an RTCConfiguration of his own; the relays lead to the server."""
    async with (
        media_server(listener, ports, host) as (media, url),
        pages(browsers, url, {"ann": "chromium", "bob": bob}) as opened,
    ):
        for relay in relays:
            relay.target = (host, media.port)
        for name, settings in (("ann", {}), ("bob", configuration)):
            media.place(name, "one")
            await opened[name].evaluate(started(name, 320, [{}], settings))
        yield media, opened["ann"], opened["bob"]


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
        """(async () => { const all = [...(await window.pc.getStats()).values()];
        const used = all.filter((stat) => stat.type === "transport").map((stat) => stat.selectedCandidatePairId);
        const pairs = all.filter((stat) => stat.type === "candidate-pair" && (stat.selected ?? used.includes(stat.id)));
        return pairs.map((pair) => all.find((stat) => stat.id === pair.localCandidateId))
          .map((local) => [local.candidateType, local.relayProtocol ? "relay" : local.protocol]); })()"""
    )
    return {(kind, protocol) for kind, protocol in said}


BEHIND = """() => {
  // The server is where the relay is, and nowhere else.
  const described = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({type, sdp}) {
    const other = sdp.replace(/a=candidate:\\S+ \\d+ tcp .*\\r\\n/g, "").replace(/( udp \\d+ \\S+) \\d+ typ/g, `$1 ${window.__mediaPort} typ`);
    return described.call(this, {type, sdp: other});
  };
}"""
DECODED = """(async () => {
  let frames = 0;
  for (const pc of window.__probe.pcs()) for (const stat of (await pc.getStats()).values()) frames += stat.framesDecoded ?? 0;
  return frames;
})()"""


async def more_frames(page: Page, within_s: float) -> None:
    """Until a page of the product has decoded some frames more."""
    first = await page.evaluate(DECODED)
    async with asyncio.timeout(within_s):
        while await page.evaluate(DECODED) < first + 3:
            await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Changed:
    """What the product's own client did when its network was bad for a while, and then gone while there was another."""

    offers: list[int]
    """For each connection of its page, those made while the network was bad: one if nothing was taken for dead."""
    seconds: float
    """From the change until both people saw each other again."""
    connections: int
    """That its page has opened altogether."""


@asynccontextmanager
async def fay_and_lou(
    browsers: Browsers, port: int, browser: Browser
) -> AsyncIterator[tuple[Person, Person | FirefoxPerson, Page]]:
    """Fay, Lou, and Lou's page, whose server is behind this port of the relay's."""
    behind = f"() => {{ window.__mediaPort = {port}; ({BEHIND})(); }}"
    async with AsyncExitStack() as stack:
        if browser == "firefox":
            (fay,) = await stack.enter_async_context(people(browsers, [("Fay", DEVICES[0])]))
            person = await stack.enter_async_context(at_firefox(browsers, "Lou"))
            await person.browser.preload(behind)
            yield fay, person, person.browser
        else:
            named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1])]
            fay, lou = await stack.enter_async_context(people(browsers, named))
            await lou.page.context.add_init_script(f"({behind})()")
            yield fay, lou, lou.page


async def changed_network(
    browsers: Browsers,
    folder: Path,
    browser: Browser = "chromium",
    bad_s: float = 6,
    *,
    tries: int = 1,
    enough_s: float = 0,
) -> Changed:
    """The network changes `tries` times, or until it was got over in less than `enough_s`, since what else a machine does takes time, too."""
    host = address_for(browser)
    server = ServerProcess(folder / "data", ATELIER_UDP_HOST=host)
    await server.start()
    former, *others = relays = [Relay((host, server.udp_port), seed=seed, host=host) for seed in range(1, tries + 2)]
    try:
        for relay in relays:
            await relay.start()
        workshop_id = await server.create_workshop("Networks")
        async with fay_and_lou(browsers, former.port, browser) as (fay, lou, page):
            for person in (fay, lou):
                await person.join(server.link(workshop_id, await server.token(workshop_id, "learner")))
            await asyncio.gather(*(more_frames(each, 60) for each in (fay.page, page)))
            assert former.counts["up passed"] > 20
            former.up = former.down = BAD
            await asyncio.sleep(bad_s)
            offers = await lou.negotiations()
            former.up = former.down = Link()
            took: list[float] = []
            for latter in others:
                await page.evaluate(f"window.__mediaPort = {latter.port}")
                former.blocked = True
                began = time.monotonic()
                await asyncio.sleep(1)  # what was on its way has come
                await asyncio.gather(*(more_frames(each, 60) for each in (fay.page, page)))
                took.append(time.monotonic() - began)
                assert latter.counts["down passed"] > 0
                if took[-1] < enough_s:
                    break
                former = latter
            return Changed(offers, min(took), int(await page.evaluate("window.__probe.opened()")))
    finally:
        for relay in relays:
            relay.close()
        await server.stop()
