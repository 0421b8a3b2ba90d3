"""The one thread that writes to the SQLite file, and its group commit.

Theory of operation. Work comes in through a queue as functions of the connection. The thread takes what has queued up
while the last commit was in flight, runs it in one transaction, commits (one fsync for all), and only then gives the
results back to the event loop, all in one call. Each function runs inside a savepoint, so one that raises takes back
its own writes and nobody else's. When SQLite itself fails (disk full, locked, I/O error), the whole transaction is
rolled back and everybody in it gets `JournalUnavailable`: nothing is half written, and the next transaction starts
afresh. A function must keep nothing of what it wrote or read: the transaction may still fail after it.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from server.journal.port import JournalCorrupt, JournalError, JournalUnavailable

T = TypeVar("T")

MAX_JOBS_PER_COMMIT = 512

_Job = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


class Writer:
    """Uses connections from `connect` on its own thread. Must be made inside the event loop that will call `run`."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._db: sqlite3.Connection | None = connect()
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="journal-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the writer's next transaction; returns its result once that is committed.

        Raises what `work` raises (its writes are taken back), or `JournalUnavailable`. Cancelling the call does not
        stop the work.
        """
        if self._closed:
            raise JournalUnavailable("the journal is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put((work, future))
        try:
            return await future
        finally:
            del future  # its exception holds this frame

    async def close(self) -> None:
        """Finish what is queued and end the thread."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        stopping = False
        while not stopping:
            batch: list[_Job] = []
            job = self._jobs.get()
            while True:
                if job is None:
                    stopping = True
                    break
                batch.append(job)
                if len(batch) >= MAX_JOBS_PER_COMMIT:
                    break
                try:
                    job = self._jobs.get_nowait()
                except Empty:
                    break
            if batch and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_hand_back, self._transact(batch))
        self._drop_connection()

    def _transact(self, batch: list[_Job]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            if self._db is None:
                self._db = self._connect()
            self._db.execute("BEGIN IMMEDIATE")
            for work, future in batch:
                outcomes.append((future, *_run_one(self._db, work)))
            self._db.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  whatever it is, those who wait must hear of it
            self._roll_back()
            return [(future, None, _as_journal_error(error)) for _, future in batch]
        return outcomes

    def _roll_back(self) -> None:
        # SQLite has already rolled back by itself after some errors (disk full, I/O), not after others (locked).
        try:
            if self._db is not None and self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            self._drop_connection()

    def _drop_connection(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _run_one(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> tuple[T | None, BaseException | None]:
    db.execute("SAVEPOINT job")
    try:
        result = work(db)
    except Exception as error:
        if isinstance(_as_journal_error(error), JournalUnavailable | JournalCorrupt):
            raise  # the whole transaction is lost
        db.execute("ROLLBACK TO job")
        db.execute("RELEASE job")
        # Where an error came from is worth its frames if it is a bug; they hold all outcomes of the batch, this one too.
        return None, error.with_traceback(None) if isinstance(error, JournalError) else error
    db.execute("RELEASE job")
    return result, None


def _as_journal_error(error: Exception) -> Exception:
    """SQLite's word for "not now" is OperationalError, for a damaged file DatabaseError itself; the rest are bugs."""
    if isinstance(error, sqlite3.OperationalError):
        return JournalUnavailable(f"the journal cannot be written: {error}")
    if type(error) is sqlite3.DatabaseError:
        return JournalCorrupt(f"the journal's file is damaged: {error}")
    return error


def _hand_back(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # cancelled by whoever asked
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
