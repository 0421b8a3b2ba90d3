"""HTTP calls about a workshop that another node has are passed on to it, whatever they are; the answer comes back as it is made.

A call that was passed on is not passed on again: where the two nodes disagree (the workshop is changing hands), the caller is asked to try
again. The header that marks such a call is worth nothing without the API key, from which it is made.
"""

import asyncio
import hashlib
import hmac
import io
from collections.abc import Awaitable, Callable

import aiohttp
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from rooms.ids import WorkshopId
from rooms.roster.model import MAX_ROSTER_BYTES
from server.cluster.ownership import Ownership, passed_on
from server.refusals import Refusal
from server.workshops import Elsewhere

log = structlog.get_logger()

HEADER = "Atelier-Passed-On"
CONNECT_WITHIN_S = 2.0
ANSWER_WITHIN_S = 10.0
"""Of one node to another's own call."""
ECHOED_WITHIN_S = 60.0
"""What is on its way to a slow receiver is waited for."""
SILENT_S = 120.0
"""How long nothing may come of an answer that is passed on."""
GONE_S = 5.0
"""How long a node that has not answered may be missing among the nodes: one that was stopped keeps its connections and says nothing; one that is
busy is missing for a moment only."""
LOOK_S = 0.5
CHUNK_BYTES = 65_536
LARGEST_BODY_BYTES = MAX_ROSTER_BYTES + 1_000
"""A roster, with its JSON around it."""
ECHOED = ("/enable", "/replay")
"""Calls about a sink that concern what every node has in memory of it."""
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"),
    *("upgrade", "host", "content-length", HEADER.lower()),
}
"""RFC 9110, 7.6.1, and what the client sets itself."""


class Passing:
    """`middleware` goes inside the one that turns refusals into answers. `others` gives the internal URLs of the other nodes."""

    def __init__(self, ownership: Ownership, api_key: str, others: Callable[[], list[str]]) -> None:
        self._ownership = ownership
        self._others = others
        self._mark = hashlib.sha256(f"{HEADER}:{api_key}".encode()).hexdigest()
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Raises `Refusal` where the other node cannot be reached or does not have it either."""
        if self.is_passed_on(request):
            token = passed_on.set(True)
            try:
                return await handler(request)
            except Elsewhere:
                message = "The workshop is changing servers; try again in a moment."
                raise Refusal("elsewhere", message, retryable=True) from None
            finally:
                passed_on.reset(token)
        if request.method == "POST" and request.path.startswith("/api/sinks/") and request.path.endswith(ECHOED):
            answer = await handler(request)
            if answer.status < 300 and not await self._echoed(request):
                message = "Another server has not answered whether it has heard; ask again, which does no harm."
                raise Refusal("node_unreachable", message, retryable=True)
            return answer
        workshop_id = request.match_info.get("workshop_id")
        if workshop_id is not None and request.path.startswith("/api/"):
            owner = await self._ownership.owner(WorkshopId(workshop_id))
            if owner is not None:
                return await self.pass_on(request, owner.internal_url)
        try:
            return await handler(request)
        except Elsewhere as elsewhere:
            return await self.pass_on(request, elsewhere.internal_url)

    async def _echoed(self, request: web.Request) -> bool:
        """Say it to the other nodes too; whether all have carried it out. The one that has the workshop may be any of them."""
        headers = {HEADER: self._mark, "Authorization": request.headers.get("Authorization", "")}
        body = await request.read()

        async def say(internal_url: str) -> bool:
            url = internal_url + request.path_qs
            try:
                async with (
                    asyncio.timeout(ECHOED_WITHIN_S),
                    self._session().post(url, data=body or None, headers=headers) as answer,
                ):
                    return answer.status < 300
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.warning("not_echoed", path=request.path, error=type(error).__name__)
                return False

        return all(await asyncio.gather(*(say(each) for each in self._others())))

    def is_passed_on(self, request: web.Request) -> bool:
        """Whether another node sends it."""
        return hmac.compare_digest(
            request.headers.get(HEADER, "").encode(errors="surrogateescape"), self._mark.encode()
        )

    async def call(self, internal_url: str, method: str, path: str, api_key: str, body: object = None) -> int:
        """A call to another node by this one; its status. Raises `Refusal` if it does not answer."""
        headers = {HEADER: self._mark, "Authorization": f"Bearer {api_key}"}
        try:
            async with (
                asyncio.timeout(ANSWER_WITHIN_S),
                self._session().request(method, internal_url + path, json=body, headers=headers) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise _unreachable() from None

    async def pass_on(self, request: web.Request, internal_url: str) -> web.StreamResponse:
        """Answer with what the other node answers."""
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP]
        body = await _body(request)
        response: web.StreamResponse | None = None
        try:
            asked = self._session().request(
                request.method,
                internal_url + request.path_qs,
                data=io.BytesIO(body) if body else None,
                headers=[*headers, (HEADER, self._mark)],
            )
            async with await self._begun(asked, internal_url) as answer:
                response = web.StreamResponse(status=answer.status, reason=answer.reason)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP_BY_HOP and name.lower() not in ("date", "server"):
                        response.headers.add(name, value)
                await response.prepare(request)
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    await response.write(chunk)
                await response.write_eof()
                return response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("not_passed_on", error=type(error).__name__)
            if response is not None and response.prepared:
                raise  # half an answer is out; breaking the connection says so
            raise _unreachable() from None

    async def _begun(self, asked: Awaitable[aiohttp.ClientResponse], internal_url: str) -> aiohttp.ClientResponse:
        """The answer's head. Raises `TimeoutError` if the node that was asked is gone before it comes."""
        answer = asyncio.ensure_future(asked)
        missing = 0
        try:
            while not (await asyncio.wait([answer], timeout=LOOK_S))[0]:
                missing = 0 if internal_url in self._others() else missing + 1
                if missing * LOOK_S >= GONE_S:
                    raise TimeoutError
            return answer.result()
        finally:
            answer.cancel()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN_S, sock_read=SILENT_S)
            self._http = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        return self._http


def _unreachable() -> Refusal:
    message = "The server that has this workshop does not answer; try again in a moment."
    return Refusal("node_unreachable", message, retryable=True)


async def _body(request: web.Request) -> bytes:
    """All that came with a request: as much as the largest that any operation takes; the owner has the narrower limits."""
    try:
        return await request.clone(client_max_size=LARGEST_BODY_BYTES).read()
    except RuntimeError:  # it has been read here, by the operation that found the workshop elsewhere
        return await request.read()
