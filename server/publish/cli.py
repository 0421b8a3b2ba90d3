"""`atelier sinks`, `dead-letters`, `replay`, `erase`, `audit`: the running server's record from the command line, through its HTTP API."""

import argparse
import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from server.remote import Remote, add_options, remote

COMMANDS = ("sinks", "dead-letters", "replay", "erase", "audit")


def add_parsers(commands: Any) -> None:
    """Add the sub-commands to an `argparse` sub-parsers object."""
    sinks = commands.add_parser("sinks", help="where events are delivered, and how far behind each is")
    sinks.add_argument("--enable", metavar="SINK", help="deliver (again) now")
    dead = commands.add_parser("dead-letters", help="events that a sink would not take: look, retry, forget")
    dead.add_argument("sink")
    dead.add_argument("--show", type=int, metavar="REF", help="print the event")
    dead.add_argument("--retry", metavar="REF", help="deliver it now; `all` for every one")
    dead.add_argument("--forget", type=int, metavar="REF", help="take it off the list")
    replay = commands.add_parser("replay", help="deliver everything again; the ids are the same")
    replay.add_argument("--sink", required=True)
    replay.add_argument("--workshop", help="only this one")
    replay.add_argument(
        "--from",
        dest="from_ms",
        type=_unix_ms,
        metavar="TIME",
        help="only what happened then and later, like 2026-05-31T14:00:00Z (without a zone: UTC); everything if left out",
    )
    erase = commands.add_parser("erase", help="forget a person: name, address and texts, for good")
    erase.add_argument("--workshop", required=True)
    erase.add_argument("--person", required=True, help="the participant's id, or a roster entry's")
    audit = commands.add_parser("audit", help="who exported, erased, replayed or deleted what")
    audit.add_argument("--workshop", help="only this one")
    for parser in (sinks, dead, replay, erase, audit):
        add_options(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out one of `COMMANDS`."""
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    async with remote(arguments) as server:
        match arguments.command:
            case "sinks":
                await _sinks(server, arguments)
            case "dead-letters":
                await _dead_letters(server, arguments)
            case "replay":
                asked = {"workshop_id": arguments.workshop, "from_ms": arguments.from_ms}
                await server.call("POST", f"/api/sinks/{arguments.sink}/replay", asked)
                print("It is being delivered again.")
            case "erase":
                path = (
                    f"/api/workshops/{quote(arguments.workshop)}/participants/{quote(arguments.person)}/personal-data"
                )
                print(f"Erased (seq {(await server.call('DELETE', path))['seq']}).")
            case "audit":
                await _audit(server, arguments)


def _unix_ms(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
        return max(0, int(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time like 2026-05-31T14:00:00Z") from None


async def _sinks(server: Remote, arguments: argparse.Namespace) -> None:
    if arguments.enable is not None:
        await server.call("POST", f"/api/sinks/{arguments.enable}/enable")
    for sink in (await server.call("GET", "/api/sinks"))["sinks"]:
        state = (
            f"disabled: {sink['disabled']}" if sink["disabled"] else "failing" if sink["failing_since_ms"] else "well"
        )
        print(f"{sink['name']:20} {sink['lag_events']:>9} behind {sink['dead_letters']:>6} dead  {state}")


async def _audit(server: Remote, arguments: argparse.Namespace) -> None:
    of = "" if arguments.workshop is None else f"&workshop_id={quote(arguments.workshop)}"
    after = 0
    while entries := (await server.call("GET", f"/api/audit?after={after}{of}"))["entries"]:
        for entry in entries:
            after = entry["ref"]
            when = datetime.fromtimestamp(entry["at_ms"] / 1000, UTC).isoformat(timespec="seconds")
            detail = " ".join(f"{name}={value}" for name, value in entry["detail"].items() if value is not None)
            words = (entry["action"], f"by {entry['actor']}", entry["workshop_id"], entry["subject"], detail)
            print(f"{after:>8}  {when}  " + "  ".join(word for word in words if word))


async def _dead_letters(server: Remote, arguments: argparse.Namespace) -> None:
    path = f"/api/sinks/{arguments.sink}/dead-letters"
    if arguments.show is not None:
        print(json.dumps(await server.call("GET", f"{path}/{arguments.show}"), indent=2, ensure_ascii=False))
    elif arguments.forget is not None:
        await server.call("DELETE", f"{path}/{arguments.forget}")
    elif arguments.retry is not None and arguments.retry != "all":
        await server.call("POST", f"{path}/{arguments.retry}/retry")
    else:
        after = 0
        while letters := (await server.call("GET", f"{path}?after={after}"))["dead_letters"]:
            for letter in letters:
                after = letter["ref"]
                if arguments.retry == "all":
                    await server.call("POST", f"{path}/{after}/retry")
                else:
                    print(f"{after:>8}  {letter['event_id']}  {letter['workshop_id']}  {letter['reason']}")
