"""What holds for every answer and every log line of the running server."""

import asyncio
import json

import aiohttp
import pytest

from tests.harness import ServerProcess
from tests.integration.conftest import Join
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_documents_need_no_other_host_and_answers_are_not_kept(server: ServerProcess) -> None:
    async with aiohttp.ClientSession(server.base_url) as http:
        async with http.get("/api/docs") as docs:
            page = await docs.text()
            assert "script" not in docs.headers["Content-Security-Policy"]
            assert "<script" not in page
            assert "src=" not in page
            assert "http:" not in page.replace(server.base_url, "")
        async with http.get("/api/openapi.json") as spec:
            document = await spec.json()
            assert document["openapi"].startswith("3.1")
            for path in document["paths"]:
                assert path in page
        async with http.post("/api/join", json={"invite": "x", "name": "Ann"}) as refused:
            assert refused.content_type == "application/problem+json"
            assert refused.headers["Cache-Control"] == "no-store"
            assert refused.headers["X-Content-Type-Options"] == "nosniff"


async def test_every_log_line_is_json_also_those_of_the_libraries(server: ServerProcess) -> None:
    url = server.base_url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http:
        for origin in ("https://elsewhere.example", "https://second.example"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(url, headers={"Origin": origin})
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert len([line for line in lines if "elsewhere.example" in line["event"]]) == 1


async def test_the_log_says_by_their_id_who_was_sent_away_and_why(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    zed = await join(workshop_id, "learner", "zed")
    await zed.sio.emit("command", "no map")
    async with asyncio.timeout(30):
        await zed.disconnected.wait()
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    (told,) = [line for line in lines if line["event"] == "sent_away" and line["workshop_id"] == workshop_id]
    assert (told["participant_id"], told["code"]) == ("zed", "malformed")


async def test_who_somebody_is_elsewhere_matches_the_roster_and_is_in_no_log(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    roster = "email,external_id,room\nana.secret@example.org,,Harbour\n,E-4711-secret,Bridge\n"
    await fay.ok("ImportRoster", text=roster)
    clients = []
    for said in ({"email": "Ana.Secret@example.org"}, {"external_id": "E-4711-secret"}):
        body = {"role": "learner", **said}
        _, invite = await server.api("POST", f"/api/workshops/{workshop_id}/tokens", body)
        _, joined = await server.api("POST", "/api/join", {"invite": invite["token"], "name": "Ann"}, key=None)
        clients.append(await WireClient(server.base_url, joined["token"]).connect())
    found = await fay.until(lambda _: [e for e in fay.of_kind("roster_entry") if e["participant_id"]][1:])
    assert found
    await fay.ok("OpenBreakouts", assignment={"kind": "roster"})
    for client, name in zip(clients, ("Harbour", "Bridge"), strict=True):
        me = client.hello["participant_id"]
        room_id = await client.until(
            lambda r, me=me: r[f"participant:{me}"]["room_id"] != "plenary" and r[f"participant:{me}"]["room_id"]
        )
        assert client.records[f"room:{room_id}"]["name"] == name
        assert "secret" not in json.dumps(client.records).casefold()
        await client.close()
    assert "secret" not in server.log.read_text().casefold()
