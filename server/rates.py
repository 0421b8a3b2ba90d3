"""Who may ask how often: token buckets by address and by token, for what comes before a connection or beside one.

Theory of operation. A bucket holds up to `burst` and gains `per_second`; each call takes one. Buckets that are full again are forgotten, and
there are never more than `max_buckets`: beyond that the one that was used longest ago goes, which can only be to the caller's advantage.
An IPv6 address counts with its whole /64, because one machine may have all of it.

Behind a proxy every call has the proxy's address. `X-Forwarded-For` is believed from the proxies in `trusted` only, from the right, up to
the first address that is not one of them.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import islice

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAX_BUCKETS = 50_000


class Buckets:
    """`now_s` is a monotonic clock."""

    def __init__(
        self,
        per_second: float,
        burst: float,
        *,
        max_buckets: int = MAX_BUCKETS,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._max = max_buckets
        self._now_s = now_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Name → what it held, and when; the one used longest ago first."""

    def take(self, name: str) -> bool:
        """Whether one more is allowed."""
        now_s = self._now_s()
        held, at_s = self._left.pop(name, (self._burst, now_s))
        held = min(self._burst, held + (now_s - at_s) * self._per_second)
        allowed = held >= 1
        self._left[name] = (held - 1 if allowed else held, now_s)
        self._forget(now_s)
        return allowed

    def __len__(self) -> int:
        return len(self._left)

    def _forget(self, now_s: float) -> None:
        full_after_s = self._burst / self._per_second
        for name in list(islice(self._left, 2)):
            if len(self._left) > self._max or now_s - self._left[name][1] > full_after_s:
                del self._left[name]


class Callers:
    """Finds out whose call it is. `trusted` are addresses or networks of proxies."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted: list[Network] = [ipaddress.ip_network(each, strict=False) for each in trusted]

    def caller(self, remote: str | None, forwarded: str | None) -> str:
        """`remote` is the connection's other end, `forwarded` the header X-Forwarded-For. The address (or /64) as text."""
        address = remote or "?"
        hops = [] if forwarded is None else [hop.strip() for hop in forwarded.split(",")]
        while hops and self._is_trusted(address):
            address = hops.pop()
        return _counted(address)

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted if parsed.version == network.version)


def _counted(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
