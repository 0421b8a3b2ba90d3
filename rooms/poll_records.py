"""The records of polls. See rooms.records."""

from typing import Literal

from rooms.events.polls import PollKind, PollOption, PollScale, PollTarget, ResultsAudience
from rooms.ids import AnswerId, OptionId, ParticipantId, PollId, RoomId
from rooms.messages import message


@message
class PollRecord:
    """Key `poll:<poll_id>`; the facilitators, and everybody once it has been opened."""

    kind: Literal["poll"] = "poll"
    poll_id: PollId
    seq: int
    question: str
    poll_kind: PollKind
    options: tuple[PollOption, ...]
    min_choices: int
    max_choices: int
    """How many options, or words, an answer has."""
    scale: PollScale | None
    target: PollTarget
    status: Literal["draft", "open", "closed"]
    closes_at_ms: int | None
    duration_ms: int | None
    """How long it is open if it is opened without saying."""
    anonymous: bool
    results: ResultsAudience
    follows: PollId | None
    """The poll of which this is the second vote."""


@message
class AnswerKeyRecord:
    """Key `answer_key:<poll_id>`; the facilitators, and everybody once the quiz is closed and its results are shared with everybody
    (not while the same is asked again)."""

    kind: Literal["answer_key"] = "answer_key"
    poll_id: PollId
    right_ids: tuple[OptionId, ...]
    explanation: str


@message
class OptionCount:
    option_id: OptionId
    count: int


@message
class ValueCount:
    value: int
    count: int


@message
class WordCount:
    word: str
    count: int


@message
class TallyRecord:
    """Key `tally:<poll_id>`; whom the poll's `results` names. What the poll's kind does not use is empty."""

    kind: Literal["tally"] = "tally"
    poll_id: PollId
    counts: tuple[OptionCount, ...]
    """One entry an option, in the poll's order: answers that chose it; in a ranking, that put it first."""
    scores: tuple[OptionCount, ...]
    """Ranking: Borda points, in the poll's order."""
    values: tuple[ValueCount, ...]
    """Scale: one entry a value, upwards."""
    mean: float | None
    """Scale: to two places; null while there are no answers."""
    words: tuple[WordCount, ...]
    """Word cloud: the most frequent first."""
    right: int | None
    """Quiz: answers that are exactly right; null before the key is told to everybody, because the counts would say it then."""
    ballots: int
    """People who have voted; in a poll for groups, rooms that agree."""
    eligible: int
    """People who could vote: present, plus those who have voted and left; in a poll for groups, rooms."""


@message
class RoomTally:
    """Like `TallyRecord`, of one room."""

    room_id: RoomId
    room_name: str
    counts: tuple[OptionCount, ...]
    scores: tuple[OptionCount, ...]
    values: tuple[ValueCount, ...]
    mean: float | None
    words: tuple[WordCount, ...]
    ballots: int


@message
class RoomTalliesRecord:
    """Key `room_tallies:<poll_id>`; whom the poll's `results` names; for polls that are counted by rooms.

    Of an anonymous poll there are none before it closes, and rooms with too few answers to stay anonymous are left out.
    """

    kind: Literal["room_tallies"] = "room_tallies"
    poll_id: PollId
    rooms: tuple[RoomTally, ...]


@message
class GroupVote:
    participant_id: ParticipantId
    option_ids: tuple[OptionId, ...]
    value: int | None


@message
class GroupAnswerRecord:
    """Key `group_answer:<poll_id>:<room_id>`; the people in the room: who says what, so that they can agree."""

    kind: Literal["group_answer"] = "group_answer"
    poll_id: PollId
    room_id: RoomId
    votes: tuple[GroupVote, ...]
    agreed: bool
    """Whether everybody says the same, which is then the room's answer."""


@message
class AnswerRecord:
    """Key `answer:<poll_id>:<answer_id>`; a free answer, for whom the poll's `results` names; hidden ones for the facilitators.

    Of an anonymous poll they come three or more at a time, or when it closes; their ids say nothing.
    """

    kind: Literal["answer"] = "answer"
    poll_id: PollId
    answer_id: AnswerId
    text: str
    author_id: ParticipantId | None
    """Null in an anonymous poll."""
    hidden: bool


@message
class ShiftRecord:
    """Key `shift:<poll_id>`; whom the poll's `results` names; for a second vote that is closed: people who changed their
    answer, kept it, or had not voted before."""

    kind: Literal["shift"] = "shift"
    poll_id: PollId
    follows: PollId
    changed: int
    kept: int
    new: int


@message
class BallotRecord:
    """Key `ballot:<poll_id>:<participant_id>`; the voter, and in a poll that is not anonymous the facilitators."""

    kind: Literal["ballot"] = "ballot"
    poll_id: PollId
    participant_id: ParticipantId
    option_ids: tuple[OptionId, ...]
    value: int | None
    text: str
    answer_id: AnswerId | None


PollRecords = (
    PollRecord | AnswerKeyRecord | TallyRecord | RoomTalliesRecord | GroupAnswerRecord | AnswerRecord | ShiftRecord
    | BallotRecord
)  # fmt: skip
