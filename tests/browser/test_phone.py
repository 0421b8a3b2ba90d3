"""A learner's phone: who speaks and what is to be done are seen at once, and what is to be done can be folded up."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.layout import faults
from tests.browser.staged import divide
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

PORTRAIT = ((390, 844), (360, 640), (320, 640))
TURNED = ((844, 390), (640, 360))
TABLET = (820, 1180)
TYPING = (390, 420)
"""What a keyboard on the screen leaves."""
NAMES = ("Fay", "Maximiliane-Charlotte von Hohenzollern-Sigmaringen", "Bo", "佐藤 花子", "Émile", "Ravi", "Anouk")
SPEAKS = "(id) => window.__atelier.rtc.speaking.set([id])"
"""As if the server had said so: that it does is tested in test_room_of_thirty."""


async def seen(page: Page, selector: str) -> bool:
    """Whether all of it is in the window, and on top."""
    found: bool = await page.locator(selector).first.evaluate(
        """(element) => {
            const box = element.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return box.width > 40 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth && element.contains(top);
        }"""
    )
    return found


async def show(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with asyncio.timeout(20):
        while await faults(page):  # tiles take their size a moment after the window has its own
            await asyncio.sleep(0.1)


async def test_people_and_what_is_to_be_done_are_seen_together(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    tokens = [
        await server.token(workshop, "learner" if number else "facilitator", name, f"p_{number}")
        for number, name in enumerate((*NAMES, "Lou"))
    ]
    clients = [await WireClient(server.base_url, token).connect() for token in tokens[:-1]]
    fay = clients[0]
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(server.link(workshop, tokens[-1]))
    for size in (*PORTRAIT[:2], TURNED[0]):
        await show(page, size)
        assert await seen(page, "button[type=submit]"), size
    await show(page, TYPING)
    await page.locator(".join input").first.focus()
    assert await seen(page, ".join input:focus")
    await page.get_by_role("button", name="Join workshop").click()
    fold = page.locator(".activity-fold")
    await expect(page.get_by_test_id("room-name")).to_be_visible()
    await expect(fold).to_have_count(0)
    options = ["The buyer", "The seller", "Whoever knows more about the market and can say so without giving it away"]
    await fay.ok("CreatePoll", kind="single", question="Who should make the first offer?", options=options, open=True)
    vote = ".activity button[type=submit]"
    await expect(page.locator(vote)).to_be_visible()
    await page.evaluate(SPEAKS, "p_6")
    speaker = '.tile[aria-label="Anouk, speaking"]'
    for size in (*PORTRAIT, *TURNED):
        await show(page, size)
        assert await seen(page, speaker), size
        if size[1] > 600:
            assert await seen(page, vote), size
    await show(page, TABLET)  # where there is room for it, it stands above
    await expect(fold).to_have_count(0)

    await show(page, PORTRAIT[1])
    await page.get_by_role("button", name=re.compile("Next people")).click()
    await expect(page.locator(speaker)).to_have_count(0)  # the next ones
    await page.evaluate(SPEAKS, "p_5")
    assert await seen(page, '.tile[aria-label="Ravi, speaking"]')
    assert await barriers(page) == []

    await page.locator(".activity").get_by_role("radio", name="The seller").check()
    await fold.focus()
    await page.keyboard.press("Enter")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await expect(fold).to_be_focused()
    await expect(fold).to_contain_text("Who should make the first offer?")
    await expect(page.locator(vote)).to_be_hidden()
    assert await page.locator(".tile").count() == len(NAMES) + 1
    assert await barriers(page) == []
    await page.keyboard.press("Enter")
    await show(page, TURNED[0])
    await expect(page.get_by_role("radio", name="The seller")).to_be_checked()  # nothing is lost by turning
    await fay.ok("CreatePoll", kind="single", question="And the second?", options=["The other", "Nobody"], open=True)
    await expect(page.get_by_role("radio", name="Nobody")).to_be_visible()
    await expect(page.locator(vote)).to_be_disabled()  # what was begun is no answer to this one
    await show(page, PORTRAIT[0])
    await fold.click()

    # Something new comes unfolded; that somebody looks in is said also where the task is folded up.
    await divide(fay, clients[1:4], ("Red",))
    await expect(page.get_by_text("Compare the two offers")).to_be_visible()
    await fold.click()
    await expect(page.locator(".activity-body")).to_be_hidden()
    room = next(each["room_id"] for each in fay.of_kind("room") if each["name"] == "Red")
    await fay.ok("ListenIn", room_ids=[room])
    await expect(page.get_by_role("status").filter(has_text="Fay can see and hear this room.")).to_be_visible()
    await show(page, PORTRAIT[2])
    await fold.click()
    await page.locator(".my-room").get_by_role("button", name="Hand in work").click()
    await show(page, TYPING)
    await page.get_by_label("What it is").focus()
    assert await seen(page, "input:focus")
    await context.close()
    await asyncio.gather(*(client.close() for client in clients))
