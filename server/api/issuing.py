"""From what is asked for to what a token says; the same rules for the HTTP API and for `atelier token`."""

from rooms.ids import ParticipantId, WorkshopId
from server.api.models import TokenRequest
from server.auth import RESERVED_IDS, Claims
from server.refusals import Refusal


def claims_of(asked: TokenRequest, workshop_id: WorkshopId, *, now_s: int, max_life_s: int) -> Claims:
    """An invite where no person is named, else a token for that person. Raises `Refusal` (`body_invalid`)."""
    if asked.expires_in_s > max_life_s:
        raise Refusal("body_invalid", f"expires_in_s: a token lives {max_life_s} seconds at most.")
    if asked.participant_id is not None and asked.name is None:
        raise Refusal("body_invalid", "name: a token for one person needs the person's name.")
    if asked.participant_id in RESERVED_IDS:
        raise Refusal("body_invalid", f"participant_id: `{asked.participant_id}` is nobody's; choose another.")
    return Claims(
        kind="invite" if asked.participant_id is None else "participant",
        workshop_id=workshop_id,
        role=asked.role,
        participant_id=None if asked.participant_id is None else ParticipantId(asked.participant_id),
        name=asked.name or "",
        expires_at=now_s + asked.expires_in_s,
        external_id=asked.external_id,
        email=asked.email,
    )
