"""Workshops that are about to come to this node: who asks for one waits for it here, rather than be sent back to where it still is.

So people can open their connections to the new node while the old one still answers them, and only hello waits for the hand-over.
"""

import asyncio

from rooms.ids import WorkshopId

EXPECTED_S = 8.0
"""After this a workshop that has not come is not waited for; less than clients wait for an answer."""


class Arrivals:
    def __init__(self) -> None:
        self._expected: dict[WorkshopId, asyncio.Event] = {}

    def __contains__(self, workshop_id: WorkshopId) -> bool:
        return workshop_id in self._expected

    def expect(self, workshop_id: WorkshopId) -> None:
        """It will come soon; said again, it is the same expectation."""
        if workshop_id not in self._expected:
            event = self._expected[workshop_id] = asyncio.Event()
            asyncio.get_running_loop().call_later(EXPECTED_S, self._end, workshop_id, event)

    def arrived(self, workshop_id: WorkshopId) -> None:
        """It is here."""
        event = self._expected.get(workshop_id)
        if event is not None:
            self._end(workshop_id, event)

    async def wait(self, workshop_id: WorkshopId) -> None:
        """Returns when it has come, or will not; at once where it is not expected."""
        event = self._expected.get(workshop_id)
        if event is not None:
            await event.wait()

    def _end(self, workshop_id: WorkshopId, event: asyncio.Event) -> None:
        event.set()
        if self._expected.get(workshop_id) is event:
            del self._expected[workshop_id]
