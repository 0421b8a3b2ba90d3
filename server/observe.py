"""Logs and metrics. No personal data and no secret in either; labels are bounded (codes, command types), never ids."""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from structlog.typing import Processor


class Metrics:
    """This node's metrics in a registry of their own, so that two servers in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sockets = Gauge("atelier_sockets", "Open sockets.", registry=self.registry)
        self.commands = Counter("atelier_commands", "Commands carried out.", ["type"], registry=self.registry)
        self.command_seconds = Histogram(
            "atelier_command_seconds",
            "From a command's arrival to its durable answer.",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
            registry=self.registry,
        )
        self.refused = Counter("atelier_refusals", "Refusals by code.", ["code"], registry=self.registry)
        self.loop_lag = Histogram(
            "atelier_event_loop_lag_seconds",
            "How much later than asked a timer of the event loop comes.",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=self.registry,
        )
        self.append_seconds = Histogram(
            "atelier_append_seconds",
            "Time the journal takes to make events durable.",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
            registry=self.registry,
        )
        self.http_seconds = Histogram(
            "atelier_http_seconds",
            "HTTP calls, but for those that become sockets.",
            ["method", "status"],
            buckets=(0.005, 0.025, 0.1, 0.5, 2.5, 10),
            registry=self.registry,
        )
        self.auth_failures = Counter(
            "atelier_auth_failures", "Wrong or expired keys and tokens.", ["where"], registry=self.registry
        )
        for where in ("http", "socket"):
            self.auth_failures.labels(where)
        ProcessCollector(registry=self.registry)
        self.slow_clients = Counter("atelier_slow_clients", "Clients cut for not reading.", registry=self.registry)


def configure_logging(level: str) -> None:
    """One structured line an event on standard error: for people on a terminal, JSON elsewhere; the libraries' too."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("engineio.server", "socketio.server"):  # with a level of their own they add no handler of their own
        logging.getLogger(name).setLevel(logging.ERROR)
