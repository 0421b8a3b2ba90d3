"""Tokens that are not what they should be."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt
import pytest

from rooms.ids import ParticipantId, WorkshopId
from server.auth import LEEWAY_S, MAX_EMAIL_CHARS, MAX_EXTERNAL_ID_CHARS, MAX_TOKEN_CHARS, Claims, TokenRefused, Tokens

SECRET = "a-secret-of-this-server-a-secret-of-this-server-a-secret-of-this-server"
TOKENS = Tokens(SECRET)
ANN = Claims(
    kind="participant",
    workshop_id=WorkshopId("w_1"),
    role="learner",
    participant_id=ParticipantId("p_ann"),
    name="Ann",
    expires_at=int(time.time()) + 3600,
)
PAYLOAD: Mapping[str, Any] = jwt.decode(TOKENS.sign(ANN), options={"verify_signature": False})


def refused(token: object) -> str:
    with pytest.raises(TokenRefused) as refusal:
        TOKENS.verify(token)
    assert refusal.value.message.endswith(".")
    return refusal.value.code


def with_claims(**changes: Any) -> str:
    payload = {name: value for name, value in {**PAYLOAD, **changes}.items() if value is not None}
    return jwt.encode(payload, SECRET, algorithm="HS256")


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_signed_by_a_clock_that_is_ahead_is_taken() -> None:
    assert TOKENS.verify(with_claims(iat=int(time.time()) + 900)) == ANN
    assert refused(with_claims(iat="soon")) == "token_invalid"


def test_a_token_says_what_was_signed() -> None:
    assert TOKENS.verify(TOKENS.sign(ANN)) == ANN
    invite = replace(ANN, kind="invite", participant_id=None, name="")
    assert TOKENS.verify(TOKENS.sign(invite)) == invite
    known = replace(ANN, external_id="é-7 / x", email="Ann@example.org")
    assert TOKENS.verify(TOKENS.sign(known)) == known


def test_the_longest_claims_make_a_token_that_is_not_too_long() -> None:
    email = "\U0001f600" * (MAX_EMAIL_CHARS - 5) + "@a.bc"
    longest = replace(
        ANN,
        workshop_id=WorkshopId("w" * 64),
        participant_id=ParticipantId("p" * 64),
        role="cofacilitator",
        name="\U0001f600" * 100,
        external_id="\U0001f600" * MAX_EXTERNAL_ID_CHARS,
        email=email,
    )
    assert TOKENS.verify(TOKENS.sign(longest)) == longest


def test_who_somebody_is_elsewhere_is_in_no_text_made_of_the_claims() -> None:
    known = replace(ANN, external_id="E-4711", email="ann@example.org")
    assert "4711" not in f"{known} {known!r}"
    assert "example.org" not in f"{known} {known!r}"


@pytest.mark.parametrize("token", [None, ""])
def test_no_token(token: object) -> None:
    assert refused(token) == "token_missing"


@pytest.mark.parametrize("token", ["junk", "a.b.c", "..", "é.ü.ß", "\ud800", 5, True, b"bytes", ["list"], {"a": 1}])
def test_junk(token: object) -> None:
    assert refused(token) == "token_invalid"


def test_a_token_that_is_too_long_is_not_even_decoded() -> None:
    token = with_claims(more="x" * MAX_TOKEN_CHARS)
    assert len(token) > MAX_TOKEN_CHARS
    assert refused(token) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_the_algorithm_none(algorithm: str) -> None:
    unsigned = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(PAYLOAD)}."
    assert refused(unsigned) == "token_invalid"
    assert refused(unsigned + TOKENS.sign(ANN).rpartition(".")[2]) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_secret(algorithm: str) -> None:
    assert refused(jwt.encode(dict(PAYLOAD), SECRET, algorithm=algorithm)) == "token_invalid"


def test_a_foreign_secret() -> None:
    assert refused(Tokens("another-secret-another-secret-another-secret").sign(ANN)) == "token_invalid"


def test_a_changed_payload() -> None:
    header, _, signature = TOKENS.sign(ANN).split(".")
    assert refused(f"{header}.{part({**PAYLOAD, 'role': 'facilitator'})}.{signature}") == "token_invalid"


def test_expired_beyond_the_leeway() -> None:
    now = int(time.time())
    assert refused(with_claims(exp=now - LEEWAY_S - 1)) == "token_expired"
    assert TOKENS.verify(with_claims(exp=now - LEEWAY_S + 5))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "another"},
        {"iss": None},
        {"exp": None},
        {"iat": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"exp": [1]},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"kind": "api"},
        {"kind": None},
        {"kind": ["participant"]},
        {"wid": None},
        {"wid": 5},
        {"wid": "w/1"},
        {"role": "root"},
        {"role": None},
        {"role": ["learner"]},
        {"name": 5},
        {"name": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "p/ann"},
        {"sub": "p ann"},
        {"sub": "p\x00"},
        {"sub": "p" * 65},
        {"sub": "p\n"},
        {"sub": "system"},
        {"sub": "api"},
        {"kind": "invite"},
        {"external_id": 7},
        {"external_id": "x" * 101},
        {"external_id": "a\nb"},
        {"email": ["ann@example.org"]},
        {"email": "ann"},
        {"email": "ann@"},
        {"email": "a b@example.org"},
        {"email": "x" * 250 + "@a.bc"},
    ],
    ids=str,
)
def test_claims_that_a_signing_programme_got_wrong(changes: dict[str, Any]) -> None:
    assert refused(with_claims(**changes)) == "token_invalid"
