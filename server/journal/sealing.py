"""Sealing of personal fields: text about a person is stored only as AES-256-GCM ciphertext under that person's key.

Theory of operation. Which fields are personal, and whose, stands in the event types (`rooms.messages.personal`). On
the way into the store each such field of the event's JSON form is replaced by a *box*

    {"$sealed": base64(nonce ‖ ciphertext ‖ tag), "key": key id}

(with `"map": true` where it was a map of texts), and on the way out boxes are recognised by their form, not by the
event's type, so that an event of an old schema version is opened before the upcasters see it. Without its key a box
reads as `ERASED`, or as an empty map.

Invariants: a key belongs to one person in one workshop; the nonce is 96 random bits a box, far from the 2^32 boxes a
key may make (NIST SP 800-38D, 8.3); the associated data is workshop, seq and field name, so a box that is moved to
another place does not open. Keys are made, kept and destroyed by the store; here is no state.
"""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rooms.ids import ParticipantId, WorkshopId
from rooms.messages import ERASED
from server.journal.port import JournalCorrupt

KEY_BYTES = 32
_NONCE_BYTES = 12
_BOX = "$sealed"
_KEY = "key"
_MAP = "map"


@dataclass(frozen=True, slots=True)
class PersonKey:
    """`key_id` is public and stands in every box; `secret` is 32 bytes."""

    key_id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"PersonKey({self.key_id!r})"


def new_key() -> PersonKey:
    """A fresh random key."""
    return PersonKey(os.urandom(8).hex(), os.urandom(KEY_BYTES))


def seal(
    payload: dict[str, Any],
    personal: dict[str, str],
    key_for: Callable[[ParticipantId], PersonKey],
    workshop_id: WorkshopId,
    seq: int,
) -> dict[str, Any]:
    """`payload` (an event's JSON form) with its personal fields boxed.

    `personal` maps field → the field that names the person, as `rooms.messages.personal_fields` gives it. Null and
    what is empty stay. Raises `TypeError` for a personal field that is neither text nor a map of texts.
    """
    if not personal:
        return payload
    sealed = dict(payload)
    for field, subject in personal.items():
        text = payload.get(field)
        if not text and text in (None, "", {}):
            continue  # nothing about anybody, and it must not read as something erased
        if not isinstance(text, str | dict):
            raise TypeError(f"personal field {field!r} of {payload.get('type')} is {type(text).__name__}, not text")
        is_map = isinstance(text, dict)
        plain = json.dumps(text) if isinstance(text, dict) else text
        key = key_for(payload[subject])
        nonce = os.urandom(_NONCE_BYTES)
        box = nonce + AESGCM(key.secret).encrypt(nonce, plain.encode(), _place(workshop_id, seq, field))
        sealed[field] = {_BOX: base64.b64encode(box).decode(), _KEY: key.key_id, **({_MAP: True} if is_map else {})}
    return sealed


def unseal(
    payload: dict[str, Any], secret_of: Callable[[str], bytes | None], workshop_id: WorkshopId, seq: int
) -> dict[str, Any]:
    """The inverse of `seal`, in place. `secret_of(key id)` is None where the key is gone.

    Raises `JournalCorrupt` if a box does not open with its key at this place.
    """
    for field, value in payload.items():
        if isinstance(value, dict) and _BOX in value:
            secret = secret_of(value[_KEY])
            text = None if secret is None else _open(value[_BOX], secret, workshop_id, seq, field)
            if value.get(_MAP):
                payload[field] = {} if text is None else json.loads(text)
            else:
                payload[field] = ERASED if text is None else text
    return payload


def key_ids(payload: dict[str, Any]) -> list[str]:
    """The keys that `unseal` will ask for."""
    return [value[_KEY] for value in payload.values() if isinstance(value, dict) and _BOX in value]


def _open(box_base64: str, secret: bytes, workshop_id: WorkshopId, seq: int, field: str) -> str:
    try:
        box = base64.b64decode(box_base64, validate=True)
        text = AESGCM(secret).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], _place(workshop_id, seq, field))
    except (InvalidTag, ValueError) as error:
        raise JournalCorrupt(f"{workshop_id} seq {seq}: the sealed field {field!r} does not open") from error
    return text.decode()


def _place(workshop_id: WorkshopId, seq: int, field: str) -> bytes:
    return json.dumps([workshop_id, seq, field]).encode()
