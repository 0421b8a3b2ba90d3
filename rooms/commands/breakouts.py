"""Breakout rooms."""

from typing import Literal

from rooms.ids import ParticipantId, RoomId
from rooms.messages import message


@message
class OpenBreakouts:
    """Open `count` rooms and spread the learners present over them at random, sizes differing by at most one."""

    count: int
    duration_ms: int | None = None
    type: Literal["OpenBreakouts"] = "OpenBreakouts"


@message
class MoveParticipants:
    """Move people to an open room (or the plenary)."""

    participant_ids: tuple[ParticipantId, ...]
    room_id: RoomId
    type: Literal["MoveParticipants"] = "MoveParticipants"


@message
class CloseBreakouts:
    """Bring everybody back to the plenary now."""

    type: Literal["CloseBreakouts"] = "CloseBreakouts"
