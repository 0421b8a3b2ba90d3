"""Pictures of every screen: `make pictures ARGS="--only board --people 16"`; with `--readme` those that the README shows.

A server, a workshop full of long names and texts, and Chromium, which goes from screen to screen as the facilitator and as a learner. To be looked at:
what can be tested about a layout is tested in test_screens.py.
"""

import argparse
import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from tests.browser.camera import PATIENCE_MS, SETTLE_S, VIEWS, Camera, show
from tests.browser.company import Company, company
from tests.browser.showcase import showcase
from tests.browser.staged import LONG_NAME, ask, divide, review, talk
from tests.browser.studio import READY_S, Studio, studio

TITLE = "Negotiation basics"
SCREENSHOTS = Path("client_web/screenshots")
PANELS = {
    "chat": "c",
    "people": "p",
    "rooms": "r",
    "polls": "o",
    "review": "w",
    "questions": "q",
    "agenda": "a",
    "attendance": "t",
}
ROOMS = ("Red", "The room with the long name", "Green", "Blue", "Yellow", "Amber", "Violet", "White")
ROSTER = "Who;Courriel;Groupe;Level\nAnn;ann@example.org;Red;2\nBob;nobody;Blue;1\nCid;cid@example.org;Blue;3\n"


async def doors(studio: Studio) -> None:
    """What is seen before one is in, and after: the device check, the lobby, each end."""
    take, server = studio.camera.take, studio.server
    workshop = await server.create_workshop(TITLE)
    fay = await studio.inside(workshop, "facilitator", "Fay", "p_0")
    lou = await studio.opened(workshop, "learner", "Lou", "p_lou")
    await asyncio.sleep(READY_S)
    await take(lou, "check")
    denied = await studio.opened(workshop, "learner", "Maximiliane-Charlotte von Hohenzollern", "p_max", bare=True)
    await expect(denied.locator(".mantine-Alert-root")).to_have_count(2, timeout=PATIENCE_MS)
    await take(denied, "check-denied")
    await denied.context.close()
    observer = await studio.opened(workshop, "observer", "Oda", "p_oda")
    await take(observer, "check-observer")
    await observer.context.close()

    await fay.evaluate('() => window.__atelier.command({type: "SetLobby", on: true})')
    await lou.locator("button[type=submit]").click()
    await expect(lou.locator(".card")).to_be_visible()
    await asyncio.sleep(READY_S)
    await take(lou, "lobby")
    await fay.keyboard.press("p")
    await take(fay, "lobby-host")
    await fay.evaluate('() => window.__atelier.command({type: "SetLobby", on: false})')
    await expect(lou.get_by_test_id("room-name")).to_be_visible(timeout=PATIENCE_MS)
    await take(lou, "two")
    await lou.keyboard.press("?")
    await take(lou, "shortcuts")
    await lou.keyboard.press("Escape")
    await lou.context.set_offline(True)
    await expect(lou.locator(".header-reconnecting")).to_be_visible(timeout=60_000)
    await take(lou, "reconnecting")
    await lou.context.set_offline(False)
    await expect(lou.locator(".header-reconnecting")).to_have_count(0, timeout=60_000)
    if studio.camera.wants("remove-dialog"):
        await fay.get_by_role("button", name="Actions for Lou", exact=True).click()
        await fay.get_by_role("menuitem", name="Remove from workshop").click()
        await take(fay, "remove-dialog")
        await fay.keyboard.press("Escape")
    await fay.evaluate(
        '() => window.__atelier.command({type: "RemoveParticipant", participant_id: "p_lou", ban: false})'
    )
    await take(lou, "end-removed")
    await take(await studio.opened(workshop, "learner", "Mia", "p_mia"), "check-mia")
    for path in ("/", "/w/w_none#t=cut.off.here"):
        page = await (await studio.context()).new_page()
        await page.goto(f"{server.base_url}{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await take(page, "end-unknown" if "#" in path else "home")
        await page.context.close()
    await fay.context.close()
    await lou.context.close()


async def workshop(studio: Studio, count: int) -> None:
    """The room, every panel, breakouts and the board, the summary, with so many people."""
    camera = replace(studio.camera, prefix=f"{count:02}", taken=studio.camera.taken)
    async with company(studio.server, TITLE, count) as here:
        pages = {"host": await studio.inside(here.workshop_id, "facilitator", "Fay", "p_0")}
        if count > 2:
            pages["learner"] = await studio.inside(here.workshop_id, "learner", "佐藤 花子", "p_3")
        elif count == 2:
            pages["learner"] = await studio.inside(here.workshop_id, "learner", LONG_NAME, "p_1")
        await asyncio.sleep(READY_S)
        for who, page in pages.items():
            await camera.take(page, f"stage-{who}")
            if count > 1:
                await page.keyboard.press("g")
                await camera.take(page, f"speaker-{who}")
                await page.keyboard.press("g")
        if count < 3:
            await panels(camera, pages["host"], "empty-host")
        else:
            await full(studio, camera, here, pages)
        await here.fay.ok("CloseWorkshop")
        for who, page in pages.items():
            await expect(page.locator(".summary")).to_be_visible(timeout=PATIENCE_MS)
            await asyncio.sleep(READY_S)
            await camera.take(page, f"summary-{who}")
            await page.context.close()


async def full(studio: Studio, camera: Camera, here: Company, pages: dict[str, Page]) -> None:
    """Something of everything goes on, first in the plenary, then in rooms."""
    fay, learners = here.fay, here.learners[:3]
    await studio.set_agenda(here.workshop_id)
    await fay.ok("StartAgenda")
    await talk(fay, learners)
    await ask(fay, learners)
    await camera.take(pages["learner"], "poll-learner")
    await review(fay, learners)
    for who, page in pages.items():
        await camera.take(page, f"busy-{who}")
        await panels(camera, page, who)
    if studio.locale.startswith("en"):
        await authoring(camera, pages["host"])
    if camera.wants("screen"):
        await pages["host"].keyboard.press("s")
        await asyncio.sleep(READY_S)
        for who, page in pages.items():
            await camera.take(page, f"screen-{who}")
        await pages["host"].keyboard.press("s")
    await divide(
        fay,
        learners,
        ROOMS[: 2 if len(here.learners) + len(here.bots) < 8 else 4 if len(here.bots) + len(here.learners) < 20 else 8],
    )
    await asyncio.sleep(READY_S)
    await camera.take(pages["learner"], "room-learner")
    await camera.take(pages["host"], "room-host")
    await pages["host"].keyboard.press("r")
    await camera.take(pages["host"], "panel-running-host")
    await pages["host"].keyboard.press("r")
    await pages["host"].keyboard.press("b")
    await camera.take(pages["host"], "board-host")
    await pages["host"].keyboard.press("b")
    await fay.ok("CloseBreakouts")


async def panels(camera: Camera, page: Page, who: str) -> None:
    for name, key in PANELS.items():
        if not camera.wants(f"panel-{name}-{who}"):
            continue
        opened = page.locator("aside.panel")
        await page.keyboard.press(key)
        if not await opened.count():
            continue  # not for this person
        await camera.take(page, f"panel-{name}-{who}")
        await closed(page)
    await page.keyboard.press("k")
    await camera.take(page, f"captions-{who}")
    await page.keyboard.press("k")


async def authoring(camera: Camera, fay: Page) -> None:
    """The roster's dialog, while its columns are mapped. The forms of polls and rounds are the first thing in their panels."""
    if not camera.wants("roster"):
        return
    for view in camera.views:  # a panel becomes a sheet on a phone, and what it has opened is shut
        await show(fay, view)
        await fay.keyboard.press("r")
        await fay.get_by_role("button", name="Roster", exact=True).click()
        await fay.get_by_role("button", name="Import", exact=True).click()
        await fay.get_by_role("dialog", name="Roster").get_by_role("textbox").fill(ROSTER)
        await asyncio.sleep(SETTLE_S)
        await camera.shoot(fay, "roster", view)
        await fay.get_by_role("dialog", name="Roster").get_by_role("button", name="Dismiss").click()
        await closed(fay)
    await show(fay, camera.views[0])


async def closed(page: Page) -> None:
    """Out of whatever is open: a menu, a field, a panel."""
    opened = page.locator("aside.panel, [role=dialog]")
    for _ in range(5):
        if not await opened.count():
            break
        await page.keyboard.press("Escape")
        await asyncio.sleep(SETTLE_S)


async def rounds(studio: Studio) -> None:
    """A round of peer review in each of its phases, for who leads it and for one who writes and reviews."""
    camera = replace(studio.camera, prefix="round", taken=studio.camera.taken)
    if not camera.wants("submit", "review", "results"):
        return
    async with company(studio.server, TITLE, 5) as here:
        fay, learners = here.fay, here.learners
        pages = {
            "host": await studio.inside(here.workshop_id, "facilitator", "Fay", "p_0"),
            "learner": await studio.inside(here.workshop_id, "learner", "佐藤 花子", "p_3"),
        }
        for page in pages.values():
            await page.keyboard.press("w")
        await review(fay, learners)
        (found,) = await fay.until(lambda _: fay.of_kind("review_round"))
        await asyncio.sleep(READY_S)
        for phase in ("submit", "review", "results"):
            for who, page in pages.items():
                await camera.take(page, f"{phase}-{who}")
            if phase == "review":
                await reviewed(here)
            if phase != "results":
                await fay.ok("AdvanceReviewRound", round_id=found["round_id"])
                await asyncio.sleep(1)
        for page in pages.values():
            await page.context.close()


async def reviewed(here: Company) -> None:
    for client in here.learners:
        criteria = client.of_kind("review_round")[0]["criteria"]
        for each in await client.until(lambda _, client=client: client.of_kind("review")):
            for score, criterion in zip((4, None), criteria, strict=True):  # the second takes a comment alone
                comment = "The figure is clear; say why you begin there, and what you would give for a quick answer."
                await client.ok(
                    "WriteMark",
                    review_id=each["review_id"],
                    criterion_id=criterion["criterion_id"],
                    score=score,
                    comment=comment,
                )
            await client.ok("SubmitReview", review_id=each["review_id"])


async def run(arguments: argparse.Namespace) -> None:
    out = SCREENSHOTS if arguments.readme else Path(arguments.out or tempfile.mkdtemp(prefix="atelier-pictures-"))
    out.mkdir(parents=True, exist_ok=True)
    camera = Camera(out, [VIEWS[name] for name in arguments.views.split(",")], arguments.only)
    with tempfile.TemporaryDirectory() as folder:
        async with async_playwright() as playwright, studio(playwright, Path(folder), camera, arguments.locale) as made:
            if arguments.readme:
                await showcase(made)
                return
            if arguments.scene in ("all", "doors"):
                await doors(made)
            if arguments.scene in ("all", "rounds"):
                await rounds(made)
            if arguments.scene in ("all", "workshop"):
                for count in arguments.people:
                    await workshop(made, count)
    print(f"{len(camera.taken)} pictures in {out}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make pictures", description="Pictures of every screen, to be looked at.")
    parser.add_argument("--out", help="the folder they go to (default: a new temporary one)")
    parser.add_argument("--readme", action="store_true", help="take anew those that the README shows, and no others")
    parser.add_argument("--only", nargs="*", default=[], help="parts of names; other screens are left out")
    parser.add_argument("--scene", choices=("all", "doors", "workshop", "rounds"), default="all")
    parser.add_argument("--people", nargs="*", type=int, default=[1, 2, 5, 16, 40], help="how many are there, 1 to 40")
    parser.add_argument(
        "--views", default="desktop,desktop-dark,phone,phone-dark,narrow", help=f"of {', '.join(VIEWS)}"
    )
    parser.add_argument("--locale", default="en-GB", help="en-GB, fr-FR or ja-JP")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
