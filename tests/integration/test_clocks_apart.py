"""Nodes whose wall clocks are minutes apart: leases, timers, tokens and the order of what happened are as with equal ones."""

import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest

from server.clock import Clock
from server.journal.redis_clock import RedisClock
from tests.harness import ServerProcess
from tests.nodes import nodes, with_clock

TIMER_MS = 600_000


@pytest.mark.parametrize("apart", [-15, 15], ids=["to one that is ahead", "to one that is behind"])
async def test_a_workshop_moves_and_is_taken_over_between_clocks_that_differ(tmp_path: Path, apart: float) -> None:
    async with nodes(tmp_path) as cluster:
        n1 = await cluster.add("n1", **with_clock(apart))
        n2 = await cluster.add("n2", **with_clock(-apart))
        await cluster.until_known()
        told = [await wall_s(each) - time.time() for each in (n1, n2)]
        assert [round(each / 60) for each in told] == [apart, -apart], "the clocks are not apart"
        await n1.create_workshop(workshop_id="w")
        assert (await n1.api("POST", "/api/workshops/w/move", {"to": "n1"}))[0] == 200
        ann = await cluster.roamer(n1, "w", "facilitator", "ann")
        await cluster.roamer(n1, "w", "learner", "bob")
        await ann.command("OpenBreakouts", count=1, duration_ms=TIMER_MS)
        assert ann.client is not None
        ends_at_ms = (await ann.client.until(lambda records: records["breakouts"]))["ends_at_ms"]
        began_s = time.monotonic()
        assert abs(ends_at_ms - TIMER_MS - 1000 * time.time()) < 60_000, "it goes by Redis's clock"
        assert (await n1.api("POST", "/api/workshops/w/move", {"to": "n2"}))[0] == 200
        await ann.command("PostMessage", channel="everyone", text="moved")
        assert await cluster.owner("w") == "n2"
        assert left_ms(ann.client.records, ann.client.hello) > TIMER_MS - 1000 * (time.monotonic() - began_s) - 60_000
        assert (await n2.api("POST", "/api/workshops/w/move", {"to": "n1"}))[0] == 200
        await ann.command("PostMessage", channel="everyone", text="back")
        await cluster.all.pop("n1").kill()
        await ann.command("PostMessage", channel="everyone", text="taken over")
        assert await cluster.owner("w") == "n2"
        assert ann.client.records["breakouts"]["ends_at_ms"] == ends_at_ms
        assert left_ms(ann.client.records, ann.client.hello) > TIMER_MS - 1000 * (time.monotonic() - began_s) - 60_000


def left_ms(records: dict[str, dict[str, int]], hello: dict[str, int]) -> int:
    """Of the breakouts, when the last node was entered."""
    return records["breakouts"]["ends_at_ms"] - hello["now_ms"]


async def wall_s(node: ServerProcess) -> float:
    """A node's own wall clock, as its answers are dated."""
    async with aiohttp.ClientSession() as http, http.get(f"{node.base_url}/healthz") as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp()


class Own(Clock):
    def __init__(self) -> None:
        self.wall, self.monotonic = 5_000_000, 1_000

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_ms(self) -> int:
        return self.monotonic


def test_between_two_answers_the_shared_clock_runs_on_by_the_monotonic_one() -> None:
    own = Own()
    clock = RedisClock(own)
    assert clock.wall_ms() == 5_000_000
    own.monotonic += 10
    clock.told(9_000_005, asked_ms=1_000)
    assert clock.wall_ms() == 9_000_010
    own.wall, own.monotonic = 0, own.monotonic + 500
    assert clock.wall_ms() == 9_000_510
    own.monotonic += 1_000  # an answer that took a second is worth nothing beside a better one
    clock.told(1, asked_ms=own.monotonic - 1_000)
    assert clock.wall_ms() == 9_001_510
