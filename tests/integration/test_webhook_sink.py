"""Webhooks against a real receiver that misbehaves, and whatever else a network may hold."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from server.publish.settings import WebhookSinkSettings
from server.publish.sink import Gone, Later, NotDelivered, Refused
from server.publish.sinks.addresses import is_public
from server.publish.sinks.webhook import WebhookSink
from tests.integration.actor_case import until
from tests.integration.test_publisher import Node, W, append, expected_ids, workshop
from tests.unit.test_narrative import published

OLD, NEW = ("whsec_" + base64.b64encode(bytes([byte]) * 32).decode() for byte in (1, 2))
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """Verifies as a receiver would, by the reference library; answers as the test wants."""

    def __init__(self, secret: str = NEW) -> None:
        self.key = Webhook(secret)
        self.taken: list[dict[str, Any]] = []
        self.requests: list[web.Request] = []
        self.answer: Answer | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        body = await request.text()
        event = self.key.verify(body, dict(request.headers))
        if self.answer is not None:
            answer = await self.answer(request)
            if answer.status >= 300:
                return answer
        self.taken.append(event)
        return web.Response(status=204)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        try:
            yield
        finally:
            await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with receiver.listening():
        yield receiver


@asynccontextmanager
async def sink_to(url: str, secrets: tuple[str, ...] = (NEW,), **options: Any) -> AsyncIterator[WebhookSink]:
    sink = WebhookSink("hook", url, secrets, **{"allow_private_addresses": True, "timeout_s": 1.0, **options})
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


def status(code: int, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


async def failure(sink: WebhookSink, events: list[dict[str, Any]]) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await sink.deliver(events)
    return caught.value


async def test_events_come_signed_one_by_one_with_their_ids(receiver: Receiver) -> None:
    events = published(workshop(3))
    async with sink_to(receiver.url) as sink:
        await sink.deliver(events)
    assert receiver.taken == events
    assert [request.headers["webhook-id"] for request in receiver.requests] == [event["id"] for event in events]
    assert {request.headers["Content-Type"] for request in receiver.requests} == {
        "application/cloudevents+json; charset=utf-8"
    }
    assert {request.method for request in receiver.requests} == {"POST"}


async def test_while_secrets_are_changed_either_verifies_and_no_other(receiver: Receiver) -> None:
    events = published(workshop(1))
    async with sink_to(receiver.url, (NEW, OLD)) as sink:
        await sink.deliver(events)
        receiver.key = Webhook(OLD)
        await sink.deliver(events)
    assert receiver.taken == events * 2
    headers, body = dict(receiver.requests[0].headers), b"changed on the way"
    with pytest.raises(WebhookVerificationError):
        receiver.key.verify(body, headers)


@pytest.mark.parametrize("code", [500, 502, 503, 401, 403, 404, 408, 429, 301, 302, 307, 308])
async def test_what_may_pass_is_tried_later(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code, Location="/elsewhere")
    events = published(workshop(1))
    async with sink_to(receiver.url) as sink:
        for _ in range(5):
            error = await failure(sink, events)
            assert isinstance(error, Later)
            assert (error.delivered, str(code) in error.reason) == (0, True)
        assert {request.path for request in receiver.requests} == {"/hook"}
        assert len(receiver.requests) == 5


@pytest.mark.parametrize(
    ("retry_after", "low", "high"),
    [
        ("7", 7, 7),
        (timedelta(hours=1), 600, 3601),
        (timedelta(hours=-1), 0, 0),
        ("soon", None, None),
        ("-5", None, None),
        ("²", None, None),
    ],
)
async def test_retry_after_is_honoured(
    receiver: Receiver, retry_after: str | timedelta, low: float | None, high: float
) -> None:
    if isinstance(retry_after, timedelta):  # as an HTTP date
        retry_after = format_datetime(datetime.now(UTC) + retry_after, usegmt=True)
    receiver.answer = status(503, Retry_After=retry_after)
    async with sink_to(receiver.url) as sink:
        error = await failure(sink, published(workshop(1)))
        assert isinstance(error, Later)
        if low is None:
            assert error.retry_after_s is None
        else:
            assert error.retry_after_s is not None
            assert low <= error.retry_after_s <= high


def test_it_is_tried_for_three_days() -> None:
    """What comes of that: `test_what_is_older_than_the_receiver_has_failed_for_is_given_up`."""
    assert WebhookSink("hook", "https://hook.example", (NEW,)).give_up_after_ms == timedelta(days=3) / timedelta(
        milliseconds=1
    )


async def test_410_ends_it(receiver: Receiver) -> None:
    receiver.answer = status(410)
    async with sink_to(receiver.url) as sink:
        assert isinstance(await failure(sink, published(workshop(1))), Gone)


async def test_an_event_that_is_not_acceptable_is_refused_after_some_attempts(receiver: Receiver) -> None:
    events = published(workshop(3))

    async def picky(request: web.Request) -> web.Response:
        return web.Response(status=422 if request.headers["webhook-id"] == events[2]["id"] else 204)

    receiver.answer = picky
    async with sink_to(receiver.url) as sink:
        kinds = [await failure(sink, events)]
        kinds += [await failure(sink, events[2:]) for _ in range(2)]
    assert [type(each) for each in kinds] == [Later, Later, Refused]
    assert [each.delivered for each in kinds] == [2, 0, 0]
    assert receiver.taken == events[:2]


async def test_a_receiver_that_does_not_answer_is_not_waited_for(receiver: Receiver) -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    receiver.answer = slow
    async with sink_to(receiver.url, timeout_s=0.2) as sink:
        error = await failure(sink, published(workshop(1)))
    assert isinstance(error, Later)
    assert "no answer" in error.reason


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 twohundred\r\n\r\n",
        b"\x00" * 100,
        b"SSH-2.0-x\r\n",
    ],
)
async def test_what_is_no_answer_is_tried_later(answer: bytes) -> None:
    async def garble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(garble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, sink_to(f"http://127.0.0.1:{port}/secret-path") as sink:
        error = await failure(sink, published(workshop(1)))
    assert isinstance(error, Later)
    assert "secret-path" not in error.reason


async def test_an_endless_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 65_536)
        except ConnectionError:
            return answer

    receiver.answer = endless
    async with sink_to(receiver.url) as sink:
        await sink.deliver(published(workshop(1))[:1])


async def test_nobody_listening_is_tried_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with sink_to(f"http://127.0.0.1:{taken.getsockname()[1]}/") as sink:
            error = await failure(sink, published(workshop(1)))
    assert isinstance(error, Later)
    assert "no connection" in error.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
async def test_a_private_address_is_not_connected_to_unless_allowed(receiver: Receiver, host: str) -> None:
    url = receiver.url.replace("127.0.0.1", host)
    async with sink_to(url, allow_private_addresses=False) as sink:
        error = await failure(sink, published(workshop(1)))
    assert isinstance(error, Later)
    assert "not a public address" in error.reason
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1", True), ("::ffff:8.8.8.8", True),
        ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("127.0.0.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("ff02::1", False),
        ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_the_publisher_delivers_everything_through_an_outage(receiver: Receiver, tmp_path: Path) -> None:
    log, failures = workshop(10), iter([500, 503, 429, 500])

    async def ill(_request: web.Request) -> web.Response:
        return web.Response(status=next(failures, 204))

    receiver.answer = ill
    sink = WebhookSink("hook", receiver.url, [NEW], allow_private_addresses=True)
    async with Node(tmp_path).running(sink) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: [event["id"] for event in receiver.taken] == expected_ids(log))
    assert receiver.taken == published(log)


GOOD = {"name": "lms", "url": "https://lms.example/hook", "secrets": [NEW]}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"url": "http://lms.example/hook"}, "https"),
        ({"url": "ftp://lms.example/hook"}, "URL scheme"),
        ({"url": "https://user:pass@lms.example/hook"}, "user name"),
        ({"url": "https://10.0.0.1/hook"}, "not a public address"),
        ({"url": "https://[::1]/hook"}, "not a public address"),
        ({"url": "https://localhost/hook"}, "not a public address"),
        ({"secrets": []}, "secrets"),
        ({"secrets": [NEW] * 3}, "secrets"),
        ({"secrets": ["hunter2"]}, "whsec_"),
        ({"secrets": ["whsec_c2hvcnQ="]}, "24 to 64"),
        ({"name": "No Name"}, "name"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_reason(wrong: dict[str, Any], complaint: str) -> None:
    WebhookSinkSettings.model_validate(GOOD)
    with pytest.raises(ValidationError, match=complaint) as refusal:
        WebhookSinkSettings.model_validate({**GOOD, **wrong})
    assert "hunter2" not in str(refusal.value.errors(include_input=False))
