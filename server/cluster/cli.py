"""`atelier nodes`, `drain`, `move`: the running nodes from the command line, through the HTTP API of any of them."""

import argparse
import asyncio
import sys
import time
from typing import Any
from urllib.parse import quote

from server.remote import Remote, add_options, remote

COMMANDS = ("nodes", "drain", "move")
POLL_S = 0.5


def add_parsers(commands: Any) -> None:
    """Add the sub-commands to an `argparse` sub-parsers object."""
    nodes = commands.add_parser("nodes", help="the nodes, and how busy each is")
    drain = commands.add_parser("drain", help="have a node hand its workshops over, and wait until it has")
    drain.add_argument("node", nargs="?", default="here", help="its name; the one at --url if left out")
    drain.add_argument("--within-s", type=float, default=60, help="give up waiting after this (default %(default)s)")
    move = commands.add_parser("move", help="hand one workshop to another node")
    move.add_argument("workshop")
    move.add_argument("--to", help="the node's name; the least loaded other one if left out")
    for parser in (nodes, drain, move):
        add_options(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out one of `COMMANDS`."""
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    async with remote(arguments) as server:
        match arguments.command:
            case "nodes":
                for node in (await server.call("GET", "/api/nodes"))["nodes"]:
                    state = "draining" if node["draining"] else f"{node['load']:.0%} busy"
                    print(
                        f"{node['name']:20} {state:>12} {node['workshops']:>6} workshops {node['sockets']:>7} sockets"
                        f"  {node['version']:8} {node['url']}"
                    )
            case "drain":
                await _drain(server, arguments.node, arguments.within_s)
            case "move":
                path = f"/api/workshops/{quote(arguments.workshop)}/move"
                moved = await server.call("POST", path, {"to": arguments.to})
                print(f"{arguments.workshop} is at {moved['node']} now: {moved['url']}")


async def _drain(server: Remote, node: str, within_s: float) -> None:
    told = await server.call("POST", f"/api/nodes/{quote(node)}/drain")
    path = f"/api/nodes/{quote(told['name'])}"
    deadline_s = time.monotonic() + within_s
    while told["workshops"] or told["sockets"]:
        if time.monotonic() > deadline_s:
            sys.exit(f"atelier: {told['name']} still has {told['workshops']} workshops and {told['sockets']} sockets.")
        await asyncio.sleep(POLL_S)
        told = await server.call("GET", path)
    print(f"{told['name']} is empty.")
