"""Events to a Redis stream, for any number of consumer groups.

An entry has the fields `id`, `source`, `type` and `event` (the CloudEvent in JSON). Nothing is added twice: beside the stream stands, for each
workshop, the id that was added last, and one script skips what a repeated batch has up to that id and adds the rest. So a crash
between the delivery and the cursor leaves the stream whole and without repetition (a replay that somebody asked for does add
everything again).

The stream is bounded without losing anything: what every group has acknowledged is trimmed, and when `max_length` entries are still
wanted by the slowest group, nothing more is added until it catches up; the journal keeps the rest. A stream that no group
reads keeps its latest `max_length` entries.

When somebody's texts are erased, they are taken out of the entries too (`redis_rewriting`), and Redis is asked to write its files anew.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from rooms.ids import WorkshopId
from server.publish.cloudevents import CloudEvent, source_of
from server.publish.sink import Later
from server.publish.sinks.redis_rewriting import REWRITE

_ADD = """
local last, from = redis.call('HGET', KEYS[2], ARGV[1]), 2
if last then
    for i = 2, #ARGV, 3 do
        if ARGV[i] == last then from = i + 3 end
    end
end
local added = 0
for i = from, #ARGV, 3 do
    redis.call('XADD', KEYS[1], '*', 'id', ARGV[i], 'source', ARGV[1], 'type', ARGV[i + 1], 'event', ARGV[i + 2])
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[i])
    added = added + 1
end
return added
"""
"""KEYS: stream, hash of last ids. ARGV: source, then (id, type, JSON) for each event."""

_TRIM_EVERY = 1_000
"""Entries added between two looks at what can be trimmed."""


class RedisStreamSink:
    """Adds to `stream` at `url` (redis:// or rediss://). On a Redis Cluster the name must have a hash tag, as the default has."""

    max_batch = 500
    lanes = 4
    give_up_after_ms = None

    def __init__(self, name: str, url: str, *, stream: str, max_length: int, timeout_s: float = 5.0) -> None:
        self.name = name
        self._stream = stream
        self._last_ids = f"{stream}:last"
        self._max_length = max_length
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, max_connections=self.lanes + 1
        )
        self._add = self._redis.register_script(_ADD)
        self._rewrite = self._redis.register_script(REWRITE)
        self._room = 0
        """Entries that may be added before the length is looked at again."""

    async def open(self) -> None:
        """Connects with the first batch."""

    async def close(self) -> None:
        await self._redis.aclose()

    async def rewound(self, workshop_id: WorkshopId | None) -> None:
        try:
            if workshop_id is None:
                await self._redis.delete(self._last_ids)
            else:
                await self._redis.hdel(self._last_ids, source_of(workshop_id))
        except (RedisError, OSError) as error:
            raise Later(_plain(error)) from error

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        arguments: list[str] = [events[0]["source"]]
        for event in events:
            arguments += [event["id"], event["type"], _json(event)]
        try:
            if self._room < len(events):
                await self._make_room()
            await self._add(keys=[self._stream, self._last_ids], args=arguments)
            self._room -= len(events)
        except (RedisError, OSError) as error:
            self._room = 0
            raise Later(_plain(error)) from error

    async def retold(self, workshop_id: WorkshopId, changed: Mapping[str, CloudEvent]) -> None:
        arguments: list[str] = []
        for event_id, event in changed.items():
            arguments += [event_id, _json(event)]
        try:
            await self._rewrite(keys=[self._stream, f"{self._stream}:rewriting"], args=arguments)
            with suppress(ResponseError):  # it does so already, or this user may not ask for it
                await self._redis.bgrewriteaof()
        except (RedisError, OSError) as error:
            raise Later(_plain(error)) from error

    async def _make_room(self) -> None:
        groups = await self._groups()
        if groups:
            await self._redis.xtrim(self._stream, minid=min(groups.values(), key=_order), approximate=False)
            length = await self._redis.xlen(self._stream)
            if length >= self._max_length:
                slowest = min(groups, key=lambda group: _order(groups[group]))
                raise Later(f"the stream is full: {length} entries are waiting for the consumer group {slowest!r}")
        else:
            await self._redis.xtrim(self._stream, maxlen=self._max_length, approximate=True)
            length = 0
        self._room = min(_TRIM_EVERY, max(self.max_batch, self._max_length - length))

    async def _groups(self) -> dict[str, str]:
        """Consumer group → the first entry that it still needs."""
        if not await self._redis.exists(self._stream):
            return {}
        needed: dict[str, str] = {}
        for group in await self._redis.xinfo_groups(self._stream):
            name = _text(group["name"])
            needed[name] = _after(_text(group["last-delivered-id"]))
            if group["pending"]:
                pending: Any = await self._redis.xpending(self._stream, name)
                if pending["min"] is not None:
                    needed[name] = _text(pending["min"])
        return needed


def _json(event: CloudEvent) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)


def _after(entry_id: str) -> str:
    milliseconds, number = _order(entry_id)
    return f"{milliseconds}-{number + 1}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _plain(error: Exception) -> str:
    """What happened, without the URL, which may hold a password."""
    if isinstance(error, RedisError) and type(error).__module__.startswith("redis") and str(error)[:1].isupper():
        code = str(error).split(" ", 1)[0].strip(":")
        return f"Redis: {type(error).__name__}" + (f" ({code})" if code.isupper() else "")
    return f"Redis: {type(error).__name__}"
