"""Forgets what has been kept long enough: everybody's personal data, then the workshop itself. Rule PD6.

Theory of operation. Every `check_every_s` each stored workshop is looked at. Its first event says how long it is kept (the server's settings where it says
nothing), its last events say when it ended: when it was closed or, if nobody closed it, when the last thing happened that was no
erasure. What is due goes through the same ways as an erasure or deletion that somebody asks for, and is noted in the audit trail.
A pass that breaks off is begun again by the next: an erasure that has happened is found in the journal, so nothing is done twice.

The clock is handed in. The wall clock counts here, because days do; nothing is forgotten before the process has run for a while, so
that a clock that is wrong at the start of a machine can be put right first (`GRACE_S`).
"""

import asyncio
from dataclasses import dataclass

import structlog

from rooms.commands.privacy import ErasePersonalData
from rooms.events import Recorded
from rooms.events.privacy import PersonalDataErased
from rooms.events.workshop import Retention as Rule
from rooms.events.workshop import WorkshopClosed, WorkshopCreated
from rooms.ids import SYSTEM, WorkshopId
from server.actor import Unavailable
from server.audit import RETENTION, Audit
from server.clock import Clock
from server.config import RetentionSettings
from server.journal.port import READ_LIMIT, Journal, JournalError, StoredWorkshop
from server.publish.ledger import Ledger
from server.publish.publisher import Publisher
from server.publish.workshop_sinks import WorkshopSinks
from server.tasks import ended
from server.workshops import Elsewhere, UnknownWorkshop, Workshops

log = structlog.get_logger()

DAY_MS = 24 * 3_600_000
GRACE_S = 600.0


@dataclass(frozen=True, slots=True)
class _Ended:
    """What is known of a workshop up to its event `seq`."""

    seq: int
    at_ms: int
    erased_at_ms: int | None
    """When everybody was last erased, if nothing has happened since."""


class Retention:
    """One for each node. `start` and `close` frame its life. A deletion does not wait for sinks that have not got everything, but says how far
    behind they were."""

    def __init__(
        self,
        settings: RetentionSettings,
        journal: Journal,
        workshops: Workshops,
        ledger: Ledger,
        audit: Audit,
        clock: Clock,
        publisher: Publisher,
        sinks: WorkshopSinks,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._workshops = workshops
        self._ledger = ledger
        self._audit = audit
        self._clock = clock
        self._publisher = publisher
        self._sinks = sinks
        self._rules: dict[WorkshopId, Rule] = {}
        self._ended: dict[WorkshopId, _Ended] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._again_and_again(), name="retention")

    async def close(self) -> None:
        if self._task is not None:
            await ended(self._task)

    async def enforce(self) -> None:
        """One pass over all workshops. Raises `JournalError` where the list of them cannot be read."""
        stored = await self._journal.workshops()
        for known in (self._rules, self._ended):
            for gone in known.keys() - {each.workshop_id for each in stored}:
                del known[gone]
        for each in stored:
            try:
                await self._look_at(each)
            except (Elsewhere, JournalError, Unavailable, UnknownWorkshop) as error:
                # Another node has it, or the store is away: the next pass looks again.
                log.warning("retention_put_off", workshop_id=each.workshop_id, error=str(error))

    async def _again_and_again(self) -> None:
        await asyncio.sleep(min(GRACE_S, self._settings.check_every_s))
        while True:
            try:
                await self.enforce()
            except JournalError as error:
                log.warning("retention_put_off", error=str(error))
            await asyncio.sleep(self._settings.check_every_s)

    async def _look_at(self, stored: StoredWorkshop) -> None:
        workshop_id, now_ms = stored.workshop_id, self._clock.wall_ms()
        rule = await self._rule(workshop_id)
        personal_ms, everything_ms = (rule.personal_data_days or 0) * DAY_MS, (rule.everything_days or 0) * DAY_MS
        if not personal_ms and not everything_ms:
            return
        ended = await self._end_of(stored)
        if everything_ms and now_ms - ended.at_ms >= everything_ms:
            await self._delete(workshop_id, ended)
        elif personal_ms and ended.erased_at_ms is None and now_ms - ended.at_ms >= personal_ms:
            await self._erase(workshop_id)

    async def _rule(self, workshop_id: WorkshopId) -> Rule:
        """How long it is kept, in days; 0: for ever."""
        if workshop_id not in self._rules:
            (first,) = await self._journal.read(workshop_id, 0, 1)
            assert isinstance(first.event, WorkshopCreated)
            self._rules[workshop_id] = first.event.retention
        own, server = self._rules[workshop_id], self._settings
        return Rule(
            personal_data_days=server.personal_data_days if own.personal_data_days is None else own.personal_data_days,
            everything_days=server.everything_days if own.everything_days is None else own.everything_days,
        )

    async def _end_of(self, stored: StoredWorkshop) -> _Ended:
        """When it ended. Read from its last events; from all of them where those do not tell."""
        workshop_id = stored.workshop_id
        known = self._ended.get(workshop_id)
        if known is not None and known.seq == stored.last_seq:
            return known
        end = _End()
        for start in (max(0, stored.last_seq - READ_LIMIT), 0):
            seq = start
            while page := await self._journal.read(workshop_id, seq):
                for recorded in page:
                    end.note(recorded)
                seq = page[-1].seq
            if end.at_ms is not None:
                break  # else there were nothing but erasures for very long
        assert end.at_ms is not None, "the first event is no erasure"
        found = self._ended[workshop_id] = _Ended(stored.last_seq, end.at_ms, end.erased_at_ms)
        return found

    async def _erase(self, workshop_id: WorkshopId) -> None:
        actor = await self._workshops.get(workshop_id)
        command_id = f"retention:{actor.state.seq}"
        ack = await actor.submit(ErasePersonalData(participant_id=None), SYSTEM, command_id)
        await self._ledger.forget_reasons(workshop_id)
        await self._audit.note("personal_data.erased", actor=RETENTION, workshop_id=workshop_id, seq=ack.seq)
        log.info("personal_data_erased", workshop_id=workshop_id)

    async def _delete(self, workshop_id: WorkshopId, ended: _Ended) -> None:
        positions = [await self._ledger.position(sink, workshop_id) for sink in self._publisher.names_for(workshop_id)]
        undelivered = max((ended.seq - each.seq for each in positions), default=0)
        await self._workshops.delete(workshop_id)
        await self._sinks.remove_all(workshop_id)
        await self._ledger.forget_letters(workshop_id)
        await self._audit.note(
            "workshop.deleted", actor=RETENTION, workshop_id=workshop_id, events=ended.seq, undelivered=undelivered
        )
        log.info("workshop_deleted", workshop_id=workshop_id, events=ended.seq, undelivered=undelivered)


class _End:
    """When a workshop ended, folded from its events in order."""

    def __init__(self) -> None:
        self.at_ms: int | None = None
        self.erased_at_ms: int | None = None
        self._closed = False

    def note(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, PersonalDataErased):
            if event.participant_id is None:
                self.erased_at_ms = recorded.at_ms
            return
        self.erased_at_ms = None
        if not self._closed:
            self.at_ms = recorded.at_ms
        self._closed = self._closed or isinstance(event, WorkshopClosed)
