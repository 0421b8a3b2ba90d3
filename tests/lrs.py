"""Ralph, a real learning record store, in a process of its own: keeps statements in files, asks for HTTP Basic."""

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.harness import free_port

USERNAME, PASSWORD = "atelier", "lrs-password"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
HEADERS = {"Authorization": AUTHORIZATION, "X-Experience-API-Version": "1.0.3"}

_RALPH = """
import sys, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.data.fs import FSDataBackend
# Its file store creates the file with the first batch and refuses the second; there is no setting for that.
FSDataBackend.default_operation_type = BaseOperationType.APPEND
uvicorn.run("ralph.api:app", host="127.0.0.1", port=int(sys.argv[1]))
"""


class Lrs:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}/xAPI"
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.log = folder / "ralph.log"

    async def start(self) -> None:
        (self._folder / "statements").mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "RALPH_APP_DIR": str(self._folder),
            "RALPH_AUTH_FILE": str(self._folder / "auth.json"),
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(self._folder / "statements"),
        }
        ralph = str(Path(sys.executable).parent / "ralph")
        credentials = (
            "auth",
            "-u",
            USERNAME,
            "-p",
            PASSWORD,
            "-s",
            "all",
            "-t",
            "",
            "-A",
            "atelier",
            "https://x.example",
            "-w",
        )
        made = await asyncio.create_subprocess_exec(
            ralph, *credentials, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await made.communicate()
        assert made.returncode == 0, said.decode()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _RALPH, str(self.port), env=environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while True:
                assert self._process.returncode is None, self.log.read_text()
                try:
                    async with http.get(f"http://127.0.0.1:{self.port}/__heartbeat__"):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    def stored(self) -> list[dict[str, Any]]:
        """All statements, in the order they were stored."""
        files = sorted((self._folder / "statements").rglob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]
