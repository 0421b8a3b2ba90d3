"""After the end: a link leads to what the workshop came to, without a device check; whoever has nothing to see is told so, and what to do.

The workshop is the full one of `staged.py`, brought to its end over the protocol.
"""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.layout import faults
from tests.browser.staged import LONG_NAME, Staged, staged
from tests.browser.test_failures import expect_no_barriers
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

OVER = "The workshop has ended"
SIZES = ((1280, 800), (390, 844), (320, 640))
COUNT_ASKED = """(() => {
    window.__asked = 0;
    const devices = navigator.mediaDevices, real = devices?.getUserMedia.bind(devices);
    if (real) devices.getUserMedia = (wanted) => { window.__asked += 1; return real(wanted); };
})()"""
"""How often the page asked for a camera or a microphone."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(server: ServerProcess) -> AsyncIterator[Staged]:
    async with staged(server) as workshop:
        await bring_to_its_end(workshop.everybody)
        yield workshop


async def bring_to_its_end(everybody: Sequence[WireClient]) -> None:
    """Two of three write their reviews; the agenda is left at its first step."""
    fay, *learners = everybody
    (found,) = fay.of_kind("review_round")
    await fay.ok("AdvanceReviewRound", round_id=found["round_id"])
    if (await fay.until(lambda held: held[f"review_round:{found['round_id']}"]))["phase"] == "read":
        await fay.ok("AdvanceReviewRound", round_id=found["round_id"])
    for client, score in zip(learners[:2], (3, 5), strict=True):
        for review in await client.until(lambda _, client=client: client.of_kind("review")):
            for criterion in found["criteria"]:
                mark = (
                    {"score": score, "comment": "Say what it costs, too."} if criterion["scale"] else {"comment": "-"}
                )
                of = {"review_id": review["review_id"], "criterion_id": criterion["criterion_id"]}
                await client.ok("WriteMark", **of, **mark)
            await client.ok("SubmitReview", review_id=review["review_id"])
    await fay.ok("AdvanceReviewRound", round_id=found["round_id"])
    await fay.ok("CloseWorkshop")


async def opened(browser: Browser, link: str, locale: str = "en-GB") -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale, reduced_motion="reduce")
    await context.add_init_script(COUNT_ASKED)
    page = await context.new_page()
    await page.goto(link)
    return page


async def link_of(server: ServerProcess, stage: Staged, role: str, who: str) -> str:
    return server.link(stage.workshop_id, await server.token(stage.workshop_id, role, who, who))


async def settled(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".mantine-Loader-root:visible")).to_have_count(0)


def part(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


async def test_a_facilitator_finds_everything_and_what_each_learner_took(
    server: ServerProcess, stage: Staged, browser: Browser, tmp_path: Path
) -> None:
    page = await opened(browser, await link_of(server, stage, "facilitator", "p_0"))
    await expect(page.get_by_role("heading", level=1, name=OVER)).to_be_visible()
    await settled(page)
    agenda = part(page, "Agenda as it was held")
    await expect(agenda.get_by_role("row").filter(has_text="Welcome")).to_contain_text("shorter")
    await expect(agenda.get_by_role("row").filter(has_text="Coffee")).to_contain_text("not held")
    await expect(part(page, "What happened")).to_contain_text("Calls for help1")
    works = part(page, "Peer review").get_by_role("row").filter(has_text=LONG_NAME)
    await expect(works).to_contain_text("of 2")
    for name in ("Attendance", "Talk balance", "Polls", "Breakout rooms", "Files"):
        await expect(part(page, name)).to_be_visible()

    # What one learner missed and owes, by keyboard alone.
    await page.get_by_role("button", name="佐藤 花子: what was missed").focus()
    await page.keyboard.press("Enter")
    await expect(part(page, "Missed")).to_contain_text("What went well?")
    await expect(part(page, "Missed")).not_to_contain_text("BATNA")  # it was anonymous
    await expect(part(page, "Reviews not written")).to_contain_text("First offers")
    await expect_no_barriers(page)
    await page.keyboard.press("Enter")
    await expect(part(page, "Missed")).to_have_count(0)

    files = part(page, "Files")
    await files.get_by_text("JSON").click()
    async with page.expect_download() as downloading:
        await files.get_by_role("button", name="Summary").click()
    await (await downloading.value).save_as(tmp_path / "summary.json")
    assert json.loads((tmp_path / "summary.json").read_text())["title"] == "Negotiation basics"
    assert await page.evaluate("window.__asked") == 0
    await page.context.close()


async def test_a_learner_finds_what_they_missed_answered_and_were_told(
    server: ServerProcess, stage: Staged, browser: Browser, tmp_path: Path
) -> None:
    page = await opened(browser, await link_of(server, stage, "learner", "p_2"))
    await expect(page.get_by_role("heading", level=1, name=OVER)).to_be_visible()
    await settled(page)
    await expect(part(page, "Your attendance").first).to_contain_text("Time in the session")
    quizzes = part(page, "Quiz answers")
    await expect(quizzes).to_contain_text("0 of 1 answer right")
    await expect(quizzes).to_contain_text("Right: The best alternative")
    await expect(part(page, "Feedback on your work")).to_contain_text("Say what it costs, too.")
    await expect(part(page, "Your questions")).to_contain_text("We come to that at eleven.")
    await expect(part(page, "Polls")).to_contain_text("Who should make the first offer?")
    await expect_no_barriers(page)
    async with page.expect_download() as downloading:
        await part(page, "Files").get_by_role("button", name="Participation").click()
    await (await downloading.value).save_as(tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text("utf-8-sig").count("\n") == 2, "a head and one's own line"

    await page.reload()
    await expect(part(page, "Quiz answers")).to_be_visible()
    assert await page.evaluate("window.__asked") == 0
    await page.context.close()

    page = await opened(browser, await link_of(server, stage, "learner", "p_3"))
    await settled(page)
    await expect(part(page, "What you missed")).to_contain_text("What does BATNA mean?")
    await expect(part(page, "Reviews not written")).to_contain_text("First offers")
    await page.context.close()


async def test_who_has_nothing_to_see_is_told_so_and_what_to_do(
    server: ServerProcess, stage: Staged, browser: Browser
) -> None:
    invite = server.link(stage.workshop_id, await server.token(stage.workshop_id, "learner"))
    never = await link_of(server, stage, "learner", "p_never")
    for link, sentence in ((never, "There is nothing of yours to show here."), (invite, "open your link there")):
        page = await opened(browser, link)
        await expect(page.get_by_role("heading", level=1, name=OVER)).to_be_visible()
        await expect(page.get_by_role("status").filter(has_text=sentence)).to_contain_text("ask the facilitator")
        await expect(page.get_by_role("button", name="Join")).to_have_count(0)
        assert await page.evaluate("window.__asked") == 0
        await expect_no_barriers(page)
        await page.context.close()


async def test_a_device_that_took_part_by_an_invite_is_known_again(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Essays")
    fay = await WireClient(server.base_url, await server.token(workshop, "facilitator", "Fay", "p_fay")).connect()
    link = server.link(workshop, await server.token(workshop, "learner"))
    page, late = await opened(browser, link), await opened(browser, link)
    for each in (page, late):
        await expect(each.get_by_text("Essays")).to_be_visible()
        await each.get_by_label("Your name").fill("Lou")
    await page.get_by_role("button", name="Join workshop").click()
    await expect(page.get_by_test_id("room-name")).to_be_visible()
    await fay.ok("CloseWorkshop")
    await fay.close()
    await expect(part(page, "What you missed")).to_be_visible()

    await page.goto("about:blank")
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1, name=OVER)).to_be_visible()
    await expect(part(page, "What you missed")).to_contain_text("You missed nothing.")
    assert await page.evaluate("window.__asked") == 0

    # Whoever stood at the door when it ended is told so, too.
    await late.get_by_role("button", name="Join workshop").click()
    await expect(late.get_by_role("heading", level=1, name=OVER)).to_be_visible()
    await expect(late.get_by_role("status")).to_contain_text("ask the facilitator")
    for each in (page, late):
        await each.context.close()


async def test_before_a_facilitator_has_come_a_learner_is_told_so(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Essays")
    page = await opened(browser, server.link(workshop, await server.token(workshop, "learner")))
    await expect(page.get_by_text("No facilitator is there yet.")).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR", "ja-JP"])
async def test_the_summaries_fit_and_say_everything(
    server: ServerProcess, stage: Staged, browser: Browser, locale: str
) -> None:
    for role, who in (("facilitator", "p_0"), ("learner", "p_1"), ("learner", "p_3"), ("learner", "p_never")):
        page = await opened(browser, await link_of(server, stage, role, who), locale)
        await settled(page)
        await expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        if role == "facilitator":
            await page.locator(".summary-people [aria-expanded]").nth(1).click()
            await settled(page)
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert await faults(page) == [], (who, width)
        assert await barriers(page) == [], who
        await page.context.close()
