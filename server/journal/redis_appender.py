"""Appends that come while others are on their way to Redis go together, in one pipeline: one write, one fsync, one answer to read.

With `appendfsync always` Redis answers once the disk has what it was told in one turn of its loop, so what is sent together
costs one turn however many workshops it is from. The busier a node is the more goes together, and a single append never waits for company.

Each append is a call of one script, whole for itself: one that is refused changes nothing for its neighbours. If the connection is lost all that
were on their way are sent once more, which the script recognises; if it stays lost all of them fail.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

from server.journal.port import JournalUnavailable
from server.journal.redis_store import RedisStore

MAX_TOGETHER = 64


class Appender:
    """Runs `script`. `wait`: the command, if any, that waits for replicas and tells how many have what was sent on the same connection;
    `replicas`: how many there must be."""

    def __init__(self, store: RedisStore, script: AsyncScript, replicas: int = 0) -> None:
        self._store = store
        self._script = script
        self._replicas = replicas
        self.wait: tuple[Any, ...] = ()
        self._waiting: list[tuple[list[str], list[Any], asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def run(self, keys: list[str], arguments: list[Any]) -> tuple[bytes, bytes]:
        """What the script answers. Raises what Redis's client raises, and `JournalUnavailable` where replicas are missing."""
        answer: asyncio.Future[tuple[bytes, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting.append((keys, arguments, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send_all(), name="appends")
        try:
            return await answer
        finally:
            del answer  # its exception holds this frame

    async def _send_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            answers: Sequence[Any]
            try:
                answers = await self._sent([(keys, arguments) for keys, arguments, _ in batch])
            except Exception as error:  # noqa: BLE001  each of them raises it where it is awaited
                answers = [error] * len(batch)
            except BaseException:
                for _, _, future in (*batch, *self._waiting):
                    future.cancel()
                self._waiting = []
                raise
            for (_, _, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _sent(self, calls: list[tuple[list[str], list[Any]]]) -> list[Any]:
        """An answer or an exception for each."""
        answers = await self._pipelined(calls)
        if any(isinstance(each, NoScriptError) for each in answers):  # Redis was started anew, or is another one
            await self._store.redis.script_load(self._script.script)
            answers = await self._pipelined(calls)
        if not self.wait:
            return answers
        *answers, reached = answers
        if isinstance(reached, Exception):
            raise reached
        have = reached[-1] if isinstance(reached, list) else reached
        if have >= self._replicas:
            return answers
        missing = JournalUnavailable(f"only {have} of {self._replicas} replicas have it")
        return [missing if isinstance(each, list) and each[0] == b"ok" else each for each in answers]

    async def _pipelined(self, calls: list[tuple[list[str], list[Any]]]) -> list[Any]:
        pipeline: Any = self._store.redis.pipeline(transaction=False)
        for keys, arguments in calls:
            pipeline.execute_command("EVALSHA", self._script.sha, len(keys), *keys, *arguments)
        if self.wait:
            pipeline.execute_command(*self.wait)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        return answers
