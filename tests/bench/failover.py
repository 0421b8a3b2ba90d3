"""What a lost node costs: from SIGKILL to commands accepted again, and to media flowing again in a real Chromium.

Three nodes, Redis and HAProxy on loopback, with the default lease. Two people sit in browsers and see each other; two more give a command
every 50 ms and remember what was acknowledged. Each turn kills the owner of the workshop, waits for both, and starts the node again. In the end
every acknowledged command must be in the journal, once.

    python -m tests.bench.failover [--kills 20] [--without-browser]
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rooms.events.chat import MessagePosted
from rooms.ids import WorkshopId
from server.journal.redis import RedisJournal
from server.journal.redis_store import RedisStore
from tests.bench.figures import figures
from tests.browser.browsers import browsers as opened
from tests.browser.devices import DEVICES
from tests.browser.person import Person, people
from tests.haproxy import HaProxy
from tests.nodes import Nodes, nodes
from tests.roaming import Roamer

W = "w"
SEEN_AGAIN = """async ({ colour, opened }) => {
  for (;;) {
    if (window.__probe.opened() > opened) {
      const wait = new Promise((resolve) => setTimeout(() => resolve(null), 400));
      const at = await Promise.race([window.__probe.firstFrameOf(colour), wait]);
      if (at) return at;
    } else await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


class Talker:
    """Gives a command every 50 ms, and keeps what was acknowledged."""

    def __init__(self, roamer: Roamer) -> None:
        self.roamer = roamer
        self.acked: list[str] = []
        self.acked_at: list[float] = []
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        count = 0
        while not self._stop.is_set():
            text = f"{id(self)}-{count}"
            count += 1
            await self.roamer.command("PostMessage", channel="everyone", text=text)
            self.acked.append(text)
            self.acked_at.append(time.time())
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    async def accepted_after(self, moment: float) -> float:
        """Seconds from `moment` to the ack of the first command that was acknowledged after it, and a bit."""
        while not (self.acked_at and self.acked_at[-1] > moment + 0.3):
            await asyncio.sleep(0.02)
        return next(at for at in self.acked_at if at > moment + 0.3) - moment


async def run(kills: int, browser: bool) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proxy = HaProxy(folder)
        options = {
            "ATELIER_PUBLIC_URL": proxy.url,
            "ATELIER_CLUSTER__LEASE_MS": "3000",
            "ATELIER_CLUSTER__HEARTBEAT_MS": "500",
        }
        async with nodes(folder, "n1", "n2", "n3", **options) as cluster, AsyncExitStack() as stack:
            await proxy.start(cluster.all)
            stack.push_async_callback(proxy.stop)
            await cluster.all["n1"].create_workshop(workshop_id=W)
            crowd = await browsers(stack, folder, cluster, proxy) if browser else []
            talkers = []
            for who in ("tom", "tim"):
                token = await cluster.all["n1"].token(W, "learner", who.title(), who)
                roamer = Roamer(proxy.url, token)
                cluster.roamers.append(roamer)
                talkers.append(Talker(await roamer.start()))
            commands_s, media_s = [], []
            for turn in range(kills):
                accepted, seen = await one_kill(cluster, talkers, crowd)
                commands_s.append(accepted)
                media_s += seen
                print(
                    f"kill {turn + 1}: commands {accepted:.2f} s" + "".join(f", media {each:.2f} s" for each in seen),
                    flush=True,
                )
            for talker in talkers:
                await talker.stop()
            lost = await missing(cluster, [text for talker in talkers for text in talker.acked])
    media = f" {figures('media', media_s)}" if media_s else " media not measured"
    return f"failover: {figures('commands', commands_s)}{media} kills={kills} acked={sum(len(t.acked) for t in talkers)} lost={lost}"


async def browsers(stack: AsyncExitStack, folder: Path, cluster: Nodes, proxy: HaProxy) -> list[Person]:
    at = await stack.enter_async_context(opened(folder))
    crowd = await stack.enter_async_context(people(at, [("Ann", DEVICES[1]), ("Bob", DEVICES[2])]))
    for person in crowd:
        token = await cluster.all["n1"].token(W, "learner", person.name, person.name.lower())
        await person.join(f"{proxy.url}/w/{W}#t={token}")
    await asyncio.gather(*(seen_again(one, other, -1) for one, other in (crowd, crowd[::-1])))
    return crowd


async def seen_again(person: Person, other: Person, opened: int) -> float:
    """When `person` sees `other` on a connection made after the first `opened` ones; Unix seconds."""
    asked: Any = person.page.evaluate(SEEN_AGAIN, {"colour": other.device.colour, "opened": opened})
    return float(await asyncio.wait_for(asked, 60)) / 1000


async def one_kill(cluster: Nodes, talkers: list[Talker], crowd: list[Person]) -> tuple[float, list[float]]:
    owner = await cluster.owner(W)
    opened = [await person.page.evaluate("() => window.__probe.opened()") for person in crowd]
    killed_at = time.time()
    await cluster.all[owner].kill()
    seen, accepted = await asyncio.gather(
        asyncio.gather(
            *(seen_again(one, other, before) for one, other, before in zip(crowd, reversed(crowd), opened, strict=True))
        ),
        asyncio.gather(*(talker.accepted_after(killed_at) for talker in talkers)),
    )
    await cluster.all[owner].start()
    await cluster.until_known()
    await asyncio.sleep(1)
    return max(accepted), [at - killed_at for at in seen]


async def missing(cluster: Nodes, acked: list[str], workshop_id: str = W) -> int:
    """How many acknowledged messages are not in the journal exactly once."""
    journal = RedisJournal(RedisStore(cluster.redis.url))
    await journal.open()
    stored: Counter[str] = Counter()
    seq = 0
    while page := await journal.read(WorkshopId(workshop_id), seq):
        seq = page[-1].seq
        stored.update(each.event.text for each in page if isinstance(each.event, MessagePosted))
    await journal.close()
    return sum(stored[text] != 1 for text in acked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--without-browser", action="store_true")
    arguments = parser.parse_args()
    print(asyncio.run(run(arguments.kills, not arguments.without_browser)))
