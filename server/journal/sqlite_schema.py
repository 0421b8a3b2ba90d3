"""The SQLite file: how it is opened, its tables, and the steps from one schema version to the next.

`PRAGMA user_version` counts the steps taken. Steps are only ever added at the end; each runs in one transaction
together with the new version number, so a crash in between leaves the old schema or the new one.

Why `seals` is as it is. A key must be gone from the file when it is erased, and SQLite moves rows between pages when a
table is rebalanced, which can leave a copy in a page's unused part that `secure_delete` does not reach. Therefore the
rows of `seals` are only ever added at the end (ascending rowid, so no page is split in the middle) and never deleted:
erasing overwrites the key in place with zeros of the same length. No index contains a key.
"""

import os
import sqlite3
from pathlib import Path

from server.journal.port import JournalCorrupt, JournalUnavailable

APPLICATION_ID = 0x41544C52  # "ATLR"

STEPS = (
    """
    CREATE TABLE workshops (
        ref INTEGER PRIMARY KEY,
        workshop_id TEXT NOT NULL UNIQUE,
        last_seq INTEGER NOT NULL,
        last_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE events (
        workshop INTEGER NOT NULL REFERENCES workshops,
        seq INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        actor TEXT NOT NULL,
        command_id TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (workshop, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE answers (
        workshop INTEGER NOT NULL REFERENCES workshops,
        actor TEXT NOT NULL,
        command_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (workshop, actor, command_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE seals (
        ref INTEGER PRIMARY KEY AUTOINCREMENT,
        key_id TEXT NOT NULL UNIQUE,
        workshop INTEGER NOT NULL REFERENCES workshops,
        participant_id TEXT NOT NULL,
        erased INTEGER NOT NULL DEFAULT 0,
        secret BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX seals_live ON seals (workshop, participant_id) WHERE NOT erased;
    """,
    """
    CREATE TABLE cursors (
        sink TEXT NOT NULL,
        workshop INTEGER NOT NULL REFERENCES workshops,
        seq INTEGER NOT NULL,
        part INTEGER NOT NULL,
        PRIMARY KEY (sink, workshop)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE dead_letters (
        ref INTEGER PRIMARY KEY AUTOINCREMENT,
        sink TEXT NOT NULL,
        workshop INTEGER NOT NULL REFERENCES workshops,
        seq INTEGER NOT NULL,
        part INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        reason TEXT NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX dead_letters_of_sink ON dead_letters (sink, ref);
    CREATE TABLE sinks (
        sink TEXT PRIMARY KEY,
        failing_since_ms INTEGER,
        disabled TEXT
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE audit (
        ref INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        workshop_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE workshops ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE workshop_sinks (
        workshop_id TEXT NOT NULL,
        name TEXT NOT NULL,
        settings TEXT NOT NULL,
        PRIMARY KEY (workshop_id, name)
    ) STRICT, WITHOUT ROWID;
    """,
)


def connect(path: Path, *, busy_timeout_ms: int, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun by hand. May be handed to another thread, used by one."""
    if not read_only:
        # The file holds keys: nobody else's business. SQLite gives -wal and -shm the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=busy_timeout_ms / 1000)
    try:
        db.execute("PRAGMA foreign_keys = ON")
        if read_only:
            db.execute("PRAGMA query_only = ON")
            return db
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise JournalUnavailable(f"{path}: this file system does not support SQLite's WAL mode (got {mode!r})")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute(f"PRAGMA journal_size_limit = {64 << 20}")
    except BaseException:
        db.close()
        raise
    return db


def migrate(db: sqlite3.Connection) -> None:
    """Take the steps that are missing. Raises `JournalCorrupt` if another program or a newer version made the file."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    owner = db.execute("PRAGMA application_id").fetchone()[0]
    if (version and owner != APPLICATION_ID) or (not version and db.execute("SELECT 1 FROM sqlite_schema").fetchone()):
        raise JournalCorrupt("this SQLite file is not an Atelier journal")
    if version > len(STEPS):
        raise JournalCorrupt(
            f"the journal has schema version {version}, this program knows {len(STEPS)}: run the newer version"
        )
    for number, step in enumerate(STEPS[version:], start=version + 1):
        db.executescript(
            f"BEGIN IMMEDIATE; {step}PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
        )
