"""Reading the record and looking after the sinks, through the running server and the command line."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.harness import API_KEY, ServerProcess
from tests.integration.test_webhook_sink import NEW, Receiver, status
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with receiver.listening():
        yield receiver


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    hook = {"kind": "webhook", "name": "hook", "url": receiver.url, "secrets": [NEW]}
    sinks = [{"kind": "file"}, {**hook, "allow_http": True, "allow_private_addresses": True}]
    process = ServerProcess(tmp_path_factory.mktemp("record") / "data", ATELIER_PUBLISH__SINKS=json.dumps(sinks))
    await process.start()
    yield process
    await process.stop()
    assert "Traceback" not in process.log.read_text()


async def until_get(server: ServerProcess, path: str, holds: Any) -> Any:
    async with asyncio.timeout(60):
        while True:
            code, body = await server.api("GET", path)
            assert code == 200, body
            if holds(body):
                return body
            await asyncio.sleep(0.05)


async def command_line(server: ServerProcess, *arguments: str, key: str = API_KEY) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *arguments, "--url", server.base_url),
        env={**os.environ, "ATELIER_API_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def joined(server: ServerProcess, workshop_id: str, who: str = "ann") -> WireClient:
    return await WireClient(server.base_url, await server.token(workshop_id, "learner", who.title(), who)).connect()


async def test_events_are_read_in_pages(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    ann = await joined(server, workshop_id)
    for _ in range(3):
        await ann.ok("RaiseHand")
        await ann.ok("LowerHand")
    await ann.close()
    path = f"/api/workshops/{workshop_id}/events"
    whole = (await until_get(server, path, lambda body: len(body["events"]) >= 9))["events"]
    assert [int(event["sequence"]) for event in whole] == list(range(1, len(whole) + 1))
    pages, after = [], 0
    while (body := (await server.api("GET", f"{path}?after={after}&limit=4"))[1])["events"]:
        assert len(body["events"]) <= 4
        pages += body["events"]
        after = body["next"]
    assert pages[: len(whole)] == whole


async def test_a_long_poll_waits_for_the_next_event(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    path = f"/api/workshops/{workshop_id}/events?after=1&wait_s=20"
    waiting = asyncio.create_task(server.api("GET", path))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    ann = await joined(server, workshop_id)
    code, body = await waiting
    assert code == 200
    assert body["events"][0]["type"] == "org.atelier.participant.joined.v1"
    assert (await server.api("GET", f"/api/workshops/{workshop_id}/events?after=999&wait_s=1"))[1] == {
        "events": [],
        "next": 999,
    }
    await ann.close()


async def test_an_event_stream_goes_on_where_it_was(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    ann = await joined(server, workshop_id)
    url = f"{server.base_url}/api/workshops/{workshop_id}/events"
    headers = {"Authorization": f"Bearer {API_KEY}", "Accept": "text/event-stream", "Last-Event-ID": "1"}

    async def next_event(stream: aiohttp.ClientResponse) -> dict[str, str]:
        fields: dict[str, str] = {}
        async with asyncio.timeout(60):
            while line := (await stream.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                fields[name] = value
        return fields if "id" in fields else await next_event(stream)

    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as stream:
        assert stream.content_type == "text/event-stream"
        first = await next_event(stream)
        assert (first["id"], first["event"]) == ("2", "org.atelier.participant.joined.v1")
        await ann.ok("RaiseHand")
        second = await next_event(stream)
        assert (second["id"], json.loads(second["data"])["type"]) == ("3", "org.atelier.hand.raised.v1")
    await ann.close()


@pytest.mark.parametrize(
    ("path", "code", "problem"),
    [
        ("/api/workshops/w_unknown/events", 404, "workshop_unknown"),
        ("/api/workshops/demo/events?after=x", 400, "query_invalid"),
        ("/api/workshops/demo/events?limit=0", 400, "query_invalid"),
        ("/api/workshops/demo/events?limit=99999999999999999999", 400, "query_invalid"),
        ("/api/sinks/pigeon/dead-letters", 404, "sink_unknown"),
        ("/api/sinks/hook/dead-letters/7777", 404, "dead_letter_unknown"),
        ("/api/sinks/hook/dead-letters/x", 404, "dead_letter_unknown"),
    ],
)
async def test_what_is_wrong_is_said(server: ServerProcess, path: str, code: int, problem: str) -> None:
    answer_code, body = await server.api("GET", path)
    assert (answer_code, body["code"]) == (code, problem)
    assert (await server.api("GET", path, key=None))[0] == 401


async def test_dead_letters_are_listed_shown_and_retried_from_the_command_line(
    server: ServerProcess, receiver: Receiver
) -> None:
    async def picky(request: web.Request) -> web.StreamResponse:
        event = json.loads(await request.text())
        return web.Response(status=422 if event["type"] == "org.atelier.hand.raised.v1" else 204)

    receiver.answer = picky
    workshop_id = await server.create_workshop()
    ann = await joined(server, workshop_id)
    await ann.ok("RaiseHand")
    await ann.ok("LowerHand")
    found = await until_get(server, "/api/sinks/hook/dead-letters", lambda body: body["dead_letters"])
    letter = next(each for each in found["dead_letters"] if each["workshop_id"] == workshop_id)
    assert "422" in letter["reason"]
    told = [event["type"] for event in receiver.taken if event["source"].endswith(workshop_id)]
    assert "org.atelier.hand.raised.v1" not in told

    code, said = await command_line(server, "dead-letters", "hook")
    assert (code, letter["event_id"] in said) == (0, True)
    code, said = await command_line(server, "dead-letters", "hook", "--show", str(letter["ref"]))
    assert json.loads(said)["id"] == letter["event_id"]
    code, said = await command_line(server, "dead-letters", "hook", "--retry", str(letter["ref"]))
    assert (code, "has not taken it" in said) == (1, True)
    receiver.answer = None
    code, said = await command_line(server, "dead-letters", "hook", "--retry", "all")
    assert code == 0, said
    assert receiver.taken[-1]["id"] == letter["event_id"]
    assert (await server.api("GET", "/api/sinks/hook/dead-letters"))[1] == {"dead_letters": []}
    await ann.close()


async def test_a_sink_that_was_told_to_stop_is_enabled_again(server: ServerProcess, receiver: Receiver) -> None:
    receiver.answer = status(410)
    workshop_id = await server.create_workshop()

    def disabled(body: Any) -> bool:
        return any(sink["disabled"] for sink in body["sinks"])

    await until_get(server, "/api/sinks", disabled)
    code, said = await command_line(server, "sinks")
    assert (code, "disabled" in said) == (0, True)
    receiver.answer = None
    await command_line(server, "sinks", "--enable", "hook")
    await until_get(server, "/api/sinks", lambda body: all(sink["lag_events"] == 0 for sink in body["sinks"]))
    assert any(event["source"].endswith(workshop_id) for event in receiver.taken)


async def test_a_replay_brings_the_same_ids_again(server: ServerProcess, receiver: Receiver) -> None:
    workshop_id = await server.create_workshop()

    def ids() -> list[str]:
        return [event["id"] for event in receiver.taken if event["source"].endswith(workshop_id)]

    async with asyncio.timeout(60):
        while not ids():
            await asyncio.sleep(0.05)
        code, said = await command_line(server, "replay", "--sink", "hook", "--workshop", workshop_id)
        assert code == 0, said
        while len(ids()) < 2:
            await asyncio.sleep(0.05)
        code, said = await command_line(server, "replay", "--sink", "hook", "--from", "2020-01-01T00:00:00Z")
        assert code == 0, said
        while len(ids()) < 3:
            await asyncio.sleep(0.05)
    assert len(set(ids())) == 1
    code, said = await command_line(server, "replay", "--sink", "hook", "--from", "yesterday")
    assert code != 0
    assert "no time like" in said


async def test_the_command_line_says_what_is_wrong(server: ServerProcess) -> None:
    assert await command_line(server, "dead-letters", "pigeon") == (
        1,
        "atelier: There is no such sink; configured are: file, hook.\n",
    )
    code, said = await command_line(server, "sinks", key="wrong")
    assert (code, "API key" in said) == (1, True)


async def test_the_catalogue_and_the_metrics(server: ServerProcess) -> None:
    code, catalogue = await server.api("GET", "/api/asyncapi.json", key=None)
    assert (code, catalogue["asyncapi"]) == (200, "3.0.0")
    names = catalogue["components"]["messages"]
    assert "org.atelier.poll.closed.v1" in names
    assert names.keys() <= catalogue["components"]["schemas"].keys()
    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}/metrics") as answer:
        text = await answer.text()
    for name in ("lag_events", "lag_seconds", "dead_letters", "disabled", "delivered_total"):
        assert f'atelier_publish_{name}{{sink="hook"}}' in text


async def test_a_person_downloads_their_own_record_and_nobody_elses(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    ann, bob = await joined(server, workshop_id, "ann"), await joined(server, workshop_id, "bob")
    await ann.ok("PostMessage", channel="private", to_id="bob", text="for your eyes")
    await bob.ok("PostMessage", channel="everyone", text="bob was here")
    await ann.ok("RaiseHand")
    await ann.close()
    await bob.close()
    token = await server.token(workshop_id, "learner", "Ann", "ann")
    code, own = await server.api("GET", "/api/me/record", key=token)
    assert code == 200
    told = {each["type"]: each for each in own["events"]}
    assert told["ParticipantJoined"]["fields"]["name"] == "Ann"
    assert told["MessagePosted"]["fields"]["text"] == "for your eyes"
    assert told["MessagePosted"]["fields"]["to_id"] == "[somebody]"
    assert told["HandRaised"]["by_yourself"]
    assert "bob" not in json.dumps(own)
    _, audit = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
    assert [(each["action"], each["actor"]) for each in audit["entries"]] == [("personal_data.shown", "ann")]
    invite = await server.token(workshop_id, "learner")
    assert [(await server.api("GET", "/api/me/record", key=key))[0] for key in ("nonsense", None, invite)] == [
        401,
        401,
        401,
    ]


async def test_erase_and_audit_from_the_command_line(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    await (await joined(server, workshop_id)).close()
    code, said = await command_line(server, "erase", "--workshop", workshop_id, "--person", "ann")
    assert (code, said[:6]) == (0, "Erased")
    code, said = await command_line(server, "erase", "--workshop", workshop_id, "--person", "zoe")
    assert code != 0
    assert "holds nothing of a person" in said
    await server.api("POST", "/api/sinks/hook/replay", {"workshop_id": workshop_id})
    await server.api("GET", f"/api/workshops/{workshop_id}/attendance")
    code, said = await command_line(server, "audit", "--workshop", workshop_id)
    assert code == 0
    erased, replayed, exported = said.splitlines()
    assert "personal_data.erased  by api" in erased
    assert "  ann  " in erased
    assert "record.replayed  by api" in replayed
    assert "sink=hook" in replayed
    assert "record.exported  by api" in exported
    assert "what=attendance" in exported
