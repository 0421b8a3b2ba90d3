"""A person at a browser: joins by link, perceives, and does what people do, through the page that everybody gets."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.browsers import Browsers
from tests.browser.devices import OUTPUT, PROBE, QUIET, Device

PATIENCE_MS = 30_000
"""For what a page is expected to show; only reached where it never does, or where the machine has no time."""


class Perceiving(Protocol):
    """Somebody at a browser, whichever it is."""

    name: str
    device: Device

    async def perceive(self, ms: int = 2500) -> tuple[set[str], set[str], int]: ...


@dataclass(slots=True)
class Person:
    """One page, and the only one at its browser. `device` tells this person's picture and sound from everybody else's."""

    name: str
    device: Device
    page: Page
    errors: list[str]

    async def join(self, link: str) -> None:
        """Open the link, give a name where the page asks for one, and enter the workshop."""
        await self.page.goto(link)
        button = self.page.get_by_role("button", name=re.compile("^Join"))
        await expect(button).to_be_visible(timeout=PATIENCE_MS)
        field = self.page.get_by_label("Your name")
        if await field.count() and await field.is_editable():
            await field.fill(self.name)
        await expect(button).to_be_enabled(timeout=PATIENCE_MS)
        await button.click()
        await expect(self.page.get_by_role("button", name=re.compile("^Leave"))).to_be_visible(timeout=PATIENCE_MS)

    async def open_panel(self, name: str) -> None:
        """Open a side panel by its button's name, in the menu where there is no room for it; leave it open if it is."""
        if await self.page.get_by_role("heading", name=name, exact=True).count():
            return
        button = self.page.get_by_role("button", name=name, exact=True)
        if not await button.count():
            await self.page.get_by_role("button", name="More", exact=True).click()
            await self.page.get_by_role("menuitem", name=name).click()
            return
        if await button.get_attribute("aria-expanded") != "true":
            await button.click()

    async def room(self) -> str:
        """The name of the room that the header shows."""
        return (await self.page.get_by_test_id("room-name").inner_text()).strip()

    async def expect_room(self, name: str) -> None:
        await expect(self.page.get_by_test_id("room-name")).to_contain_text(name, timeout=PATIENCE_MS)

    async def open_breakouts(self, count: int) -> None:
        await self.open_panel("Rooms")
        await self.page.get_by_role("textbox", name="Number of rooms").fill(str(count))
        await self.page.get_by_role("button", name="Open rooms").click()

    async def move(self, who: str, room: str) -> None:
        """Move somebody by the menu beside their name."""
        await self.open_panel("Rooms")
        await self.page.get_by_role("button", name=f"Actions for {who}", exact=True).click()
        await self.page.get_by_role("menuitem", name=f"Move to {room}", exact=True).click()

    async def recall(self) -> None:
        await self.open_panel("Rooms")
        await self.page.get_by_role("button", name="Recall everyone").click()

    async def open_poll(self, question: str, options: Sequence[str]) -> None:
        await self.open_panel("Polls")
        await self.page.get_by_label("Question", exact=True).fill(question)
        for index, option in enumerate(options, start=1):
            await self.page.get_by_label(f"Option {index}").fill(option)
        # Of an anonymous poll single votes are not seen to come.
        await self.page.get_by_label("Anonymous", exact=True).uncheck()
        await self.page.get_by_role("button", name="Open poll").click()

    async def vote(self, option: str) -> None:
        await self.page.get_by_role("radio", name=option, exact=True).first.check()
        await self.page.get_by_role("button", name="Vote", exact=True).first.click()

    async def expect_tally(self, counts: dict[str, int]) -> None:
        await self.open_panel("Polls")
        for option, count in counts.items():
            await expect(self.page.get_by_test_id(f"count-{option}")).to_have_text(str(count), timeout=PATIENCE_MS)

    async def say(self, text: str) -> None:
        await self.open_panel("Chat")
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def perceive(self, ms: int = 2500) -> tuple[set[str], set[str], int]:
        """Colours seen and pitches heard on the decoded media within `ms`, and frames decoded meanwhile."""
        what: dict[str, Any] = await self.page.evaluate("(ms) => window.__probe.perceive(ms)", ms)
        seen = {colour for colour, frames in what["seen"].items() if frames >= 5}
        heard = {colour for colour, times in what["heard"].items() if times >= 5}
        return seen, heard, int(what["decoded"])

    async def negotiations(self) -> list[int]:
        """Offers made, one number for each open RTCPeerConnection of the page."""
        connections = await self.page.evaluate("() => window.__probe.connections()")
        return [connection["offers"] for connection in connections]


@asynccontextmanager
async def people(
    browsers: Browsers, named: Sequence[tuple[str, Device]], *, media: bool = True
) -> AsyncIterator[list[Person]]:
    """A page for each name at the browser with their device, or at one with none; closed in the end.

    Uncaught errors of the pages are collected in `Person.errors`.
    """
    contexts: list[BrowserContext] = []
    crowd: list[Person] = []
    try:
        for name, device in named:
            browser = await (browsers.with_device(device) if media else browsers.chromium(QUIET))
            context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
            contexts.append(context)
            if media:
                await context.grant_permissions(["camera", "microphone"])
            await context.add_init_script(path=PROBE)
            page = await context.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            crowd.append(Person(name=name, device=device, page=page, errors=errors))
        yield crowd
    except BaseException:
        OUTPUT.mkdir(exist_ok=True)
        for person in crowd:
            await person.page.screenshot(path=OUTPUT / f"{person.name}.png")
        raise
    finally:
        for context in contexts:
            await context.close()


async def expect_company(groups: Sequence[Sequence[Perceiving]], *, within_s: float = 60) -> None:
    """Within the time, everybody sees and hears everyone of their own group, and nobody else."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while True:
        members = [(person, group) for group in groups for person in group]
        perceived = await asyncio.gather(*(person.perceive() for person, _ in members))
        wrong = []
        for (person, group), (seen, heard, decoded) in zip(members, perceived, strict=True):
            expected = {other.device.colour for other in group if other is not person}
            if seen != expected or heard != expected or (decoded > 0) != bool(expected):
                wrong.append(f"{person.name}: expected {expected}, saw {seen}, heard {heard}, {decoded} frames decoded")
        if not wrong:
            return
        if loop.time() > deadline:
            raise AssertionError("; ".join(wrong))
