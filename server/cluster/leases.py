"""The lease of a workshop, in Redis: who owns it, until when, and the epoch that fences everybody else off.

Theory of operation. The lease stands in the workshop's `head`, the hash that the append script looks at too, so that taking a workshop and
writing to it cannot happen side by side. `epoch` grows by one with every change of hands. An owner that is late stays the owner as long
as nobody else has asked; only then is the workshop taken from it. Who hands a workshop over names an *heir*: for a while nobody else may
take it, so that everybody arrives at the same place.

A lease that is renewed in time is counted by Redis's clock alone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rooms.ids import WorkshopId
from server.journal.redis_store import RedisStore, text

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function at(ms) return string.format('%.0f', now + ms) end
"""

_TAKE = (
    _NOW
    + """
local head = redis.call('HMGET', KEYS[1], 'owner', 'until', 'heir', 'heir_until', 'epoch', 'seq')
local me, name, lease, prefer, new = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
if not head[6] and new == '0' then return {'unknown', ''} end
if head[1] == me then
    redis.call('HSET', KEYS[1], 'until', at(lease))
    return {'mine', head[5]}
end
if head[1] and tonumber(head[2]) > now then return {'elsewhere', head[1]} end
local heir = head[3] and tonumber(head[4]) > now and head[3]
if heir and heir ~= name then return {'elsewhere', heir} end
if not heir and prefer ~= '' and prefer ~= name then
    if head[6] then redis.call('HSET', KEYS[1], 'heir', prefer, 'heir_until', at(ARGV[5])) end
    return {'elsewhere', prefer}
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'owner', me, 'until', at(lease))
redis.call('HDEL', KEYS[1], 'heir', 'heir_until')
return {'mine', tostring(epoch)}
"""
)
"""ARGV: node id, node name, lease in ms, name of the node that should have it or '', heir's time in ms, whether it may be new."""

_RENEW = (
    _NOW
    + """
local head = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'until', at(ARGV[3]))
return 1
"""
)

_RELEASE = (
    _NOW
    + """
local head = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'seq')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
if not head[3] then redis.call('DEL', KEYS[1]) return 1 end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HDEL', KEYS[1], 'owner', 'until')
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'heir', ARGV[3], 'heir_until', at(ARGV[4])) end
return 1
"""
)

_LOOK = (
    _NOW
    + """
local head = redis.call('HMGET', KEYS[1], 'owner', 'until', 'heir', 'heir_until')
if head[1] and tonumber(head[2]) > now then return head[1] end
if head[3] and tonumber(head[4]) > now then return head[3] end
return ''
"""
)

HEIR_MS = 5_000
"""How long a named heir has before anybody may take the workshop."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`mine` with the epoch; `elsewhere` with the owner's id (or the heir's name); `unknown`: there is no such workshop."""

    outcome: Literal["mine", "elsewhere", "unknown"]
    epoch: int = 0
    owner: str = ""


def name_of(node_id: str) -> str:
    """The name in a node's id (`name#incarnation`)."""
    return node_id.partition("#")[0]


class Leases:
    """`node_id` is `name#incarnation`: a process that is started anew is another owner. Every method may raise `JournalUnavailable`."""

    def __init__(self, store: RedisStore, node_id: str, lease_ms: int) -> None:
        self._store = store
        self._node_id = node_id
        self._lease_ms = lease_ms
        self._take = store.script(_TAKE)
        self._renew = store.script(_RENEW)
        self._release = store.script(_RELEASE)
        self._look = store.script(_LOOK)

    async def take(self, workshop_id: WorkshopId, *, prefer: str = "", new: bool = False) -> Taken:
        """Take the workshop, unless somebody else has it or should; `prefer` names the node that should if nobody has it."""
        arguments: list[str | int] = [
            *(self._node_id, name_of(self._node_id), self._lease_ms, prefer, HEIR_MS),
            int(new),
        ]
        async with self._store.calls():
            outcome, value = await self._take(keys=[self._head(workshop_id)], args=arguments)
        match text(outcome):
            case "mine":
                return Taken("mine", epoch=int(value))
            case "elsewhere":
                return Taken("elsewhere", owner=text(value))
            case _:
                return Taken("unknown")

    async def renew(self, held: Sequence[tuple[WorkshopId, int]]) -> list[WorkshopId]:
        """Renew leases by workshop and epoch; returns those that are lost."""
        async with self._store.calls():
            if self._store.cluster is not None:  # each at the node that has it; no scripts in a cluster's pipeline
                renewed = await asyncio.gather(*(self._renewed(*each) for each in held))
            else:
                pipeline: Any = self._store.redis.pipeline(transaction=False)
                for each in held:
                    await self._renewed(*each, client=pipeline)
                renewed = await pipeline.execute()
        return [workshop_id for (workshop_id, _), kept in zip(held, renewed, strict=True) if not kept]

    async def release(self, workshop_id: WorkshopId, epoch: int, heir: str = "") -> bool:
        """Give it up, for `heir` to take or, without one, for whoever is asked; whether it was still held."""
        async with self._store.calls():
            args: list[str | int] = [self._node_id, epoch, heir, HEIR_MS]
            return bool(await self._release(keys=[self._head(workshop_id)], args=args))

    async def owner(self, workshop_id: WorkshopId) -> str | None:
        """The id of who owns it (or the name of who should); None if nobody does."""
        async with self._store.calls():
            found = text(await self._look(keys=[self._head(workshop_id)]))
        return found or None

    async def _renewed(self, workshop_id: WorkshopId, epoch: int, client: Any = None) -> Any:
        args: list[str | int] = [self._node_id, epoch, self._lease_ms]
        return await self._renew(keys=[self._head(workshop_id)], args=args, client=client)

    def _head(self, workshop_id: WorkshopId) -> str:
        return self._store.of(workshop_id, "head")
