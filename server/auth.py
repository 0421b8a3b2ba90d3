"""Tokens: who somebody is and what they may be, signed by this server or by a programme that has its secret.

HS256 and nothing else (RFC 8725: the algorithm is pinned, never read from the token), audience and issuer checked, expiry required.
A token is for one workshop. A *participant* token is for one person; an *invite* lets its holder become a new one.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import jwt

from rooms.ids import API, SYSTEM, ParticipantId, WorkshopId
from rooms.roles import Role
from rooms.roster import is_email

ALGORITHM = "HS256"
AUDIENCE = "atelier"
LEEWAY_S = 10
CLOCKS_APART_S = 3_600
"""How far ahead the clock of who signs a token may be."""
MAX_TOKEN_CHARS = 8_192
"""More than the longest name, external id and email take, in any script."""
MAX_EXTERNAL_ID_CHARS = 100
MAX_EMAIL_CHARS = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""
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
    external_id: str = field(default="", repr=False)
    """What other systems call the person; "" if it was not said. Kept out of `repr`, and so of every log."""
    email: str = field(default="", repr=False)


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
        if claims.external_id:
            payload["external_id"] = claims.external_id
        if claims.email:
            payload["email"] = claims.email
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
                # Not by the library, which has one leeway for all: nodes' clocks may be minutes apart.
                options={"require": ["exp", "iat", "aud", "iss"], "verify_iat": False},
            )
            if payload["iat"] > time.time() + CLOCKS_APART_S:
                raise ValueError("iat")
            return _claims(payload)
        except jwt.ExpiredSignatureError:
            raise TokenRefused("token_expired", "This link has expired; ask for a new one.") from None
        except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError, OverflowError):
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
        external_id=as_external_id(payload.get("external_id", "")),
        email=as_email(payload.get("email", "")),
    )


def as_external_id(text: str) -> str:
    """What another system calls a person, trimmed; "" for nothing. Raises ValueError with a sentence that does not repeat it."""
    kept = text.strip()
    if len(kept) > MAX_EXTERNAL_ID_CHARS or not kept.isprintable():
        raise ValueError(f"external_id: at most {MAX_EXTERNAL_ID_CHARS} visible characters are possible")
    return kept


def as_email(text: str) -> str:
    """An email address, trimmed; "" for nothing. Raises ValueError with a sentence that does not repeat it."""
    kept = text.strip()
    if kept and (len(kept) > MAX_EMAIL_CHARS or not kept.isprintable() or not is_email(kept)):
        raise ValueError(f"email: expected is name@example.org, of at most {MAX_EMAIL_CHARS} characters")
    return kept
