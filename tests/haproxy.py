"""Debian's HAProxy before several nodes, as deploy/haproxy/haproxy.cfg has it: one host name, a path for each node, anything else to a ready one."""

import asyncio
import shutil
from pathlib import Path

from tests.harness import ServerProcess, free_port

_CONFIG = """
defaults
    mode http
    timeout connect 1s
    timeout http-request 10s
    timeout client 60s
    timeout server 90s
    timeout tunnel 1h
    retries 2
    option redispatch
frontend web
    bind 127.0.0.1:{port}
    option forwardfor
{routes}
    default_backend nodes
backend nodes
    balance leastconn
    option httpchk GET /readyz
    default-server check inter 200ms fall 1 rise 1
{servers}
{backends}
"""


class HaProxy:
    """`start` once the nodes' ports are known; they may come and go after it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = folder / "haproxy.cfg"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @staticmethod
    def program() -> str | None:
        return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")

    async def start(self, nodes: dict[str, ServerProcess]) -> None:
        program = self.program()
        assert program is not None, "haproxy is missing; `make system-packages` installs it"
        self._config.write_text(
            _CONFIG.format(
                port=self.port,
                routes="\n".join(f"    use_backend only-{name} if {{ path_beg /n/{name}/ }}" for name in nodes),
                servers="\n".join(f"    server {name} 127.0.0.1:{node.port}" for name, node in nodes.items()),
                backends="\n".join(
                    f"backend only-{name}\n    retries 0\n    server {name} 127.0.0.1:{node.port}"
                    for name, node in nodes.items()
                ),
            )
        )
        self._process = await asyncio.create_subprocess_exec(
            program, "-f", str(self._config), stderr=asyncio.subprocess.DEVNULL
        )

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
