"""Events to files: one JSON object a line (NDJSON), `events.ndjson`, put aside as `events-<number>.ndjson` when it is full.

An event is delivered when its line is fsynced. A line that a crash or a full disk has torn is cut off before anything is
written after it; its event comes again, because the cursor does not stand behind it. A reader that follows the file may
see an event twice after a crash of the server, with the same id.

When somebody's personal data is erased, the lines that told it are rewritten, in the files put aside too; a file that is
rewritten is a new one of the same name (follow it with `tail -F`).
"""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rooms.ids import WorkshopId
from server.publish.cloudevents import CloudEvent
from server.publish.sink import Later

_CURRENT = "events.ndjson"
_PART = 65_536


class FileSink:
    """Writes into `folder` (made if missing). `max_bytes`: size at which a file is put aside; `keep`: how many of those stay
    (None: all)."""

    max_batch = 500
    lanes = 1
    give_up_after_ms = None

    def __init__(self, name: str, folder: Path, *, max_bytes: int = 64 << 20, keep: int | None = None) -> None:
        self.name = name
        self._folder = folder
        self._max_bytes = max_bytes
        self._keep = keep
        self._busy = asyncio.Lock()

    async def open(self) -> None:
        """Nothing to prepare: each batch finds the file as it is."""

    async def rewound(self, workshop_id: WorkshopId | None) -> None:
        """Nothing is remembered here."""

    async def close(self) -> None:
        async with self._busy:
            pass

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        lines = b"".join(map(_line, events))
        # A cancelled call leaves its thread writing; the next must not begin before that has ended.
        await asyncio.shield(asyncio.ensure_future(self._write(lines)))

    async def _write(self, data: bytes) -> None:
        async with self._busy:
            try:
                await asyncio.to_thread(self._append, data)
            except OSError as error:
                raise Later(f"{self._folder / _CURRENT}: {error.strerror}") from error

    async def retold(self, workshop_id: WorkshopId, changed: Mapping[str, CloudEvent]) -> None:
        lines = {event_id: _line(event) for event_id, event in changed.items()}
        await asyncio.shield(asyncio.ensure_future(self._rewrite(lines)))

    async def _rewrite(self, lines: Mapping[str, bytes]) -> None:
        async with self._busy:
            for path in [*sorted(self._folder.glob("events-*.ndjson")), self._folder / _CURRENT]:
                try:
                    await asyncio.to_thread(self._rewrite_file, path, lines)
                except OSError as error:
                    raise Later(f"{path}: {error.strerror}") from error

    def _rewrite_file(self, path: Path, lines: Mapping[str, bytes]) -> None:
        """Replace lines by id. The file is written beside and put in its place whole, so a crash leaves the old one or the new one."""
        if not path.exists():  # nothing was delivered yet
            return
        temporary = path.with_suffix(".rewriting")
        changed = False
        with path.open("rb") as old, temporary.open("wb") as new:
            os.fchmod(new.fileno(), 0o600)
            for line in old:
                kept = lines.get(_id_of(line), line) if line.endswith(b"\n") else line
                changed |= kept != line
                new.write(kept)
            new.flush()
            os.fsync(new.fileno())
        if changed:
            temporary.rename(path)
            self._sync_folder()
        else:
            temporary.unlink()

    def _append(self, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / _CURRENT
        with _opened(path) as file:
            size = _cut_torn_line(file)
            if not size or size + len(data) <= self._max_bytes:
                self._write_durably(file, data, size)
                return
        self._put_aside(path)
        with _opened(path) as file:
            self._write_durably(file, data, 0)

    def _write_durably(self, file: int, data: bytes, size: int) -> None:
        try:
            _write_all(file, data, size)
            os.fsync(file)
            if not size:
                self._sync_folder()
        except OSError:
            os.ftruncate(file, size)
            raise

    def _put_aside(self, path: Path) -> None:
        numbers = sorted(int(each.stem.removeprefix("events-")) for each in self._folder.glob("events-*.ndjson"))
        numbers.append(numbers[-1] + 1 if numbers else 1)
        path.rename(self._aside(numbers[-1]))
        for number in [] if self._keep is None else numbers[: len(numbers) - self._keep]:
            self._aside(number).unlink(missing_ok=True)
        self._sync_folder()

    def _aside(self, number: int) -> Path:
        return self._folder / f"events-{number:06}.ndjson"

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _line(event: CloudEvent) -> bytes:
    return (json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _id_of(line: bytes) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, TypeError, KeyError):  # not a line of ours
        return ""


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _cut_torn_line(file: int) -> int:
    """Cut the file behind its last complete line; returns its size then."""
    size = end = os.fstat(file).st_size
    while end:
        start = max(0, end - _PART)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end != size:
        os.ftruncate(file, end)
    return end
