"""What goes wrong on the way: each journey ends in a sentence that says what has happened, and in a way on.

That the server is killed and comes back is tested in test_workshop. What is shown is asked of axe, light and dark. Only who needs a camera or a
microphone has one, and Chromium's own fakes do: that a permission is taken back, or the network away, is real.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import barriers
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

OFFLINE_S = 20
AT_ONCE_MS = 500
"""Well under the five seconds at which it tries again without being told."""
EXPIRES_IN_S = 20
"""Long enough to come in first."""
TRIES = """(() => {
    window.__tries = [];
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
        constructor(...all) { super(...all); window.__tries.push(performance.now()); }
    };
    window.addEventListener("online", () => { window.__onlineAt = performance.now(); });
})()"""
WAITED_MS = "window.__tries.find((at) => at >= window.__onlineAt) - window.__onlineAt"


async def opened(browser: Browser, link: str, *, permissions: Sequence[str] = (), locale: str = "en-GB") -> Page:
    """The page that the link leads to, in a context of its own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
    await context.grant_permissions(list(permissions))
    await context.add_init_script(TRIES)
    page = await context.new_page()
    await page.goto(link)
    return page


async def come_in(page: Page) -> None:
    await page.get_by_role("button", name="Join workshop").click()
    await expect(page.get_by_role("button", name="Mute microphone").or_(unmute(page))).to_be_visible()


def unmute(page: Page) -> Any:
    return page.get_by_role("button", name="Unmute microphone")


async def expect_no_barriers(page: Page) -> None:
    """Nor in the dark."""
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        assert await barriers(page) == [], scheme


def words(page: Page, text: str) -> Any:
    return page.get_by_text(text)


async def person_link(server: ServerProcess, workshop: str, role: str, name: str) -> str:
    return server.link(workshop, await server.token(workshop, role, name, f"p_{name.lower()}"))


async def test_camera_and_microphone_are_refused_and_then_allowed(server: ServerProcess, asking: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    page = await opened(asking, await person_link(server, workshop, "learner", "Lou"))
    for device in ("camera", "microphone"):
        sentence = f"Your browser does not let this page use the {device}. Click the sign in the address bar"
        await expect(words(page, sentence)).to_be_visible()
    await expect_no_barriers(page)

    await come_in(page)  # without
    await unmute(page).click()
    notice = page.get_by_role("alert").filter(has_text="does not let this page use the microphone")
    await expect(notice).to_be_visible()
    await expect(unmute(page)).to_be_visible()
    await page.get_by_role("button", name="Turn camera on").click()
    await expect(words(page, "does not let this page use the camera")).to_be_visible()
    await expect_no_barriers(page)

    await page.context.grant_permissions(["microphone"])
    await notice.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Mute microphone")).to_be_visible()
    await expect(notice).to_be_hidden()


LOSE = """(others) => {
    const devices = navigator.mediaDevices;
    const real = devices.getUserMedia.bind(devices);
    const gone = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    if (!others) devices.getUserMedia = (wanted) => wanted.audio ? gone() : real(wanted);
    const track = window.__atelier.devices.mic.get().track;
    track.stop();
    track.dispatchEvent(new Event("ended"));
}"""
"""Pull the microphone out. Chromium's fakes cannot be: the track says what it says then, and no other is found if there are no `others`."""
MICROPHONE = (
    "(() => { const {track} = window.__atelier.devices.mic.get(); return track && [track.id, track.readyState]; })()"
)


async def test_a_device_that_ends_is_replaced_or_said_to_be_gone(server: ServerProcess, asking: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    page = await opened(
        asking, await person_link(server, workshop, "learner", "Lou"), permissions=["microphone", "camera"]
    )
    await expect(page.get_by_role("button", name="Turn microphone off")).to_be_visible()
    await come_in(page)
    mute = page.get_by_role("button", name="Mute microphone")
    await expect(mute).to_be_visible()

    before = await page.evaluate(MICROPHONE)
    await page.evaluate(LOSE, True)
    async with asyncio.timeout(10):
        while (now := await page.evaluate(MICROPHONE)) is None or now[0] == before[0]:
            await asyncio.sleep(0.1)
    assert now[1] == "live"
    await expect(mute).to_be_visible()

    await page.evaluate(LOSE, False)
    await expect(words(page, "No microphone was found. Connect one and try again")).to_be_visible()
    await expect(unmute(page)).to_be_visible()
    await expect(page.get_by_role("button", name="Turn camera off")).to_be_visible()  # it goes on
    await expect_no_barriers(page)

    await page.context.clear_permissions()  # the browser ends the camera's track itself
    await expect(words(page, "does not let this page use the camera")).to_be_visible()
    await expect(page.get_by_role("button", name="Turn camera on")).to_be_visible()


async def test_without_a_network_for_a_while_nothing_is_lost(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    lou = await opened(browser, await person_link(server, workshop, "learner", "Lou"))
    fay = await opened(browser, await person_link(server, workshop, "facilitator", "Fay"))
    for page in (lou, fay):
        await come_in(page)
        await page.get_by_role("button", name="Chat", exact=True).click()

    await lou.context.set_offline(True)
    await expect(words(lou, "This device has no network. You come back as soon as it has one")).to_be_visible()
    message = lou.get_by_role("textbox", name="Message", exact=True)
    await message.fill("Sent from a tunnel")
    await lou.keyboard.press("Enter")
    await message.fill("Not yet sent")
    log = lou.get_by_role("log")
    await expect(log).to_contain_text("goes out when the connection is back")
    await expect_no_barriers(lou)
    await fay.get_by_label("Message", exact=True).fill("Said meanwhile")
    await fay.keyboard.press("Enter")
    await asyncio.sleep(OFFLINE_S)
    await expect(words(fay, "Sent from a tunnel")).to_be_hidden()

    await lou.context.set_offline(False)
    await expect(words(fay, "Sent from a tunnel")).to_have_count(1)
    assert await lou.evaluate(WAITED_MS) < AT_ONCE_MS
    await expect(log.get_by_text("Sent from a tunnel")).to_have_count(1)
    await expect(log).to_contain_text("Said meanwhile")
    await expect(log).not_to_contain_text("goes out when")
    await expect(words(lou, "This device has no network")).to_be_hidden()
    await expect(message).to_have_value("Not yet sent")


async def test_a_second_tab_takes_sound_and_picture_over_and_gives_them_back(
    server: ServerProcess, asking: Browser
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    link = await person_link(server, workshop, "learner", "Lou")
    taken = "Sound and picture are in another tab or window now."
    first = await opened(asking, link, permissions=["microphone", "camera"])
    await come_in(first)
    await expect(first.get_by_role("button", name="Mute microphone")).to_be_visible()
    context: BrowserContext = first.context
    second = await context.new_page()
    await second.goto(link)
    await come_in(second)
    await expect(words(first, taken)).to_be_visible()
    # Nothing is left to press that would seem to mute and would not.
    await expect(first.get_by_role("button", name=re.compile("mute microphone", re.IGNORECASE))).to_be_hidden()
    await expect_no_barriers(first)

    await first.get_by_role("button", name="Use this tab instead").click()
    await expect(words(second, taken)).to_be_visible()
    await expect(words(first, taken)).to_be_hidden()
    await expect(first.get_by_role("button", name="Mute microphone")).to_be_visible()
    await expect(second.get_by_test_id("room-name")).to_have_text("Plenary")  # it can still watch and write


async def test_a_link_expires_before_and_during_the_workshop(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    asked = {"role": "learner", "name": "Lou", "participant_id": "p_lou", "expires_in_s": EXPIRES_IN_S}
    status, answer = await server.api("POST", f"/api/workshops/{workshop}/tokens", asked)
    assert status == 201
    link = server.link(workshop, answer["token"])
    inside = await opened(browser, link)
    await come_in(inside)
    heading = inside.get_by_role("heading", name="This link has expired")
    await expect(heading).to_be_visible()
    await expect(words(inside, "Ask the facilitator for a new link.")).to_be_visible()
    await expect_no_barriers(inside)
    outside = await opened(browser, link)
    await expect(outside.get_by_role("heading", name="This link has expired")).to_be_visible()
    await expect_no_barriers(outside)

    # The way on: the new link, in the tab that is open already.
    await inside.goto(await person_link(server, workshop, "learner", "Lou"))
    await come_in(inside)


async def test_who_is_removed_or_turned_away_is_told_and_may_ask_again(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    fay = await opened(browser, await person_link(server, workshop, "facilitator", "Fay"))
    await come_in(fay)
    lou = await opened(browser, await person_link(server, workshop, "learner", "Lou"))
    await come_in(lou)
    await fay.get_by_role("button", name="People", exact=True).click()
    await fay.get_by_role("button", name="Actions for Lou", exact=True).click()
    await fay.get_by_role("menuitem", name="Remove from workshop").click()
    dialog = fay.get_by_role("dialog", name="Remove Lou")
    await expect(dialog.get_by_text("can open it again under another name")).to_be_visible()
    await dialog.get_by_label("Lock").click()
    await expect(dialog.get_by_text("The door is watched")).to_be_visible()
    await dialog.get_by_label("Lock").click()
    await expect_no_barriers(fay)
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(lou.get_by_role("heading", name="You were removed")).to_be_visible()
    await expect(words(lou, "A facilitator has removed you from this workshop.")).to_be_visible()
    await expect_no_barriers(lou)

    await knock(lou)
    await expect_no_barriers(lou)
    await fay.get_by_role("button", name="Turn Lou away").click()
    await expect(lou.get_by_role("heading", name="You were not let in")).to_be_visible()
    await expect(words(lou, "A facilitator has not let you in.")).to_be_visible()
    await expect_no_barriers(lou)

    await knock(lou)
    await fay.get_by_role("button", name="Let Lou in").click()
    await expect(lou.get_by_test_id("room-name")).to_have_text("Plenary")

    await fay.get_by_role("switch", name="Lock").click()
    mia = await opened(browser, await person_link(server, workshop, "learner", "Mia"))
    await mia.get_by_role("button", name="Join workshop").click()
    await expect(mia.get_by_role("heading", name="The workshop is locked")).to_be_visible()
    await expect_no_barriers(mia)
    await fay.get_by_role("switch", name="Lock").click()
    await mia.get_by_role("button", name="Try again").click()
    await come_in(mia)


async def knock(page: Page) -> None:
    await page.get_by_role("button", name="Ask to be let in").click()
    await page.get_by_role("button", name="Join workshop").click()
    await expect(words(page, "You are in the lobby. A facilitator will let you in.")).to_be_visible()
