"""The publisher's metrics: how far each sink is behind, what it has got, and what it would not take."""

import asyncio
import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from server.journal.port import JournalUnavailable
from server.publish.publisher import Publisher
from server.tasks import ended

log = structlog.get_logger()

MEASURE_EVERY_S = 10.0


class PublishMetrics:
    """Measured every few seconds rather than at each scrape, because measuring asks the ledger. Labels: the configured sinks."""

    def __init__(self, publisher: Publisher, registry: CollectorRegistry) -> None:
        self._publisher = publisher
        self._counted: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        sink = ["sink"]
        self._lag_events = Gauge(
            "atelier_publish_lag_events", "Journal events not told to a sink.", sink, registry=registry
        )
        self._lag_seconds = Gauge("atelier_publish_lag_seconds", "Age of the oldest of them.", sink, registry=registry)
        self._dead = Gauge("atelier_publish_dead_letters", "Events that a sink will not take.", sink, registry=registry)
        self._disabled = Gauge("atelier_publish_disabled", "1 if nothing is sent to a sink.", sink, registry=registry)
        self._delivered = Counter("atelier_publish_delivered", "Events delivered to a sink.", sink, registry=registry)

    async def start(self) -> None:
        await self.measure()
        self._task = asyncio.create_task(self._measure_again_and_again(), name="publish metrics")

    async def close(self) -> None:
        if self._task is not None:
            await ended(self._task)

    async def measure(self) -> None:
        """Raises `JournalUnavailable`."""
        for gone in self._counted.keys() - set(self._publisher.names):
            del self._counted[gone]
            for metric in (self._lag_events, self._lag_seconds, self._dead, self._disabled, self._delivered):
                metric.remove(gone)
        for name in self._publisher.names:
            delivery = self._publisher.delivery(name)
            lag = await delivery.lag()
            self._lag_events.labels(name).set(lag.events)
            age_s = 0.0 if lag.oldest_at_ms is None else max(0.0, time.time() - lag.oldest_at_ms / 1000)
            self._lag_seconds.labels(name).set(age_s)
            self._dead.labels(name).set(lag.dead_letters)
            self._disabled.labels(name).set(delivery.state.disabled is not None)
            self._delivered.labels(name).inc(delivery.delivered - self._counted.get(name, 0))
            self._counted[name] = delivery.delivered

    async def _measure_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_EVERY_S)
            try:
                await self.measure()
            except JournalUnavailable as error:
                log.warning("publish_not_measured", error=str(error))
