"""`atelier rehearse FILE`. Exit status: 0 nothing serious, 1 something serious, 2 the file or the arguments are wrong.

What it needs is imported when it runs (`server.__main__`).
"""

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import Any, NoReturn

MAX_LEARNERS = 1_000


def add_parser(commands: Any) -> None:
    """Add the sub-command to an `argparse` sub-parsers object."""
    parser = commands.add_parser(
        "rehearse",
        help="play a run sheet with simulated learners and say what would go wrong",
        description=(
            "Plays a run sheet in virtual time, with learners who come late, drop out, come back, are slow and give wrong "
            "answers. The exit status is 1 when something serious was found, 2 when the sheet cannot be read."
        ),
    )
    parser.add_argument(
        "file", type=Path, help="the run sheet, YAML or (*.json) JSON; see deploy/run-sheet.example.yaml"
    )
    parser.add_argument("--learners", type=_number, help="how many (default 24, or as many as the roster has)")
    parser.add_argument("--seed", type=int, help="the same seed plays the same workshop (default: drawn, and printed)")
    for name, share, text in (
        ("late", 0.1, "share of the learners who come late, 0 to 1"),
        ("dropout", 0.1, "share who lose the connection; half of them come back"),
        ("slow", 0.1, "share who take more than twice the time"),
        ("absent", 0.0, "share who never come"),
    ):
        parser.add_argument(f"--{name}", type=_share, default=share, help=f"{text} (default {share})")
    parser.add_argument("--roster", type=Path, help="CSV or JSON of those expected, with their rooms and attributes")
    parser.add_argument("--length", type=_time, help="how long it may take, like `2 h`")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Rehearse, print the report; the exit status."""
    from rooms.errors import Rejected
    from rooms.roster import read_roster
    from server.agenda.reading import read_json, read_yaml
    from server.agenda.tree import SheetInvalid
    from server.rehearsal.people import Cast
    from server.rehearsal.play import as_json, as_text, rehearse

    roster = "" if arguments.roster is None else _read(arguments.roster).decode("utf-8-sig", errors="replace")
    try:
        read = read_json if arguments.file.suffix == ".json" else read_yaml
        sheet = read(_read(arguments.file))
        expected = len(read_roster(roster)) if roster else 0
    except SheetInvalid as invalid:
        return _wrong(f"{arguments.file}:\n{invalid}")
    except Rejected as refused:
        return _wrong(f"{arguments.roster}: {refused.message}")
    if not sheet.steps:
        return _wrong(f"{arguments.file} has no steps")
    cast = Cast(
        learners=arguments.learners or expected or 24,
        late=arguments.late,
        dropout=arguments.dropout,
        slow=arguments.slow,
        absent=arguments.absent,
    )
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    report = rehearse(sheet, cast, seed, roster=roster, length_ms=arguments.length)
    print(json.dumps(as_json(report), indent=2) if arguments.json else as_text(report))
    return 1 if report.serious else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        print(f"atelier: {path} cannot be read: {error.strerror}.", file=sys.stderr)
        raise SystemExit(2) from None


def _wrong(message: str) -> int:
    print(f"atelier: {message}", file=sys.stderr)
    return 2


def _refuse(text: str) -> NoReturn:
    raise argparse.ArgumentTypeError(text)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and 1 <= int(text) <= MAX_LEARNERS else _refuse(f"1 to {MAX_LEARNERS}")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    return share if 0 <= share <= 1 else _refuse("a share from 0 to 1")


def _time(text: str) -> int:
    from server.agenda import durations

    return durations.parsed(text) or _refuse(durations.EXPECTED)
