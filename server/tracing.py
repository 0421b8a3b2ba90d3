"""OpenTelemetry traces of what a command does: `command` (from its arrival to its answer) → `append` (made durable) → `publish` (delivered to a sink).

Theory of operation. Trace and span ids of a command are made from its workshop and its id, and published events carry them (`traceparent`,
W3C Trace Context). So whoever appends, publishes or receives knows what it belongs to, on whatever node and however much later, without anything being
stored or handed along. What does several commands' work at once is a child of the first and linked to the others. A command that comes by an HTTP call
with a `traceparent` of its own is linked to that: its trace is named by its id all the same, because events of years ago name it so.

Off unless `tracing.url` is set, and then OpenTelemetry must be installed (`pip install atelier[tracing]`); off, a span costs one comparison. Attributes
are command types, counts and workshop ids: nothing of persons. One process has one tracer.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from rooms.ids import WorkshopId

MAX_LINKS = 64
_tracer: Any = None
_provider: Any = None
_ids: ContextVar[tuple[int, int] | None] = ContextVar("ids of the command's span", default=None)
_caller: ContextVar[str | None] = ContextVar("the traceparent of the call that is being served", default=None)
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class TracingSettings(BaseModel):
    """Traces for an OpenTelemetry collector."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(default=None, description="Where traces go by OTLP over HTTP; no traces if left out.")
    share: float = Field(default=1.0, ge=0, le=1, description="The share of commands that are traced.")


class NotInstalled(Exception):
    """Traces are asked for and OpenTelemetry is missing."""


def traceparent(workshop_id: WorkshopId, command_id: str) -> str:
    """What a command's span is known by (W3C Trace Context, version 00)."""
    digest = hashlib.sha256(f"{workshop_id}/{command_id}".encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-00"


def start(settings: TracingSettings, node: str, version: str) -> None:
    """Begin to send traces, if that is asked for. Raises `NotInstalled`."""
    if settings.url is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise NotInstalled("tracing.url is set and OpenTelemetry is missing; pip install 'atelier[tracing]'") from None
    use(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.url)), settings.share, node, version)


def use(processor: Any, share: float = 1.0, node: str = "", version: str = "") -> None:
    """Give spans to `processor` (an OpenTelemetry SpanProcessor) from now on."""
    global _tracer, _provider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    class CommandIds(RandomIdGenerator):
        """The command's own ids for its span; others are drawn."""

        def generate_trace_id(self) -> int:
            ids = _ids.get()
            return super().generate_trace_id() if ids is None else ids[0]

        def generate_span_id(self) -> int:
            ids = _ids.get()
            return super().generate_span_id() if ids is None else ids[1]

    # By the trace's id alone, so that all of a trace's spans are kept or none, whichever node they are made on.
    resource = Resource.create({"service.name": "atelier", "service.instance.id": node, "service.version": version})
    _provider = TracerProvider(sampler=TraceIdRatioBased(share), id_generator=CommandIds(), resource=resource)
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("atelier")


def stop() -> None:
    """Send what is left; no more spans."""
    global _tracer, _provider
    provider, _tracer, _provider = _provider, None, None
    if provider is not None:
        provider.shutdown()


@contextmanager
def call(parent: str | None) -> Iterator[None]:
    """Serves an HTTP call whose `traceparent` header is `parent`; one that is no such thing is left out of account."""
    if _tracer is None or parent is None or not _TRACEPARENT.fullmatch(parent):
        yield
        return
    token = _caller.set(parent)
    try:
        yield
    finally:
        _caller.reset(token)


@contextmanager
def command(workshop_id: WorkshopId, command_id: str, type_: str) -> Iterator[None]:
    """From a command's arrival to its answer; a refusal that leaves it as an exception is noted on the span."""
    if _tracer is None:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.context import Context

    _, trace_id, span_id, _ = traceparent(workshop_id, command_id).split("-")
    token = _ids.set((int(trace_id, 16), int(span_id, 16)))
    try:
        attributes = {"atelier.command": type_, "atelier.workshop": workshop_id}
        caller = _caller.get()
        links = [] if caller is None else [trace.Link(_context_of(caller))]
        span = _tracer.start_span("command", context=Context(), attributes=attributes, links=links)
    finally:
        _ids.reset(token)
    try:
        yield
    except Exception as error:
        _failed(span, error)
        raise
    finally:
        span.end()


def carried(parent: str) -> str:
    """A command's `traceparent` as it is sent to others: with the flag that says whether its trace is kept here."""
    if _provider is None:
        return parent
    sampled = _provider.sampler.should_sample(None, int(parent.split("-")[1], 16), "").decision.is_sampled()
    return f"{parent[:-2]}{int(sampled):02x}"


@contextmanager
def work(name: str, causes: Iterable[str], **attributes: Any) -> Iterator[None]:
    """A span of what is done for commands, which are told by their `traceparent`; not looked at while this is off."""
    known = [] if _tracer is None else list(dict.fromkeys(causes))[: MAX_LINKS + 1]
    if not known:
        yield
        return
    from opentelemetry import trace

    contexts = [_context_of(each) for each in known]
    with _tracer.start_as_current_span(
        name,
        context=trace.set_span_in_context(trace.NonRecordingSpan(contexts[0])),
        links=[trace.Link(each) for each in contexts[1:]],
        attributes={f"atelier.{key}": value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Exception as error:
            _failed(span, error)
            raise


def _context_of(parent: str) -> Any:
    from opentelemetry import trace

    _, trace_id, span_id, _ = parent.split("-")
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    return trace.SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)


def _failed(span: Any, error: Exception) -> None:
    """Say what went wrong by its code or kind; an exception's text may hold what somebody wrote."""
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.ERROR, getattr(error, "code", type(error).__name__)))
