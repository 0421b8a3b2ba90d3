"""The STUN and TURN servers that browsers are told of, with credentials that hold for a while only.

A TURN server that shares a secret with this one (coturn's `use-auth-secret`) takes as user name the second at which the credentials end, followed by
anything, and as password the Base64 of the HMAC-SHA1 of that name under the secret. So nothing that a browser is told is of use for long, and the
TURN server needs no list of users. The name says nothing about the person.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class IceServer(BaseModel):
    """One entry of `ice_servers`: URLs, and for TURN either a shared `secret` or a fixed `username` and `credential`."""

    model_config = ConfigDict(extra="forbid")

    urls: list[str] = Field(min_length=1, description="Like turn:turn.example:3478?transport=udp.")
    username: str | None = None
    credential: SecretStr | None = None
    secret: SecretStr | None = Field(default=None, description="Shared with the TURN server (use-auth-secret).")

    @field_validator("urls", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _makes_sense(self) -> "IceServer":
        for url in self.urls:
            if not url.startswith(SCHEMES):
                raise ValueError("urls must begin with stun:, stuns:, turn: or turns:")
        if self.secret is not None and (self.username is not None or self.credential is not None):
            raise ValueError("a secret takes the place of username and credential; give one or the other")
        if (self.username is None) != (self.credential is None):
            raise ValueError("username and credential belong together")
        if any(url.startswith("turn") for url in self.urls) and self.secret is None and self.username is None:
            raise ValueError("a turn: server needs a secret, or a username and a credential")
        return self


def for_browser(servers: Sequence[IceServer], now_s: float, ttl_s: int) -> list[dict[str, Any]]:
    """What a browser is told, as RTCIceServer has it; made anew for each, good for `ttl_s` seconds from `now_s` (Unix time)."""
    told: list[dict[str, Any]] = []
    for server in servers:
        entry: dict[str, Any] = {"urls": list(server.urls)}
        if server.secret is not None:
            username = f"{int(now_s) + ttl_s}:{secrets.token_hex(6)}"
            digest = hmac.digest(server.secret.get_secret_value().encode(), username.encode(), hashlib.sha1)
            entry |= {"username": username, "credential": base64.b64encode(digest).decode()}
        elif server.username is not None and server.credential is not None:
            entry |= {"username": server.username, "credential": server.credential.get_secret_value()}
        told.append(entry)
    return told
