"""Personal data was forgotten."""

from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message


@message
class PersonalDataErased:
    """The keys of this person's texts (null: of everybody's) were destroyed before this was journalled, so whoever reads the journal
    up to here reads what came before without them."""

    participant_id: ParticipantId | None
    type: Literal["PersonalDataErased"] = "PersonalDataErased"
