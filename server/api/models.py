"""Bodies of requests and answers. Lengths are in characters, times as the name's unit says."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rooms import limits
from rooms.events.attendance import AttendanceRule
from rooms.events.workshop import Retention
from rooms.roles import Role
from server.auth import ID_PATTERN, MAX_TOKEN_CHARS, as_email, as_external_id

Name = Annotated[str, Field(min_length=1, max_length=limits.MAX_NAME_CHARS)]
Identifier = Annotated[str, Field(pattern=ID_PATTERN, description="1 to 64 letters, digits, `_`, `-` or `.`.")]

ExternalId = Annotated[
    str,
    AfterValidator(as_external_id),
    Field(description="What other systems call the person; found in the roster's column `external_id`."),
]
Email = Annotated[
    str, AfterValidator(as_email), Field(description="The person's address; found in the roster's column `email`.")
]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AgendaDocument(Body):
    """A run sheet. Times are texts like `10 min`; `deploy/run-sheet.example.yaml` shows every key."""

    version: Literal[1]
    title: str = ""
    show: Literal["all", "current"] = Field(default="all", description="Whether learners see the titles to come.")
    steps: list[dict[str, Any]] = Field(
        description="Each with `kind` (plenary, breakouts, poll, review, break), `title`, `duration` and what it needs."
    )


class CreateWorkshopRequest(Body):
    title: str = Field(min_length=1, max_length=limits.MAX_TITLE_CHARS)
    workshop_id: Identifier | None = Field(default=None, description="Chosen by the programme; made up if left out.")
    grace_ms: int = Field(
        default=60_000,
        ge=limits.MIN_GRACE_MS,
        le=limits.MAX_GRACE_MS,
        description="How long somebody without a connection still counts as present.",
    )
    programme: str = Field(
        default="", max_length=limits.MAX_TITLE_CHARS, description="What it is part of; stands in everything published."
    )
    lobby: bool = Field(default=False, description="Whether newcomers wait until they are admitted.")
    attendance: AttendanceRule = Field(default=AttendanceRule(), description="What counts as having been there.")
    retention: Retention = Field(default=Retention(), description="After how many days what is forgotten.")
    roster: str | list[dict[str, Any]] | None = Field(
        default=None,
        description="Who is expected: a CSV or JSON text, or a list of people (a problem's line is then their number).",
    )
    agenda: AgendaDocument | str | None = Field(default=None, description="A run sheet, also as a YAML text.")


class AgendaAnswer(Body):
    version: int = Field(description="Counts up with every change of the workshop's agenda.")
    steps: list[str] = Field(description="Ids of the steps, in order.")
    duration_ms: int = Field(description="Of all steps together.")
    seq: int = Field(description="Events so far.")


class WorkshopAnswer(Body):
    workshop_id: str
    title: str
    status: Literal["open", "closed"]
    seq: int = Field(description="Events so far.")
    present: int = Field(description="People there now.")
    url: str = Field(description="Where a browser opens it, without a token.")


class TokenRequest(Body):
    role: Role
    name: Name | None = Field(default=None, description="The person's name; needed with participant_id.")
    participant_id: Identifier | None = Field(
        default=None, description="The person. Without it the token is an invite for anybody who holds it."
    )
    expires_in_s: int = Field(default=24 * 3600, ge=1, description="Life of the token in seconds.")
    external_id: ExternalId = ""
    email: Email = ""


class TokenAnswer(Body):
    token: str
    kind: Literal["participant", "invite"]
    expires_at: int = Field(description="Unix seconds.")
    url: str = Field(description="The link to give to the person; the token stands in its fragment.")


class JoinRequest(Body):
    invite: str = Field(max_length=MAX_TOKEN_CHARS)
    name: Name
    external_id: ExternalId = ""
    email: Email = ""


class JoinAnswer(Body):
    token: str
    participant_id: str
    workshop_id: str
    role: Role
    name: str
    expires_at: int = Field(description="Unix seconds.")


Stage = Literal["scheduled", "open", "ended"]


class ArrivalAnswer(Body):
    workshop_id: str
    title: str
    state: Stage = Field(description="`scheduled` until a facilitator has been there; `ended` for good.")
    began_at_ms: int | None = Field(description="When the first person came, Unix milliseconds; null before.")
    ended_at_ms: int | None = Field(description="When it was closed; null before.")
    record: Literal["all", "own", "none"] = Field(
        description="What of the record this token reads: a facilitator's all of it, that of a person who has been there their own."
    )


class Health(Body):
    status: Literal["ok", "starting", "draining"]


class PlaceOfProblem(BaseModel):
    """Something wrong with a file; line and column count from 1, and are left out where they are not known."""

    line: int | None = None
    column: int | None = None
    field: str
    code: str
    message: str = Field(description="What was expected there.")


class Problem(BaseModel):
    """An error as RFC 9457 describes it, with a stable `code`."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    rule: str | None = Field(default=None, description="The rule of rooms/SPEC.md that forbids it.")
    problems: list[PlaceOfProblem] | None = Field(default=None, description="Where in a file something is wrong.")


Schema = dict[str, Any]
