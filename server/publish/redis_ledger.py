"""The ledger in the journal's Redis. A workshop's cursors stand beside its log, so the script that moves one checks the owner's epoch
like an append does: a node that has been overtaken cannot move the cursor of the one that publishes now.

A dead letter is noted before the cursor passes it, under another hash tag; a crash in between notes it once more, and the
event's id keeps it single.
"""

import json
from typing import Any

from rooms.ids import WorkshopId
from server.journal.port import Fenced
from server.journal.redis import RedisJournal
from server.journal.redis_store import awaited, text
from server.publish.ledger import BEGINNING, FORGOTTEN, DeadLetter, Lag, Position, SinkState

_ADVANCE = """
local epoch = redis.call('HGET', KEYS[1], 'epoch') or '0'
if epoch ~= ARGV[1] then return epoch end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return false
"""

_REWIND = """
local seq, part = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+):(%d+)$')
if not seq then return end
seq, part = tonumber(seq), tonumber(part)
local to_seq, to_part = tonumber(ARGV[2]), tonumber(ARGV[3])
if to_seq == 0 and to_part == 0 then return redis.call('HDEL', KEYS[1], ARGV[1]) end
if seq > to_seq or (seq == to_seq and part > to_part) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3]) end
"""
"""KEYS: the workshop's cursors. ARGV: sink, seq and part to go back to."""

_BURY_LATER = """
for i = 2, #ARGV, 2 do
    if redis.call('HSETNX', KEYS[2], ARGV[i], 0) == 1 then
        local ref = redis.call('INCR', KEYS[3])
        redis.call('HSET', KEYS[2], ARGV[i], ref)
        redis.call('HSET', KEYS[4], ref, ARGV[i + 1])
        redis.call('ZADD', KEYS[1], ref, ref)
    end
end
"""
"""KEYS: the sink's refs, its event ids, the counter, all letters. ARGV: sink, then (event id, letter as JSON) each."""

LAG_SAMPLE = 200
"""Workshops whose oldest undelivered event is looked at; with more behind than that, the age is that of the oldest of these."""


class RedisLedger:
    """`server.publish.ledger.Ledger`."""

    def __init__(self, journal: RedisJournal) -> None:
        self._journal = journal
        self._store = journal.store
        self._advance = self._store.script(_ADVANCE)
        self._rewind = self._store.script(_REWIND)
        self._note_dead = self._store.script(_BURY_LATER)

    async def position(self, sink: str, workshop_id: WorkshopId) -> Position:
        async with self._store.calls():
            stored = await awaited(self._store.redis.hget(self._store.of(workshop_id, "cursors"), sink))
        return _position(stored)

    async def advance(
        self, sink: str, workshop_id: WorkshopId, to: Position, dead: tuple[tuple[int, int, str, str, int], ...] = ()
    ) -> None:
        epoch = self._journal.epoch_of(workshop_id)
        async with self._store.calls():
            if dead:
                await self._note_dead(keys=self._dead_keys(sink), args=[sink, *_letters(sink, workshop_id, dead)])
            keys = [self._store.of(workshop_id, "head"), self._store.of(workshop_id, "cursors")]
            actual = await self._advance(keys=keys, args=[epoch, sink, f"{to.seq}:{to.part}"])
        if actual is not None:
            raise Fenced(workshop_id, held=epoch, actual=int(actual))

    async def behind(self, sink: str, only: WorkshopId | None = None) -> list[WorkshopId]:
        return [workshop_id for workshop_id, _, _ in await self._lagging(sink, only)]

    async def lag(self, sink: str, only: WorkshopId | None = None) -> Lag:
        lagging = await self._lagging(sink, only)
        async with self._store.calls():
            pipeline: Any = self._store.redis.pipeline(transaction=False)
            for workshop_id, done, _ in lagging[:LAG_SAMPLE]:
                pipeline.xrange(self._store.of(workshop_id, "log"), min=f"{done + 1}-0", count=1)
            pipeline.zcard(self._store.common("dead", sink))
            *oldest, dead = await pipeline.execute()
        times = [int(entries[0][1][b"at"]) for entries in oldest if entries]
        return Lag(
            events=sum(last - done for _, done, last in lagging),
            oldest_at_ms=min(times, default=None),
            dead_letters=dead,
        )

    async def rewind(self, sink: str, workshop_id: WorkshopId | None, to: Position = BEGINNING) -> None:
        workshops = (
            [each.workshop_id for each in await self._journal.workshops()] if workshop_id is None else [workshop_id]
        )
        async with self._store.calls():
            for each in workshops:
                await self._rewind(keys=[self._store.of(each, "cursors")], args=[sink, to.seq, to.part])

    async def state(self, sink: str) -> SinkState:
        async with self._store.calls():
            stored = await awaited(self._store.redis.hget(self._store.common("sinks"), sink))
        return SinkState() if stored is None else SinkState(**json.loads(stored))

    async def set_state(self, sink: str, state: SinkState) -> None:
        fields = {"failing_since_ms": state.failing_since_ms, "disabled": state.disabled}
        async with self._store.calls():
            await awaited(self._store.redis.hset(self._store.common("sinks"), sink, json.dumps(fields)))

    async def dead_letters(self, sink: str, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        async with self._store.calls():
            refs = await self._store.redis.zrange(
                self._store.common("dead", sink), f"({after}", "+inf", byscore=True, offset=0, num=limit
            )
            names = [text(ref) for ref in refs]
            letters = await awaited(self._store.redis.hmget(self._store.common("dead"), names)) if names else []
        return [
            DeadLetter(ref=int(ref), **json.loads(letter))
            for ref, letter in zip(names, letters, strict=True)
            if letter is not None
        ]

    async def forget_reasons(self, workshop_id: WorkshopId) -> None:
        async with self._store.calls():
            async for ref, letter in self._store.redis.hscan_iter(self._store.common("dead")):
                told = json.loads(letter)
                if told["workshop_id"] == workshop_id:
                    told["reason"] = FORGOTTEN
                    await awaited(self._store.redis.hset(self._store.common("dead"), text(ref), json.dumps(told)))

    async def forget_letters(self, workshop_id: WorkshopId) -> None:
        async with self._store.calls():
            gone = [
                int(text(ref))
                async for ref, letter in self._store.redis.hscan_iter(self._store.common("dead"))
                if json.loads(letter)["workshop_id"] == workshop_id
            ]
        for ref in gone:
            await self.bury(ref)

    async def forget_sink(self, sink: str) -> None:
        while letters := await self.dead_letters(sink):
            for each in letters:
                await self.bury(each.ref)
        await self.rewind(sink, None)
        async with self._store.calls():
            await awaited(self._store.redis.hdel(self._store.common("sinks"), sink))

    async def bury(self, ref: int) -> None:
        async with self._store.calls():
            letter = await awaited(self._store.redis.hget(self._store.common("dead"), str(ref)))
            if letter is None:
                return
            told = json.loads(letter)
            refs, ids, _, letters = self._dead_keys(told["sink"])
            pipeline: Any = self._store.redis.pipeline(transaction=True)
            pipeline.zrem(refs, ref)
            pipeline.hdel(ids, told["event_id"])
            pipeline.hdel(letters, ref)
            await pipeline.execute()

    def _dead_keys(self, sink: str) -> list[str]:
        common = self._store.common
        return [common("dead", sink), common("dead", sink, "ids"), common("dead", "count"), common("dead")]

    async def _lagging(self, sink: str, only: WorkshopId | None) -> list[tuple[WorkshopId, int, int]]:
        """(workshop, seq that the sink has, last seq) of those that it does not have all of."""
        stored = [each for each in await self._journal.workshops() if only in (None, each.workshop_id)]
        async with self._store.calls():
            pipeline: Any = self._store.redis.pipeline(transaction=False)
            for each in stored:
                pipeline.hget(self._store.of(each.workshop_id, "cursors"), sink)
            cursors = [_position(cursor).seq for cursor in await pipeline.execute()]
        return [
            (each.workshop_id, done, each.last_seq)
            for each, done in zip(stored, cursors, strict=True)
            if each.last_seq > done
        ]


def _position(stored: bytes | None) -> Position:
    if stored is None:
        return Position()
    seq, _, part = text(stored).partition(":")
    return Position(int(seq), int(part))


def _letters(sink: str, workshop_id: WorkshopId, dead: tuple[tuple[int, int, str, str, int], ...]) -> list[str]:
    arguments = []
    for seq, part, event_id, reason, at_ms in dead:
        letter = {"sink": sink, "workshop_id": workshop_id, "seq": seq, "part": part}
        arguments += [event_id, json.dumps({**letter, "event_id": event_id, "reason": reason, "at_ms": at_ms})]
    return arguments
