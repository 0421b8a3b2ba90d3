"""What programmes read of a workshop and give to it: its state, exports, roster and commands. Facilitators may read, too, by their token.

Everything is made from the durable state, within one step of the event loop, so an export is of one moment.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from rooms.commands import ClientCommand
from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance
from rooms.commands.workshop import CloseWorkshop
from rooms.ids import API, ParticipantId, WorkshopId
from server.actor import WorkshopActor
from server.api import rosters
from server.api.programme_models import (
    CommandAnswer,
    CommandRequest,
    CorrectionRequest,
    ObjectionRequest,
    RosterAnswer,
    RosterBody,
)
from server.api.routes import Api, Route, json_answer, parsed_body
from server.api.viewers import Viewer, Viewers
from server.audit import Audit
from server.export import attendance, groups, polls, reviews, snapshot
from server.export.tables import Row, csv_text
from server.refusals import Refusal, explain
from server.schema import command_of
from server.speech import SpeechMeter

Export = TypeVar("Export", bound=BaseModel)
HERE = "/api/workshops/{workshop_id}"


class ProgrammeApi:
    """`viewers` says who asks; `speech` is asked for what was spoken before a workshop is closed or its attendance read."""

    def __init__(self, api: Api, viewers: Viewers, speech: SpeechMeter, audit: Audit) -> None:
        self._api = api
        self._audit = audit
        self._viewers = viewers
        self._speech = speech

    def routes(self) -> tuple[Route, ...]:
        own = "; a person's token: their own"
        return (
            Route("GET", f"{HERE}/state", f"The records now{own}", self.state, snapshot.StateExport, token=True),
            Route(
                "GET",
                f"{HERE}/attendance",
                f"Everybody's attendance{own}",
                self.attendance,
                attendance.AttendanceExport,
                token=True,
                csv=True,
            ),
            Route(
                "GET",
                f"{HERE}/groups",
                "Breakout rooms and who belonged there",
                self.groups,
                groups.GroupsExport,
                token=True,
                csv=True,
            ),
            Route(
                "GET",
                f"{HERE}/reviews",
                "What peer reviews came to",
                self.reviews,
                reviews.ReviewsExport,
                token=True,
                csv=True,
            ),
            Route(
                "GET",
                f"{HERE}/polls",
                "What was asked and how it came out; as CSV also by voter, with rows=voters",
                self.polls,
                polls.PollsExport,
                token=True,
                csv=True,
            ),
            Route("GET", f"{HERE}/roster", "Who is expected, and who is found", self.show_roster, RosterAnswer),
            Route(
                "PUT",
                f"{HERE}/roster",
                "Take a roster in place of the one before",
                self.put_roster,
                RosterAnswer,
                RosterBody,
                csv=True,
                many=True,
            ),
            Route("POST", f"{HERE}/commands", "Give a command", self.command, CommandAnswer, CommandRequest),
            Route(
                "POST",
                f"{HERE}/attendance/objections",
                "A person objects to their attendance",
                self.object,
                CommandAnswer,
                ObjectionRequest,
                token=True,
            ),
            Route(
                "POST",
                f"{HERE}/attendance/corrections",
                "Answer an objection, or correct somebody's attendance",
                self.correct,
                CommandAnswer,
                CorrectionRequest,
                token=True,
            ),
        )

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def state(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.viewer(request, actor.state)
        if viewer.participant_id is None:
            return json_answer(snapshot.state_of(actor.state, actor.now_ms()))
        return json_answer(snapshot.state_for(actor.projection, viewer.participant_id, actor.now_ms()))

    async def attendance(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.viewer(request, actor.state)
        if actor.state.status == "open":
            await self._speech.settle(actor.workshop_id)
        only = None if viewer.runs_it else viewer.participant_id
        found = attendance.attendance_of(actor.state, actor.now_ms(), only)
        if only is None:
            await self._note(actor, viewer, "attendance")
        return exported(request, found, attendance.HEADER, attendance.rows, "attendance")

    async def groups(self, request: web.Request) -> web.Response:
        actor = await self._of_a_host(request, "groups")
        return exported(request, groups.groups_of(actor.state), groups.HEADER, groups.rows, "groups")

    async def reviews(self, request: web.Request) -> web.Response:
        actor = await self._of_a_host(request, "reviews")
        return exported(request, reviews.reviews_of(actor.state), reviews.HEADER, reviews.rows, "reviews")

    async def polls(self, request: web.Request) -> web.Response:
        actor = await self._of_a_host(request, "polls")
        found = polls.polls_of(actor.state)
        by = request.query.get("rows", "results")
        if by not in ("results", "voters"):
            raise Refusal("query_invalid", "rows: results or voters is expected.")
        if by == "voters":
            return exported(request, found, polls.VOTERS_HEADER, polls.voter_rows, "voters")
        return exported(request, found, polls.HEADER, polls.rows, "polls")

    async def _of_a_host(self, request: web.Request, what: str) -> WorkshopActor:
        actor = await self._api.workshop(request)
        await self._note(actor, self._viewers.host(request, actor.state), what)
        return actor

    async def _note(self, actor: WorkshopActor, viewer: Viewer, what: str) -> None:
        """That somebody exports what is about everybody."""
        by = viewer.participant_id or API
        await self._audit.note("record.exported", actor=by, workshop_id=actor.workshop_id, what=what)

    # ── giving ───────────────────────────────────────────────────────────────────────────────────────────────────────
    async def show_roster(self, request: web.Request) -> web.Response:
        self._api.require_key(request)
        actor = await self._api.workshop(request)
        await self._audit.note("record.exported", actor=API, workshop_id=actor.workshop_id, what="roster")
        return json_answer(rosters.answer(actor.state))

    async def put_roster(self, request: web.Request) -> web.Response:
        self._api.require_key(request)
        actor = await self._api.workshop(request)
        text = rosters.checked(await rosters.body_text(request))
        return json_answer(await rosters.take(actor, text, API))

    async def command(self, request: web.Request) -> web.Response:
        self._api.require_key(request)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        try:
            asked = CommandRequest.model_validate_json(await request.read())
        except ValidationError as error:
            raise Refusal("body_invalid", f"The body is wrong: {explain(error)}") from None
        given = command_of({"type": asked.type, **(asked.model_extra or {})})
        if isinstance(given, CloseWorkshop):
            await self._speech.settle(workshop_id)
        return await self._give(await self._api.workshop(request), given, API, asked.id)

    async def object(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        who = self._viewers.person(request, actor.state)
        body = await parsed_body(request, ObjectionRequest)
        return await self._give(actor, ObjectToAttendance(text=body.text), who)

    async def correct(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.host(request, actor.state)
        body = await parsed_body(request, CorrectionRequest)
        corrected = CorrectAttendance(
            participant_id=ParticipantId(body.participant_id),
            session_ms=body.session_ms,
            verdict=body.verdict,
            text=body.text,
        )
        return await self._give(actor, corrected, viewer.participant_id or API)

    async def _give(
        self, actor: WorkshopActor, given: ClientCommand, who: ParticipantId, command_id: str | None = None
    ) -> web.Response:
        ack = await actor.submit(given, who, command_id or f"http:{secrets.token_hex(16)}")
        return json_answer(CommandAnswer(seq=ack.seq))


def exported(
    request: web.Request,
    found: Export,
    header: Sequence[str],
    rows: Callable[[Export], Iterator[Row]],
    name: str,
) -> web.Response:
    """The export as JSON, or as CSV to keep, as the request wants it."""
    if not wants_csv(request):
        return json_answer(found)
    file_name = f"{name}-{request.match_info['workshop_id']}.csv"
    return web.Response(
        body=csv_text(header, rows(found)).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8; header=present",
            "Content-Disposition": f'attachment; filename="{file_name}"',
        },
    )


def wants_csv(request: web.Request) -> bool:
    """`?format=csv` or `json`; else what `Accept` likes better, JSON if it does not care."""
    asked = request.query.get("format")
    if asked is not None:
        if asked not in ("csv", "json"):
            raise Refusal("query_invalid", "format: csv or json is expected.")
        return asked == "csv"
    liking = {"text/csv": 0.0, "application/json": 0.0}
    for each in request.headers.get("Accept", "").split(","):
        media, *parameters = (part.strip().lower() for part in each.split(";"))
        if media in liking:
            liking[media] = next((_quality(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
    return liking["text/csv"] > liking["application/json"]


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
