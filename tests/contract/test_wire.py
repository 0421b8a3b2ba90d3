"""The private parts of python-socketio and engine.io that `server/wire.py` stands on, and what it makes of them."""

import asyncio
import re
import socket
import tomllib
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from server.wire import NAMESPACE, StrictPacket, WireServer
from tests.raw_socket import CONNECT, RawSocket

QUEUE = 20


class Served:
    """A WireServer on a free port, without anything of the product behind it."""

    def __init__(self, wire: WireServer, url: str) -> None:
        self.wire = wire
        self.url = url
        self.sids: list[str] = []
        self.gone: list[str] = []

    def waiting(self, sid: str) -> int:
        """Packets in a client's queue; 0 for one that is gone."""
        found = self.wire.eio.sockets.get(self.wire.manager.eio_sid_from_sid(sid, NAMESPACE))
        return 0 if found is None else int(found.queue.qsize())


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    wire = WireServer(max_frame_bytes=200_000, max_queued_frames=QUEUE, connect_within_s=10, allowed_origins=None)
    app = web.Application()
    wire.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = Served(wire, f"http://127.0.0.1:{runner.addresses[0][1]}/socket.io/?EIO=4&transport=websocket")

    async def connected(sid: str, _environ: Any, _auth: Any = None) -> None:
        made.sids.append(sid)

    async def ended(sid: str, _reason: str = "") -> None:
        made.gone.append(sid)

    async def ask(_sid: str, _payload: Any) -> str:
        return "x" * 50_000

    wire.on("connect", connected)
    wire.on("disconnect", ended)
    wire.on("ask", ask)
    yield made
    await runner.cleanup()


def narrow(address: Any) -> socket.socket:
    """A client's socket that takes little before it is read."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    return made


async def enter(http: aiohttp.ClientSession, url: str) -> RawSocket:
    client = RawSocket(await http.ws_connect(url, max_msg_size=0))
    await client.packet(CONNECT, {})
    assert await client.next() is not None
    return client


@pytest.mark.parametrize("library", ["python-socketio", "aiohttp", "msgpack"])
def test_the_versions_are_those_that_are_pinned(library: str) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    pinned = dict(re.split("==", each, maxsplit=1) for each in project["dependencies"])
    assert version(library) == pinned[library]


async def test_an_audience_is_encoded_once_and_everybody_gets_those_bytes(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = 0
    encode = StrictPacket.encode

    def counted(packet: StrictPacket) -> bytes:
        nonlocal encoded
        encoded += 1
        made: bytes = encode(packet)
        return made

    async with aiohttp.ClientSession() as http:
        clients = [await enter(http, served.url) for _ in range(5)]
        monkeypatch.setattr(StrictPacket, "encode", counted)
        packet = served.wire.encode("changes", {"seq": 1})
        assert [served.wire.send(sid, packet) for sid in served.sids] == [True] * 5
        for client in clients:
            await client.next()
            assert client.events == [["changes", {"seq": 1}]]
        assert encoded == 1


async def test_what_waits_for_a_client_is_bounded(served: Served) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=narrow)) as http:
        client = await enter(http, served.url)
        (sid,) = served.sids
        packet = served.wire.encode("changes", "x" * 50_000)
        async with asyncio.timeout(20):
            while served.wire.send(sid, packet):
                assert served.waiting(sid) <= QUEUE
                await asyncio.sleep(0)
        served.wire.abort(sid)
        async with asyncio.timeout(30):
            while served.gone != [sid]:
                await asyncio.sleep(0.01)
        assert client.events == []


async def test_who_asks_and_never_reads_is_cut_before_the_answers_pile_up(served: Served) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=narrow)) as http:
        client = await enter(http, served.url)
        (sid,) = served.sids
        most = 0
        async with asyncio.timeout(20):
            for number in range(2_000):
                if served.gone:
                    break
                try:
                    await client.event("ask", None, ack=number)
                except (ConnectionError, aiohttp.ClientError):
                    break
                most = max(most, served.waiting(sid))
                await asyncio.sleep(0.001)
            while not served.gone:
                await asyncio.sleep(0.01)
        assert served.gone == [sid]
        assert most <= QUEUE
