"""The journal in one SQLite file: for a single node, with nothing else to install.

What an acknowledgement means here: the transaction is in the write-ahead log and `fsync`ed (`synchronous=FULL`), so it
survives the death of the process and a power cut on a disk that keeps its word.

Threads: one writes (`sqlite_writer`), one reads pages of events, one looks up answers, so that a long replay holds up
neither the commands nor the event loop. In WAL mode readers and the writer do not block each other. A lock file beside
the database keeps a second server off it; other programs may read it.
"""

import asyncio
import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from rooms import codec
from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId
from rooms.messages import personal_fields
from server.journal import sealing, sqlite_deletion, sqlite_schema
from server.journal.port import (
    READ_LIMIT,
    CommandKey,
    Entry,
    JournalCorrupt,
    JournalUnavailable,
    Repeated,
    StoredWorkshop,
    WorkshopDeleted,
    WrongSeq,
    check_numbers,
)
from server.journal.sealing import PersonKey
from server.journal.sqlite_writer import Writer

T = TypeVar("T")

BUSY_TIMEOUT_MS = 2_000
"""How long SQLite waits for another program's lock before the journal counts as unavailable."""


class SqliteJournal:
    """`server.journal.port.Journal` on the file `path`, made if missing; `.lock`, `-wal`, `-shm` stand beside it."""

    def __init__(self, path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        self._path = path
        self._busy_timeout_ms = busy_timeout_ms
        self._lock: int | None = None
        self._writer: Writer | None = None
        self._pages: _Reader | None = None
        self._lookups: _Reader | None = None

    async def open(self) -> None:
        """Raises `JournalUnavailable` if another server has the file or it cannot be made."""
        try:
            await asyncio.to_thread(self._prepare)
            self._writer = Writer(self._connect)
            self._pages = _Reader(self._connect(read_only=True), "journal-pages")
            self._lookups = _Reader(self._connect(read_only=True), "journal-lookups")
        except (OSError, sqlite3.OperationalError) as error:
            await self.close()
            raise JournalUnavailable(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            await self.close()
            raise JournalCorrupt(f"{self._path}: {error}") from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.close()
        for reader in (self._pages, self._lookups):
            if reader is not None:
                await asyncio.to_thread(reader.close)
        self._pages = self._lookups = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def append(
        self, workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Entry], *, once: bool = False
    ) -> None:
        check_numbers(expected_seq, entries)

        def write(db: sqlite3.Connection) -> None:
            if once and _answers(db, workshop_id, [each.command for each in entries]):
                raise Repeated(workshop_id)
            _append(db, workshop_id, expected_seq, entries)

        await self.transact(write)

    async def read(self, workshop_id: WorkshopId, after_seq: int, limit: int = READ_LIMIT) -> list[Recorded]:
        return await self.query(lambda db: _read(db, workshop_id, after_seq, limit))

    async def answers(self, workshop_id: WorkshopId, commands: Sequence[CommandKey]) -> Mapping[CommandKey, int]:
        return await _ready(self._lookups).run(lambda db: _answers(db, workshop_id, commands))

    async def workshops(self) -> list[StoredWorkshop]:
        return await self.query(_workshops)

    async def erase_person(self, workshop_id: WorkshopId, *participant_ids: ParticipantId) -> bool:
        """Also rewrites the files, so that no byte of the key stays in them; `JournalUnavailable` if a reader prevents
        that for longer than the busy time-out: the key is gone then, and asking again finishes the work."""
        erased = await self.transact(lambda db: _erase(db, workshop_id, participant_ids))
        # No transaction may be open for this, and readers must have moved on, so it is not the writer's job: from a
        # connection of its own it waits for both without holding up anybody's commit.
        await asyncio.to_thread(self._truncate_wal)
        return erased

    async def delete_workshop(self, workshop_id: WorkshopId) -> bool:
        """In steps, so that a long workshop holds up nobody's commit; from the first on nothing of it is read."""
        deleted = await self.transact(lambda db: sqlite_deletion.mark(db, workshop_id))
        while await self.transact(sqlite_deletion.step):
            pass
        await asyncio.to_thread(self._truncate_wal)
        return deleted

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """For what stands in the same file (`server.publish.sqlite_ledger`): see `Writer.run`."""
        if self._writer is None:
            raise JournalUnavailable("the journal is not open")
        return await self._writer.run(work)

    async def query(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one snapshot of the file, without writing."""
        return await _ready(self._pages).run(work)

    def _prepare(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalUnavailable(f"{self._path} is in use by another server process") from error
        with closing(self._connect()) as db:
            sqlite_schema.migrate(db)
            while sqlite_deletion.step(db):  # what a crash has left over
                pass
            # A key erased just before a crash may still stand in the log.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        return sqlite_schema.connect(self._path, busy_timeout_ms=self._busy_timeout_ms, read_only=read_only)

    def _truncate_wal(self) -> None:
        try:
            with closing(self._connect()) as db:
                busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise JournalUnavailable(f"the journal's files cannot be rewritten: {error}") from error
        if busy:
            raise JournalUnavailable("the journal's files are being read; erase again to rewrite them")


class _Reader:
    """A connection and the one thread that uses it."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self._db = db
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_one_snapshot, work)

    def _in_one_snapshot(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._db.execute("BEGIN")
            try:
                return work(self._db)
            finally:
                self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise JournalUnavailable(f"the journal cannot be read: {error}") from error
        except sqlite3.DatabaseError as error:
            raise JournalCorrupt(str(error)) from error

    def close(self) -> None:
        self._thread.shutdown()
        self._db.close()


def _ready(reader: _Reader | None) -> _Reader:
    if reader is None:
        raise JournalUnavailable("the journal is not open")
    return reader


def _workshop_ref(db: sqlite3.Connection, workshop_id: WorkshopId) -> tuple[int, int]:
    """(row, last seq); the row is made if missing."""
    select = "SELECT ref, last_seq, deleted FROM workshops WHERE workshop_id = ?"
    row = db.execute(select, (workshop_id,)).fetchone()
    if row is None:
        db.execute("INSERT INTO workshops (workshop_id, last_seq, last_at_ms) VALUES (?, 0, 0)", (workshop_id,))
        row = db.execute(select, (workshop_id,)).fetchone()
    if row[2]:
        raise WorkshopDeleted(workshop_id)
    return row[0], row[1]


def _append(db: sqlite3.Connection, workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Entry]) -> None:
    ref, seq = _workshop_ref(db, workshop_id)
    if seq != expected_seq:
        raise WrongSeq(workshop_id, expected=expected_seq, actual=seq)
    events: list[tuple[int, int, int, str, str, str]] = []
    answers: list[tuple[int, str, str, int]] = []
    for entry in entries:
        for recorded in entry.events:
            payload = sealing.seal(
                codec.encode(recorded.event),
                personal_fields(type(recorded.event)),
                lambda person: _key_for(db, ref, person),
                workshop_id,
                recorded.seq,
            )
            text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
            events.append((ref, recorded.seq, recorded.at_ms, recorded.actor, recorded.command_id, text))
            seq = recorded.seq
        answers.append((ref, entry.command.actor, entry.command.command_id, seq))
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", events)
    # A repeated id keeps its first answer.
    db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", answers)
    if events:
        db.execute("UPDATE workshops SET last_seq = ?, last_at_ms = ? WHERE ref = ?", (seq, events[-1][2], ref))


def _key_for(db: sqlite3.Connection, ref: int, person: ParticipantId) -> PersonKey:
    row = db.execute(
        "SELECT key_id, secret FROM seals WHERE workshop = ? AND participant_id = ? AND NOT erased", (ref, person)
    ).fetchone()
    if row is not None:
        return PersonKey(*row)
    key = sealing.new_key()
    db.execute(
        "INSERT INTO seals (key_id, workshop, participant_id, secret) VALUES (?, ?, ?, ?)",
        (key.key_id, ref, person, key.secret),
    )
    return key


def _erase(db: sqlite3.Connection, workshop_id: WorkshopId, participant_ids: Sequence[ParticipantId]) -> bool:
    row = db.execute("SELECT ref FROM workshops WHERE workshop_id = ?", (workshop_id,)).fetchone()
    if row is None:
        return False
    changed = db.executemany(
        "UPDATE seals SET secret = zeroblob(length(secret)), erased = 1 "
        "WHERE workshop = ? AND participant_id = ? AND NOT erased",
        [(row[0], each) for each in participant_ids],
    )
    return changed.rowcount > 0


def _read(db: sqlite3.Connection, workshop_id: WorkshopId, after_seq: int, limit: int) -> list[Recorded]:
    secrets: dict[str, bytes | None] = {}

    def secret_of(key_id: str) -> bytes | None:
        if key_id not in secrets:
            row = db.execute("SELECT secret FROM seals WHERE key_id = ? AND NOT erased", (key_id,)).fetchone()
            secrets[key_id] = None if row is None else row[0]
        return secrets[key_id]

    rows = db.execute(
        "SELECT seq, at_ms, actor, command_id, payload FROM events JOIN workshops ON workshop = ref "
        "WHERE workshop_id = ? AND NOT deleted AND seq > ? ORDER BY seq LIMIT ?",
        (workshop_id, after_seq, limit),
    )
    return [
        Recorded(
            seq=seq,
            at_ms=at_ms,
            actor=actor,
            command_id=command_id,
            event=codec.decode(sealing.unseal(json.loads(payload), secret_of, workshop_id, seq)),
        )
        for seq, at_ms, actor, command_id, payload in rows
    ]


def _answers(db: sqlite3.Connection, workshop_id: WorkshopId, commands: Sequence[CommandKey]) -> dict[CommandKey, int]:
    row = db.execute("SELECT ref FROM workshops WHERE workshop_id = ?", (workshop_id,)).fetchone()
    if row is None:
        return {}
    found: dict[CommandKey, int] = {}
    for key in commands:
        answer = db.execute(
            "SELECT seq FROM answers WHERE workshop = ? AND actor = ? AND command_id = ?",
            (row[0], key.actor, key.command_id),
        ).fetchone()
        if answer is not None:
            found[key] = answer[0]
    return found


def _workshops(db: sqlite3.Connection) -> list[StoredWorkshop]:
    rows = db.execute("SELECT workshop_id, last_seq, last_at_ms FROM workshops WHERE last_seq > 0 ORDER BY ref")
    return [StoredWorkshop(workshop_id=w, last_seq=seq, last_at_ms=at_ms) for w, seq, at_ms in rows]
