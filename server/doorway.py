"""What holds for every HTTP call before anything else: it is counted, and an address that calls too often is refused.

Calls with the API key are not limited, nor are those that another node passes on or a probe makes; wrong keys and tokens cost more, so that
nobody tries many.
"""

import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from server import tracing
from server.config import Limits
from server.observe import Metrics
from server.rates import Buckets, Callers
from server.refusals import Refusal

LIMITED = ("/api/", "/socket.io/", "/n/")
"""Where these paths begin; pages and assets cost little, and health is asked for all the time."""
SOCKET = "/socket.io/"
COST_OF_WRONG = 10
"""What a refused key or token counts, in calls."""


class Doorway:
    """`has_key` tells whether a request shows the API key; `passed_on` whether another node sends it."""

    def __init__(
        self,
        limits: Limits,
        callers: Callers,
        metrics: Metrics,
        has_key: Callable[[web.Request], bool],
    ) -> None:
        self._callers = callers
        self._metrics = metrics
        self._has_key = has_key
        self._calls = Buckets(limits.calls_per_second, limits.calls_burst)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: sees the answer as it is sent."""
        began_s = time.perf_counter()
        if request.path.endswith(SOCKET):  # it lasts as long as the connection
            answer = await handler(request)
        else:
            with tracing.call(request.headers.get("traceparent")):
                answer = await handler(request)
            self._metrics.http_seconds.labels(request.method, str(answer.status)).observe(time.perf_counter() - began_s)
        if answer.status == 401:
            self._metrics.auth_failures.labels("http").inc()
            for _ in range(COST_OF_WRONG):
                self._calls.take(self._caller(request))
        return answer

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Inside of what turns refusals into answers."""
        if (
            request.path.startswith(LIMITED)
            and not self._has_key(request)
            and not self._calls.take(self._caller(request))
        ):
            self._metrics.refused.labels("rate_limited").inc()
            message = "Too many calls came from this address; wait a moment and try again."
            raise Refusal("rate_limited", message, retryable=True)
        return await handler(request)

    def _caller(self, request: web.Request) -> str:
        return self._callers.caller(request.remote, request.headers.get("X-Forwarded-For"))
