"""The published events of breakout rooms."""

from typing import ClassVar, Literal

from rooms.ids import RoundId, WorkId
from rooms.messages import message
from server.publish.catalogue.data import Data


@message
class BreakoutOpened(Data):
    """A breakout room exists (`room_id`). Rooms with the same `round_id` were opened together, or added later. `assignment`: how
    people were put into them: the method's name, `by_hand` (also by roster), or `self_select`."""

    NAME: ClassVar[str] = "breakout.opened"
    name: str
    ends_at_ms: int | None
    round_id: RoundId | None = None
    assignment: str | None = None
    capacity: int | None = None


@message
class BreakoutEntered(Data):
    """`how`: `assigned` when the rooms were opened, `moved` by somebody, `chosen` by the person, `repaired` not to be alone,
    `returned` to the workshop."""

    NAME: ClassVar[str] = "breakout.entered"
    how: Literal["assigned", "moved", "chosen", "repaired", "returned"]


@message
class BreakoutLeft(Data):
    NAME: ClassVar[str] = "breakout.left"
    duration_ms: int


@message
class BreakoutClosed(Data):
    NAME: ClassVar[str] = "breakout.closed"
    duration_ms: int


@message
class HelpAsked(Data):
    """A room (`room_id`) calls for a facilitator; the words only where the server is set to publish them."""

    NAME: ClassVar[str] = "help.asked"
    text: str | None = None


@message
class HelpAnswered(Data):
    """A facilitator (`participant`) is on the way; `waited_ms` since the call."""

    NAME: ClassVar[str] = "help.answered"
    waited_ms: int


@message
class HelpEnded(Data):
    """`cancelled` by the room, or `resolved`; a call that ends with its room is resolved."""

    NAME: ClassVar[str] = "help.ended"
    reason: Literal["cancelled", "resolved"]
    duration_ms: int


@message
class ArtefactSaved(Data):
    """A room handed in work. `text` only where the server is set to publish it; `length` is that of the text."""

    NAME: ClassVar[str] = "artefact.saved"
    work_id: WorkId
    title: str
    url: str
    length: int
    text: str | None = None
