"""Personal data is asked to be forgotten."""

from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message


@message
class ErasePersonalData:
    """Of one person, here or gone or only on a roster (then `participant_id` is the entry's id); null: of everybody."""

    participant_id: ParticipantId | None
    type: Literal["ErasePersonalData"] = "ErasePersonalData"
