"""`atelier bots`: the command. What bots need (encoders, media) is imported when they run, so that no other command waits for it."""

import argparse
import sys


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.description = (
        "Synthetic participants, for rehearsals, demonstrations and load. They vote in every poll after some seconds."
    )
    parser.add_argument("--url", required=True, help="the link for learners, as people get it (an invite)")
    parser.add_argument("-n", type=int, default=10, metavar="COUNT", help="how many (default 10)")
    parser.add_argument("--seconds", type=float, help="leave so long after all are in; until interrupted if left out")
    parser.add_argument("--speak", action="store_true", help="speak in turns; silent microphones otherwise")
    parser.add_argument("--video", action="store_true", help="send a moving picture")
    parser.add_argument("--seed", type=int, default=1, help="draws who speaks when and how they vote (default 1)")


def run(arguments: argparse.Namespace) -> None:
    """Run the command; ends with status 1 where no bot got in."""
    import uvloop

    from server.bots.crowd import crowd

    sys.exit(uvloop.run(crowd(arguments)))
