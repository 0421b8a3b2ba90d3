"""A live workshop, end to end: three browsers, one server, a kill in the middle.

Who sees and hears whom is measured on decoded media (see devices.py); the server's word is not taken for it.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import expect_company, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(480)]


@pytest_asyncio.fixture(loop_scope="session")
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """One that may be killed."""
    process = ServerProcess(tmp_path / "data")
    await process.start()
    yield process
    await process.stop()


async def test_a_workshop_survives_breakouts_a_move_a_kill_and_a_recall(
    server: ServerProcess, browsers: Browsers
) -> None:
    workshop_id = await server.create_workshop("Negotiation basics")
    facilitator_link = server.link(workshop_id, await server.token(workshop_id, "facilitator", "Fay", "p_fay"))
    learner_link = server.link(workshop_id, await server.token(workshop_id, "learner"))
    named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1]), ("Mia", DEVICES[2])]
    async with people(browsers, named) as crowd:
        fay, lou, mia = crowd
        await fay.join(facilitator_link)
        await lou.join(learner_link)
        await mia.join(learner_link)
        await expect_company([[fay, lou, mia]])

        await fay.open_breakouts(2)
        await lou.expect_room("Room")
        await expect_company([[fay], [lou], [mia]])

        rooms = {person.name: await person.room() for person in (lou, mia)}
        assert set(rooms.values()) == {"Room 1", "Room 2"}
        await fay.move("Fay", rooms["Lou"])
        await expect_company([[fay, lou], [mia]])
        await fay.move("Lou", rooms["Mia"])
        await expect_company([[fay], [lou, mia]])
        assert [await person.negotiations() for person in crowd] == [[1], [1], [1]]

        await fay.open_poll("Which offer first?", ["Theirs", "Ours"])
        await mia.vote("Ours")
        await mia.say("See you in a moment")
        await lou.open_panel("Chat")
        await expect(lou.page.get_by_text("See you in a moment")).to_be_visible()

        await server.kill()
        await asyncio.gather(*(expect(person.page.get_by_text("Reconnecting")).to_be_visible() for person in crowd))
        await server.start()
        await asyncio.gather(*(expect(person.page.get_by_text("Reconnecting")).to_be_hidden() for person in crowd))
        assert {person.name: await person.room() for person in crowd} == {
            "Fay": rooms["Lou"],
            "Lou": rooms["Mia"],
            "Mia": rooms["Mia"],
        }
        await expect_company([[fay], [lou, mia]])
        await lou.vote("Theirs")
        await fay.expect_tally({"Theirs": 1, "Ours": 1})
        await expect(mia.page.get_by_text("See you in a moment")).to_be_visible()

        negotiated = [await person.negotiations() for person in crowd]
        await fay.recall()
        await expect_company([[fay, lou, mia]])
        assert [await person.negotiations() for person in crowd] == negotiated == [[1], [1], [1]]
        assert [person.errors for person in crowd] == [[], [], []]
