"""The record over HTTP: reading what was published, and looking after the sinks."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web
from pydantic import Field

from rooms.ids import API, WorkshopId
from server.actor import Unavailable
from server.api.models import Body
from server.api.routes import Route, json_answer, parsed_body
from server.audit import Audit
from server.publish import asyncapi
from server.publish.delivery import Delivery
from server.publish.ledger import DeadLetter
from server.publish.publisher import Publisher
from server.publish.reading import RecordReader, last_sequence, sequence_of
from server.publish.sink import NotDelivered
from server.refusals import Refusal

MAX_PAGE = 1_000
MAX_WAIT_S = 60
HEARTBEAT_S = 15.0
"""How often a silent event stream says that it is there."""


STALLED_S = 60.0
"""An event stream that takes nothing for so long is ended; its reader comes back with the last id it has."""
MAX_STREAMS = 200
"""Event streams at once, on one node. Each holds a page of events at most."""
_QUERY: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("after", {"type": "integer", "minimum": 0, "default": 0}, "Sequence number of the last event that is known."),
    ("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 200}, "At most so many."),
    (
        "wait_s",
        {"type": "integer", "minimum": 0, "maximum": MAX_WAIT_S, "default": 0},
        "Where there is nothing more, wait so long for it.",
    ),
)


class EventsAnswer(Body):
    events: list[dict[str, object]] = Field(description="CloudEvents; see /api/asyncapi.json.")
    next: int = Field(description="Give this as `after` to go on.")


class SinkAnswer(Body):
    name: str
    disabled: str | None = Field(description="Why nothing is sent; null if it is.")
    failing_since_ms: int | None = Field(description="Unix milliseconds; null if the last delivery succeeded.")
    lag_events: int = Field(description="Journal events not told to it.")
    oldest_at_ms: int | None = Field(description="When the oldest of them happened, Unix milliseconds.")
    dead_letters: int


class SinksAnswer(Body):
    sinks: list[SinkAnswer]


class DeadLetterAnswer(Body):
    ref: int
    workshop_id: str
    event_id: str
    reason: str
    at_ms: int = Field(description="When it was given up, Unix milliseconds.")


class DeadLettersAnswer(Body):
    dead_letters: list[DeadLetterAnswer]


class ReplayRequest(Body):
    workshop_id: str | None = Field(default=None, description="Only this workshop; all if left out.")
    from_ms: int | None = Field(
        default=None, ge=0, description="Only what happened then and later (Unix milliseconds); everything if left out."
    )


class RecordApi:
    """`require_key` raises the refusal for a request without the API key."""

    def __init__(
        self, publisher: Publisher, reader: RecordReader, audit: Audit, require_key: Callable[[web.Request], None]
    ) -> None:
        self._publisher = publisher
        self._audit = audit
        self._reader = reader
        self._require_key = require_key
        self._streams = 0

    def routes(self) -> tuple[Route, ...]:
        sink, letter = "/api/sinks/{sink}", "/api/sinks/{sink}/dead-letters/{ref}"
        events = "/api/workshops/{workshop_id}/events"
        text = "What happened, as CloudEvents; long polling with wait_s, or an event stream"
        return (
            Route("GET", events, text, self.events, EventsAnswer, query=_QUERY),
            Route("GET", "/api/asyncapi.json", "The published events (AsyncAPI 3)", self.catalogue, None, key=False),
            Route("GET", "/api/sinks", "Where events are delivered, and how far behind", self.sinks, SinksAnswer),
            Route("POST", f"{sink}/enable", "Deliver (again) now", self.enable, SinkAnswer),
            Route("POST", f"{sink}/replay", "Deliver everything again", self.replay, SinkAnswer, ReplayRequest),
            Route("GET", f"{sink}/dead-letters", "Events it would not take", self.dead_letters, DeadLettersAnswer),
            Route("GET", letter, "A dead letter's event", self.show_letter, None),
            Route("POST", f"{letter}/retry", "Deliver a dead letter now", self.retry, None, status=204),
            Route("DELETE", letter, "Forget a dead letter", self.bury, None, status=204),
        )

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def events(self, request: web.Request) -> web.StreamResponse:
        self._require_key(request)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        after = number_in(request, "after", 0, 0, 2**53)
        limit = number_in(request, "limit", 200, 1, MAX_PAGE)
        wait_s = number_in(request, "wait_s", 0, 0, MAX_WAIT_S)
        if "text/event-stream" in request.headers.get("Accept", ""):
            resumed = request.headers.get("Last-Event-ID", "")
            known = resumed.isascii() and resumed.isdecimal() and len(resumed) <= 16
            return await self._stream(request, workshop_id, int(resumed) if known else after)
        if not after:
            await self._note(workshop_id)
        mark = self._reader.mark(workshop_id)
        events = await self._page(workshop_id, after, limit)
        if not events and wait_s:
            await self._reader.wait(workshop_id, mark, wait_s)
            events = await self._page(workshop_id, after, limit)
        return web.json_response({"events": events, "next": last_sequence(events, after)})

    async def _page(self, workshop_id: WorkshopId, after: int, limit: int) -> list[dict[str, object]]:
        events = await self._reader.read(workshop_id, after, limit)
        if events is None:
            raise Refusal("workshop_unknown", "There is no such workshop on this server.")
        return events

    async def _stream(self, request: web.Request, workshop_id: WorkshopId, after: int) -> web.StreamResponse:
        if self._streams >= MAX_STREAMS:
            raise Unavailable("busy", f"{MAX_STREAMS} event streams are open already; try again later, or poll.")
        await self._page(workshop_id, after, 1)  # an unknown workshop is refused before the stream begins
        await self._note(workshop_id)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        self._streams += 1
        try:
            await stream.prepare(request)
            with suppress(ConnectionError, Refusal):  # the reader has gone, or the workshop
                await self._stream_to(stream, workshop_id, after)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()  # nothing more can be said to somebody who does not read
        finally:
            self._streams -= 1
        return stream

    async def _note(self, workshop_id: WorkshopId) -> None:
        """That somebody begins to read all that happened; not again for every page."""
        await self._audit.note("record.exported", actor=API, workshop_id=workshop_id, what="events")

    async def _stream_to(self, stream: web.StreamResponse, workshop_id: WorkshopId, after: int) -> None:
        while True:
            mark = self._reader.mark(workshop_id)
            events = await self._page(workshop_id, after, MAX_PAGE)
            for event in events:
                data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
                await _write(stream, f"id: {sequence_of(event)}\nevent: {event['type']}\ndata: {data}\n\n")
            after = last_sequence(events, after)
            if not events:
                await self._reader.wait(workshop_id, mark, HEARTBEAT_S)
                await _write(stream, ": here\n\n")

    async def catalogue(self, _request: web.Request) -> web.Response:
        return web.json_response(asyncapi.document())

    # ── sinks ────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def sinks(self, request: web.Request) -> web.Response:
        self._require_key(request)
        return json_answer(
            SinksAnswer(sinks=[await _described(self._publisher.delivery(n)) for n in self._publisher.names])
        )

    async def enable(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        await delivery.enable()
        return json_answer(await _described(delivery))

    async def replay(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        body = await parsed_body(request, ReplayRequest)
        await self._audit.note(
            "record.replayed",
            actor=API,
            workshop_id=body.workshop_id or "",
            sink=request.match_info["sink"],
            from_ms=body.from_ms,
        )
        try:
            workshop_id = None if body.workshop_id is None else WorkshopId(body.workshop_id)
            await delivery.replay(workshop_id, body.from_ms)
        except NotDelivered as error:
            raise Refusal("not_delivered", f"The receiver must be there for a replay: {error.reason}.") from None
        return json_answer(await _described(delivery))

    async def dead_letters(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        after, limit = number_in(request, "after", 0, 0, 2**53), number_in(request, "limit", 100, 1, MAX_PAGE)
        found = [
            DeadLetterAnswer(
                ref=each.ref,
                workshop_id=each.workshop_id,
                event_id=each.event_id,
                reason=each.reason,
                at_ms=each.at_ms,
            )
            for each in await delivery.dead_letters(after=after, limit=limit)
        ]
        return json_answer(DeadLettersAnswer(dead_letters=found))

    async def show_letter(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        return web.json_response(await delivery.letter(await self._letter(request, delivery)))

    async def retry(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        letter = await self._letter(request, delivery)
        try:
            await delivery.retry(letter)
        except NotDelivered as error:
            raise Refusal("not_delivered", f"The receiver has not taken it: {error.reason}.") from None
        return web.Response(status=204)

    async def bury(self, request: web.Request) -> web.Response:
        delivery = self._delivery(request)
        await delivery.bury(await self._letter(request, delivery))
        return web.Response(status=204)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _delivery(self, request: web.Request) -> Delivery:
        self._require_key(request)
        try:
            return self._publisher.delivery(request.match_info["sink"])
        except KeyError:
            known = ", ".join(self._publisher.names) or "none"
            raise Refusal("sink_unknown", f"There is no such sink; configured are: {known}.") from None

    async def _letter(self, request: web.Request, delivery: Delivery) -> DeadLetter:
        ref = request.match_info["ref"]
        if ref.isdecimal():
            for each in await delivery.dead_letters(after=int(ref) - 1, limit=1):
                if each.ref == int(ref):
                    return each
        raise Refusal("dead_letter_unknown", "This sink has no dead letter of that number.")


async def _write(stream: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(STALLED_S):
        await stream.write(text.encode())


async def _described(delivery: Delivery) -> SinkAnswer:
    lag = await delivery.lag()
    return SinkAnswer(
        name=delivery.sink.name,
        disabled=delivery.state.disabled,
        failing_since_ms=delivery.state.failing_since_ms,
        lag_events=lag.events,
        oldest_at_ms=lag.oldest_at_ms,
        dead_letters=lag.dead_letters,
    )


def number_in(request: web.Request, name: str, otherwise: int, least: int, most: int) -> int:
    given = request.query.get(name)
    if given is None:
        return otherwise
    if not given.isascii() or not given.isdecimal() or len(given) > 16 or not least <= int(given) <= most:
        raise Refusal("query_invalid", f"{name}: a whole number from {least} to {most} is expected.")
    return int(given)
