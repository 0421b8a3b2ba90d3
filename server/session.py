"""A socket that has passed the token: whose it is, how far it has come, and what it may still ask.

Theory of operation. `gateway` makes one for each socket and is the only one to change it. What somebody may ask is a token bucket that may go below zero:
how far below tells somebody in a hurry from a flood.
"""

import asyncio
import time
from dataclasses import dataclass, field

from rooms.ids import ConnectionId, ParticipantId
from server.actor import WorkshopActor
from server.auth import Claims
from server.hub import Hub


@dataclass(slots=True)
class Session:
    """`hub` and `actor` come with hello."""

    sid: str
    claims: Claims
    participant_id: ParticipantId
    connection_id: ConnectionId
    allowance: float
    refilled_at: float = field(default_factory=time.monotonic)
    hub: Hub | None = None
    actor: WorkshopActor | None = None
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    entering: bool = False
    leaving: bool = False
    """It has been told goodbye, or is being cut."""
    sent_to: str | None = None
    """Where it has been told to go."""

    def pay(self, cost: int, per_second: float, burst: float) -> None:
        """Take `cost` from the allowance, which has grown meanwhile, up to `burst`."""
        now = time.monotonic()
        self.allowance = min(float(burst), self.allowance + (now - self.refilled_at) * per_second) - cost
        self.refilled_at = now
