"""Golden files of the journal: what was written once must be read for ever.

`tests/vectors/events.jsonl` has a sample of every event type in every version of its shape, every field filled. `tests/vectors/journal-<n>.jsonl` are
whole workshops as the versions of their time wrote them, `journal-<n>.published.json` what was published of them.

`make golden` adds what is missing: samples of new types and versions, never another line in place of one that is there. A new journal is only written
under a number that is not taken (`python -m tests.golden --journal 3`).
"""

import argparse
import dataclasses
import json
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from rooms import codec
from rooms.events import Recorded
from rooms.ids import ParticipantId
from server.publish.narrative import Narrative, Options

VECTORS = Path(__file__).parent / "vectors"
EVENTS = VECTORS / "events.jsonl"
OPTIONS = Options(home_page="https://learn.example", names=True, chat_text=True)


def sample(hint: Any) -> Any:
    """A value of the annotated type with everything filled that can be."""
    if isinstance(hint, NewType):
        return sample(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return sample(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return args[0]
    if origin is tuple:
        return (sample(args[0]), sample(args[0]))
    if origin is dict:
        return {"key": sample(args[1])}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{field.name: sample(hints[field.name]) for field in dataclasses.fields(hint)})
    return {str: "text", int: 7, float: 0.5, bool: True}[hint]


def samples() -> list[dict[str, Any]]:
    """Every event type in its present version."""
    return [codec.encode(sample(event_type)) for _, event_type in sorted(codec.event_types().items())]


def stored_samples() -> dict[tuple[str, int], dict[str, Any]]:
    lines = EVENTS.read_text().splitlines() if EVENTS.exists() else []
    return {(each["type"], each["v"]): each for each in map(json.loads, lines)}


def add_samples() -> list[str]:
    """Returns the names of what was added."""
    stored = stored_samples()
    new = [each for each in samples() if (each["type"], each["v"]) not in stored]
    with EVENTS.open("a") as file:
        for each in new:
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
    return [f"{each['type']} version {each['v']}" for each in new]


def journals() -> list[Path]:
    return sorted(VECTORS.glob("journal-*.jsonl"))


def read_journal(path: Path) -> Iterator[Recorded]:
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        yield Recorded(**{**entry, "actor": ParticipantId(entry["actor"]), "event": codec.decode(entry["event"])})


def published(log: Sequence[Recorded]) -> list[list[str]]:
    """The id and type of everything that is told of a journal."""
    narrative = Narrative(OPTIONS)
    return [[event["id"], event["type"]] for recorded in log for event in narrative.tell(recorded)]


def write_journal(number: int) -> None:
    """A long story over all families of commands, as the present versions write it."""
    from tests.property.any_command import FAMILIES
    from tests.property.test_core import walk

    path = VECTORS / f"journal-{number}.jsonl"
    if path.exists():
        raise SystemExit(f"{path} is there; a golden journal is never written again. Choose another number.")
    log = walk(number, tuple(sorted(FAMILIES.keys() - {"workshop"})), 700).workshop.log
    with path.open("w") as file:
        for each in log:
            entry = {"seq": each.seq, "at_ms": each.at_ms, "actor": each.actor, "command_id": each.command_id}
            file.write(json.dumps({**entry, "event": codec.encode(each.event)}, ensure_ascii=False) + "\n")
    path.with_suffix(".published.json").write_text(json.dumps(published(log)) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", type=int, help="also write a journal under this number")
    arguments = parser.parse_args()
    for name in add_samples():
        print(f"added {name}")
    if arguments.journal is not None:
        write_journal(arguments.journal)


if __name__ == "__main__":
    main()
