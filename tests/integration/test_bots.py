"""The command `atelier bots` against a real server: they come in by link, send and receive media, and vote."""

import asyncio
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.bots.bot import Bot, answer_to
from tests.harness import ServerProcess
from tests.nodes import nodes
from tests.socket_client import WireClient

pytestmark = pytest.mark.slow


async def started(url: str, *flags: str) -> asyncio.subprocess.Process:
    """The command, running."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "bots", "--url", url, *flags, stdout=pipe, stderr=pipe
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """(exit status, output, errors)."""
    async with asyncio.timeout(60):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


async def test_bots_join_send_media_and_vote_until_they_are_told_to_leave(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    running = None
    try:
        workshop = await server.create_workshop()
        host = await WireClient(server.base_url, await server.token(workshop, "facilitator", "Ann", "ann")).connect()
        invite = server.link(workshop, await server.token(workshop, "learner"))
        running = await started(invite, "-n", "4", "--speak", "--video")

        def people(records: dict[str, object]) -> bool:
            found = [r for r in records.values() if isinstance(r, dict) and r["kind"] == "participant"]
            return sum(str(r["name"]).startswith("Bot ") for r in found) == 4

        await host.until(people, within_s=90)
        poll = {"question": "Which?", "options": ["A", "B"], "results": "everyone", "anonymous": False}
        await host.ok("CreatePoll", **poll)
        poll_id = (await host.until(lambda _: host.of_kind("poll")))[0]["poll_id"]
        await host.ok("OpenPoll", poll_id=poll_id)
        await host.until(lambda r: sum(c["count"] for c in r[f"tally:{poll_id}"]["counts"]) == 4, within_s=60)
        running.send_signal(signal.SIGINT)
        status, out, errors = await ended(running)
        print(out, errors)
        assert (status, errors) == (0, "")
        assert "4 of 4 bots are in the workshop" in out
        last = [line for line in out.splitlines() if "present" in line][-1]
        assert "4 present, 4 ballots cast" in last
        assert int(last.split("received ")[1].split()[0]) > 100
        await host.close()
        status, _, errors = await ended(await started(f"{server.base_url}/w/{workshop}#t=nonsense", "-n", "2"))
        assert status == 1
        assert "token" in errors
    finally:
        if running is not None and running.returncode is None:
            running.kill()
            await running.wait()
        await server.stop()


async def test_bots_follow_their_workshop_and_find_another_server_when_theirs_is_lost(tmp_path: Path) -> None:
    running = None
    async with nodes(tmp_path, "n1", "n2") as cluster:
        try:
            n1, n2 = cluster.all["n1"], cluster.all["n2"]
            await n1.create_workshop(workshop_id="w")
            await n1.api("POST", "/api/workshops/w/move", {"to": "n1"})
            host = await cluster.roamer(n2, "w", "facilitator", "ann")
            running = await started(n1.link("w", await n1.token("w", "learner")), "-n", "2", "--speak")

            async def all_vote() -> None:
                poll = {"question": "Which?", "options": ["A", "B"], "results": "everyone", "anonymous": False}
                await host.command("CreatePoll", **poll, open=True)
                before = sum(counted(each) == 2 for each in host.records.values())
                async with asyncio.timeout(60):
                    while sum(counted(each) == 2 for each in host.records.values()) == before:
                        await asyncio.sleep(0.1)

            await all_vote()
            assert (await n2.api("POST", "/api/workshops/w/move", {"to": "n2"}))[0] == 200
            await all_vote()
            await cluster.all.pop("n2").kill()
            await all_vote()
            assert host.url == n1.base_url
            running.send_signal(signal.SIGINT)
            status, out, errors = await ended(running)
            print(out)
            assert (status, errors) == (0, "")
            assert "2 present, 6 ballots cast" in out.splitlines()[-1]
        finally:
            if running is not None and running.returncode is None:
                running.kill()
                print(await ended(running))


async def test_a_bot_whose_media_are_refused_stays_where_it_is_and_tries_again(tmp_path: Path) -> None:
    """Two servers that have the workshop; the second one takes one media connection, and somebody has it."""
    here = ServerProcess(tmp_path / "here")
    there = ServerProcess(tmp_path / "there", ATELIER_LIMITS__MAX_TRANSPORTS="1")
    bots = [
        Bot(f"{each.base_url}/w/w#t=", "Bot", 1, random.Random(1), speak=False, video=False) for each in (here, there)
    ]
    ann, bob = bots
    async with aiohttp.ClientSession() as http:
        try:
            for server, bot in ((here, ann), (there, bob)):
                await server.start()
                await server.create_workshop(workshop_id="w")
                bot._link += await server.token("w", "learner", name=f"Bot at {server.port}")
                await bot.join(http)
            line, peer = ann._line, ann.peer
            assert line is not None
            for _ in range(2):
                await ann._move(there.base_url)
                assert (ann._line, ann.peer, ann.ended) == (line, peer, None)
                await line.command("RaiseHand")
                await line.command("LowerHand")
            await bob.close()
            await until(ann, lambda: ann._line is not line, ann._move, there.base_url)
            assert ann._line is not None
            assert (ann._line.url, ann.ended) == (there.base_url, None)
        finally:
            for bot in bots:
                await bot.close()
            for server in (here, there):
                await server.stop()


async def until(bot: Bot, there: Callable[[], bool], do: Callable[..., Any] | None = None, *what: Any) -> None:
    """Wait until something is so, doing something again and again."""
    async with asyncio.timeout(60):
        while not there():
            assert bot.ended is None
            if do is not None:
                await do(*what)
            await asyncio.sleep(0.1)


def counted(record: dict[str, Any]) -> int:
    """Votes, where it is a tally."""
    return sum(each["count"] for each in record["counts"]) if record["kind"] == "tally" else 0


def test_every_kind_of_poll_gets_an_answer_it_takes() -> None:
    options = [{"option_id": f"o_{number}"} for number in range(4)]
    bare = {"min_choices": 1, "max_choices": 1, "scale": None}
    for seed in range(50):
        rng = random.Random(seed)
        (one,) = answer_to({**bare, "poll_kind": "single", "options": options}, rng)["option_ids"]
        assert one.startswith("o_")
        some = answer_to({**bare, "poll_kind": "multiple", "options": options, "max_choices": 3}, rng)["option_ids"]
        assert 1 <= len(set(some)) == len(some) <= 3
        ranked = answer_to({**bare, "poll_kind": "ranking", "options": options}, rng)["option_ids"]
        assert sorted(ranked) == ["o_0", "o_1", "o_2", "o_3"]
        scale = {"least": 2, "most": 5}
        assert 2 <= answer_to({**bare, "poll_kind": "scale", "options": [], "scale": scale}, rng)["value"] <= 5
        assert answer_to({**bare, "poll_kind": "text", "options": []}, rng)["text"]
