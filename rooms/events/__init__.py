"""Everything that can have happened in a workshop, in the past tense. One module a feature; `Event` is their union.

An event says what is now true, with everything a replay needs (drawn ids, allocated rooms). When it happened and
who caused it stands in the `Recorded` envelope, not in the event.
"""

from dataclasses import dataclass

from rooms.events.agenda import (
    AgendaEnded,
    AgendaSet,
    AgendaStarted,
    StepEnded,
    StepExtended,
    StepHeld,
    StepPrepared,
    StepSkipChanged,
    StepStarted,
)
from rooms.events.attendance import AttendanceCorrected, AttendanceObjected, SpeechSummed
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    BreakoutsPlanned,
    CapacitySet,
    ConstraintsSet,
    HelpCalled,
    HelpEnded,
    HelpTaken,
    ListeningChanged,
    ParticipantMoved,
    PastGroupsAdded,
    PlanDiscarded,
    RecallCancelled,
    RecallStarted,
    RoomAdded,
    RoomClosed,
    RoomRenamed,
    StepMarked,
    TaskSet,
    TimerChanged,
    VoiceBroadcastChanged,
    WorkHandedIn,
    WorkWithdrawn,
)
from rooms.events.chat import MessagePosted
from rooms.events.lobby import BanLifted, LobbyEntered, LobbyLeft, LobbySwitched, LockSwitched, ParticipantBanned
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    HandLowered,
    HandRaised,
    MediaChanged,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRenamed,
    ParticipantReturned,
    RoleChanged,
)
from rooms.events.polls import (
    AnswerHidden,
    BallotCast,
    PollClosed,
    PollCreated,
    PollDiscarded,
    PollEdited,
    PollOpened,
    PollResultsShared,
    PollTimerChanged,
)
from rooms.events.privacy import PersonalDataErased
from rooms.events.questions import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionReopened,
    QuestionsMerged,
    QuestionVoteChanged,
    QuestionWithdrawn,
)
from rooms.events.review import (
    DiscussionsPlanned,
    DiscussionsStarted,
    MarkWritten,
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewPhaseTimed,
    ReviewRated,
    ReviewRoundCreated,
    ReviewsAssigned,
    ReviewSubmitted,
    ReviewsWithdrawn,
    ReviewTimeEnded,
    ReviewTimeGiven,
    WorkDrafted,
    WorkSubmitted,
)
from rooms.events.rosters import RosterEntryAdded, RosterStarted
from rooms.events.stage import MediaAllowed, MediaForbidden
from rooms.events.workshop import WorkshopClosed, WorkshopCreated
from rooms.ids import ParticipantId

Event = (
    WorkshopCreated | WorkshopClosed | PersonalDataErased
    | ParticipantJoined | ParticipantReturned | ParticipantLeft | ConnectionOpened | ConnectionClosed
    | ParticipantRenamed | RoleChanged
    | LobbySwitched | LockSwitched | LobbyEntered | LobbyLeft | ParticipantBanned | BanLifted
    | HandRaised | HandLowered | MediaChanged | MediaForbidden | MediaAllowed
    | MessagePosted
    | SpeechSummed | AttendanceObjected | AttendanceCorrected
    | RosterStarted | RosterEntryAdded
    | BreakoutsOpened | BreakoutsClosed | RecallStarted | RecallCancelled | TimerChanged
    | RoomAdded | RoomRenamed | CapacitySet | RoomClosed
    | BreakoutsPlanned | PlanDiscarded | ConstraintsSet | PastGroupsAdded
    | ParticipantMoved | ListeningChanged | VoiceBroadcastChanged
    | HelpCalled | HelpTaken | HelpEnded | TaskSet | StepMarked | WorkHandedIn | WorkWithdrawn
    | PollCreated | PollEdited | PollDiscarded | PollOpened | PollTimerChanged
    | BallotCast | PollClosed | PollResultsShared | AnswerHidden
    | QuestionAsked | QuestionWithdrawn | QuestionVoteChanged | QuestionAnswered | QuestionDismissed | QuestionsMerged | QuestionReopened
    | ReviewRoundCreated | ReviewPhaseStarted | ReviewPhaseTimed | ReviewTimeGiven | ReviewTimeEnded
    | WorkDrafted | WorkSubmitted | ReviewsAssigned | ReviewsWithdrawn | MarkWritten | ReviewSubmitted
    | ReviewNamesRevealed | DiscussionsPlanned | DiscussionsStarted | ReviewRated
    | AgendaSet | AgendaStarted | AgendaEnded
    | StepPrepared | StepStarted | StepEnded | StepSkipChanged | StepExtended | StepHeld
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place in the journal.

    `seq` counts from 1 without gaps within a workshop; `at_ms` is Unix time in milliseconds and never runs backwards
    within a workshop; `actor` is who gave the command; `command_id` is the id the command came with.
    """

    seq: int
    at_ms: int
    actor: ParticipantId
    command_id: str
    event: Event
