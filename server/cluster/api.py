"""The nodes over HTTP: which there are, draining one, moving a workshop."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web
from pydantic import Field

from rooms.ids import WorkshopId
from server.api.models import Body
from server.api.routes import Route, json_answer, parsed_body
from server.cluster.member import Member
from server.cluster.registry import NodeInfo
from server.refusals import Refusal

GATHER_S = 5.0
STEADY_S = 1.0


class NodeAnswer(Body):
    name: str
    url: str = Field(description="Where browsers reach it.")
    here: bool = Field(description="Whether this node answers.")
    load: float = Field(description="0 (idle) to 1 (full).")
    workshops: int
    sockets: int
    draining: bool
    version: str


class NodesAnswer(Body):
    nodes: list[NodeAnswer]


class MoveRequest(Body):
    to: str | None = Field(default=None, description="The node's name; the least loaded other one if left out.")


class MoveAnswer(Body):
    node: str
    url: str


class ExpectRequest(Body):
    sockets: int = Field(default=0, ge=0, description="Answer when so many wait here, or no more come.")


class ExpectAnswer(Body):
    sockets: int = Field(description="Those that wait here for the workshop.")


class ClusterApi:
    """`require_key` raises the refusal for a request without the API key."""

    def __init__(self, member: Member, require_key: Callable[[web.Request], None]) -> None:
        self._member = member
        self._require_key = require_key

    def routes(self) -> tuple[Route, ...]:
        node = "/api/nodes/{node}"
        move = "/api/workshops/{workshop_id}/move"
        return (
            Route("GET", "/api/nodes", "The nodes, and how busy each is", self.nodes, NodesAnswer),
            Route("GET", node, "One node; `here` for the one that answers", self.node, NodeAnswer),
            Route("POST", f"{node}/drain", "Hand its workshops over, take no more", self.drain, NodeAnswer, status=202),
            Route("POST", move, "Hand one workshop to another node", self.move, MoveAnswer, MoveRequest),
            Route(
                *(
                    "POST",
                    "/api/workshops/{workshop_id}/expect",
                    "Of one node to another: it will be yours",
                    self.expect,
                ),
                *(ExpectAnswer, ExpectRequest),
            ),
            Route(
                "POST",
                "/api/workshops/{workshop_id}/arrive",
                "Of one node to another: take it now",
                self.arrive,
                MoveAnswer,
            ),
        )

    async def nodes(self, request: web.Request) -> web.Response:
        self._require_key(request)
        return json_answer(NodesAnswer(nodes=[self._told(each) for each in self._member.registry.nodes]))

    async def node(self, request: web.Request) -> web.StreamResponse:
        self._require_key(request)
        node = self._named(request)
        if node.name != self._member.name:
            return await self._member.passing.pass_on(request, node.internal_url)
        return json_answer(self._told(self._member.describe()))

    async def drain(self, request: web.Request) -> web.StreamResponse:
        self._require_key(request)
        node = self._named(request)
        if node.name != self._member.name:
            return await self._member.passing.pass_on(request, node.internal_url)
        self._member.handover.drain()
        return json_answer(self._told(self._member.describe()), status=202)

    async def move(self, request: web.Request) -> web.Response:
        self._require_key(request)
        body = await parsed_body(request, MoveRequest)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        await self._member.workshops.get(workshop_id)  # it is this node's, or the call goes where it is
        if body.to == self._member.name:
            me = self._member.describe()
            return json_answer(MoveAnswer(node=me.name, url=me.url))
        target = await self._member.handover.move(workshop_id, body.to)
        return json_answer(MoveAnswer(node=target.name, url=target.url))

    async def expect(self, request: web.Request) -> web.Response:
        """Read the workshop ahead, and keep those who come for it until it is here."""
        self._require_key(request)
        body = await parsed_body(request, ExpectRequest)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        member = self._member
        if workshop_id not in member.arrivals:
            await member.workshops.warm(workshop_id)
            member.arrivals.expect(workshop_id)
        waiting = await until_steady(lambda: member.gateway.moving.connected(workshop_id), body.sockets)
        return json_answer(ExpectAnswer(sockets=waiting))

    async def arrive(self, request: web.Request) -> web.Response:
        self._require_key(request)
        workshop_id = WorkshopId(request.match_info["workshop_id"])
        try:
            await self._member.workshops.get(workshop_id)
        finally:
            self._member.arrivals.arrived(workshop_id)
        me = self._member.describe()
        return json_answer(MoveAnswer(node=me.name, url=me.url))

    def _named(self, request: web.Request) -> NodeInfo:
        name = request.match_info["node"]
        node = self._member.describe() if name in ("here", self._member.name) else self._member.registry.find(name)
        if node is None:
            raise Refusal("node_unknown", "There is no node of that name now.")
        return node

    def _told(self, node: NodeInfo) -> NodeAnswer:
        return NodeAnswer(
            name=node.name,
            url=node.url,
            here=node.name == self._member.name,
            load=round(node.load, 3),
            workshops=node.workshops,
            sockets=node.sockets,
            draining=node.draining,
            version=node.version,
        )


async def until_steady(count: Callable[[], int], wanted: int) -> int:
    """What is counted, once it is `wanted` or has not grown for `STEADY_S`, and in any case after `GATHER_S`."""
    end_s = time.monotonic() + GATHER_S
    seen, grown_s = count(), time.monotonic()
    while seen < wanted and time.monotonic() < min(end_s, grown_s + STEADY_S):
        await asyncio.sleep(0.02)
        if (now := count()) > seen:
            seen, grown_s = now, time.monotonic()
    return seen
