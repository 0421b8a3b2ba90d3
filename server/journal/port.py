"""The journal's port: what the actors and the publisher ask of a store, and what they may rely on.

Theory of operation. A workshop is a sequence of events, numbered from 1 without gaps, that only grows. It has one
writer at a time (its actor), which says at every append where it thinks the end is; a writer that is wrong about
that is told so and changes nothing. Five promises hold for every adapter, and `tests/contract/` checks them:

1. *All or nothing, and durable.* When `append` returns, all its entries survive the death of the process and, as far
   as the store promises it, of the machine. When it raises, none of them is there, except that after
   `JournalUnavailable` from a remote store the writer must read what follows its last known seq before it goes on.
2. *Contiguous.* The events of a workshop are 1, 2, 3 … in the order of the appends.
3. *An answered command is remembered.* (actor, command id) → the seq it was answered with, for as long as the workshop
   is kept, whether or not it caused an event. Two people who use the same id do not meet.
4. *Erasable.* After `erase_person` no personal text of that person can be read from the store by anybody; the events
   stay, their personal fields read `rooms.messages.ERASED`.

5. *Deletable.* After `delete_workshop` nothing of it can be read, by anybody, and nothing can be appended to it.

Rejected commands are not remembered: they changed nothing, so deciding them anew is harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId

READ_LIMIT = 1000
"""Events that one `read` gives at most unless asked otherwise."""


class JournalError(Exception):
    """What the journal raises on purpose."""


class WrongSeq(JournalError):
    """The workshop's end is not where the writer thought: another writer was there. Nothing was written."""

    def __init__(self, workshop_id: WorkshopId, *, expected: int, actual: int) -> None:
        super().__init__(f"{workshop_id} ends at seq {actual}, not at {expected}: it has had another writer")
        self.expected = expected
        self.actual = actual


class Fenced(JournalError):
    """The writer is not the workshop's owner any more: the store knows a later epoch. Nothing was written."""

    def __init__(self, workshop_id: WorkshopId, *, held: int, actual: int) -> None:
        super().__init__(f"{workshop_id} is at epoch {actual}, this writer holds {held}: it has another owner")
        self.held = held
        self.actual = actual


class WorkshopDeleted(JournalError):
    """There was a workshop of this id. It has been deleted, and the id is not given again: what was published of the old one would have
    the same ids as what is published of a new one."""

    def __init__(self, workshop_id: WorkshopId) -> None:
        super().__init__(f"{workshop_id} has been deleted")


class Repeated(JournalError):
    """One of the commands has been answered before. Nothing was written."""

    def __init__(self, workshop_id: WorkshopId) -> None:
        super().__init__(f"{workshop_id}: a command in this append has been answered before")


class JournalUnavailable(JournalError):
    """The store cannot do this now (disk full, locked, unreachable). Asking again later may succeed."""


class JournalCorrupt(JournalError):
    """What is stored cannot be what was written. Asking again does not help."""


@dataclass(frozen=True, slots=True)
class CommandKey:
    """What identifies a command when it is repeated: who gave it, and the id they gave it."""

    actor: ParticipantId
    command_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answered command with the events it caused (none, if it found everything as it wished)."""

    command: CommandKey
    events: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorkshop:
    """A workshop the journal holds: its last seq (≥ 1) and that event's time (Unix ms)."""

    workshop_id: WorkshopId
    last_seq: int
    last_at_ms: int


class Journal(Protocol):
    """See the module's text for the promises. Every method may raise `JournalUnavailable`."""

    async def open(self) -> None:
        """Connect and bring the store's schema up to date. Raises `JournalCorrupt` if a newer version wrote it."""

    async def close(self) -> None:
        """Finish what was asked and let go of the store. Later calls raise `JournalUnavailable`."""

    async def append(
        self, workshop_id: WorkshopId, expected_seq: int, entries: Sequence[Entry], *, once: bool = False
    ) -> None:
        """Make `entries` durable, all or none; their events must be numbered from `expected_seq` + 1.

        A command is remembered with the seq that the workshop has after its entry; one that has been answered keeps its first answer, or
        with `once` makes the append fail whole. Raises `WrongSeq`, `Fenced`, `Repeated` (only with `once`), or
        `ValueError` if the numbers do not follow each other. Cancelling the call does not take the entries back.
        """

    async def read(self, workshop_id: WorkshopId, after_seq: int, limit: int = READ_LIMIT) -> list[Recorded]:
        """The events after `after_seq` in order, at most `limit`; fewer only at the end. Unknown workshop: none."""

    async def answers(self, workshop_id: WorkshopId, commands: Sequence[CommandKey]) -> Mapping[CommandKey, int]:
        """Those of `commands` that have been answered, with the seq they were answered with."""

    async def workshops(self) -> list[StoredWorkshop]:
        """Every workshop that has an event, in the order of creation."""

    async def erase_person(self, workshop_id: WorkshopId, *participant_ids: ParticipantId) -> bool:
        """Destroy the keys of these people. Returns whether there was any; repeating it is harmless.

        Text that is sealed for this person later gets a new key.
        """

    async def delete_workshop(self, workshop_id: WorkshopId) -> bool:
        """Destroy everything that stands under the workshop: events, answers, keys, cursors. Returns whether there was anything.

        Whoever calls it sees to it that the workshop has no writer. Later appends raise `WorkshopDeleted`. Breaks off half-way:
        what is left is not read any more, and the next `open` or call finishes the work.
        """


def check_numbers(expected_seq: int, entries: Sequence[Entry]) -> None:
    """Raises `ValueError` if the events' numbers do not follow `expected_seq` and each other."""
    seq = expected_seq
    for entry in entries:
        for recorded in entry.events:
            seq += 1
            if recorded.seq != seq:
                raise ValueError(f"event {recorded.seq} stands where {seq} should: the numbers must follow each other")
