"""What facilitators write before it is used: a roster whose columns are mapped, a poll and a round that are looked at as learners will have them."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]


async def roster(fay: Page) -> None:
    """Problems are told by line and column; what a column is taken for can be changed; who is not here is listed."""
    await fay.get_by_role("button", name="Rooms", exact=True).click()
    await fay.get_by_role("button", name="Roster", exact=True).click()
    await fay.get_by_role("button", name="Import", exact=True).click()
    dialog = fay.get_by_role("dialog", name="Roster")
    paste = dialog.get_by_role("textbox", name="Paste the roster here")
    await paste.fill("Who;Courriel;Groupe\nAnn;ann@example.org;Red\nBob;nobody;Blue\n")
    await expect(dialog.get_by_text("Line 3, column Courriel: “nobody” is no email address.")).to_be_visible()
    take = dialog.get_by_role("button", name="Import 2 people")
    await expect(take).to_be_disabled()
    assert await barriers(fay) == []
    await paste.fill("Who;Courriel;Groupe\nAnn;ann@example.org;Red\nBob;bob@example.org;Blue\n")
    await dialog.get_by_role("combobox", name="What “Who” is").click()
    await fay.get_by_role("option", name="Name", exact=True).click()
    await take.click()
    await expect(dialog).to_be_hidden()
    await expect(fay.get_by_text("Roster with 2 people")).to_be_visible()
    await fay.get_by_text("2 people of it are not here").click()
    await expect(fay.get_by_text("Bob (line 3)")).to_be_visible()
    await expect(fay.get_by_test_id("room-name")).to_have_text("Plenary")  # nothing was opened by the way


async def poll(fay: Page) -> None:
    await fay.get_by_role("button", name="Polls", exact=True).click()
    await fay.get_by_label("Question", exact=True).fill("Tea or coffee?")
    await fay.get_by_label("Option 1").fill("Tea")
    await fay.get_by_label("Option 2").fill("Coffee")
    await fay.get_by_role("button", name="Preview", exact=True).click()
    seen = fay.get_by_role("region", name="What learners will see")
    await seen.get_by_role("radio", name="Tea").check()
    await seen.get_by_role("button", name="Vote").click()
    assert await barriers(fay) == []
    await expect(fay.get_by_text("No polls yet")).to_be_visible()  # trying it neither opens nor casts anything


async def review(fay: Page) -> None:
    await fay.get_by_role("button", name="Peer review", exact=True).click()
    await fay.get_by_label("Title of the round").fill("Essays")
    await fay.get_by_role("textbox", name="Criterion 1", exact=True).fill("Clarity")
    await fay.get_by_role("button", name="Preview", exact=True).click()
    seen = fay.get_by_role("region", name="What learners will see")
    four = seen.get_by_role("radiogroup", name="Clarity").get_by_role("radio", name="4")
    await four.click()  # not `check`, which looks once, before the form has been drawn with it
    await expect(four).to_be_checked()
    assert await barriers(fay) == []


async def test_what_is_written_is_looked_at_before_it_is_used(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    fay = await (await browser.new_context(locale="en-GB")).new_page()
    errors: list[str] = []
    fay.on("pageerror", lambda error: errors.append(str(error)))
    await fay.goto(server.link(workshop, await server.token(workshop, "facilitator", "Fay", "p_fay")))
    await fay.get_by_role("button", name="Join workshop").click()
    await expect(fay.get_by_role("button", name="Leave workshop")).to_be_visible()
    await roster(fay)
    await poll(fay)
    await review(fay)
    assert errors == []
