"""Debian's coturn, for as long as a test needs it."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.ice_servers import IceServer
from tests.harness import free_port

TURNSERVER = "/usr/bin/turnserver"


@asynccontextmanager
async def turn_server(folder: Path, host: str = "127.0.0.1") -> AsyncIterator[IceServer]:
    """A TURN server with a shared secret, ready to take allocations; its entry of `ice_servers`."""
    port, secret = free_port(), secrets.token_hex(16)
    log = folder / "turn.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            TURNSERVER,
            "-n",
            f"--listening-ip={host}",
            f"--relay-ip={host}",
            f"--listening-port={port}",
            "--min-port=42000",
            "--max-port=42999",
            "--realm=test.example",
            "--use-auth-secret",
            f"--static-auth-secret={secret}",
            "--allow-loopback-peers",
            "--no-cli",
            "--no-tls",
            "--no-dtls",
            "--fingerprint",
            f"--userdb={folder}/turn.sqlite",
            f"--pidfile={folder}/turn.pid",
            "--log-file=stdout",
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        async with asyncio.timeout(20):
            while True:
                if process.returncode is not None:
                    raise AssertionError(f"coturn ended:\n{log.read_text()}")
                try:
                    socket.create_connection((host, port), timeout=1).close()
                    break
                except OSError:
                    await asyncio.sleep(0.1)
        urls = [f"turn:{host}:{port}?transport=udp", f"turn:{host}:{port}?transport=tcp"]
        yield IceServer.model_validate({"urls": urls, "secret": secret})
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
