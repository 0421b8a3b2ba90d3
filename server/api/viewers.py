"""Who asks over HTTP: a programme, by its API key, or a person of the workshop, by the token they join with."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from rooms.ids import ParticipantId, WorkshopId
from rooms.roles import HOSTS
from rooms.state import WorkshopState
from server.auth import Claims, TokenRefused, Tokens
from server.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Viewer:
    """`participant_id` is None for a programme. `runs_it`: may see what facilitators see."""

    participant_id: ParticipantId | None
    runs_it: bool


class Viewers:
    """`has_key` tells whether a request carries the API key."""

    def __init__(self, tokens: Tokens, has_key: Callable[[web.Request], bool]) -> None:
        self._tokens = tokens
        self._has_key = has_key

    def viewer(self, request: web.Request, state: WorkshopState) -> Viewer:
        """Who asks about this workshop. Raises `Refusal` for nobody who may ask anything.

        A person's role is the one they have in the workshop by now; the token's counts for who has never been in it.
        """
        if self._has_key(request):
            return Viewer(None, runs_it=True)
        claims, who = self._claims(request)
        if claims.workshop_id != state.workshop_id:
            raise Refusal("not_allowed", "This token is for another workshop.")
        if who in state.banned:
            raise Refusal("banned", "A facilitator has removed you from this workshop.")
        person = state.participants.get(who)
        role, removed = (claims.role, False) if person is None else (person.role, person.removed)
        return Viewer(who, runs_it=role in HOSTS and not removed)

    def workshop_of(self, request: web.Request) -> WorkshopId:
        """The workshop that the person's token is for. Raises `Refusal`."""
        return self._claims(request)[0].workshop_id

    def holder(self, request: web.Request) -> Claims:
        """What the token says, which may be an invite. Raises `Refusal`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            return self._tokens.verify(token.strip() if scheme == "Bearer" else None)
        except TokenRefused as refused:
            message = "Send the API key, or a person's token, as `Authorization: Bearer …`."
            raise Refusal(refused.code, refused.message if refused.code == "token_expired" else message) from None

    def _claims(self, request: web.Request) -> tuple[Claims, ParticipantId]:
        claims = self.holder(request)
        if claims.kind == "invite" or claims.participant_id is None:
            raise Refusal("token_is_invite", "This is an invite; exchange it at /api/join for a token of your own.")
        return claims, claims.participant_id

    def host(self, request: web.Request, state: WorkshopState) -> Viewer:
        """The same, for what is for facilitators and programmes only."""
        found = self.viewer(request, state)
        if not found.runs_it:
            raise Refusal("not_allowed", "This is for facilitators and programmes.")
        return found

    def person(self, request: web.Request, state: WorkshopState) -> ParticipantId:
        """The same, for what a person says."""
        found = self.viewer(request, state)
        if found.participant_id is None:
            raise Refusal("needs_a_participant", "Send a person's token: this is said by somebody.")
        return found.participant_id
