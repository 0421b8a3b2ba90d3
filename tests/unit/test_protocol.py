"""`server/PROTOCOL.md` says what is true: its examples are valid and complete, and it lists every code."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from rooms.commands import ClientCommand
from rooms.records import Record
from rooms.review_records import ReviewRecords
from server.gateway import FAREWELLS
from server.outgoing import ANSWERS, PUSHED, SAID
from server.schema import COMMANDS, Caption, Hello, MediaOffer, MediaView, React, records

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "server" / "PROTOCOL.md").read_text()
EXAMPLES = {
    name: body for _, name, body in re.findall(r"^```(jsonl?) (\S+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
}
CODE_AT = {
    "Refusal": 0,
    "Rejected": 0,
    "Unavailable": 0,
    "OfferRefused": 0,
    "TokenRefused": 0,
    "SheetRefused": 0,
    "refuse": 0,
    "_refused": 0,
    "_goodbye": 1,
    "_lost": 1,
    "parsed": 2,
}
"""Functions that take a code, and which argument it is."""
HANDED_ON = {"code", "refused.code", "rejected.code", "unavailable.code", "recorded.event.reason"}
"""Arguments that hold a code which stands as a literal somewhere else."""


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def codes_in(path: Path) -> Iterator[str]:
    """The codes that a module refuses with; a varying beginning is written as `…`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or called(node) not in CODE_AT or len(node.args) <= CODE_AT[called(node)]:
            continue
        match node.args[CODE_AT[called(node)]]:
            case ast.Constant(value=str(code)):
                yield code
            case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value=str(end))]):
                yield f"…{end}"
            case other:
                assert ast.unparse(other) in HANDED_ON, (
                    f"{path.name}:{node.lineno}: which code is {ast.unparse(other)}?"
                )


def codes_under(folder: str) -> set[str]:
    return {code for path in (ROOT / folder).rglob("*.py") if path.parent.name != "roster" for code in codes_in(path)}


def http_codes() -> set[str]:
    """Those that stand in the API's tables of HTTP's own errors."""
    tree = ast.parse((ROOT / "server" / "api" / "routes.py").read_text())
    tables = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    literals = [
        value
        for table in tables
        for each in (*table.keys, *table.values)
        if isinstance(each, ast.Constant)
        for value in [each.value]
    ]
    return {value for value in literals if isinstance(value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", value)}


def test_every_code_of_the_server_is_listed() -> None:
    told = set(re.findall(r"`([a-z_]+)`", TEXT))
    codes = codes_under("server") | set(FAREWELLS) | http_codes()
    assert len(codes) > 50
    assert codes - told == set(), "add these to the table in server/PROTOCOL.md"


def test_the_table_lists_nothing_that_is_not_there() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE)
    assert rows == sorted(set(rows))
    everything = (
        codes_under("server") | codes_under("rooms") | set(FAREWELLS) | http_codes() | {"http_error", "malformed"}
    )
    assert set(rows) - everything == set()


def test_every_code_of_the_rules_is_listed() -> None:
    told = set(re.findall(r"`([a-z_…]+)`", TEXT))
    assert codes_under("rooms") - told == set(), "add these to the last list of section 6 in server/PROTOCOL.md"


def test_the_examples_are_what_the_server_takes() -> None:
    models: dict[str, type[BaseModel]] = {
        "hello": Hello,
        "media.offer": MediaOffer,
        "media.view": MediaView,
        "react": React,
        "caption": Caption,
    }
    for name, model in models.items():
        model.model_validate_json(EXAMPLES[name])
    command = json.loads(EXAMPLES["command"])
    assert command.pop("id")
    COMMANDS.validate_python(command)


def test_the_examples_are_what_the_server_sends() -> None:
    shapes = {
        **{name: PUSHED[name] for name in ("changes", "signals", "goodbye")},
        "hello_ack": ANSWERS["hello"],
        "clock_ack": ANSWERS["clock"],
        "ack": ANSWERS["command"],
        "refusal": ANSWERS["command"],
        "media.view_ack": ANSWERS["media.view"],
        "media.offer_ack": ANSWERS["media.offer"],
        **{name: PUSHED[name] for name in ("moved", "entries")},
    }
    for name, shape in shapes.items():
        shape.validate_json(EXAMPLES[name])
    every: Any = json.loads(EXAMPLES["signals"])
    assert set(every) == set(SAID["Signals"].json_schema()["properties"]), "show every signal"
    assert set(json.loads(EXAMPLES["connect_error"])["data"]) == {"code", "message"}


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in EXAMPLES[name].splitlines()]


def tags(union: Any, field: str) -> list[str]:
    return [member.__dataclass_fields__[field].default for member in get_args(union)]


def test_there_is_an_example_of_every_command() -> None:
    for example in lines("commands"):
        COMMANDS.validate_python(example)
    assert [example["type"] for example in lines("commands")] == tags(ClientCommand, "type")


def test_there_is_an_example_of_every_record() -> None:
    strict: TypeAdapter[Record] = records()
    for example in lines("records"):
        strict.validate_json(json.dumps(example))
    own = [kind for kind in tags(Record, "kind") if kind not in tags(ReviewRecords, "kind")]
    assert [example["kind"] for example in lines("records")] == own
