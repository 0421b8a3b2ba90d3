"""Sinks set for single workshops over HTTP: validated when set, durable, live, and silent about their secrets."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.harness import ServerProcess, free_port
from tests.integration.test_record_api import joined, until_get
from tests.integration.test_webhook_sink import NEW, OLD, Receiver, status
from tests.redis_server import RedisServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("sinks") / "data"
    process = ServerProcess(folder, ATELIER_PUBLISH__WORKSHOP_SINKS_PRIVATE="true")
    await process.start()
    yield process
    await process.stop()
    log = process.log.read_text()
    assert "Traceback" not in log, log
    assert NEW not in log


@pytest_asyncio.fixture(loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with receiver.listening():
        yield receiver


def hook(receiver: Receiver, **fields: Any) -> dict[str, Any]:
    private = {"allow_http": True, "allow_private_addresses": True}
    return {"kind": "webhook", "url": f"{receiver.url}?token=hidden", "secrets": [NEW], **private, **fields}


async def test_a_workshops_sink_gets_its_events_and_no_others(server: ServerProcess, receiver: Receiver) -> None:
    workshop_id, other = await server.create_workshop(), await server.create_workshop()
    for each in (workshop_id, other):
        await (await joined(server, each)).close()
    path = f"/api/workshops/{workshop_id}/sinks/hook"
    code, told = await server.api("PUT", path, hook(receiver))
    assert code == 200, told
    assert (told["kind"], told["full_name"]) == ("webhook", f"hook@{workshop_id}")
    assert not any(secret in json.dumps(told) for secret in (NEW, "hidden"))
    caught_up = await until_get(server, path, lambda body: body["lag_events"] == 0)
    _, events = await server.api("GET", f"/api/workshops/{workshop_id}/events?limit=1000")
    assert [each["id"] for each in receiver.taken] == [each["id"] for each in events["events"]]
    assert caught_up["failing_since_ms"] is None

    await server.kill()
    await server.start()
    await (await joined(server, other, "bob")).close()
    ann = await joined(server, workshop_id, "bob")
    await ann.close()
    await until_get(server, path, lambda body: body["lag_events"] == 0)
    assert {each["source"] for each in receiver.taken} == {f"/workshops/{workshop_id}"}
    metrics = await text_of(server, "/metrics")
    assert f'atelier_publish_lag_events{{sink="hook@{workshop_id}"}} 0.0' in metrics

    code, listed = await server.api("GET", f"/api/workshops/{workshop_id}/sinks")
    assert [each["name"] for each in listed["sinks"]] == ["hook"]
    assert (await server.api("GET", f"/api/workshops/{other}/sinks"))[1] == {"sinks": []}
    assert (await server.api("DELETE", path))[0] == 204
    assert (await server.api("DELETE", path))[0] == (await server.api("GET", path))[0] == 404
    had = len(receiver.requests)
    await (await joined(server, workshop_id, "cyd")).close()
    await (await joined(server, other, "cyd")).close()
    assert len(receiver.requests) == had
    _, audit = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
    assert [each["action"] for each in audit["entries"]] == ["sink.set", "record.exported", "sink.removed"]


async def text_of(server: ServerProcess, path: str) -> str:
    import aiohttp

    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}{path}") as answer:
        return await answer.text()


async def test_set_anew_it_goes_on_where_it_was_even_after_it_was_gone(
    server: ServerProcess, receiver: Receiver
) -> None:
    workshop_id = await server.create_workshop()
    path = f"/api/workshops/{workshop_id}/sinks/hook"
    receiver.answer = status(410)
    await server.api("PUT", path, hook(receiver))
    await until_get(server, path, lambda body: body["disabled"])
    receiver.answer = None
    assert (await server.api("PUT", path, hook(receiver, secrets=[NEW, OLD])))[1]["disabled"] is None
    await until_get(server, path, lambda body: body["lag_events"] == 0)
    had = [each["id"] for each in receiver.taken]
    assert len(had) == len(set(had)) > 0
    await server.api("PUT", path, hook(receiver))
    await (await joined(server, workshop_id)).close()
    await until_get(server, path, lambda body: body["lag_events"] == 0)
    now = [each["id"] for each in receiver.taken]
    assert len(now) == len(set(now)) > len(had)
    await server.api("DELETE", path)


WRONG = [
    ({"kind": "pigeon"}, "pigeon"),
    ({"kind": "file"}, "kind"),
    ({"kind": "webhook", "url": "https://example.org/", "secrets": ["short"]}, "whsec_"),
    ({"kind": "webhook", "url": "https://example.org/", "secrets": []}, "secrets"),
    ({"kind": "webhook", "url": "http://example.org/", "secrets": [NEW]}, "https://"),
    ({"kind": "webhook", "url": "https://ann:pass@example.org/", "secrets": [NEW]}, "no user name"),
    ({"kind": "webhook", "url": "https://10.0.0.1/", "secrets": [NEW]}, "not a public address"),
    ({"kind": "webhook", "url": "https://no-such-host.invalid/", "secrets": [NEW]}, "no-such-host.invalid"),
    ({"kind": "webhook", "url": "https://example.org/", "secrets": [NEW], "colour": 1}, "colour"),
    ({"kind": "xapi", "endpoint": "https://example.org/", "username": "ann"}, "either username and password"),
    ({"kind": "redis", "url": "http://example.org"}, "redis://"),
]


@pytest.mark.parametrize(("settings", "reason"), WRONG)
async def test_what_is_wrong_is_refused_with_the_reason(
    server: ServerProcess, settings: dict[str, Any], reason: str
) -> None:
    workshop_id = await server.create_workshop()
    path = f"/api/workshops/{workshop_id}/sinks/hook"
    code, problem = await server.api("PUT", path, settings)
    assert (code, problem["code"]) == (422, "sink_invalid")
    assert reason in problem["detail"]
    assert NEW not in problem["detail"]
    assert (await server.api("GET", path))[0] == 404


async def test_credentials_that_the_receiver_does_not_take_are_found_out_at_once(
    server: ServerProcess, receiver: Receiver, tmp_path: Path
) -> None:
    workshop_id = await server.create_workshop()
    path = f"/api/workshops/{workshop_id}/sinks/lrs"
    private = {"allow_http": True, "allow_private_addresses": True}
    lrs = {"kind": "xapi", "endpoint": receiver.url, "token": "t0p-secret", **private}
    statuses = iter((401, 404, 500))

    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=next(statuses, 500))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    lrs["endpoint"] = f"http://127.0.0.1:{port}/xapi"
    told = [await server.api("PUT", path, lrs) for _ in range(3)]
    await runner.cleanup()
    assert [code for code, _ in told] == [422, 422, 200]
    assert "does not take these credentials" in told[0][1]["detail"]
    assert "no LRS at this endpoint" in told[1][1]["detail"]
    redis = RedisServer(tmp_path)
    await redis.start()
    try:
        code, problem = await server.api(
            "PUT",
            path.replace("lrs", "redis"),
            {"kind": "redis", "url": redis.url.replace("://", "://ann:wrong-pass@")},
        )
        assert (code, "wrong-pass" in problem["detail"]) == (422, False)
        code, told_redis = await server.api("PUT", path.replace("lrs", "redis"), {"kind": "redis", "url": redis.url})
        assert code == 200, told_redis
        await until_get(server, path.replace("lrs", "redis"), lambda body: body["lag_events"] == 0)
    finally:
        await redis.kill()
    for name in ("lrs", "redis"):
        await server.api("DELETE", path.replace("lrs", name))


async def test_private_networks_are_for_the_servers_own_configuration_unless_permitted(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    try:
        workshop_id = await server.create_workshop()
        path = f"/api/workshops/{workshop_id}/sinks/hook"
        webhook = {"kind": "webhook", "url": "http://127.0.0.1:1/", "secrets": [NEW], "allow_http": True}
        for settings in (
            {**webhook, "allow_private_addresses": True},
            {"kind": "redis", "url": "redis://127.0.0.1:1"},
        ):
            code, problem = await server.api("PUT", path, settings)
            assert (code, problem["code"]) == (422, "sink_invalid")
            assert "workshop_sinks_private" in problem["detail"]
    finally:
        await server.stop()
