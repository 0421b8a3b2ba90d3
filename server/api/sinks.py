"""Sinks of single workshops over HTTP. What is answered never holds a secret."""

from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field, RootModel

from rooms.ids import API, WorkshopId
from server.api.models import Body
from server.api.routes import Api, Route, json_answer
from server.audit import Audit
from server.publish.publisher import Publisher
from server.publish.settings import RedisSinkSettings, WebhookSinkSettings
from server.publish.workshop_sinks import (
    SinkRefused,
    WorkshopRedis,
    WorkshopSink,
    WorkshopSinks,
    WorkshopWebhook,
    WorkshopXapi,
    full_name,
)
from server.refusals import Refusal

MAX_BODY_BYTES = 20_000
HERE = "/api/workshops/{workshop_id}/sinks"


class WorkshopSinkRequest(RootModel[WorkshopSink]):
    """A sink's settings, as in the server's configuration; files are set there only."""


class WorkshopSinkAnswer(Body):
    name: str
    kind: str
    receiver: str = Field(description="Scheme, host and port; paths and parameters may hold secrets.")
    full_name: str = Field(description="What it is called at /api/sinks/…, for dead letters and replays.")
    disabled: str | None = Field(description="Why nothing is sent; null if it is.")
    failing_since_ms: int | None = Field(description="Unix milliseconds; null if the last delivery succeeded.")
    lag_events: int = Field(description="Journal events not told to it.")
    dead_letters: int


class WorkshopSinksAnswer(Body):
    sinks: list[WorkshopSinkAnswer]


class SinksApi:
    """`require_key` raises the refusal for a request without the API key."""

    def __init__(
        self,
        api: Api,
        sinks: WorkshopSinks,
        publisher: Publisher,
        audit: Audit,
        require_key: Callable[[web.Request], None],
    ) -> None:
        self._api = api
        self._sinks = sinks
        self._publisher = publisher
        self._audit = audit
        self._require_key = require_key

    def routes(self) -> tuple[Route, ...]:
        one, body, answer = f"{HERE}/{{name}}", WorkshopSinkRequest, WorkshopSinkAnswer
        return (
            Route("GET", HERE, "The workshop's own sinks", self.list_sinks, WorkshopSinksAnswer),
            Route("GET", one, "One of the workshop's own sinks", self.show_sink, answer),
            Route("PUT", one, "Deliver this workshop's events here, too", self.put_sink, answer, body),
            Route("DELETE", one, "Deliver nothing here any more", self.remove_sink, None, status=204),
        )

    async def list_sinks(self, request: web.Request) -> web.Response:
        workshop_id = await self._workshop(request)
        found = await self._sinks.of(workshop_id)
        return json_answer(
            WorkshopSinksAnswer(sinks=[await self._described(workshop_id, name, found[name]) for name in found])
        )

    async def show_sink(self, request: web.Request) -> web.Response:
        workshop_id, name = await self._workshop(request), request.match_info["name"]
        found = await self._sinks.of(workshop_id)
        if name not in found:
            raise _unknown()
        return json_answer(await self._described(workshop_id, name, found[name]))

    async def put_sink(self, request: web.Request) -> web.Response:
        workshop_id, name = await self._workshop(request), request.match_info["name"]
        body = await request.read()
        if len(body) > MAX_BODY_BYTES:
            raise Refusal("sink_invalid", f"The settings of a sink have at most {MAX_BODY_BYTES} bytes.")
        try:
            await self._sinks.put(workshop_id, name, body)
        except SinkRefused as refused:
            raise Refusal("sink_invalid", f"The sink is not set: {refused}.") from None
        await self._audit.note("sink.set", actor=API, workshop_id=workshop_id, sink=name)
        return await self.show_sink(request)

    async def remove_sink(self, request: web.Request) -> web.Response:
        workshop_id, name = await self._workshop(request), request.match_info["name"]
        if not await self._sinks.remove(workshop_id, name):
            raise _unknown()
        await self._audit.note("sink.removed", actor=API, workshop_id=workshop_id, sink=name)
        return web.Response(status=204)

    async def _workshop(self, request: web.Request) -> WorkshopId:
        self._require_key(request)
        workshop_id = (await self._api.workshop(request)).workshop_id
        await self._sinks.reconcile()  # it may have been set at another node
        return workshop_id

    async def _described(
        self, workshop_id: WorkshopId, name: str, settings: WorkshopWebhook | WorkshopRedis | WorkshopXapi
    ) -> WorkshopSinkAnswer:
        delivery = self._publisher.delivery(full_name(workshop_id, name))
        lag = await delivery.lag()
        match settings:
            case RedisSinkSettings():
                url = settings.url.get_secret_value()
            case WebhookSinkSettings():
                url = str(settings.url)
            case _:
                url = str(settings.endpoint)
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
        return WorkshopSinkAnswer(
            name=name,
            kind=settings.kind,
            receiver=f"{parts.scheme}://{parts.hostname or ''}{port}",
            full_name=full_name(workshop_id, name),
            disabled=delivery.state.disabled,
            failing_since_ms=delivery.state.failing_since_ms,
            lag_events=lag.events,
            dead_letters=lag.dead_letters,
        )


def _unknown() -> Refusal:
    return Refusal("sink_unknown", "This workshop has no sink of that name.")
