"""The agenda over HTTP: put a run sheet, get it back, as YAML or JSON. For programmes, and for those who run the workshop."""

import asyncio
import uuid

from aiohttp import web

from rooms.ids import API
from server.agenda.commands import agenda_of_json, agenda_of_yaml, sheet_of
from server.agenda.writing import write_json, write_yaml
from server.api.models import AgendaAnswer, AgendaDocument
from server.api.routes import Api, Route, json_answer
from server.api.viewers import Viewers
from server.refusals import Refusal

YAML, JSON = "application/yaml", "application/json"
MISSING = "This workshop has no agenda."


class AgendaApi:
    def __init__(self, api: Api, viewers: Viewers) -> None:
        self._api = api
        self._viewers = viewers

    def routes(self) -> tuple[Route, ...]:
        path = "/api/workshops/{workshop_id}/agenda"
        return (
            Route("PUT", path, "Set the agenda", self.put_agenda, AgendaAnswer, AgendaDocument, token=True, yaml=True),
            Route("GET", path, "The agenda, as it was written", self.get_agenda, AgendaDocument, token=True, yaml=True),
        )

    async def put_agenda(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        who = self._viewers.host(request, actor.state).participant_id or API
        read = agenda_of_json if request.content_type == JSON else agenda_of_yaml
        command = await asyncio.to_thread(read, await request.read())
        await actor.submit(command, who, f"agenda:{uuid.uuid4().hex}")
        agenda = actor.state.agenda
        if agenda is None:
            raise Refusal("agenda_missing", MISSING)
        answer = AgendaAnswer(
            version=agenda.version,
            steps=list(agenda.runs),
            duration_ms=sum(run.step.duration_ms for run in agenda.runs.values()),
            seq=actor.state.seq,
        )
        return json_answer(answer)

    async def get_agenda(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        self._viewers.host(request, actor.state)
        agenda = actor.state.agenda
        if agenda is None or not agenda.runs:
            raise Refusal("agenda_missing", MISSING)
        as_json = JSON in request.headers.get("Accept", "")
        text = write_json(sheet_of(agenda)) if as_json else write_yaml(sheet_of(agenda))
        return web.Response(text=text, content_type=JSON if as_json else YAML, charset="utf-8")
