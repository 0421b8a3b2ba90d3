"""One workshop's only writer: takes commands from a bounded inbox, decides, makes durable, answers, tells.

Theory of operation. Everything that has queued up is decided and folded in one after the other, then appended to the journal in
one go; only then are the commands answered and the listeners told. Three things follow and must stay true:

- While an append is in flight the state is ahead of the journal. Whoever shows the state to anybody does so from a listener,
  `when_at_rest` or `at_rest`, where state and journal are equal.
- If the append fails, or anything unexpected happens, the state is thrown away and folded anew from the journal, the commands get a
  retryable refusal, and `on_rebuilt` tells the gateway to have its clients resume. Other workshops notice nothing.
- A repeated command (same actor, same id) is answered with the first answer, from memory or from the journal.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from rooms.commands import Command, Stamp
from rooms.commands.people import DropAllConnections
from rooms.commands.workshop import Tick
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.ids import SYSTEM, ParticipantId, WorkshopId
from rooms.projection import Projection
from rooms.state import WorkshopState
from rooms.workshop import decide, evolve, initial_state, next_deadline_ms
from server.clock import Clock
from server.journal.port import READ_LIMIT, CommandKey, Entry, Journal, JournalError, JournalUnavailable

log = structlog.get_logger()
T = TypeVar("T")

INBOX_LIMIT = 2_000
BATCH_LIMIT = 256
RETRY_S = 0.5
"""Pause before a failed journal is tried again."""

Listener = Callable[[Sequence[Recorded]], None]


class Unavailable(Exception):
    """Not now; the same command may succeed later. `code` is stable, `message` for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


BUSY = ("busy", "The server has too much to do at the moment; try again in a few seconds.")
STORE_AWAY = (
    "store_unavailable",
    "The server cannot save anything at the moment; nothing was changed. Try again soon.",
)
FAILED = ("internal", "Something went wrong on the server and nothing was changed; try again.")
STOPPED = ("stopping", "The server is being restarted; try again in a moment.")


@dataclass(frozen=True, slots=True)
class Ack:
    """The command's events are durable; `seq` is the workshop's position after them."""

    seq: int


@dataclass(slots=True)
class _Asked:
    command: Command
    key: CommandKey
    answer: asyncio.Future[Ack]


class WorkshopActor:
    """Owns a workshop's state and projection. Made by `server.workshops`; `start` before use."""

    def __init__(self, workshop_id: WorkshopId, journal: Journal, clock: Clock) -> None:
        self.workshop_id = workshop_id
        self.state: WorkshopState = initial_state()
        self.projection = Projection(self.state)
        self.on_rebuilt: Callable[[], None] | None = None
        self._journal = journal
        self._clock = clock
        self._ahead_ms = 0
        self._inbox: asyncio.Queue[_Asked | None] = asyncio.Queue(INBOX_LIMIT)
        self._listeners: list[Listener] = []
        self._waiting: list[Callable[[], None]] = []
        self._in_flight = False
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._stopping = False

    # ── for others ───────────────────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        """Fold the journal and begin to work. Raises `JournalError`."""
        await self._rebuild()
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"workshop {self.workshop_id}")
        if self.state.status == "open":
            await self.submit(DropAllConnections(), SYSTEM, f"start:{self.state.seq}")

    async def submit(self, command: Command, actor: ParticipantId, command_id: str) -> Ack:
        """Carry a command out; returns when its events are durable. Raises `Rejected`, `Unavailable` (retryable)."""
        if self._closed:
            raise Unavailable(*STOPPED)
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        try:
            self._inbox.put_nowait(_Asked(command, CommandKey(actor, command_id), answer))
        except asyncio.QueueFull:
            raise Unavailable(*BUSY) from None
        return await answer

    def subscribe(self, listener: Listener) -> None:
        """Be told of events once they are durable, in order; called between batches, must not block or raise."""
        self._listeners.append(listener)

    def when_at_rest(self, run: Callable[[], None]) -> None:
        """Call `run` at a moment when state and journal are equal: at once, or between two batches. It must not raise."""
        if self._in_flight:
            self._waiting.append(run)
        else:
            run()

    async def at_rest(self, read: Callable[[], T]) -> T:
        """What `read` returns at a moment when state and journal are equal."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def run() -> None:
            if not done.done():
                done.set_result(read())

        self.when_at_rest(run)
        return await done

    async def stop(self) -> None:
        """Finish what has been asked, refuse the rest."""
        self._closed = True
        if self._task is not None:
            await self._inbox.put(None)
            await self._task

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _run(self) -> None:
        while not self._stopping:
            batch = await self._next_batch()
            self._in_flight = True
            try:
                recorded = await self._carry_out(batch)
            except JournalError as error:
                log.warning("the journal did not take a batch", workshop=self.workshop_id, error=str(error))
                await self._start_over(batch, STORE_AWAY)
            except Exception:  # a bug fails this workshop alone, loudly
                log.exception("the workshop failed and is rebuilt", workshop=self.workshop_id)
                await self._start_over(batch, FAILED)
            else:
                self._in_flight = False
                self._tell(recorded)

    async def _next_batch(self) -> list[_Asked]:
        """What has queued up, and a Tick if something is due."""
        due_ms = next_deadline_ms(self.state)
        batch: list[_Asked] = []
        if self._inbox.empty():
            timeout = None if due_ms is None else max(0.0, (due_ms - self._now_ms()) / 1000)
            try:
                async with asyncio.timeout(timeout):
                    self._take(await self._inbox.get(), batch)
            except TimeoutError:
                pass
        while len(batch) < BATCH_LIMIT and not self._inbox.empty():
            self._take(self._inbox.get_nowait(), batch)
        if due_ms is not None and due_ms <= self._now_ms():
            unheard: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
            unheard.add_done_callback(lambda future: future.exception())
            batch.insert(0, _Asked(Tick(), CommandKey(SYSTEM, f"tick:{self.state.seq}:{due_ms}"), unheard))
        return batch

    def _take(self, asked: _Asked | None, batch: list[_Asked]) -> None:
        if asked is None:
            self._stopping = True
        else:
            batch.append(asked)

    async def _carry_out(self, batch: Sequence[_Asked]) -> list[Recorded]:
        answered = dict(await self._journal.answers(self.workshop_id, [asked.key for asked in batch]))
        expected_seq = self.state.seq
        entries: list[Entry] = []
        outcome: list[tuple[_Asked, Ack | Rejected]] = []
        for asked in batch:
            seq = answered.get(asked.key)
            if seq is not None:
                outcome.append((asked, Ack(seq)))
                continue
            stamp = Stamp(now_ms=self._now_ms(), actor=asked.key.actor, entropy=os.urandom(32))
            try:
                events = decide(self.state, asked.command, stamp)
            except Rejected as rejected:
                outcome.append((asked, rejected))
                continue
            recorded = tuple(self._record(event, stamp, asked.key.command_id) for event in events)
            entries.append(Entry(command=asked.key, events=recorded))
            answered[asked.key] = self.state.seq
            outcome.append((asked, Ack(self.state.seq)))
        if entries:
            await self._journal.append(self.workshop_id, expected_seq, entries)
        for asked, result in outcome:
            if asked.answer.done():  # whoever asked has gone
                continue
            if isinstance(result, Rejected):
                asked.answer.set_exception(result)
            else:
                asked.answer.set_result(result)
        return [recorded for entry in entries for recorded in entry.events]

    def _record(self, event: Any, stamp: Stamp, command_id: str) -> Recorded:
        recorded = Recorded(
            seq=self.state.seq + 1, at_ms=stamp.now_ms, actor=stamp.actor, command_id=command_id, event=event
        )
        self.state = evolve(self.state, recorded)
        return recorded

    def _tell(self, recorded: Sequence[Recorded]) -> None:
        for each in recorded:
            self.projection.note(each)
        if recorded:
            for listener in self._listeners:
                listener(recorded)
        waiting, self._waiting = self._waiting, []
        for run in waiting:
            run()

    async def _start_over(self, batch: Sequence[_Asked], why: tuple[str, str]) -> None:
        for asked in batch:
            if not asked.answer.done():
                asked.answer.set_exception(Unavailable(*why))
        while True:
            try:
                await self._rebuild()
                break
            except JournalUnavailable:
                if self._stopping or self._closed:
                    self._stopping = True
                    break
                self._refuse_all(STORE_AWAY)  # nobody waits for a store that is away
                await asyncio.sleep(RETRY_S)
        self._in_flight = False
        if self.on_rebuilt is not None:
            self.on_rebuilt()
        self._tell(())

    def _refuse_all(self, why: tuple[str, str]) -> None:
        queued: list[_Asked] = []
        while not self._inbox.empty():
            self._take(self._inbox.get_nowait(), queued)
        for asked in queued:
            asked.answer.set_exception(Unavailable(*why))

    async def _rebuild(self) -> None:
        state = initial_state()
        while events := await self._journal.read(self.workshop_id, state.seq, READ_LIMIT):
            for recorded in events:
                state = evolve(state, recorded)
        self.state = state
        self.projection = Projection(state)
        self._ahead_ms = max(0, state.now_ms - self._clock.now_ms())

    def _now_ms(self) -> int:
        """The workshop's time: the clock's, shifted so that it goes on from the last event."""
        return max(self.state.now_ms, self._clock.now_ms() + self._ahead_ms)
