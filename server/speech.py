"""Seconds spoken, from the media plane into the journal (AT4).

Theory of operation. The media plane tells in small pieces who has spoken; here they are summed up per workshop and person, and every
`every_s` each workshop in which somebody spoke gets one `SumSpeech`. Before a workshop is closed (handed over, read) what is left is given to it
(`settle`), to the last syllable: the media plane is asked for what it has heard and not told yet (`gather`).
Memory is bounded by the people who can be connected. What a killed server had not yet given is lost: at most `every_s` of speech.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable

import structlog

from rooms import limits
from rooms.commands.attendance import SumSpeech
from rooms.errors import Rejected
from rooms.events.attendance import Spoken
from rooms.ids import SYSTEM, ParticipantId, WorkshopId
from server.actor import Unavailable
from server.tasks import ended
from server.workshops import Elsewhere, UnknownWorkshop, Workshops

log = structlog.get_logger()

EVERY_S = 15.0


class SpeechMeter:
    """`start` and `close` frame its life; close it before the workshops, so that the last sums get in. `gather` makes whoever hears people
    `add` what they have not added so far."""

    def __init__(
        self, workshops: Workshops, *, every_s: float = EVERY_S, gather: Callable[[], None] = lambda: None
    ) -> None:
        self._workshops = workshops
        self._gather = gather
        self._every_s = every_s
        self._spoken_ms: defaultdict[WorkshopId, defaultdict[ParticipantId, int]] = defaultdict(
            lambda: defaultdict(int)
        )
        self._task: asyncio.Task[None] | None = None

    def add(self, workshop_id: WorkshopId, participant_id: ParticipantId, ms: int) -> None:
        """Somebody has spoken for so long since the last time."""
        self._spoken_ms[workshop_id][participant_id] += ms

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="speech meter")

    async def close(self) -> None:
        """Give every workshop what is left."""
        if self._task is not None:
            await ended(self._task)
        await self._settle_all()

    async def settle(self, workshop_id: WorkshopId) -> None:
        """Give a workshop what was spoken in it since the last time; keep it if it cannot be stored now."""
        self._gather()
        await self._give(workshop_id)

    async def _give(self, workshop_id: WorkshopId) -> None:
        spoken = self._spoken_ms.pop(workshop_id, None)
        if not spoken:
            return
        told = [Spoken(participant_id=who, ms=ms) for who, ms in sorted(spoken.items())]
        while told:
            some, told = told[: limits.MAX_SPEAKERS_SUMMED], told[limits.MAX_SPEAKERS_SUMMED :]
            try:
                actor = await self._workshops.get(workshop_id)
                await actor.submit(SumSpeech(spoken=tuple(some)), SYSTEM, f"speech-{secrets.token_hex(16)}")
            except Unavailable:
                for each in (*some, *told):
                    self.add(workshop_id, each.participant_id, each.ms)
                return
            except (UnknownWorkshop, Elsewhere, Rejected):
                log.warning("speech_of_no_workshop", workshop_id=workshop_id)
                return

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self._settle_all()

    async def _settle_all(self) -> None:
        self._gather()
        for workshop_id in list(self._spoken_ms):
            await self._give(workshop_id)
