"""Personal data over HTTP: erased for a programme, shown to the person it is about; and the audit trail."""

import uuid
from collections.abc import Callable

from aiohttp import web
from pydantic import Field

from rooms.commands.privacy import ErasePersonalData
from rooms.ids import API, ParticipantId, WorkshopId
from server.api.models import Body
from server.api.record import number_in
from server.api.routes import Route, json_answer
from server.audit import Audit
from server.auth import TokenRefused, Tokens
from server.own_record import OwnRecords
from server.publish.ledger import Ledger
from server.refusals import Refusal
from server.workshops import UnknownWorkshop, Workshops

MAX_PAGE = 1_000


class ErasedAnswer(Body):
    seq: int = Field(description="The workshop's seq with the event that says it.")


class OwnEvent(Body):
    seq: int
    at_ms: int = Field(description="Unix milliseconds.")
    type: str
    by_yourself: bool = Field(description="Whether it is what you did.")
    fields: dict[str, object] | None = Field(
        description="What it says; null where it is about somebody else and only mentions you. Other people's ids are taken out."
    )


class OwnRecordAnswer(Body):
    workshop_id: str
    workshop_title: str
    participant_id: str
    events: list[OwnEvent]


class AuditAnswerEntry(Body):
    ref: int
    at_ms: int = Field(description="Unix milliseconds.")
    actor: str = Field(description="`api`, `retention`, or a participant's id.")
    action: str
    workshop_id: str
    subject: str = Field(description="The id of the person it is about, if it is about one.")
    detail: dict[str, str | int | None]


class AuditAnswer(Body):
    entries: list[AuditAnswerEntry]


class PrivacyApi:
    """`require_key` raises the refusal for a request without the API key."""

    def __init__(
        self,
        workshops: Workshops,
        records: OwnRecords,
        ledger: Ledger,
        audit: Audit,
        tokens: Tokens,
        require_key: Callable[[web.Request], None],
    ) -> None:
        self._workshops = workshops
        self._records = records
        self._ledger = ledger
        self._audit = audit
        self._tokens = tokens
        self._require_key = require_key

    def routes(self) -> tuple[Route, ...]:
        erase = "/api/workshops/{workshop_id}/participants/{participant_id}/personal-data"
        own = "Everything the journal holds about the holder of a participant token"
        return (
            Route("DELETE", erase, "Erase a person: name, address and texts, for good", self.erase, ErasedAnswer),
            Route("GET", "/api/me/record", own, self.own_record, OwnRecordAnswer, key=False),
            Route("GET", "/api/audit", "Who exported, erased, replayed or deleted what", self.audit, AuditAnswer),
        )

    async def erase(self, request: web.Request) -> web.Response:
        self._require_key(request)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        who = ParticipantId(request.match_info["participant_id"])
        try:
            actor = await self._workshops.get(workshop_id)
        except UnknownWorkshop:
            raise Refusal("workshop_unknown", "There is no such workshop on this server.") from None
        ack = await actor.submit(ErasePersonalData(participant_id=who), API, f"erase:{uuid.uuid4().hex}")
        await self._ledger.forget_reasons(workshop_id)
        await self._audit.note("personal_data.erased", actor=API, workshop_id=workshop_id, subject=who, seq=ack.seq)
        return json_answer(ErasedAnswer(seq=ack.seq))

    async def own_record(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = self._tokens.verify(token.strip() if scheme == "Bearer" else None)
        except TokenRefused as refused:
            raise Refusal(refused.code, refused.message) from None
        if claims.participant_id is None:
            raise Refusal(
                "token_is_invite", "This is an invite; a record belongs to a person, so use a person's token."
            )
        workshop_id, who = claims.workshop_id, claims.participant_id
        try:
            title = (await self._workshops.get(workshop_id)).state.title
        except UnknownWorkshop:
            raise Refusal("workshop_unknown", "There is no such workshop on this server.") from None
        await self._audit.note("personal_data.shown", actor=who, workshop_id=workshop_id, subject=who)
        events = [OwnEvent(**each) for each in await self._records.of(workshop_id, who)]
        return json_answer(
            OwnRecordAnswer(workshop_id=workshop_id, workshop_title=title, participant_id=who, events=events)
        )

    async def audit(self, request: web.Request) -> web.Response:
        self._require_key(request)
        after, limit = number_in(request, "after", 0, 0, 2**53), number_in(request, "limit", 100, 1, MAX_PAGE)
        entries = await self._audit.entries(after=after, limit=limit, workshop_id=request.query.get("workshop_id"))
        found = [
            AuditAnswerEntry(
                ref=each.ref,
                at_ms=each.at_ms,
                actor=each.actor,
                action=each.action,
                workshop_id=each.workshop_id,
                subject=each.subject,
                detail=each.detail,
            )
            for each in entries
        ]
        return json_answer(AuditAnswer(entries=found))
