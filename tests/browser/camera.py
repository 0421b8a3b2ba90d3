"""Takes pictures of pages, in each window size and colour scheme; and makes PNGs small."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Literal

import av
from av.filter import Graph
from playwright.async_api import Page, expect

PATIENCE_MS = 30_000
SETTLE_S = 0.4
LOADING = ", ".join(
    f"{part} .mantine-Loader-root:visible" for part in (".room-main", ".panel", ".drawer-body", ".summary")
)


@dataclass(frozen=True, slots=True)
class View:
    """A window, CSS pixels, and a colour scheme."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


VIEWS = {
    view.name: view
    for view in (
        View("desktop", 1280, 800, "light"),
        View("desktop-dark", 1280, 800, "dark"),
        View("phone", 390, 844, "light"),
        View("phone-dark", 390, 844, "dark"),
        View("narrow", 320, 640, "light"),
        View("tall", 1280, 1900, "light"),
    )
}


@dataclass(slots=True)
class Camera:
    """Pictures go to `out` as `<prefix>-<screen>-<view>.png`; a screen is left out unless one of `only` is part of its name."""

    out: Path
    views: Sequence[View]
    only: Sequence[str] = ()
    prefix: str = ""
    taken: list[str] = field(default_factory=list)

    def wants(self, *screens: str) -> bool:
        """Whether any of these is asked for; what is not need not be set up."""
        return not self.only or any(word in f"{self.prefix}-{screen}" for word in self.only for screen in screens)

    async def take(self, page: Page, screen: str) -> None:
        """In every view; afterwards the page is as wide as before."""
        if not self.wants(screen):
            return
        for view in self.views:
            await show(page, view)
            await self.shoot(page, screen, view)
        await show(page, self.views[0])

    async def shoot(self, page: Page, screen: str, view: View) -> None:
        """As the page is now."""
        name = f"{self.prefix}-{screen}-{view.name}" if self.prefix else f"{screen}-{view.name}"
        await page.screenshot(path=self.out / f"{name}.png")
        self.taken.append(name)


async def show(page: Page, view: View) -> None:
    """Give the page this window and scheme, and wait until it has settled."""
    await page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
    await page.set_viewport_size({"width": view.width, "height": view.height})
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", view.scheme)
    await expect(page.locator(LOADING)).to_have_count(0, timeout=PATIENCE_MS)
    await page.evaluate("() => document.fonts.ready.then(() => undefined)")
    await asyncio.sleep(SETTLE_S)


def quantised(png: bytes) -> bytes:
    """The same picture with a palette of 256 colours of its own."""
    with av.open(BytesIO(png)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25))
    split, palette, use, sink = (
        graph.add("split"), graph.add("palettegen", "stats_mode=single"), graph.add("paletteuse", "dither=none:new=1"), graph.add("buffersink")
    )  # fmt: skip
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    source.push(frame)
    source.push(None)
    few = sink.pull()
    assert isinstance(few, av.VideoFrame)
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = few.width, few.height, "pal8", Fraction(1, 25)
    encoder.options = {"compression_level": "9", "pred": "none"}
    return b"".join(bytes(packet) for packet in [*encoder.encode(few), *encoder.encode(None)])
