"""`atelier`: serve, demo, token, schema, rehearse, bots, nodes, drain, move, sinks, dead-letters, replay, erase, audit.

What a command needs is imported when it runs: an operator who asks a server something does not wait for all that a server is made of.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rooms.roles import Role
from server.bots import cli as bots_cli
from server.cluster import cli as cluster_cli
from server.publish import cli as publish_cli
from server.rehearsal import cli as rehearsal_cli

if TYPE_CHECKING:
    from server import config


def main() -> None:
    """Entry point of the installed command."""
    arguments = _parser().parse_args()
    if arguments.command == "schema":
        from server.schema import json_schema

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
    _configured(arguments)


def _configured(arguments: argparse.Namespace) -> None:
    """The commands that go by a server's configuration."""
    from server import config

    try:
        settings = _settings(arguments)
        if arguments.command == "token":
            from server.token_command import print_token

            print_token(arguments, settings)
        else:
            _run_nodes(arguments, settings)
    except config.ConfigRefused as error:
        sys.exit(f"atelier: {error}")


def _run_nodes(arguments: argparse.Namespace, settings: "config.Settings") -> None:
    import uvloop

    from server.observe import configure_logging

    configure_logging(settings.log_level)
    nodes = getattr(arguments, "nodes", None)
    if nodes is not None and nodes > 1:
        from server.cluster import local

        uvloop.run(local.serve(settings, nodes, _without_ports(sys.argv[2:])))
    else:
        from server.serving import serve

        uvloop.run(serve(settings, demo=arguments.command == "demo"))


def _settings(arguments: argparse.Namespace) -> "config.Settings":
    from server import config

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


if __name__ == "__main__":
    main()
