"""What the sinks that call over HTTP share: a session from `open` to `close`, and plain words for what went wrong."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from rooms.ids import WorkshopId
from server.publish.sinks.addresses import AddressRefused, socket_factory

MAX_ANSWER_BYTES = 65_536
"""How much of an answer is looked at."""


class HttpSink:
    """The part of `server.publish.sink.Sink` that is the same whatever is sent. `lanes` are the connections at once."""

    lanes: int

    def __init__(self, name: str, *, allow_private_addresses: bool, timeout_s: float) -> None:
        self.name = name
        self._allow_private = allow_private_addresses
        self._timeout_s = timeout_s
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._http = session(connections=self.lanes, allow_private=self._allow_private, timeout_s=self._timeout_s)

    async def rewound(self, workshop_id: WorkshopId | None) -> None:
        """Nothing is remembered here."""

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None


def session(*, connections: int, allow_private: bool, timeout_s: float) -> aiohttp.ClientSession:
    """A session that keeps no cookies, uses no proxy from the environment, and calls private addresses only if allowed."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, socket_factory=socket_factory(allow_private=allow_private)),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        trust_env=False,
    )


def plain(error: Exception) -> str:
    """What happened, without the URL: it may be long, and a path can be a secret."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefused):
        return str(cause)
    if isinstance(error, aiohttp.ClientConnectorError):
        return (
            f"no connection: {cause.strerror or type(cause).__name__}"
            if isinstance(cause, OSError)
            else "no connection"
        )
    return f"the answer is not HTTP or was cut off ({type(error).__name__})"


def seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds from now (RFC 9110: a number or a date); None where there is none to be made out."""
    if retry_after is None:
        return None
    if retry_after.strip().isascii() and retry_after.strip().isdigit():
        return float(retry_after[:12])
    try:
        at = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
