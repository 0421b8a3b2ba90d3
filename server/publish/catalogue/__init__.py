"""The published events: their names and what their `data` holds. Schemas and documents are generated from this module.

A published event has a name and a version, `org.atelier.<name>.v<version>`. Within a version fields are only added; a change that would
break a reader is a new version. Times and durations are in milliseconds, times since 1970 in UTC. A field that is null
is not known or does not apply.

What is not here is not published: drafts, moderation, and above all what an anonymous ballot says. Of an anonymous poll
there is one `poll.answered` a person, without the answer, when the poll closes and in the order of the ids; and the counts (`PollClosed`).
"""

from typing import ClassVar, Literal

from rooms.events.chat import Channel
from rooms.ids import MessageId
from rooms.messages import message
from rooms.roles import Role
from server.publish.catalogue.attendance import (
    AttendanceCorrected,
    AttendanceFinalised,
    AttendanceObjected,
    ParticipantSpoke,
)
from server.publish.catalogue.breakouts import (
    ArtefactSaved,
    BreakoutClosed,
    BreakoutEntered,
    BreakoutLeft,
    BreakoutOpened,
    HelpAnswered,
    HelpAsked,
    HelpEnded,
)
from server.publish.catalogue.data import Account, Data
from server.publish.catalogue.polls import PollAnswered, PollClosed, PollOpened
from server.publish.catalogue.questions import QuestionAnswered, QuestionAsked, QuestionDismissed, QuestionWithdrawn
from server.publish.catalogue.reviews import (
    ReviewAssigned,
    ReviewMatched,
    ReviewRated,
    ReviewRoundClosed,
    ReviewRoundOpened,
    ReviewRoundPhaseStarted,
    ReviewSubmitted,
    ReviewWithdrawn,
    SubmissionResult,
    SubmissionShared,
)

__all__ = ["CATALOGUE", "PREFIX", "Account", "Data", "event_type", "schema_uri"]

PREFIX = "org.atelier"


@message
class WorkshopOpened(Data):
    NAME: ClassVar[str] = "workshop.opened"


@message
class WorkshopClosed(Data):
    NAME: ClassVar[str] = "workshop.closed"
    duration_ms: int


@message
class PersonalDataErased(Data):
    """Names, addresses and texts of `participant` (null: of everybody) have been destroyed here; receivers are to destroy theirs.
    From now on, and in every replay, such a text in an earlier event reads `[erased]`."""

    NAME: ClassVar[str] = "personal_data.erased"


@message
class ParticipantWaiting(Data):
    """In the lobby. `display_name`, here and elsewhere, only where the server is set to publish names."""

    NAME: ClassVar[str] = "participant.waiting"
    display_name: str | None


@message
class ParticipantAdmitted(Data):
    NAME: ClassVar[str] = "participant.admitted"


@message
class ParticipantDenied(Data):
    """Waited and was not let in; `denied` by somebody, or went by themselves."""

    NAME: ClassVar[str] = "participant.denied"
    reason: Literal["left", "lost", "denied", "closed"]


@message
class ParticipantJoined(Data):
    """`returned` if not for the first time."""

    NAME: ClassVar[str] = "participant.joined"
    display_name: str | None
    returned: bool


@message
class ParticipantLeft(Data):
    """`duration_ms` since they joined (or returned)."""

    NAME: ClassVar[str] = "participant.left"
    reason: str
    duration_ms: int


@message
class ParticipantRenamed(Data):
    NAME: ClassVar[str] = "participant.renamed"
    display_name: str | None


@message
class ParticipantRoleChanged(Data):
    NAME: ClassVar[str] = "participant.role_changed"
    role: Role
    role_before: Role


@message
class ParticipantPresence(Data):
    """The last connection was lost, or there is one again within the grace."""

    NAME: ClassVar[str] = "participant.presence"
    presence: Literal["present", "reconnecting"]


@message
class MediaStarted(Data):
    NAME: ClassVar[str] = "media.started"
    media: Literal["mic", "camera", "screen"]


@message
class MediaStopped(Data):
    NAME: ClassVar[str] = "media.stopped"
    media: Literal["mic", "camera", "screen"]


@message
class HandRaised(Data):
    NAME: ClassVar[str] = "hand.raised"


@message
class HandLowered(Data):
    NAME: ClassVar[str] = "hand.lowered"


@message
class ChatPosted(Data):
    """`text` only where the server is set to publish it, and never of private messages."""

    NAME: ClassVar[str] = "chat.posted"
    message_id: MessageId
    channel: Channel
    length: int
    text: str | None = None


CATALOGUE: tuple[type[Data], ...] = (
    WorkshopOpened, WorkshopClosed, PersonalDataErased,
    ParticipantWaiting, ParticipantAdmitted, ParticipantDenied, ParticipantJoined, ParticipantLeft,
    ParticipantRenamed, ParticipantRoleChanged, ParticipantPresence,
    MediaStarted, MediaStopped, HandRaised, HandLowered, ChatPosted,
    BreakoutOpened, BreakoutEntered, BreakoutLeft, BreakoutClosed,
    HelpAsked, HelpAnswered, HelpEnded, ArtefactSaved,
    PollOpened, PollAnswered, PollClosed,
    QuestionAsked, QuestionWithdrawn, QuestionAnswered, QuestionDismissed,
    ReviewRoundOpened, ReviewRoundPhaseStarted, ReviewRoundClosed, SubmissionShared, SubmissionResult,
    ReviewAssigned, ReviewWithdrawn, ReviewSubmitted, ReviewMatched, ReviewRated,
    ParticipantSpoke, AttendanceFinalised, AttendanceObjected, AttendanceCorrected,
)  # fmt: skip


def event_type(data: type[Data]) -> str:
    """The CloudEvents `type`."""
    return f"{PREFIX}.{data.NAME}.v{data.VERSION}"


def schema_uri(data: type[Data]) -> str:
    """The CloudEvents `dataschema`: a name, the same on every server."""
    return f"urn:{PREFIX.replace('.', '-')}:{data.NAME}:{data.VERSION}"
