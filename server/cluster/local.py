"""`atelier serve --nodes N`: several nodes on one machine, because one process uses one core.

Theory of operation. This process serves nothing. It starts the nodes, each with the next TCP and UDP port and a name and data folder of its
own, starts one again that has ended by itself (later each time), and passes signals on: the first one drains them, the second ends them.
Secrets are made once, here, and given to all.
"""

import asyncio
import os
import random
import signal
import socket
import sys
from contextlib import suppress

import structlog

from server import keys
from server.config import ConfigRefused, Settings

log = structlog.get_logger()

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
WELL_AFTER_S = 60.0
"""A node that has run so long counts as well again."""


async def serve(settings: Settings, count: int, arguments: list[str]) -> None:
    """Run `count` nodes until they have ended after a signal. `arguments` are those of `atelier serve`, without the ports.

    Raises `ConfigRefused` where they could not work together."""
    if settings.store == "sqlite":
        raise ConfigRefused("--nodes needs a store that they share: --store redis://host:port/0.")
    if settings.cluster.url is not None or settings.cluster.internal_url is not None:
        raise ConfigRefused(
            "--nodes cannot give several nodes one cluster.url; leave it out (public_url/n/<node> is used)."
        )
    if settings.port == 0 or settings.udp_port == 0:
        raise ConfigRefused("--nodes counts up from --port and --udp-port; 0 is not possible.")
    if abs(settings.port - settings.udp_port) < count:
        raise ConfigRefused(
            f"--nodes counts up from --port {settings.port} and --udp-port {settings.udp_port}, and media takes TCP at the "
            f"latter, too; they must be at least {count} apart."
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    secrets = {
        "ATELIER_API_KEY": keys.made_once(settings, "api_key"),
        "ATELIER_TOKEN_SECRET": keys.made_once(settings, "token_secret"),
    }
    stopping = asyncio.Event()
    running: set[asyncio.subprocess.Process] = set()

    def pass_on() -> None:
        stopping.set()
        for process in running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, pass_on)

    async def keep(index: int) -> None:
        name = f"{settings.cluster.node or socket.gethostname()}-{index + 1}"
        command = [
            *(sys.executable, "-m", "server", "serve", *arguments),
            *(f"--port={settings.port + index}", f"--udp-port={settings.udp_port + index}"),
            f"--data-dir={settings.data_dir / name}",
        ]
        environment = {**os.environ, **secrets, "ATELIER_CLUSTER__NODE": name}
        wait_s = FIRST_WAIT_S
        while not stopping.is_set():
            began_s = asyncio.get_running_loop().time()
            # A group of its own, so that Ctrl-C reaches it by us and only once.
            process = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
            running.add(process)
            status = await process.wait()
            running.discard(process)
            if stopping.is_set():
                return
            if asyncio.get_running_loop().time() - began_s > WELL_AFTER_S:
                wait_s = FIRST_WAIT_S
            log.error("node_ended", node=name, status=status, again_in_s=wait_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s * random.uniform(0.5, 1)):
                    await stopping.wait()
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    await asyncio.gather(*(keep(index) for index in range(count)))
