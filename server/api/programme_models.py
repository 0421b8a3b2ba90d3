"""Bodies of what programmes ask and are answered, beside the exports themselves (`server.export`)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rooms import limits
from rooms.events.attendance import Verdict
from server.api.models import Body


class RosterRowAnswer(Body):
    line: int
    name: str
    email: str
    external_id: str
    room: str


class UnmatchedRowAnswer(RosterRowAnswer):
    why: str = Field(description="Why nobody is found for it, as a sentence.")


class UnlistedAnswer(Body):
    participant_id: str
    name: str


class RosterAnswer(Body):
    rows: int
    matched: int
    unmatched: list[UnmatchedRowAnswer] = Field(description="Nobody who has come so far is this person.")
    unlisted: list[UnlistedAnswer] = Field(description="People who came and are in no row.")


class RosterBody(BaseModel):
    """One person of a roster; as JSON, a list of these."""

    email: str = ""
    external_id: str = ""
    name: str = ""
    room: str = ""
    score: float | None = None
    attributes: dict[str, str] = {}


class CommandRequest(BaseModel):
    """`type` and its fields as in `/api/schema.json`, `ClientCommand`."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(min_length=1, max_length=64, description="Repeated, it gets the first answer and does nothing.")
    type: str


class CommandAnswer(Body):
    ok: Literal[True] = True
    seq: int = Field(description="The workshop's position after it.")


class ObjectionRequest(Body):
    text: str = Field(max_length=10 * limits.MAX_OBJECTION_CHARS)


class CorrectionRequest(Body):
    """Neither time nor verdict: what was measured holds."""

    participant_id: str = Field(max_length=64)
    session_ms: int | None = None
    verdict: Verdict | None = None
    text: str = ""
