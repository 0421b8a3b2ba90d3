"""The disk is full while the server runs: nothing is acknowledged, users are told, and work goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import ServerProcess
from tests.socket_client import Refused, WireClient


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def refusal_of_a_newcomer(server: ServerProcess, workshop_id: str) -> str | None:
    for number in range(50):  # a few may find room
        client = WireClient(server.base_url, await server.token(workshop_id, "learner", f"P{number}", f"p{number}"))
        try:
            await client.connect()
        except Refused as refused:
            return refused.code
        finally:
            await client.close()
    return None


async def test_on_a_full_disk_users_are_told_and_nothing_acknowledged_is_lost(small_disk: Path) -> None:
    server = ServerProcess(small_disk / "data")
    server.log = small_disk.parent / "server.log"
    await server.start()
    ballast = small_disk / "ballast"
    try:
        workshop_id = await server.create_workshop()
        token = await server.token(workshop_id, "learner", "Ann", "ann")
        ann = await WireClient(server.base_url, token).connect()
        bob = await WireClient(server.base_url, await server.token(workshop_id, "learner", "Bob", "bob")).connect()
        acked = {"before": await ann.ok("PostMessage", command_id="before", channel="everyone", text="before")}
        with ballast.open("wb", buffering=0) as file:
            for size in (65_536, 4_096, 512):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
        refusals = []
        for number in range(200):
            answer = await ann.command("PostMessage", command_id=f"m{number}", channel="everyone", text="x" * 3_000)
            if answer["ok"]:
                acked[f"m{number}"] = answer["seq"]  # there was room in a page or a file
            else:
                refusals.append((number, answer))
            if len(refusals) == 3:
                break
        assert [(each["code"], each["retryable"]) for _, each in refusals] == [("store_unavailable", True)] * 3
        assert (await server.api("GET", "/livez"))[0] == 200
        assert await refusal_of_a_newcomer(server, workshop_id) == "store_unavailable"
        await bob.close()  # cannot be recorded now, and must not be forgotten

        ballast.unlink()
        await ann.until(lambda records: records["participant:bob"]["presence"] != "present", within_s=60)
        for number, _ in refusals:
            acked[f"m{number}"] = await ann.ok(
                "PostMessage", command_id=f"m{number}", channel="everyone", text="x" * 3_000
            )
        await ann.close()
        await server.kill()
        await server.start()
        again = await WireClient(server.base_url, token).connect()
        for command_id, seq in acked.items():
            answer = await again.command("PostMessage", command_id=command_id, channel="everyone", text="again")
            assert (answer["ok"], answer["seq"]) == (True, seq)
        assert len([each for each in again.of_kind("message") if each["text"] != "again"]) == len(acked)
        await again.close()
    finally:
        await server.stop()
    assert "Traceback" not in server.log.read_text()
