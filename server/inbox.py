"""What waits in a workshop's inbox, and what those who wait are told."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from rooms.commands import Command
from rooms.errors import Rejected
from rooms.ids import SYSTEM
from server.journal.port import CommandKey, Entry


@dataclass(frozen=True, slots=True)
class Ack:
    """The command is carried out and durable; `seq` is the workshop's seq after it."""

    seq: int


class Unavailable(Exception):
    """The command could not be carried out, through no fault of whoever gave it; nothing has changed.

    `code` is `busy`, `store_unavailable`, `stopping` (all `retryable`: the same command may succeed later,
    with the same id) or `internal` (it would fail again). `message` is for people.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = True) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


@dataclass(slots=True, eq=False)
class Item:
    """A command in the inbox, its decision once there is one, and those who wait for the answer."""

    command: Command
    key: CommandKey
    waiting: list[asyncio.Future[Ack]]
    entry: Entry | None = None
    rejection: Rejected | None = None
    seq: int = 0
    """The workshop's seq after this command."""

    def settle(self, outcome: Ack | Exception) -> None:
        for answer in self.waiting:
            if answer.done():  # whoever asked has gone
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
                answer.exception()  # marks it as seen: nobody waits for a tick
            else:
                answer.set_result(outcome)


def merged(batch: Iterable[Item]) -> list[Item]:
    """Each command once, in the order of the first time; whoever gave it again waits for the same answer."""
    found: dict[CommandKey, Item] = {}
    for item in batch:
        first = found.setdefault(item.key, item)
        if first is not item:
            first.waiting += item.waiting
    return list(found.values())


def worth_keeping(entry: Entry) -> bool:
    """The server's own commands have fresh ids and are never repeated, so there is no answer to remember."""
    return bool(entry.events) or entry.command.actor != SYSTEM
