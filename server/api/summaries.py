"""What a workshop came to, and what each person took from it: participation, questions, summaries. Beside the exports of `programmes`.

Made of the durable state within one step of the event loop. Whoever gets what is about others is noted in the audit trail first.
"""

from aiohttp import web

from rooms.ids import API
from server.actor import WorkshopActor
from server.api import examples
from server.api.programmes import HERE, exported
from server.api.routes import Api, Route, json_answer
from server.api.viewers import Viewer, Viewers
from server.audit import Audit
from server.export import participation, questions, summary
from server.speech import SpeechMeter


class SummariesApi:
    """`viewers` says who asks; `speech` is asked for what was spoken before it is read."""

    def __init__(self, api: Api, viewers: Viewers, speech: SpeechMeter, audit: Audit) -> None:
        self._api = api
        self._viewers = viewers
        self._speech = speech
        self._audit = audit

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                f"{HERE}/summary",
                "What the workshop came to: attendance, talk, activity, agenda, polls, reviews",
                self.summary,
                summary.WorkshopSummary,
                token=True,
                example=examples.WORKSHOP_SUMMARY,
            ),
            Route(
                "GET",
                f"{HERE}/participation",
                "What everybody did of what was offered; a person's token: their own",
                self.participation,
                participation.ParticipationExport,
                token=True,
                csv=True,
                example=examples.PARTICIPATION,
            ),
            Route(
                "GET",
                f"{HERE}/questions",
                "The question board",
                self.questions,
                questions.QuestionsExport,
                token=True,
                csv=True,
                example=examples.QUESTIONS,
            ),
        )

    async def summary(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.host(request, actor.state)
        await self._heard(actor)
        await self._note(actor, viewer, "summary")
        return json_answer(summary.summary_of(actor.state, actor.now_ms()))

    async def participation(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.viewer(request, actor.state)
        await self._heard(actor)
        only = None if viewer.runs_it else viewer.participant_id
        if only is None:
            await self._note(actor, viewer, "participation")
        found = participation.participation_export(actor.state, actor.now_ms(), only)
        return exported(request, found, participation.HEADER, participation.rows, "participation")

    async def questions(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        await self._note(actor, self._viewers.host(request, actor.state), "questions")
        found = questions.questions_of(actor.state)
        return exported(request, found, questions.HEADER, questions.rows, "questions")

    async def _heard(self, actor: WorkshopActor) -> None:
        """Bring in what was spoken until now."""
        if actor.state.status == "open":
            await self._speech.settle(actor.workshop_id)

    async def _note(self, actor: WorkshopActor, viewer: Viewer, what: str, subject: str = "") -> None:
        by = viewer.participant_id or API
        await self._audit.note("record.exported", actor=by, workshop_id=actor.workshop_id, subject=subject, what=what)
