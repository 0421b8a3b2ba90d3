"""Frames that are no messages, and clients that do not read: they are told and cut, the others do not notice."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgpack
import pytest
import pytest_asyncio

from tests.harness import ServerProcess
from tests.raw_socket import CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, RawSocket, raw_socket
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


def packed(**packet: Any) -> bytes:
    frame: bytes = msgpack.packb(packet)
    return frame


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


RAISE = ["command", {"id": "1", "type": "RaiseHand"}]
WHOLE = packed(type=EVENT, nsp="/", data=RAISE)
MALFORMED: dict[str, bytes | str] = {
    "empty": b"",
    "junk": b"junk",
    "never used byte": b"\xc1",
    "random": secrets.token_bytes(1_000),
    "truncated": WHOLE[:-3],
    "trailing bytes": WHOLE + b"\x00",
    "not UTF-8": WHOLE.replace(b"RaiseHand", b"\xff\xfeiseHand"),
    "nested too deeply": b"\x91" * 100_000,
    "a length that is not there": b"\xdd\xff\xff\xff\xff",
    "an extension type": packed(type=EVENT, nsp="/", data=["command", msgpack.ExtType(5, b"x")]),
    "a time": packed(type=EVENT, nsp="/", data=["command", msgpack.Timestamp(1)]),
    "keys that are no strings": packed(type=EVENT, nsp="/", data=["command", {1: 2}]),
    "no map": packed(type=EVENT)[:1] and msgpack.packb([EVENT, "/", RAISE]),
    "no type": packed(nsp="/", data=RAISE),
    "type is a boolean": packed(type=True, nsp="/", data=RAISE),
    "type is text": packed(type="2", nsp="/", data=RAISE),
    "type is unknown": packed(type=99, nsp="/", data=RAISE),
    "an ack": packed(type=3, nsp="/", id=1, data=[1]),
    "a connect error": packed(type=CONNECT_ERROR, nsp="/", data="x"),
    "a binary event": packed(type=5, nsp="/", data=RAISE, attachments=1),
    "a binary ack": packed(type=6, nsp="/", id=1, data=[], attachments=1),
    "another namespace": packed(type=EVENT, nsp="/admin", data=RAISE),
    "a namespace that is no text": packed(type=EVENT, nsp=5, data=RAISE),
    "an ack id that is no number": packed(type=EVENT, nsp="/", id="1", data=RAISE),
    "a second session": packed(type=CONNECT, nsp="/", data={"token": "x"}),
    "an event without anything": packed(type=EVENT, nsp="/", data=[]),
    "an event that is no list": packed(type=EVENT, nsp="/", data={"command": 1}),
    "an event without a payload": packed(type=EVENT, nsp="/", data=["command"]),
    "an event with two payloads": packed(type=EVENT, nsp="/", data=[*RAISE, {}]),
    "an event whose name is no text": packed(type=EVENT, nsp="/", data=[5, {}]),
    "the library's own connect": packed(type=EVENT, nsp="/", data=["connect", {}]),
    "the library's own disconnect": packed(type=EVENT, nsp="/", data=["disconnect", "x"]),
    "the library's catch-all": packed(type=EVENT, nsp="/", data=["*", {}]),
    "an unknown event": packed(type=EVENT, nsp="/", data=["nonsense", {}]),
    "empty text": "",
    "a text message": '42["command",{}]',
    "an engine.io open": "0{}",
    "an engine.io ping": "2",
    "an engine.io upgrade": "5",
    "a pong with more": "3" + "[" * 100_000,
    "base64": "bAAAA",
    "base64 that is none": "b!",
    "no engine.io packet": "hello",
    "a digit that is no packet": "9",
    "a digit of another script": "²",
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def workshop(server: ServerProcess) -> AsyncIterator[tuple[str, WireClient]]:
    """A workshop with somebody who is in it all the time."""
    workshop_id = await server.create_workshop()
    fay = await WireClient(server.base_url, await server.token(workshop_id, "facilitator", "Fay", "fay")).connect()
    yield workshop_id, fay
    assert fay.goodbyes == []
    await fay.ok("RaiseHand")
    await fay.until(lambda records: records["participant:fay"]["hand_raised_seq"])
    await fay.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def token(server: ServerProcess, workshop: tuple[str, WireClient]) -> str:
    return await server.token(workshop[0], "learner", "Ann", "ann")


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_frame_ends_the_connection_with_a_goodbye(
    server: ServerProcess, token: str, name: str
) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.enter(token)
        await socket.frame(MALFORMED[name])
        await socket.ended()
        (told,) = socket.goodbyes
        assert told["code"] == "malformed"
        assert told["message"].endswith(".")


@pytest.mark.parametrize("name", ["junk", "nested too deeply", "empty text", "another namespace", "an ack"])
async def test_a_malformed_frame_before_the_session_is_refused(server: ServerProcess, name: str) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.frame(MALFORMED[name])
        await socket.ended()
        (refused,) = socket.packets
        assert refused["type"] == CONNECT_ERROR
        assert refused["data"]["data"]["code"] == "malformed"


@pytest.mark.parametrize("auth", ["text", 5, ["list"], b"bytes"])
async def test_auth_that_is_no_map_is_refused(server: ServerProcess, auth: Any) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.packet(CONNECT, auth)
        await socket.ended()
        assert [packet["data"]["data"]["code"] for packet in socket.packets] == ["malformed"]


async def test_a_message_before_the_session_closes_the_socket(server: ServerProcess) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.event("hello", {}, ack=1)
        await socket.ended()
        assert socket.packets == []


async def test_what_is_nested_but_well_formed_is_only_refused(server: ServerProcess, token: str) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.enter(token)
        await socket.event("command", {"id": "1", "type": "RaiseHand", "more": nested(400)}, ack=1)
        assert (await socket.answer(1))["code"] == "command_invalid"
        await socket.event("command", {"id": "1", "type": nested(400)}, ack=2)
        assert (await socket.answer(2))["code"] == "command_unknown"
        await socket.event("command", {"id": "1", "type": "Rename", "name": nested(400)}, ack=3)
        assert (await socket.answer(3))["code"] == "command_invalid"


async def test_a_frame_may_be_as_large_as_the_limit_and_no_larger(server: ServerProcess, token: str) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.enter(token)
        await socket.event("command", {"id": "1", "type": "RaiseHand", "more": "x" * 199_000}, ack=1)
        assert (await socket.answer(1))["code"] == "command_invalid"
        await socket.event("command", {"id": "1", "type": "RaiseHand", "more": "x" * 200_000}, ack=2)
        await socket.ended()
        assert socket.ws.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_session_that_is_ended_by_the_client_closes_the_socket(server: ServerProcess, token: str) -> None:
    async with raw_socket(server.base_url) as socket:
        await socket.enter(token)
        await socket.packet(DISCONNECT)
        await socket.ended()
        assert socket.goodbyes == []


async def test_requests_that_are_no_websocket_are_refused(server: ServerProcess) -> None:
    url = f"{server.base_url}/socket.io/"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with aiohttp.ClientSession() as http:
        for method, query, headers in (
            ("GET", "", {}),
            ("GET", "?EIO=4", {}),
            ("GET", "?EIO=4&transport=polling", {}),
            ("GET", "?EIO=4&transport=websocket", {}),
            ("GET", "?EIO=3&transport=websocket", upgrade),
            ("GET", "?EIO=4&transport=websocket", upgrade),
            ("GET", "?EIO=4&transport=websocket&sid=nobody", upgrade),
            ("GET", "?EIO=4&transport=websocket&j=x", {}),
            ("POST", "?EIO=4&transport=polling&sid=nobody", {}),
            ("POST", "?EIO=4&transport=websocket", {}),
            ("PUT", "?EIO=4&transport=websocket", {}),
        ):
            async with http.request(method, url + query, headers=headers, data=b"x" * 10) as answer:
                assert 400 <= answer.status < 500, (method, query)


# ── clients that do not read ─────────────────────────────────────────────────────────────────────────────────────────
def narrow(address: Any) -> socket.socket:
    """A socket that takes little before its owner reads."""
    family, kind, protocol, _, _ = address
    narrowed = socket.socket(family, kind, protocol)
    narrowed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrowed.setblocking(False)
    return narrowed


async def slow_clients(server: ServerProcess) -> float:
    async with aiohttp.ClientSession() as http, http.get(f"{server.base_url}/metrics") as answer:
        (line,) = [line for line in (await answer.text()).splitlines() if line.startswith("atelier_slow_clients_total")]
    return float(line.split()[1])


async def test_a_client_that_does_not_read_is_cut_and_resumes_and_does_not_hold_up_the_stop(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # More than the forty answers that fay has coming at once: answers count too.
    limits = {"MAX_QUEUED_FRAMES": "60", "COMMANDS_PER_SECOND": "1000", "COMMANDS_BURST": "1000"}
    server = ServerProcess(
        tmp_path_factory.mktemp("slow") / "data", **{f"ATELIER_LIMITS__{name}": value for name, value in limits.items()}
    )
    await server.start()
    workshop_id = await server.create_workshop()
    fay = await WireClient(server.base_url, await server.token(workshop_id, "facilitator", "Fay", "fay")).connect()
    slow_token = await server.token(workshop_id, "learner", "Ann", "ann")
    endpoint = f"{server.base_url}/socket.io/?EIO=4&transport=websocket"
    connector = aiohttp.TCPConnector(socket_factory=narrow)
    async with aiohttp.ClientSession(connector=connector) as http:
        slow = RawSocket(await http.ws_connect(endpoint, max_msg_size=0))
        hello = await slow.enter(slow_token)
        async with asyncio.timeout(60):
            while await slow_clients(server) == 0:
                await asyncio.gather(
                    *(fay.ok("PostMessage", channel="everyone", text="\U0001f600" * 4_000) for _ in range(10))
                )
        assert await slow_clients(server) == 1
        await fay.until(lambda records: records["participant:ann"]["presence"] == "reconnecting")
        assert fay.goodbyes == []

        async with raw_socket(server.base_url) as again:
            await again.connect(slow_token)
            await again.event("hello", {"last_seq": hello["since"]}, ack=1)
            answer = await again.answer(1)
            assert answer["ok"]
            missed = {each["key"] for each in answer["put"] if each["key"].startswith("message:")}
            assert missed == {key for key in fay.records if key.startswith("message:")}

        stuck = RawSocket(await http.ws_connect(endpoint, max_msg_size=0))
        await stuck.enter(await server.token(workshop_id, "learner", "Bob", "bob"))
        for _ in range(3):
            await asyncio.gather(
                *(fay.ok("PostMessage", channel="everyone", text="\U0001f600" * 4_000) for _ in range(40))
            )
        await server.stop()
    await fay.close()
    assert "Traceback" not in server.log.read_text()
