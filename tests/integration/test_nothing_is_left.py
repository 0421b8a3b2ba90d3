"""What is closed is freed at once, by reference counting: no ring of references keeps a connection, a request, a workshop or a command.

A node runs in this process, without the garbage collector; when everything has been closed the objects of each class are counted. They are looked
for among all that there are, so the clients here are of classes of their own.
"""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp.web import WebSocketResponse

from rooms.commands.workshop import CreateWorkshop
from rooms.ids import WorkshopId
from server import config
from server.app import Node
from server.refusals import Refusal
from tests.bench.lean import Heard, LeanSocket
from tests.bench.live import token
from tests.harness import API_KEY, TOKEN_SECRET
from tests.redis_server import RedisServer

SOCKETS = 40
WORKSHOPS = 8
MOVES = 6
GONE_WITHIN_S = 90.0
"""A client that has gone is waited for, and its heartbeat's timer runs out."""
OF_A_CONNECTION = ("Session", "Connection", "FramedSocket", "Outlet", "AsyncSocket", "WebSocketResponse", "Request")
OF_A_WORKSHOP = ("WorkshopActor", "Hub", "_Live", "Projection", "WorkshopState")
OF_A_COMMAND = ("Item", "Rejected", "Refusal", "Unavailable", "Repeated", "JournalUnavailable")
MODULES = ("server.", "rooms.", "engineio.async_socket", "aiohttp.web_")
W = WorkshopId("w")


def alive() -> Counter[str]:
    """How many objects there are of each class that is looked at."""
    names = {*OF_A_CONNECTION, *OF_A_WORKSHOP, *OF_A_COMMAND}
    kinds = (type(each) for each in gc.get_objects())
    return Counter(kind.__name__ for kind in kinds if kind.__name__ in names and kind.__module__.startswith(MODULES))


async def freed(before: Counter[str]) -> None:
    """Until there is no more of anything than there was `before`, but for the one connection that engine.io has looked at last."""
    before = before + Counter(OF_A_CONNECTION)
    try:
        async with asyncio.timeout(GONE_WITHIN_S):
            while alive() - before:
                await asyncio.sleep(0.2)
    except TimeoutError:
        pytest.fail(f"left behind: {dict(alive() - before)}")


@asynccontextmanager
async def node(folder: Path, **settings: str) -> AsyncIterator[Node]:
    given = {"API_KEY": API_KEY, "TOKEN_SECRET": TOKEN_SECRET, "LIMITS__CALLS_BURST": "100000", "PUBLISH__SINKS": "[]"}
    given |= settings
    names = {f"ATELIER_{name}": value for name, value in given.items()}
    os.environ.update(names)
    try:
        made = Node(config.load(None, port=0, udp_port=0, data_dir=folder))
    finally:
        for name in names:
            del os.environ[name]
    await made.start()
    made.gateway.wire.eio.ping_interval = 0.5  # a socket is known to its next heartbeat
    try:
        yield made
    finally:
        await made.stop()


async def come(node: Node, who: str, workshop: str = "w", role: str = "learner") -> LeanSocket:
    made = await LeanSocket.to(node.own_url, Heard())
    answer = await made.enter(token(workshop, who, role))
    assert answer["ok"], answer
    return made


async def made(node: Node, workshop_id: WorkshopId = W) -> None:
    await node.workshops.create(CreateWorkshop(workshop_id=workshop_id, title="T"), f"create:{workshop_id}")


def without_collections(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """On the loop that the server runs on."""
    gc.collect()
    gc.disable()
    try:
        uvloop.run(work())
    finally:
        gc.enable()


def closes(socket: LeanSocket) -> None:
    socket.close()


def is_cut(socket: LeanSocket) -> None:
    assert socket._transport is not None
    socket._transport.abort()


def says_goodbye(socket: LeanSocket) -> None:
    socket._binary({"type": 1, "nsp": "/"})


def sends_text(socket: LeanSocket) -> None:
    socket._send(0x81, b"no message of ours")


def sends_no_message(socket: LeanSocket) -> None:
    socket._binary({"type": 2, "nsp": "/", "data": ["nothing of the protocol", {}], "id": 1})


ENDS: tuple[Callable[[LeanSocket], None], ...] = (closes, is_cut, says_goodbye, sends_text, sends_no_message)


@pytest.mark.parametrize("end", ENDS)
def test_a_connection_leaves_nothing_however_it_ends(tmp_path: Path, end: Callable[[LeanSocket], None]) -> None:
    async def scene() -> None:
        async with node(tmp_path) as here:
            await made(here)
            lasting = await come(here, "lasting")
            before = alive()
            for at in range(0, SOCKETS, 10):
                people = [await come(here, f"p{at + number}") for number in range(10)]
                for each in people:
                    await each.call("command", {"id": f"hand {at}", "type": "RaiseHand"})
                    end(each)
                await asyncio.sleep(0.1)
            await freed(before)
            lasting.close()

    without_collections(scene)


def test_nor_does_one_that_is_refused_or_asks_for_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with node(tmp_path, LIMITS__HELLO_WITHIN_S="1") as here:
            await made(here)
            before = alive()
            for _ in range(SOCKETS // 4):
                await LeanSocket.to(here.own_url, Heard())
                refused = await LeanSocket.to(here.own_url, Heard())
                with suppress(ConnectionError):
                    await refused.enter("no token")
                for path in ("/api/nothing", "/nothing"):
                    with suppress(ConnectionError):
                        await LeanSocket.to(here.own_url, Heard(), path)
            await freed(before)

    without_collections(scene)


def test_who_is_gone_before_the_socket_is_open_leaves_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with node(tmp_path) as here:
            await made(here)
            before = alive()
            prepare = WebSocketResponse.prepare

            async def lost(self: WebSocketResponse, request: Any) -> Any:
                request.transport.abort()
                return await prepare(self, request)

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(WebSocketResponse, "prepare", lost)
                for _ in range(SOCKETS):
                    with suppress(ConnectionError):
                        await LeanSocket.to(here.own_url, Heard())
            await freed(before)

    without_collections(scene)
    assert not [each for each in caplog.records if each.exc_info]


def test_a_command_leaves_nothing_whatever_it_is_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        async with node(tmp_path) as here:
            await made(here)
            ann = await come(here, "ann")
            before = alive()
            for number in range(10):
                for asked in (
                    {"id": f"a{number}", "type": "RaiseHand"},
                    {"id": f"a{number}", "type": "LowerHand"},  # repeated: the id has been used
                    {"id": f"c{number}", "type": "ClosePoll", "poll_id": "none"},  # rejected
                    {"id": f"d{number}", "type": "NoCommand"},  # refused
                ):
                    await ann.call("command", asked)
            await freed(before)
            ann.close()

    without_collections(scene)


def test_a_workshop_leaves_nothing_when_it_is_closed_handed_over_or_idle(tmp_path: Path) -> None:
    async def scene() -> None:
        async with node(tmp_path) as here:
            before = alive()
            for number in range(WORKSHOPS):
                workshop_id = WorkshopId(f"w{number}")
                await made(here, workshop_id)
                fay = await come(here, "fay", workshop_id, "facilitator")
                if number % 2:
                    assert (await fay.call("command", {"id": "end", "type": "CloseWorkshop"}))["ok"]
                elif number % 4:
                    await here.workshops.hand_over(workshop_id, "")
                else:
                    assert (await fay.call("command", {"id": "go", "type": "Leave"}))["ok"]
                fay.close()
            async with asyncio.timeout(GONE_WITHIN_S):
                while here.gateway.sockets:
                    await asyncio.sleep(0.1)
            here.workshops._idle_ms = 0
            async with asyncio.timeout(GONE_WITHIN_S):
                while here.workshops.loaded:
                    await here.workshops.sweep()
                    await asyncio.sleep(0.1)
            await freed(before)

    without_collections(scene)


def test_a_workshop_that_moves_and_a_store_that_goes_away_leave_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        (tmp_path / "redis").mkdir()
        redis = RedisServer(tmp_path / "redis")
        await redis.start()
        shared = {
            "STORE": redis.url,
            "CLUSTER__LEASE_MS": "1500",
            "CLUSTER__HEARTBEAT_MS": "200",
            "CLUSTER__LOAD_MARK": "1",
        }
        try:
            async with (
                node(tmp_path / "n1", CLUSTER__NODE="n1", **shared) as one,
                node(tmp_path / "n2", CLUSTER__NODE="n2", **shared) as two,
            ):
                await moved_about(redis, one, two)
        finally:
            await redis.kill()

    without_collections(scene)


async def move(place: Node, other: Node) -> None:
    """Again where a heartbeat was late: both nodes are in this one process, and a busy machine holds it up for longer than their lease."""
    assert place.member is not None
    assert other.member is not None
    async with asyncio.timeout(GONE_WITHIN_S):
        while True:
            try:
                await place.member.handover.move(W, other.member.name)
                return
            except Refusal as refusal:
                if not refusal.retryable:
                    raise
            await asyncio.sleep(0.1)


async def moved_about(redis: RedisServer, one: Node, two: Node) -> None:
    async with asyncio.timeout(GONE_WITHIN_S):
        while not all(each.member is not None and len(each.member.registry.nodes) == 2 for each in (one, two)):
            await asyncio.sleep(0.1)
    empty = alive()
    await made(one)
    place, other = one, two
    for number in range(MOVES):
        try:
            ann = await come(place, f"p{number}")
        except ConnectionError:  # it was made on the other one
            place, other = other, place
            ann = await come(place, f"p{number}")
        await move(place, other)
        place, other = other, place
        ann.close()
    ann = await come(place, "lasting")
    await freed(empty + here_once())
    await redis.kill()
    answers: list[Any] = [
        await ann.call("command", {"id": f"lost {number}", "type": "RaiseHand"}) for number in range(3)
    ]
    assert [each["code"] for each in answers] == ["store_unavailable"] * 3
    await redis.start()
    async with asyncio.timeout(GONE_WITHIN_S):
        while not (await ann.call("command", {"id": "lost 0", "type": "RaiseHand"}))["ok"]:
            await asyncio.sleep(0.2)
    await freed(empty + here_once())
    ann.close()


def here_once() -> Counter[str]:
    """One person in one workshop."""
    return Counter(dict.fromkeys((*OF_A_CONNECTION, "WorkshopActor", "Hub", "_Live", "Projection"), 1), WorkshopState=4)
