"""Every panel of a facilitator and of a learner in French and in Japanese: no text is missing, and axe finds nothing, light and dark."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.browser.axe import barriers
from tests.browser.devices import CHROMIUM
from tests.browser.test_failures import QUIET, opened, person_link
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MISSING = r"""() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    for (const element of document.querySelectorAll("*"))
        for (const name of ["aria-label", "aria-description", "title", "placeholder", "alt"])
            texts.push(element.getAttribute(name) ?? "");
    return texts.map((text) => text.trim()).filter((text) => /^[a-z]+\.[a-zA-Z.]+$/.test(text));
}"""
"""Texts that are a key: i18next shows the key where it has no text."""
PANELS = {"facilitator": 8, "learner": 6}
"""How many there are at least, so that a walk past nothing does not pass."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data")
    await process.start()
    yield process
    await process.stop()


async def faults(page: Page) -> list[str]:
    return [*await page.evaluate(MISSING), *await barriers(page)]


async def look_at(page: Page, button: Locator, found: dict[str, list[str]]) -> None:
    """Press what opens a panel, and note what is wrong on it."""
    name = await button.get_attribute("aria-label") or (await button.inner_text()).strip()
    await button.click()
    await expect(page.locator("aside.panel")).to_be_visible()
    await expect(page.locator("aside.panel .mantine-Loader-root")).to_have_count(0)
    await expect(page.get_by_role("menu")).to_have_count(0)
    found[name] = await faults(page)


async def walk(page: Page) -> dict[str, list[str]]:
    """What is wrong on each panel, by the name of its button."""
    found: dict[str, list[str]] = {}
    bar = page.locator("nav.controls .controls-group:nth-last-child(2)")
    for button in await bar.locator("button[aria-expanded]:not([aria-haspopup])").all():
        await look_at(page, button, found)
    more = bar.locator("button[aria-haspopup=menu]")
    if await more.count():
        await more.click()
        items = page.get_by_role("menuitem")
        await expect(items.first).to_be_visible()
        for index in range(await items.count()):
            if index:
                await more.click()
            await look_at(page, items.nth(index), found)
    return found


@pytest.mark.parametrize(("locale", "dark"), [("fr-FR", "facilitator"), ("ja-JP", "learner")])
async def test_every_panel_says_everything(server: ServerProcess, locale: str, dark: str) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for role in ("facilitator", "learner"):
            page = await opened(browser, await person_link(server, workshop, role, f"X{role}"), locale=locale)
            scheme: Literal["dark", "light"] = "dark" if role == dark else "light"
            await page.emulate_media(color_scheme=scheme)
            await expect(page.locator("html")).to_have_attribute("lang", locale[:2])
            await expect(page.locator(".mantine-Alert-root")).to_have_count(2)  # neither camera nor microphone
            assert await faults(page) == []
            await page.locator("button[type=submit]").click()
            await expect(page.get_by_test_id("room-name")).to_be_visible(timeout=20_000)
            found = await walk(page)
            assert len(found) >= PANELS[role]
            assert {name: wrong for name, wrong in found.items() if wrong} == {}
            # That nothing was found says something only if a key would have been.
            await page.evaluate("document.body.append('rooms.none')")
            assert await page.evaluate(MISSING) == ["rooms.none"]
        await browser.close()
