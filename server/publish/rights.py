"""Whether this node publishes from a workshop: where there are several, one of them does."""

from typing import Protocol

from rooms.ids import WorkshopId


class Rights(Protocol):
    """From which workshops this node publishes, where there are several."""

    def holds(self, workshop_id: WorkshopId) -> bool:
        """Whether it still does; asked before every batch."""

    async def may_publish(self, workshop_id: WorkshopId) -> bool:
        """Whether it does now; may take up what nobody publishes. Raises `JournalUnavailable`."""


class AllRights:
    """One node publishes everything."""

    def holds(self, _workshop_id: WorkshopId) -> bool:
        return True

    async def may_publish(self, _workshop_id: WorkshopId) -> bool:
        return True
