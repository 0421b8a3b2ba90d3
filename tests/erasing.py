"""What a log reads as once the keys of some people are gone, by the journal's own sealing."""

import os
from collections.abc import Collection, Sequence
from dataclasses import replace

from rooms import codec
from rooms.erasure import Subjects
from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId
from rooms.messages import personal_fields
from server.journal.sealing import PersonKey, seal, unseal

W = WorkshopId("w_1")


def subjects_of(log: Sequence[Recorded], who: str | None) -> tuple[str, ...]:
    subjects = Subjects()
    for recorded in log:
        subjects.note(recorded.event)
    return subjects.of(None if who is None else ParticipantId(who))


def erased(log: Sequence[Recorded], subjects: Collection[str]) -> list[Recorded]:
    secret = os.urandom(32)

    def key(subject: ParticipantId) -> PersonKey:
        return PersonKey(subject, secret)

    def secret_of(key_id: str) -> bytes | None:
        return None if key_id in subjects else secret

    found = []
    for recorded in log:
        boxed = seal(codec.encode(recorded.event), personal_fields(type(recorded.event)), key, W, recorded.seq)
        found.append(replace(recorded, event=codec.decode(unseal(boxed, secret_of, W, recorded.seq))))
    return found
