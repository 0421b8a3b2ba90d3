"""Identifiers. All are opaque strings; the prefix is for people who read logs, no code parses it."""

import hashlib
from typing import NewType

WorkshopId = NewType("WorkshopId", str)
ParticipantId = NewType("ParticipantId", str)
ConnectionId = NewType("ConnectionId", str)
RoomId = NewType("RoomId", str)
RoundId = NewType("RoundId", str)
PlanId = NewType("PlanId", str)
WorkId = NewType("WorkId", str)
RosterEntryId = NewType("RosterEntryId", str)
PollId = NewType("PollId", str)
OptionId = NewType("OptionId", str)
AnswerId = NewType("AnswerId", str)
QuestionId = NewType("QuestionId", str)
MessageId = NewType("MessageId", str)
ReviewRoundId = NewType("ReviewRoundId", str)
CriterionId = NewType("CriterionId", str)
SubmissionId = NewType("SubmissionId", str)
ReviewId = NewType("ReviewId", str)
StepId = NewType("StepId", str)
"""Of the agenda; chosen by whoever wrote the sheet."""

PLENARY = RoomId("plenary")
"""The room everybody starts in; it exists as long as the workshop does."""

SYSTEM = ParticipantId("system")
"""The actor of commands that the server itself gives (ticks, lost connections)."""

API = ParticipantId("api")
"""The actor of commands that come with an API key over HTTP."""


def derive(prefix: str, entropy: bytes, index: int = 0) -> str:
    """An id drawn from a stamp's entropy: the same stamp and index give the same id.

    `index` tells apart the ids one command makes. 80 bits are kept, enough that two commands never collide.
    """
    digest = hashlib.blake2b(entropy + index.to_bytes(4, "big"), digest_size=10, person=prefix.encode()[:16])
    return f"{prefix}_{digest.hexdigest()}"
