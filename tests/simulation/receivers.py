"""Receivers that go up and down and answer badly for a while: a webhook receiver and an LRS, in this process.

They are no part of ours: what they hold at the end is what was delivered. While `bad`, they answer, drawn anew for every request,
500 or 429, hang up, are slow, or take what they were given and say that they did not.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

SECRET = "whsec_" + "Q2hhb3NDaGFvc0NoYW9zQ2hhb3NDaGFvc0NoYW9zISE="


class Misbehaving:
    """`received` has everything that was taken, repetitions too, in the order it came."""

    def __init__(self, draw: random.Random) -> None:
        self.bad = False
        self.received: list[dict[str, Any]] = []
        self.url = ""
        self._draw = draw

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        answer = await self.answer(request)
        if not self.bad or request.method != "POST":
            return answer
        match self._draw.choice(("fine", "slow", "lost", "hang up")):
            case "slow":
                await asyncio.sleep(self._draw.uniform(0, 1))
            case "lost":
                return web.Response(status=self._draw.choice((500, 502, 503)))
            case "hang up" if request.transport is not None:
                request.transport.close()
        return answer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError

    def refuses(self) -> web.Response | None:
        """Before anything is taken."""
        if self.bad and self._draw.random() < 0.5:
            return web.Response(status=self._draw.choice((500, 503, 429)), headers={"Retry-After": "1"})
        return None


class Webhooks(Misbehaving):
    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if (refusal := self.refuses()) is not None:
            return refusal
        self.received.append(json.loads(body))
        return web.Response(status=204)


class Store(Misbehaving):
    """An LRS, as far as xAPI 1.0.3 is needed here: statements by id, 409 on an id that is there, nothing changed then."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__(draw)
        self.statements: dict[str, dict[str, Any]] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            found = self.statements.get(request.query.get("statementId", ""))
            return web.Response(status=404) if found is None else web.json_response(found)
        given = await request.json()
        if (refusal := self.refuses()) is not None:
            return refusal
        if any(each["id"] in self.statements for each in given):
            return web.Response(status=409)
        if self.bad and len(given) > 1 and self._draw.random() < 0.3:  # takes a part only, against the specification
            for each in given[: len(given) // 2]:
                self.statements[each["id"]] = each
            return web.Response(status=500)
        for each in given:
            self.statements[each["id"]] = each
        return web.json_response([each["id"] for each in given])
