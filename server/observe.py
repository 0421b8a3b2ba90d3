"""Logs and metrics. No personal data and no secret in either; labels are bounded (codes, command types), never ids."""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
        self.slow_clients = Counter("atelier_slow_clients", "Clients cut for not reading.", registry=self.registry)


def configure_logging(level: str) -> None:
    """Structured lines on standard error: for people on a terminal, JSON elsewhere."""
    tty = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if tty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
