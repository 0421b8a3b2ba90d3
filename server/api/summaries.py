"""What a workshop came to, and what each person took from it: participation, questions, summaries. Beside the exports of `programmes`.

Made of the durable state within one step of the event loop. Whoever gets what is about others is noted in the audit trail first.
"""

from aiohttp import web

from rooms.ids import API, ParticipantId
from server.actor import WorkshopActor
from server.api import examples
from server.api.programmes import HERE, exported
from server.api.record import number_in
from server.api.routes import Api, Route, json_answer
from server.api.viewers import Viewer, Viewers
from server.audit import Audit
from server.export import learner, participation, questions, summary
from server.refusals import Refusal
from server.speech import SpeechMeter

MAX_PAGE = 500


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
            Route(
                "GET",
                f"{HERE}/learners/summaries",
                "Every learner's summary, also of those of the roster who never came",
                self.learners,
                learner.LearnerSummariesExport,
                query=(
                    ("after", {"type": "integer", "minimum": 0, "default": 0}, "Learners to pass over; see `next`."),
                    (
                        "limit",
                        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 100},
                        "At most so many.",
                    ),
                ),
            ),
            Route(
                "GET",
                f"{HERE}/learners/{{participant_id}}/summary",
                "What somebody missed, answered wrong, owes and was told; a person's token: their own",
                self.learner,
                learner.LearnerSummaryExport,
                token=True,
                example=examples.LEARNER_SUMMARY,
            ),
            Route(
                "GET",
                "/api/me/summary",
                "The same about the holder of a participant token",
                self.own_summary,
                learner.LearnerSummaryExport,
                key=False,
                example=examples.LEARNER_SUMMARY,
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

    async def learners(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.host(request, actor.state)
        after, limit = number_in(request, "after", 0, 0, 2**31), number_in(request, "limit", 100, 1, MAX_PAGE)
        await self._heard(actor)
        await self._note(actor, viewer, "learners")
        return json_answer(learner.summaries_export(actor.state, actor.now_ms(), after=after, limit=limit))

    async def learner(self, request: web.Request) -> web.Response:
        actor = await self._api.workshop(request)
        viewer = self._viewers.viewer(request, actor.state)
        who = ParticipantId(request.match_info["participant_id"])
        if who != viewer.participant_id and not viewer.runs_it:
            raise Refusal("not_allowed", "This is about somebody else; ask for your own.")
        return await self._learner(actor, viewer, who)

    async def own_summary(self, request: web.Request) -> web.Response:
        actor = await self._api.find(self._viewers.workshop_of(request))
        return await self._learner(actor, self._viewers.viewer(request, actor.state), None)

    async def _learner(self, actor: WorkshopActor, viewer: Viewer, who: ParticipantId | None) -> web.Response:
        """The summary of `who`, or of whoever asks."""
        whose, own = who or viewer.participant_id, who in (None, viewer.participant_id)
        assert whose is not None, "workshop_of takes no API key"
        person = actor.state.participants.get(whose)
        if person is None:
            raise Refusal("participant_unknown", "Nobody of that id has joined this workshop.")
        if own and person.removed:
            # LO6: until they are admitted again they get back nothing that was said inside.
            raise Refusal("not_allowed", "A facilitator has removed you from this workshop.")
        await self._heard(actor)
        if own:
            await self._audit.note(
                "personal_data.shown", actor=whose, workshop_id=actor.workshop_id, subject=whose, what="summary"
            )
        else:
            await self._note(actor, viewer, "learner", whose)
        found = learner.summary_export(actor.state, whose, actor.now_ms(), own=own)
        assert found is not None, "whoever joined has an attendance"
        return json_answer(found)

    async def _heard(self, actor: WorkshopActor) -> None:
        """Bring in what was spoken until now."""
        if actor.state.status == "open":
            await self._speech.settle(actor.workshop_id)

    async def _note(self, actor: WorkshopActor, viewer: Viewer, what: str, subject: str = "") -> None:
        by = viewer.participant_id or API
        await self._audit.note("record.exported", actor=by, workshop_id=actor.workshop_id, subject=subject, what=what)
