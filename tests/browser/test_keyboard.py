"""Whole journeys without a mouse: a learner's and a facilitator's, every step by keys, with the focus never lost.

The other side of each journey speaks the protocol, so that each test is one person's.
"""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.browsers import Browsers
from tests.browser.keyboard import Keyboard
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

SCALE = {"low": 1, "high": 5, "low_label": "cold", "high_label": "hot"}


@pytest_asyncio.fixture(loop_scope="session")
async def browser(browsers: Browsers) -> Browser:
    """With a camera and a microphone."""
    return await browsers.chromium()


async def come_in(browser: Browser, link: str, name: str) -> tuple[Page, Keyboard]:
    """Open the link; check the devices, say who one is, and join."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    await context.grant_permissions(["camera", "microphone"])
    page = await context.new_page()
    await page.goto(link)
    keys = Keyboard(page)
    await expect(page.get_by_role("button", name="Turn camera off")).to_be_visible()
    await keys.activate("Turn camera off", key="Space")
    await expect(page.get_by_text("Your camera is off")).to_be_visible()
    await keys.fill("Your name", name)
    await keys.to("Microphone")
    await keys.activate("Join workshop")
    await expect(page.get_by_role("button", name="Leave workshop")).to_be_visible()
    assert (await keys.focused())["tag"] == "h1"
    return page, keys


async def test_a_learner_needs_no_mouse(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    fay = await WireClient(server.base_url, await server.token(workshop, "facilitator", "Fay", "fay")).connect()
    bob = await WireClient(server.base_url, await server.token(workshop, "learner", "Bob", "bob")).connect()
    page, keys = await come_in(browser, server.link(workshop, await server.token(workshop, "learner")), "Lou")
    lou = (await fay.until(lambda _: [each for each in fay.of_kind("participant") if each["name"] == "Lou"]))[0]
    lou_id = lou["participant_id"]

    await keys.press("h")
    await expect(page.get_by_role("button", name="Lower hand")).to_be_visible()
    await keys.press("h")
    await fay.until(lambda found: found[f"participant:{lou_id}"]["hand_raised_seq"] is None)

    await keys.press("c")
    assert (await keys.focused())["name"] == "Message"
    await keys.write("Good morning")
    await keys.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Good morning")
    await keys.press("Escape", "Escape")  # out of the field, then out of the panel
    await expect(page.locator("aside.panel")).to_have_count(0)
    assert (await keys.focused())["name"] == "Chat"

    await keys.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(sheet.get_by_text("Raise or lower hand")).to_be_visible()
    await keys.activate("Single keys", key="Space")
    await keys.press("Escape", "h")
    await expect(sheet).to_have_count(0)
    await keys.press("F6", "F6")
    await keys.activate("Raise hand")  # the key is off, the button is not
    await expect(page.get_by_role("button", name="Lower hand")).to_be_focused()
    await keys.press("Enter", "F6")
    await keys.activate("Keyboard shortcuts")
    await keys.activate("Single keys", key="Space")
    await keys.press("Escape")
    await expect(sheet).to_have_count(0)

    await answer_every_kind_of_poll(fay, page, keys)
    await write_and_review(fay, bob, page, keys)

    await fay.ok("OpenBreakouts", rooms=[{"task": {"text": "Agree on a price.", "steps": ["Read both"]}}])
    await expect(page.get_by_test_id("room-name")).to_have_text("Room 1")
    await keys.activate("Read both", key="Space")
    await expect(page.get_by_label("Read both")).to_be_checked()
    await keys.activate("Call for help")
    await fay.until(lambda _: fay.of_kind("help"))
    await keys.activate("Leave workshop")
    await expect(page.get_by_role("heading", name="You have left")).to_be_visible()
    assert (await keys.focused())["tag"] == "h1"
    await keys.activate("Join again")
    await expect(page.get_by_role("button", name="Join workshop")).to_be_visible()
    await asyncio.gather(fay.close(), bob.close())


async def answer_every_kind_of_poll(fay: WireClient, page: Page, keys: Keyboard) -> None:
    """Each stands in front as it opens; it is answered there, and the focus stays with it."""

    async def opened(kind: str, **fields: Any) -> str:
        await fay.ok("CreatePoll", kind=kind, question=f"A {kind}?", open=True, **fields)
        polls = await fay.until(lambda _: [each for each in fay.of_kind("poll") if each["poll_kind"] == kind])
        await expect(page.get_by_role("region", name=f"A {kind}?")).to_be_visible()
        await keys.press("F6")
        while (await keys.focused())["tag"] != "main":
            await keys.press("F6")
        return str(polls[0]["poll_id"])

    async def voted(kind: str, poll_id: str) -> None:
        await keys.activate("Vote")
        await expect(page.get_by_text("Your answer is counted.").or_(page.get_by_text("You answered"))).to_be_visible()
        assert (await keys.focused())["inside"] in (f"A {kind}?", "")
        await fay.ok("ClosePoll", poll_id=poll_id)
        await expect(page.get_by_role("region", name=f"A {kind}?")).to_have_count(0)
        await keys.focused()

    options = ["Red", "Blue"]
    poll = await opened("single", options=options)
    await keys.to("Red")
    await keys.press("Space", "ArrowDown")
    await expect(page.get_by_role("radio", name="Blue")).to_be_checked()
    await voted("single", poll)

    poll = await opened("multiple", options=options, max_choices=2)
    await keys.activate("Red", key="Space")
    await keys.activate("Blue", key="Space")
    await voted("multiple", poll)

    poll = await opened("scale", scale=SCALE)
    await keys.to("1")
    await keys.press("Space", "ArrowRight", "ArrowRight")
    await expect(page.get_by_role("radio", name="3")).to_be_checked()
    await voted("scale", poll)

    poll = await opened("ranking", options=options)
    await keys.activate("Blue")
    await keys.activate("Red")
    await keys.activate("Move Red up", back=True)
    await voted("ranking", poll)

    for kind in ("text", "words"):
        poll = await opened(kind)
        await keys.fill(f"A {kind}?", "patience")
        await voted(kind, poll)

    poll = await opened("quiz", options=options, right=[0])
    await keys.activate("Red", key="Space")
    await voted("quiz", poll)


async def write_and_review(fay: WireClient, bob: WireClient, page: Page, keys: Keyboard) -> None:
    """A round of two people who review each other."""
    criteria = [{"title": "Clarity", "scale": {"least": 1, "most": 5}, "comment": "required"}]
    await fay.ok("CreateReviewRound", settings={"title": "First offers", "reviews_each": 1}, criteria=criteria)
    (found,) = await fay.until(lambda _: fay.of_kind("review_round"))
    round_id = found["round_id"]
    await fay.ok("StartReviewRound", round_id=round_id)
    await expect(page.get_by_text("First offers: hand in your work.")).to_be_visible()
    await keys.press("w")
    await expect(page.get_by_label("Your work")).to_be_visible()
    await keys.fill("Your work", "I would open with 120.")
    await keys.activate("Hand in")
    await expect(page.get_by_text("Handed in; you can change it")).to_be_visible()
    await keys.focused()
    await bob.ok("DraftWork", round_id=round_id, text="I would open with 90.")
    await bob.ok("SubmitWork", round_id=round_id)
    await fay.ok("AdvanceReviewRound", round_id=round_id)
    await expect(page.get_by_text("I would open with 90.")).to_be_visible()
    await keys.to("1", inside="Work 1")
    await keys.press("Space", "ArrowRight", "ArrowRight", "ArrowRight")
    await expect(page.get_by_role("radio", name="4")).to_be_checked()
    await keys.fill("Comment on Clarity", "Say more about the market.")
    await expect(page.get_by_role("button", name="Submit the review")).to_be_enabled()
    await keys.activate("Submit the review")
    await expect(page.get_by_text("Submitted")).to_be_visible()
    await keys.focused()
    await fay.ok("CloseReviewRound", round_id=round_id)
    await keys.press("Escape")
    await expect(page.locator("aside.panel")).to_have_count(0)
    await keys.focused()


async def test_a_facilitator_needs_no_mouse(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    tokens = {name: await server.token(workshop, "learner", name, name.lower()) for name in ("Ann", "Bob")}
    ann, bob = [await WireClient(server.base_url, token).connect() for token in tokens.values()]
    page, keys = await come_in(browser, server.link(workshop, await server.token(workshop, "facilitator")), "Fay")

    await write_every_kind_of_poll(ann, page, keys)
    await lead_a_review(ann, bob, page, keys)

    await keys.press("r")
    await keys.fill("Number of rooms", "2")
    await keys.activate("Open rooms")
    await ann.until(lambda found: found["participant:ann"]["room_id"] != "plenary")
    there = ann.records["participant:bob"]["room_id"]
    await keys.focused()
    await move(ann, keys, "Ann", there, page)
    assert (await keys.focused())["name"] == "Actions for Ann"  # in its new place

    await keys.press("b")
    await expect(page.locator("section.board")).to_be_visible()
    await keys.press("F6")
    await move(ann, keys, "Ann", next(id for id in rooms_of(ann) if id != there), page)
    await keys.press("F6", "F6")
    await keys.activate("Recall after a countdown")
    await keys.choose("In 00:30")
    await ann.until(lambda found: found["breakouts"]["recall_at_ms"] is not None)
    await keys.focused()
    await keys.press("F6", "F6", "F6")
    await keys.activate("Leave workshop")
    await keys.choose("End for everyone")
    await expect(page.get_by_role("heading", name="The workshop has ended")).to_be_visible()
    await asyncio.gather(ann.close(), bob.close())


def rooms_of(client: WireClient) -> list[str]:
    return [room["room_id"] for room in client.of_kind("room") if room["room_kind"] == "breakout"]


async def move(client: WireClient, keys: Keyboard, name: str, room_id: str, page: Page) -> None:
    await keys.activate(f"Actions for {name}")
    await keys.choose(f"Move to {client.records[f'room:{room_id}']['name']}")
    await client.until(lambda found: found[f"participant:{name.lower()}"]["room_id"] == room_id)
    await expect(page.get_by_role("menu")).to_have_count(0)


async def write_every_kind_of_poll(ann: WireClient, page: Page, keys: Keyboard) -> None:
    await keys.press("o")
    kinds = ("One choice", "Several choices", "Scale", "Ranking", "Open answer", "Word cloud", "Quiz")
    for kind in kinds:
        await keys.to("Kind")
        await keys.press("Enter")
        await keys.choose(kind)
        await keys.fill("Question", f"{kind}?")
        if kind not in ("Scale", "Open answer", "Word cloud"):
            if kind == "Quiz":
                await keys.activate("Option 1 is right", key="Space")
            await keys.fill("Option 1", "Red")
            await keys.fill("Option 2", "Blue")
        await keys.activate("Open poll")
        await ann.until(lambda _, kind=kind: [each for each in ann.of_kind("poll") if each["question"] == f"{kind}?"])
        await keys.activate("Close poll", inside=f"{kind}?")
        await expect(page.get_by_role("region", name=f"{kind}?").get_by_text("Closed")).to_be_visible()
        assert (await keys.focused())["inside"] == f"{kind}?"
        await keys.press("F6", "F6", "F6", "F6")  # once round, to the beginning of the panel
    await keys.press("Escape")
    await expect(page.locator("aside.panel")).to_have_count(0)


async def lead_a_review(ann: WireClient, bob: WireClient, page: Page, keys: Keyboard) -> None:
    await keys.press("w")
    await keys.fill("Title of the round", "First offers")
    await keys.fill("Reviews for each work", "1")
    await keys.fill("Criterion 1", "Clarity")
    await keys.activate("Prepare the round")
    await keys.activate("Start")
    (found,) = await ann.until(lambda _: ann.of_kind("review_round"))
    for client in (ann, bob):
        await client.ok("DraftWork", round_id=found["round_id"], text="I would open with 90.")
        await client.ok("SubmitWork", round_id=found["round_id"])
    await expect(page.get_by_text("2/2")).to_be_visible()
    await keys.activate("Next phase", back=True)
    await ann.until(lambda _: ann.of_kind("review"))
    await keys.activate("End the round")
    await ann.until(lambda _: ann.of_kind("review_round")[0]["phase"] == "closed")
    assert (await keys.focused())["inside"] == "First offers"
    await keys.press("Escape")
    await expect(page.locator("aside.panel")).to_have_count(0)
