"""Every kind of poll, and the question board, through the page: on a desktop and on a phone."""

import re

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import Person, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]
PHONE: ViewportSize = {"width": 390, "height": 844}


async def open_polls(person: Person, name: str = "Polls") -> None:
    """Open the panel (or another), on a phone from the menu; leave it open if it is."""
    page = person.page
    if await page.get_by_role("heading", name=name, exact=True).count():
        return
    if await page.get_by_role("button", name=name, exact=True).count():
        await person.open_panel(name)
        return
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=name).click()


def card(person: Person, question: str) -> Locator:
    return person.page.get_by_role("region", name=question, exact=True).first


async def write(fay: Person, kind: str, question: str, options: str = "", *, named: bool = False) -> None:
    """Fill the form for a poll whose results everyone sees; the caller adds what the kind needs and submits."""
    page = fay.page
    await open_polls(fay)
    await choose(fay, "Kind", kind)
    await page.get_by_label("Question", exact=True).fill(question)
    for index, option in enumerate(options, start=1):
        field = page.get_by_label(f"Option {index}", exact=True)
        if not await field.count():
            await page.get_by_role("button", name="Add option").click()
        await field.fill(option)
    await choose(fay, "Results are seen by", "Everyone")
    if named:
        await page.get_by_label("Anonymous", exact=True).uncheck()


def form(fay: Person) -> Locator:
    """Where polls are written; what is open stands before it."""
    return fay.page.locator("form", has=fay.page.get_by_role("combobox", name="Kind"))


async def choose(fay: Person, label: str, value: str) -> None:
    await form(fay).get_by_role("combobox", name=label).click()
    await fay.page.get_by_role("option", name=value, exact=True).click()


async def submit(fay: Person) -> None:
    await form(fay).get_by_role("button", name="Open poll").click()
    await expect(fay.page.get_by_label("Question", exact=True)).to_have_value("")


async def vote(person: Person, question: str) -> None:
    """By the keyboard: what stands above may still find its size, and a click needs the button to stay where it is."""
    await card(person, question).get_by_role("button", name="Vote", exact=True).press("Enter")


async def close(fay: Person, question: str) -> None:
    await card(fay, question).get_by_role("button", name="Close poll").click()
    await expect(card(fay, question).get_by_text("Closed", exact=True)).to_be_visible()


async def expect_counts(person: Person, question: str, counts: dict[str, int]) -> None:
    await open_polls(person)
    for label, count in counts.items():
        await expect(card(person, question).get_by_test_id(f"count-{label}")).to_have_text(str(count))


async def choices(fay: Person, lou: Person) -> None:
    await write(fay, "One choice", "Single?", "AB", named=True)
    await submit(fay)
    await card(lou, "Single?").get_by_role("radio", name="B", exact=True).check()
    await vote(lou, "Single?")
    await expect_counts(fay, "Single?", {"A": 0, "B": 1})

    await write(fay, "Several choices", "Multiple?", "ABC", named=True)
    await fay.page.get_by_label("At most").fill("2")
    await submit(fay)
    for option in "AC":
        await card(lou, "Multiple?").get_by_role("checkbox", name=option, exact=True).check()
    await expect(card(lou, "Multiple?").get_by_role("checkbox", name="B", exact=True)).to_be_disabled()
    await vote(lou, "Multiple?")
    await expect_counts(fay, "Multiple?", {"A": 1, "B": 0, "C": 1})
    await expect(card(fay, "Multiple?").get_by_text("1 of 2 voted")).to_be_visible()


async def scale_and_ranking(fay: Person, lou: Person) -> None:
    await write(fay, "Scale", "Scale?", named=True)
    await fay.page.get_by_label("Lowest means").fill("not at all")
    await fay.page.get_by_label("Highest means").fill("very much")
    await submit(fay)
    await expect(card(lou, "Scale?").get_by_text("very much")).to_be_visible()
    await card(lou, "Scale?").get_by_role("radio", name="4", exact=True).check()
    await vote(lou, "Scale?")
    await expect_counts(fay, "Scale?", {"3": 0, "4": 1})
    await expect(card(fay, "Scale?").get_by_text("Mean 4")).to_be_visible()

    await write(fay, "Ranking", "Ranking?", "ABC", named=True)
    await submit(fay)
    for option in "CAB":
        await card(lou, "Ranking?").get_by_role("button", name=option, exact=True).click()
    await card(lou, "Ranking?").get_by_role("button", name="Move B up").click()
    await vote(lou, "Ranking?")
    await expect_counts(fay, "Ranking?", {"A": 0, "B": 1, "C": 2})


async def written(fay: Person, lou: Person) -> None:
    await write(fay, "Open answer", "Text?", named=True)
    await submit(fay)
    await card(lou, "Text?").get_by_role("textbox").fill("More time for questions")
    await vote(lou, "Text?")
    answers = card(fay, "Text?").get_by_role("list", name="Answers")
    await expect(answers).to_contain_text("Lou")
    await expect(answers).to_contain_text("More time for questions")
    await answers.get_by_role("button", name="Hide").click()
    await open_polls(lou)
    await expect(card(lou, "Text?").get_by_role("list", name="Answers")).to_be_hidden()

    await write(fay, "Word cloud", "Words?")
    await submit(fay)
    await card(lou, "Words?").get_by_role("textbox").fill("Trust, Clear goals")
    await vote(lou, "Words?")
    await card(fay, "Words?").get_by_role("textbox").fill("TRUST!")
    await vote(fay, "Words?")
    await expect(card(fay, "Words?").get_by_text("three answers at a time")).to_be_visible()
    await close(fay, "Words?")
    await expect_counts(lou, "Words?", {"trust": 2, "clear goals": 1})


async def quiz(fay: Person, lou: Person) -> None:
    await write(fay, "Quiz", "Quiz?", "AB")
    await fay.page.get_by_label("Option 2 is right").check()
    await fay.page.get_by_label("Explanation").fill("B comes second.")
    await submit(fay)
    await card(lou, "Quiz?").get_by_role("radio", name="B", exact=True).check()
    await vote(lou, "Quiz?")
    await expect(card(lou, "Quiz?").get_by_text("You answered “B”.")).to_be_visible()
    await expect(card(lou, "Quiz?").get_by_text("B comes second.")).to_be_hidden()
    await close(fay, "Quiz?")
    for person in (fay, lou):
        await expect(card(person, "Quiz?").get_by_text("B comes second.")).to_be_visible()
        await expect(card(person, "Quiz?").get_by_text("1 right")).to_be_visible()


async def again(fay: Person, lou: Person) -> None:
    """Vote, discuss, vote again; and a poll that was prepared is changed before it is opened."""
    await card(fay, "Single?").get_by_role("button", name="Ask again").click()
    second = card(lou, "Single?")
    await expect(second.get_by_text("Second vote")).to_be_visible()
    await second.get_by_role("radio", name="A", exact=True).check()
    await second.get_by_role("button", name="Vote", exact=True).click()
    await close(fay, "Single?")
    await expect(card(fay, "Single?").get_by_text("Changed: 1 · kept: 0 · new: 0")).to_be_visible()

    await write(fay, "One choice", "Prepard?", "AB")
    await fay.page.get_by_role("button", name="Save draft").click()
    await card(fay, "Prepard?").get_by_role("button", name="Edit").click()
    await fay.page.get_by_label("Question", exact=True).fill("Prepared?")
    await fay.page.get_by_label("Seconds").fill("90")
    await submit(fay)
    await expect(card(lou, "Prepared?").get_by_role("timer")).to_contain_text(re.compile(r"1:[0-2]\d"))


async def test_every_kind_of_poll_is_written_answered_and_shown(server: ServerProcess, browsers: Browsers) -> None:
    workshop_id = await server.create_workshop("Negotiation basics")
    fay_link = server.link(workshop_id, await server.token(workshop_id, "facilitator", "Fay", "p_fay"))
    lou_link = server.link(workshop_id, await server.token(workshop_id, "learner"))
    named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1])]
    async with people(browsers, named, media=False) as (fay, lou):
        await lou.page.set_viewport_size(PHONE)
        await fay.join(fay_link)
        await lou.join(lou_link)
        await choices(fay, lou)
        await scale_and_ranking(fay, lou)
        await written(fay, lou)
        await quiz(fay, lou)
        await again(fay, lou)
        assert [person.errors for person in (fay, lou)] == [[], []]


def question(person: Person, text: str) -> Locator:
    return person.page.get_by_role("listitem").filter(has_text=text)


async def ask(person: Person, text: str, *, anonymous: bool = False) -> None:
    await open_polls(person, "Questions")
    await person.page.get_by_label("Your question").fill(text)
    await person.page.get_by_label("Ask anonymously").set_checked(anonymous)
    await person.page.get_by_role("button", name="Ask", exact=True).click()
    await expect(question(person, text)).to_contain_text("asked by you")


async def test_questions_are_asked_voted_for_merged_and_answered(server: ServerProcess, browsers: Browsers) -> None:
    workshop_id = await server.create_workshop("Negotiation basics")
    fay_link = server.link(workshop_id, await server.token(workshop_id, "facilitator", "Fay", "p_fay"))
    lou_link = server.link(workshop_id, await server.token(workshop_id, "learner"))
    named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1])]
    async with people(browsers, named, media=False) as (fay, lou):
        await lou.page.set_viewport_size(PHONE)
        await fay.join(fay_link)
        await lou.join(lou_link)
        await ask(lou, "What is a BATNA?", anonymous=True)
        await ask(lou, "Who speaks first?")
        await ask(lou, "Is this recorded?")
        await open_polls(fay, "Questions")
        await expect(question(fay, "Is this recorded?")).to_be_visible()
        await question(lou, "Is this recorded?").get_by_role("button", name="Take back").click()
        await question(lou, "Is this recorded?").get_by_role("button", name="Take back", exact=True).click()
        await expect(question(fay, "Is this recorded?")).to_have_count(0)
        await expect(question(fay, "What is a BATNA?")).to_contain_text("Anonymous")
        await expect(question(fay, "Who speaks first?")).to_contain_text("Lou")
        await ask(fay, "How do we begin?")
        for person, text in ((lou, "Who speaks first?"), (lou, "How do we begin?"), (fay, "How do we begin?")):
            await question(person, text).get_by_role("button", name="Vote for").click()
        await expect(fay.page.get_by_test_id("votes-How do we begin?")).to_have_text("2")
        await expect(lou.page.get_by_role("list", name="Questions").get_by_role("listitem").first).to_contain_text(
            "How do we begin?"
        )

        await question(fay, "Who speaks first?").get_by_role("button", name="Merge").click()
        await fay.page.get_by_role("menuitem", name="How do we begin?").click()
        await expect(fay.page.get_by_test_id("votes-How do we begin?")).to_have_text("2")
        await question(fay, "How do we begin?").get_by_role("button", name="Answer", exact=True).click()
        await fay.page.get_by_label("Answer to").fill("With a round of names.")
        await fay.page.get_by_role("button", name="Send answer").click()
        await expect(question(lou, "How do we begin?")).to_contain_text("With a round of names.")
        await question(fay, "What is a BATNA?").get_by_role("button", name="Dismiss").click()
        await expect(question(lou, "What is a BATNA?")).to_contain_text("dismissed")
        await question(fay, "What is a BATNA?").get_by_role("button", name="Reopen").click()
        await question(fay, "What is a BATNA?").get_by_role("button", name="Answered live").click()
        await expect(question(lou, "What is a BATNA?")).to_contain_text("Answered live")
        assert [person.errors for person in (fay, lou)] == [[], []]
