"""Which nodes there are: each says every `heartbeat_ms` where it is and how busy, and hears of the others in the same call.

A node that has been silent for three heartbeats takes nothing any more; for a minute it is known as silent, because it may only have
been held up, and clients turn to it when they find nobody else. What was heard last stays known while Redis is away.
"""

import asyncio
import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from server.journal.port import JournalUnavailable
from server.journal.redis_store import RedisStore
from server.tasks import ended

log = structlog.get_logger()

SILENT_BEATS = 3
KNOWN_SILENT_MS = 60_000
PLACED_LOAD = 0.01
"""What a workshop counts that was sent to a node since its last heartbeat, so that a burst is spread."""

_BEAT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] ~= '' then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now + ARGV[3]))
end
local live, silent, all = {}, {}, redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
    local ends = tonumber(all[i + 1])
    if ends > now then
        table.insert(live, redis.call('HGET', KEYS[1], all[i]))
    elseif ends < now - ARGV[4] then
        redis.call('HDEL', KEYS[1], all[i])
        redis.call('HDEL', KEYS[2], all[i])
    else
        table.insert(silent, redis.call('HGET', KEYS[1], all[i]))
    end
end
return {live, silent}
"""

_LEAVE = """
local told = redis.call('HGET', KEYS[1], ARGV[1])
if told and string.find(told, ARGV[2], 1, true) then
    redis.call('HDEL', KEYS[1], ARGV[1])
    redis.call('HDEL', KEYS[2], ARGV[1])
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo:
    """What a node says of itself. `node_id` is name#incarnation; `load` is 0 (idle) to 1 (full), `load_mark` where it takes nothing new."""

    name: str
    node_id: str
    url: str
    internal_url: str
    load: float = 0.0
    load_mark: float = 1.0
    workshops: int = 0
    sockets: int = 0
    draining: bool = False
    version: str = ""


class NameTaken(Exception):
    """Another living node has this node's name."""


class Registry:
    """`me` is asked at every heartbeat, and `on_heard` called after it."""

    def __init__(self, store: RedisStore, me: Callable[[], NodeInfo], heartbeat_ms: int) -> None:
        self._store = store
        self._me = me
        self._heartbeat_s = heartbeat_ms / 1000
        self._beat = store.script(_BEAT)
        self._leave = store.script(_LEAVE)
        self._keys = [store.common("nodes"), store.common("nodes", "until")]
        self._nodes: dict[str, NodeInfo] = {}
        self.silent: list[NodeInfo] = []
        """Those that said nothing for three heartbeats, less than a minute ago."""
        self.on_heard: Callable[[], None] = lambda: None
        self._placed: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None
        self.reached = True
        """Whether the last heartbeat reached Redis."""

    async def start(self) -> None:
        """Announce this node. Raises `NameTaken`, or `JournalUnavailable`.

        A former process of the same name may still be listed: it is waited for until it would be gone.
        """
        me = self._me()
        other: NodeInfo | None = None
        try:
            async with asyncio.timeout(self._heartbeat_s * (SILENT_BEATS + 5)):
                while True:
                    live, _ = await self._call("")
                    other = live.get(me.name)
                    if other is None or other.node_id == me.node_id:
                        break
                    await asyncio.sleep(self._heartbeat_s / 4)
        except TimeoutError:
            where = "" if other is None else f" at {other.url}"
            raise NameTaken(f"there is another node named {me.name!r}{where}; names are unique") from None
        await self.beat()
        self._task = asyncio.create_task(self._beat_again_and_again(), name="heartbeat")

    async def close(self) -> None:
        """Say that this node is gone; if Redis is away, it is found out."""
        if self._task is not None:
            await ended(self._task)
            try:
                async with self._store.calls():
                    await self._leave(keys=self._keys, args=[self._me().name, self._me().node_id])
            except JournalUnavailable:
                log.info("left_without_saying")

    async def beat(self) -> None:
        """Say now how this node is, and hear of the others. Raises `JournalUnavailable`."""
        self._nodes, silent = await self._call(json.dumps(dataclasses.asdict(self._me())))
        self.silent = [node for _, node in sorted(silent.items())]
        self._placed.clear()
        self.on_heard()
        await self._store.ask_time()

    @property
    def nodes(self) -> list[NodeInfo]:
        """Those that are there, this one among them, by name; the loads include what was just sent to them."""
        return [
            dataclasses.replace(node, load=node.load + PLACED_LOAD * self._placed[node.name])
            for _, node in sorted(self._nodes.items())
        ]

    def find(self, name: str) -> NodeInfo | None:
        return self._nodes.get(name)

    def placed(self, name: str) -> None:
        """A workshop was sent to this node."""
        self._placed[name] += 1

    async def _call(self, told: str) -> tuple[dict[str, NodeInfo], dict[str, NodeInfo]]:
        """Those that are there and those that are silent, by name."""
        ttl_ms = int(self._heartbeat_s * 1000 * SILENT_BEATS)
        async with self._store.calls():
            live, silent = await self._beat(keys=self._keys, args=[self._me().name, told, ttl_ms, KNOWN_SILENT_MS])
        return _by_name(live), _by_name(silent)

    async def _beat_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            try:
                await self.beat()
                self.reached = True
            except JournalUnavailable as error:
                if self.reached:
                    log.warning("heartbeat_failed", error=str(error))
                self.reached = False


def _by_name(said: list[bytes]) -> dict[str, NodeInfo]:
    known = {field.name for field in dataclasses.fields(NodeInfo)}
    found = [json.loads(each) for each in said]  # a newer version may say more of itself
    nodes = [NodeInfo(**{name: value for name, value in each.items() if name in known}) for each in found]
    return {node.name: node for node in nodes}
