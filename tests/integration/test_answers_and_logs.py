"""What holds for every answer and every log line of the running server."""

import json

import aiohttp
import pytest

from tests.harness import ServerProcess

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
