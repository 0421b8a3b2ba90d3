"""Processes of the server under test: by exec, as an operator starts them, or forked from one that has imported everything, two seconds of work sooner.

Pytest's are forked (`forked()`, from `tests/conftest.py`), but for those that ask for a real start and those that could not be like one: another module
than the server's, which may have to come before every import, or something that the dynamic linker or the interpreter itself reads. Benchmarks exec.
"""

import asyncio
import atexit
import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from tests.fork_server import Start

MODULE = "server"
READ_BEFORE_ANY_IMPORT = ("LD_", "PYTHON", "OPENSSL_")
_forking = False


class Process(Protocol):
    """What the two have in common; as of asyncio's."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


def forked() -> None:
    """From now on, processes are forked where they can be."""
    global _forking
    _forking = True


async def started(
    module: str, *arguments: str, environment: dict[str, str], log: IO[bytes], real: bool = False
) -> Process:
    """`python -m module arguments…`, running, which writes to `log`. `real`: by exec in any case."""
    if _forking and not real and module == MODULE and not _differs(environment):
        return await ForkedProcess.start(Start(module, list(arguments), environment, str(Path.cwd())), log)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), env=environment, stdout=log, stderr=log
    )


def _differs(environment: dict[str, str]) -> bool:
    """Whether what is read before any import is other than this process's."""
    names = {name for name in {*environment, *os.environ} if name.startswith(READ_BEFORE_ANY_IMPORT)}
    return any(environment.get(name) != os.environ.get(name) for name in names)


class ForkedProcess:
    """A child of the fork server, which tells how it ended."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._watch(reader, writer), name=f"process {pid}")

    @classmethod
    async def start(cls, what: Start, log: IO[bytes]) -> "ForkedProcess":
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(_fork_server())  # it listens before it runs
        message = what.encode()
        sent = socket.send_fds(connection, [message], [log.fileno(), log.fileno()])
        connection.sendall(message[sent:])
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        try:
            line = await reader.readline()
        except BaseException:
            writer.close()
            raise
        if not line:
            writer.close()
            raise AssertionError("the fork server has ended; what it said stands above")
        return cls(int(line), reader, writer)

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        try:
            line = await reader.readline()
        finally:
            writer.close()
        self.returncode = int(line) if line else -signal.SIGKILL  # with the fork server, all that it forked
        return self.returncode

    def send_signal(self, signal: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)


@functools.cache
def _fork_server() -> str:
    """The address of this process's one, which ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="fork-server-")
    address = f"{folder.name}/socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        command = [sys.executable, "-m", "tests.fork_server", str(listening.fileno())]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[listening.fileno()]
        )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return address
