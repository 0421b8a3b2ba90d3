"""Nodes without their start-up cost: a process that has imported what a server is made of, set nothing up, and forks for each that is started.

`python -m tests.fork_server LISTENING`, with a listening Unix socket of that number. For each connection it takes one `Start`, forks, and tells the pid
in a line; the child becomes `python -m <module> <arguments>` in every respect but the imports that are done already. Once it has ended, its status (or, as
asyncio has it, the number of its signal below zero) follows in a second line. When standard input ends, so do all children, and this process.

It has neither a thread nor an event loop, or it could not be forked safely. `tests.processes` is the other side.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

IMPORTED = (
    "uvloop",
    "server.observe",
    "server.serving",
    "server.remote",
    "server.cluster.cli",
    "server.publish.cli",
    "server.rehearsal.cli",
    "server.bots.cli",
)
HEAD_BYTES = 4
STANDARD_STREAMS = 3


@dataclass(frozen=True)
class Start:
    """What to run; output and errors come as descriptors beside the first bytes."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str

    def encode(self) -> bytes:
        body = json.dumps(vars(self)).encode()
        return len(body).to_bytes(HEAD_BYTES) + body


@dataclass(frozen=True)
class _Child:
    pid: int
    connection: socket.socket


def _received(connection: socket.socket) -> tuple[Start, list[int]]:
    data, streams, _, _ = socket.recv_fds(connection, HEAD_BYTES, STANDARD_STREAMS)
    length = int.from_bytes(data)
    body = bytearray()
    while len(body) < length:
        some = connection.recv(length - len(body))
        if not some:
            raise EOFError("a start that breaks off")
        body += some
    return Start(**json.loads(body)), streams


def serve(listening: socket.socket) -> Start | None:
    """Fork for each start. Returns in a child what it is to run, and in the parent `None` when it is no longer needed."""
    children: dict[int, _Child] = {}
    poll = select.poll()
    poll.register(listening, select.POLLIN)
    poll.register(0, select.POLLIN | select.POLLHUP)
    while True:
        for ready, _ in poll.poll():
            if ready == 0:
                for child in children.values():
                    os.kill(child.pid, signal.SIGKILL)
                return None
            if ready in children:
                child = children.pop(ready)
                poll.unregister(ready)
                os.close(ready)
                status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
                with child.connection, suppress(OSError):  # nobody need wait for it
                    child.connection.sendall(b"%d\n" % status)
                continue
            connection, _ = listening.accept()
            try:
                start, streams = _received(connection)
            except (EOFError, OSError):  # whoever asked has ended
                connection.close()
                continue
            pid = os.fork()
            if pid == 0:
                listening.close()
                connection.close()
                for descriptor, other in children.items():
                    os.close(descriptor)
                    other.connection.close()
                _become(start, streams)
                return start
            for stream in streams:
                os.close(stream)
            descriptor = os.pidfd_open(pid)
            children[descriptor] = _Child(pid, connection)
            poll.register(descriptor, select.POLLIN)
            connection.sendall(b"%d\n" % pid)


def _become(start: Start, streams: list[int]) -> None:
    """What exec and the interpreter would have set up."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, *streams)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(start.environment)
    time.tzset()
    os.chdir(start.folder)
    sys.argv[1:] = start.arguments


def main(listening: int) -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    assert len(os.listdir("/proc/self/task")) == 1, "an import has started a thread"
    gc.collect()
    gc.freeze()  # pages that the collector does not write to stay shared
    with socket.socket(fileno=listening) as accepting:
        start = serve(accepting)
    if start is not None:
        _run(start)


def _run(start: Start) -> Any:
    return runpy.run_module(start.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
