"""Captions through the page: consent, lines as they grow, muting, other rooms, what is refused, browsers that cannot.

Chromium on Debian has no speech recognition, so that part of the browser is put in: it says what the test has it hear. Everything from there on is real.
"""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import barriers
from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import people
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

RECOGNISES = """(() => {
    window.__started = [];
    window.SpeechRecognition = class {
        start(track) {
            window.__recogniser = this;
            window.__started.push([this.lang, track?.kind ?? null]);
        }
        abort() { window.__recogniser = null; }
    };
    window.__hear = (text, isFinal) => window.__recogniser.onresult(
        {resultIndex: 0, results: [Object.assign([{transcript: text}], {isFinal})]});
    window.__fail = (error) => { const it = window.__recogniser; it.onerror({error}); it.onend?.(); };
})()"""
CANNOT = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition"


def captions(page: Page) -> Locator:
    return page.get_by_role("region", name="Captions")


def lines(page: Page) -> Locator:
    return captions(page).get_by_role("list", name="What is said").get_by_role("listitem")


async def hear(page: Page, text: str, *, final: bool) -> None:
    await page.evaluate("([text, final]) => window.__hear(text, final)", [text, final])


async def consent(page: Page) -> None:
    """By keyboard alone: show captions, read what happens with one's words, choose the language, start."""
    await page.keyboard.press("k")
    await captions(page).get_by_role("button", name="Caption what I say").press("Enter")
    dialog = page.get_by_role("dialog", name="Caption what I say")
    await expect(dialog).to_contain_text("Most browsers send your sound to their maker’s service for this.")
    await expect(dialog).to_contain_text("The text is not recorded here")
    assert await page.evaluate("window.__started") == []
    assert await barriers(page) == []
    await dialog.get_by_role("combobox", name="I speak").press("Enter")
    await page.get_by_role("option", name="French (France)").click()
    await dialog.get_by_role("button", name="Start").press("Enter")
    await expect(captions(page)).to_contain_text("What you say is captioned.")
    await started(page, 1)
    assert await page.evaluate("window.__started") == [["fr-FR", "audio"]]


async def started(page: Page, times: int) -> None:
    await page.wait_for_function("(times) => window.__started.length === times && window.__recogniser", arg=times)


async def test_what_somebody_says_is_read_by_who_hears_them_and_nobody_else(
    server: ServerProcess, browsers: Browsers
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    fay = await WireClient(server.base_url, await server.token(workshop, "facilitator", "Fay", "p_fay")).connect()
    async with (
        people(browsers, [("Lou", DEVICES[0]), ("Mia", DEVICES[1])]) as (lou, mia),
    ):
        await lou.page.add_init_script(RECOGNISES)
        await mia.page.add_init_script(CANNOT)
        for person in (lou, mia):
            token = await server.token(workshop, "learner", person.name, f"p_{person.name.lower()}")
            await person.join(server.link(workshop, token))

        await mia.page.get_by_role("button", name="Captions").click()
        await expect(captions(mia.page)).to_contain_text("This browser cannot turn your speech into text.")
        await expect(captions(mia.page).get_by_role("button", name="Caption what I say")).to_have_count(0)
        await expect(lines(mia.page)).to_contain_text(["their words appear here"])
        await consent(lou.page)

        # A line grows until it is final; the next one is another.
        await hear(lou.page, "Bonjour à", final=False)
        await expect(lines(mia.page)).to_have_text(["Lou Bonjour à"])
        await hear(lou.page, "Bonjour à tous.", final=True)
        await expect(lines(mia.page)).to_have_text(["Lou Bonjour à tous."])
        await expect(lines(mia.page).locator("span")).to_have_attribute("lang", "fr-FR")
        await hear(lou.page, "<b>Ceci</b> reste du texte.", final=True)
        await expect(lines(mia.page)).to_have_text(["Lou Bonjour à tous.", "Lou <b>Ceci</b> reste du texte."])
        await expect(lines(lou.page).first).to_have_text("you Bonjour à tous.")
        for person in (lou, mia):
            assert await barriers(person.page) == []

        # Nothing is listened to while the microphone is off.
        await lou.page.get_by_role("button", name="Mute microphone").click()
        await expect(captions(lou.page)).to_contain_text("Goes on when your microphone is on.")
        assert await lou.page.evaluate("window.__recogniser") is None
        await lou.page.get_by_role("button", name="Unmute microphone").click()
        await started(lou.page, 2)

        # Whoever goes to another room has left what was said here, and reads nothing more of it.
        await fay.ok("OpenBreakouts", count=2)
        await expect(lines(mia.page)).to_contain_text(["their words appear here"])
        await hear(lou.page, "Seulement ici.", final=True)
        await expect(lines(lou.page).last).to_have_text("you Seulement ici.")
        await expect(lines(mia.page)).to_contain_text(["their words appear here"])

        # What the browser refuses is said in words, and it is off then.
        await lou.page.evaluate("window.__fail('not-allowed')")
        await expect(captions(lou.page)).to_contain_text("Allow the microphone for this page, then try again.")
        await expect(captions(lou.page).get_by_role("button", name="Caption what I say")).to_have_attribute(
            "aria-pressed", "false"
        )
        assert (lou.errors, mia.errors) == ([], [])
    await fay.close()


async def test_after_a_silence_it_goes_on_by_itself_and_closing_the_area_ends_it(
    server: ServerProcess, browsers: Browsers
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    async with people(browsers, [("Lou", DEVICES[0])]) as (lou,):
        page: Any = lou.page
        await page.add_init_script(RECOGNISES)
        await lou.join(server.link(workshop, await server.token(workshop, "learner", "Lou", "p_lou")))
        await consent(page)
        await page.evaluate("window.__recogniser.onend()")
        await started(page, 2)
        await captions(page).get_by_role("button", name="Close captions").click()
        await expect(captions(page)).to_have_count(0)
        assert await page.evaluate("window.__recogniser") is None
        await page.keyboard.press("k")
        await expect(captions(page).get_by_role("button", name="Caption what I say")).to_have_attribute(
            "aria-pressed", "false"
        )
        assert lou.errors == []
