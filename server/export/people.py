"""How exports name a person."""

from pydantic import BaseModel

from rooms.ids import ParticipantId
from rooms.roles import Role
from rooms.state import WorkshopState


class Named(BaseModel):
    participant_id: ParticipantId
    name: str
    external_id: str
    email: str
    role: Role


def named(state: WorkshopState, who: ParticipantId) -> Named:
    person = state.participants[who]
    return Named(
        participant_id=who, name=person.name, external_id=person.external_id, email=person.email, role=person.role
    )
