"""Breakout rooms: prepared, opened, changed, closed; who is moved between them; what is going on in them."""

from typing import Literal

from rooms.explanation import Reason
from rooms.grouping.model import ByAttributes, ByScore, Constraint, PastRound, Random
from rooms.ids import ParticipantId, PlanId, RoomId, RoundId, WorkId
from rooms.messages import message, personal

LatePolicy = Literal["hold", "same_room", "smallest"]
"""Where somebody goes who comes (back) while breakouts are open: `hold` waits in the plenary; `same_room` goes where they have
been or are expected, and waits if that is nowhere; `smallest` like that, but into the smallest room instead of waiting."""
RepairPolicy = Literal["off", "propose", "automatic"]
"""What happens when everybody else has dropped out of somebody's room."""


# ── how people come into rooms ───────────────────────────────────────────────────────────────────────────────────────
@message
class ByRoster:
    """Everybody into the room that the roster names; one room a name."""

    kind: Literal["roster"] = "roster"


@message
class SelfSelect:
    """Nobody is placed: people choose a room, as far as it has room, and may change it."""

    kind: Literal["self_select"] = "self_select"


@message
class ByHand:
    """The people listed into the room of that index; the rest stay in the plenary, or are drawn into the rooms."""

    groups: tuple[tuple[ParticipantId, ...], ...]
    rest: Literal["plenary", "random"] = "plenary"
    kind: Literal["by_hand"] = "by_hand"


Assignment = Random | ByAttributes | ByScore | ByRoster | SelfSelect | ByHand


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class Material:
    """Something to open: a page, a document, a board."""

    title: str
    url: str


@message
class RoomTask:
    """What a room has to do. `steps` are marked as done one by one; without any there is one, the whole."""

    text: str = ""
    steps: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()


@message
class OpenedRoom:
    """A room as it opens, or is planned to: who is in it, and who is expected but not here."""

    room_id: RoomId
    name: str
    participant_ids: tuple[ParticipantId, ...]
    expected_ids: tuple[ParticipantId, ...] = ()
    capacity: int | None = None
    task: RoomTask | None = None
    duration_ms: int | None = None
    """How long this room alone is open, where it is not as long as the others."""


@message
class RoomSetup:
    """One room to be. An empty name becomes "Room 3"."""

    name: str = ""
    capacity: int | None = None
    task: RoomTask | None = None
    duration_ms: int | None = None
    """How long this room alone is open, where it is not as long as the others."""


@message
class BreakoutPolicy:
    """`warning_ms`: how long before the end everybody is warned."""

    warning_ms: int = 60_000
    late: LatePolicy = "same_room"
    repair: RepairPolicy = "propose"
    may_leave: bool = True
    """Whether learners may go to the plenary and back by themselves."""


@message
class BreakoutSetup:
    """What rooms there shall be and who comes into them.

    How many rooms: `count`, or as many as `rooms` are listed, or from `size` people in a room; a roster has as many as it
    names. `rooms` may be fewer than there will be: the rest have no task and are called by their number.
    """

    count: int | None = None
    size: int | None = None
    rooms: tuple[RoomSetup, ...] = ()
    assignment: Assignment = Random()
    constraints: tuple[Constraint, ...] = ()
    """Beside those of `SetConstraints`. Groups are counted from 0, in the order of the rooms."""
    new_partners: bool = False
    """Avoid that people meet again who were in a room before."""
    duration_ms: int | None = None
    policy: BreakoutPolicy = BreakoutPolicy()


@message
class BreakoutsOpened:
    """Rooms now exist (again) and the people listed are in them."""

    rooms: tuple[OpenedRoom, ...]
    ends_at_ms: int | None = None
    round_id: RoundId
    plan_id: PlanId | None = None
    """The plan that is used up by this."""
    policy: BreakoutPolicy = BreakoutPolicy()
    choose: bool = False
    """Whether learners choose their room."""
    explanation: tuple[Reason, ...] = ()
    type: Literal["BreakoutsOpened"] = "BreakoutsOpened"


@message
class ParticipantMoved:
    participant_id: ParticipantId
    from_room_id: RoomId
    to_room_id: RoomId
    reason: Literal["moved", "entered", "repair", "room_closed"] = "moved"
    """`moved` by a facilitator, `entered` on one's own, `repair` not to be alone, `room_closed` with the room."""
    type: Literal["ParticipantMoved"] = "ParticipantMoved"


@message
class BreakoutsClosed:
    """Everybody is back in the plenary; the rooms are closed."""

    reason: Literal["recalled", "timer", "switched", "workshop_closed"]
    """`switched`: other rooms open at once."""
    type: Literal["BreakoutsClosed"] = "BreakoutsClosed"


@message
class RecallStarted:
    """The countdown to the recall runs; it ends at `ends_at_ms`."""

    ends_at_ms: int
    type: Literal["RecallStarted"] = "RecallStarted"


@message
class RecallCancelled:
    type: Literal["RecallCancelled"] = "RecallCancelled"


@message
class TimerChanged:
    """When the breakouts, or one room, end from now on; null: not by themselves."""

    room_id: RoomId | None = None
    ends_at_ms: int | None
    type: Literal["TimerChanged"] = "TimerChanged"


@message
class RoomAdded:
    room: OpenedRoom
    type: Literal["RoomAdded"] = "RoomAdded"


@message
class RoomRenamed:
    room_id: RoomId
    name: str
    type: Literal["RoomRenamed"] = "RoomRenamed"


@message
class RoomClosed:
    """A single room is closed; its people were moved before."""

    room_id: RoomId
    reason: Literal["closed", "timer"]
    type: Literal["RoomClosed"] = "RoomClosed"


@message
class CapacitySet:
    room_id: RoomId
    capacity: int | None
    type: Literal["CapacitySet"] = "CapacitySet"


# ── plans ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class BreakoutPlan:
    """Rooms that can be opened with one command. In a plan's rooms `participant_ids` are all who belong there."""

    title: str
    setup: BreakoutSetup
    rooms: tuple[OpenedRoom, ...]
    drawn: bool
    """False: nobody was there to be assigned when the plan was made; it is done when it opens."""
    explanation: tuple[Reason, ...] = ()


@message
class BreakoutsPlanned:
    """A plan was made, or (same `plan_id`) changed. Plans of a series are opened one after the other."""

    plan_id: PlanId
    plan: BreakoutPlan
    series: Literal["single", "rotation", "jigsaw"] = "single"
    position: int = 1
    of: int = 1
    type: Literal["BreakoutsPlanned"] = "BreakoutsPlanned"


@message
class PlanDiscarded:
    plan_id: PlanId
    type: Literal["PlanDiscarded"] = "PlanDiscarded"


@message
class ConstraintsSet:
    """What every automatic assignment of this workshop keeps to, from now on."""

    constraints: tuple[Constraint, ...]
    type: Literal["ConstraintsSet"] = "ConstraintsSet"


@message
class PastGroupsAdded:
    """Who met in an earlier workshop, for assignments with new partners."""

    past: PastRound
    type: Literal["PastGroupsAdded"] = "PastGroupsAdded"


# ── in the rooms ─────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class ListeningChanged:
    """A facilitator sees, hears and reads these rooms without being in them, and no others; none: no longer."""

    participant_id: ParticipantId
    room_ids: tuple[RoomId, ...]
    type: Literal["ListeningChanged"] = "ListeningChanged"


@message
class VoiceBroadcastChanged:
    """A facilitator is heard in all rooms; null: nobody is any longer."""

    participant_id: ParticipantId | None
    type: Literal["VoiceBroadcastChanged"] = "VoiceBroadcastChanged"


@message
class HelpCalled:
    room_id: RoomId
    participant_id: ParticipantId
    text: str = personal("participant_id")
    type: Literal["HelpCalled"] = "HelpCalled"


@message
class HelpTaken:
    """A facilitator is on the way."""

    room_id: RoomId
    participant_id: ParticipantId
    type: Literal["HelpTaken"] = "HelpTaken"


@message
class HelpEnded:
    room_id: RoomId
    reason: Literal["cancelled", "resolved"]
    type: Literal["HelpEnded"] = "HelpEnded"


@message
class TaskSet:
    """The room has another task; nothing of it is done yet."""

    room_id: RoomId
    task: RoomTask
    type: Literal["TaskSet"] = "TaskSet"


@message
class StepMarked:
    """`step`: index in the task's steps."""

    room_id: RoomId
    step: int
    done: bool
    type: Literal["StepMarked"] = "StepMarked"


@message
class WorkHandedIn:
    """Something a room brings back to the plenary."""

    work_id: WorkId
    room_id: RoomId
    author_id: ParticipantId
    title: str = personal("author_id")
    text: str = personal("author_id")
    url: str = personal("author_id")
    length: int
    """Of the text, in characters: a fact that stays when the text is erased."""
    type: Literal["WorkHandedIn"] = "WorkHandedIn"


@message
class WorkWithdrawn:
    work_id: WorkId
    type: Literal["WorkWithdrawn"] = "WorkWithdrawn"
