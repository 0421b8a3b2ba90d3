"""The workshop itself."""

from typing import Literal

from rooms.events.attendance import AttendanceRule
from rooms.ids import WorkshopId
from rooms.messages import message


@message
class Retention:
    """How long a workshop is kept, in days after it ended. Null: as the server is set; 0: for ever."""

    personal_data_days: int | None = None
    """Names, addresses and free texts of everybody."""
    everything_days: int | None = None
    """The workshop itself."""


@message
class WorkshopCreated:
    workshop_id: WorkshopId
    title: str
    grace_ms: int
    """How long a person without any connection still counts as present."""
    lobby: bool = False
    attendance: AttendanceRule = AttendanceRule()
    retention: Retention = Retention()
    programme: str = ""
    """What it is part of, as the programme calls itself."""
    type: Literal["WorkshopCreated"] = "WorkshopCreated"


@message
class WorkshopClosed:
    type: Literal["WorkshopClosed"] = "WorkshopClosed"
