"""The Redis stream sink against a real Redis: complete, in order, without repetition, bounded without loss."""

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from rooms.ids import WorkshopId
from server.publish.publisher import Publisher
from server.publish.sink import Later
from server.publish.sinks.redis_stream import RedisStreamSink
from tests.integration.actor_case import until
from tests.integration.test_publisher import NO_LAG, Node, W, append, long_workshop, until_equal, workshop
from tests.redis_server import RedisServer
from tests.unit.test_narrative import published

STREAM = "{test}:events"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url, decode_responses=True) as redis:
        yield redis


def sink_to(server: RedisServer, **options: Any) -> RedisStreamSink:
    return RedisStreamSink(
        "redis", server.url, **{"stream": STREAM, "max_length": 100_000, "timeout_s": 0.5, **options}
    )


async def held(redis: Redis) -> list[dict[str, Any]]:
    return [json.loads(fields["event"]) for _, fields in await redis.xrange(STREAM)]


async def test_entries_hold_the_events_in_order(server: RedisServer, redis: Redis) -> None:
    events, sink = published(workshop(5)), sink_to(server)
    await sink.deliver(events)
    assert await held(redis) == events
    fields = (await redis.xrange(STREAM))[0][1]
    assert (fields["id"], fields["source"], fields["type"]) == (events[0]["id"], "/workshops/w_1", events[0]["type"])
    await sink.close()


async def test_a_repeated_batch_adds_only_what_is_new(server: RedisServer, redis: Redis) -> None:
    events, sink = published(workshop(9)), sink_to(server)
    await sink.deliver(events[:4])
    await sink.deliver(events[:4])
    await sink.deliver(events[2:6])
    await sink.deliver(events[6:])
    assert await held(redis) == events
    await sink.close()


async def test_the_stream_is_whole_although_redis_and_the_publisher_are_killed_again_and_again(
    server: RedisServer, redis: Redis, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    log, node = long_workshop(300), Node(tmp_path)
    begun = 0
    while begun < len(log):
        end = min(len(log), begun + draw.randint(1, 120))
        async with node.running(sink_to(server)) as (journal, publisher):
            await append(journal, log[begun:end])
            publisher.wake(W)
            if draw.random() < 0.7:
                sent = publisher.delivery("redis")
                target = draw.randint(0, 40)
                await until(lambda sent=sent, target=target: sent.delivered >= min(target, 1))  # type: ignore[misc]
            if draw.random() < 0.5:
                await server.kill()
                await server.start()
        begun = end
    async with node.running(sink_to(server)) as (_, publisher):
        await until_equal(lambda: publisher.delivery("redis").lag(), NO_LAG)
    assert await held(redis) == published(log)


async def test_redis_away_and_back(server: RedisServer, redis: Redis, tmp_path: Path) -> None:
    log = workshop(20)
    async with Node(tmp_path).running(sink_to(server)) as (journal, publisher):
        await server.kill()
        await append(journal, log)
        publisher.wake(W)
        await until(lambda: publisher.delivery("redis").state.failing_since_ms is not None)
        await server.start()
        await until_equal(lambda: publisher.delivery("redis").lag(), NO_LAG)
    assert await held(redis) == published(log)


async def test_a_replay_adds_everything_again(server: RedisServer, redis: Redis, tmp_path: Path) -> None:
    log = workshop(3)

    async def delivered(publisher: Publisher, count: int) -> None:
        await until(lambda: publisher.delivery("redis").delivered == count)

    async with Node(tmp_path).running(sink_to(server)) as (journal, publisher):
        await append(journal, log)
        publisher.wake(W)
        await delivered(publisher, len(published(log)))
        await publisher.delivery("redis").replay(W)
        await delivered(publisher, 2 * len(published(log)))
        await publisher.delivery("redis").replay(None)
        await delivered(publisher, 3 * len(published(log)))
    assert await held(redis) == published(log) * 3


async def test_a_stream_that_nobody_reads_keeps_the_latest(server: RedisServer, redis: Redis) -> None:
    sink = sink_to(server, max_length=300)
    events = published(long_workshop(700))
    for start in range(0, len(events), 100):
        await sink.deliver(events[start : start + 100])
    assert await redis.xlen(STREAM) < 700
    assert (await held(redis))[-1] == events[-1]
    await sink.close()


async def test_the_slowest_group_bounds_the_stream_and_loses_nothing(server: RedisServer, redis: Redis) -> None:
    sink = sink_to(server, max_length=300)
    sink.max_batch = 50  # type: ignore[misc]
    await redis.xgroup_create(STREAM, "slow", id="0", mkstream=True)
    await redis.xgroup_create(STREAM, "quick", id="0")
    events = published(long_workshop(700))
    read: list[dict[str, Any]] = []

    async def consume(group: str, count: int, *, acknowledge: bool = True) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        for _, entries in await redis.xreadgroup(group, "me", {STREAM: ">"}, count=count) or []:
            for entry_id, fields in entries:
                taken.append(json.loads(fields["event"]))
                if acknowledge:
                    await redis.xack(STREAM, group, entry_id)
        return taken

    waited, position = 0, 0
    while position < len(events):
        batch = events[position : position + 50]
        try:
            await sink.deliver(batch)
            position += len(batch)
        except Later as later:
            assert "'slow'" in later.reason
            waited += 1
            read += await consume("slow", 60)
        assert await redis.xlen(STREAM) <= 350
        await consume("quick", 1000)
    while taken := await consume("slow", 100):
        read += taken
    assert waited
    assert read == events
    await sink.close()


async def test_what_was_read_but_not_acknowledged_is_kept(server: RedisServer, redis: Redis) -> None:
    sink = sink_to(server, max_length=100)
    sink.max_batch = 50  # type: ignore[misc]
    await redis.xgroup_create(STREAM, "group", id="0", mkstream=True)
    events = published(long_workshop(300))
    await sink.deliver(events[:50])
    await sink.deliver(events[50:100])
    await redis.xreadgroup("group", "me", {STREAM: ">"}, count=100)
    with pytest.raises(Later, match="full"):
        await sink.deliver(events[100:150])
    assert (await held(redis))[0] == events[0]
    await sink.close()


async def test_erased_texts_are_taken_out_and_groups_notice_nothing(server: RedisServer, redis: Redis) -> None:
    sink = sink_to(server)
    await sink.retold(WorkshopId("w_1"), {})  # there is no stream yet
    events = published(long_workshop(1_200))
    for start in range(0, len(events), 400):
        await sink.deliver(events[start : start + 400])
    await redis.xgroup_create(STREAM, "group", id="0")
    await redis.xgroup_create(STREAM, "new", id="$")
    await redis.xreadgroup("group", "me", {STREAM: ">"}, count=1_100)
    read = await redis.xreadgroup("group", "you", {STREAM: ">"}, count=20)
    await redis.xack(STREAM, "group", *(entry_id for entry_id, _ in read[0][1][:5]))
    told = [*events[:3], events[1_105]]
    changed = {event["id"]: {**event, "data": {**event["data"], "text": "[erased]"}} for event in told}

    async def seen() -> tuple[Any, ...]:
        ids = [entry_id for entry_id, _ in await redis.xrange(STREAM)]
        waiting = await redis.xpending_range(STREAM, "group", "-", "+", 2_000)
        groups = await redis.xinfo_groups(STREAM)
        places = [(each["name"], each["pending"], each["last-delivered-id"], each["entries-read"]) for each in groups]
        return ids, [(each["message_id"], each["consumer"], each["times_delivered"]) for each in waiting], places

    before = await seen()
    await sink.retold(WorkshopId("w_1"), changed)
    assert await seen() == before
    assert await held(redis) == [changed.get(event["id"], event) for event in events]
    await sink.retold(WorkshopId("w_1"), changed)
    await sink.deliver(events)  # what is there already is still known
    assert len(await held(redis)) == len(events)
    await sink.close()


async def test_a_key_of_another_kind_and_a_full_redis_are_tried_later(server: RedisServer, redis: Redis) -> None:
    events, sink = published(workshop(5)), sink_to(server)
    await redis.set(STREAM, "in the way")
    with pytest.raises(Later, match="Redis"):
        await sink.deliver(events)
    await redis.delete(STREAM)
    await redis.config_set("maxmemory", "1")
    with pytest.raises(Later, match="Redis"):
        await sink.deliver(events)
    await redis.config_set("maxmemory", "0")
    await sink.deliver(events)
    assert await held(redis) == events
    await sink.close()


async def test_workshops_do_not_disturb_each_other(server: RedisServer, redis: Redis, tmp_path: Path) -> None:
    logs = {WorkshopId(f"w_{n}"): workshop(20, workshop_id=f"w_{n}") for n in range(8)}
    async with Node(tmp_path).running(sink_to(server)) as (journal, publisher):
        for each, log in logs.items():
            await append(journal, log, each)
            publisher.wake(each)
        await until_equal(lambda: publisher.delivery("redis").lag(), NO_LAG)
    entries = await held(redis)
    for each, log in logs.items():
        assert [entry for entry in entries if entry["source"] == f"/workshops/{each}"] == published(log)
