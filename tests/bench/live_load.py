"""Many lean clients in a process of their own, driven by JSON lines on standard input: the load of `live.py`."""

import asyncio
import json
import random
import sys
import time
from typing import Any

import uvloop

from tests.bench.lean import Heard, LeanSocket

JOINING_AT_ONCE = 40
"""Of one process; browsers of one class come like this."""


class Load:
    def __init__(self) -> None:
        self._heard = Heard()
        self._sockets: list[LeanSocket] = []
        self._bare: list[LeanSocket] = []

    async def answer(self, asked: dict[str, Any]) -> Any:
        match asked.pop("do"):
            case "join":
                return await self.join(**asked)
            case "vote":
                return await self.vote(**asked)
            case "talk":
                return await self.talk(**asked)
            case "bare":
                return await self.bare(**asked)
            case "heard":
                return self.heard(**asked)
            case "lost":
                return sum(socket.lost for socket in self._sockets)
        raise ValueError(asked)

    async def join(self, url: str, tokens: list[str]) -> list[float]:
        """Seconds that each took from opening its connection to hello's answer."""
        slots = asyncio.Semaphore(JOINING_AT_ONCE)

        async def one(token: str) -> float:
            async with slots:
                began_s = time.monotonic()
                socket = await LeanSocket.to(url, self._heard)
                hello = await socket.enter(token)
                if not hello["ok"]:
                    raise ConnectionError(hello["code"])
                self._sockets.append(socket)
                return time.monotonic() - began_s

        return await asyncio.gather(*(one(token) for token in tokens))

    async def vote(self, poll_id: str, option_ids: list[str], within_s: float) -> list[float]:
        """Everybody casts a ballot at a moment of their own; how long each ack took."""

        async def one(number: int, socket: LeanSocket) -> float:
            await asyncio.sleep(random.uniform(0, within_s))
            ballot = {"type": "CastBallot", "poll_id": poll_id, "option_ids": [random.choice(option_ids)]}
            return await acked(socket, {"id": f"vote-{number}", **ballot})

        return await asyncio.gather(*(one(number, socket) for number, socket in enumerate(self._sockets)))

    async def talk(self, per_s: float, seconds: float) -> list[float]:
        """Somebody says something so many times a second; how long each ack took."""
        said: list[asyncio.Task[float]] = []
        due_s = time.monotonic()
        end_s = due_s + seconds
        while due_s < end_s:
            text = f"@{time.monotonic_ns()}@ a sentence of an ordinary length, as people write it"
            command = {"id": f"talk-{due_s}", "type": "PostMessage", "channel": "everyone", "text": text}
            said.append(asyncio.create_task(acked(random.choice(self._sockets), command)))
            due_s += 1 / per_s
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        return await asyncio.gather(*said)

    async def bare(self, url: str, count: int) -> int:
        """Connect to the bare server."""
        self._bare = await asyncio.gather(*(LeanSocket.to(url, self._heard, "/ws") for _ in range(count)))
        return len(self._bare)

    def heard(self, watch: bool) -> dict[str, Any]:
        """What has come since the last call; from now on with or without the time of every stamp."""
        heard = self._heard
        told = {"frames": heard.frames, "bytes": heard.bytes, "late_s": heard.late_s}
        heard.frames, heard.bytes, heard.late_s, heard.watching = 0, 0, [], watch
        return told


async def acked(socket: LeanSocket, command: dict[str, Any]) -> float:
    began_s = time.monotonic()
    ack = await socket.call("command", command)
    if not ack["ok"]:
        raise AssertionError(ack)
    return time.monotonic() - began_s


async def main() -> None:
    load = Load()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await load.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
