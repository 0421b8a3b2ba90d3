"""What a node refuses to protect those who are in: new work above its load mark, and callers who ask too often."""

import asyncio
from contextlib import suppress

import aiohttp
import pytest

from tests.harness import ServerProcess
from tests.socket_client import Refused, WireClient


async def started(server: ServerProcess) -> ServerProcess:
    await server.start()
    return server


async def test_above_its_load_mark_a_node_takes_no_new_workshop_but_serves_the_old(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = await started(
        ServerProcess(
            tmp_path_factory.mktemp("full") / "data",
            ATELIER_CLUSTER__MAX_WORKSHOPS="2",
            ATELIER_CLUSTER__LOAD_MARK="1",
        )
    )
    try:
        for name in ("a", "b"):
            await server.create_workshop(workshop_id=name)
        status, body = await server.api("POST", "/api/workshops", {"title": "One too many"})
        assert (status, body["code"]) == (503, "server_full")
        ann = await WireClient(server.base_url, await server.token("a", "learner", "Ann", "ann")).connect()
        await ann.ok("RaiseHand")
        await ann.close()
    finally:
        await server.stop()


async def test_an_address_and_a_token_that_come_too_often_are_refused_for_now(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = await started(
        ServerProcess(
            tmp_path_factory.mktemp("often") / "data",
            ATELIER_LIMITS__CALLS_PER_SECOND="0.1",
            ATELIER_LIMITS__CALLS_BURST="30",
            ATELIER_LIMITS__CONNECTS_PER_SECOND="0.1",
            ATELIER_LIMITS__CONNECTS_BURST="2",
        )
    )
    try:
        await server.create_workshop(workshop_id="w")
        token = await server.token("w", "learner", "Ann", "ann")
        for _ in range(2):
            await (await WireClient(server.base_url, token).connect()).close()
        with pytest.raises(Refused) as refused:
            await WireClient(server.base_url, token).connect()
        assert refused.value.code == "rate_limited"
        other = await WireClient(server.base_url, await server.token("w", "learner", "Bob", "bob")).connect()
        async with aiohttp.ClientSession() as http:
            wrong = {"Authorization": "Bearer wrong"}
            statuses = []
            for _ in range(10):
                async with http.get(f"{server.base_url}/api/workshops/w", headers=wrong) as answer:
                    statuses.append(answer.status)
            assert statuses[0] == 401
            assert statuses[-1] == 429  # wrong keys cost more, so it took few
            async with http.get(f"{server.base_url}/readyz") as answer:
                assert answer.status == 200
            async with http.get(f"{server.base_url}/metrics") as answer:
                metrics = await answer.text()
        assert 'atelier_refusals_total{code="rate_limited"}' in metrics
        assert 'atelier_auth_failures_total{where="http"}' in metrics
        assert (await server.api("GET", "/api/workshops/w"))[0] == 200  # the API key is not limited
        await other.ok("RaiseHand")
        await other.close()
    finally:
        await server.stop()


async def test_connections_that_ask_for_nothing_are_ended(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = await started(
        ServerProcess(tmp_path_factory.mktemp("silent") / "data", ATELIER_LIMITS__HELLO_WITHIN_S="1")
    )
    try:
        token = await server.token(await server.create_workshop(), "learner", "Ann", "ann")
        ann = await WireClient(server.base_url, token).connect()
        pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        pairs[1][1].write(b"GET /readyz HTTP/1.1\r\nHost: ")  # and never the rest
        pairs[2][1].write(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await pairs[2][0].readline()).startswith(b"HTTP/1.1 200")
        async with asyncio.timeout(60):
            for reader, _ in pairs[:2]:
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""
        pairs[2][1].write(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")  # one that has asked may stay
        async with asyncio.timeout(60):
            await pairs[2][0].readuntil(b"HTTP/1.1 200")
        for _, writer in pairs:
            writer.close()
        await ann.ok("RaiseHand")
        await ann.close()
    finally:
        await server.stop()
