"""The nodes over HTTP: which there are, draining one, moving a workshop."""

from collections.abc import Callable

from aiohttp import web
from pydantic import Field

from rooms.ids import WorkshopId
from server.api.models import Body
from server.api.routes import Route, json_answer, parsed_body
from server.cluster.member import Member
from server.cluster.registry import NodeInfo
from server.refusals import Refusal


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
