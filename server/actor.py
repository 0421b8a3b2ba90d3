"""One workshop, live: the only writer of its state, and the order in which its commands happen.

Theory of operation. Commands wait in a bounded inbox. The actor takes what has queued up, decides each on a *draft* of
the state (so that the second sees what the first did), appends all their events in one durable transaction, and only
then folds the same events into `state` and `projection`, answers the commands and tells the listeners. So:

1. What anybody can see of a workshop is durable: `state` and `projection` may be read at any time, even in the middle of
   an append, and never show something that could still fail.
2. An acknowledgement is sent after the append. If the append fails, the draft is thrown away, what the journal
   stored all the same (an answer can be lost on its way) is read from it before anything else is decided, and every command
   of the batch gets a retryable refusal, the rejected ones too: what they were rejected for may never have happened.
3. A repeated command (same person, same id) gets its first answer, from the journal, also after a restart. Repetition is rare, so a batch
   is decided as if there were none, and the journal refuses it whole where there is one (`Repeated`); then it is asked which, and
   the others are decided anew. Whatever stores nothing, because it is rejected, is asked about before it is answered.
4. An exception other than `Rejected` out of the core is a bug. Only the command that ran into it is refused, for good; the
   draft is rebuilt by replaying the whole log, and the others in the batch are decided anew. If the replay fails too,
   the actor closes and whoever needs the workshop loads it afresh. Other workshops notice nothing.

5. Erasing somebody happens between two batches and takes this order: their keys are destroyed, the event that says so is
   appended, state and projection are made anew from the journal. So nothing that is acknowledged as erased can come back, and
   what is in memory is what a restart would give. If anything fails after the first key is gone, the actor closes rather than
   show what the journal no longer holds; asking again carries on where it stopped.

Grouping a thousand people, or looking for rounds without repetition, takes seconds. Such commands (`may_take_long`) are decided in a
worker thread: the actor waits for it and so keeps the order of this workshop's commands, and the others go on. It is safe because
the draft has one writer, the actor, and `decide` does not write.

Timers: the actor gives itself a `Tick` at the state's next deadline, which is part of the state, so a timer is where it was
after a restart. On start it gives itself `DropAllConnections`: no connection outlives the process that held it.
"""

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import structlog

from rooms.commands import Command, ServerCommand, Stamp
from rooms.commands.people import DropAllConnections
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.workshop import Tick
from rooms.erasure import Subjects
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.ids import SYSTEM, ParticipantId, WorkshopId
from rooms.projection import Projection
from rooms.state import WorkshopState
from rooms.workshop import decide, evolve, initial_state, may_take_long, next_deadline_ms
from server import tracing
from server.clock import Clock, WorkshopClock
from server.continuity import Continuity
from server.inbox import Ack, Item, Unavailable, merged, worth_keeping
from server.journal.port import (
    READ_LIMIT,
    CommandKey,
    Entry,
    Fenced,
    Journal,
    JournalError,
    JournalUnavailable,
    Repeated,
    WorkshopDeleted,
)
from server.replaying import replay

__all__ = ["Ack", "ActorLimits", "Listener", "Unavailable", "WorkshopActor"]

log = structlog.get_logger()

CAREFUL_S = 10.0
"""For so long after a start and after a failure, when commands are repeated, the journal is asked before anything is decided."""

Listener = Callable[[Sequence[Recorded]], None]
"""Called with events in order, after they are durable and folded into state and projection. Must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorLimits:
    """`inbox`: commands waiting; the server's own (connections lost, ticks) may go over it by `inbox_reserve`.
    `batch`: commands decided and appended together. `retry_ms`: wait after a tick that changed nothing; doubled each time
    up to `max_retry_ms`."""

    inbox: int = 1_000
    inbox_reserve: int = 4_000
    batch: int = 256
    retry_ms: int = 500
    max_retry_ms: int = 60_000


class _MustReload(Exception):
    """What is in memory is not what the journal holds any more."""


class WorkshopActor:
    """Made and started by `server.workshops`; use it from the event loop it was started in.

    `on_append` is told how long appends take, in seconds; `continuity` keeps its clock going over a restart; `draw` gives that many random
    bytes; `deciding`: where what may take long is decided, the loop's own threads if left out.
    """

    def __init__(
        self,
        workshop_id: WorkshopId,
        journal: Journal,
        clock: Clock,
        draw: Callable[[int], bytes],
        limits: ActorLimits | None = None,
        deciding: Executor | None = None,
        on_append: Callable[[float], None] | None = None,
        continuity: Continuity | None = None,
    ) -> None:
        self.workshop_id = workshop_id
        self._journal = journal
        self._on_append = on_append
        self._continuity = continuity or Continuity(clock)
        self._draw, self._deciding = draw, deciding
        self._limits = limits or ActorLimits()
        self._clock = WorkshopClock(clock)
        self._tick_not_before_ms = 0
        self._tick_wait_ms = self._limits.retry_ms
        self._state = initial_state()
        self._draft = initial_state()
        self._projection = Projection(self._state)
        self._inbox: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._stopping = self._abandoned = False
        self._unsure = False
        """An append failed that may have been stored all the same."""
        self._careful_until_s = 0.0
        self._first: Item | None = None
        """What has to be stored before anything else is decided: that nobody is connected any more."""
        self._closed = asyncio.Event()
        self._subscriptions: list[tuple[Listener, Callable[[], None] | None]] = []
        self._task: asyncio.Task[None] | None = None
        self._log = log.bind(workshop_id=workshop_id)

    # ── for everybody ────────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def state(self) -> WorkshopState:
        """The durable state. Read only."""
        return self._state

    @property
    def projection(self) -> Projection:
        """The durable state as records. Whoever sends changes to clients calls its `flush`; there is one such."""
        return self._projection

    def now_ms(self) -> int:
        """The workshop's time, for countdowns."""
        return self._clock.now_ms()

    @property
    def closed(self) -> bool:
        """Whether this actor takes no more commands (stopped, or failed): ask `server.workshops` for a new one."""
        return self._stopping or self._closed.is_set()

    @property
    def idle(self) -> bool:
        """Whether it could be stopped and loaded again later without anybody noticing."""
        if self._inbox or next_deadline_ms(self._state) is not None:
            return False
        return not any(person.connections for person in self._state.participants.values())

    async def wait_closed(self) -> None:
        """Returns when the actor has ended, for whatever reason."""
        await self._closed.wait()

    def subscribe(self, listener: Listener, on_closed: Callable[[], None] | None = None) -> Callable[[], None]:
        """From now on `listener` hears of every event, and `on_closed` of the actor's end. Returns what ends that."""
        subscription = (listener, on_closed)
        self._subscriptions.append(subscription)

        def unsubscribe() -> None:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

        return unsubscribe

    async def submit(self, command: Command, actor: ParticipantId, command_id: str) -> Ack:
        """Carry out `command`; returns when it is durable. Raises `Rejected` or `Unavailable`.

        Cancelling the call does not take the command back.
        """
        with tracing.command(self.workshop_id, command_id, command.type):
            return await self._put(command, actor, command_id)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def start(self, known: WorkshopState | None = None) -> None:
        """Replay the log, from an earlier state if one is `known`, and begin to work. Raises `JournalUnavailable`, or whatever the
        replay runs into."""
        self._state = await replay(self._journal, self.workshop_id, known)
        self._draft = copy.deepcopy(self._state)
        self._projection = Projection(self._state)
        lively = next_deadline_ms(self._state) is not None or any(not p.left for p in self._state.participants.values())
        self._clock, alive_ms = self._continuity.resume(self.workshop_id, self._state.now_ms, lively=lively)
        lost = () if alive_ms is None else self._continuity.lost_before(self._clock)
        if self._state.seq:
            self._careful_until_s = time.monotonic() + CAREFUL_S
            drop = DropAllConnections(alive_ms=alive_ms, lost=lost)
            self._first = Item(drop, CommandKey(SYSTEM, f"drop-{self._draw(16).hex()}"), [])
        self._task = asyncio.create_task(self._run(), name=f"workshop {self.workshop_id}")

    async def stop(self) -> None:
        """Carry out what is waiting, then end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._closed.set()

    def abandon(self) -> None:
        """End, carrying out nothing more: the workshop has another owner."""
        self._stopping = self._abandoned = True
        self._wake.set()

    def _put(self, command: Command, actor: ParticipantId, command_id: str) -> asyncio.Future[Ack]:
        if self.closed:
            raise Unavailable("stopping", "The server is letting go of this workshop; try again in a moment.")
        room = self._limits.inbox + (self._limits.inbox_reserve if isinstance(command, ServerCommand) else 0)
        if len(self._inbox) >= room:
            raise Unavailable("busy", f"{len(self._inbox)} commands are waiting already; try again in a moment.")
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._inbox.append(Item(command, CommandKey(actor, command_id), [answer]))
        self._wake.set()
        return answer

    async def _run(self) -> None:
        batch: list[Item] = []
        try:
            while batch := await self._next_batch():
                await self._carry_out(batch)
                batch.clear()  # it may be long until the next
        except Fenced as error:
            self._log.warning("workshop_taken_over", error=str(error))
        except _MustReload as reason:
            self._log.warning("workshop_reloads", reason=str(reason))
        except Exception:  # noqa: BLE001
            # The log cannot be replayed or has had another writer: nothing this actor could put right.
            self._log.exception("workshop_failed")
        finally:
            self._closed.set()
            gone = Unavailable("stopping", "The server had to load this workshop anew; try again in a moment.")
            for item in (*batch, *self._inbox):
                item.settle(gone)
            self._inbox.clear()
            subscriptions, self._subscriptions = self._subscriptions, []  # those who listen hold this actor
            for _, on_closed in subscriptions:
                if on_closed is not None:
                    on_closed()

    async def _next_batch(self) -> list[Item]:
        """What has queued up, with a tick before it if one is due; empty when stopping and all is done."""
        while not self._abandoned:
            wait_ms = self._ms_until_tick()
            tick = [self._tick()] if wait_ms is not None and wait_ms <= 0 else []
            if self._inbox or tick:
                if tick and self._inbox and isinstance(self._inbox[0].command, ErasePersonalData):
                    return tick
                return tick + (self._from_inbox() if self._inbox else [])
            if self._stopping:
                return []
            self._wake.clear()
            loop = asyncio.get_running_loop()
            alarm = None if wait_ms is None else loop.call_later(wait_ms / 1000, self._wake.set)
            try:
                await self._wake.wait()
            finally:
                if alarm is not None:
                    alarm.cancel()
        return []

    def _from_inbox(self) -> list[Item]:
        """Up to a batch; an erasure is a batch of its own, so that nothing said before it is sealed after it with a new key."""
        batch = [self._inbox.popleft()]
        while (
            self._inbox
            and len(batch) < self._limits.batch
            and not isinstance(batch[-1].command, ErasePersonalData)
            and not isinstance(self._inbox[0].command, ErasePersonalData)
        ):
            batch.append(self._inbox.popleft())
        return batch

    def _ms_until_tick(self) -> int | None:
        due_ms = 0 if self._unsure or self._first is not None else next_deadline_ms(self._state)
        if due_ms is None or self._stopping:
            return None
        return max(due_ms, self._tick_not_before_ms) - self._clock.now_ms()

    def _tick(self) -> Item:
        # A tick that changes nothing leaves its deadline in the past; without this wait it would come at once again.
        self._tick_not_before_ms = self._clock.now_ms() + self._tick_wait_ms
        self._tick_wait_ms = min(2 * self._tick_wait_ms, self._limits.max_retry_ms)
        return Item(Tick(), CommandKey(SYSTEM, f"tick-{self._draw(16).hex()}"), [])

    # ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _carry_out(self, batch: list[Item]) -> None:
        try:
            await self._make_sure()
            await self._begin()
            items = merged(batch)
            if isinstance(items[0].command, ErasePersonalData):
                for item in await self._unanswered(items):
                    await self._erase(item, items[0].command)
            else:
                await self._decide_and_store(items)
        except WorkshopDeleted:
            message = "There was a workshop of this id, which has been deleted; choose another id."
            for item in batch:
                item.settle(Rejected("workshop_deleted", message, rule="PD6"))
            self._draft = copy.deepcopy(self._state)
        except JournalUnavailable as error:
            if not self._unsure:
                self._log.warning("journal_unavailable", error=str(error), commands=len(batch))
            unavailable = Unavailable("store_unavailable", "The server cannot store anything just now; try again.")
            for item in batch:
                item.settle(unavailable)
            self._draft = copy.deepcopy(self._state)
            self._unsure = True
            self._tick_wait_ms = self._limits.retry_ms
            self._tick_not_before_ms = self._clock.now_ms() + self._tick_wait_ms

    async def _make_sure(self) -> None:
        """After an append whose outcome is not known: fold in what it stored after all."""
        if not self._unsure:
            return
        while page := await self._journal.read(self.workshop_id, self._state.seq, READ_LIMIT):
            self._fold(page)
            self._draft = copy.deepcopy(self._state)
        self._unsure = False
        self._careful_until_s = time.monotonic() + CAREFUL_S
        self._log.info("journal_available")

    async def _begin(self) -> None:
        """Before the first tick, whose events would move the time at which people were last known to be there; and again until it is stored,
        for a connection of the process before this one would keep its person present for ever."""
        if self._first is not None:
            # It may be stored already, its answer lost; its id is its own, so once more does no harm.
            await self._store(await self._decide_all([self._first]), once=False)
            self._first = None
            self._continuity.dropped(self.workshop_id)
            self._tick_not_before_ms, self._tick_wait_ms = 0, self._limits.retry_ms

    async def _erase(self, item: Item, command: ErasePersonalData) -> None:
        subjects = await self._subjects(command.participant_id)
        if not subjects and command.participant_id is not None:
            message = "The journal of this workshop holds nothing of a person with this id."
            item.settle(Rejected("participant_unknown", message, rule="PD1"))
            return
        try:
            await self._journal.erase_person(self.workshop_id, *subjects)
            entry = await self._decide(item)
            await self._journal.append(self.workshop_id, self._state.seq, [entry])
            self._state = await replay(self._journal, self.workshop_id)
        except JournalError as error:
            raise _MustReload(f"an erasure was not finished: {error}") from error
        self._draft = copy.deepcopy(self._state)
        self._projection.rebuilt(self._state)
        self._tell(entry.events)
        item.settle(Ack(self._state.seq))

    async def _subjects(self, participant_id: ParticipantId | None) -> tuple[ParticipantId, ...]:
        subjects, seq = Subjects(), 0
        while page := await self._journal.read(self.workshop_id, seq, READ_LIMIT):
            for recorded in page:
                subjects.note(recorded.event)
            seq = page[-1].seq
        return subjects.of(participant_id)

    async def _decide_and_store(self, items: list[Item]) -> None:
        if time.monotonic() >= self._careful_until_s:
            try:
                decided = await self._decide_all(items)
                rejected = [item for item in decided if item.rejection is not None]
                new = await self._unanswered(rejected) if rejected else []
                await self._store([item for item in decided if item.rejection is None or item in new])
                return
            except Repeated:
                self._draft = copy.deepcopy(self._state)
                self._careful_until_s = time.monotonic() + CAREFUL_S
        await self._store(await self._decide_all(await self._unanswered(items)))

    async def _unanswered(self, items: list[Item]) -> list[Item]:
        """Settle the commands that the journal remembers; returns the others."""
        known = await self._journal.answers(self.workshop_id, [item.key for item in items])
        for item in items:
            if item.key in known:
                item.settle(Ack(known[item.key]))
        return [item for item in items if item.key not in known]

    async def _decide_all(self, items: list[Item]) -> list[Item]:
        """Decide in order on the draft; those that run into a bug are refused and left out of what is returned."""
        remaining = list(items)
        while (culprit := await self._decide_until_bug(remaining)) is not None:
            remaining.remove(culprit)
            self._draft = await replay(self._journal, self.workshop_id)
            if self._draft != self._state:
                raise RuntimeError(f"{self.workshop_id}: the log replays to another state than the one in memory")
        return remaining

    async def _decide_until_bug(self, items: list[Item]) -> Item | None:
        for item in items:
            item.entry = item.rejection = None
            try:
                item.entry = await self._decide(item)
            except Rejected as rejection:
                item.rejection = rejection.with_traceback(None)  # its frames hold the item
            except Exception:  # noqa: BLE001
                # A bug in the core must cost no more than the command that ran into it.
                self._log.exception("command_failed", command=item.command.type, command_id=item.key.command_id)
                if await self._unanswered([item]):
                    self._refuse_for_good(item)
                return item
            item.seq = self._draft.seq
        return None

    async def _decide(self, item: Item) -> Entry:
        stamp = Stamp(now_ms=self._clock.now_ms(), actor=item.key.actor, entropy=self._draw(32))
        events: list[Recorded] = []
        if may_take_long(item.command):
            loop = asyncio.get_running_loop()
            decided = await loop.run_in_executor(self._deciding, decide, self._draft, item.command, stamp)
        else:
            decided = decide(self._draft, item.command, stamp)
        for event in decided:
            recorded = Recorded(
                seq=self._draft.seq + 1,
                at_ms=stamp.now_ms,
                actor=stamp.actor,
                command_id=item.key.command_id,
                event=event,
            )
            self._draft = evolve(self._draft, recorded)
            events.append(recorded)
        return Entry(command=item.key, events=tuple(events))

    async def _store(self, decided: list[Item], *, once: bool = True) -> None:
        entries = [item.entry for item in decided if item.entry is not None and worth_keeping(item.entry)]
        if entries:
            began_s = time.perf_counter()
            try:
                causes = (tracing.traceparent(self.workshop_id, entry.command.command_id) for entry in entries)
                with tracing.work("append", causes, workshop=self.workshop_id, commands=len(entries)):
                    await self._journal.append(self.workshop_id, self._state.seq, entries, once=once)
                if self._on_append is not None:
                    self._on_append(time.perf_counter() - began_s)
            except JournalError:
                raise
            except Exception:  # noqa: BLE001
                # A bug on the way into the journal, which has stored nothing. Find out whose by trying each alone.
                self._draft = copy.deepcopy(self._state)
                if len(decided) == 1:
                    key = decided[0].key
                    self._log.exception("command_failed", command=decided[0].command.type, command_id=key.command_id)
                    self._refuse_for_good(decided[0])
                    return
                for item in decided:
                    await self._carry_out([item])
                return
        self._fold([recorded for entry in entries for recorded in entry.events])
        for item in decided:
            item.settle(item.rejection or Ack(item.seq))
            if item.entry is not None and item.entry.events and isinstance(item.command, Tick):
                self._tick_not_before_ms = 0
                self._tick_wait_ms = self._limits.retry_ms

    def _fold(self, events: Sequence[Recorded]) -> None:
        for recorded in events:
            self._state = evolve(self._state, recorded)
            self._projection.note(recorded)
        if events:
            self._tell(events)

    def _tell(self, events: Sequence[Recorded]) -> None:
        for listener, _ in tuple(self._subscriptions):
            try:
                listener(events)
            except Exception:  # noqa: BLE001  a listener's bug is not the workshop's
                self._log.exception("listener_failed")

    def _refuse_for_good(self, item: Item) -> None:
        message = "The server has a fault that this command runs into; it has been logged. Nothing has changed."
        item.settle(Unavailable("internal", message, retryable=False))
