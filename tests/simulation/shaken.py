"""The real server, in a world that can be shaken: `python -m tests.simulation.shaken serve …` takes what `python -m server` takes.

Nothing of the server is replaced; at named places its process ends as by SIGKILL, and the machine's wall clock can be set. The
environment variable `SHAKEN_FOLDER` names a folder in which
- `clock` holds how far the wall clock is off, in seconds (fixed width, read at every look at it);
- `die-at-<point>` makes the process die when it comes to that point next, once.

The points, in the order an event passes them: `append` (decided, nothing stored), `ack` (durable, nobody has been told), `deliver` (a sink
is about to be given a batch), `cursor` (the sink has it, the cursor has not moved), `next` (the cursor has moved).
"""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

POINTS = ("append", "ack", "deliver", "cursor", "next")
CLOCK_CHARS = 12


def write_clock(folder: Path, offset_s: int) -> None:
    """Set how far the wall clock is off."""
    file = os.open(folder / "clock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, f"{offset_s:>{CLOCK_CHARS}}".encode(), 0)
    finally:
        os.close(file)


def arm(folder: Path, point: str) -> None:
    """The server dies when it comes to `point` next."""
    (folder / f"die-at-{point}").touch()


def disarm(folder: Path, point: str) -> bool:
    """Whether the point was not reached."""
    armed = folder / f"die-at-{point}"
    left = armed.exists()
    armed.unlink(missing_ok=True)
    return left


def _set_clock(folder: Path) -> None:
    file = os.open(folder / "clock", os.O_RDONLY)
    real_s, real_ns = time.time, time.time_ns

    def offset_s() -> int:
        return int(os.pread(file, CLOCK_CHARS, 0))

    time.time = lambda: real_s() + offset_s()
    time.time_ns = lambda: real_ns() + offset_s() * 1_000_000_000


def _dies(folder: Path, point: str) -> None:
    try:
        (folder / f"die-at-{point}").unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _between(
    call: Callable[..., Awaitable[Any]], folder: Path, before: str | None, after: str
) -> Callable[..., Awaitable[Any]]:
    @wraps(call)
    async def passing(*given: Any, **named: Any) -> Any:
        if before is not None:
            _dies(folder, before)
        result = await call(*given, **named)
        _dies(folder, after)
        return result

    return passing


def main() -> None:
    folder = Path(os.environ["SHAKEN_FOLDER"])
    _set_clock(folder)  # before anything else has taken the clock's functions by name

    from server.__main__ import main as serve
    from server.journal.redis import RedisJournal
    from server.journal.sqlite import SqliteJournal
    from server.publish.redis_ledger import RedisLedger
    from server.publish.sinks.file import FileSink
    from server.publish.sinks.redis_stream import RedisStreamSink
    from server.publish.sinks.webhook import WebhookSink
    from server.publish.sinks.xapi import XapiSink
    from server.publish.sqlite_ledger import SqliteLedger

    for journal in (SqliteJournal, RedisJournal):
        journal.append = _between(journal.append, folder, "append", "ack")
    for sink in (FileSink, WebhookSink, RedisStreamSink, XapiSink):
        sink.deliver = _between(sink.deliver, folder, "deliver", "cursor")
    for ledger in (SqliteLedger, RedisLedger):
        ledger.advance = _between(ledger.advance, folder, None, "next")
    serve()


if __name__ == "__main__":
    main()
