"""Acknowledged commands a second through the actor and the SQLite journal, from many submitters on one workshop.

`make bench-commands ARGS="--submitters 200 --seconds 5 --dir FOLDER"`. Each submitter gives its next command when the last one is
acknowledged. The last line has the figure.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from rooms.commands.people import Connect, LowerHand, RaiseHand
from rooms.commands.workshop import CreateWorkshop
from rooms.ids import ConnectionId, ParticipantId, WorkshopId
from server.clock import SystemClock
from server.journal.sqlite import SqliteJournal
from server.workshops import Workshops


async def submit_for(seconds: float, workshops: Workshops, who: ParticipantId, latencies_s: list[float]) -> None:
    actor = await workshops.get(WorkshopId("w"))
    connect = Connect(connection_id=ConnectionId(f"n-{who}"), name=who, role="learner")
    await actor.submit(connect, who, "connect")
    end, count = time.monotonic() + seconds, 0
    while (began := time.monotonic()) < end:
        count += 1
        await actor.submit(RaiseHand() if count % 2 else LowerHand(), who, f"c{count}")
        latencies_s.append(time.monotonic() - began)


async def measure(submitters: int, seconds: float, folder: Path) -> None:
    journal = SqliteJournal(folder / "journal.db")
    await journal.open()
    workshops = Workshops(journal, SystemClock())
    try:
        actor = await workshops.create(CreateWorkshop(workshop_id=WorkshopId("w"), title="Bench"), "create")
        actor.subscribe(lambda _events: None)
        latencies_s: list[float] = []
        people = [ParticipantId(f"p{n}") for n in range(submitters)]
        cpu = time.process_time()
        await asyncio.gather(*(submit_for(seconds, workshops, who, latencies_s) for who in people))
        cpu = time.process_time() - cpu
    finally:
        await workshops.close()
        await journal.close()
    latencies_s.sort()
    count = len(latencies_s)
    print(f"{submitters} submitters on one workshop, {seconds:g} s, {folder}")
    print(
        f"{count / seconds:.0f} acked commands/s, p50 {latencies_s[count // 2] * 1e3:.1f} ms, "
        f"p99 {latencies_s[count * 99 // 100] * 1e3:.1f} ms, {cpu / count * 1e6:.0f} µs CPU a command"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submitters", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--dir", help="where the journal is made; a temporary folder if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.dir) as folder:
        asyncio.run(measure(arguments.submitters, arguments.seconds, Path(folder)))


if __name__ == "__main__":
    main()
