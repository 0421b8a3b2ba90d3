"""Polls."""

from typing import Literal

from rooms.ids import AnswerId, OptionId, ParticipantId, PollId, RoomId
from rooms.messages import message, personal

ResultsAudience = Literal["hidden", "facilitators", "everyone"]
PollKind = Literal["single", "multiple", "scale", "ranking", "text", "words", "quiz"]
PollTarget = Literal["workshop", "rooms", "groups"]
"""Who answers and how it is counted: everybody, together; everybody, per room and together; each breakout room as one."""


@message
class PollOption:
    option_id: OptionId
    text: str


@message
class PollScale:
    """Whole numbers from `low` to `high`; the labels say what the ends mean."""

    low: int = 1
    high: int = 5
    low_label: str = ""
    high_label: str = ""


@message
class PollSetup:
    """What creating and editing have in common; not a command. What a kind does not use is left out."""

    question: str
    kind: PollKind = "single"
    options: tuple[str, ...] = ()
    anonymous: bool = True
    min_choices: int | None = None
    max_choices: int | None = None
    """How many options a ballot has: multiple (1 to all, if left out), ranking (all); or how many words (1 to 3)."""
    scale: PollScale | None = None
    right: tuple[int, ...] = ()
    """Indexes of the right options, for a quiz."""
    explanation: str = ""
    """Why they are right; shown with them."""
    target: PollTarget = "workshop"
    duration_ms: int | None = None
    results: ResultsAudience = "facilitators"


@message
class PollContent:
    """What is asked; not an event."""

    poll_id: PollId
    question: str
    kind: PollKind = "single"
    options: tuple[PollOption, ...]
    anonymous: bool
    min_choices: int = 1
    max_choices: int = 1
    """Options in a ballot (multiple, ranking, quiz), or words (words)."""
    scale: PollScale | None = None
    right_ids: tuple[OptionId, ...] = ()
    """The right answer of a quiz: exactly these options."""
    explanation: str = ""
    target: PollTarget = "workshop"
    duration_ms: int | None = None
    """How long it is open when opened without saying."""
    results: ResultsAudience = "facilitators"
    follows: PollId | None = None
    """The poll of which this is the second vote; its options stand in the same order."""


@message
class PollCreated(PollContent):
    type: Literal["PollCreated"] = "PollCreated"


@message
class PollEdited(PollContent):
    type: Literal["PollEdited"] = "PollEdited"


@message
class PollDiscarded:
    poll_id: PollId
    type: Literal["PollDiscarded"] = "PollDiscarded"


@message
class PollOpened:
    poll_id: PollId
    closes_at_ms: int | None = None
    type: Literal["PollOpened"] = "PollOpened"


@message
class PollTimerChanged:
    """When the poll closes by itself; null: it does not."""

    poll_id: PollId
    closes_at_ms: int | None
    type: Literal["PollTimerChanged"] = "PollTimerChanged"


@message
class BallotCast:
    """One person's answer; a later one by the same person replaces it."""

    poll_id: PollId
    participant_id: ParticipantId
    option_ids: tuple[OptionId, ...] = ()
    """For a ranking, the first choice first."""
    value: int | None = None
    text: str = personal("participant_id", default="")
    """A free answer, or words, one a line."""
    room_id: RoomId | None = None
    """Where it was cast, for polls that are counted by rooms."""
    answer_id: AnswerId | None = None
    """What a free answer is called where its author is not; stays when it is replaced."""
    type: Literal["BallotCast"] = "BallotCast"


@message
class PollClosed:
    poll_id: PollId
    type: Literal["PollClosed"] = "PollClosed"


@message
class PollResultsShared:
    poll_id: PollId
    results: ResultsAudience
    type: Literal["PollResultsShared"] = "PollResultsShared"


@message
class AnswerHidden:
    """A free answer is not shown (or shown again) to anybody but the facilitators."""

    poll_id: PollId
    answer_id: AnswerId
    hidden: bool
    type: Literal["AnswerHidden"] = "AnswerHidden"
