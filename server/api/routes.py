"""The routes and their handlers. Each route names its models, from which the OpenAPI document is made."""

import hmac
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web
from prometheus_client import generate_latest
from pydantic import BaseModel, ValidationError

from rooms import limits
from rooms.commands.workshop import CreateWorkshop
from rooms.errors import Rejected
from rooms.ids import API, ParticipantId, WorkshopId
from rooms.roster import RosterInvalid
from rooms.text import cleaned
from server.actor import Unavailable, WorkshopActor
from server.agenda.commands import SheetRefused, agenda_of
from server.api import models, rosters
from server.api.issuing import claims_of
from server.auth import Claims, TokenRefused, Tokens
from server.config import Settings
from server.journal.port import JournalUnavailable
from server.observe import Metrics
from server.pauses import forget_frames
from server.refusals import Refusal, explain
from server.schema import json_schema
from server.workshops import UnknownWorkshop, Workshops

MAX_BODY_BYTES = 1_000_000
STATUS_OF_CODE = {
    "api_key_invalid": 401,
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_is_participant": 400,
    "token_is_invite": 401,
    "not_allowed": 403,
    "banned": 403,
    "participant_unknown": 404,
    "workshop_unknown": 404,
    "workshop_exists": 409,
    "workshop_deleted": 410,
    "workshop_closed": 409,
    "not_found": 404,
    "agenda_missing": 404,
    "not_present": 403,
    "in_lobby": 403,
    "sink_unknown": 404,
    "sink_invalid": 422,
    "dead_letter_unknown": 404,
    "not_delivered": 502,
    "elsewhere": 503,
    "rate_limited": 429,
    "no_other_node": 409,
    "node_unknown": 404,
    "node_unreachable": 503,
    "method_not_allowed": 405,
    "body_too_large": 413,
}
Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `key`: it needs the API key; `token`: or a person's token. `csv`, `yaml`: also as CSV or YAML (the answer, or else
    the body); `many`: the body is a list of these. `query`: what may be asked for, as (name, JSON Schema, description); `example`: an answer."""

    method: str
    path: str
    summary: str
    handler: Handler
    answer: type[BaseModel] | None
    body: type[BaseModel] | None = None
    status: int = 200
    key: bool = True
    token: bool = False
    csv: bool = False
    many: bool = False
    yaml: bool = False
    query: tuple[tuple[str, dict[str, Any], str], ...] = ()
    example: dict[str, Any] | None = None


class Api:
    """The HTTP handlers. `base_url` is asked when a link is made, because the port may only be known then."""

    def __init__(
        self,
        settings: Settings,
        tokens: Tokens,
        api_key: str,
        workshops: Workshops,
        metrics: Metrics,
        base_url: Callable[[], str],
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._api_key = api_key.encode()
        self._workshops = workshops
        self._metrics = metrics
        self._base_url = base_url
        self.ready = False
        self.draining = False

    def routes(self) -> tuple[Route, ...]:
        m = models
        return (
            Route(
                "POST",
                "/api/workshops",
                "Create a workshop",
                self.create,
                m.WorkshopAnswer,
                m.CreateWorkshopRequest,
                201,
            ),
            Route("GET", "/api/workshops/{workshop_id}", "A workshop now", self.show, m.WorkshopAnswer),
            Route(
                "POST",
                "/api/workshops/{workshop_id}/tokens",
                "A token (and link) for one person, or an invite for many",
                self.token,
                m.TokenAnswer,
                m.TokenRequest,
                201,
            ),
            Route(
                "POST", "/api/join", "Become a person by an invite", self.join, m.JoinAnswer, m.JoinRequest, 201, False
            ),
            Route(
                "GET",
                "/api/schema.json",
                "JSON Schema of the socket's messages, and of what clients read",
                self.schema,
                None,
                key=False,
            ),
            Route("GET", "/livez", "Is the process alive?", self.livez, m.Health, key=False),
            Route("GET", "/readyz", "Does it take work?", self.readyz, m.Health, key=False),
            Route("GET", "/metrics", "Prometheus metrics", self.metrics, None, key=False),
        )

    # ── handlers ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def create(self, request: web.Request) -> web.Response:
        self.require_key(request)
        body = await parsed_body(request, models.CreateWorkshopRequest)
        agenda = None if body.agenda is None else agenda_of(body.agenda)
        workshop_id = WorkshopId(body.workshop_id or f"w_{secrets.token_hex(8)}")
        roster = None if body.roster is None else rosters.checked(rosters.inline_text(body.roster))
        command = CreateWorkshop(
            workshop_id=workshop_id,
            title=body.title,
            grace_ms=body.grace_ms,
            lobby=body.lobby,
            attendance=body.attendance,
            retention=body.retention,
            programme=body.programme,
        )
        actor = await self._workshops.create(command, f"create:{uuid.uuid4().hex}")
        if roster is not None:
            await rosters.take(actor, roster, API)
        if agenda is not None:
            await actor.submit(agenda, API, f"agenda:{uuid.uuid4().hex}")
        return json_answer(self._described(actor), status=201)

    async def show(self, request: web.Request) -> web.Response:
        self.require_key(request)
        return json_answer(self._described(await self.workshop(request)))

    async def token(self, request: web.Request) -> web.Response:
        self.require_key(request)
        body = await parsed_body(request, models.TokenRequest)
        actor = await self.workshop(request)
        claims = claims_of(
            body,
            actor.state.workshop_id,
            now_s=int(time.time()),
            max_life_s=self._settings.limits.max_tokens_s,
        )
        token = self._tokens.sign(claims)
        url = f"{self._url(actor.state.workshop_id)}#t={token}"
        answer = models.TokenAnswer(token=token, kind=claims.kind, expires_at=claims.expires_at, url=url)
        return json_answer(answer, status=201)

    async def join(self, request: web.Request) -> web.Response:
        body = await parsed_body(request, models.JoinRequest)
        try:
            invite = self._tokens.verify(body.invite)
        except TokenRefused as refused:
            raise Refusal(refused.code, refused.message) from None
        if invite.kind != "invite":
            raise Refusal("token_is_participant", "This token is a person's already; connect with it as it is.")
        actor = await self.find(invite.workshop_id)
        if actor.state.status == "closed":
            raise Refusal("workshop_closed", "The workshop has ended.")
        claims = Claims(
            kind="participant",
            workshop_id=invite.workshop_id,
            role=invite.role,
            participant_id=ParticipantId(f"p_{secrets.token_hex(8)}"),
            name=cleaned(body.name, "name", limits.MAX_NAME_CHARS, rule="PE2"),
            expires_at=invite.expires_at,
            # What the programme said in the invite goes before what anybody says of themselves.
            external_id=invite.external_id or body.external_id,
            email=invite.email or body.email,
        )
        answer = models.JoinAnswer(
            token=self._tokens.sign(claims),
            participant_id=claims.participant_id or "",
            workshop_id=claims.workshop_id,
            role=claims.role,
            name=claims.name,
            expires_at=claims.expires_at,
        )
        return json_answer(answer, status=201)

    async def schema(self, _request: web.Request) -> web.Response:
        return web.json_response(json_schema())

    async def livez(self, _request: web.Request) -> web.Response:
        return json_answer(models.Health(status="ok"))

    async def readyz(self, _request: web.Request) -> web.Response:
        status = "draining" if self.draining else "ok" if self.ready else "starting"
        return json_answer(models.Health(status=status), status=200 if status == "ok" else 503)

    async def metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._metrics.registry), content_type="text/plain", charset="utf-8")

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def require_key(self, request: web.Request) -> None:
        """Raises the refusal for a request without the API key."""
        if not self.has_key(request):
            raise Refusal("api_key_invalid", "Send the API key as `Authorization: Bearer <key>`.")

    def has_key(self, request: web.Request) -> bool:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and hmac.compare_digest(key.strip().encode(errors="surrogateescape"), self._api_key)

    async def workshop(self, request: web.Request) -> WorkshopActor:
        """The workshop of the path; refused `workshop_unknown`."""
        return await self.find(WorkshopId(request.match_info["workshop_id"]))

    async def find(self, workshop_id: WorkshopId) -> WorkshopActor:
        """The workshop of that id; refused `workshop_unknown`."""
        try:
            return await self._workshops.get(workshop_id)
        except UnknownWorkshop:
            raise Refusal("workshop_unknown", "There is no such workshop on this server.") from None

    def _url(self, workshop_id: WorkshopId) -> str:
        return f"{self._base_url()}/w/{workshop_id}"

    def _described(self, actor: WorkshopActor) -> models.WorkshopAnswer:
        state = actor.state
        return models.WorkshopAnswer(
            workshop_id=state.workshop_id,
            title=state.title,
            status="closed" if state.status == "closed" else "open",
            seq=state.seq,
            present=sum(not person.left for person in state.participants.values()),
            url=self._url(state.workshop_id),
        )


async def parsed_body(request: web.Request, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise Refusal("body_invalid", f"The body is wrong: {explain(error)}") from None


def json_answer(answer: BaseModel, *, status: int = 200) -> web.Response:
    return web.Response(text=answer.model_dump_json(), content_type="application/json", status=status)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal as `application/problem+json` (RFC 9457)."""
    rule: str | None = None
    places: list[models.PlaceOfProblem] | None = None
    try:
        return await handler(request)
    except Refusal as refusal:
        code, detail, status = refusal.code, refusal.message, STATUS_OF_CODE.get(refusal.code, 400)
        places = _places(refusal)
    except Rejected as rejected:
        code, detail, status = rejected.code, rejected.message, STATUS_OF_CODE.get(rejected.code, 422)
        rule, places = rejected.rule, _places(rejected)
    except Unavailable as unavailable:
        code, detail, status = unavailable.code, unavailable.message, 503
    except JournalUnavailable:
        code, detail, status = "store_unavailable", "The server cannot read its journal at the moment; try again.", 503
    except web.HTTPException as error:
        if error.status < 400:
            raise
        forget_frames(error)  # a request for a path that there is not keeps it
        if not request.path.startswith("/api/"):
            return web.Response(status=error.status, reason=error.reason, headers=error.headers, body=error.body)
        code = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}.get(error.status, "http_error")
        detail, status = f"{error.reason}.", error.status
    problem = models.Problem(
        title=code.replace("_", " "), status=status, code=code, detail=detail, rule=rule, problems=places
    )
    text = problem.model_dump_json(exclude_none=True)
    return web.Response(text=text, status=status, content_type="application/problem+json")


def _places(rejected: Rejected | Refusal) -> list[models.PlaceOfProblem] | None:
    """Where in a file what is wrong, for a program to show."""
    if isinstance(rejected, SheetRefused):
        return rejected.places
    if not isinstance(rejected, RosterInvalid):
        return None
    return [
        models.PlaceOfProblem(
            line=each.place.line, column=each.place.column, field=each.header, code=each.code, message=each.message
        )
        for each in rejected.problems
    ]
