"""Floods: of datagrams, of sockets that ask for nothing, of people who all come at once. Who is in a workshop already goes on working."""

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.bench.lean import Heard, LeanSocket
from tests.bench.live import rss_kib, token
from tests.harness import ServerProcess
from tests.socket_client import WireClient

DATAGRAMS, ADDRESSES = 30_000, 300
SILENT = 60
CROWD, BURST, PER_S = 120, 50, 40
ACK_WITHIN_S = 10.0
"""Of somebody who is in already, on a busy machine."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    options = {
        "ATELIER_LIMITS__CALLS_BURST": str(BURST),
        "ATELIER_LIMITS__CALLS_PER_SECOND": str(PER_S),
        "ATELIER_LIMITS__HELLO_WITHIN_S": "2",
    }
    server = ServerProcess(tmp_path / "data", **options)
    await server.start()
    await server.create_workshop(workshop_id="w")
    yield server
    await server.kill()


@pytest.fixture
async def ann(server: ServerProcess) -> AsyncIterator[WireClient]:
    ann = await WireClient(server.base_url, token("w", "ann")).connect()
    yield ann
    await ann.close()


async def goes_on(ann: WireClient) -> None:
    async with asyncio.timeout(ACK_WITHIN_S):
        await ann.ok("RaiseHand")


def descriptors(server: ServerProcess) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def junk(drawn: random.Random) -> bytes:
    """Of each kind that shares the port (RFC 7983): a connectivity check of nobody's, a ClientHello, RTP, or anything."""
    body = drawn.randbytes(drawn.randrange(1, 1_200))
    match drawn.randrange(4):
        case 0:
            return struct.pack("!HHI", 1, len(body) & ~3, 0x2112A442) + body
        case 1:
            return bytes((22, 254, 253)) + body
        case 2:
            return bytes((128, 96)) + body
        case _:
            return body


def send_junk(port: int, seed: int) -> None:
    drawn = random.Random(seed)
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(ADDRESSES)]
    for number in range(DATAGRAMS):
        sockets[number % ADDRESSES].sendto(junk(drawn), ("127.0.0.1", port))
    for each in sockets:
        each.close()


async def test_datagrams_of_strangers_cost_neither_memory_nor_the_work_of_others(
    server: ServerProcess, ann: WireClient
) -> None:
    seed = random.SystemRandom().randrange(10_000)
    print(f"seed {seed}")
    await asyncio.to_thread(send_junk, server.udp_port, seed)
    await goes_on(ann)
    before_kib, before = rss_kib(server.pid), descriptors(server)
    for turn in range(2):
        flood = asyncio.create_task(asyncio.to_thread(send_junk, server.udp_port, seed + turn + 1))
        while not flood.done():
            await goes_on(ann)
            await asyncio.sleep(0.05)
        await flood
    await goes_on(ann)
    assert (
        rss_kib(server.pid) - before_kib < 5_000
    )  # 60,000 datagrams, 600 addresses, 36 MB; a quarter of them connectivity checks
    assert descriptors(server) <= before  # one of the fixtures may have been closed meanwhile
    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}/metrics") as answer:
        metrics = await answer.text()
    transports = [line for line in metrics.splitlines() if line.startswith("atelier_media_transports{")]
    assert transports
    assert all(line.endswith(" 0.0") for line in transports), transports


async def test_sockets_that_never_ask_for_a_session_are_ended(server: ServerProcess, ann: WireClient) -> None:
    before, heard = descriptors(server), Heard()
    sockets: list[LeanSocket] = []
    while len(sockets) < SILENT:
        try:
            sockets.append(await LeanSocket.to(server.base_url, heard))
        except ConnectionError as error:
            assert "429" in str(error)
            await asyncio.sleep(0.1)
    await goes_on(ann)
    async with asyncio.timeout(60):
        while not all(each.lost for each in sockets) or descriptors(server) > before:
            await asyncio.sleep(0.1)
    await goes_on(ann)


async def test_of_a_crowd_that_comes_at_once_some_are_told_to_wait_and_all_get_in(
    server: ServerProcess, ann: WireClient
) -> None:
    refused, began_s = 0, asyncio.get_running_loop().time()
    heard, drawn = Heard(), random.Random(1)

    async def come(who: str) -> LeanSocket:
        nonlocal refused
        while True:
            try:
                made = await LeanSocket.to(server.base_url, heard)
            except ConnectionError as error:
                assert "429" in str(error), "every other answer would be a fault"
                refused += 1
                await asyncio.sleep(drawn.uniform(0.2, 1))
                continue
            assert (await made.enter(token("w", who)))["ok"]
            return made

    crowd = asyncio.gather(*(come(f"p{number}") for number in range(CROWD)))
    while not crowd.done():
        await goes_on(ann)
        await asyncio.sleep(0.05)
    sockets = await crowd
    took_s = asyncio.get_running_loop().time() - began_s
    assert refused > 0
    assert BURST + PER_S * took_s >= CROWD - 1, "more were let in than the limit allows"
    await ann.until(lambda _: len(ann.of_kind("participant")) == CROWD + 1, within_s=60)
    for each in sockets:
        each.close()
