"""A node that was forked (`tests/processes.py`) starts, tells, and ends like one that an operator starts."""

import os
import signal
from pathlib import Path

import pytest

from tests import processes
from tests.harness import ServerProcess

both = pytest.mark.parametrize("real", [False, True], ids=["forked", "by exec"])


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@both
async def test_a_server_serves_and_ends_as_it_is_told(tmp_path: Path, real: bool) -> None:
    server = ServerProcess(tmp_path / "data", real=real, ATELIER_LOG_LEVEL="info")
    await server.start()
    try:
        assert (b"fork_server" in command_line(server.pid)) == (not real)
        workshop_id = await server.create_workshop()
        server.pause()
        server.resume()
        await server.kill()
        assert await server.wait() == -signal.SIGKILL
        await server.start()
        status, body = await server.api("GET", f"/api/workshops/{workshop_id}")
        assert (status, body["workshop_id"]) == (200, workshop_id)
        await server.stop()
        assert await server.wait() == 0
        assert not server.running
        assert "Traceback" not in server.log.read_text()
    finally:
        await server.kill()


async def test_both_say_and_return_the_same(tmp_path: Path) -> None:
    async def said(real: bool, *arguments: str, **environment: str) -> tuple[int, str]:
        log = tmp_path / f"{real}.log"
        with log.open("wb") as opened:
            process = await processes.started(
                "server", *arguments, environment={**os.environ, **environment}, log=opened, real=real
            )
        return await process.wait(), log.read_text()

    data = f"--data-dir={tmp_path / 'data'}"
    for arguments, environment, status in (
        (("token", "w", "--role=learner", data), {"ATELIER_TOKEN_SECRET": "x" * 40, "COLUMNS": "80"}, 0),
        (("serve", "--no-such", data), {"COLUMNS": "60"}, 2),
        (("serve", data), {"ATELIER_PORT": "many"}, 1),
    ):
        forked, real = [await said(real, *arguments, **environment) for real in (False, True)]
        assert forked[0] == real[0] == status, (forked, real)
        if status:  # a token tells the time
            assert forked[1] == real[1] != ""
