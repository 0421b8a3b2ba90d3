"""Who is expected, and what is known of them beforehand."""

from typing import Literal

from rooms.ids import RosterEntryId
from rooms.messages import message, personal


@message
class RosterStarted:
    """A roster is imported and replaces the one before; `rows` entries follow."""

    rows: int
    type: Literal["RosterStarted"] = "RosterStarted"


@message
class RosterEntryAdded:
    """One person of the roster. Whoever it is found to be, its personal texts have a key of their own (`entry_id`)."""

    entry_id: RosterEntryId
    line: int
    email: str = personal("entry_id")
    external_id: str = personal("entry_id")
    name: str = personal("entry_id")
    room: str = ""
    score: float | None = None
    attributes: dict[str, str] = personal("entry_id")
    """Whatever else the file had columns for: nobody knows what stands there, so it is sealed like a name."""
    type: Literal["RosterEntryAdded"] = "RosterEntryAdded"
