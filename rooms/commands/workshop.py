"""The workshop itself."""

from typing import Literal

from rooms.events.attendance import AttendanceRule
from rooms.events.workshop import Retention
from rooms.ids import WorkshopId
from rooms.messages import message


@message
class CreateWorkshop:
    workshop_id: WorkshopId
    title: str
    grace_ms: int = 60_000
    lobby: bool = False
    """Whether newcomers wait until they are admitted."""
    attendance: AttendanceRule = AttendanceRule()
    retention: Retention = Retention()
    programme: str = ""
    """What it is part of; stands in everything that is published."""
    type: Literal["CreateWorkshop"] = "CreateWorkshop"


@message
class CloseWorkshop:
    """End the workshop for everybody. Final."""

    type: Literal["CloseWorkshop"] = "CloseWorkshop"


@message
class Tick:
    """Time has passed: carry out what was due by the stamp's `now_ms`."""

    type: Literal["Tick"] = "Tick"
