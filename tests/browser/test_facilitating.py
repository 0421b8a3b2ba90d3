"""What facilitators do all the time: lead by the agenda, watch the door, give time, speak to all rooms; and what everybody does with the stage.

Others than who is looked at speak the protocol.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.staged import set_agenda
from tests.harness import ServerProcess
from tests.socket_client import WireClient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

LISTEN = """(() => {
    window.__loudest = 0;
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        context.createMediaStreamSource(this.srcObject).connect(analyser);
        const samples = new Float32Array(analyser.fftSize);
        setInterval(() => {
            analyser.getFloatTimeDomainData(samples);
            window.__loudest = Math.max(window.__loudest, ...samples.map(Math.abs));
        }, 40);
        return play.call(this);
    };
})()"""
"""How loud it is at most, 0 to 1, what the page plays."""


async def enter(browser: Browser, link: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Join workshop").click()
    await expect(page.get_by_test_id("room-name")).to_be_visible()
    return page


async def facilitator(server: ServerProcess, browser: Browser, workshop: str) -> Page:
    return await enter(browser, server.link(workshop, await server.token(workshop, "facilitator", "Fay", "p_fay")))


async def learners(server: ServerProcess, workshop: str, *names: str) -> list[WireClient]:
    tokens = [await server.token(workshop, "learner", name, f"p_{name.lower()}") for name in names]
    return [await WireClient(server.base_url, token).connect() for token in tokens]


async def test_the_agenda_is_led_by_one_click_each(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    await set_agenda(server, workshop)
    ann, bob = await learners(server, workshop, "Ann", "Bob")
    page = await facilitator(server, browser, workshop)
    bar: Any = page.get_by_role("region", name="Agenda", exact=True)
    await expect(bar).to_contain_text("The agenda is ready: 5 steps, 57 min.")
    await bar.get_by_role("button", name="Start agenda").click()
    await expect(bar).to_contain_text("Step 1 of 5")
    await expect(bar).to_contain_text("Next: Where do you stand?")
    await expect(bar.get_by_role("timer")).to_contain_text("09:")
    await bar.get_by_role("button", name="5 min more").click()
    await expect(bar.get_by_role("timer")).to_contain_text("14:")
    await expect(bar).to_contain_text("5 min behind")
    assert await barriers(page) == []

    await bar.get_by_role("button", name="Next").click()
    await expect(bar).to_contain_text("Step 2 of 5")
    await ann.until(lambda _: [each for each in ann.of_kind("poll") if each["status"] == "open"])
    await bar.get_by_role("button", name="Next").click()
    await expect(bar).to_contain_text("Step 3 of 5")
    await ann.until(lambda found: found["participant:p_ann"]["room_id"] != "plenary")
    await bar.get_by_role("button", name="Back").click()
    await expect(bar).to_contain_text("Step 2 of 5")

    await page.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="Agenda").click()
    step = page.get_by_role("listitem").filter(has_text="Coffee")
    await step.get_by_role("button", name="Actions for Coffee").click()
    await page.get_by_role("menuitem", name="Skip it").click()
    await expect(step).to_contain_text("skipped")
    await page.context.close()
    for client in (ann, bob):
        await client.close()


async def test_the_door_is_watched_and_people_are_let_in_or_turned_away(
    server: ServerProcess, browser: Browser
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    page = await facilitator(server, browser, workshop)
    await page.get_by_role("button", name="People", exact=True).click()
    await page.get_by_role("switch", name="Lobby").press("Space")
    await expect(page.get_by_role("switch", name="Lobby")).to_be_checked()
    (ann,) = await learners(server, workshop, "Ann")
    waiting = page.get_by_role("region", name="Waiting in the lobby")
    await expect(page.get_by_role("status").filter(has_text="Ann waits in the lobby.")).to_have_count(1)
    assert await barriers(page) == []
    await waiting.get_by_role("button", name="Let Ann in").click()
    await ann.until(lambda found: "participant:p_ann" in found)
    await expect(waiting).to_have_count(0)
    await page.get_by_role("switch", name="Lock").press("Space")
    await expect(page.get_by_text("Locked")).to_be_visible()
    await ann.close()
    await page.context.close()


async def test_people_are_pinned_shown_large_and_paged_through_and_react(
    server: ServerProcess, browser: Browser
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    names = [f"Person {number:02}" for number in range(27)]
    everybody = await learners(server, workshop, *(name.replace(" ", "-") for name in names))
    page = await facilitator(server, browser, workshop)
    tiles = page.get_by_role("list", name="People in this room").get_by_role("listitem")
    await expect(tiles).to_have_count(25)
    await page.get_by_role("button", name="Next people").click()
    await expect(page.get_by_text("2 of 2")).to_be_visible()
    await expect(tiles).to_have_count(3)
    await page.get_by_role("button", name="Previous people").click()
    await tiles.filter(has_text="Person-05").get_by_role("button", name="Pin Person-05").click()
    large = page.get_by_role("list", name="Shown large")
    await expect(large.get_by_role("listitem")).to_contain_text("Person-05")
    assert await barriers(page) == []
    await large.get_by_role("button", name="Pin Person-05").click()
    await expect(large).to_have_count(0)
    await page.keyboard.press("g")
    await expect(large).to_be_visible()
    await page.keyboard.press("g")

    await everybody[3].ok("RaiseHand")
    await everybody[1].ok("RaiseHand")
    await page.get_by_role("button", name="People", exact=True).click()
    await expect(page.locator("aside .person").filter(has_text="Person-01").locator(".person-hand")).to_have_text("2")
    await page.get_by_role("button", name="Reactions").click()
    await page.get_by_role("button", name="applause").click()
    await expect(tiles.filter(has_text="Fay").get_by_role("img", name="applause")).to_be_visible()
    for client in everybody:
        await client.close()
    await page.context.close()


async def test_the_loudspeaker_is_tried_before_joining(server: ServerProcess, asking: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    context = await asking.new_context(locale="en-GB")
    await context.add_init_script(LISTEN)
    page = await context.new_page()
    await page.goto(server.link(workshop, await server.token(workshop, "learner", "Lou", "p_lou")))
    await page.get_by_role("button", name="Test the sound").press("Enter")
    await expect(page.get_by_text("You should hear three notes.")).to_be_visible()
    await page.wait_for_function("() => window.__loudest > 0.05")
    await expect(page.get_by_text("Heard nothing? Turn the volume up")).to_be_visible()
    assert await barriers(page) == []


async def test_the_first_load_is_small(server: ServerProcess, browser: Browser, tmp_path: Path) -> None:
    """Under 400 kB for everything until one can join; what few need comes when it is opened."""
    workshop = await server.create_workshop("Negotiation basics")
    context = await browser.new_context(locale="ja-JP")
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await session.send("Network.enable")
    await page.goto(server.link(workshop, await server.token(workshop, "learner", "Lou", "p_lou")))
    await expect(page.locator("button[type=submit]")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert 100_000 < sum(sizes) < 400_000, f"{sum(sizes):.0f} bytes in {len(sizes)} files"
    await context.close()


ROSTER = (
    "external_id,name,room,score,attribute:team\nann,Ann,Red,1,A\nbob,Bob,Red,2,B\ncy,Cy,Blue,3,A\ndi,Di,Blue,4,B\n"
)
EXPLAINED = ("Mixed by attribute", "Alike in an attribute", "Balanced by score", "Similar in score")
LOOKED_AT = (
    *("At random", "By hand", "By roster", "Mixed by attribute", "Alike in an attribute"),
    *("Balanced by score", "Similar in score"),
)


async def test_people_come_into_rooms_in_every_way(server: ServerProcess, browser: Browser) -> None:
    workshop = await server.create_workshop("Negotiation basics", roster=ROSTER)
    clients = []
    for name in ("ann", "bob", "cy", "di"):
        asked = {"role": "learner", "name": name.title(), "participant_id": f"p_{name}", "external_id": name}
        _, answer = await server.api("POST", f"/api/workshops/{workshop}/tokens", asked)
        clients.append(await WireClient(server.base_url, answer["token"]).connect())
    ann = clients[0]
    page = await facilitator(server, browser, workshop)
    await page.get_by_role("button", name="Rooms", exact=True).click()
    panel: Any = page.locator("aside.panel")

    async def choose(way: str) -> None:
        await panel.get_by_role("combobox", name="How people come into rooms").click()
        await page.get_by_role("option", name=way, exact=False).click()

    async def discard() -> None:
        while await (buttons := panel.get_by_role("button", name="Discard")).count():
            before = await buttons.count()
            await buttons.first.click()
            await expect(buttons).to_have_count(before - 1)

    for way in LOOKED_AT:
        await choose(way)
        if "ttribute" in way:
            await panel.get_by_label("Attribute").fill("team")
        if way == "By hand":
            await panel.get_by_role("combobox", name="Room for Ann").click()
            await page.get_by_role("option", name="Room 2").click()
        await panel.get_by_role("button", name="Look first").click()
        await expect(panel.get_by_role("button", name="Discard")).to_have_count(1)
        if way in EXPLAINED:
            await expect(panel.get_by_text("Why these groups?")).to_be_visible()
        await discard()

    await choose("Rotation")
    await panel.get_by_role("button", name="Prepare rounds").click()
    await expect(panel.get_by_role("button", name="Discard")).not_to_have_count(0)
    await discard()

    await choose("People choose")
    await panel.get_by_role("button", name="Open rooms").click()
    assert (await ann.until(lambda found: found.get("breakouts")))["choose"]
    assert await barriers(page) == []

    # Time, and a voice, for all rooms.
    await panel.get_by_role("button", name="Set 5 minutes").click()
    await expect(panel.get_by_role("timer")).to_contain_text("04:")
    await panel.get_by_role("button", name="5 minutes more").click()
    await expect(panel.get_by_role("timer")).to_contain_text("09:")
    await panel.get_by_role("button", name="Speak to all rooms").click()
    await ann.until(lambda found: found["breakouts"]["voice_id"] == "p_fay")
    await panel.get_by_role("button", name="Speak to all rooms").click()
    await ann.until(lambda found: found["breakouts"]["voice_id"] is None)
    await panel.get_by_role("button", name="Recall everyone").click()

    await choose("Jigsaw")
    await panel.get_by_label("Topics").fill("Price\nTime")
    await panel.get_by_role("button", name="Open rooms").click()
    await ann.until(lambda found: found["participant:p_ann"]["room_id"] != "plenary")
    await expect(panel.get_by_role("button", name="Recall everyone")).to_be_visible()
    for client in clients:
        await client.close()
    await page.context.close()
