"""The audit trail: who exported, erased, replayed or deleted what, and when. It outlives what it tells of.

An entry holds ids and numbers, never a name or a text, so that it has nothing to forget when somebody is erased.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Action = Literal[
    "personal_data.erased",  # `subject`: the person, "" for everybody
    "personal_data.shown",  # somebody (`subject`) has downloaded their own record
    "record.exported",
    "record.replayed",
    "sink.set",
    "sink.removed",
    "workshop.deleted",
]
RETENTION = "retention"
"""The actor of what the server does by itself when a time is over. Others are `api` (the holder of the API key) or a participant's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`ref` counts up; `at_ms` is Unix time in milliseconds; `workshop_id` and `subject` are "" where they do not apply."""

    ref: int
    at_ms: int
    actor: str
    action: Action
    workshop_id: str
    subject: str
    detail: dict[str, str | int | None] = field(default_factory=dict)


class Audit(Protocol):
    """Every method may raise `server.journal.port.JournalUnavailable`."""

    async def note(
        self, action: Action, *, actor: str, workshop_id: str = "", subject: str = "", **detail: str | int | None
    ) -> None:
        """Add an entry; durable on return. What shows something notes it first, what destroys something afterwards."""

    async def entries(self, *, after: int = 0, limit: int = 100, workshop_id: str | None = None) -> list[AuditEntry]:
        """In order; `after` is the last `ref` seen."""
