"""From nodes to a run sheet, led by the types; every problem with its place and what would be right."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, Literal, get_args, get_origin

from rooms.agenda.sheet import check_references, checked_step, checked_steps
from rooms.errors import Rejected
from rooms.events.agenda import AgendaSheet, Step
from rooms.events.polls import PollSetup
from server.agenda import durations
from server.agenda.shapes import MAIN_FIELD, SCALES, SHEET, VERSION, Field, members, shape, tag
from server.agenda.tree import Items, Mapping, Node, Place, Problem, Scalar, SheetInvalid, from_json, from_yaml

_RANGE = re.compile(r"(-?\d+)\s*(?:to|–|-|\.\.)\s*(-?\d+)")
_INT = re.compile(r"[+-]?\d{1,15}")
_FLOAT = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
MISSING: Any = object()
"""Stands for what could not be read; its problem is noted."""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The sheet, and where each step begins."""

    sheet: AgendaSheet
    places: tuple[Place, ...]


def read_yaml(body: bytes) -> AgendaSheet:
    """The run sheet of a YAML text. Raises `SheetInvalid`."""
    return read(from_yaml(body)).sheet


def read_json(body: bytes) -> AgendaSheet:
    """The run sheet of a JSON text. Raises `SheetInvalid`."""
    return read(from_json(body)).sheet


def read(root: Node) -> ReadSheet:
    """The run sheet of a document's nodes, checked by the rules. Raises `SheetInvalid` with everything that is wrong."""
    reading = _Reading()
    found = reading.sheet(root)
    if reading.problems or found is None:
        raise SheetInvalid(sorted(reading.problems, key=lambda each: (each.place.line or 0, each.place.column or 0)))
    return found


class _Reading:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, place: Place, path: str, message: str) -> Any:
        self.problems.append(Problem(place, path, message))
        return MISSING

    # ── the sheet and its steps ──────────────────────────────────────────────────────────────────────────────────────
    def sheet(self, root: Node) -> ReadSheet | None:
        if not isinstance(root, Mapping):
            message = "A run sheet has the keys version, title, show and steps."
            self.wrong(root.place, "", message)
            return None
        self._version(root)
        self._known_keys(root, ["version", *SHEET], "")
        title = self._field(root, SHEET["title"], "")
        show = self._field(root, SHEET["show"], "")
        steps = self._steps(root)
        if self.problems:
            return None
        return ReadSheet(AgendaSheet(title=title, show=show, steps=tuple(steps)), tuple(_places(root)))

    def _version(self, root: Mapping) -> None:
        node = root.entries.get("version")
        if node is None:
            self.wrong(root.place, "version", f"The first line should say `version: {VERSION}`.")
        elif not isinstance(node, Scalar) or node.text != str(VERSION):
            self.wrong(node.place, "version", f"This server reads run sheets of version {VERSION}.")

    def _steps(self, root: Mapping) -> list[Step]:
        node = root.entries.get("steps")
        if not isinstance(node, Items):
            place = root.place if node is None else node.place
            self.wrong(place, "steps", "A list of steps should stand here, each beginning with `- `.")
            return []
        steps = [self._step(each, f"steps[{number}]") for number, each in enumerate(node.items, 1)]
        if any(step is MISSING for step in steps):
            return []
        try:
            checked = checked_steps(steps)
            for count in range(1, len(checked) + 1):
                place = node.items[count - 1].place
                check_references(checked[:count])
        except Rejected as refused:
            number = self._step_of(refused, len(steps))
            place = node.items[number - 1].place if number else place
            self.wrong(place, f"steps[{number}]" if number else f"steps[{count}]", refused.message)
            return []
        return list(checked)

    def _step_of(self, refused: Rejected, steps: int) -> int:
        named = re.match(r"Step (\d+) ", refused.message)
        number = int(named[1]) if named else 0
        return number if number <= steps else 0

    def _step(self, node: Node, path: str) -> Any:
        kinds = {str(tag(each)): each for each in get_args(Step)}
        if not isinstance(node, Mapping):
            message = f"A step has at least a kind, a title and a duration; kinds are {_listed(kinds)}."
            return self.wrong(node.place, path, message)
        chosen = self._kind(node, kinds, path)
        if chosen is MISSING:
            return MISSING
        step = self._message(chosen, self._completed(node, str(tag(chosen))), path, ("kind",))
        if step is MISSING:
            return MISSING
        try:
            checked_step(step)
        except Rejected as refused:
            return self.wrong(_content_place(node), path, refused.message)
        return step

    def _completed(self, node: Mapping, kind: str) -> Mapping:
        """What need not be said twice: a round's title is its step's; a poll step is called by its question; a step lasts as long as
        the poll or the phases in it."""
        entries = dict(node.entries)
        content = entries.get(kind)
        if not isinstance(content, Mapping):
            return node
        inner = content.entries
        if kind == "poll" and "title" not in entries and isinstance(question := inner.get("question"), Scalar):
            entries["title"] = Scalar(question.place, question.text[:200], plain=False)
        if kind == "poll" and "duration" not in entries and "duration" in inner:
            entries["duration"] = inner["duration"]
        if kind == "review" and "title" not in inner and "title" in entries:
            inner = {**inner, "title": entries["title"]}
            entries[kind] = Mapping(content.place, inner, content.keys)
        if kind == "review" and "duration" not in entries and (total := _phases(inner.get("times"))) is not None:
            entries["duration"] = Scalar(content.place, durations.written(total), plain=True)
        return Mapping(node.place, entries, node.keys)

    # ── by type ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def value(self, hint: Any, node: Node, path: str) -> Any:
        """The value that a node stands for; `MISSING` if it is none of that type."""
        allowed, optional = members(hint)
        if isinstance(node, Scalar) and node.empty:
            return (
                None
                if optional
                else self.wrong(node.place, path, f"Nothing stands here; {_expected(allowed)} is wanted.")
            )
        messages: list[type[Any]] = [each for each in allowed if isinstance(each, type) and is_dataclass(each)]
        if messages:
            return self._one_of(messages, node, path)
        (one,) = allowed
        if get_origin(one) is tuple:
            return self._tuple(get_args(one)[0], node, path)
        if not isinstance(node, Scalar):
            return self.wrong(node.place, path, f"One value should stand here: {_expected(allowed)}.")
        return self._scalar(one, node, path)

    def _scalar(self, hint: Any, node: Scalar, path: str) -> Any:
        text = node.text
        if get_origin(hint) is Literal:
            if text in get_args(hint):
                return text
            return self.wrong(node.place, path, f"{text[:60]!r} is none of {_listed(get_args(hint))}.")
        if hint is str:
            return text
        if hint is bool:
            if node.plain and text.lower() in (*_TRUE, *_FALSE):
                return text.lower() in _TRUE
        elif hint is int and node.plain and _INT.fullmatch(text):
            return int(text)
        elif hint is float and node.plain and _FLOAT.fullmatch(text):
            return float(text)
        return self.wrong(node.place, path, f"{text[:60]!r} stands here; {_expected([hint])} is wanted.")

    def _tuple(self, each: Any, node: Node, path: str) -> Any:
        if not isinstance(node, Items):
            return self.wrong(node.place, path, "A list should stand here: `[a, b]`, or a line with `- ` for each.")
        found = [self.value(each, item, f"{path}[{number}]") for number, item in enumerate(node.items, 1)]
        return MISSING if any(item is MISSING for item in found) else tuple(found)

    def _one_of(self, messages: Sequence[type[Any]], node: Node, path: str) -> Any:
        if len(messages) == 1 and tag(messages[0]) is None:
            return self._message(messages[0], node, path)
        kinds = {str(tag(each)): each for each in messages}
        if isinstance(node, Scalar):
            chosen = kinds.get(node.text)
            if chosen is None:
                return self.wrong(node.place, path, f"{node.text[:60]!r} is none of {_listed(kinds)}.")
            return self._message(chosen, Mapping(node.place), path)
        if not isinstance(node, Mapping):
            return self.wrong(node.place, path, f"One of {_listed(kinds)} should stand here.")
        chosen = self._kind(node, kinds, path)
        return MISSING if chosen is MISSING else self._message(chosen, node, path, ("kind",))

    def _kind(self, node: Mapping, kinds: dict[str, type[Any]], path: str) -> Any:
        named = node.entries.get("kind")
        if named is None:
            return self.wrong(node.place, f"{path}.kind", f"The kind is missing: one of {_listed(kinds)}.")
        if not isinstance(named, Scalar) or named.text not in kinds:
            shown = repr(named.text[:60]) if isinstance(named, Scalar) else "This"
            return self.wrong(named.place, f"{path}.kind", f"{shown} is none of {_listed(kinds)}.")
        return kinds[named.text]

    def _message(self, message_type: type[Any], node: Node, path: str, besides: Sequence[str] = ()) -> Any:
        fields = shape(message_type)
        if isinstance(node, Scalar):
            short = self._short(message_type, node)
            if short is not None:
                return short
        if not isinstance(node, Mapping):
            return self.wrong(node.place, path, f"Keys should stand here: {_listed(fields)}.")
        before = len(self.problems)
        self._known_keys(node, [*besides, *fields], path)
        values = {}
        for each in fields.values():
            right = message_type is PollSetup and each.name == "right"
            values[each.name] = self._right(node, path) if right else self._field(node, each, path)
        return MISSING if len(self.problems) > before else message_type(**values)

    def _short(self, message_type: type[Any], node: Scalar) -> Any:
        if message_type in MAIN_FIELD:
            return message_type(**{MAIN_FIELD[message_type]: node.text})
        ends = _RANGE.fullmatch(node.text.strip()) if message_type in SCALES else None
        if ends is not None:
            return message_type(**dict(zip(SCALES[message_type], map(int, ends.groups()), strict=True)))
        return None

    def _field(self, node: Mapping, field: Field, path: str) -> Any:
        inner = node.entries.get(field.key)
        way = f"{path}.{field.key}" if path else field.key
        if inner is None:
            if field.required:
                expected = durations.EXPECTED if field.ms else _expected(members(field.hint)[0])
                return self.wrong(node.place, way, f"{field.key} is missing; {expected} should stand there.")
            return field.default
        return self._time(field, inner, way) if field.ms else self.value(field.hint, inner, way)

    def _time(self, field: Field, node: Node, path: str) -> Any:
        if isinstance(node, Scalar) and node.empty:
            if members(field.hint)[1]:
                return None
            return self.wrong(node.place, path, f"Nothing stands here; write {durations.EXPECTED}.")
        ms = durations.parsed(node.text) if isinstance(node, Scalar) else None
        if ms is None:
            shown = f"{node.text[:60]!r} is no time" if isinstance(node, Scalar) else "A time should stand here"
            return self.wrong(node.place, path, f"{shown}; write {durations.EXPECTED}.")
        return ms

    def _right(self, node: Mapping, path: str) -> Any:
        """The right options of a quiz, by their text."""
        inner, options = node.entries.get("right"), node.entries.get("options")
        if inner is None:
            return ()
        named = inner.items if isinstance(inner, Items) else [inner]
        texts = [each.text for each in options.items if isinstance(each, Scalar)] if isinstance(options, Items) else []
        found = []
        for each in named:
            if not isinstance(each, Scalar) or each.text not in texts:
                message = f"A right answer is the text of one of the options: {_listed(texts)}."
                return self.wrong(each.place, f"{path}.right", message)
            found.append(texts.index(each.text))
        return tuple(found)

    def _known_keys(self, node: Mapping, known: Sequence[str], path: str) -> None:
        for key, place in node.keys.items():
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {close[0]}?" if close else f"possible are {_listed(known)}."
                self.wrong(place, f"{path}.{key}" if path else key, f"There is no {key[:60]!r} here; {hint}")


def _places(root: Mapping) -> list[Place]:
    steps = root.entries["steps"]
    return [each.place for each in steps.items] if isinstance(steps, Items) else []


def _content_place(node: Mapping) -> Place:
    """Where what a rule refuses most likely stands: the content of the step."""
    return next((node.keys[key] for key in ("poll", "review", "breakouts", "jigsaw") if key in node.keys), node.place)


def _phases(node: Node | None) -> int | None:
    """How long the phases of a review take together, if all of them that take place have a time."""
    if not isinstance(node, Mapping):
        return None
    texts = {key: each.text for key, each in node.entries.items() if isinstance(each, Scalar)}
    if not {"submit", "review", "feedback"} <= texts.keys():
        return None
    times = [durations.parsed(text) for text in texts.values()]
    return None if None in times else sum(each or 0 for each in times)


def _expected(hints: Sequence[Any]) -> str:
    hint = hints[0]
    if isinstance(hint, type) and is_dataclass(hint):
        kinds = [str(tag(each)) for each in hints if tag(each) is not None]
        return f"one of {_listed(kinds)}" if kinds else f"a mapping with the keys {_listed(shape(hint))}"
    if get_origin(hint) is Literal:
        return f"one of {_listed(get_args(hint))}"
    if get_origin(hint) is tuple:
        return "a list"
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}.get(hint, "a text")


def _listed(names: Sequence[str] | dict[str, Any]) -> str:
    shown = [str(name)[:60] for name in list(names)[:20]]
    return ", ".join(shown) if shown else "nothing"
