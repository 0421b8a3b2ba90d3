"""Peer review through the page: a facilitator leads through a round, learners write, review and read what came of it.

No cameras; one learner is at a phone. Those who are not at a browser speak the protocol.
"""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.test_breakouts import enter
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]


async def more_time(fay: Page, ann: Page) -> None:
    """The facilitator gives one person five minutes more."""
    await fay.get_by_text("More time for one person").click()
    await fay.get_by_role("combobox", name="Who", exact=True).click()
    await fay.get_by_role("option", name="Ann").click()
    await fay.get_by_role("button", name="Give more time").click()
    await expect(fay.get_by_text("Ann: Write: 5 minutes more")).to_be_visible()
    await expect(ann.get_by_text("Write: 5 minutes more")).to_be_visible()


async def by_hand(fay: Page) -> None:
    """The facilitator reads a work, takes a review of it from somebody, and gives it back."""
    await fay.get_by_text("Who reviews whom").click()
    works = fay.get_by_role("region", name="Ann, Dan")
    await expect(works.get_by_role("link", name="Offer of Ann")).to_have_attribute(
        "href", "https://files.example/offer.pdf"
    )
    await works.get_by_role("button", name="Take the review of Ann, Dan from Cid").click()
    await expect(works.get_by_role("listitem").filter(has_text="Cid")).to_have_count(0)
    await works.get_by_role("combobox", name="Add a reviewer for Ann, Dan").click()
    await fay.get_by_role("option", name="Cid").click()
    await expect(works.get_by_role("listitem").filter(has_text="Cid")).to_contain_text("by hand")


async def test_a_round_from_its_rubric_to_the_ratings(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    others = []
    for name in ("bob", "cid", "dan"):
        token = await server.token(workshop, "learner", name.title(), name)
        others.append(await WireClient(server.base_url, token).connect())
    fay = await enter(browser, server.link(workshop, await server.token(workshop, "facilitator", "Fay", "fay")))
    ann = await enter(browser, server.link(workshop, await server.token(workshop, "learner", "Ann", "ann")), phone=True)
    await fay.get_by_role("button", name="Peer review", exact=True).click()
    await fay.get_by_label("Title of the round").fill("First offers")
    await fay.get_by_label("Criterion 1", exact=True).fill("Clarity")
    await fay.get_by_role("button", name="Prepare the round").click()
    await fay.get_by_role("button", name="Start", exact=True).click()

    await expect(ann.get_by_text("First offers: hand in your work.")).to_be_visible()
    await ann.get_by_role("button", name="Open", exact=True).click()
    await ann.get_by_label("Your work").fill("I would open with 120.")
    await ann.get_by_label("File", exact=True).fill("https://files.example/offer.pdf")
    await ann.get_by_label("Name of the file").fill("Offer of Ann")
    await ann.get_by_role("combobox", name="Co-authors").click()
    await ann.get_by_role("option", name="Dan").click()
    await ann.get_by_label("Your work").click()  # closes the list
    await expect(ann.get_by_text("Saved, not handed in yet")).to_be_visible()
    await ann.get_by_role("button", name="Hand in").click()
    await expect(ann.get_by_text("Handed in; you can change it")).to_be_visible()
    assert await barriers(ann) == []
    await more_time(fay, ann)
    dan = others[2]
    (theirs,) = await dan.until(lambda _: dan.of_kind("submission"))
    assert (theirs["author_ids"], theirs["file_name"]) == (["ann", "dan"], "Offer of Ann")
    await dan.ok("Leave")
    for client in others[:2]:
        (found,) = await client.until(lambda _, client=client: client.of_kind("review_round"))
        await client.ok("DraftWork", round_id=found["round_id"], text="I would open with 90.")
        await client.ok("SubmitWork", round_id=found["round_id"])
    await expect(fay.get_by_text("3/3")).to_be_visible()
    await fay.get_by_role("button", name="Next phase").click()

    await expect(ann.get_by_text("I would open with 90.").first).to_be_visible()
    assert await ann.get_by_role("region", name="Bob").count() == 0  # double blind
    await by_hand(fay)
    for number in (1, 2):
        work = ann.get_by_role("region", name=f"Work {number}")
        await expect(work.get_by_role("button", name="Submit the review")).to_be_disabled()
        await work.get_by_role("radio", name="4").check()
        await work.get_by_label("Comment on Clarity").fill("Say more about the market.")
        await work.get_by_role("button", name="Submit the review").click()
        await expect(work.get_by_text("Submitted")).to_be_visible()
    assert await barriers(ann) == []
    for client in others[:2]:
        criterion = client.of_kind("review_round")[0]["criteria"][0]["criterion_id"]
        for review in await client.until(lambda _, client=client: client.of_kind("review")):
            mark = {"review_id": review["review_id"], "criterion_id": criterion, "score": 5, "comment": "Clear."}
            await client.ok("WriteMark", **mark)
            await client.ok("SubmitReview", review_id=review["review_id"])
    await expect(fay.get_by_text("6/6")).to_be_visible()
    assert await barriers(fay) == []
    await fay.get_by_role("button", name="Next phase").click()

    await expect(ann.get_by_text("Your result")).to_be_visible()
    await expect(ann.get_by_text("100 %", exact=True)).to_be_visible()
    feedback = ann.get_by_role("region", name="Bob")  # revealed
    await expect(feedback).to_contain_text("Clear.")
    await feedback.get_by_role("radio", name="5 stars").press("Space")  # the stars by keyboard
    await expect(feedback.get_by_role("radio", name="5 stars")).to_be_checked()
    await fay.get_by_role("button", name="End the round").click()
    bob = others[0]
    await bob.until(lambda _: [each for each in bob.of_kind("review") if each["rating"]])
    await asyncio.gather(*(client.close() for client in others))
