"""The wall clock that all nodes share: Redis's.

A workshop's time is found from a wall clock when a node loads it (`server.clock`). Were that each machine's own, a workshop that changes hands between
machines whose clocks are minutes apart would skip those minutes: a poll would close and breakouts end at once. So nodes on one Redis ask it for the
time, at their start and with every heartbeat, and go by their monotonic clock in between and while Redis is away.
"""

from server.clock import Clock

SURE_MS = 200
"""A question that took longer than this says little of the time; it counts as long as there is no better."""


class RedisClock:
    """`server.clock.Clock`; until `told` for the first time it is this machine's own."""

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._origin_ms: int | None = None

    def wall_ms(self) -> int:
        return self._own.wall_ms() if self._origin_ms is None else self._origin_ms + self._own.monotonic_ms()

    def monotonic_ms(self) -> int:
        return self._own.monotonic_ms()

    def told(self, redis_ms: int, asked_ms: int) -> None:
        """Redis has just answered that it is `redis_ms` (Unix time), having been asked at `asked_ms` by the monotonic clock."""
        now_ms = self._own.monotonic_ms()
        if self._origin_ms is None or now_ms - asked_ms <= SURE_MS:
            self._origin_ms = redis_ms - (asked_ms + now_ms) // 2
