"""This node as one of many: registry, leases, passing on and handing over, put together and started in order."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from rooms.ids import WorkshopId
from server.arrivals import Arrivals
from server.cluster.handover import Handover
from server.cluster.leases import Leases
from server.cluster.ownership import Ownership
from server.cluster.passing import Passing
from server.cluster.registry import NodeInfo, Registry
from server.config import Settings
from server.gateway import Gateway
from server.journal.redis import RedisJournal
from server.media_bridge import MediaBridge
from server.publish.publisher import Publisher
from server.publish.reading import RecordReader
from server.speech import SpeechMeter
from server.workshops import Workshops

log = structlog.get_logger()

LOOPBACK = ("127.0.0.1", "localhost")
WILDCARDS = ("0.0.0.0", "::")


class Member:
    """Made first, because workshops and gateway ask it; `join` names the rest and `start` begins to take part.

    `measure` gives (load, workshops, sockets); `base_url` is this node's http://host:port, known once it listens.
    """

    def __init__(
        self,
        settings: Settings,
        journal: RedisJournal,
        api_key: str,
        version: str,
        measure: Callable[[], tuple[float, int, int]],
        base_url: Callable[[], str],
    ) -> None:
        self._settings = settings.cluster
        self._public_url = settings.public_url
        self._host = settings.host
        self._api_key = api_key
        self._version = version
        self._measure = measure
        self._base_url = base_url
        self.name = self._settings.node or f"{socket.gethostname()}-{settings.port}"[:63]
        self.node_id = f"{self.name}#{secrets.token_hex(4)}"
        self.draining = False
        self.on_draining: Callable[[], None] = lambda: None
        self.registry = Registry(journal.store, self.describe, self._settings.heartbeat_ms)
        leases = Leases(journal.store, self.node_id, self._settings.lease_ms)
        self.ownership = Ownership(journal, leases, self.registry, self.name, self._settings.lease_ms)
        self.passing = Passing(self.ownership, api_key, self._others)

    def join(
        self,
        workshops: Workshops,
        gateway: Gateway,
        bridge: MediaBridge,
        speech: SpeechMeter,
        publisher: Publisher,
        reader: RecordReader,
        arrivals: Arrivals,
    ) -> None:
        """Name the parts that follow what is owned."""
        self.workshops = workshops
        self.gateway = gateway
        self.arrivals = arrivals
        self.handover = Handover(
            *(
                self.name,
                self._api_key,
                self.registry,
                self.ownership,
                self.passing,
                workshops,
                gateway,
                bridge,
                speech,
            ),
            self._begin_draining,
        )

        def lost(workshop_id: WorkshopId) -> None:
            actor = workshops.drop(workshop_id)
            if actor is not None:
                bridge.forget(actor.state)

        def forget(workshop_id: WorkshopId) -> None:
            # What is kept of it here is not followed any more: another node may erase something.
            publisher.drop(workshop_id)
            reader.forget(workshop_id)

        self.ownership.on_lost = lost
        self.ownership.on_taken = publisher.take_up
        self.ownership.on_gone = forget
        self.ownership.loaded = workshops.in_memory
        self.registry.on_heard = gateway.tell_entries

    async def start(self) -> None:
        """Raises `server.cluster.registry.NameTaken` or `JournalUnavailable`."""
        await self.registry.start()
        await self.ownership.start()
        log.info("joined", node=self.node_id, url=self.url, nodes=len(self.registry.nodes))

    async def close(self) -> None:
        """After the workshops are closed: give up what is held, and be gone."""
        await self.handover.close()
        await self.ownership.close()
        await self.registry.close()
        await self.passing.close()

    async def drain(self) -> None:
        """Hand everything over; gives up after `drain_within_s`."""
        try:
            async with asyncio.timeout(self._settings.drain_within_s):
                await self.handover.drain()
        except TimeoutError:
            log.warning("drain_forced", workshops=len(self.workshops.loaded))

    @property
    def prefix(self) -> str:
        """Where this node is reached behind one host name with path routing."""
        return f"/n/{self.name}"

    @property
    def url(self) -> str:
        """Where browsers reach this node."""
        if self._settings.url is not None:
            return self._settings.url.rstrip("/")
        return self._base_url() if self._public_url is None else self._public_url + self.prefix

    def describe(self) -> NodeInfo:
        """This node, now."""
        load, workshops, sockets = self._measure()
        return NodeInfo(
            name=self.name,
            node_id=self.node_id,
            url=self.url,
            internal_url=self._settings.internal_url or self._internal_url(),
            load=round(load, 4),
            load_mark=self._settings.load_mark,
            workshops=workshops,
            sockets=sockets,
            draining=self.draining,
            version=self._version,
        )

    # ── server.gateway.Neighbours ────────────────────────────────────────────────────────────────────────────────────
    def entries(self) -> list[str]:
        """The public address first, then every node, this one and the silent ones last: whoever has lost this node tries the others."""
        others = [node.url for node in self.registry.nodes if node.name != self.name and not node.draining]
        silent = [node.url for node in self.registry.silent if node.name != self.name and not node.draining]
        return [*([] if self._public_url is None else [self._public_url]), *others, self.url, *silent]

    def origins(self) -> list[str]:
        """Those of the public address and of every node, as browsers write them."""
        urls = [node.url for node in self.registry.nodes]
        origins = {_origin(url) for url in (self._public_url, *urls) if url is not None}
        return [*origins, *(_other_name(each) for each in origins)]

    def _others(self) -> list[str]:
        return [node.internal_url for node in self.registry.nodes if node.name != self.name]

    def _begin_draining(self) -> None:
        self.draining = True
        self.on_draining()

    def _internal_url(self) -> str:
        port = urlsplit(self._base_url()).port or 80
        host = socket.gethostname() if self._host in WILDCARDS else self._host
        return f"http://{host}:{port}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _other_name(origin: str) -> str:
    """This machine has two names in browsers' address lines."""
    for one, other in (LOOPBACK, LOOPBACK[::-1]):
        if urlsplit(origin).hostname == one:
            return origin.replace(one, other, 1)
    return origin
