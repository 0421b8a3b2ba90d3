"""Who may do what: one table of role × command.

The four roles are those of PRODUCT: a facilitator runs the workshop, a co-facilitator helps to, a learner takes part, an observer
watches and listens. `API` (a programme's system, by API key) may do what a facilitator may, except what needs a person.
"""

from typing import Final, Literal

Role = Literal["facilitator", "cofacilitator", "learner", "observer"]

HOSTS: Final = frozenset[Role]({"facilitator", "cofacilitator"})
"""The roles that run a workshop; the audience `facilitators`."""
VOTERS: Final = frozenset[Role]({"facilitator", "cofacilitator", "learner"})
EVERYONE: Final = frozenset[Role]({"facilitator", "cofacilitator", "learner", "observer"})
_CHIEF: Final = frozenset[Role]({"facilitator"})
_LEARNER: Final = frozenset[Role]({"learner"})

ALLOWED: Final[dict[str, frozenset[Role]]] = {
    "CloseWorkshop": _CHIEF,
    "SetLobby": HOSTS,
    "SetLock": HOSTS,
    "Admit": HOSTS,
    "Deny": HOSTS,
    "RemoveParticipant": HOSTS,
    "LiftBan": HOSTS,
    "Leave": EVERYONE,
    "Rename": EVERYONE,
    "ChangeRole": _CHIEF,
    "HandOver": _CHIEF,
    "RaiseHand": VOTERS,
    "LowerHand": VOTERS,
    "SetMedia": VOTERS,
    "StopMedia": HOSTS,
    "AllowMedia": HOSTS,
    "PostMessage": EVERYONE,
    "ObjectToAttendance": EVERYONE,
    "CorrectAttendance": HOSTS,
    "ImportRoster": HOSTS,
    "OpenBreakouts": HOSTS,
    "PrepareBreakouts": HOSTS,
    "PrepareRotation": HOSTS,
    "PrepareJigsaw": HOSTS,
    "EditPlan": HOSTS,
    "RedrawPlan": HOSTS,
    "DiscardPlan": HOSTS,
    "OpenPlan": HOSTS,
    "ReopenBreakouts": HOSTS,
    "SetConstraints": HOSTS,
    "AddPastGroups": HOSTS,
    "MoveParticipants": HOSTS,
    "SwapParticipants": HOSTS,
    "ListenIn": HOSTS,
    "CloseBreakouts": HOSTS,
    "CancelRecall": HOSTS,
    "ChangeTimer": HOSTS,
    "ExtendTimer": HOSTS,
    "AddRoom": HOSTS,
    "RenameRoom": HOSTS,
    "SetCapacity": HOSTS,
    "CloseRoom": HOSTS,
    "Broadcast": HOSTS,
    "SetVoiceBroadcast": HOSTS,
    "TakeHelp": HOSTS,
    "SetTask": HOSTS,
    "EnterRoom": EVERYONE,
    "CallForHelp": frozenset({"learner"}),
    "EndHelp": VOTERS,
    "MarkStep": VOTERS,
    "HandInWork": VOTERS,
    "WithdrawWork": VOTERS,
    "CreatePoll": HOSTS,
    "EditPoll": HOSTS,
    "DiscardPoll": HOSTS,
    "OpenPoll": HOSTS,
    "RepeatPoll": HOSTS,
    "ChangePollTimer": HOSTS,
    "HideAnswer": HOSTS,
    "CastBallot": VOTERS,
    "ClosePoll": HOSTS,
    "ShareResults": HOSTS,
    "AskQuestion": VOTERS,
    "WithdrawQuestion": VOTERS,
    "VoteForQuestion": VOTERS,
    "AnswerQuestion": HOSTS,
    "DismissQuestion": HOSTS,
    "MergeQuestions": HOSTS,
    "ReopenQuestion": HOSTS,
    "CreateReviewRound": HOSTS,
    "StartReviewRound": HOSTS,
    "AdvanceReviewRound": HOSTS,
    "CloseReviewRound": HOSTS,
    "ExtendReviewPhase": HOSTS,
    "GiveReviewTime": HOSTS,
    "DraftWork": _LEARNER,
    "SubmitWork": _LEARNER,
    "AssignReview": HOSTS,
    "WithdrawReview": HOSTS,
    "ReallocateReviews": HOSTS,
    "WriteMark": _LEARNER,
    "SubmitReview": _LEARNER,
    "RateReview": _LEARNER,
    "SetAgenda": HOSTS,
    "StartAgenda": HOSTS,
    "NextStep": HOSTS,
    "PreviousStep": HOSTS,
    "GoToStep": HOSTS,
    "SkipStep": HOSTS,
    "ExtendStep": HOSTS,
    "PrepareStep": HOSTS,
}
"""Command type → the roles that may give it. A client command that is not here is a bug that a test finds."""

NEEDS_A_PERSON: Final = frozenset(
    {
        "Leave", "HandOver", "RaiseHand", "LowerHand", "SetMedia", "PostMessage", "CastBallot",
        "EnterRoom", "ListenIn", "SetVoiceBroadcast", "Broadcast", "CallForHelp", "TakeHelp", "MarkStep", "HandInWork",
        "ObjectToAttendance",
        "AskQuestion", "WithdrawQuestion", "VoteForQuestion", "AnswerQuestion",
        "DraftWork", "SubmitWork", "WriteMark", "SubmitReview", "RateReview",
    }
)  # fmt: skip
"""Commands that only a participant can give, not the API."""
WAITING_MAY: Final = ("Leave", "Rename")
"""What somebody in the lobby may do."""


def allowed_commands(role: Role) -> tuple[str, ...]:
    """The command types a role may give, in the table's order."""
    return tuple(command for command, roles in ALLOWED.items() if role in roles)
