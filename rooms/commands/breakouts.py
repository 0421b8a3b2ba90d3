"""Breakout rooms."""

from typing import Literal

from rooms.events.breakouts import BreakoutPolicy, BreakoutSetup, RoomSetup, RoomTask
from rooms.grouping.model import Constraint, PastRound
from rooms.ids import ParticipantId, PlanId, RoomId, RoundId, WorkId
from rooms.messages import message


@message
class OpenBreakouts(BreakoutSetup):
    """Open rooms and spread the learners present over them, at random if nothing else is said."""

    switch: bool = False
    """Whether rooms that are open are closed for these, with nobody going through the plenary."""
    type: Literal["OpenBreakouts"] = "OpenBreakouts"


@message
class PrepareBreakouts(BreakoutSetup):
    """Make a plan of rooms and people that can be looked at, changed and opened later. Nobody is moved."""

    title: str = ""
    type: Literal["PrepareBreakouts"] = "PrepareBreakouts"


@message
class PrepareRotation(BreakoutSetup):
    """Make a plan for each of several rounds in which as few people as possible meet twice."""

    title: str = ""
    rounds: int
    type: Literal["PrepareRotation"] = "PrepareRotation"


@message
class PrepareJigsaw:
    """Make two plans: expert groups, one a topic, and home groups with an expert on every topic."""

    title: str = ""
    topics: tuple[RoomSetup, ...]
    home: RoomSetup = RoomSetup()
    """What every home group gets; a name is followed by the group's number."""
    constraints: tuple[Constraint, ...] = ()
    """For the home groups."""
    duration_ms: int | None = None
    policy: BreakoutPolicy = BreakoutPolicy()
    open: bool = False
    """Whether the expert groups open at once."""
    type: Literal["PrepareJigsaw"] = "PrepareJigsaw"


@message
class PlannedRoom(RoomSetup):
    """A room of an edited plan; without `room_id` it is a new one."""

    room_id: RoomId | None = None
    participant_ids: tuple[ParticipantId, ...] = ()


@message
class EditPlan:
    """Replace what a plan holds. `seq` is that of the plan's record: if somebody changed the plan since, this is refused."""

    plan_id: PlanId
    seq: int
    title: str
    rooms: tuple[PlannedRoom, ...]
    duration_ms: int | None = None
    policy: BreakoutPolicy = BreakoutPolicy()
    type: Literal["EditPlan"] = "EditPlan"


@message
class RedrawPlan:
    """Assign anew with the people present now."""

    plan_id: PlanId
    type: Literal["RedrawPlan"] = "RedrawPlan"


@message
class DiscardPlan:
    plan_id: PlanId
    type: Literal["DiscardPlan"] = "DiscardPlan"


@message
class OpenPlan:
    """Open the plan's rooms. Learners who came since it was made go where its late-join policy sends them."""

    plan_id: PlanId
    switch: bool = False
    type: Literal["OpenPlan"] = "OpenPlan"


@message
class ReopenBreakouts:
    """Open rooms of an earlier round again, with the same people, tasks and chat."""

    round_id: RoundId | None = None
    """The last one if left out."""
    duration_ms: int | None = None
    switch: bool = False
    type: Literal["ReopenBreakouts"] = "ReopenBreakouts"


@message
class SetConstraints:
    """Say who must or must not be together in every automatic assignment of this workshop."""

    constraints: tuple[Constraint, ...]
    type: Literal["SetConstraints"] = "SetConstraints"


@message
class AddPastGroups:
    """Tell who met in an earlier workshop."""

    past: PastRound
    type: Literal["AddPastGroups"] = "AddPastGroups"


@message
class MoveParticipants:
    """Move people to an open room (or the plenary)."""

    participant_ids: tuple[ParticipantId, ...]
    room_id: RoomId
    type: Literal["MoveParticipants"] = "MoveParticipants"


@message
class SwapParticipants:
    """Two people change places."""

    first_id: ParticipantId
    second_id: ParticipantId
    type: Literal["SwapParticipants"] = "SwapParticipants"


@message
class EnterRoom:
    """Go to a room oneself: facilitators and observers to any; learners to the plenary, back to theirs, or to one they choose."""

    room_id: RoomId
    type: Literal["EnterRoom"] = "EnterRoom"


@message
class ListenIn:
    """See, hear and read these rooms, up to 12 at once, without entering them; and no others any more. None ends it."""

    room_ids: tuple[RoomId, ...]
    type: Literal["ListenIn"] = "ListenIn"


@message
class CloseBreakouts:
    """Bring everybody back to the plenary, now or after a countdown."""

    countdown_ms: int = 0
    type: Literal["CloseBreakouts"] = "CloseBreakouts"


@message
class CancelRecall:
    """Stop the countdown; the timer that ran before runs on."""

    type: Literal["CancelRecall"] = "CancelRecall"


@message
class ChangeTimer:
    """Say how much time is left, for all rooms or for one; null: no end."""

    remaining_ms: int | None
    room_id: RoomId | None = None
    type: Literal["ChangeTimer"] = "ChangeTimer"


@message
class ExtendTimer:
    """Give more time (or less), whatever is left."""

    by_ms: int
    room_id: RoomId | None = None
    type: Literal["ExtendTimer"] = "ExtendTimer"


@message
class AddRoom(RoomSetup):
    """Open one more, empty room."""

    type: Literal["AddRoom"] = "AddRoom"


@message
class RenameRoom:
    room_id: RoomId
    name: str
    type: Literal["RenameRoom"] = "RenameRoom"


@message
class SetCapacity:
    """How many may choose a room; null: any number. Nobody is put out."""

    room_id: RoomId
    capacity: int | None
    type: Literal["SetCapacity"] = "SetCapacity"


@message
class CloseRoom:
    """Close a single room; its people go to the plenary, or to another room."""

    room_id: RoomId
    to_room_id: RoomId | None = None
    type: Literal["CloseRoom"] = "CloseRoom"


@message
class Broadcast:
    """Write to everybody in all rooms, or in some."""

    text: str
    room_ids: tuple[RoomId, ...] = ()
    """All rooms if left out."""
    type: Literal["Broadcast"] = "Broadcast"


@message
class SetVoiceBroadcast:
    """Speak to all rooms at once, or stop."""

    on: bool
    type: Literal["SetVoiceBroadcast"] = "SetVoiceBroadcast"


@message
class CallForHelp:
    """Call a facilitator to one's room."""

    text: str = ""
    type: Literal["CallForHelp"] = "CallForHelp"


@message
class TakeHelp:
    """Say that one is on the way to a room that called."""

    room_id: RoomId
    type: Literal["TakeHelp"] = "TakeHelp"


@message
class EndHelp:
    """The call is settled (facilitators), or taken back (the room)."""

    room_id: RoomId
    type: Literal["EndHelp"] = "EndHelp"


@message
class SetTask:
    """Give a room another task, or all rooms."""

    task: RoomTask
    room_ids: tuple[RoomId, ...] = ()
    """All breakout rooms if left out."""
    type: Literal["SetTask"] = "SetTask"


@message
class MarkStep:
    """Mark a step of the room's task as done or not, from within the room."""

    step: int = 0
    done: bool = True
    type: Literal["MarkStep"] = "MarkStep"


@message
class HandInWork:
    """Bring something of the room's work back: a text, a link, or both. Everybody sees it when the room has closed."""

    title: str
    text: str = ""
    url: str = ""
    type: Literal["HandInWork"] = "HandInWork"


@message
class WithdrawWork:
    work_id: WorkId
    type: Literal["WithdrawWork"] = "WithdrawWork"
