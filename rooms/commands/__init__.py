"""Everything somebody can ask of a workshop, in the imperative. One module a feature; `Command` is their union.

A command never names its author: who gave it stands in the `Stamp`, and comes from the token, not from the message.
"""

from dataclasses import dataclass

from rooms.commands.agenda import (
    ExtendStep,
    GoToStep,
    NextStep,
    PrepareStep,
    PreviousStep,
    SetAgenda,
    SkipStep,
    StartAgenda,
)
from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.commands.breakouts import (
    AddPastGroups,
    AddRoom,
    Broadcast,
    CallForHelp,
    CancelRecall,
    ChangeTimer,
    CloseBreakouts,
    CloseRoom,
    DiscardPlan,
    EditPlan,
    EndHelp,
    EnterRoom,
    ExtendTimer,
    HandInWork,
    ListenIn,
    MarkStep,
    MoveParticipants,
    OpenBreakouts,
    OpenPlan,
    PrepareBreakouts,
    PrepareJigsaw,
    PrepareRotation,
    RedrawPlan,
    RenameRoom,
    ReopenBreakouts,
    SetCapacity,
    SetConstraints,
    SetTask,
    SetVoiceBroadcast,
    SwapParticipants,
    TakeHelp,
    WithdrawWork,
)
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, Deny, LiftBan, RemoveParticipant, SetLobby, SetLock
from rooms.commands.people import (
    ChangeRole,
    Connect,
    Disconnect,
    DropAllConnections,
    HandOver,
    Leave,
    LowerHand,
    RaiseHand,
    Rename,
    SetMedia,
)
from rooms.commands.polls import (
    CastBallot,
    ChangePollTimer,
    ClosePoll,
    CreatePoll,
    DiscardPoll,
    EditPoll,
    HideAnswer,
    OpenPoll,
    RepeatPoll,
    ShareResults,
)
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.questions import (
    AnswerQuestion,
    AskQuestion,
    DismissQuestion,
    MergeQuestions,
    ReopenQuestion,
    VoteForQuestion,
    WithdrawQuestion,
)
from rooms.commands.review import (
    AdvanceReviewRound,
    AssignReview,
    CloseReviewRound,
    CreateReviewRound,
    DraftWork,
    ExtendReviewPhase,
    GiveReviewTime,
    RateReview,
    ReallocateReviews,
    StartReviewRound,
    SubmitReview,
    SubmitWork,
    WithdrawReview,
    WriteMark,
)
from rooms.commands.rosters import ImportRoster
from rooms.commands.stage import AllowMedia, StopMedia
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop, Tick
from rooms.ids import ParticipantId

ClientCommand = (
    CloseWorkshop
    | SetLobby | SetLock | Admit | Deny | RemoveParticipant | LiftBan
    | Leave | Rename | ChangeRole | HandOver
    | RaiseHand | LowerHand | SetMedia | StopMedia | AllowMedia
    | PostMessage
    | ObjectToAttendance | CorrectAttendance
    | ImportRoster
    | OpenBreakouts | ReopenBreakouts | CloseBreakouts | CancelRecall | ChangeTimer | ExtendTimer
    | AddRoom | RenameRoom | SetCapacity | CloseRoom
    | PrepareBreakouts | PrepareRotation | PrepareJigsaw | EditPlan | RedrawPlan | DiscardPlan | OpenPlan
    | SetConstraints | AddPastGroups
    | MoveParticipants | SwapParticipants | EnterRoom | ListenIn | SetVoiceBroadcast
    | Broadcast | CallForHelp | TakeHelp | EndHelp | SetTask | MarkStep | HandInWork | WithdrawWork
    | CreatePoll | EditPoll | DiscardPoll | OpenPoll | RepeatPoll | ChangePollTimer
    | CastBallot | ClosePoll | ShareResults | HideAnswer
    | AskQuestion | WithdrawQuestion | VoteForQuestion | AnswerQuestion | DismissQuestion | MergeQuestions | ReopenQuestion
    | CreateReviewRound | StartReviewRound | AdvanceReviewRound | CloseReviewRound | ExtendReviewPhase | GiveReviewTime
    | DraftWork | SubmitWork | AssignReview | WithdrawReview | ReallocateReviews | WriteMark | SubmitReview | RateReview
    | SetAgenda | StartAgenda | NextStep | PreviousStep | GoToStep | SkipStep | ExtendStep | PrepareStep
)  # fmt: skip
"""What may come over the socket."""

ServerCommand = CreateWorkshop | Connect | Disconnect | DropAllConnections | SumSpeech | Tick | ErasePersonalData
"""What only the server itself gives."""

Command = ClientCommand | ServerCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What `decide` may not find out for itself.

    `now_ms`: Unix time in milliseconds, never smaller than the workshop's last one. `actor`: the person (or `SYSTEM`,
    `API`) who gives the command. `entropy`: 32 random bytes; every draw is made from them.
    """

    now_ms: int
    actor: ParticipantId
    entropy: bytes
