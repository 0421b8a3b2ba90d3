"""Where pictures are taken: a server of its own, a browser with a camera and a microphone, and one without."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Playwright, expect

from server.bots import film
from tests.browser import staged
from tests.browser.camera import PATIENCE_MS, Camera
from tests.browser.devices import CHROMIUM, CHROMIUM_FLAGS
from tests.harness import ServerProcess

READY_S = 3.0
"""Until videos have come."""


@dataclass(slots=True)
class Studio:
    """`browser` has a camera and a microphone, `bare` has none."""

    server: ServerProcess
    browser: Browser
    bare: Browser
    camera: Camera
    locale: str

    async def context(self, *, bare: bool = False) -> BrowserContext:
        context = await (self.bare if bare else self.browser).new_context(locale=self.locale)
        if not bare:
            await context.grant_permissions(["camera", "microphone"])
        return context

    async def opened(self, workshop: str, role: str, name: str, who: str, *, bare: bool = False) -> Page:
        """The device check of somebody."""
        page = await (await self.context(bare=bare)).new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(self.server.link(workshop, await self.server.token(workshop, role, name, who)))
        await expect(page.locator("button[type=submit]")).to_be_visible()
        return page

    async def inside(self, workshop: str, role: str, name: str, who: str) -> Page:
        page = await self.opened(workshop, role, name, who)
        await page.locator("button[type=submit]").click()
        await expect(page.get_by_test_id("room-name")).to_be_visible(timeout=PATIENCE_MS)
        return page

    async def set_agenda(self, workshop: str, sheet: str = staged.SHEET) -> None:
        await staged.set_agenda(self.server, workshop, sheet)


@asynccontextmanager
async def studio(playwright: Playwright, folder: Path, camera: Camera, locale: str) -> AsyncIterator[Studio]:
    async with AsyncExitStack() as stack:
        server = ServerProcess(folder / "data")
        await server.start()
        stack.push_async_callback(server.stop)
        own = folder / "own.y4m"
        write_film(own, film.PALETTE[0])
        flags = [
            *CHROMIUM_FLAGS,
            f"--use-file-for-fake-video-capture={own}",
            "--auto-select-desktop-capture-source=Entire screen",
        ]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        stack.push_async_callback(browser.close)
        bare = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[flag for flag in CHROMIUM_FLAGS if "fake" not in flag]
        )
        stack.push_async_callback(bare.close)
        yield Studio(server, browser, bare, camera, locale)


def write_film(path: Path, yuv: tuple[int, int, int]) -> None:
    """What the browser's own camera sees: the figure that bots send."""
    with path.open("wb") as to:
        to.write(f"YUV4MPEG2 W{film.WIDTH} H{film.HEIGHT} F{film.FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for at in range(film.FPS * film.SECONDS):
            to.write(b"FRAME\n")
            for plane in film.picture(yuv, at).planes:
                rows = bytes(plane)
                for line in range(plane.height):
                    to.write(rows[line * plane.line_size : line * plane.line_size + plane.width])
