"""Traces: a command, its append and its publication belong together, and reach a collector; nothing of persons is in them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rooms.errors import Rejected
from rooms.ids import WorkshopId
from server import tracing
from tests.harness import API_KEY, ServerProcess
from tests.socket_client import WireClient

W = WorkshopId("w")


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.use(SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


def ids(command_id: str) -> tuple[int, int]:
    _, trace_id, span_id, _ = tracing.traceparent(W, command_id).split("-")
    return int(trace_id, 16), int(span_id, 16)


def test_a_command_s_span_is_the_one_that_its_events_name(spans: InMemorySpanExporter) -> None:
    with tracing.command(W, "c1", "RaiseHand"):
        pass
    (span,) = spans.get_finished_spans()
    assert span.context is not None
    assert (span.context.trace_id, span.context.span_id) == ids("c1")
    assert span.parent is None
    assert span.attributes == {"atelier.command": "RaiseHand", "atelier.workshop": "w"}
    assert tracing.carried(tracing.traceparent(W, "c1")).endswith("-01")


def test_work_for_several_commands_is_the_first_s_and_linked_to_the_others(spans: InMemorySpanExporter) -> None:
    causes = [tracing.traceparent(W, each) for each in ("c1", "c2", "c1")]
    with tracing.work("append", causes, commands=3):
        pass
    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == ids("c1")
    assert [(link.context.trace_id, link.context.span_id) for link in span.links] == [ids("c2")]


CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("given", "linked"),
    [
        (CALLER, [(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331)]),
        (None, []),
        ("nonsense", []),
        (CALLER.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), []),
    ],
)
def test_a_command_is_linked_to_the_call_it_came_by(
    spans: InMemorySpanExporter, given: str | None, linked: list[tuple[int, int]]
) -> None:
    with tracing.call(given), tracing.command(W, "c1", "RaiseHand"):
        pass
    with tracing.command(W, "c2", "RaiseHand"):
        pass
    first, second = spans.get_finished_spans()
    assert [(link.context.trace_id, link.context.span_id) for link in first.links] == linked
    assert first.context is not None
    assert (first.context.trace_id, first.context.span_id) == ids("c1")
    assert not second.links


def test_what_fails_is_told_by_its_code_and_not_by_its_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(Rejected), tracing.command(W, "c1", "RaiseHand"):
        raise Rejected("not_allowed", "Ann Smith may not.", rule="RO1")
    with pytest.raises(ValueError, match="Ann"), tracing.work("append", [tracing.traceparent(W, "c1")]):
        raise ValueError("Ann Smith")
    told = [each.to_json() for each in spans.get_finished_spans()]
    assert "not_allowed" in told[0]
    assert "ValueError" in told[1]
    assert not any("Ann" in each for each in told)


def test_off_there_is_no_span_and_nothing_of_a_share_of_none() -> None:
    with tracing.command(W, "c1", "RaiseHand"), tracing.work("append", [tracing.traceparent(W, "c1")]):
        pass
    assert tracing.carried(tracing.traceparent(W, "c1")).endswith("-00")
    exporter = InMemorySpanExporter()
    tracing.use(SimpleSpanProcessor(exporter), share=0.0)
    with tracing.command(W, "c1", "RaiseHand"), tracing.work("append", [tracing.traceparent(W, "c1")]):
        pass
    assert tracing.carried(tracing.traceparent(W, "c1")).endswith("-00")
    tracing.stop()
    assert not exporter.get_finished_spans()


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[Any]]]:
    """Takes OTLP over HTTP; (its URL, the spans that came)."""
    taken: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        taken.extend(span for each in told.resource_spans for scope in each.scope_spans for span in scope.spans)
        return web.Response(content_type="application/x-protobuf")

    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces", taken
    finally:
        await runner.cleanup()


def caused_by(span: Any) -> set[int]:
    """The commands' spans that this one names as its parent or links to."""
    return {int.from_bytes(each, "big") for each in (span.parent_span_id, *(link.span_id for link in span.links))}


async def test_a_collector_gets_the_way_of_a_message_from_the_socket_to_the_sink(tmp_path: Path) -> None:
    async with collector() as (url, taken):
        # Without compression: what is looked at is what is sent.
        options = {"OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_BSP_SCHEDULE_DELAY": "50"}
        server = ServerProcess(tmp_path / "data", ATELIER_TRACING__URL=url, **options)
        await server.start()
        trace_id, span_id = ids("said")
        try:
            await server.create_workshop(workshop_id="w")
            ann = await WireClient(server.base_url, await server.token("w", "learner", "Ann Smith", "p_ann")).connect()
            ack = await ann.command("PostMessage", channel="everyone", text="a secret", command_id="said")
            assert ack["ok"]
            url = f"{server.base_url}/api/workshops/w/commands"
            headers = {"Authorization": f"Bearer {API_KEY}", "traceparent": CALLER}
            locked = {"id": "locked", "type": "SetLock", "on": True}
            async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json=locked) as answer:
                assert answer.status == 200, await answer.text()
            async with asyncio.timeout(30):
                while {each.name for each in taken if span_id in caused_by(each)} != {"append", "publish"}:
                    await asyncio.sleep(0.05)
            await ann.close()
        finally:
            await server.stop()  # what is left is sent
    (command,) = [each for each in taken if int.from_bytes(each.span_id, "big") == span_id]
    assert (command.name, int.from_bytes(command.trace_id, "big")) == ("command", trace_id)
    (by_http,) = [each for each in taken if int.from_bytes(each.span_id, "big") == ids("locked")[1]]
    assert [link.span_id.hex() for link in by_http.links] == [CALLER.split("-")[2]]
    assert not any(word in str(taken) for word in ("Ann", "secret", "p_ann"))
