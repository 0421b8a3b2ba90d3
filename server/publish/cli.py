"""`atelier sinks`, `dead-letters`, `replay`, `erase`, `audit`: the running server's record from the command line, through its HTTP API."""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

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
    erase = commands.add_parser("erase", help="forget a person: name, address and texts, for good")
    erase.add_argument("--workshop", required=True)
    erase.add_argument("--person", required=True, help="the participant's id, or a roster entry's")
    audit = commands.add_parser("audit", help="who exported, erased, replayed or deleted what")
    audit.add_argument("--workshop", help="only this one")
    for parser in (sinks, dead, replay, erase, audit):
        parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server (default %(default)s)")
        parser.add_argument(
            "--data-dir", type=Path, default=Path(".atelier"),
            help="where the server keeps its API key, if ATELIER_API_KEY is not set (default %(default)s)",
        )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Carry out one of `COMMANDS`."""
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    path = arguments.data_dir / "api_key"
    key = os.environ.get("ATELIER_API_KEY") or (path.read_text().strip() if path.is_file() else None)
    if key is None:
        sys.exit(f"atelier: no API key: set ATELIER_API_KEY, or name the server's --data-dir ({path} is not there).")
    server = _Server(arguments.url.rstrip("/"), key)
    try:
        async with server.session:
            match arguments.command:
                case "sinks":
                    await _sinks(server, arguments)
                case "dead-letters":
                    await _dead_letters(server, arguments)
                case "replay":
                    await server.call(
                        "POST", f"/api/sinks/{arguments.sink}/replay", {"workshop_id": arguments.workshop}
                    )
                    print("It is being delivered again.")
                case "erase":
                    path = f"/api/workshops/{quote(arguments.workshop)}/participants/{quote(arguments.person)}/personal-data"
                    print(f"Erased (seq {(await server.call('DELETE', path))['seq']}).")
                case "audit":
                    await _audit(server, arguments)
    except aiohttp.ClientError as error:
        sys.exit(f"atelier: {arguments.url} does not answer: {error}")


class _Server:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self.session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, self._url + path, json=body) as answer:
            told = await answer.json(content_type=None) if answer.status != 204 else None
            if answer.status >= 400:
                sys.exit(f"atelier: {told['detail'] if isinstance(told, dict) and 'detail' in told else answer.status}")
            return told


async def _sinks(server: _Server, arguments: argparse.Namespace) -> None:
    if arguments.enable is not None:
        await server.call("POST", f"/api/sinks/{arguments.enable}/enable")
    for sink in (await server.call("GET", "/api/sinks"))["sinks"]:
        state = (
            f"disabled: {sink['disabled']}" if sink["disabled"] else "failing" if sink["failing_since_ms"] else "well"
        )
        print(f"{sink['name']:20} {sink['lag_events']:>9} behind {sink['dead_letters']:>6} dead  {state}")


async def _audit(server: _Server, arguments: argparse.Namespace) -> None:
    of = "" if arguments.workshop is None else f"&workshop_id={quote(arguments.workshop)}"
    after = 0
    while entries := (await server.call("GET", f"/api/audit?after={after}{of}"))["entries"]:
        for entry in entries:
            after = entry["ref"]
            when = datetime.fromtimestamp(entry["at_ms"] / 1000, UTC).isoformat(timespec="seconds")
            detail = " ".join(f"{name}={value}" for name, value in entry["detail"].items() if value is not None)
            words = (entry["action"], f"by {entry['actor']}", entry["workshop_id"], entry["subject"], detail)
            print(f"{after:>8}  {when}  " + "  ".join(word for word in words if word))


async def _dead_letters(server: _Server, arguments: argparse.Namespace) -> None:
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
