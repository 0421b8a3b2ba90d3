"""A workshop as it is now: the records of `server/PROTOCOL.md`, as a facilitator's client has them, or as one person's."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rooms.ids import ParticipantId
from rooms.projection import Projection
from rooms.records import ALL, Record, person_audience
from rooms.state import WorkshopState
from rooms.views import all_keys, render
from server.export.records import SEEN


class StateExport(BaseModel):
    model_config = ConfigDict(defer_build=True)  # of every kind of record; not for a start to wait for

    workshop_id: str
    seq: int = Field(description="Events so far.")
    at_ms: int = Field(description="The workshop's clock, Unix milliseconds.")
    records: dict[str, Annotated[Record, Field(discriminator="kind")]] = Field(description="Key → record.")


def state_of(state: WorkshopState, now_ms: int) -> StateExport:
    """What facilitators see, but for what only those in a room see or one person."""
    return _shown(state, now_ms, SEEN)


def state_for(projection: Projection, who: ParticipantId, now_ms: int) -> StateExport:
    """What one person sees who is there; after the end what is for everybody and for them, if they were there and not removed; else nothing."""
    state = projection.state
    person = state.participants.get(who)
    if state.status == "closed" and person is not None and not person.removed and who not in state.banned:
        return _shown(state, now_ms, frozenset((ALL, person_audience(who))))
    snapshot = projection.snapshot(who)
    return StateExport(workshop_id=state.workshop_id, seq=snapshot.seq, at_ms=now_ms, records=dict(snapshot.put))


def _shown(state: WorkshopState, now_ms: int, audiences: frozenset[str]) -> StateExport:
    found = ((key, render(state, key)) for key in all_keys(state))
    records = {key: shown[0] for key, shown in found if shown is not None and shown[1] & audiences}
    return StateExport(workshop_id=state.workshop_id, seq=state.seq, at_ms=now_ms, records=records)
