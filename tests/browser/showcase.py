"""What the README shows: a poll, the board, a breakout and a review round of one workshop, which eleven people take part in."""

import asyncio
from dataclasses import replace
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.camera import PATIENCE_MS, View, quantised, show
from tests.browser.company import Company, company
from tests.browser.studio import READY_S, Studio

NAMES = ("Fay", "Bo", "Noor", "Lou", "Amina", "Tomás", "Ingrid", "Kwame", "Priya", "Luca", "Zofia", "Omar")
DESKTOP, PHONE = View("desktop", 1120, 700, "light"), View("phone", 390, 760, "light")
WIDE = View("wide", 1280, 720, "light")
MOST_BYTES = 100_000
SHEET = """
version: 1
title: Negotiation basics
steps:
  - {kind: plenary, title: Who speaks first?, duration: 10 min}
  - kind: breakouts
    title: Two offers
    duration: 15 min
    breakouts: {rooms: [North, East, South]}
    task:
      text: Compare the two offers and agree on your answer to each.
      steps: [Read both, Say what you would ask for in return, Decide]
      materials: [{title: "Both offers, side by side", url: "https://example.com/offers.pdf"}]
  - {kind: plenary, title: Close, duration: 5 min}
"""
WORKS = (
    "I would open with 120. That is more than we expect, and the market of last year supports it: three of the five comparable sales were above 110.",
    "I would ask what the other side needs before I name any figure. Whoever speaks first gives away what they know.",
    "I would offer 90 with delivery within a week. Time matters more to them than price, as they have said twice.",
)


async def showcase(studio: Studio) -> None:
    """Takes five pictures, small enough to be kept beside the sources."""
    camera = replace(studio.camera, views=(DESKTOP,), prefix="")
    async with company(studio.server, "Negotiation basics", len(NAMES), names=NAMES) as here:
        fay = await studio.inside(here.workshop_id, "facilitator", "Fay", "p_0")
        lou = await studio.inside(here.workshop_id, "learner", "Lou", "p_3")
        for page in (fay, lou):
            await show(page, DESKTOP)
        await studio.set_agenda(here.workshop_id, SHEET)
        await here.fay.ok("StartAgenda")
        await poll(here, lou)
        await camera.shoot(lou, "poll", DESKTOP)
        await rooms(here)
        await fay.get_by_role("button", name="Show all rooms").click()
        await fay.mouse.move(0, 0)
        await asyncio.sleep(2 * READY_S)
        await show(fay, WIDE)
        await camera.shoot(fay, "board", WIDE)
        await camera.shoot(lou, "breakout", DESKTOP)
        await show(lou, PHONE)
        await asyncio.sleep(READY_S)
        await camera.shoot(lou, "phone", PHONE)
        await show(lou, DESKTOP)
        await here.fay.ok("CloseBreakouts")
        await review(here, lou)
        await camera.shoot(lou, "review", DESKTOP)
    for name in camera.taken:
        path = camera.out / f"{name}.png"
        small = path.rename(path.with_name(f"{name.rsplit('-', 1)[0]}.png"))
        small.write_bytes(quantised(small.read_bytes()))
        assert small.stat().st_size < MOST_BYTES, f"{small} has {small.stat().st_size} bytes"


async def poll(here: Company, lou: Page) -> None:
    """Everybody answers; whoever is pictured does so with the mouse."""
    options = ["The buyer", "The seller", "Whoever knows more"]
    await here.fay.ok(
        "CreatePoll",
        kind="single",
        question="Who should make the first offer?",
        options=options,
        open=True,
        results="everyone",
    )
    (asked,) = await here.fay.until(lambda _: here.fay.of_kind("poll"))
    for client, option in zip(here.learners[:2], (0, 2), strict=True):
        await client.ok("CastBallot", poll_id=asked["poll_id"], option_ids=[asked["options"][option]["option_id"]])
    await lou.get_by_role("radio", name="Whoever knows more").check()
    await lou.get_by_role("button", name="Vote", exact=True).click()
    await expect(lou.get_by_text(f"{len(NAMES) - 1} of {len(NAMES)} voted")).to_be_visible(timeout=PATIENCE_MS)
    await asyncio.sleep(READY_S)


async def rooms(here: Company) -> None:
    """Three of them, at work; one asks for help."""
    (asked,) = here.fay.of_kind("poll")
    await here.fay.ok("ClosePoll", poll_id=asked["poll_id"])
    await here.fay.ok("NextStep")
    clients: dict[str, Any] = {}
    for client in here.learners:
        who = client.hello["participant_id"]
        await client.until(lambda found, who=who: found[f"participant:{who}"]["room_id"] != "plenary")
        clients[client.records[f"participant:{who}"]["room_id"]] = client
    for done, client in enumerate(clients.values()):
        for step in range(done):
            await client.ok("MarkStep", step=step, done=True)
    calls = next(iter(clients.values()))
    await calls.ok("CallForHelp", text="What does the second offer include?")


async def review(here: Company, lou: Page) -> None:
    """Three works, of which one is being reviewed."""
    anchors = [{"score": 1, "text": "One has to guess"}, {"score": 5, "text": "Nothing is left open"}]
    criteria = [{"title": "Clarity", "scale": {"least": 1, "most": 5, "anchors": anchors}, "comment": "optional"}]
    settings = {"title": "First offers", "instructions": "Write the opening of your negotiation.", "reviews_each": 2}
    await here.fay.ok("CreateReviewRound", settings=settings, criteria=criteria)
    (found,) = await here.fay.until(lambda _: here.fay.of_kind("review_round"))
    await here.fay.ok("StartReviewRound", round_id=found["round_id"])
    for client, text in zip(here.learners, WORKS, strict=True):
        await client.ok("DraftWork", round_id=found["round_id"], text=text)
        await client.ok("SubmitWork", round_id=found["round_id"])
    await here.fay.ok("AdvanceReviewRound", round_id=found["round_id"])
    works = await here.fay.until(lambda _: here.fay.of_kind("submission"))
    theirs = next(each for each in works if each["author_ids"] == ["p_1"])
    await here.fay.command(
        "AssignReview", submission_id=theirs["submission_id"], reviewer_id="p_3"
    )  # refused where it is so already
    await lou.keyboard.press("w")
    await expect(lou.locator("aside.panel")).to_be_visible()
    work = lou.get_by_role("region", name="Work 1")
    await work.get_by_role("radio", name="4").check()
    await work.get_by_label("Comment on Clarity").fill(
        "The figure and its reason are clear. What would you say if they ask for a lower one at once?"
    )
    await expect(lou.get_by_test_id("room-name")).to_have_text("Plenary")
    await work.scroll_into_view_if_needed()
    await asyncio.sleep(2 * READY_S)
