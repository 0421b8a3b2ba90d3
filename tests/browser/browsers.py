"""Browsers that stay open from test to test; whoever is at one has a context, or a container, of their own.

What a Chromium is given at its start (which camera, which permissions) is the same for many tests, and starting one costs more than most of them need.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

from tests.browser.devices import CHROMIUM, CHROMIUM_FLAGS, Device, flags_for
from tests.browser.firefox import Connection, launched

KEPT = 3
"""Chromiums that stay open, each some 200 MB."""


class Browsers:
    """Each is started when it is first asked for, and again where it has ended."""

    def __init__(self, playwright: Playwright, folder: Path, stack: AsyncExitStack) -> None:
        self._playwright = playwright
        self._folder = folder
        """Where the devices' films and Firefox's profile are."""
        self._stack = stack
        self._chromiums: dict[tuple[str, ...], Browser] = {}
        """By their flags, the last used last."""
        self._firefoxes: dict[int, Connection] = {}

    async def chromium(self, flags: Sequence[str] = CHROMIUM_FLAGS) -> Browser:
        key = tuple(flags)
        found = self._chromiums.pop(key, None)
        if found is None or not found.is_connected():
            found = await self._playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
        self._chromiums[key] = found
        return found

    async def with_device(self, device: Device) -> Browser:
        """A Chromium whose camera and microphone are these."""
        return await self.chromium(flags_for(device, self._folder))

    async def firefox(self, pitch_hz: int) -> Connection:
        """A Firefox whose microphone whistles so."""
        found = self._firefoxes.get(pitch_hz)
        if found is None or not found.running:
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            found = await self._stack.enter_async_context(
                launched(folder, **{"media.navigator.audio.fake_frequency": pitch_hz})
            )
            self._firefoxes[pitch_hz] = found
        return found

    async def tidy(self) -> None:
        """Close every page, since nobody is at any of them now, and the browsers that were not used of late."""
        for browser in self._chromiums.values():
            for context in browser.contexts:
                await context.close()
        for key in list(self._chromiums)[:-KEPT]:
            await self._chromiums.pop(key).close()

    async def close(self) -> None:
        for browser in self._chromiums.values():
            await browser.close()


@asynccontextmanager
async def browsers(folder: Path) -> AsyncIterator[Browsers]:
    """`folder` is for what they are given; all are closed in the end."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        made = Browsers(playwright, folder, stack)
        stack.push_async_callback(made.close)
        yield made
