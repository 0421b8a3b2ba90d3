"""The journal on Redis streams: for many nodes.

Theory of operation. A workshop is a stream whose entry `<seq>-0` is its event `seq`. One Lua script appends: it checks the writer's *epoch*
(a fencing token; `server.cluster` raises it whenever a workshop changes hands), then the expected seq, then that every key that seals
personal text is still alive, and only then writes events, answers and the new end. Redis runs a script alone, so an append is whole
or not at all, and a writer that has been overtaken can add nothing, however late it wakes up. Appends of many workshops travel together
(`redis_appender`).

Keys of a workshop, all with its hash tag: `head` (hash: seq, at, epoch; and the lease), `log` (the stream), `answers` (hash: actor/command id →
seq), `people` (hash: person → key id), `seals` (hash: key id → secret). A sorted set of all workshops stands beside them.

What an acknowledgement means is decided by Redis's configuration, and `open` refuses one that keeps nothing: with `appendfsync
always` the events are on disk; with `everysec` a crash of Redis's machine may take the last second or two, a crash of its process
nothing. `wait_replicas` makes every append wait until so many replicas have it (WAITAOF where the server has it, else WAIT).

An append whose answer is lost may have happened. Sent once more, it recognises itself (the stream ends with its own last event)
and counts as done; after `JournalUnavailable` the actor reads what follows its last seq before it goes on.
"""

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rooms import codec
from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId
from rooms.messages import personal_fields
from server.journal import sealing
from server.journal.port import (
    READ_LIMIT,
    CommandKey,
    Entry,
    Fenced,
    JournalUnavailable,
    Repeated,
    StoredWorkshop,
    WorkshopDeleted,
    WrongSeq,
    check_numbers,
)
from server.journal.redis_appender import Appender
from server.journal.redis_store import RedisStore, awaited, text
from server.journal.sealing import PersonKey

_APPEND = """
local head, log, answers, people, seals = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local state = redis.call('HMGET', head, 'seq', 'epoch', 'deleted')
local seq, epoch = tonumber(state[1] or '0'), state[2] or '0'
if state[3] then return {'deleted', ''} end
if epoch ~= ARGV[1] then return {'epoch', epoch} end
local at, keys = 5, tonumber(ARGV[4])
if seq ~= tonumber(ARGV[2]) then
    local last = ARGV[#ARGV]
    local ends = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
    if last ~= '' and ends[1] and ends[1][1] .. table.concat(ends[1][2]) == last then return {'ok', seq} end
    return {'seq', seq}
end
if ARGV[3] ~= '' then
    local place = at + 3 * keys
    while place < #ARGV do
        if redis.call('HEXISTS', answers, ARGV[place]) == 1 then return {'repeated', ''} end
        place = place + 2 + 4 * tonumber(ARGV[place + 1])
    end
end
for i = 1, keys do
    local person, key, secret = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local alive = redis.call('HGET', people, person)
    if (alive and alive ~= key) or (not alive and secret == '') then return {'key', person} end
    at = at + 3
end
at = 5
for i = 1, keys do
    if ARGV[at + 2] ~= '' and redis.call('HSETNX', people, ARGV[at], ARGV[at + 1]) == 1 then
        redis.call('HSET', seals, ARGV[at + 1], ARGV[at + 2])
    end
    at = at + 3
end
local when
while at < #ARGV do
    local answer, events = ARGV[at], tonumber(ARGV[at + 1])
    at = at + 2
    for i = 1, events do
        seq, when = seq + 1, ARGV[at]
        redis.call('XADD', log, seq .. '-0', 'at', when, 'actor', ARGV[at + 1], 'command', ARGV[at + 2], 'event', ARGV[at + 3])
        at = at + 4
    end
    redis.call('HSETNX', answers, answer, seq)
end
if when then redis.call('HSET', head, 'seq', seq, 'at', when) end
return {'ok', seq}
"""
"""ARGV: epoch, expected seq, 'once' or '', number of keys, (person, key id, new secret or '') each; (answer, number of events, (at, actor,
command, event) each) each; last: the last event as it stands in the stream, by which an append that is repeated recognises itself, or ''."""

_ERASE = """
local erased = 0
for i = 1, #ARGV do
    local key = redis.call('HGET', KEYS[1], ARGV[i])
    if key then
        redis.call('HDEL', KEYS[1], ARGV[i])
        redis.call('HDEL', KEYS[2], key)
        erased = erased + 1
    end
end
return erased
"""

_DELETE = """
local state = redis.call('HMGET', KEYS[1], 'seq', 'epoch')
if (state[2] or '0') ~= ARGV[1] then return {'epoch', state[2] or '0'} end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
redis.call('HSET', KEYS[1], 'deleted', 1, 'seq', 0)
return {'ok', state[1] or '0'}
"""
"""KEYS: head, and what goes. ARGV: epoch."""

_INDEX = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[2]), ARGV[1])
end
"""

REWRITE_WITHIN_S = 60.0
"""How long an erasure waits for Redis to rewrite its files."""
MAX_KEYS_CACHED = 20_000
"""Persons' keys kept in memory; the script refuses one that was erased meanwhile, so a cached key is never wrong for long."""
OLDEST_REDIS = (7, 0)


class RedisJournal:
    """`server.journal.port.Journal` on `store`, which it opens and closes."""

    def __init__(
        self, store: RedisStore, *, wait_replicas: int = 0, wait_s: float = 1.0, allow_volatile: bool = False
    ) -> None:
        self.store = store
        self._wait = (wait_replicas, int(wait_s * 1000)) if wait_replicas else ()
        self._allow_volatile = allow_volatile
        self._epochs: dict[WorkshopId, int] = {}
        self._keys: dict[tuple[WorkshopId, ParticipantId], PersonKey] = {}
        self._appender = Appender(store, store.script(_APPEND), wait_replicas)
        self._erase = store.script(_ERASE)
        self._delete = store.script(_DELETE)
        self._index = store.script(_INDEX)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def open(self) -> None:
        """Raises `JournalUnavailable` where Redis is not there, is too old, or would keep nothing."""
        await self.store.open()
        try:
            await self._check()
        except BaseException:
            await self.store.close()
            raise

    async def close(self) -> None:
        await self.store.close()

    async def _check(self) -> None:
        if self._wait and self.store.cluster is not None:
            raise JournalUnavailable(
                "redis.wait_replicas cannot be had with a Redis Cluster; set `min-replicas-to-write 1` on its nodes instead"
            )
        async with self.store.calls():
            infos = await self.store.infos()
        for info in infos:
            self._check_one(info)
        if self._wait:
            to_disk = all(_version(info) >= (7, 2) for info in infos)
            self._appender.wait = ("WAITAOF", 1, *self._wait) if to_disk else ("WAIT", *self._wait)

    def _check_one(self, info: Mapping[str, Any]) -> None:
        if _version(info) < OLDEST_REDIS:
            raise JournalUnavailable(f"Redis {info['redis_version']} is too old; 7.0 or later is needed")
        if not info.get("aof_enabled") and not self._allow_volatile:
            raise JournalUnavailable(
                "this Redis writes nothing to disk as it happens (appendonly is off), so an acknowledged command could be "
                "lost; set `appendonly yes` and `appendfsync always` there, or redis.allow_volatile here"
            )
        if info.get("maxmemory") and info.get("maxmemory_policy") != "noeviction":
            raise JournalUnavailable(
                f"this Redis throws keys away when it is full (maxmemory-policy {info.get('maxmemory_policy')}); "
                "set `maxmemory-policy noeviction`"
            )

    # ── ownership ────────────────────────────────────────────────────────────────────────────────────────────────────
    def hold(self, workshop_id: WorkshopId, epoch: int) -> None:
        """Append to this workshop with `epoch` from now on (0 as long as nobody has claimed it)."""
        self._epochs[workshop_id] = epoch

    def epoch_of(self, workshop_id: WorkshopId) -> int:
        """The epoch that this node writes with."""
        return self._epochs.get(workshop_id, 0)

    def let_go(self, workshop_id: WorkshopId) -> None:
        """This node is not the workshop's owner any more."""
        self._epochs.pop(workshop_id, None)
        for each in [each for each in self._keys if each[0] == workshop_id]:
            del self._keys[each]

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def append(
        self, workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Entry], *, once: bool = False
    ) -> None:
        check_numbers(expected_seq, entries)
        # Shielded, because a call that is cancelled half-way would leave a connection with an answer nobody reads.
        work = asyncio.ensure_future(self._append_now(workshop_id, expected_seq, entries, once))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.shield(work)
        finally:
            del work  # its exception holds this frame

    async def _append_now(
        self, workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Entry], once: bool
    ) -> None:
        epoch = self.epoch_of(workshop_id)
        async with self.store.calls():
            if expected_seq == 0:  # first, so that a workshop with events is always in the list
                await self._index(
                    keys=[self.store.common("workshops"), self.store.common("workshops", "count")], args=[workshop_id]
                )
            while True:
                arguments = await self._arguments(workshop_id, entries)
                keys = [self.store.of(workshop_id, each) for each in ("head", "log", "answers", "people", "seals")]
                outcome, told = await self._appender.run(
                    keys, [epoch, expected_seq, "once" if once else "", *arguments]
                )
                if outcome != b"key":
                    break
                # Another node has erased this person, or given them another key: seal with the one that counts.
                self._keys.pop((workshop_id, ParticipantId(text(told))), None)
            if outcome == b"deleted":
                raise WorkshopDeleted(workshop_id)
            if outcome == b"epoch":
                raise Fenced(workshop_id, held=epoch, actual=int(told))
            if outcome == b"repeated":
                raise Repeated(workshop_id)
            if outcome == b"seq":
                raise WrongSeq(workshop_id, expected=expected_seq, actual=int(told))

    async def _arguments(self, workshop_id: WorkshopId, entries: Sequence[Entry]) -> list[Any]:
        """See `_APPEND`; without what stands before the keys."""
        people = {
            recorded_person for entry in entries for recorded in entry.events for recorded_person in _subjects(recorded)
        }
        keys = await self._keys_of(workshop_id, people)
        body: list[Any] = []
        last = ""
        for entry in entries:
            body += [_answer(entry.command), len(entry.events)]
            for recorded in entry.events:
                payload = sealing.seal(
                    codec.encode(recorded.event),
                    personal_fields(type(recorded.event)),
                    lambda person: keys[person][0],
                    workshop_id,
                    recorded.seq,
                )
                event = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
                body += [recorded.at_ms, recorded.actor, recorded.command_id, event]
                last = (
                    f"{recorded.seq}-0at{recorded.at_ms}actor{recorded.actor}command{recorded.command_id}event{event}"
                )
        sealed: list[Any] = [len(keys)]
        for person, (key, new) in keys.items():
            sealed += [person, key.key_id, base64.b64encode(key.secret) if new else ""]
        return [*sealed, *body, last]

    async def _keys_of(
        self, workshop_id: WorkshopId, people: set[ParticipantId]
    ) -> dict[ParticipantId, tuple[PersonKey, bool]]:
        """Each person's key and whether it is new."""
        missing = [person for person in people if (workshop_id, person) not in self._keys]
        fresh: set[ParticipantId] = set()
        if missing:
            ids = await awaited(self.store.redis.hmget(self.store.of(workshop_id, "people"), missing))
            for person, key_id in zip(missing, ids, strict=True):
                secret = None if key_id is None else await self._secret(workshop_id, text(key_id))
                if key_id is not None and secret is not None:
                    self._remember(workshop_id, person, PersonKey(text(key_id), secret))
                else:
                    fresh.add(person)
        return {
            # A new key is remembered only once it is found in the store: the append may fail.
            person: (sealing.new_key(), True) if person in fresh else (self._keys[workshop_id, person], False)
            for person in people
        }

    def _remember(self, workshop_id: WorkshopId, person: ParticipantId, key: PersonKey) -> None:
        if len(self._keys) >= MAX_KEYS_CACHED:
            self._keys.clear()
        self._keys[workshop_id, person] = key

    async def _secret(self, workshop_id: WorkshopId, key_id: str) -> bytes | None:
        secret = await awaited(self.store.redis.hget(self.store.of(workshop_id, "seals"), key_id))
        return None if secret is None else base64.b64decode(secret)

    async def erase_person(self, workshop_id: WorkshopId, *participant_ids: ParticipantId) -> bool:
        """Also has Redis rewrite its append-only file, so that no byte of the key stays in it; `JournalUnavailable` if that does not
        end in time: the key is gone then, and asking again finishes the work."""
        async with self.store.calls():
            keys = [self.store.of(workshop_id, "people"), self.store.of(workshop_id, "seals")]
            erased = bool(await self._erase(keys=keys, args=participant_ids))
            for each in participant_ids:
                self._keys.pop((workshop_id, each), None)
            await self._rewrite_files()
        return erased

    async def delete_workshop(self, workshop_id: WorkshopId) -> bool:
        """Raises `Fenced` where another node has it."""
        epoch = self.epoch_of(workshop_id)
        parts = ("head", "log", "answers", "people", "seals", "cursors")
        async with self.store.calls():
            outcome, told = await self._delete(keys=[self.store.of(workshop_id, each) for each in parts], args=[epoch])
            if outcome == b"epoch":
                raise Fenced(workshop_id, held=epoch, actual=int(told))
            await self.store.redis.zrem(self.store.common("workshops"), workshop_id)
            self.let_go(workshop_id)
            await self._rewrite_files()
        return int(told) > 0

    async def _rewrite_files(self) -> None:
        try:
            async with asyncio.timeout(REWRITE_WITHIN_S):
                await self._until_rewritten()  # one that is under way has begun before the key was gone
                if any(each.get("aof_enabled") for each in await self.store.infos("persistence")):
                    await self.store.rewrite_aof()
                    await self._until_rewritten()
        except TimeoutError:
            raise JournalUnavailable("Redis has not rewritten its files yet; erase again to finish") from None

    async def _until_rewritten(self) -> None:
        while True:
            states = await self.store.infos("persistence")
            busy = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
            if not any(state.get(each) for state in states for each in busy):
                return
            await asyncio.sleep(0.02)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def read(self, workshop_id: WorkshopId, after_seq: int, limit: int = READ_LIMIT) -> list[Recorded]:
        async with self.store.calls():
            stream = self.store.of(workshop_id, "log")
            entries: Any = await self.store.redis.xrange(stream, min=f"{after_seq + 1}-0", max="+", count=limit)
            payloads = [json.loads(fields[b"event"]) for _, fields in entries]
            ids = sorted({key_id for payload in payloads for key_id in sealing.key_ids(payload)})
            found = await awaited(self.store.redis.hmget(self.store.of(workshop_id, "seals"), ids)) if ids else []
        secrets = {
            key_id: None if secret is None else base64.b64decode(secret)
            for key_id, secret in zip(ids, found, strict=True)
        }
        return [
            Recorded(
                seq=(seq := int(text(entry_id).partition("-")[0])),
                at_ms=int(fields[b"at"]),
                actor=ParticipantId(text(fields[b"actor"])),
                command_id=text(fields[b"command"]),
                event=codec.decode(sealing.unseal(payload, secrets.get, workshop_id, seq)),
            )
            for (entry_id, fields), payload in zip(entries, payloads, strict=True)
        ]

    async def answers(self, workshop_id: WorkshopId, commands: Sequence[CommandKey]) -> Mapping[CommandKey, int]:
        async with self.store.calls():
            if not commands:
                return {}
            fields = [_answer(key) for key in commands]
            found = await awaited(self.store.redis.hmget(self.store.of(workshop_id, "answers"), fields))
        return {key: int(seq) for key, seq in zip(commands, found, strict=True) if seq is not None}

    async def workshops(self) -> list[StoredWorkshop]:
        async with self.store.calls():
            listed = [
                WorkshopId(text(each)) for each in await self.store.redis.zrange(self.store.common("workshops"), 0, -1)
            ]
            pipeline = self.store.redis.pipeline(transaction=False)
            for workshop_id in listed:
                pipeline.hmget(self.store.of(workshop_id, "head"), ["seq", "at"])
            heads = await pipeline.execute()
        return [
            StoredWorkshop(workshop_id=workshop_id, last_seq=int(seq), last_at_ms=int(at))
            for workshop_id, (seq, at) in zip(listed, heads, strict=True)
            if seq is not None
        ]


def _version(info: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])


def _answer(key: CommandKey) -> str:
    return f"{key.actor}/{key.command_id}"  # no actor's id holds a slash


def _subjects(recorded: Recorded) -> list[ParticipantId]:
    """The people whose keys seal something in this event."""
    event = recorded.event
    return [getattr(event, subject) for field, subject in personal_fields(type(event)).items() if getattr(event, field)]
