"""Every screen of a facilitator and of a learner, in three languages, on a desktop, on phones, and enlarged to 200 %.

Nothing may be wider than the window, be cut, or be a key instead of a text; nothing may be said on the console; and axe finds nothing, light and
dark. The workshop that is looked at is full of long names and long texts (`staged.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.layout import faults
from tests.browser.staged import Staged, staged
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

DESKTOP, PHONE, NARROW, ENLARGED = (1280, 800), (390, 844), (320, 640), (640, 400)
"""`ENLARGED`: what a window of 1280 × 800 has at 200 %."""
KEYS = {"facilitator": "cprowqat", "learner": "cpowqat"}
"""The panels' own keys."""
PATIENCE_MS = 30_000
"""Only reached where something is wrong, or the machine has no time."""
SETTLE_TRIES, SETTLE_S = 20, 0.25
Scheme = Literal["dark", "light"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(server: ServerProcess) -> AsyncIterator[Staged]:
    async with staged(server) as workshop:
        yield workshop


class Walk:
    """One page that is taken from screen to screen; `wrong` is what was found, by screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: dict[str, list[str]] = {}
        self.looked_at = 0
        page.on("console", lambda message: message.type in ("error", "warning") and self._said(message.text))
        page.on("pageerror", lambda error: self._said(str(error)))

    def _said(self, text: str) -> None:
        if (
            "status of 40" not in text
        ):  # the browser tells of every answer that is no success, also of one that is handled
            self.wrong.setdefault("console", []).append(text)

    async def look(self, screen: str, *, axe: bool = False) -> None:
        await expect(self.page.locator(".mantine-Loader-root:visible")).to_have_count(0, timeout=PATIENCE_MS)
        for _ in range(SETTLE_TRIES):  # tiles take their size a moment after their surroundings have theirs
            misfits = await faults(self.page)
            if not misfits:
                break
            await asyncio.sleep(SETTLE_S)
        found = [*misfits, *(await barriers(self.page) if axe else ())]
        self.looked_at += 1
        if found:
            self.wrong[screen] = found

    async def resize(self, size: tuple[int, int]) -> None:
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    async def panels(self, keys: str, size: tuple[int, int], *, axe: bool) -> None:
        """Open each by its key, look, and shut it again."""
        opened = self.page.locator("aside.panel, [role=dialog]")
        for key in (*keys, "?"):
            await self.page.keyboard.press(key)
            await expect(opened).to_have_count(1, timeout=PATIENCE_MS)
            await self.look(f"{key} {size}", axe=axe)
            for _ in range(3):  # out of the field, out of the panel
                if not await opened.count():
                    break
                await self.page.keyboard.press("Escape")
            await expect(opened).to_have_count(0, timeout=PATIENCE_MS)

    async def room(self, role: str, size: tuple[int, int], *, axe: bool = False) -> None:
        await self.resize(size)
        await self.look(f"room {size}", axe=axe)
        await self.panels(KEYS[role], size, axe=axe)
        await self.page.keyboard.press("k")
        await expect(self.page.locator("section.captions")).to_have_count(1)
        await self.look(f"captions {size}", axe=axe)
        await self.page.keyboard.press("k")
        if role == "facilitator":
            await self.page.keyboard.press("b")
            await expect(self.page.locator("section.board")).to_be_visible()
            await self.look(f"board {size}", axe=axe)
            await self.page.keyboard.press("b")


async def walk(
    browser: Browser, link: str, role: str, locale: str, scheme: Scheme, sizes: Sequence[tuple[int, int]], *, axe: bool
) -> Walk:
    context = await browser.new_context(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    walker = Walk(page)
    await page.goto(link)
    await expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    await expect(page.locator(".mantine-Alert-root")).to_have_count(
        2, timeout=PATIENCE_MS
    )  # neither camera nor microphone
    for size in sizes:
        await walker.resize(size)
        await walker.look(f"device check {size}", axe=axe and size == DESKTOP)
    await page.locator("button[type=submit]").click()
    await expect(page.get_by_test_id("room-name")).to_be_visible(timeout=PATIENCE_MS)
    for size in sizes:
        await walker.room(role, size, axe=axe and size == DESKTOP)
    return walker


@pytest.mark.parametrize(
    ("locale", "sizes", "dark"),
    [
        ("en-GB", (DESKTOP, PHONE, ENLARGED), "learner"),
        ("fr-FR", (DESKTOP, NARROW), "facilitator"),
        ("ja-JP", (NARROW,), "learner"),
    ],
)
async def test_every_screen_fits_and_says_everything(
    server: ServerProcess, stage: Staged, browser: Browser, locale: str, sizes: Sequence[tuple[int, int]], dark: str
) -> None:
    async def one(role: str) -> Walk:
        token = await server.token(stage.workshop_id, role, f"{role} {locale}", f"p_{role}_{locale}")
        link = server.link(stage.workshop_id, token)
        scheme: Scheme = "dark" if role == dark else "light"
        return await walk(browser, link, role, locale, scheme, sizes, axe=locale != "ja-JP")

    for role, walker in zip(KEYS, await asyncio.gather(*(one(role) for role in KEYS)), strict=True):
        assert walker.wrong == {}, role
        assert walker.looked_at >= len(sizes) * (len(KEYS[role]) + 4)
        # That nothing was found says something only if it would have been.
        await walker.page.evaluate("document.querySelector('main').append('rooms.none')")
        await walker.page.evaluate("document.querySelector('main .stage').style.width = '5000px'")
        told = " ".join(await faults(walker.page))
        assert "the text rooms.none is missing" in told
        assert "reaches from" in told
        await walker.page.context.close()


async def test_a_page_without_a_workshop_fits(server: ServerProcess, browser: Browser) -> None:
    page = await (await browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 640})).new_page()
    for path in ("/", "/w/w_none", "/w/w_none#t=cut.off.here"):
        await page.goto(f"{server.base_url}{path}")
        await page.reload()  # a new mark alone does not load it
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await faults(page) == [], path
    await page.context.close()
