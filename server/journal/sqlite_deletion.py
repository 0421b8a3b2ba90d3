"""Deleting a workshop from the SQLite file: marked at once, emptied in steps.

The row of the workshop stays as a mark that its id was given; the rows of its keys stay overwritten (see `sqlite_schema`).
"""

import sqlite3

from rooms.ids import WorkshopId

STEP_ROWS = 5_000
"""Rows deleted in one transaction: some ten milliseconds."""


def mark(db: sqlite3.Connection, workshop_id: WorkshopId) -> bool:
    """From now on nothing of it is read, and its keys are gone. Returns whether it was there."""
    row = db.execute(
        "SELECT ref FROM workshops WHERE workshop_id = ? AND NOT deleted AND last_seq > 0", (workshop_id,)
    ).fetchone()
    if row is None:
        return False
    db.execute("UPDATE workshops SET deleted = 1, last_seq = 0, last_at_ms = 0 WHERE ref = ?", row)
    db.execute("UPDATE seals SET secret = zeroblob(length(secret)), erased = 1 WHERE workshop = ?", row)
    for table in ("cursors", "dead_letters"):
        db.execute(f"DELETE FROM {table} WHERE workshop = ?", row)
    return True


def step(db: sqlite3.Connection) -> bool:
    """Delete some rows of what is marked; returns whether there may be more."""
    for (ref,) in db.execute("SELECT ref FROM workshops WHERE deleted").fetchall():
        for table, key in (("events", "seq"), ("answers", "actor, command_id")):
            gone = db.execute(
                f"DELETE FROM {table} WHERE workshop = ? AND ({key}) IN "
                f"(SELECT {key} FROM {table} WHERE workshop = ? LIMIT {STEP_ROWS})",
                (ref, ref),
            )
            if gone.rowcount:
                return True
    return False
