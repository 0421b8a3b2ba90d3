"""The published record, read on demand: pages of a workshop's events, and waiting for more.

Events are told from the journal as they are for the sinks, so a reader sees exactly what a sink gets. The latest are kept in memory
for each workshop that is being read; older ones are told anew for whoever asks.
"""

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rooms.ids import WorkshopId
from server.journal.port import READ_LIMIT, Journal, StoredWorkshop
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Narrative, Options

LATEST = 1_000
"""Events kept in memory for a workshop."""
MAX_STORIES = 50
"""Workshops kept in memory."""


@dataclass(slots=True)
class _Story:
    narrative: Narrative
    latest: deque[CloudEvent] = field(default_factory=lambda: deque(maxlen=LATEST))
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wakes: int = 0
    """How often there was news; tells a reader that some came while it was reading."""


class RecordReader:
    """Reads the record of the workshops in `journal`."""

    def __init__(self, journal: Journal, options: Options) -> None:
        self._journal = journal
        self._options = options
        self._stories: OrderedDict[WorkshopId, _Story] = OrderedDict()
        self._waiting: defaultdict[WorkshopId, set[asyncio.Future[None]]] = defaultdict(set)

    async def read(self, workshop_id: WorkshopId, after: int, limit: int) -> list[CloudEvent] | None:
        """The events whose sequence number is greater than `after`, at most `limit`; None if there is no such workshop."""
        story = self._story(workshop_id)
        async with story.lock:
            while page := await self._journal.read(workshop_id, story.narrative.seq, READ_LIMIT):
                for recorded in page:
                    story.latest.extend(story.narrative.tell(recorded))
        if not story.narrative.seq:
            self._stories.pop(workshop_id, None)
            return None
        if not story.latest or after >= sequence_of(story.latest[0]) - 1:
            return [event for event in story.latest if sequence_of(event) > after][:limit]
        return await self._tell_anew(workshop_id, after, limit)

    def mark(self, workshop_id: WorkshopId) -> int:
        """Take it before `read` and give it to `wait`, so that nothing that comes between the two is waited past."""
        return self._story(workshop_id).wakes

    async def wait(self, workshop_id: WorkshopId, mark: int, timeout_s: float) -> None:
        """Returns when there may be more than there was at `mark`, or after the time."""
        if self.mark(workshop_id) != mark:
            return
        more: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[workshop_id].add(more)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await more
        finally:
            self._waiting[workshop_id].discard(more)
            if not self._waiting[workshop_id]:
                del self._waiting[workshop_id]

    def wake(self, workshop_id: WorkshopId) -> None:
        """There are new events in a workshop's journal."""
        if (story := self._stories.get(workshop_id)) is not None:
            story.wakes += 1
        for more in self._waiting.get(workshop_id, ()):
            if not more.done():
                more.set_result(None)

    def forget(self, workshop_id: WorkshopId) -> None:
        """Something was erased: tell it anew."""
        self._stories.pop(workshop_id, None)

    def _story(self, workshop_id: WorkshopId) -> _Story:
        story = self._stories.get(workshop_id)
        if story is None:
            story = self._stories[workshop_id] = _Story(Narrative(self._options))
            while len(self._stories) > MAX_STORIES:
                self._stories.popitem(last=False)
        self._stories.move_to_end(workshop_id)
        return story

    async def _tell_anew(self, workshop_id: WorkshopId, after: int, limit: int) -> list[CloudEvent]:
        narrative, found = Narrative(self._options), list[CloudEvent]()
        while len(found) < limit and (page := await self._journal.read(workshop_id, narrative.seq, READ_LIMIT)):
            for recorded in page:
                found += [event for event in narrative.tell(recorded) if sequence_of(event) > after]
        return found[:limit]


def sequence_of(event: CloudEvent) -> int:
    return int(event["sequence"])


def last_sequence(events: Sequence[CloudEvent], otherwise: int) -> int:
    """Where a reader goes on after `events`."""
    return sequence_of(events[-1]) if events else otherwise


async def last_before(journal: Journal, workshop: StoredWorkshop, at_ms: int) -> int:
    """The seq of a workshop's last event before a time (Unix ms); 0 if there is none. A workshop's times only grow."""
    low, high = 0, workshop.last_seq
    while low < high:
        middle = (low + high + 1) // 2
        found = await journal.read(workshop.workshop_id, middle - 1, 1)
        if found and found[0].at_ms < at_ms:
            low = middle
        else:
            high = middle - 1
    return low
