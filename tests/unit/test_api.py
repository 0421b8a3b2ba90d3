"""HTTP requests that are not what they should be: a problem document with a stable code, never a traceback."""

import asyncio
import gzip
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from rooms.ids import WorkshopId
from server.api import record
from server.api.routes import MAX_BODY_BYTES
from server.app import Node
from server.auth import Claims
from server.config import load

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORKSHOPS, JOIN = "/api/workshops", "/api/join"
TOKENS = f"{WORKSHOPS}/w/tokens"
ROLE = {"role": "learner"}
PROBLEM = ("type", "title", "status", "code", "detail", "rule", "problems")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """A node of its own in this process, with the workshop `w`."""
    data_dir: Path = tmp_path_factory.mktemp("api")
    node = Node(load(host="127.0.0.1", port=0, udp_port=0, data_dir=data_dir))
    await node.start()
    status, _ = await call(node, "POST", WORKSHOPS, json={"title": "Title", "workshop_id": "w"})
    assert status == 201
    yield node
    await node.stop()


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_inside(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info] == []


async def call(node: Node, method: str, path: str, *, key: str | None = "", **request: Any) -> tuple[int, Any]:
    """(status, JSON body); a refusal is checked to be a problem document."""
    headers = {} if key is None else {"Authorization": f"Bearer {key or node.api_key}"}
    headers |= request.pop("headers", {})
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{node.base_url}{path}", headers=headers, **request) as answer,
    ):
        text = await answer.text()
        if answer.status >= 400:
            assert answer.content_type == "application/problem+json"
            problem = json.loads(text)
            assert {"type", "title", "status", "code", "detail"} <= set(problem) <= {*PROBLEM}
            assert problem["status"] == answer.status
            assert problem["detail"].endswith(".")
        return answer.status, json.loads(text)


async def refused(node: Node, method: str, path: str, **request: Any) -> tuple[int, str]:
    status, body = await call(node, method, path, **request)
    assert status >= 400, body
    return status, body["code"]


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "a list": b"[]",
    "null": b"null",
    "text": b'"title"',
    "nested": b'{"title":' + b"[" * 100_000,
    "nested and closed": b'{"title": "x", "more": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "half a surrogate": b'{"title": "\\ud800"}',
    "not a number": b'{"title": "x", "grace_ms": NaN}',
    "a huge number": b'{"title": "x", "grace_ms": 1' + b"0" * 5_000 + b"}",
    "extra keys": b'{"title": "x", "tilte": "y"}',
    "no title": b"{}",
    "title of the wrong type": b'{"title": 5}',
    "an empty title": b'{"title": ""}',
    "a long title": b'{"title": "' + b"x" * 201 + b'"}',
    "too short a grace": b'{"title": "x", "grace_ms": 5}',
    "an id with a slash": b'{"title": "x", "workshop_id": "a/b"}',
    "an id with a line break": b'{"title": "x", "workshop_id": "a\\n"}',
    "an id that is a path": b'{"title": "x", "workshop_id": "../x"}',
    "a long id": b'{"title": "x", "workshop_id": "' + b"x" * 65 + b'"}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_bodies_that_are_wrong(node: Node, name: str) -> None:
    assert await refused(node, "POST", WORKSHOPS, data=BODIES[name]) == (400, "body_invalid")


async def test_what_is_wrong_is_named_and_not_said_back(node: Node) -> None:
    _, problem = await call(node, "POST", WORKSHOPS, json={"title": 5, "secret_key": "secret-value"})
    assert "title: " in problem["detail"]
    assert "secret_key: " in problem["detail"]
    assert "secret-value" not in problem["detail"]


async def test_bodies_that_are_too_large(node: Node) -> None:
    large = b'{"title": "' + b"x" * MAX_BODY_BYTES + b'"}'
    assert await refused(node, "POST", WORKSHOPS, data=large) == (413, "body_too_large")
    packed = gzip.compress(b" " * 50_000_000)
    unpacked = {"Content-Encoding": "gzip"}
    assert await refused(node, "POST", WORKSHOPS, data=packed, headers=unpacked) == (413, "body_too_large")


async def test_rules_of_the_rooms_hold_here_too(node: Node) -> None:
    assert await refused(node, "POST", WORKSHOPS, json={"title": " \u200d "}) == (422, "title_empty")
    assert await refused(node, "POST", WORKSHOPS, json={"title": "x", "workshop_id": "w"}) == (409, "workshop_exists")


@pytest.mark.parametrize("key", [None, "wrong", "ÿ", "x" * 5_000, " "])
async def test_without_the_api_key(node: Node, key: str | None) -> None:
    for method, path, body in (
        ("POST", WORKSHOPS, {"title": "x"}),
        ("GET", f"{WORKSHOPS}/w", None),
        ("GET", f"{WORKSHOPS}/unknown", None),
        ("POST", TOKENS, ROLE),
        ("POST", TOKENS, {"nonsense": True}),
    ):
        assert await refused(node, method, path, json=body, key=key) == (401, "api_key_invalid"), path


@pytest.mark.parametrize("header", ["Basic {}", "{}", "Bearer", "Bearer\t{}", "bearer{}", "Bearer {} {}"])
async def test_the_api_key_in_another_form(node: Node, header: str) -> None:
    headers = {"Authorization": header.replace("{}", node.api_key)}
    assert await refused(node, "GET", f"{WORKSHOPS}/w", headers=headers) == (401, "api_key_invalid")


async def test_a_header_that_is_no_text(node: Node) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(node.base_url.rpartition(":")[2]))
    writer.write(
        b"GET /api/workshops/w HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n"
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"api_key_invalid" in answer


async def test_unknown_paths_and_wrong_methods(node: Node) -> None:
    for method, path, expected in (
        ("GET", "/api/nonsense", (404, "not_found")),
        ("GET", "/api/", (404, "not_found")),
        ("GET", WORKSHOPS, (405, "method_not_allowed")),
        ("DELETE", f"{WORKSHOPS}/w", (405, "method_not_allowed")),
        ("GET", JOIN, (405, "method_not_allowed")),
        ("GET", f"{WORKSHOPS}/unknown", (404, "workshop_unknown")),
        ("GET", f"{WORKSHOPS}/%00", (404, "workshop_unknown")),
        ("GET", f"{WORKSHOPS}/%FF", (404, "workshop_unknown")),
        ("GET", f"{WORKSHOPS}/..%2Fw", (404, "workshop_unknown")),
        ("GET", f"{WORKSHOPS}/{'x' * 5_000}", (404, "workshop_unknown")),
        ("POST", f"{WORKSHOPS}/unknown/tokens", (404, "workshop_unknown")),
    ):
        body = ROLE if method == "POST" else None
        assert await refused(node, method, path, json=body) == expected, path


async def test_tokens_that_are_not_given(node: Node) -> None:
    for body in (
        {},
        {"role": "root"},
        {"role": "learner", "expires_in_s": 0},
        {"role": "learner", "expires_in_s": 10**9},
        {"role": "learner", "expires_in_s": 10**30},
        {"role": "learner", "participant_id": "p"},
        {"role": "learner", "participant_id": "p/q", "name": "P"},
        {"role": "learner", "participant_id": "", "name": "P"},
        {"role": "learner", "participant_id": "system", "name": "P"},
        {"role": "facilitator", "participant_id": "api", "name": "P"},
        {"role": "learner", "participant_id": "p", "name": ""},
        {"role": "learner", "participant_id": "p", "name": "x" * 101},
        {"role": "learner", "name": "P", "more": 1},
        {"role": "learner", "external_id": "x" * 101},
        {"role": "learner", "external_id": "a\x00"},
        {"role": "learner", "email": "nobody"},
        {"role": "learner", "email": "x" * 250 + "@a.bc"},
    ):
        assert await refused(node, "POST", TOKENS, json=body) == (400, "body_invalid"), body


async def test_invites_that_let_nobody_in(node: Node) -> None:
    _, invite = await call(node, "POST", TOKENS, json=ROLE)
    _, person = await call(node, "POST", TOKENS, json={**ROLE, "participant_id": "p", "name": "P"})

    def signed(workshop_id: str, life_s: int) -> str:
        claims = Claims(
            kind="invite",
            workshop_id=WorkshopId(workshop_id),
            role="learner",
            participant_id=None,
            name="",
            expires_at=int(time.time()) + life_s,
        )
        return node.tokens.sign(claims)

    for token, name, expected in (
        (person["token"], "Ann", (400, "token_is_participant")),
        ("", "Ann", (401, "token_missing")),
        ("junk", "Ann", (401, "token_invalid")),
        (f"eyJhbGciOiJub25lIn0.{invite['token'].split('.')[1]}.", "Ann", (401, "token_invalid")),
        (signed("w", -60), "Ann", (401, "token_expired")),
        (signed("unknown", 60), "Ann", (404, "workshop_unknown")),
        (invite["token"], " \u200d\x00 ", (422, "name_empty")),
        (invite["token"], "", (400, "body_invalid")),
        (invite["token"], "x" * 101, (400, "body_invalid")),
        ("x" * 8_193, "Ann", (400, "body_invalid")),
    ):
        body = {"invite": token, "name": name}
        assert await refused(node, "POST", JOIN, json=body, key=None) == expected, (token[:20], name[:20])
    status, joined = await call(node, "POST", JOIN, json={"invite": invite["token"], "name": "Ann"}, key=None)
    assert status == 201
    assert joined["workshop_id"] == "w"


async def test_who_somebody_is_elsewhere_comes_with_the_token(node: Node) -> None:
    async def join(said: dict[str, str], **asked: str) -> tuple[str, str]:
        _, invite = await call(node, "POST", TOKENS, json={**ROLE, **asked})
        body = {"invite": invite["token"], "name": "Ann", **said}
        status, joined = await call(node, "POST", JOIN, json=body, key=None)
        assert status == 201
        claims = node.tokens.verify(joined["token"])
        return claims.external_id, claims.email

    said = {"external_id": " 4711 ", "email": "ann@example.org"}
    assert await join(said) == ("4711", "ann@example.org")
    # What the programme said goes before what anybody says of themselves.
    assert await join(said, email="bob@example.org") == ("4711", "bob@example.org")
    assert await join({}, external_id="E1") == ("E1", "")
    _, invite = await call(node, "POST", TOKENS, json=ROLE)
    body = {"invite": invite["token"], "name": "Ann", "email": "secret-and-wrong"}
    status, problem = await call(node, "POST", JOIN, json=body, key=None)
    assert (status, problem["code"]) == (400, "body_invalid")
    assert "secret-and-wrong" not in problem["detail"]


async def test_what_is_said_before_a_request_is_whole(node: Node) -> None:
    port = int(node.base_url.rpartition(":")[2])
    for junk in (
        b"\x16\x03\x01\x02\x00",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(junk)
        writer.write_eof()
        answer = await reader.read()
        assert not answer or answer.startswith(b"HTTP/1."), junk[:20]
        assert b"Traceback" not in answer
        writer.close()
        await writer.wait_closed()
    assert (await call(node, "GET", f"{WORKSHOPS}/w"))[0] == 200


async def test_a_body_that_never_comes_harms_nobody(node: Node) -> None:
    port = int(node.base_url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {WORKSHOPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.api_key}\r\nContent-Length: 50\r\n\r\n{{"
    )
    writer.write(head.encode())
    await writer.drain()
    assert (await call(node, "GET", f"{WORKSHOPS}/w"))[0] == 200
    writer.close()
    await writer.wait_closed()
    assert (await call(node, "GET", f"{WORKSHOPS}/w"))[0] == 200


async def test_the_document_tells_that_every_operation_may_be_refused(node: Node) -> None:
    status, spec = await call(node, "GET", "/api/openapi.json", key=None)
    assert status == 200
    for operations in spec["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["default"]["content"]["application/problem+json"]


async def test_the_examples_of_the_document_are_answers(node: Node) -> None:
    """Whole ones: nothing in them is unknown to the model, and nothing left out that it gives."""
    _, spec = await call(node, "GET", "/api/openapi.json", key=None)
    routes = [route for route in node.summaries_api.routes() if route.example is not None]
    assert len(routes) >= 5
    for route in routes:
        assert route.answer is not None
        content = spec["paths"][route.path]["get"]["responses"]["200"]["content"]["application/json"]
        parsed = route.answer.model_validate(content["example"])
        assert json.loads(parsed.model_dump_json()) == content["example"], route.path


async def test_event_streams_are_bounded_resume_and_are_in_the_audit_trail(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MAX_STREAMS", 1)
    monkeypatch.setattr(record, "HEARTBEAT_S", 0.05)
    events = f"{WORKSHOPS}/w/events"
    key, accept = {"Authorization": f"Bearer {node.api_key}"}, {"Accept": "text/event-stream"}
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{node.base_url}{events}", headers={**key, **accept}) as first:
            assert (await first.content.readline()).decode().strip() == "id: 1"
            assert await refused(node, "GET", events, headers=accept) == (503, "busy")
            async with asyncio.timeout(60):
                while await first.content.readline() != b": here\n":
                    pass
        async with asyncio.timeout(60):
            while True:  # until the server has seen that the first has gone
                async with http.get(
                    f"{node.base_url}{events}", headers={**key, **accept, "Last-Event-ID": "1"}
                ) as next_:
                    if next_.status == 200:
                        assert await next_.content.readline() == b": here\n", "what is known does not come again"
                        break
                await asyncio.sleep(0.05)
    _, trail = await call(node, "GET", "/api/audit?workshop_id=w")
    noted = [each["detail"]["what"] for each in trail["entries"] if each["action"] == "record.exported"]
    assert noted.count("events") == 2
