"""How smooth the client stays with 200 people: long tasks, scripting and update latency in Chromium, while speakers change and people come and go.

Everybody but the one who is looked at speaks the protocol. A facilitator's page shows the list of all of them (the costliest panel, with a menu in each
row) beside a full page of tiles. What the page is told of speakers is put in where the socket's messages come in, five times a second, because 200
microphones are more than one machine has. Scripting and layout are the processor's time of the page's own thread, so they say the same on a busy
machine; long tasks and latencies do not. Latency is from sending a raised hand until the row in the list shows it, on one machine's clock.

    python -m tests.bench.client [--people 200] [--seconds 20]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright, expect

from tests.browser.devices import CHROMIUM, QUIET
from tests.harness import ServerProcess
from tests.socket_client import WireClient

AT_ONCE = 20
HANDS_EVERY_S = 0.5

WATCH = """(ids) => {
    window.__bench = {tasks: [], shown: {}};
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.__bench.tasks.push(Math.round(entry.duration));
    }).observe({type: "longtask"});
    new MutationObserver(() => {
        for (const hand of document.querySelectorAll("aside.panel .person-hand")) {
            const name = hand.closest(".person").querySelector(".person-name > span").textContent;
            window.__bench.shown[name] ??= Date.now();
        }
    }).observe(document.querySelector("aside.panel"), {childList: true, subtree: true});
    let turn = 0;
    setInterval(() => {
        turn += 1;
        const speaking = [0, 1, 2].map((each) => ids[(turn * 7 + each * 31) % ids.length]);
        window.__atelier.connection.onSignals({speaking});
    }, 200);
}"""


async def joined(server: ServerProcess, workshop: str, numbers: range) -> list[WireClient]:
    """So many learners, a few at a time."""
    clients: list[WireClient] = []
    for start in range(numbers.start, numbers.stop, AT_ONCE):
        some = range(start, min(start + AT_ONCE, numbers.stop))
        tokens = [await server.token(workshop, "learner", f"Person {number:03}", f"p_{number}") for number in some]
        clients += await asyncio.gather(*(WireClient(server.base_url, token).connect() for token in tokens))
    return clients


async def metrics(session: CDPSession) -> dict[str, float]:
    found: dict[str, Any] = await session.send("Performance.getMetrics")
    return {each["name"]: float(each["value"]) for each in found["metrics"]}


async def facilitator(server: ServerProcess, workshop: str, page: Page) -> None:
    await page.goto(server.link(workshop, await server.token(workshop, "facilitator", "Fay", "fay")))
    await page.get_by_role("button", name="Join workshop").click()
    await expect(page.get_by_test_id("room-name")).to_be_visible(timeout=60_000)
    await page.get_by_role("button", name="People", exact=True).click()
    await expect(page.locator("aside.panel .person")).not_to_have_count(0)


async def hands(clients: list[WireClient], page: Page, until_s: float) -> list[float]:
    """Seconds from each raised hand to its being shown."""
    sent: dict[str, float] = {}
    for number, client in enumerate(clients):
        if time.monotonic() > until_s:
            break
        sent[f"Person {number:03}"] = time.time()
        await client.ok("RaiseHand")
        await asyncio.sleep(HANDS_EVERY_S)
    await asyncio.sleep(1)
    shown: dict[str, float] = await page.evaluate("window.__bench.shown")
    return [shown[name] / 1000 - at for name, at in sent.items() if name in shown]


async def coming_and_going(server: ServerProcess, workshop: str, first: int, until_s: float) -> int:
    """Somebody new twice a second, who leaves again after a while; how many came."""
    came: list[WireClient] = []
    while time.monotonic() < until_s:
        came += await joined(server, workshop, range(first + len(came), first + len(came) + 1))
        if len(came) > 4:
            await came[len(came) - 5].ok("Leave")
        await asyncio.sleep(0.5)
    await asyncio.gather(*(client.close() for client in came))
    return len(came)


async def measured(server: ServerProcess, people: int, seconds: float) -> str:
    workshop = await server.create_workshop("Two hundred")
    clients = await joined(server, workshop, range(people))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = await (await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")).new_page()
        session = await page.context.new_cdp_session(page)
        # What the page's own thread computed, whatever else the machine did meanwhile.
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        await facilitator(server, workshop, page)
        await asyncio.sleep(2)
        await page.evaluate(WATCH, [f"p_{number}" for number in range(people)])
        before, began_s = await metrics(session), time.monotonic()
        latencies, came = await asyncio.gather(
            hands(clients, page, began_s + seconds), coming_and_going(server, workshop, people, began_s + seconds)
        )
        after, took_s = await metrics(session), time.monotonic() - began_s
        tasks: list[int] = await page.evaluate("window.__bench.tasks")
        rows, tiles = await page.locator("aside.panel .person").count(), await page.locator(".tile").count()
        await browser.close()
    await asyncio.gather(*(client.close() for client in clients))

    def per_second(name: str) -> float:
        return 1000 * (after[name] - before[name]) / took_s

    print(f"{rows} rows, {tiles} tiles, {came} came, {len(latencies)} hands in {took_s:.0f} s; long tasks, ms: {tasks}")
    ordered = sorted(latencies)
    return (
        f"client with {people} people: long_tasks={len(tasks)} longest_ms={max(tasks, default=0)} "
        f"scripting_ms_per_s={per_second('ScriptDuration'):.0f} "
        f"layout_ms_per_s={per_second('LayoutDuration') + per_second('RecalcStyleDuration'):.0f} "
        f"update_median_ms={1000 * statistics.median(ordered):.0f} "
        f"update_p95_ms={1000 * ordered[int(len(ordered) * 0.95)]:.0f}"
    )


async def run(people: int, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "data")
        await server.start()
        try:
            return await measured(server, people, seconds)
        finally:
            await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    print(asyncio.run(run(options.people, options.seconds)))


if __name__ == "__main__":
    main()
