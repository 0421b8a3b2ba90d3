"""A workshop as it is now: the records of `server/PROTOCOL.md`, as a facilitator's client has them, or as one person's."""

from typing import Annotated

from pydantic import BaseModel, Field

from rooms.ids import ParticipantId
from rooms.projection import Projection
from rooms.records import Record
from rooms.state import WorkshopState
from rooms.views import all_keys, render
from server.export.records import SEEN


class StateExport(BaseModel):
    workshop_id: str
    seq: int = Field(description="Events so far.")
    at_ms: int = Field(description="The workshop's clock, Unix milliseconds.")
    records: dict[str, Annotated[Record, Field(discriminator="kind")]] = Field(description="Key → record.")


def state_of(state: WorkshopState, now_ms: int) -> StateExport:
    """What facilitators see, but for what only those in a room see or one person."""
    shown = ((key, render(state, key)) for key in all_keys(state))
    records = {key: found[0] for key, found in shown if found is not None and found[1] & SEEN}
    return StateExport(workshop_id=state.workshop_id, seq=state.seq, at_ms=now_ms, records=records)


def state_for(projection: Projection, who: ParticipantId, now_ms: int) -> StateExport:
    """What one person sees who is there; nothing for somebody who is not."""
    snapshot = projection.snapshot(who)
    workshop_id = projection.state.workshop_id
    return StateExport(workshop_id=workshop_id, seq=snapshot.seq, at_ms=now_ms, records=dict(snapshot.put))
