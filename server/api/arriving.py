"""What the page of a link asks before anything else: whether the workshop is still to come, runs, or has ended, and what of it can be read.

Asked by whoever holds a link, also by an invite, whose holder is nobody yet. So it tells no more than the link's own page would.
"""

from typing import Literal

from aiohttp import web

from rooms.state import WorkshopState
from server.api.models import ArrivalAnswer, Stage
from server.api.routes import Api, Route, json_answer
from server.api.viewers import Viewers


class ArrivingApi:
    """`viewers` says who asks."""

    def __init__(self, api: Api, viewers: Viewers) -> None:
        self._api = api
        self._viewers = viewers

    def routes(self) -> tuple[Route, ...]:
        about = "For the holder of a person's token or an invite: is the workshop still to come, open, or over?"
        return (Route("GET", "/api/me/workshop", about, self.arrival, ArrivalAnswer, key=False),)

    async def arrival(self, request: web.Request) -> web.Response:
        claims = self._viewers.holder(request)
        state = (await self._api.find(claims.workshop_id)).state
        kept = state.attendance
        answer = ArrivalAnswer(
            workshop_id=state.workshop_id,
            title=state.title,
            state=_stage(state),
            began_at_ms=kept.began_at_ms,
            ended_at_ms=kept.closed_at_ms,
            record="none" if claims.participant_id is None else self._readable(request, state),
        )
        return json_answer(answer)

    def _readable(self, request: web.Request, state: WorkshopState) -> Literal["all", "own", "none"]:
        """Of a person's token."""
        viewer = self._viewers.viewer(request, state)
        if viewer.runs_it:
            return "all"
        person = None if viewer.participant_id is None else state.participants.get(viewer.participant_id)
        return "none" if person is None or person.removed else "own"


def _stage(state: WorkshopState) -> Stage:
    if state.status == "closed":
        return "ended"
    kept = state.attendance
    return "open" if kept.clock_ms or kept.runs_since_ms is not None else "scheduled"
