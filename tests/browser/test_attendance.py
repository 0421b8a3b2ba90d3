"""Attendance through the page: one's own with an objection (on a phone), everybody's with the answer and the files, and what stays at the end."""

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.axe import barriers
from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import Person, people
from tests.harness import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]
PHONE: ViewportSize = {"width": 390, "height": 844}


async def from_the_menu(person: Person, name: str) -> None:
    await person.page.get_by_role("button", name="More").click()
    await person.page.get_by_role("menuitem", name=name).click()


async def fits(person: Person) -> bool:
    """Nothing sticks out at the side."""
    return bool(await person.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))


async def summary(fay: Person) -> None:
    """What the facilitator sees of all of it after the end; the chart's numbers are a table, too, which can be shown."""
    spoken = fay.page.get_by_role("figure", name="Talk balance")
    await expect(spoken.get_by_role("row").filter(has_text="Lou")).to_contain_text(":")
    await spoken.get_by_role("button", name="Show as a table").click()
    await expect(spoken.get_by_role("rowheader", name="Lou")).to_be_in_viewport()
    people = fay.page.get_by_role("region", name="Attendance")
    await expect(people.get_by_role("row").filter(has_text="Zoé")).to_contain_text("Absent")
    await expect(people.get_by_role("row").filter(has_text="Lou")).to_contain_text("Partly present")
    async with fay.page.expect_download() as downloading:
        await people.get_by_role("button", name="Download: Attendance").click()
        await fay.page.get_by_role("menuitem", name="Attendance (JSON)").click()
    assert (await downloading.value).suggested_filename.endswith(".json")
    await expect(fay.page.get_by_role("menu")).to_have_count(0)  # while it closes it is a menu without items
    assert await barriers(fay.page) == []


async def test_AT8_AT9_AT10_a_learner_sees_objects_and_is_answered(
    server: ServerProcess, tmp_path: Path, browsers: Browsers
) -> None:
    workshop_id = await server.create_workshop("Negotiation basics", roster="email,name\nzoe@example.org,Zoé\n")
    facilitator_link = server.link(workshop_id, await server.token(workshop_id, "facilitator", "Fay", "p_fay"))
    learner_link = server.link(workshop_id, await server.token(workshop_id, "learner", "Lou", "p_lou"))
    named = [("Fay", DEVICES[0]), ("Lou", DEVICES[1])]
    async with people(browsers, named) as crowd:
        fay, lou = crowd
        await fay.join(facilitator_link)
        await lou.page.set_viewport_size(PHONE)
        await lou.join(learner_link)

        await from_the_menu(lou, "Attendance")
        own = lou.page.get_by_role("region", name="Your attendance")
        await expect(own.get_by_text("Present so far")).to_be_visible()
        await own.get_by_role("button", name="This is not right").click()
        await own.get_by_label("What is not right?").fill("I was there before,\nby phone.")
        assert await fits(lou)
        assert await barriers(lou.page) == []
        await own.get_by_role("button", name="Send to the facilitators").click()
        await expect(own.get_by_text("A facilitator will answer.")).to_be_visible()

        await fay.open_panel("Attendance")
        row = fay.page.get_by_role("row").filter(has_text="Lou")
        await expect(row).to_contain_text("%")
        await expect(fay.page.get_by_role("row").filter(has_text="Zoé")).to_contain_text("Absent")
        await row.get_by_role("button", name=re.compile("Lou")).click()
        form = fay.page.get_by_role("form", name="Correct the attendance of Lou")
        await expect(form.get_by_text("I was there before")).to_be_visible()
        assert await barriers(fay.page) == []
        await form.get_by_role("combobox", name="Counts as").click()
        await fay.page.get_by_role("option", name="Partly present").click()
        await form.get_by_label("Note to Lou").fill("Half of it, then.")
        await form.get_by_role("button", name="Save").click()
        await expect(own.get_by_text("Half of it, then.")).to_be_visible()
        await expect(own.get_by_text("Partly present so far")).to_be_visible()
        await expect(own.get_by_text("A facilitator will answer.")).to_be_hidden()

        # The microphones beep; what the server has heard is journalled every 15 seconds.
        await expect(row).to_contain_text("spoke ", timeout=60_000)
        async with fay.page.expect_download() as downloading:
            await fay.page.get_by_role("region", name="Downloads").get_by_role("button", name="Attendance").click()
        file = tmp_path / "attendance.csv"
        await (await downloading.value).save_as(file)
        rows = {each["name"]: each for each in csv.DictReader(file.read_text("utf-8-sig").splitlines())}
        assert (rows["Lou"]["verdict"], rows["Lou"]["measured_verdict"], rows["Zoé"]["verdict"]) == (
            "partial", "present", "absent"
        )  # fmt: skip
        assert float(rows["Lou"]["spoken_s"]) > 0

        await fay.page.get_by_role("button", name="Leave workshop").click()
        await fay.page.get_by_role("menuitem", name="End for everyone").click()
        await expect(lou.page.get_by_role("heading", name="The workshop has ended")).to_be_visible()
        await summary(fay)
        final = lou.page.get_by_role("region", name="Your attendance")
        await expect(final.get_by_text("Partly present", exact=True)).to_be_visible()
        assert await barriers(lou.page) == []
        await final.get_by_role("button", name="This is not right").click()
        await final.get_by_label("What is not right?").fill("All of it!")
        await final.get_by_role("button", name="Send to the facilitators").click()
        await expect(final.get_by_text("All of it!")).to_be_visible()
        assert await fits(lou)
        assert [person.errors for person in crowd] == [[], []]
