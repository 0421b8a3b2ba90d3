"""The workshop itself."""

from typing import Literal

from rooms.events.attendance import AttendanceRule
from rooms.ids import WorkshopId
from rooms.messages import message


@message
class WorkshopCreated:
    workshop_id: WorkshopId
    title: str
    grace_ms: int
    """How long a person without any connection still counts as present."""
    lobby: bool = False
    attendance: AttendanceRule = AttendanceRule()
    type: Literal["WorkshopCreated"] = "WorkshopCreated"


@message
class WorkshopClosed:
    type: Literal["WorkshopClosed"] = "WorkshopClosed"
