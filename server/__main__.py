"""`atelier`: serve, demo, token, schema, rehearse, bots, nodes, drain, move, sinks, dead-letters, replay, erase, audit."""

import argparse
import asyncio
import json
import re
import signal
import sys
import time
from pathlib import Path
from typing import get_args

import uvloop
from pydantic import ValidationError

from rooms.commands.workshop import CreateWorkshop
from rooms.ids import ParticipantId, WorkshopId
from rooms.roles import Role
from server import config, keys, pauses
from server.api.issuing import claims_of
from server.api.models import TokenRequest
from server.auth import ID_PATTERN, Claims, Tokens
from server.bots import cli as bots_cli
from server.cluster import cli as cluster_cli
from server.cluster import local
from server.cluster.registry import NameTaken
from server.journal.port import JournalError
from server.observe import configure_logging
from server.publish import cli as publish_cli
from server.refusals import Refusal, explain
from server.rehearsal import cli as rehearsal_cli
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
    if arguments.command == "rehearse":
        sys.exit(rehearsal_cli.run(arguments))
    for cli in (publish_cli, cluster_cli):
        if arguments.command in cli.COMMANDS:
            cli.run(arguments)
            return
    if arguments.command == "bots":
        bots_cli.run(arguments)
        return
    try:
        settings = _settings(arguments)
        if arguments.command == "token":
            _print_token(arguments, settings)
            return
        configure_logging(settings.log_level)
        nodes = getattr(arguments, "nodes", None)
        if nodes is not None and nodes > 1:
            uvloop.run(local.serve(settings, nodes, _without_ports(sys.argv[2:])))
            return
        uvloop.run(_serve(settings, demo=arguments.command == "demo"))
    except config.ConfigRefused as error:
        sys.exit(f"atelier: {error}")


def _settings(arguments: argparse.Namespace) -> config.Settings:
    names = ("host", "port", "udp_port", "data_dir", "store", "public_ip", "public_url")
    return config.load(arguments.config, **{name: getattr(arguments, name, None) for name in names})


def _without_ports(arguments: list[str]) -> list[str]:
    """The arguments of `serve` for each of several nodes: without what every one has its own of."""
    own, kept, skip = ("--nodes", "--port", "--udp-port", "--data-dir"), list[str](), False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in own:
            skip = True
        elif not argument.startswith(tuple(f"{name}=" for name in own)):
            kept.append(argument)
    return kept


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="atelier", description="A real-time virtual workshop and breakout server.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("schema", help="print the JSON Schema of the socket's messages")
    publish_cli.add_parsers(commands)
    rehearsal_cli.add_parser(commands)
    cluster_cli.add_parsers(commands)
    for name, text in (
        ("serve", "run a node"),
        ("demo", "run a node with a demo workshop and print its links"),
    ):
        sub = commands.add_parser(name, help=text)
        _add_configuration(sub)
        sub.add_argument("--host", help="address to listen on (default 127.0.0.1)")
        sub.add_argument("--port", type=int, help="TCP port (default 8080; 0 takes a free one)")
        sub.add_argument("--udp-port", type=int, help="the one UDP port for media (default 3478; 0 takes a free one)")
        sub.add_argument(
            "--public-ip", action="append", help="address that browsers reach the UDP port by; may be repeated"
        )
        if name == "serve":
            sub.add_argument(
                "--nodes",
                type=int,
                help="run so many nodes, on consecutive ports, one for each core; needs a Redis store",
            )
        sub.add_argument("--store", help="`sqlite` (the default), or redis://host:port/db for many nodes")
        sub.add_argument("--public-url", help="what links begin with, behind a proxy")
    bots_cli.add_parser(commands.add_parser("bots", help="send synthetic participants into a workshop"))
    _add_token(commands.add_parser("token", help="print a token for one person, or an invite for many"))
    return parser


def _add_configuration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="YAML file; environment variables ATELIER_… go before it")
    parser.add_argument("--data-dir", type=Path, help="where the journal is kept (default .atelier)")


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Signs with the secret of the configuration or of the data directory; no server need run. "
        "Without --participant-id it is an invite, by which anybody who holds it becomes a new person."
    )
    _add_configuration(parser)
    parser.add_argument("workshop", help="the workshop's id; it is not checked")
    parser.add_argument("--role", required=True, choices=get_args(Role))
    parser.add_argument("--name", help="the person's name; needed with --participant-id")
    parser.add_argument("--participant-id", help="the person")
    parser.add_argument("--external-id", help="what other systems call the person; matches rosters")
    parser.add_argument("--email", help="the person's address; matches rosters")
    parser.add_argument("--expires-in-s", type=int, help="life of the token in seconds (default 86400)")


def _print_token(arguments: argparse.Namespace, settings: config.Settings) -> None:
    """Print the token; end with a sentence where it cannot be made."""
    secret = keys.known(settings, "token_secret")
    if secret is None:
        where = f"configure one (ATELIER_TOKEN_SECRET), or start a server on {settings.data_dir} first"
        sys.exit(f"atelier: there is no secret to sign with; {where}.")
    fields = ("role", "name", "participant_id", "external_id", "email", "expires_in_s")
    given = {field: value for field in fields if (value := getattr(arguments, field)) is not None}
    if not re.fullmatch(ID_PATTERN, arguments.workshop):
        sys.exit("atelier: workshop: an id has 1 to 64 letters, digits, `_`, `-` or `.`.")
    try:
        claims = claims_of(
            TokenRequest.model_validate(given),
            WorkshopId(arguments.workshop),
            now_s=int(time.time()),
            max_life_s=settings.limits.max_tokens_s,
        )
    except ValidationError as error:
        sys.exit(f"atelier: {explain(error)}")
    except Refusal as refusal:
        sys.exit(f"atelier: {refusal.message}")
    print(Tokens(secret).sign(claims))


async def _serve(settings: config.Settings, *, demo: bool) -> None:
    from server.app import Node  # imported late: `atelier schema` must not need what a node needs

    try:
        node = Node(settings)
    except OSError as error:
        sys.exit(f"atelier: the data directory {settings.data_dir} cannot be used: {error.strerror or error}.")
    try:
        await node.start()
    except JournalError as error:
        hint = " Is another server running on this data directory? Choose another --data-dir."
        sys.exit(f"atelier: {error}.{hint if settings.store == 'sqlite' else ''}")
    except NameTaken as error:
        sys.exit(f"atelier: {error}; choose another cluster.node.")
    except OSError as error:
        sys.exit(f"atelier: cannot listen: {error.strerror or error}. Choose another --port or --udp-port.")
    if demo:
        await _print_demo(node)
    pauses.shorten()
    collector = pauses.Collector(lambda: node.gateway.sockets)
    await collector.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    stop.clear()
    # Asked once, the workshops are handed over first; asked twice, it ends now.
    drained, hurried = asyncio.create_task(node.drain()), asyncio.create_task(stop.wait())
    await asyncio.wait([drained, hurried], return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    drained.cancel()
    await asyncio.wait([drained, hurried])
    await collector.close()
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
