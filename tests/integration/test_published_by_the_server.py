"""The running server publishes what happened, also what it had no time for before it was killed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ServerProcess
from tests.socket_client import WireClient


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    path = server.data_dir / "events" / "events.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def until_told(server: ServerProcess, name: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(60):
        while len(told := [e for e in lines(server) if e["type"] == f"org.atelier.{name}.v1"]) < count:
            await asyncio.sleep(0.05)
    return told


async def test_a_workshop_reaches_the_file_over_a_kill(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    try:
        workshop_id = await server.create_workshop()
        ann = await WireClient(server.base_url, await server.token(workshop_id, "learner", "Ann", "ann")).connect()
        for number in range(20):
            await ann.ok("PostMessage", channel="everyone", text=f"m{number}")
        await server.kill()
        await ann.close()
        await server.start()
        await until_told(server, "chat.posted", 20)
        (joined,) = await until_told(server, "participant.joined", 1)
        assert joined["data"]["display_name"] is None
        first_told = {event["id"]: event for event in lines(server)}
        assert [int(event["sequence"]) for event in first_told.values()] == list(range(1, len(first_told) + 1))
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("sinks", "complaint"),
    [
        ('[{"kind": "pigeon"}]', "publish.sinks"),
        ('[{"kind": "file", "name": "Not a name"}]', "publish.sinks"),
        ('[{"kind": "file", "colour": "red"}]', "colour"),
    ],
)
async def test_a_sink_that_is_configured_wrongly_is_refused_at_the_start(
    tmp_path: Path, sinks: str, complaint: str
) -> None:
    server = ServerProcess(tmp_path / "data", ATELIER_PUBLISH__SINKS=sinks)
    with pytest.raises(AssertionError, match=complaint):
        await server.start()
