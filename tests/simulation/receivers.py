"""Receivers that answer badly for a while: a webhook receiver, and what stands between the server and a real LRS.

They are no part of ours: what they hold at the end is what was delivered. While `bad`, they answer, drawn anew for every request,
500 or 429, hang up, are slow, cut their answer off, or take what they were given, or a part of it, and say that they did not.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
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
        if not self.bad:
            return answer
        match self._draw.choice(("fine", "fine", "slow", "lost", "hang up", "cut off")):
            case "slow":
                await asyncio.sleep(self._draw.uniform(0, 1))
            case "lost":
                return web.Response(status=self._draw.choice((500, 502, 503)))
            case "hang up" if request.transport is not None:
                request.transport.close()
            case "cut off" if request.transport is not None:
                cut = web.StreamResponse(
                    status=answer.status, headers={"Content-Length": "100", "Content-Type": "application/json"}
                )
                await cut.prepare(request)
                await cut.write(b'["')
                request.transport.close()
                return cut
        return answer

    async def answer(self, request: web.Request) -> web.Response:
        raise NotImplementedError

    def refuses(self) -> web.Response | None:
        """Before anything is taken."""
        if self.bad and self._draw.random() < 0.5:
            return web.Response(status=self._draw.choice((500, 503, 429)), headers={"Retry-After": "1"})
        return None


class Webhooks(Misbehaving):
    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (refusal := self.refuses()) is not None:
            return refusal
        self.received.append(json.loads(body))
        return web.Response(status=204)


class Between(Misbehaving):
    """Passes on to the LRS at `upstream`, or to what that is worth while it is bad."""

    def __init__(self, draw: random.Random, upstream: str) -> None:
        super().__init__(draw)
        self._upstream = upstream
        self._http: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as self._http, super().listening():
            yield

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (refusal := self.refuses()) is not None:
            return refusal
        if request.method == "POST" and self.bad and self._draw.random() < 0.3:
            statements = json.loads(body)
            if len(statements) > 1:  # takes a part only, against the specification
                part = statements[: len(statements) // 2]
                taken = await self._pass_on(request, json.dumps(part).encode())
                # A yes must say to what: what the LRS had already it answers with nothing, which would stand for all that came here.
                return taken if self._draw.random() < 0.5 and taken.status != 204 else web.Response(status=500)
        return await self._pass_on(request, body)

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        assert self._http is not None
        kept = ("Authorization", "X-Experience-API-Version", "Content-Type")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        url = f"{self._upstream}{request.path_qs}"
        async with self._http.request(request.method, url, data=body or None, headers=headers) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type or "text/plain"
            )
