"""What people may send."""

from typing import Final, Literal

from rooms.ids import ParticipantId
from rooms.messages import message

Media = Literal["mic", "camera", "screen"]
MEDIA: Final = frozenset[Media]({"mic", "camera", "screen"})


@message
class MediaForbidden:
    """Somebody may not send this any more; without `participant_id`, nobody but the facilitators may, in the plenary."""

    participant_id: ParticipantId | None = None
    media: tuple[Media, ...]
    type: Literal["MediaForbidden"] = "MediaForbidden"


@message
class MediaAllowed:
    """Somebody may send this again, whatever holds for everybody; without `participant_id`, everybody may."""

    participant_id: ParticipantId | None = None
    media: tuple[Media, ...]
    type: Literal["MediaAllowed"] = "MediaAllowed"
