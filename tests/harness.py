"""A real `atelier serve` in a process of its own, on free ports, that tests can kill and start again."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import aiohttp

from tests import processes

API_KEY = "test-api-key-test-api-key-test-api-key"
TOKEN_SECRET = "test-token-secret-test-token-secret-test"
START_WITHIN_S = 180
"""Long, because it is only reached where a start fails; importing takes several seconds on a busy machine."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """`start` waits until it is ready; `kill` is SIGKILL, `stop` is SIGTERM. Ports and data stay the same over restarts.

    `module` is what is run in place of the server's own. `real`: started by exec even where `tests.processes` would fork."""

    def __init__(
        self, data_dir: Path, *, module: str = processes.MODULE, real: bool = False, **environment: str
    ) -> None:
        self._module = module
        self._real = real
        self.data_dir = data_dir
        self.port = free_port()
        self.udp_port = free_port(socket.SOCK_DGRAM)
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._environment = environment
        self._process: processes.Process | None = None
        self.log = data_dir.parent / f"{data_dir.name}.log"

    def set_environment(self, **environment: str) -> None:
        """For the next start."""
        self._environment |= environment

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        environment = {
            **os.environ,
            "ATELIER_API_KEY": API_KEY,
            "ATELIER_TOKEN_SECRET": TOKEN_SECRET,
            # Tests ask for more at once than people do, of a server that has one core of a busy machine.
            "ATELIER_LIMITS__CONNECTS_BURST": "1000",
            "ATELIER_CLUSTER__LOAD_MARK": "1",
            **self._environment,
        }
        with self.log.open("ab") as log:
            self._process = await processes.started(
                self._module,
                *("serve", f"--port={self.port}", f"--udp-port={self.udp_port}", f"--data-dir={self.data_dir}"),
                environment=environment,
                log=log,
                real=self._real,
            )
        try:
            await self._until_ready(self._process)
        except BaseException:  # also when cancelled: nobody else would end it
            if self._process.returncode is None:
                await self.kill()
            raise

    async def _until_ready(self, process: processes.Process) -> None:
        async with asyncio.timeout(START_WITHIN_S), aiohttp.ClientSession() as http:
            while True:
                if process.returncode is not None:
                    raise AssertionError(f"the server ended:\n{self.log.read_text()}")
                try:
                    async with http.get(f"{self.base_url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is flushed."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: the process keeps everything and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT; harmless where it is not paused."""
        if self._process is not None and self._process.returncode is None:
            os.kill(self.pid, signal.SIGCONT)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def wait(self, within_s: float = 30) -> int:
        """Until it has ended by itself; its status."""
        assert self._process is not None
        async with asyncio.timeout(within_s):
            return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, as an operator would."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(60):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise AssertionError(f"the server did not stop:\n{self.log.read_text()}") from None

    async def api(self, method: str, path: str, body: Any = None, *, key: str | None = API_KEY) -> tuple[int, Any]:
        """(status, JSON body) of a call to the HTTP API."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.request(method, f"{self.base_url}{path}", json=body) as answer,
        ):
            return answer.status, await answer.json(content_type=None)

    async def create_workshop(self, title: str = "Test workshop", **fields: Any) -> str:
        status, body = await self.api("POST", "/api/workshops", {"title": title, **fields})
        assert status == 201, body
        return str(body["workshop_id"])

    async def token(
        self, workshop_id: str, role: str, name: str | None = None, participant_id: str | None = None
    ) -> str:
        """A person's token, or an invite where neither name nor id is given."""
        body = {"role": role, "name": name, "participant_id": participant_id}
        asked = {field: value for field, value in body.items() if value is not None}
        status, answer = await self.api("POST", f"/api/workshops/{workshop_id}/tokens", asked)
        assert status == 201, answer
        return str(answer["token"])

    def link(self, workshop_id: str, token: str) -> str:
        return f"{self.base_url}/w/{workshop_id}#t={token}"
