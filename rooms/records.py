"""What viewers see: the state as a flat map of records, each with a key, content and the audiences that may see it.

Theory of operation. A snapshot is every record one of whose audiences the viewer belongs to. A change is a record
put (whole, replacing the old one) or removed. So a client's whole reducer is "put" and "remove", a resumed client
needs only the records that changed since, and what a viewer may not know (another's ballot, a draft poll, another room's
chat) is a record it never gets, rather than a field somebody must remember to blank.

Keys are `<kind>` or `<kind>:<id>`; `kind` is also a field of every record, and the tag of the union `Record`.
"""

from typing import Literal

from rooms.events.chat import Channel
from rooms.events.polls import PollOption, ResultsAudience
from rooms.events.stage import Media
from rooms.ids import MessageId, OptionId, ParticipantId, PollId, RoomId, WorkshopId
from rooms.messages import message
from rooms.review_records import ReviewRecords
from rooms.roles import Role

ALL = "all"
FACILITATORS = "facilitators"
LOBBY = "lobby"
"""Those who wait to be let in."""


def room_audience(room_id: RoomId) -> str:
    """The people in a room at the moment."""
    return f"room:{room_id}"


def person_audience(participant_id: ParticipantId) -> str:
    """One person, on all their connections."""
    return f"person:{participant_id}"


def waiting_audience(participant_id: ParticipantId) -> str:
    """One person while they wait in the lobby. Not their `person_audience`: who was removed and waits again must not get back
    what was said to them inside."""
    return f"waiting:{participant_id}"


@message
class WorkshopRecord:
    """Key `workshop`; everybody, also those who wait in the lobby."""

    kind: Literal["workshop"] = "workshop"
    workshop_id: WorkshopId
    title: str
    status: Literal["open", "closed"]
    lobby: bool
    """Newcomers wait until they are admitted."""
    locked: bool
    """Newcomers are turned away."""
    forbidden: tuple[Media, ...]
    """What only the facilitators, and those specially allowed, may send in the plenary."""


@message
class MeRecord:
    """Key `me:<participant_id>`; that person only."""

    kind: Literal["me"] = "me"
    participant_id: ParticipantId
    allowed: tuple[str, ...]
    """The command types this person's role may give, so that a client offers nothing that would be refused."""


@message
class ParticipantRecord:
    """Key `participant:<participant_id>`; everybody."""

    kind: Literal["participant"] = "participant"
    participant_id: ParticipantId
    name: str
    role: Role
    presence: Literal["present", "reconnecting", "left"]
    room_id: RoomId
    hand_raised_seq: int | None
    """Null when the hand is down; else a number that orders the raised hands."""
    mic: bool
    camera: bool
    screen: bool
    may_send: tuple[Media, ...]
    """What they may switch on where they are."""


@message
class WaitingRecord:
    """Key `waiting:<participant_id>`; the facilitators and that person, while the person waits in the lobby."""

    kind: Literal["waiting"] = "waiting"
    participant_id: ParticipantId
    seq: int
    """Orders those who wait by when they came."""
    name: str
    role: Role
    since_ms: int
    reconnecting: bool


@message
class BanRecord:
    """Key `ban:<participant_id>`; the facilitators."""

    kind: Literal["ban"] = "ban"
    participant_id: ParticipantId
    name: str


@message
class RoomRecord:
    """Key `room:<room_id>`; everybody. Who is in it stands in the participants' records."""

    kind: Literal["room"] = "room"
    room_id: RoomId
    name: str
    room_kind: Literal["plenary", "breakout"]
    order: int


@message
class BreakoutsRecord:
    """Key `breakouts`; everybody; there is one only while breakouts are open."""

    kind: Literal["breakouts"] = "breakouts"
    opened_at_ms: int
    ends_at_ms: int | None


@message
class MessageRecord:
    """Key `message:<message_id>`; whom its channel names."""

    kind: Literal["message"] = "message"
    message_id: MessageId
    seq: int
    author_id: ParticipantId
    channel: Channel
    room_id: RoomId | None
    to_id: ParticipantId | None
    text: str
    at_ms: int


@message
class PollRecord:
    """Key `poll:<poll_id>`; the facilitators, and everybody once it has been opened."""

    kind: Literal["poll"] = "poll"
    poll_id: PollId
    seq: int
    question: str
    options: tuple[PollOption, ...]
    status: Literal["draft", "open", "closed"]
    anonymous: bool
    results: ResultsAudience


@message
class OptionCount:
    option_id: OptionId
    count: int


@message
class TallyRecord:
    """Key `tally:<poll_id>`; whom the poll's `results` names."""

    kind: Literal["tally"] = "tally"
    poll_id: PollId
    counts: tuple[OptionCount, ...]
    """One entry an option, in the poll's order."""
    ballots: int
    """People who have voted."""
    eligible: int
    """People who could vote: present, plus those who have voted and left."""


@message
class BallotRecord:
    """Key `ballot:<poll_id>:<participant_id>`; the voter only."""

    kind: Literal["ballot"] = "ballot"
    poll_id: PollId
    participant_id: ParticipantId
    option_ids: tuple[OptionId, ...]


Record = (
    WorkshopRecord | MeRecord | ParticipantRecord | WaitingRecord | BanRecord | RoomRecord | BreakoutsRecord | MessageRecord
    | PollRecord | TallyRecord | BallotRecord | ReviewRecords
)  # fmt: skip
