"""The composition root: the only place that builds adapters and hands the parts to each other."""

import asyncio
from importlib.metadata import version

import structlog
from aiohttp import web

from rooms.ids import WorkshopId
from server import keys, stores, tracing
from server.agenda.api import AgendaApi
from server.api import openapi, static
from server.api.arriving import ArrivingApi
from server.api.privacy import PrivacyApi
from server.api.programmes import ProgrammeApi
from server.api.record import RecordApi
from server.api.routes import MAX_BODY_BYTES, Api, problems
from server.api.sinks import SinksApi
from server.api.summaries import SummariesApi
from server.api.viewers import Viewers
from server.arrivals import Arrivals
from server.auth import Tokens
from server.clock import SystemClock
from server.cluster.api import ClusterApi
from server.cluster.member import Member
from server.config import Settings
from server.continuity import Continuity
from server.doorway import Doorway
from server.gateway import Gateway
from server.half_open import HalfOpen
from server.journal.redis import RedisJournal
from server.load import LoadMeter
from server.media import MediaLimits, MediaServer
from server.media_bridge import MediaBridge
from server.neighbours import Alone
from server.node_metrics import NodeCollector
from server.observe import Metrics
from server.own_record import OwnRecords
from server.publish.metrics import PublishMetrics
from server.publish.narrative import Options
from server.publish.publisher import Publisher
from server.publish.reading import RecordReader
from server.publish.workshop_sinks import WorkshopSinks
from server.rates import Callers
from server.retention import Retention
from server.speech import SpeechMeter
from server.workshops import SoleOwner, Workshops

log = structlog.get_logger()

DOCS_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Node:
    """One process: everything of a node, started and stopped in order."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings = settings
        self.metrics = Metrics()
        self.api_key = keys.made_once(settings, "api_key")
        self.tokens = Tokens(keys.made_once(settings, "token_secret"))
        found = stores.of(settings, SystemClock())
        clock = found.clock
        self.journal, ledger, self.audit = found.journal, found.ledger, found.audit
        options = Options(
            home_page=_home_page(settings), names=settings.publish.names, chat_text=settings.publish.chat_text
        )
        sinks = [each.sink(settings.data_dir) for each in settings.publish.sinks]
        self.load = self._load_meter()
        self.member = self._member() if isinstance(self.journal, RedisJournal) else None
        rights = None if self.member is None else self.member.ownership
        self.publisher = Publisher(self.journal, ledger, sinks, options, clock, rights=rights)
        private = settings.publish.workshop_sinks_private
        self.workshop_sinks = WorkshopSinks(found.sinks, self.publisher, ledger, settings.data_dir, private=private)
        self.publish_metrics = PublishMetrics(self.publisher, self.metrics.registry)
        self.reader = RecordReader(self.journal, options)
        self.continuity = Continuity(clock, settings.data_dir)
        owner = rights or SoleOwner(lambda: self.load.value < settings.cluster.load_mark)
        self.workshops = Workshops(
            *(self.journal, clock),
            on_events=self._wake,
            on_erased=self._forget,
            on_append=self.metrics.append_seconds.observe,
            owner=owner,
            continuity=self.continuity,
        )
        self.speech = SpeechMeter(self.workshops, gather=self._gather_speech)
        self.bridge = MediaBridge(self, self.speech.add)
        self.media = MediaServer(
            host=settings.udp_host or settings.host,
            port=settings.udp_port,
            public_ips=settings.public_ip,
            limits=MediaLimits(max_transports=settings.limits.max_transports),
            listener=self.bridge,
        )
        self.bridge.attach(self.media)
        self.gateway = Gateway(
            *(settings, self.tokens, self.workshops, self.bridge, self.speech, self.metrics),
            *(self.member or Alone(settings.public_url), arrivals := Arrivals()),
        )
        self.signal = self.gateway.signal
        self.api = Api(settings, self.tokens, self.api_key, self.workshops, self.metrics, lambda: self.base_url)
        self.record_api = RecordApi(self.publisher, self.reader, self.audit, self.api.require_key)
        records = OwnRecords(self.journal)
        self.privacy_api = PrivacyApi(self.workshops, records, ledger, self.audit, self.tokens, self.api.require_key)
        self.sinks_api = SinksApi(self.api, self.workshop_sinks, self.publisher, self.audit, self.api.require_key)
        viewers = Viewers(self.tokens, self.api.has_key)
        self.programme_api = ProgrammeApi(self.api, viewers, self.speech, self.audit)
        self.arriving_api = ArrivingApi(self.api, viewers)
        self.summaries_api = SummariesApi(self.api, viewers, self.speech, self.audit)
        self.retention = Retention(
            settings.retention,
            self.journal,
            self.workshops,
            ledger,
            self.audit,
            clock,
            self.publisher,
            self.workshop_sinks,
        )
        self.agenda_api = AgendaApi(self.api, viewers)
        if self.member is not None:
            parts = (self.workshops, self.gateway, self.bridge, self.speech, self.publisher, self.reader, arrivals)
            self.member.join(*parts)
            self.member.on_draining = self._begin_draining
        self.metrics.registry.register(
            NodeCollector(
                *(version("atelier"), self.workshops, self.media, self.load, self.member),
                lambda: (self.api.ready and not self.api.draining, self.api.draining),
            )
        )
        self._runner: web.AppRunner | None = None
        self._half_open: HalfOpen | None = None
        self._port = settings.port

    @property
    def base_url(self) -> str:
        """What links begin with."""
        return self.settings.public_url or self.own_url

    @property
    def own_url(self) -> str:
        """Where this very node listens."""
        host = "localhost" if self.settings.host in ("0.0.0.0", "::") else self.settings.host
        return f"http://{host}:{self._port}"

    async def start(self) -> None:
        """Open the journal, bind the ports, take work. Raises OSError where a port is taken."""
        await self.journal.open()
        await self.continuity.start()
        await self.load.start()
        await self.workshops.start()
        await self.retention.start()
        await self.media.start()
        await self.speech.start()
        door = Doorway(
            self.settings.limits, Callers(self.settings.trusted_proxies), self.metrics, self._may_call_freely
        )
        passing = [] if self.member is None else [self.member.passing.middleware]
        app = web.Application(middlewares=[door.count, problems, door.limit, *passing], client_max_size=MAX_BODY_BYTES)
        self._add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=3)
        await self._runner.setup()
        assert self._runner.server is not None
        self._half_open = HalfOpen(self._runner.server, self.settings.limits.hello_within_s)
        await self._half_open.start()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        if self.member is not None:
            await self.member.start()
        await self.publisher.start()
        await self.workshop_sinks.start()
        await self.publish_metrics.start()
        tracing.start(self.settings.tracing, self._node(), version("atelier"))
        self.api.ready = True
        log.info("listening", url=self.base_url, udp_port=self.media.port)

    async def drain(self) -> None:
        """Hand everything over, where there are nodes to hand it to."""
        if self.member is not None:
            await self.member.drain()

    async def stop(self) -> None:
        """Say goodbye, finish what has been asked, let go of everything."""
        self._begin_draining()
        await self.gateway.close()
        await self.speech.close()
        await self.retention.close()
        await self.workshops.close()
        if self.member is not None:
            await self.member.close()
        await self.media.close()
        if self._runner is not None:
            if self._half_open is not None:
                await self._half_open.close()
            await self._runner.cleanup()
        await self.publish_metrics.close()
        await self.workshop_sinks.close()
        await self.publisher.close()
        await self.load.close()
        await self.continuity.close()
        await self.journal.close()
        await asyncio.to_thread(tracing.stop)  # it sends what is left

    def _node(self) -> str:
        return "" if self.member is None else self.member.name

    def _may_call_freely(self, request: web.Request) -> bool:
        return self.api.has_key(request) or (self.member is not None and self.member.passing.is_passed_on(request))

    def _begin_draining(self) -> None:
        self.api.draining = True

    def _load_meter(self) -> LoadMeter:
        limits = self.settings.limits
        shares = {
            "sockets": lambda: self.gateway.sockets / limits.max_sockets,
            "transports": lambda: self.media.stats()["transports"] / limits.max_transports,
            "workshops": lambda: len(self.workshops.loaded) / self.settings.cluster.max_workshops,
        }
        return LoadMeter(shares, self.metrics.loop_lag.observe)

    def _member(self) -> Member:
        assert isinstance(self.journal, RedisJournal)
        return Member(
            *(self.settings, self.journal, self.api_key, version("atelier")),
            measure=lambda: (self.load.value, len(self.workshops.loaded), self.gateway.sockets),
            base_url=lambda: self.own_url,
        )

    def _gather_speech(self) -> None:
        self.media.tell_spoken()

    def _wake(self, workshop_id: WorkshopId) -> None:
        self.publisher.wake(workshop_id)
        self.reader.wake(workshop_id)

    def _forget(self, workshop_id: WorkshopId) -> None:
        self.publisher.forget(workshop_id)
        self.reader.forget(workshop_id)

    def _add_routes(self, app: web.Application) -> None:
        cluster = () if self.member is None else ClusterApi(self.member, self.api.require_key).routes()
        routes = (
            *self.api.routes(),
            *self.record_api.routes(),
            *self.programme_api.routes(),
            *self.summaries_api.routes(),
            *self.arriving_api.routes(),
            *self.privacy_api.routes(),
            *cluster,
            *self.agenda_api.routes(),
            *self.sinks_api.routes(),
        )
        spec = openapi.document(routes)
        page = openapi.page(spec)

        async def spec_json(_request: web.Request) -> web.Response:
            return web.json_response(spec)

        async def docs(_request: web.Request) -> web.Response:
            return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": DOCS_POLICY})

        for route in routes:
            app.router.add_route(route.method, route.path, route.handler)
        app.router.add_get("/api/openapi.json", spec_json)
        app.router.add_get("/api/docs", docs)
        static.add(app, self.settings.client_dir)
        app.on_response_prepare.append(_guard)
        self.gateway.wire.attach(app)
        if self.member is not None:  # behind one host name, by path
            self.gateway.wire.attach(app, f"{self.member.prefix}/socket.io")


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    """What holds for every answer; those of the API may hold a token, so nobody keeps a copy."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")


def _home_page(settings: Settings) -> str:
    # It stands in what is published for good, so it must not change with the port of the day.
    return settings.publish.home_page or settings.public_url or "http://localhost"
