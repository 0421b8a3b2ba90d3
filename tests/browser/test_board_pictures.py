"""The board's tiny pictures: of the rooms that are looked into and of no other, and nothing comes while nothing is looked at."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.axe import barriers
from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import Person, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]
WITHIN_S = 90


async def expect_pictures(person: Person, colours: set[str]) -> None:
    """Within the time these are seen, and where there are none no frame is decoded either."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN_S
    while True:
        seen, _, decoded = await person.perceive(1500)
        if seen == colours and (decoded > 0) == bool(colours):
            return
        assert loop.time() < deadline, f"expected {colours}, saw {seen}; {decoded} frames decoded"


async def test_a_room_is_looked_into_from_the_board(server: ServerProcess, browsers: Browsers) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1]), ("Mia", DEVICES[2])]
    async with people(browsers, named) as (fay, lou, mia):
        for person, role in ((fay, "facilitator"), (lou, "learner"), (mia, "learner")):
            token = await server.token(workshop, role, person.name, f"p_{person.name.lower()}")
            await person.join(server.link(workshop, token))
        await fay.open_breakouts(2)
        room = {}
        for person in (lou, mia):
            await expect(person.page.get_by_test_id("room-name")).to_contain_text("Room")
            room[person.name] = await person.room()
        await fay.page.get_by_role("button", name="Show all rooms").click()
        await expect(fay.page.get_by_role("region", name=room["Lou"])).to_be_visible()
        await expect_pictures(fay, set())

        card = fay.page.get_by_role("region", name=room["Lou"])
        listen = card.get_by_role("button", name=f"Listen in to {room['Lou']}")
        await listen.focus()
        await fay.page.keyboard.press("Enter")
        await expect(card.locator("figure").filter(has_text="Lou")).to_be_visible()
        await expect_pictures(fay, {lou.device.colour})
        await expect(lou.page.get_by_text("Fay can see and hear this room.")).to_be_visible()
        await expect(mia.page.get_by_text("can see and hear this room")).to_have_count(0)
        assert await barriers(fay.page) == []

        other = fay.page.get_by_role("region", name=room["Mia"])
        await other.get_by_role("button", name=f"Listen in to {room['Mia']}").click()
        await expect_pictures(fay, {lou.device.colour, mia.device.colour})
        await expect(mia.page.get_by_text("Fay can see and hear this room.")).to_be_visible()
        await expect(lou.page.get_by_text("Fay can see and hear this room.")).to_be_visible()
        await listen.click()
        await expect(card.locator("figure")).to_have_count(0)
        await expect(lou.page.get_by_text("can see and hear this room")).to_have_count(0)
        await expect_pictures(fay, {mia.device.colour})
        await other.get_by_role("button", name=f"Listen in to {room['Mia']}").click()
        await expect_pictures(fay, set())
        assert [person.errors for person in (fay, lou, mia)] == [[], [], []]
