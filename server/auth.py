"""Tokens: who somebody is and what they may be, signed by this server or by a programme that has its secret.

HS256 and nothing else (RFC 8725: the algorithm is pinned, never read from the token), audience and issuer checked, expiry required.
A token is for one workshop. A *participant* token is for one person; an *invite* lets its holder become a new one.
"""

import re
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

import jwt

from rooms.ids import API, SYSTEM, ParticipantId, WorkshopId
from rooms.roles import Role

ALGORITHM = "HS256"
AUDIENCE = "atelier"
LEEWAY_S = 10
MAX_TOKEN_CHARS = 4_096
MAX_UNIX_S = 1 << 40
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$"
"""Ids that programmes choose for workshops and people. None holds `/` or `:`, which separate ids in other names."""
RESERVED_IDS = (SYSTEM, API)
"""Actors that are no person: nobody may come in under their names."""


class TokenRefused(Exception):
    """`code` is `token_missing`, `token_invalid` or `token_expired`; `message` is for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a verified token says. `participant_id` is None in an invite."""

    kind: Literal["participant", "invite"]
    workshop_id: WorkshopId
    role: Role
    participant_id: ParticipantId | None
    name: str
    expires_at: int
    """Unix seconds."""


class Tokens:
    """Signs and verifies with one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, claims: Claims) -> str:
        """The token of these claims."""
        payload: dict[str, Any] = {
            "iss": AUDIENCE,
            "aud": AUDIENCE,
            "iat": int(time.time()),
            "exp": claims.expires_at,
            "kind": claims.kind,
            "wid": claims.workshop_id,
            "role": claims.role,
            "name": claims.name,
        }
        if claims.participant_id is not None:
            payload["sub"] = claims.participant_id
        return jwt.encode(payload, self._secret, algorithm=ALGORITHM)

    def verify(self, token: object) -> Claims:
        """The claims of a token that is genuine and valid now. Raises `TokenRefused`."""
        if token is None or token == "":
            raise TokenRefused("token_missing", "There is no token; open the workshop by the link you were given.")
        if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARS:
            raise TokenRefused("token_invalid", "The token is not one of this server's; ask for a new link.")
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=AUDIENCE,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss"]},
            )
            return _claims(payload)
        except jwt.ExpiredSignatureError:
            raise TokenRefused("token_expired", "This link has expired; ask for a new one.") from None
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError):
            message = "The token is not one of this server's; ask for a new link."
            raise TokenRefused("token_invalid", message) from None


def _claims(payload: dict[str, Any]) -> Claims:
    kind, role, name, participant_id = payload["kind"], payload["role"], payload["name"], payload.get("sub")
    if kind not in ("participant", "invite") or role not in get_args(Role) or not isinstance(name, str):
        raise ValueError("claims")
    if (kind == "participant") != (participant_id is not None):
        raise ValueError("sub")
    if participant_id is not None and (not re.fullmatch(ID_PATTERN, participant_id) or participant_id in RESERVED_IDS):
        raise ValueError("sub")
    if not re.fullmatch(ID_PATTERN, payload["wid"]) or not 0 < payload["exp"] < MAX_UNIX_S:
        raise ValueError("wid or exp")
    return Claims(
        kind=kind,
        workshop_id=WorkshopId(payload["wid"]),
        role=role,
        participant_id=None if participant_id is None else ParticipantId(participant_id),
        name=name,
        expires_at=int(payload["exp"]),
    )
