"""One sink's deliveries: its task, its lanes, its waiting when the receiver cannot take anything.

Theory of operation. A `Delivery` knows which workshops are ahead of the sink's cursor: from the ledger at the start and now and then, from `wake` in between.
For each of them it keeps a *lane*: the narrative folded up to where the journal was read, and the events that are told but not delivered. A batch
is delivered, then the cursor is advanced; so a crash between the two delivers the batch again, with the same ids, and nothing is ever skipped. A lane that
is dropped is made again from the journal.

A receiver that cannot take anything (`Later`) makes the whole delivery wait, exponentially longer with jitter, so that a dead
receiver is left alone and many servers do not come back in step. An event that is refused for good becomes a dead letter, and
its workshop goes on behind it.
"""

import asyncio
import random
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

import structlog

from rooms.ids import WorkshopId
from rooms.messages import ERASED
from server import tracing
from server.clock import Clock
from server.journal.port import Fenced, Journal, JournalUnavailable
from server.publish.catalogue import PersonalDataErased, event_type
from server.publish.cloudevents import CloudEvent
from server.publish.ledger import DeadLetter, Lag, Ledger, Position, SinkState
from server.publish.narrative import Narrative, Options
from server.publish.reading import last_before
from server.publish.rights import Rights
from server.publish.sink import Gone, Keeping, Later, NotDelivered, Refused, Sink
from server.tasks import ended

log = structlog.get_logger()

PAGE = 500
"""Journal events read ahead in a lane."""
TOLD_AT_ONCE = 50
"""Events told without letting anything else in the process have its turn."""
MAX_LANES_KEPT = 200
"""Narratives kept in memory for each sink."""
RESCAN_S = 30.0
"""How often the ledger is asked for workshops that nobody has called attention to."""
MAX_RETRY_AFTER_S = 3600.0
_ERASED = event_type(PersonalDataErased)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """The wait after the nth failure in a row is drawn between half of `first_s` · 2^(n-1) and the whole, at most `longest_s`."""

    first_s: float = 1.0
    longest_s: float = 300.0

    def wait_s(self, failures: int, draw: random.Random) -> float:
        longest_s = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 40))
        return longest_s * draw.uniform(0.5, 1.0)


@dataclass(slots=True)
class _Pending:
    """A told event and where the cursor stands once it is delivered."""

    event: CloudEvent
    seq: int
    part: int
    at_ms: int
    after: Position


@dataclass(slots=True)
class _Lane:
    narrative: Narrative
    position: Position
    pending: deque[_Pending] = field(default_factory=deque)
    stale: bool = False
    """What is pending must not be delivered as it is; another lane takes its place."""


class Delivery:
    """One sink's deliveries; with `only`, of one workshop."""

    def __init__(
        self,
        journal: Journal,
        ledger: Ledger,
        options: Options,
        clock: Clock,
        back_off: BackOff,
        draw: random.Random,
        rights: Rights,
        sink: Sink,
        only: WorkshopId | None = None,
    ) -> None:
        self._rights = rights
        self.only = only
        self.sink = sink
        self.delivered = 0
        """Events delivered since the start."""
        self._journal = journal
        self._ledger = ledger
        self._options = options
        self._clock = clock
        self._back_off = back_off
        self._draw = draw
        self._lanes: OrderedDict[WorkshopId, _Lane] = OrderedDict()
        self._dirty: dict[WorkshopId, None] = {}
        self._rescan = True
        self._woken = asyncio.Event()
        self._hurry = asyncio.Event()
        self._round = asyncio.Lock()
        """Held while batches are on their way."""
        self._failures = 0
        self._state = SinkState()
        self._task: asyncio.Task[None] | None = None
        self._log = log.bind(sink=sink.name)

    # ── for others ───────────────────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._state = await self._ledger.state(self.sink.name)
        await self.sink.open()
        self._task = asyncio.create_task(self._run(), name=f"publish to {self.sink.name}")

    async def close(self) -> None:
        if self._task is not None:
            await ended(self._task)
        await self.sink.close()

    def wake(self, workshop_id: WorkshopId) -> None:
        if self.only not in (None, workshop_id):
            return
        self._dirty[workshop_id] = None
        self._woken.set()

    def forget(self, workshop_id: WorkshopId) -> None:
        lane = self._lanes.pop(workshop_id, None)
        if lane is not None:
            lane.stale = True
        self.wake(workshop_id)

    def drop(self, workshop_id: WorkshopId) -> None:
        lane = self._lanes.pop(workshop_id, None)
        if lane is not None:
            lane.stale = True

    @property
    def state(self) -> SinkState:
        return self._state

    async def lag(self) -> Lag:
        return await self._ledger.lag(self.sink.name, self.only)

    async def enable(self) -> None:
        """Begin again after the receiver was gone, or without waiting for the end of a back-off."""
        self._state = SinkState()
        self._failures = 0
        await self._ledger.set_state(self.sink.name, self._state)
        self._rescan = True
        self._hurry.set()
        self._woken.set()

    async def replay(self, workshop_id: WorkshopId | None, from_ms: int | None = None) -> None:
        """Deliver everything again, of one workshop or of all; or what happened at `from_ms` (Unix ms) and after. Raises `Later` where the
        receiver must be there for that."""
        async with self._round:  # a batch on its way would move the cursor forward again
            await self.sink.rewound(workshop_id)
            if from_ms is None:
                await self._ledger.rewind(self.sink.name, workshop_id)
            else:
                for stored in await self._journal.workshops():
                    if workshop_id in (None, stored.workshop_id):
                        to = Position(await last_before(self._journal, stored, from_ms))
                        await self._ledger.rewind(self.sink.name, stored.workshop_id, to)
            for each in list(self._lanes) if workshop_id is None else [workshop_id]:
                self.forget(each)
        self._rescan = True
        self._woken.set()

    async def dead_letters(self, *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        return await self._ledger.dead_letters(self.sink.name, after=after, limit=limit)

    async def letter(self, dead: DeadLetter) -> CloudEvent:
        """The event of a dead letter as it is told now."""
        narrative = Narrative(self._options)
        while page := await self._journal.read(dead.workshop_id, narrative.seq, PAGE):
            for recorded in page:
                told = narrative.tell(recorded)
                if recorded.seq == dead.seq:
                    return told[dead.part]
        raise LookupError(f"the journal has no event {dead.seq} of {dead.workshop_id}")

    async def retry(self, dead: DeadLetter) -> None:
        """Deliver a dead letter now, out of its order. Raises `NotDelivered`."""
        await self.sink.deliver([await self.letter(dead)])
        await self.bury(dead)

    async def bury(self, dead: DeadLetter) -> None:
        """Forget a dead letter."""
        await self._ledger.bury(dead.ref)

    # ── the task ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _run(self) -> None:
        while True:
            try:
                await self._wait_for_work()
                await self._serve()
            except Later as later:
                await self._pause(later)
            except Gone as gone:
                await self._disable(gone)
            except JournalUnavailable as error:
                await self._pause(Later(f"the journal is not available: {error}"), ours=True)

    async def _wait_for_work(self) -> None:
        while self._state.disabled is not None or not (self._dirty or self._rescan):
            self._woken.clear()
            try:
                async with asyncio.timeout(RESCAN_S):
                    await self._woken.wait()
            except TimeoutError:
                self._rescan = True
        if self._rescan:
            self._rescan = False
            for workshop_id in await self._ledger.behind(self.sink.name, self.only):
                self._dirty[workshop_id] = None

    async def _serve(self) -> None:
        """One page of every workshop that has news, as many at once as the sink has lanes."""
        dirty, self._dirty = self._dirty, {}
        left = list(dirty)
        try:
            while left:
                served, left = left[: self.sink.lanes], left[self.sink.lanes :]
                async with self._round:
                    results = await asyncio.gather(*(self._catch_up(each) for each in served), return_exceptions=True)
                self._sort_out(dict(zip(served, results, strict=True)))
        finally:
            self._dirty.update(dict.fromkeys(left))

    def _sort_out(self, results: dict[WorkshopId, bool | BaseException]) -> None:
        failure: BaseException | None = None
        for workshop_id, result in results.items():
            if isinstance(result, NotDelivered | JournalUnavailable):
                failure = result
            elif isinstance(result, Fenced):
                self.drop(workshop_id)  # another node publishes it now
                continue
            elif isinstance(result, Exception):
                # A bug that one workshop's events run into must not stop the others; the next scan tries it again.
                self._log.error("delivery_failed", workshop_id=workshop_id, exc_info=result)
                self._lanes.pop(workshop_id, None)
                continue
            elif isinstance(result, BaseException):
                raise result
            if result is not False:
                self._dirty[workshop_id] = None
        if failure is not None:
            raise failure

    async def _catch_up(self, workshop_id: WorkshopId) -> bool:
        """Deliver what is told, or a page more; returns whether there may be still more."""
        if not await self._rights.may_publish(workshop_id):
            self.drop(workshop_id)
            return False
        lane = await self._lane(workshop_id)
        if not lane.pending:
            page = await self._journal.read(workshop_id, lane.narrative.seq, PAGE)
            if not page:
                return False
            for number, recorded in enumerate(page, 1):
                _tell(lane, recorded.seq, recorded.at_ms, lane.narrative.tell(recorded))
                if number % TOLD_AT_ONCE == 0:
                    await asyncio.sleep(0)
        while lane.pending and not lane.stale and self._rights.holds(workshop_id):
            await self._deliver_batch(workshop_id, lane)
        if lane.pending:
            return True
        if not lane.stale and lane.position < Position(lane.narrative.seq):
            await self._advance(workshop_id, lane, Position(lane.narrative.seq))
        return True

    async def _deliver_batch(self, workshop_id: WorkshopId, lane: _Lane) -> None:
        batch = self._batch(lane)
        failure: NotDelivered | None = None
        try:
            if batch[0].event["type"] == _ERASED and isinstance(self.sink, Keeping):
                await self.sink.retold(workshop_id, await self._changed(workshop_id, batch[0].seq))
            causes = (each.event["traceparent"] for each in batch)
            with tracing.work("publish", causes, workshop=workshop_id, sink=self.sink.name, events=len(batch)):
                await self.sink.deliver([each.event for each in batch])
            taken = len(batch)
        except NotDelivered as not_delivered:
            failure, taken = not_delivered, not_delivered.delivered
        self.delivered += taken
        dead: tuple[tuple[int, int, str, str, int], ...] = ()
        if failure is not None and self._is_dead(failure, batch[taken]):
            letter = batch[taken]
            dead = ((letter.seq, letter.part, letter.event["id"], failure.reason, self._clock.wall_ms()),)
            self._log.warning(
                "dead_letter", workshop_id=workshop_id, event_id=letter.event["id"], reason=failure.reason
            )
            taken, failure = taken + 1, None
        if taken:
            await self._advance(workshop_id, lane, batch[taken - 1].after, dead)
            for _ in range(taken):
                lane.pending.popleft()
        if failure is not None:
            raise failure
        if not dead:
            await self._succeeded()

    def _batch(self, lane: _Lane) -> list[_Pending]:
        """The next events; one that says that texts were erased comes first in its batch."""
        batch: list[_Pending] = []
        for pending in islice(lane.pending, self.sink.max_batch):
            if batch and pending.event["type"] == _ERASED:
                break
            batch.append(pending)
        return batch

    async def _changed(self, workshop_id: WorkshopId, until_seq: int) -> dict[str, CloudEvent]:
        """What is told of the journal up to `until_seq` with an erased text in it, by id."""
        narrative, changed = Narrative(self._options), dict[str, CloudEvent]()
        while narrative.seq < until_seq:
            missing = until_seq - narrative.seq
            if not (page := await self._journal.read(workshop_id, narrative.seq, min(PAGE, missing))):
                break
            for recorded in page:
                changed |= {event["id"]: event for event in narrative.tell(recorded) if _has_erased(event["data"])}
        return changed

    def _is_dead(self, failure: NotDelivered, letter: _Pending) -> bool:
        if isinstance(failure, Refused):
            return True
        limit_ms, since_ms, now_ms = self.sink.give_up_after_ms, self._state.failing_since_ms, self._clock.wall_ms()
        if not isinstance(failure, Later) or limit_ms is None or since_ms is None:
            return False
        return now_ms - since_ms >= limit_ms and now_ms - letter.at_ms >= limit_ms

    async def _advance(
        self,
        workshop_id: WorkshopId,
        lane: _Lane,
        to: Position,
        dead: tuple[tuple[int, int, str, str, int], ...] = (),
    ) -> None:
        await self._ledger.advance(self.sink.name, workshop_id, to, dead)
        lane.position = to

    async def _lane(self, workshop_id: WorkshopId) -> _Lane:
        lane = self._lanes.get(workshop_id)
        if lane is None:
            lane = _Lane(Narrative(self._options), await self._ledger.position(self.sink.name, workshop_id))
            while lane.narrative.seq < lane.position.seq:
                missing = lane.position.seq - lane.narrative.seq
                page = await self._journal.read(workshop_id, lane.narrative.seq, min(PAGE, missing))
                if not page:  # deleted between the two looks
                    break
                for recorded in page:
                    lane.narrative.tell(recorded)
            self._lanes[workshop_id] = lane
            while len(self._lanes) > max(MAX_LANES_KEPT, self.sink.lanes):
                self._lanes.popitem(last=False)
        self._lanes.move_to_end(workshop_id)
        return lane

    # ── failures ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _succeeded(self) -> None:
        self._failures = 0
        if self._state.failing_since_ms is not None:
            self._state = SinkState()
            await self._ledger.set_state(self.sink.name, self._state)
            self._log.info("delivers_again")

    async def _pause(self, later: Later, *, ours: bool = False) -> None:
        self._failures += 1
        if self._state.failing_since_ms is None and not ours:
            self._state = replace(self._state, failing_since_ms=self._clock.wall_ms())
            with suppress(JournalUnavailable):  # noted with the next failure, or not needed any more
                await self._ledger.set_state(self.sink.name, self._state)
        wait_s = self._back_off.wait_s(self._failures, self._draw)
        if later.retry_after_s is not None:
            wait_s = max(wait_s, min(later.retry_after_s, MAX_RETRY_AFTER_S))
        self._log.warning("not_delivered", reason=later.reason, failures=self._failures, wait_s=round(wait_s, 1))
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._hurry.wait()

    async def _disable(self, gone: Gone) -> None:
        self._state = replace(self._state, disabled=gone.reason)
        with suppress(JournalUnavailable):  # after a restart the receiver will say it again
            await self._ledger.set_state(self.sink.name, self._state)
        self._log.error("sink_disabled", reason=gone.reason)


def _has_erased(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_erased, value.values()))
    return any(map(_has_erased, value)) if isinstance(value, list) else value == ERASED


def _tell(lane: _Lane, seq: int, at_ms: int, events: list[CloudEvent]) -> None:
    last = len(events) - 1
    for part, event in enumerate(events):
        after = Position(seq) if part == last else Position(seq - 1, part + 1)
        if after > lane.position:  # what was delivered of this event before the lane was made anew
            lane.pending.append(_Pending(event, seq, part, at_ms, after))
