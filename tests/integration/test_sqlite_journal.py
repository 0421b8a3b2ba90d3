"""What is particular to the SQLite journal: its file, full disks, erased keys, and the death of the process."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rooms.events import Recorded
from rooms.events.chat import MessagePosted
from rooms.ids import MessageId, ParticipantId, WorkshopId
from rooms.messages import ERASED
from server.journal import sqlite_schema
from server.journal.port import CommandKey, Entry, JournalCorrupt, JournalUnavailable
from server.journal.sqlite import SqliteJournal

W = WorkshopId("w_1")


def said(seq: int, who: str, text: str) -> Entry:
    posted = MessagePosted(
        message_id=MessageId(f"m_{seq}"), author_id=ParticipantId(who), channel="everyone", text=text, length=len(text)
    )
    recorded = Recorded(seq=seq, at_ms=seq, actor=ParticipantId(who), command_id=f"c{seq}", event=posted)
    return Entry(command=CommandKey(ParticipantId(who), f"c{seq}"), events=(recorded,))


def texts(events: list[Recorded]) -> list[str]:
    return [each.event.text for each in events if isinstance(each.event, MessagePosted)]


def stored_bytes(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(path.name + "*"))


async def test_no_byte_of_an_erased_key_stays_in_the_files(tmp_path: Path) -> None:
    """Many keys, so that the table has many pages; erased in any order, with commits in between."""
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path)
    await journal.open()
    people = [f"p_{i}" for i in range(400)]
    seq = 0
    for who in people:
        seq += 1
        await journal.append(W, seq - 1, [said(seq, who, f"text of {who}")])
    with closing(sqlite3.connect(path)) as db:
        secrets = dict(db.execute("SELECT participant_id, secret FROM seals"))
    assert len(set(secrets.values())) == len(people)
    stored = stored_bytes(path)
    assert all(secret in stored for secret in secrets.values())  # the search finds what is there

    erased = draw.sample(people, 150)
    for who in erased:
        assert await journal.erase_person(W, ParticipantId(who))
        assert secrets[who] not in stored_bytes(path)
        if draw.random() < 0.2:
            seq += 1
            await journal.append(W, seq - 1, [said(seq, f"p_new{seq}", "newcomer")])
    stored = stored_bytes(path)
    assert [who for who in erased if secrets[who] in stored] == []
    kept = [who for who in people if who not in erased]
    assert all(secrets[who] in stored for who in kept)
    read = texts(await journal.read(W, 0))
    assert read[: len(people)] == [ERASED if who in erased else f"text of {who}" for who in people]
    await journal.close()


async def test_an_erasure_that_a_reader_holds_up_says_so_and_is_finished_by_asking_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path, busy_timeout_ms=50)
    await journal.open()
    await journal.append(W, 0, [said(1, "p_1", "hello")])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        secret = db.execute("SELECT secret FROM seals").fetchone()[0]
        db.execute("BEGIN")
        db.execute("SELECT * FROM workshops").fetchall()
        with pytest.raises(JournalUnavailable, match="erase again"):
            await journal.erase_person(W, ParticipantId("p_1"))
        assert texts(await journal.read(W, 0)) == [ERASED]
    assert secret in stored_bytes(path)
    assert await journal.erase_person(W, ParticipantId("p_1")) is False
    assert secret not in stored_bytes(path)
    await journal.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], capture_output=True)
    if done.returncode != 0:
        pytest.skip(f"a small disk can only be mounted by root: {done.stderr.decode().strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


async def test_on_a_full_disk_nothing_is_half_written_and_work_goes_on_when_there_is_room(small_disk: Path) -> None:
    journal = SqliteJournal(small_disk / "journal.db")
    await journal.open()
    acked = 0
    await journal.append(W, 0, [said(1, "p_1", "first")])
    acked += 1
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(small_disk)
        file.write(b"x" * (free.f_bavail * free.f_frsize - 65_536))
    while True:
        try:
            await journal.append(W, acked, [said(acked + 1, "p_1", "x" * 10_000)])
        except JournalUnavailable:
            break
        acked += 1
        assert acked < 100, "the disk did not get full"
    assert [each.seq for each in await journal.read(W, 0)] == list(range(1, acked + 1))
    with pytest.raises(JournalUnavailable):
        await journal.append(W, acked, [said(acked + 1, "p_2", "x" * 10_000)])
    ballast.unlink()
    await journal.append(W, acked, [said(acked + 1, "p_2", "there is room again")])
    await journal.close()
    await journal.open()
    read = await journal.read(W, 0)
    assert [each.seq for each in read] == list(range(1, acked + 2))
    assert texts(read)[-1] == "there is room again"
    await journal.close()


WRITES_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from server.journal.sqlite import SqliteJournal
from tests.integration.test_sqlite_journal import said
from rooms.ids import WorkshopId

async def write(journal, workshop_id):
    events = await journal.read(workshop_id, 0, 1_000_000)
    seq = len(events)
    while True:
        seq += 1
        await journal.append(workshop_id, seq - 1, [said(seq, f"p_{seq % 7}", f"{workshop_id} {seq}")])
        print(workshop_id, seq, flush=True)

async def main():
    journal = SqliteJournal(Path(sys.argv[1]))
    await journal.open()
    await asyncio.gather(*(write(journal, WorkshopId(f"w_{i}")) for i in range(5)))

asyncio.run(main())
"""


def kill_at_random(path: Path, draw: random.Random, acked: dict[str, int]) -> None:
    """Run the child until it has said some acknowledgements, kill it, and note all that it said in `acked`."""
    child = subprocess.Popen([sys.executable, "-c", WRITES_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    stop_at = draw.randint(1, 600)
    for count, line in enumerate(child.stdout):
        if line.endswith("\n"):  # what it had said before it died counts, a torn line does not
            workshop_id, seq = line.split()
            acked[workshop_id] = int(seq)
        if count == stop_at:
            child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


async def test_every_append_acknowledged_before_a_sigkill_is_there_once(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    path = tmp_path / "journal.db"
    acked: dict[str, int] = {}
    for _ in range(6):
        await asyncio.to_thread(kill_at_random, path, draw, acked)
        journal = SqliteJournal(path)
        await journal.open()
        for workshop_id, last in acked.items():
            read = await journal.read(WorkshopId(workshop_id), 0, 1_000_000)
            assert len(read) >= last
            assert [each.seq for each in read] == list(range(1, len(read) + 1))
            assert texts(read) == [f"{workshop_id} {seq}" for seq in range(1, len(read) + 1)]
            keys = [CommandKey(each.actor, each.command_id) for each in read]
            assert await journal.answers(WorkshopId(workshop_id), keys) == {
                key: each.seq for key, each in zip(keys, read, strict=True)
            }
        await journal.close()
    assert sum(acked.values()) > 6


async def test_a_second_server_is_kept_off_the_file(tmp_path: Path) -> None:
    first, second = SqliteJournal(tmp_path / "journal.db"), SqliteJournal(tmp_path / "journal.db")
    await first.open()
    with pytest.raises(JournalUnavailable, match="in use by another server"):
        await second.open()
    await first.append(W, 0, [said(1, "p", "still mine")])
    await first.close()
    await second.open()
    assert texts(await second.read(W, 0)) == ["still mine"]
    await second.close()


async def test_only_the_owner_of_the_files_can_read_them(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "data" / "journal.db")
    await journal.open()
    await journal.append(W, 0, [said(1, "p", "hello")])
    for path in (tmp_path / "data").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    await journal.close()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match=r"file/journal\.db"):
        await SqliteJournal(tmp_path / "file" / "journal.db").open()


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path)
    await journal.open()
    await journal.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(sqlite_schema.STEPS)
        db.execute(f"PRAGMA user_version = {len(sqlite_schema.STEPS) + 1}")
    with pytest.raises(JournalCorrupt, match="run the newer version"):
        await journal.open()


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
    with pytest.raises(JournalCorrupt, match="not an Atelier journal"):
        await SqliteJournal(path).open()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalCorrupt):
        await SqliteJournal(path).open()


async def test_a_box_moved_to_another_place_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path)
    await journal.open()
    await journal.append(W, 0, [said(1, "p", "one"), said(2, "p", "two")])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE events SET payload = (SELECT payload FROM events WHERE seq = 2) WHERE seq = 1")
    with pytest.raises(JournalCorrupt, match="seq 1"):
        await journal.read(W, 0)
    assert texts(await journal.read(W, 1)) == ["two"]
    await journal.close()
