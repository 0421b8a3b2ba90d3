"""What is particular to the Redis journal: fencing, lost answers, keys in Redis's files, a Redis that pauses, replicas, Sentinel."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from rooms.commands.people import Connect, RaiseHand
from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.events.chat import MessagePosted
from rooms.events.people import HandRaised
from rooms.ids import ConnectionId, MessageId, ParticipantId, WorkshopId
from server.actor import Unavailable
from server.clock import SystemClock
from server.journal.port import CommandKey, Entry, Fenced, JournalUnavailable, WrongSeq
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore, problem_of
from server.publish.ledger import Position
from server.publish.redis_ledger import RedisLedger
from server.workshops import Workshops
from tests.redis_server import RedisServer

W = WorkshopId("w_1")
ADA = ParticipantId("p_ada")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
async def journal(server: RedisServer) -> AsyncIterator[RedisJournal]:
    journal = journal_on(server)
    await journal.open()
    yield journal
    await journal.close()


def journal_on(server: RedisServer, **options: bool | int | float) -> RedisJournal:
    return RedisJournal(RedisStore(server.url, timeout_s=options.pop("timeout_s", 10)), **options)  # type: ignore[arg-type]


def entry(seq: int, text: str | None = None, command_id: str | None = None) -> Entry:
    event = (
        HandRaised(participant_id=ADA)
        if text is None
        else MessagePosted(
            message_id=MessageId(f"m_{seq}"), author_id=ADA, channel="everyone", text=text, length=len(text)
        )
    )
    key = CommandKey(ADA, command_id or f"c{seq}")
    return Entry(command=key, events=(Recorded(seq=seq, at_ms=seq, actor=ADA, command_id=key.command_id, event=event),))


async def raise_epoch(server: RedisServer, journal: RedisJournal, epoch: int) -> None:
    async with Redis.from_url(server.url) as redis:
        await redis.hset(journal.store.of(W, "head"), "epoch", str(epoch))  # type: ignore[misc]


async def test_a_writer_of_an_older_epoch_appends_nothing_and_moves_no_cursor(
    server: RedisServer, journal: RedisJournal
) -> None:
    ledger = RedisLedger(journal)
    await raise_epoch(server, journal, 4)
    journal.hold(W, 4)
    await journal.append(W, 0, [entry(1)])
    await ledger.advance("sink", W, Position(1))
    await raise_epoch(server, journal, 5)
    with pytest.raises(Fenced) as refusal:
        await journal.append(W, 1, [entry(2, command_id="late")])
    assert (refusal.value.held, refusal.value.actual) == (4, 5)
    with pytest.raises(Fenced):
        await ledger.advance("sink", W, Position(9))
    assert [each.seq for each in await journal.read(W, 0)] == [1]
    assert await journal.answers(W, [CommandKey(ADA, "late")]) == {}
    assert await ledger.position("sink", W) == Position(1)
    journal.let_go(W)
    with pytest.raises(Fenced):
        await journal.append(W, 1, [entry(2)])


async def test_an_append_that_is_sent_twice_recognises_itself(journal: RedisJournal) -> None:
    """What redis-py does when a connection is lost before the answer came."""
    again: list[list[object]] = []
    original = journal._appender.run

    async def twice(keys: list[str], arguments: list[object]) -> tuple[bytes, bytes]:
        await original(keys, arguments)
        again.append(arguments)
        return await original(keys, arguments)

    journal._appender.run = twice  # type: ignore[method-assign]
    await journal.append(W, 0, [entry(1, "once"), entry(2)], once=True)
    await journal.append(W, 2, [entry(3)], once=True)
    assert len(again) == 2
    assert [each.seq for each in await journal.read(W, 0)] == [1, 2, 3]


async def test_appends_of_many_workshops_travel_together_and_one_that_is_refused_hurts_none(
    journal: RedisJournal,
) -> None:
    sent: list[int] = []
    original = journal._appender._sent

    async def counted(calls: list[tuple[list[str], list[object]]]) -> list[object]:
        sent.append(len(calls))
        return await original(calls)

    journal._appender._sent = counted  # type: ignore[method-assign]
    await journal.append(W, 0, [entry(1)])
    workshops = [WorkshopId(f"w{number}") for number in range(30)]
    refused = journal.append(W, 5, [entry(6)])
    results = await asyncio.gather(
        refused, *(journal.append(each, 0, [entry(1)]) for each in workshops), return_exceptions=True
    )
    assert isinstance(results[0], WrongSeq)
    assert results[1:] == [None] * 30
    assert sum(sent) == 32
    assert len(sent) < 16
    for each in workshops:
        assert [recorded.seq for recorded in await journal.read(each, 0)] == [1]


async def test_a_redis_that_has_forgotten_the_script_is_told_it_again(
    server: RedisServer, journal: RedisJournal
) -> None:
    await journal.append(W, 0, [entry(1)])
    async with Redis.from_url(server.url) as redis:
        await redis.script_flush()
    await journal.append(W, 1, [entry(2)])
    assert [each.seq for each in await journal.read(W, 0)] == [1, 2]


async def test_no_byte_of_an_erased_key_stays_in_redis_s_files(
    server: RedisServer, journal: RedisJournal, tmp_path: Path
) -> None:
    await journal.append(W, 0, [entry(1, "secret")])
    async with Redis.from_url(server.url) as redis:
        (secret,) = (await redis.hgetall(journal.store.of(W, "seals"))).values()  # type: ignore[misc]

    def stored() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert secret in stored()
    await journal.erase_person(W, ADA)
    assert secret not in stored()


async def test_a_key_erased_by_another_node_is_not_used_again(server: RedisServer, journal: RedisJournal) -> None:
    await journal.append(W, 0, [entry(1, "first")])
    await journal.append(W, 1, [entry(2, "second")])  # the key is in memory now
    other = journal_on(server)
    await other.open()
    await other.erase_person(W, ADA)
    await other.close()
    await journal.append(W, 2, [entry(3, "third")])
    texts = [each.event.text for each in await journal.read(W, 0) if isinstance(each.event, MessagePosted)]
    assert texts == ["[erased]", "[erased]", "third"]


async def test_a_redis_that_would_lose_acknowledged_commands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    server = RedisServer(tmp_path / "a")
    await server.start("--appendonly", "no")
    with pytest.raises(JournalUnavailable, match="appendonly"):
        await journal_on(server).open()
    allowed = journal_on(server, allow_volatile=True)
    await allowed.open()
    await allowed.close()
    await server.kill()
    await server.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with pytest.raises(JournalUnavailable, match="noeviction"):
        await journal_on(server).open()
    await server.kill()
    with pytest.raises(JournalUnavailable, match="Redis: ConnectionError"):
        await journal_on(server).open()


async def test_with_replicas_asked_for_an_append_waits_for_them(server: RedisServer, tmp_path: Path) -> None:
    journal = journal_on(server, wait_replicas=1, wait_s=0.2)
    await journal.open()
    with pytest.raises(JournalUnavailable, match="0 of 1"):
        await journal.append(W, 0, [entry(1)])
    (tmp_path / "replica").mkdir()
    replica = RedisServer(tmp_path / "replica")
    await replica.start("--replicaof", f"127.0.0.1 {server.port}")
    async with Redis.from_url(replica.url) as redis, asyncio.timeout(60):
        while (await redis.info("replication"))["master_link_status"] != "up":
            await asyncio.sleep(0.05)
        await journal.close()
        patient = journal_on(server, wait_replicas=1, wait_s=20, timeout_s=20)
        await patient.open()
        await patient.append(W, 1, [entry(2)])
        assert await redis.xlen(journal.store.of(W, "log")) == 2
        await patient.close()
    await replica.kill()


async def test_sentinel_names_the_primary_and_after_a_failover_the_next(server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "replica").mkdir()
    replica, sentinel = RedisServer(tmp_path / "replica"), RedisServer(tmp_path)
    await replica.start("--replicaof", f"127.0.0.1 {server.port}")
    config = tmp_path / "sentinel.conf"
    config.write_text(
        f"port {sentinel.port}\nbind 127.0.0.1\ndir {tmp_path}\nsentinel monitor main 127.0.0.1 {server.port} 1\n"
        "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n"
    )
    process = await asyncio.create_subprocess_exec(
        "redis-server", str(config), "--sentinel", stdout=asyncio.subprocess.DEVNULL
    )
    journal = RedisJournal(
        RedisStore(f"redis+sentinel://127.0.0.1:{sentinel.port}/main/0", timeout_s=0.5), wait_replicas=1
    )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    await journal.open()
                    await journal.append(W, 0, [entry(1)])
                    break
                except JournalUnavailable:
                    await asyncio.sleep(0.1)
            async with Redis.from_url(sentinel.url.removesuffix("/0")) as asked:
                while not await asked.execute_command("SENTINEL", "replicas", "main"):  # type: ignore[no-untyped-call]
                    await asyncio.sleep(0.1)
            await server.kill()
            while True:
                try:
                    assert [each.seq for each in await journal.read(W, 0)] == [1]
                    break
                except JournalUnavailable:
                    await asyncio.sleep(0.1)
    finally:
        await journal.close()
        process.terminate()
        await process.wait()
        await replica.kill()


async def test_commands_during_a_pause_are_refused_for_now_and_everything_resumes(server: RedisServer) -> None:
    """SIGSTOP: Redis takes what is sent and answers nothing; awake again, it carries out what it took."""
    journal = journal_on(server, timeout_s=0.5)
    await journal.open()
    workshops = Workshops(journal, SystemClock())
    actor = await workshops.create(CreateWorkshop(workshop_id=W, title="Pause"), "create")
    await actor.submit(Connect(connection_id=ConnectionId("n"), name="Ada", role="learner"), ADA, "connect")
    os.kill(server.pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(Unavailable) as refusal:
            await actor.submit(RaiseHand(), ADA, "hand")
        assert (refusal.value.code, refusal.value.retryable) == ("store_unavailable", True)
        assert time.monotonic() - began < 20  # and not when Redis is awake again
    finally:
        os.kill(server.pid, signal.SIGCONT)
    async with asyncio.timeout(60):
        while True:
            try:
                await (await workshops.get(W)).submit(RaiseHand(), ADA, "hand")
                break
            except Unavailable as unavailable:
                assert unavailable.retryable
                await asyncio.sleep(0.1)
    events = await journal.read(W, 0)
    assert [type(each.event).__name__ for each in events].count("HandRaised") == 1
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert (await workshops.get(W)).state.participants[ADA].hand_raised_seq is not None
    await workshops.close()
    await journal.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://host:6379/0", None),
        ("rediss://u:p@host/1", None),
        ("redis+sentinel://a:26379,b:26379/main/0", None),
        ("postgres://host", "begins with"),
        ("redis://", "needs a host"),
        ("redis+sentinel://a:1", "service"),
        ("redis://host:port", "number"),
    ],
)
def test_a_wrong_store_is_explained(url: str, said: str | None) -> None:
    problem = problem_of(url)
    assert problem is None if said is None else problem is not None and said in problem
