"""An agenda from its YAML to its end through the running server: set over HTTP, run over the socket, seen by learners."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.harness import API_KEY, ServerProcess
from tests.integration.conftest import Join

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLE = (Path(__file__).parents[2] / "deploy/run-sheet.example.yaml").read_text()
SHEET = """
version: 1
title: Short
steps:
  - {kind: plenary, title: Welcome, duration: 10 min, notes: Smile}
  - {kind: poll, title: Vote, duration: 2 min, poll: {question: "Well?", options: ["Yes", "No"]}, results_at_end: everyone}
  - {kind: breakouts, title: Groups, duration: 5 min, breakouts: {size: 2}, task: Talk, countdown: 1s}
  - {kind: plenary, title: Close, duration: 1 s, advance: auto}
"""


async def http(
    server: ServerProcess, method: str, workshop_id: str, key: str = API_KEY, **request: Any
) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}", **request.pop("headers", {})}
    url = f"{server.base_url}/api/workshops/{workshop_id}/agenda"
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers, **request) as answer:
        return answer.status, await answer.text()


async def test_an_agenda_from_yaml_to_its_end(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann, bob = await join(workshop_id, "learner", "ann"), await join(workshop_id, "learner", "bob")
    status, _ = await http(
        server, "PUT", workshop_id, data=SHEET.encode(), headers={"Content-Type": "application/yaml"}
    )
    assert status == 200
    (seen,) = await ann.until(lambda _: ann.of_kind("agenda"))
    assert [step["title"] for step in seen["steps"]] == ["Welcome", "Vote", "Groups", "Close"]
    assert not ann.of_kind("agenda_step")
    steps = await fay.until(lambda _: len(fay.of_kind("agenda_step")) == 4 and fay.of_kind("agenda_step"))
    assert {step["step"]["title"]: step["step"]["notes"] for step in steps}["Welcome"] == "Smile"
    assert (await ann.command("StartAgenda"))["code"] == "not_allowed"

    await fay.ok("StartAgenda")
    await ann.until(lambda _: ann.of_kind("agenda")[0]["current_id"] == "welcome")
    await fay.until(lambda _: fay.of_kind("poll"))  # prepared, and a draft that learners do not get
    assert not ann.of_kind("poll")
    await fay.ok("ExtendStep", by_ms=60_000)
    await fay.until(lambda _: fay.of_kind("agenda_progress")[0]["drift_ms"] == 60_000)
    await fay.ok("NextStep", from_id="welcome")
    late = await fay.command("NextStep", from_id="welcome")
    assert (late["code"], late["rule"]) == ("step_changed", "AG5")
    (poll,) = await ann.until(lambda _: ann.of_kind("poll"))
    await ann.ok("CastBallot", poll_id=poll["poll_id"], option_ids=[poll["options"][0]["option_id"]])
    await fay.ok("NextStep", from_id="vote")
    (tally,) = await bob.until(lambda _: bob.of_kind("tally"))
    assert tally["ballots"] == 1
    rooms = await ann.until(
        lambda records: records["participant:ann"]["room_id"] != "plenary" and ann.of_kind("room_work")
    )
    assert rooms[0]["task"]["text"] == "Talk"
    await fay.ok("PreviousStep", from_id="groups")
    await ann.until(lambda records: records["participant:ann"]["room_id"] == "plenary")
    await ann.until(lambda _: ann.of_kind("poll")[0]["status"] == "open")
    await fay.ok("GoToStep", step_id="close")
    (ended,) = await ann.until(lambda _: [each for each in ann.of_kind("agenda") if each["status"] == "ended"])
    assert [step["status"] for step in ended["steps"]] == ["done", "done", "skipped", "done"]


async def test_facilitators_import_and_export_with_their_own_token(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    await join(workshop_id, "facilitator", "fay")
    await join(workshop_id, "learner", "ann")
    fay = await server.token(workshop_id, "facilitator", "Fay", "fay")
    ann = await server.token(workshop_id, "learner", "Ann", "ann")
    elsewhere = await server.token(await server.create_workshop(), "facilitator", "Fay", "fay")
    assert (await http(server, "GET", workshop_id, fay))[0] == 404
    assert (await http(server, "PUT", workshop_id, fay, data=EXAMPLE.encode()))[0] == 200
    status, text = await http(server, "GET", workshop_id, fay)
    assert status == 200
    assert text.startswith("version: 1\ntitle: Giving feedback\n")
    status, as_json = await http(server, "GET", workshop_id, headers={"Accept": "application/json"})
    assert status == 200
    json = {"Content-Type": "application/json"}
    assert (await http(server, "PUT", workshop_id, data=as_json.encode(), headers=json))[0] == 200
    assert (await http(server, "GET", workshop_id))[1] == text
    for method, key, expected, code in (
        ("GET", ann, 403, "not_allowed"),
        ("PUT", ann, 403, "not_allowed"),
        ("GET", elsewhere, 403, "not_allowed"),
        ("PUT", elsewhere, 403, "not_allowed"),
        ("GET", "nonsense", 401, "token_invalid"),
        ("PUT", "nonsense", 401, "token_invalid"),
    ):
        status, problem = await http(
            server, method, workshop_id, key, data=EXAMPLE.encode() if method == "PUT" else None
        )
        assert (status, code in problem) == (expected, True), (method, status, problem)
    status, problem = await http(server, "PUT", workshop_id, fay, data=b"version: 1\nsteps:\n  - kind: party\n")
    assert status == 400
    assert "line 3, column 11, steps[1].kind: 'party' is none of" in problem
    assert '"problems":[{"line":3,"column":11,"field":"steps[1].kind","code":"agenda_invalid",' in problem


async def test_a_workshop_is_created_with_its_agenda(server: ServerProcess) -> None:
    status, _ = await server.api("POST", "/api/workshops", {"title": "T", "workshop_id": "planned", "agenda": EXAMPLE})
    assert status == 201
    assert (await http(server, "GET", "planned"))[1].startswith("version: 1")
    status, problem = await server.api(
        "POST", "/api/workshops", {"title": "T", "workshop_id": "x", "agenda": "version: 3"}
    )
    assert (status, problem["code"]) == (400, "agenda_invalid")
    assert (await http(server, "GET", "x"))[0] == 404
