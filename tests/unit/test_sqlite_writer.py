"""The writer's transactions: grouped, and each job's writes its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from server.journal.port import JournalUnavailable
from server.journal.sqlite_writer import Writer


def insert(value: int) -> Callable[[sqlite3.Connection], int]:
    def work(db: sqlite3.Connection) -> int:
        db.execute("INSERT INTO numbers VALUES (?)", (value,))
        return value

    return work


def insert_then_fail(value: int, error: Exception) -> Callable[[sqlite3.Connection], int]:
    def work(db: sqlite3.Connection) -> int:
        insert(value)(db)
        raise error

    return work


def stored(db: sqlite3.Connection) -> list[int]:
    return [row[0] for row in db.execute("SELECT n FROM numbers ORDER BY rowid")]


class Counting:
    """A connection factory that notes the statements run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.statements: list[str] = []
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE numbers (n)")
        db.close()

    def __call__(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0.05)
        db.set_trace_callback(self.statements.append)
        return db


async def test_what_queues_up_during_a_commit_is_committed_together(tmp_path: Path) -> None:
    connect = Counting(tmp_path / "db")
    writer = Writer(connect)
    results = await asyncio.gather(*(writer.run(insert(n)) for n in range(200)))
    await writer.close()
    assert results == list(range(200))
    assert connect.statements.count("COMMIT") <= 10


async def test_a_job_that_fails_takes_back_its_own_writes_and_no_others(tmp_path: Path) -> None:
    writer = Writer(Counting(tmp_path / "db"))
    results = await asyncio.gather(
        writer.run(insert(1)),
        writer.run(insert_then_fail(2, RuntimeError("bug"))),
        writer.run(insert(3)),
        return_exceptions=True,
    )
    assert [results[0], type(results[1]), results[2]] == [1, RuntimeError, 3]
    assert await writer.run(stored) == [1, 3]
    await writer.close()


async def test_when_sqlite_fails_everybody_in_the_transaction_is_told_and_the_next_one_works(tmp_path: Path) -> None:
    writer = Writer(Counting(tmp_path / "db"))
    results = await asyncio.gather(
        writer.run(insert(1)),
        writer.run(insert_then_fail(2, sqlite3.OperationalError("disk I/O error"))),
        writer.run(insert(3)),
        return_exceptions=True,
    )
    failed = [n for n, result in enumerate(results, start=1) if isinstance(result, JournalUnavailable)]
    assert 2 in failed
    assert await writer.run(stored) == [n for n in (1, 2, 3) if n not in failed]
    assert await writer.run(insert(4)) == 4
    await writer.close()


async def test_a_lost_connection_is_made_anew(tmp_path: Path) -> None:
    writer = Writer(Counting(tmp_path / "db"))

    def broken(db: sqlite3.Connection) -> None:
        writer._drop_connection()
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(JournalUnavailable):
        await writer.run(broken)
    assert await writer.run(insert(1)) == 1
    await writer.close()


async def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    connect = Counting(tmp_path / "db")
    writer = Writer(connect)
    queued = [asyncio.ensure_future(writer.run(insert(n))) for n in range(50)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*queued) == list(range(50))
    with pytest.raises(JournalUnavailable):
        await writer.run(insert(51))
