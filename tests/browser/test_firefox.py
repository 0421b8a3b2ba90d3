"""Firefox and Chromium in one workshop: they see and hear each other, and what a learner does works in Firefox too."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.network import address_for, at_firefox
from tests.browser.person import expect_company, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]


async def test_a_learner_at_a_firefox_goes_through_a_workshop(tmp_path: Path, browsers: Browsers) -> None:
    server = ServerProcess(tmp_path / "data", ATELIER_UDP_HOST=address_for("firefox"))
    await server.start()
    try:
        workshop_id = await server.create_workshop("Negotiation basics")
        facilitator_link = server.link(workshop_id, await server.token(workshop_id, "facilitator", "Fay", "p_fay"))
        learner_link = server.link(workshop_id, await server.token(workshop_id, "learner"))
        async with (
            people(browsers, [("Fay", DEVICES[0])]) as (fay,),
            at_firefox(browsers, "Lou") as lou,
        ):
            await fay.join(facilitator_link)
            await lou.join(learner_link)
            await expect_company([[fay, lou]])

            await fay.open_breakouts(1)
            await lou.expect_room("Room 1")
            await expect_company([[fay], [lou]])
            await fay.move("Fay", "Room 1")
            await expect_company([[fay, lou]])
            await fay.recall()
            await expect_company([[fay, lou]])

            await fay.open_poll("Which offer first?", ["Theirs", "Ours"])
            await lou.vote("Ours")
            await fay.expect_tally({"Theirs": 0, "Ours": 1})
            await lou.say("See you from Firefox")
            await fay.open_panel("Chat")
            await expect(fay.page.get_by_text("See you from Firefox")).to_be_visible()
            await fay.say("And from Chromium")
            await lou.expect_text("And from Chromium")
            assert await lou.negotiations() == await fay.negotiations() == [1]
            assert lou.errors == fay.errors == []
    finally:
        await server.stop()
