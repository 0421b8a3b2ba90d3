"""Keeps workshops' clocks going over a restart of the process, whatever the wall clock did meanwhile.

Theory of operation. A workshop's time is the machine's monotonic clock plus an *origin*, which is found from the wall clock when the workshop is
loaded (`server.clock`). The monotonic clock goes on for as long as the machine runs, over the death of this process too; so it is
enough to keep the origins. Somebody who was there before a crash and is there after it has then been away for as long as the crash took,
not for an hour because the wall clock was set in between. Beside them stands when this process was last alive, four times a second: the moment
at which people lost their connections with it.

Both hold until the machine is started anew, so they are never synced to disk; what a full disk or a lost file takes away is only this
continuity, and the wall clock is looked at instead. It is also looked at, and a corrected one so taken over, when nobody is there and
no timer runs.

Files in the data directory: `clocks`, a line for the boot and one for each workshop loaded since (its origin, and the death its people have not been
told of yet), the last one counting; `alive`; `lost`, connections that ended while the store was away, in room that is reserved at the
start, because the disk may be what is full. A process that dies before it could store that everybody is gone hands the earlier death on:
it stands in `clocks` before `alive` is overwritten. What a full disk keeps from being written is written with the next beat that finds room.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import structlog

from rooms.commands.people import LostConnection
from rooms.ids import ConnectionId, WorkshopId
from server.clock import Clock, WorkshopClock
from server.tasks import ended

log = structlog.get_logger()

BEAT_S = 0.25
MAX_KEPT = 20_000
"""Workshops whose origin is kept, the latest."""
MAX_LOST = 2_000
"""Connections whose end could not be stored; beyond that the oldest are overwritten."""
_LOST_CHARS = 64
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_ALIVE_CHARS = 20


class Continuity:
    """Without a `folder` nothing outlives the process. `boot`: what tells one start of the machine from the next; "" where that is unknown."""

    def __init__(self, clock: Clock, folder: Path | None = None, *, boot: str | None = None) -> None:
        self._clock = clock
        self._folder = folder
        self._boot = _boot_id() if boot is None else boot
        self._origins: dict[WorkshopId, int] = {}
        self._died_ms: dict[WorkshopId, int] = {}
        """Workshops of which it is not stored yet that everybody is gone → when the process that had them was last alive, by the monotonic
        clock."""
        self._clocks: int | None = None
        self._behind = False
        """`clocks` does not hold what it should."""
        self._alive: int | None = None
        self._lost: int | None = None
        self._lost_count = 0
        self._lost_before: dict[ConnectionId, int] = {}
        """Connections of the process before this one → when they ended, by the monotonic clock."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read what the process before this one has left, and begin to beat."""
        if self._folder is None or not self._boot:
            return
        try:
            self._open(self._folder)
        except OSError as error:
            log.warning("clocks_not_kept", reason=error.strerror)
        self._task = asyncio.create_task(self._beat_again_and_again(), name="beat")

    async def close(self) -> None:
        if self._task is not None:
            await ended(self._task)
        self._beat()
        for file in (self._clocks, self._alive, self._lost):
            if file is not None:
                os.close(file)
        self._clocks = self._alive = self._lost = None

    def resume(self, workshop_id: WorkshopId, last_ms: int, *, lively: bool) -> tuple[WorkshopClock, int | None]:
        """The clock of a workshop that is being loaded, and when, by that clock, the process that had it before was last alive (None
        where that is not known). `last_ms`: the time of its last event; `lively`: somebody is there, or a timer runs."""
        origin_ms = self._origins.get(workshop_id) if lively else None
        clock = WorkshopClock(self._clock, last_ms, origin_ms)
        died_ms = self._died_ms.get(workshop_id)
        alive_ms = None if origin_ms is None or died_ms is None else origin_ms + died_ms
        if self._origins.get(workshop_id) != clock.origin_ms:
            self._origins[workshop_id] = clock.origin_ms
            if len(self._origins) > MAX_KEPT:
                oldest = next(iter(self._origins))
                del self._origins[oldest]
                self._died_ms.pop(oldest, None)
            self._write(self._line(workshop_id))
        return clock, alive_ms

    def dropped(self, workshop_id: WorkshopId) -> None:
        """It is stored that nobody of the process before this one is connected any more."""
        if self._died_ms.pop(workshop_id, None) is not None:
            self._write(self._line(workshop_id))

    def note_lost(self, connection_id: ConnectionId, ago_ms: int) -> None:
        """A connection ended so long ago and the store could not be told: should this process die, the next one knows."""
        if self._lost is not None:
            line = f"{connection_id} {self._clock.monotonic_ms() - ago_ms}"
            slot = line[: _LOST_CHARS - 1].ljust(_LOST_CHARS - 1) + "\n"
            with suppress(OSError):
                os.pwrite(self._lost, slot.encode(), self._lost_count % MAX_LOST * _LOST_CHARS)
            self._lost_count += 1

    def lost_before(self, clock: WorkshopClock) -> tuple[LostConnection, ...]:
        """Connections of the process before this one whose end could not be stored, and when that was by a workshop's clock."""
        return tuple(
            LostConnection(connection_id=connection_id, at_ms=clock.origin_ms + at_ms)
            for connection_id, at_ms in self._lost_before.items()
        )

    def _open(self, folder: Path) -> None:
        path = folder / "clocks"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        same_boot = bool(lines) and lines[0] == self._boot
        if same_boot:
            self._take_over(lines[1:], folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        # Without this the next process would take this one's death for that of the one before.
        self._behind = True
        self._alive = os.open(folder / "alive", (flags & ~os.O_APPEND), 0o600)
        self._lost = os.open(folder / "lost", (flags & ~os.O_APPEND), 0o600)
        if not same_boot:
            os.ftruncate(self._lost, 0)
        with suppress(OSError):
            os.posix_fallocate(self._lost, 0, MAX_LOST * _LOST_CHARS)
        self._keep(folder)

    def _keep(self, folder: Path) -> None:
        """Write `clocks` anew. Raises OSError, and leaves the former file."""
        path = folder / "clocks"
        fresh = path.with_suffix(".new")
        fresh.write_text("".join([self._boot, *map(self._line, self._origins)]), encoding="utf-8")
        fresh.rename(path)
        former, self._clocks = self._clocks, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        if former is not None:
            os.close(former)
        self._behind = False

    def _take_over(self, lines: list[str], folder: Path) -> None:
        """What the process before this one knew, on the same boot."""
        alive_ms: int | None = None
        with suppress(OSError, ValueError):
            alive_ms = int((folder / "alive").read_text())
        died: dict[WorkshopId, int | None] = {}
        for workshop_id, origin_ms, died_ms in filter(None, map(_numbers, lines)):
            self._origins[WorkshopId(workshop_id)] = origin_ms
            died[WorkshopId(workshop_id)] = died_ms
        for workshop_id in list(self._origins)[:-MAX_KEPT]:
            del self._origins[workshop_id]
        for workshop_id in self._origins:
            died_ms = died[workshop_id] if died[workshop_id] is not None else alive_ms
            if died_ms is not None:
                self._died_ms[workshop_id] = died_ms
        with suppress(OSError):
            noted = (folder / "lost").read_text(encoding="ascii", errors="replace").splitlines()
            found = list(filter(None, map(_numbers, noted)))
            self._lost_before = {ConnectionId(each): ended_ms for each, ended_ms, _ in found}
            self._lost_count = len(found)

    def _line(self, workshop_id: WorkshopId) -> str:
        died_ms = self._died_ms.get(workshop_id)
        return f"\n{workshop_id} {self._origins[workshop_id]}{'' if died_ms is None else f' {died_ms}'}"

    async def _beat_again_and_again(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(BEAT_S)

    def _beat(self) -> None:
        if self._behind and self._folder is not None:
            with suppress(OSError):
                self._keep(self._folder)
        if self._alive is not None and not (self._behind and self._died_ms):
            with suppress(OSError):  # a full disk; what stands there already can mostly be overwritten
                os.pwrite(self._alive, f"{self._clock.monotonic_ms():>{_ALIVE_CHARS}}".encode(), 0)

    def _write(self, line: str) -> None:
        if self._clocks is not None:
            try:
                os.write(self._clocks, line.encode())
            except OSError as error:
                log.warning("clock_not_kept", reason=error.strerror)
                self._behind = True


def _boot_id() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _numbers(line: str) -> tuple[str, int, int | None] | None:
    """A name with one or two numbers. None for a line that a full disk has cut, unless it is still a number: a smaller one, which no clock takes
    over."""
    name, *numbers = line.split() or [""]
    try:
        return name, int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None
    except (ValueError, IndexError):
        return None
