"""Events to a learning record store (LRS), as xAPI 1.0.3 statements in batches.

A batch is taken or refused whole. When one is refused (400, 409, 413, 422), or the answer says that only a part of it was stored, it is split
until the statement that the LRS does not like stands alone; so the others get through and only that one is refused. A 409 means that the LRS
has a statement of that id already: it is fetched, and if it says the same (who did what to what, and when), the event counts as delivered.
An LRS that is away, busy or does not know our credentials is tried again later. So is one that says yes in words that are not xAPI (a proxy's page,
say); said `ATTEMPTS_AT_A_GARBLED_ANSWER` times, the LRS is asked for each statement, and those it does not have are refused.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp

from server.publish.cloudevents import CloudEvent
from server.publish.sink import Later, Refused
from server.publish.sinks import http
from server.publish.xapi import VERSION, Statement, statement_of

TIMEOUT_S = 30.0
_SPLIT = frozenset({400, 409, 413, 422})
_MAX_REASON_CHARS = 300
ATTEMPTS_AT_A_GARBLED_ANSWER = 3
_MAX_GARBLED_KEPT = 1_000


class XapiSink(http.HttpSink):
    """`endpoint` is the LRS's base URL, to which `/statements` is added; `authorization` is the whole header's value."""

    max_batch = 50
    lanes = 4
    give_up_after_ms = None

    def __init__(
        self,
        name: str,
        endpoint: str,
        authorization: str,
        *,
        allow_private_addresses: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        super().__init__(name, allow_private_addresses=allow_private_addresses, timeout_s=timeout_s)
        self._url = endpoint.rstrip("/") + "/statements"
        self._headers = {"Authorization": authorization, "X-Experience-API-Version": VERSION, "User-Agent": "Atelier"}
        self._garbled: dict[str, int] = {}
        """First statement of a batch → how often the answer to it could not be read."""

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        statements = [(index, made) for index, event in enumerate(events) if (made := statement_of(event)) is not None]
        await self._store(statements)

    async def _store(self, statements: list[tuple[int, Statement]]) -> None:
        """Store statements, each with the index of its event in the batch."""
        if not statements:
            return
        delivered = statements[0][0]
        status, answer, retry_after = await self._post([statement for _, statement in statements], delivered)
        taken = 200 <= status < 300
        if taken and not _is_json(answer):
            await self._look_up(statements, delivered)
            return
        if taken and _all_stored(answer, statements):
            self._garbled.pop(statements[0][1]["id"], None)
            return
        if not taken and status not in _SPLIT:
            reason = f"the LRS answered {status}"
            raise Later(reason, delivered=delivered, retry_after_s=http.seconds(retry_after))
        if len(statements) > 1:
            half = len(statements) // 2
            await self._store(statements[:half])
            await self._store(statements[half:])
            return
        statement = statements[0][1]
        if status == 409 or taken:
            stored = await self._fetch(statement["id"], delivered)
            if stored is not None and _says_the_same(stored, statement):
                return
        if status == 409:
            raise Refused("the LRS has another statement of this id", delivered=delivered)
        raise Refused(f"the LRS answered {status}: {_reason(answer)}", delivered=delivered)

    async def _look_up(self, statements: list[tuple[int, Statement]], delivered: int) -> None:
        """The answer was yes, and nothing that says to what: ask again a few times, then for each statement."""
        first = statements[0][1]["id"]
        times = self._garbled.pop(first, 0) + 1
        if times < ATTEMPTS_AT_A_GARBLED_ANSWER:
            self._garbled[first] = times
            while len(self._garbled) > _MAX_GARBLED_KEPT:
                del self._garbled[next(iter(self._garbled))]
            raise Later("the LRS answered with something that is not JSON", delivered=delivered)
        for index, statement in statements:
            stored = await self._fetch(statement["id"], index)
            if stored is None or not _says_the_same(stored, statement):
                raise Refused("the LRS says that it took the statement, and does not have it", delivered=index)

    async def _post(self, statements: list[Statement], delivered: int) -> tuple[int, bytes, str | None]:
        body = json.dumps(statements, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        return await self._call("POST", delivered, data=body, headers=headers)

    async def _fetch(self, statement_id: str, delivered: int) -> Statement | None:
        status, answer, retry_after = await self._call(
            "GET", delivered, params={"statementId": statement_id}, headers=self._headers
        )
        if status != 200:
            if status == 404:
                return None
            reason = f"the LRS answered {status} when asked for a statement that it has"
            raise Later(reason, delivered=delivered, retry_after_s=http.seconds(retry_after))
        try:
            stored = json.loads(answer)
        except ValueError:
            raise Later("the LRS answered with something that is not JSON", delivered=delivered) from None
        if isinstance(stored, dict) and isinstance(stored.get("statements"), list):
            stored = next(iter(stored["statements"]), None)  # some answer with a list of one
        return stored if isinstance(stored, dict) else None

    async def probe(self) -> int:
        """The status with which the LRS answers a look at it. Raises aiohttp.ClientError or OSError where it does not answer."""
        assert self._http is not None, "probe before open"
        async with self._http.get(self._url, params={"limit": "1"}, allow_redirects=False) as answer:
            return answer.status

    async def _call(self, method: str, delivered: int, **options: Any) -> tuple[int, bytes, str | None]:
        assert self._http is not None, "deliver before open"
        try:
            async with self._http.request(method, self._url, allow_redirects=False, **options) as answer:
                body = await answer.content.read(http.MAX_ANSWER_BYTES)
                while len(body) < http.MAX_ANSWER_BYTES and (more := await answer.content.read(http.MAX_ANSWER_BYTES)):
                    body += more
                return answer.status, body, answer.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise Later(http.plain(error), delivered=delivered) from error


def _all_stored(answer: bytes, statements: list[tuple[int, Statement]]) -> bool:
    """Whether a positive answer means all of them. xAPI wants the list of ids, or nothing; some LRSs answer with a report instead."""
    said = json.loads(answer) if answer.strip() else None
    if isinstance(said, list):
        return {statement["id"] for _, statement in statements} <= set(map(str, said))
    return not (isinstance(said, dict) and (said.get("errors") or said.get("rejected")))


def _is_json(answer: bytes) -> bool:
    """Nothing at all counts, too."""
    try:
        json.loads(answer.strip() or b"null")
    except ValueError:
        return False
    return True


def _says_the_same(stored: Statement, ours: Statement) -> bool:
    """Whether a stored statement is ours: who, what, to what, when. What an LRS may add or rewrite is left out of the comparison."""
    try:
        return (
            stored["actor"]["account"] == ours["actor"]["account"]
            and stored["verb"]["id"] == ours["verb"]["id"]
            and stored["object"]["id"] == ours["object"]["id"]
            and _time(stored["timestamp"]) == _time(ours["timestamp"])
        )
    except (KeyError, TypeError, ValueError):
        return False


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _reason(answer: bytes) -> str:
    """The beginning of what the LRS said, on one line."""
    return " ".join(answer.decode(errors="replace").split())[:_MAX_REASON_CHARS]
