"""Sinks of single workshops: set over HTTP, kept durably, started and stopped while the server runs.

Theory of operation. What is stored is what shall run; `reconcile` compares the two and starts, replaces and stops deliveries. It runs after every change
here and every `RECONCILE_S`, so that a node hears of what was set at another. Which node delivers is not decided here but by the publisher's rights.

A sink is refused with the reason when it is set: settings that contradict themselves, a name that does not resolve or resolves to an address that may not be
called, credentials that the receiver does not take. That a receiver does not answer just now is no reason; its state will tell.
A sink's cursor is kept under `<name>@<workshop>`: set anew under the same name it goes on where it was, and removed it forgets.
"""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import aiohttp
import structlog
from pydantic import Field, TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from rooms.ids import WorkshopId
from server.journal.port import JournalUnavailable
from server.publish.ledger import Ledger
from server.publish.publisher import Publisher
from server.publish.settings import Name, RedisSinkSettings, WebhookSinkSettings, XapiSinkSettings
from server.publish.sink_store import SinkStore, StoredSink
from server.publish.sinks.addresses import is_public
from server.publish.sinks.xapi import XapiSink
from server.refusals import explain
from server.tasks import ended

log = structlog.get_logger()

RECONCILE_S = 30.0
CHECK_WITHIN_S = 5.0
MAX_SINKS_OF_A_WORKSHOP = 10
MAX_SINKS = 1_000
"""On all workshops together."""


class WorkshopWebhook(WebhookSinkSettings):
    name: Name = Field(default="-", description="Stands in the path.")


class WorkshopRedis(RedisSinkSettings):
    name: Name = Field(default="-", description="Stands in the path.")


class WorkshopXapi(XapiSinkSettings):
    name: Name = Field(default="-", description="Stands in the path.")


WorkshopSink = Annotated[WorkshopWebhook | WorkshopRedis | WorkshopXapi, Field(discriminator="kind")]
_SETTINGS: TypeAdapter[WorkshopWebhook | WorkshopRedis | WorkshopXapi] = TypeAdapter(WorkshopSink)
_NAME = TypeAdapter(Name)


class SinkRefused(Exception):
    """The sink cannot be set so; the message says why and what would be right, and repeats no secret."""


def full_name(workshop_id: WorkshopId, name: str) -> str:
    """Under which the publisher knows it."""
    return f"{name}@{workshop_id}"


class WorkshopSinks:
    """`private` permits sinks in private networks (and Redis, whose address is not looked at with every connection)."""

    def __init__(
        self, store: SinkStore, publisher: Publisher, ledger: Ledger, data_dir: Path, *, private: bool
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._ledger = ledger
        self._data_dir = data_dir
        self._private = private
        self._running: dict[tuple[WorkshopId, str], str] = {}
        """What runs → the settings it runs with."""
        self._changing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises `JournalUnavailable`."""
        await self.reconcile()
        self._task = asyncio.create_task(self._again_and_again(), name="workshop sinks")

    async def close(self) -> None:
        """The publisher stops the deliveries."""
        if self._task is not None:
            await ended(self._task)

    async def reconcile(self) -> None:
        async with self._changing:
            stored = {(each.workshop_id, each.name): each.settings for each in await self._store.all()}
            for gone in self._running.keys() - stored.keys():
                await self._stop(*gone)
            for place, settings in stored.items():
                if self._running.get(place) != settings:
                    await self._run(*place, settings)

    async def of(self, workshop_id: WorkshopId) -> dict[str, WorkshopWebhook | WorkshopRedis | WorkshopXapi]:
        """The workshop's sinks by name."""
        return {
            each.name: _SETTINGS.validate_json(each.settings)
            for each in await self._store.all()
            if each.workshop_id == workshop_id
        }

    async def put(self, workshop_id: WorkshopId, name: str, body: bytes) -> None:
        """Set a sink. Raises `SinkRefused`."""
        settings = _parsed(name, body)
        self._check_reach(settings)
        await check(settings)
        others = [each for each in await self._store.all() if (each.workshop_id, each.name) != (workshop_id, name)]
        if sum(each.workshop_id == workshop_id for each in others) >= MAX_SINKS_OF_A_WORKSHOP:
            raise SinkRefused(f"a workshop has at most {MAX_SINKS_OF_A_WORKSHOP} sinks of its own")
        if len(others) >= MAX_SINKS:
            raise SinkRefused(f"all workshops together have at most {MAX_SINKS} sinks of their own")
        await self._store.put(StoredSink(workshop_id, name, body.decode()))
        await self.reconcile()

    async def remove(self, workshop_id: WorkshopId, name: str) -> bool:
        """Returns whether there was one."""
        if name not in await self.of(workshop_id):
            return False
        await self._store.remove(workshop_id, name)
        await self.reconcile()
        await self._ledger.forget_sink(full_name(workshop_id, name))
        return True

    async def remove_all(self, workshop_id: WorkshopId) -> None:
        """The workshop is deleted."""
        for name in await self.of(workshop_id):
            await self.remove(workshop_id, name)

    async def _again_and_again(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_S)
            try:
                await self.reconcile()
            except JournalUnavailable as error:
                log.warning("workshop_sinks_not_read", error=str(error))

    async def _run(self, workshop_id: WorkshopId, name: str, settings: str) -> None:
        replaced = (workshop_id, name) in self._running
        try:
            named = _SETTINGS.validate_json(settings).model_copy(update={"name": full_name(workshop_id, name)})
        except ValidationError as error:  # set by a version that knew other settings
            log.error("workshop_sink_not_understood", workshop_id=workshop_id, sink=name, reason=explain(error))
            return
        sink = named.sink(self._data_dir)
        await self._publisher.add(sink, workshop_id)
        self._running[workshop_id, name] = settings
        if replaced:
            await self._publisher.delivery(sink.name).enable()  # whatever had disabled it may be put right now

    async def _stop(self, workshop_id: WorkshopId, name: str) -> None:
        await self._publisher.remove(full_name(workshop_id, name))
        del self._running[workshop_id, name]

    def _check_reach(self, settings: WorkshopWebhook | WorkshopRedis | WorkshopXapi) -> None:
        if self._private:
            return
        setting = "the server's setting publish.workshop_sinks_private permits it"
        if isinstance(settings, RedisSinkSettings):
            raise SinkRefused(f"redis: a workshop's own sink cannot be a Redis here; {setting}")
        if settings.allow_private_addresses or settings.allow_http:
            raise SinkRefused(
                f"allow_private_addresses and allow_http are not possible for a workshop's own sink here; {setting}"
            )


def _parsed(name: str, body: bytes) -> WorkshopWebhook | WorkshopRedis | WorkshopXapi:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        raise SinkRefused("name: 1 to 40 small letters, digits and `-`, beginning with a letter") from None
    try:
        return _SETTINGS.validate_json(body)
    except ValidationError as error:
        raise SinkRefused(explain(error).removesuffix(".")) from None


async def check(settings: WebhookSinkSettings | RedisSinkSettings | XapiSinkSettings) -> None:
    """Look at the receiver. Raises `SinkRefused` for what will not mend by itself."""
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            match settings:
                case WebhookSinkSettings():
                    await _check_host(str(settings.url), settings.allow_private_addresses)
                case XapiSinkSettings():
                    await _check_host(str(settings.endpoint), settings.allow_private_addresses)
                    await _check_lrs(settings)
                case RedisSinkSettings():
                    await _check_redis(settings)
    except TimeoutError:  # it may be there later
        return


async def _check_host(url: str, allow_private: bool) -> None:
    host = urlsplit(url).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise SinkRefused(f"{host} has no address: is the name right?") from None
    wrong = next((each[4][0] for each in found if not allow_private and not is_public(str(each[4][0]))), None)
    if wrong is not None:
        raise SinkRefused(f"{host} is {wrong}, which is not a public address (allow_private_addresses permits it)")


async def _check_lrs(settings: XapiSinkSettings) -> None:
    sink = settings.sink(Path())
    assert isinstance(sink, XapiSink)
    await sink.open()
    try:
        status = await sink.probe()
    except (aiohttp.ClientError, OSError):
        return
    finally:
        await sink.close()
    if status == 401:
        raise SinkRefused("the LRS does not take these credentials (401)")
    if status == 404:
        raise SinkRefused("there is no LRS at this endpoint (404): /statements is added to it")


async def _check_redis(settings: RedisSinkSettings) -> None:
    redis: Redis = Redis.from_url(settings.url.get_secret_value(), socket_connect_timeout=CHECK_WITHIN_S)
    try:
        await redis.exists(settings.stream)
    except AuthenticationError:
        raise SinkRefused("redis: the password is not right") from None
    except (RedisError, OSError) as error:
        if "NOPERM" in str(error) or "NOAUTH" in str(error) or "WRONGPASS" in str(error):
            raise SinkRefused("redis: these credentials may not write this stream") from None
    finally:
        with suppress(RedisError, OSError):
            await redis.aclose()
