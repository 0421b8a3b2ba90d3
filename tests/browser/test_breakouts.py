"""Breakout rooms through the page: prepared and looked at, the board, help, a task, moving by menu and by dragging, recall.

No cameras: what is tested here is what people do and see; who sees and hears whom is tested in test_workshop.
"""

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.axe import barriers
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


async def enter(browser: Browser, link: str, *, phone: bool = False, dark: bool = False) -> Page:
    context = await browser.new_context(
        viewport=PHONE if phone else DESK, locale="en-GB", color_scheme="dark" if dark else "light"
    )
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Join workshop").click()
    await expect(page.get_by_role("button", name="Leave workshop")).to_be_visible()
    return page


async def constraints(fay: Page) -> None:
    """Two people who must be together, then not: what clashes is told in words. In the end they must be together."""

    async def say(kind: str) -> None:
        await fay.get_by_text(kind, exact=True).click()
        await fay.get_by_role("combobox", name="These people").click()
        for name in ("Lou", "Mia"):
            await fay.get_by_role("option", name=name, exact=True).click()
        await fay.get_by_role("button", name="Add", exact=True).click()

    await fay.get_by_role("button", name="Who goes with whom").click()
    await say("Together")
    await expect(fay.get_by_text("Lou and Mia: together")).to_be_visible()
    await say("Not together")
    await expect(fay.get_by_text("Lou and Mia: not together")).to_be_visible()
    await fay.get_by_role("button", name="Look first").click()
    await expect(fay.get_by_role("alert")).to_contain_text("Lou and Mia must be together; Lou and Mia must be apart")
    assert await barriers(fay) == []
    await fay.get_by_role("button", name="Remove “Lou and Mia: not together”").click()
    await expect(fay.get_by_text("Lou and Mia: not together")).to_have_count(0)


async def test_rooms_are_prepared_opened_seen_on_the_board_and_recalled(
    server: ServerProcess, browser: Browser
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    fay = await enter(browser, server.link(workshop, await server.token(workshop, "facilitator", "Fay", "p_fay")))
    people = {}
    for name in ("Lou", "Mia", "Noa", "Ola"):
        token = await server.token(workshop, "learner", name, f"p_{name.lower()}")
        people[name] = await enter(browser, server.link(workshop, token), phone=name == "Lou", dark=name == "Mia")

    await fay.get_by_role("button", name="Rooms", exact=True).click()
    await fay.get_by_role("button", name="Names and task").click()
    await fay.get_by_label("Names of the rooms").fill("Red\nBlue")
    await fay.get_by_label("Task", exact=True).fill("Compare the two offers.")
    await fay.get_by_label("Steps").fill("Read both\nDecide")
    await constraints(fay)
    await fay.get_by_role("button", name="Look first").click()
    await expect(fay.get_by_text("Why these groups?")).to_be_visible()
    assert await barriers(fay) == []
    await fay.get_by_role("button", name="Open these rooms").click()

    rooms = {}
    for name, page in people.items():
        await expect(page.get_by_text("Compare the two offers.")).to_be_visible()
        rooms[name] = await page.get_by_test_id("room-name").inner_text()
    assert sorted(rooms.values()) == ["Blue", "Blue", "Red", "Red"]
    assert rooms["Lou"] == rooms["Mia"]

    lou, mia = people["Lou"], people["Mia"]
    await lou.get_by_label("Read both").click()
    await expect(lou.get_by_label("Read both")).to_be_checked()
    await lou.get_by_role("button", name="Call for help").click()
    assert await barriers(lou) == []
    assert await barriers(mia) == []

    await fay.get_by_role("button", name="Show all rooms").click()
    card = fay.get_by_role("region", name=rooms["Lou"])
    await expect(card).to_contain_text("Needs help (no. 1)")
    await expect(card).to_contain_text("1 of 2 done")
    assert await barriers(fay) == []
    await card.get_by_role("button", name="On my way").click()
    await expect(lou.get_by_text("Fay is on the way")).to_be_visible()
    await card.get_by_role("button", name="Done").click()
    await expect(card.get_by_text("on the way")).to_have_count(0)  # what stands below it moves up: not under the mouse
    await card.get_by_role("button", name=f"Visit {rooms['Lou']}").click()
    await expect(card).to_contain_text("Here: Fay")

    other = next(room for room in rooms.values() if room != rooms["Lou"])
    await card.get_by_role("button", name="Actions for Lou", exact=True).click()
    await fay.get_by_role("menuitem", name=f"Move to {other}").click()
    await expect(lou.get_by_test_id("room-name")).to_have_text(other)
    target = fay.get_by_role("region", name=other)
    await target.locator("li", has_text="Lou").drag_to(card)
    await expect(lou.get_by_test_id("room-name")).to_have_text(rooms["Lou"])

    await fay.get_by_role("textbox", name="Write to all rooms").fill("Two minutes left")
    await fay.keyboard.press("Enter")
    await mia.get_by_role("button", name="Chat", exact=True).click()
    await expect(mia.get_by_text("Two minutes left").first).to_be_visible()

    await fay.get_by_role("button", name="Recall after a countdown").click()
    await fay.get_by_role("menuitem", name="In 00:30").click()
    await expect(mia.get_by_role("timer").filter(has_text="Everybody goes back to the plenary in")).to_be_visible()
    await fay.get_by_role("button", name="Stop the recall").click()
    await fay.get_by_role("button", name="Recall everyone").click()
    for page in people.values():
        await expect(page.get_by_test_id("room-name")).to_have_text("Plenary")

    await fay.get_by_role("button", name="Rooms", exact=True).click()
    await fay.get_by_role("button", name="Open again").click()
    for name, page in people.items():
        await expect(page.get_by_test_id("room-name")).to_have_text(rooms[name])

    # That nothing was found above says something only if something is found where there is something.
    await fay.evaluate("document.body.append(document.createElement('img'))")
    assert [line.split()[0] for line in await barriers(fay)] == ["image-alt"]
