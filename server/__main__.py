"""`atelier`: serve, demo, token, schema."""

import argparse
import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import uvloop

from rooms.commands.workshop import CreateWorkshop
from rooms.ids import ParticipantId, WorkshopId
from server import config
from server.auth import Claims
from server.journal.port import JournalError
from server.observe import configure_logging
from server.schema import json_schema
from server.workshops import UnknownWorkshop

DEMO = WorkshopId("demo")
DEMO_TOKENS_S = 7 * 24 * 3600


def main() -> None:
    """Entry point of the installed command."""
    arguments = _parser().parse_args()
    if arguments.command == "schema":
        print(json.dumps(json_schema(), indent=2))
        return
    try:
        settings = config.load(
            arguments.config,
            host=arguments.host,
            port=arguments.port,
            udp_port=arguments.udp_port,
            data_dir=arguments.data_dir,
            public_ip=arguments.public_ip or None,
            public_url=arguments.public_url,
        )
    except config.ConfigRefused as error:
        sys.exit(f"atelier: {error}")
    configure_logging(settings.log_level)
    uvloop.run(_serve(settings, demo=arguments.command == "demo"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="atelier", description="A real-time virtual workshop and breakout server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("schema", help="print the JSON Schema of the socket's messages")
    for name, text in (
        ("serve", "run a node"),
        ("demo", "run a node with a demo workshop and print its links"),
    ):
        sub = commands.add_parser(name, help=text)
        sub.add_argument("--config", type=Path, help="YAML file; environment variables ATELIER_… go before it")
        sub.add_argument("--host", help="address to listen on (default 127.0.0.1)")
        sub.add_argument("--port", type=int, help="TCP port (default 8080; 0 takes a free one)")
        sub.add_argument("--udp-port", type=int, help="the one UDP port for media (default 3478; 0 takes a free one)")
        sub.add_argument("--data-dir", type=Path, help="where the journal is kept (default .atelier)")
        sub.add_argument(
            "--public-ip", action="append", help="address that browsers reach the UDP port by; may be repeated"
        )
        sub.add_argument("--public-url", help="what links begin with, behind a proxy")
    return parser


async def _serve(settings: config.Settings, *, demo: bool) -> None:
    from server.app import Node  # imported late: `atelier schema` must not need what a node needs

    node = Node(settings)
    try:
        await node.start()
    except JournalError as error:
        sys.exit(f"atelier: {error}. Is another server running on this data directory? Choose another --data-dir.")
    except OSError as error:
        sys.exit(f"atelier: cannot listen: {error.strerror or error}. Choose another --port or --udp-port.")
    if demo:
        await _print_demo(node)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    await node.stop()


async def _print_demo(node: "Node") -> None:  # type: ignore[name-defined]  # noqa: F821
    """The demo workshop's links; the workshop is made once and then found again, with everything in it."""
    workshop_id = DEMO
    try:
        actor = await node.workshops.get(workshop_id)
        if actor.state.status == "closed":
            workshop_id = WorkshopId(f"demo-{int(time.time())}")
            raise UnknownWorkshop(workshop_id)
    except UnknownWorkshop:
        await node.workshops.create(
            CreateWorkshop(workshop_id=workshop_id, title="Demo workshop"), f"create:{workshop_id}"
        )
    expires_at = int(time.time()) + DEMO_TOKENS_S
    facilitator = Claims(
        kind="participant",
        workshop_id=workshop_id,
        role="facilitator",
        participant_id=ParticipantId("facilitator"),
        name="Facilitator",
        expires_at=expires_at,
    )
    learners = Claims(
        kind="invite", workshop_id=workshop_id, role="learner", participant_id=None, name="", expires_at=expires_at
    )
    for label, claims in (("Facilitator", facilitator), ("Learners", learners)):
        print(f"{label + ':':13}{node.base_url}/w/{workshop_id}#t={node.tokens.sign(claims)}\n", flush=True)


if __name__ == "__main__":
    main()
