"""From a move to the first decoded frame of the new room, in Chromium.

Two people sit in two breakout rooms; a third is moved from one to the other and back. The clock starts when the move command is sent and stops at the
first frame of the new room's person that the page shows (told by its colour), on the same machine's clock.

    python -m tests.bench.move [--moves 30]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from tests.browser.browsers import browsers as opened
from tests.browser.devices import DEVICES
from tests.browser.person import Person, expect_company, people
from tests.harness import ServerProcess
from tests.socket_client import WireClient


async def run(moves: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "data")
        await server.start()
        try:
            return await measured(server, Path(folder), moves)
        finally:
            await server.stop()


async def measured(server: ServerProcess, folder: Path, moves: int) -> str:
    workshop_id = await server.create_workshop("Moves")
    fay = await WireClient(server.base_url, await server.token(workshop_id, "facilitator", "Fay", "fay")).connect()
    named = [("Ann", DEVICES[1]), ("Bob", DEVICES[2]), ("Lou", DEVICES[0])]
    async with opened(folder) as browsers, people(browsers, named) as crowd:
        for person in crowd:
            token = await server.token(workshop_id, "learner", person.name, person.name.lower())
            await person.join(server.link(workshop_id, token))
        await fay.until(lambda _: len(fay.of_kind("participant")) == 4)
        await fay.ok("OpenBreakouts", count=2)
        rooms = [room["room_id"] for room in await fay.until(lambda _: breakouts(fay))]
        await fay.ok("MoveParticipants", participant_ids=["ann"], room_id=rooms[0])
        await fay.ok("MoveParticipants", participant_ids=["bob"], room_id=rooms[1])
        await fay.ok("MoveParticipants", participant_ids=["lou"], room_id=rooms[0])
        ann, bob, lou = crowd
        await expect_company([[ann, lou], [bob]])
        times_ms = [
            await one_move(fay, lou, rooms[(turn + 1) % 2], (ann, bob)[(turn + 1) % 2]) for turn in range(moves)
        ]
        negotiations = await lou.negotiations()
    await fay.close()
    print("ms:", " ".join(f"{value:.0f}" for value in times_ms))
    ordered = sorted(times_ms)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return (
        f"move to first decoded frame: median_ms={statistics.median(times_ms):.0f} p95_ms={p95:.0f} "
        f"max_ms={max(times_ms):.0f} moves={moves} negotiations={negotiations}"
    )


def breakouts(client: WireClient) -> list[dict[str, str]]:
    return [room for room in client.of_kind("room") if room["room_kind"] == "breakout"]


async def one_move(fay: WireClient, lou: Person, room_id: str, company: Person) -> float:
    """Milliseconds from the command to the first frame of who is there."""
    seen = asyncio.ensure_future(
        lou.page.evaluate("(colour) => window.__probe.firstFrameOf(colour)", company.device.colour)
    )
    await asyncio.sleep(0.3)  # the page's watching has begun
    sent_ms = time.time() * 1000
    await fay.ok("MoveParticipants", participant_ids=["lou"], room_id=room_id)
    shown_ms = float(await asyncio.wait_for(seen, 20))
    await asyncio.sleep(0.7)
    return shown_ms - sent_ms


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moves", type=int, default=30)
    print(asyncio.run(run(parser.parse_args().moves)))
