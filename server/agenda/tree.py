"""From text to nodes that know where they stand. YAML or JSON; nothing is constructed but text, lists and mappings.

Limits: 200 kB, 20 levels, 20,000 nodes with every alias counted in full (so an alias of an alias of an alias cannot grow without end), one
document, no tags, no key twice. JSON has no positions once it has been read, so its nodes have none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 200_000
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_PROBLEMS = 20
"""Told at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """From 1; None where it is not known."""

    line: int | None = None
    column: int | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what would be right. `field`: the way to it, like `steps[2].duration`, counted from 1."""

    place: Place
    field: str
    message: str

    def __str__(self) -> str:
        where = [] if self.place.line is None else [f"line {self.place.line}", f"column {self.place.column}"]
        where += [self.field] if self.field else []
        return f"{', '.join(where)}: {self.message}" if where else self.message


class SheetInvalid(Exception):
    """The document is no run sheet; `problems` says why, in the order of the document."""

    def __init__(self, problems: list[Problem]) -> None:
        more = len(problems) - MAX_PROBLEMS
        told = [str(problem) for problem in problems[:MAX_PROBLEMS]]
        super().__init__("\n".join([*told, f"And {more} more."] if more > 0 else told))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` as it was written; `plain` without quotes, so that it may also be a number, true, or nothing."""

    place: Place
    text: str
    plain: bool

    @property
    def empty(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Items:
    place: Place
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    place: Place
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    """Where each key stands."""


Node = Scalar | Items | Mapping


def wrong(place: Place, message: str) -> SheetInvalid:
    return SheetInvalid([Problem(place, "", message)])


def check_size(body: bytes) -> None:
    if len(body) > MAX_BYTES:
        raise wrong(NOWHERE, f"The run sheet has {len(body)} bytes; at most {MAX_BYTES} are possible.")


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def from_json(body: bytes) -> Node:
    """The nodes of a JSON text. Raises `SheetInvalid`."""
    check_size(body)
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise wrong(NOWHERE, "The text is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise wrong(Place(error.lineno, error.colno), f"This is not JSON: {error.msg}.") from None
    except (RecursionError, ValueError):
        raise wrong(NOWHERE, "This is not JSON that can be read: too deep, or a number out of range.") from None
    return from_value(value)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise wrong(NOWHERE, f"The key {key!r} stands twice in one object; each may stand once.")
        found[key] = value
    return found


def from_value(value: Any) -> Node:
    """The nodes of what JSON has been read to."""
    return _node(value, [0], 0)


def _node(value: Any, count: list[int], depth: int) -> Node:
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_NODES:
        raise wrong(NOWHERE, f"The run sheet has too much in it: at most {MAX_NODES} values in {MAX_DEPTH} levels.")
    match value:
        case dict():
            entries = {str(key): _node(each, count, depth + 1) for key, each in value.items()}
            return Mapping(NOWHERE, entries, dict.fromkeys(entries, NOWHERE))
        case list() | tuple():
            return Items(NOWHERE, [_node(each, count, depth + 1) for each in value])
        case str():
            return Scalar(NOWHERE, value, plain=False)
        case _:
            return Scalar(NOWHERE, json.dumps(value), plain=True)


# ── YAML ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def from_yaml(body: bytes) -> Node:
    """The nodes of a YAML text. Raises `SheetInvalid`."""
    check_size(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise wrong(NOWHERE, "The text is not UTF-8.") from None
    try:
        return _Composer().composed(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise wrong(Place(line, 1), "A character stands here that YAML does not allow; take it out.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = NOWHERE if mark is None else Place(mark.line + 1, mark.column + 1)
        why = error.problem or error.context or "it cannot be read"
        hint = " (indent with spaces, and put texts with `: ` or ` #` in quotes)"
        raise wrong(place, f"This is not YAML: {why}{hint}.") from None


class _Composer:
    """Builds nodes from parser events without recursion."""

    def __init__(self) -> None:
        self._open: list[Items | Mapping] = []
        self._key: list[tuple[str, Place] | None] = []
        """For every open mapping the key whose value comes next."""
        self._anchors: dict[str, Node] = {}
        self._named: dict[int, str] = {}
        self._sizes: dict[int, int] = {}
        self._count = 0
        self._root: Node | None = None

    def composed(self, events: Iterator[Any]) -> Node:
        documents = 0
        for event in events:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise wrong(place, "A second document begins here; a run sheet is one.")
                case yaml.AliasEvent():
                    self._alias(event.anchor or "", place)
                case yaml.ScalarEvent():
                    self._untagged(event, place)
                    self._add(Scalar(place, event.value, plain=bool(event.implicit[0])), event.anchor, place)
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    self._untagged(event, place)
                    self._begin(event, place)
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    self._end()
                case _:
                    pass
        if self._root is None:
            raise wrong(NOWHERE, "The run sheet is empty.")
        return self._root

    def _untagged(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            raise wrong(place, f"The tag {event.tag!r} has no place in a run sheet; leave it out.")

    def _begin(self, event: Any, place: Place) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise wrong(place, f"This is nested in more than {MAX_DEPTH} levels.")
        node: Items | Mapping = Items(place) if isinstance(event, yaml.SequenceStartEvent) else Mapping(place)
        if isinstance(self._top(), Mapping) and self._key[-1] is None:
            raise wrong(place, "A key must be a text, not a list or mapping.")
        self._sizes[id(node)] = self._count
        self._open.append(node)
        self._key.append(None)
        if event.anchor:
            self._named[id(node)] = event.anchor

    def _end(self) -> None:
        node = self._open.pop()
        self._key.pop()
        size = self._count - self._sizes[id(node)]
        self._sizes[id(node)] = size + 1
        self._add(node, self._named.get(id(node)), node.place)

    def _alias(self, anchor: str, place: Place) -> None:
        node = self._anchors.get(anchor)
        if node is None:
            raise wrong(place, f"The alias *{anchor} names nothing that is complete before it.")
        self._count += self._sizes.get(id(node), 1) - 1
        if len(self._open) + _depth(node) > MAX_DEPTH:
            raise wrong(place, f"With this alias it is nested in more than {MAX_DEPTH} levels.")
        self._add(node, None, place)

    def _top(self) -> Items | Mapping | None:
        return self._open[-1] if self._open else None

    def _add(self, node: Node, anchor: str | None, place: Place) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise wrong(place, f"The run sheet has more than {MAX_NODES} values, aliases counted in full.")
        if anchor:
            self._anchors[anchor] = node
        match self._top():
            case None:
                self._root = node
            case Items() as items:
                items.items.append(node)
            case Mapping() as mapping:
                self._into(mapping, node, place)

    def _into(self, mapping: Mapping, node: Node, place: Place) -> None:
        key = self._key[-1]
        if key is not None:
            mapping.entries[key[0]], mapping.keys[key[0]] = node, key[1]
            self._key[-1] = None
            return
        if not isinstance(node, Scalar):
            raise wrong(place, "A key must be a text, not a list or mapping.")
        if node.text in mapping.keys:
            first = mapping.keys[node.text].line
            raise wrong(place, f"The key {node.text!r} stands already in line {first}; each may stand once.")
        self._key[-1] = (node.text, place)


def _depth(node: Node) -> int:
    match node:
        case Scalar():
            return 0
        case Items():
            return 1 + max(map(_depth, node.items), default=0)
        case Mapping():
            return 1 + max(map(_depth, node.entries.values()), default=0)
