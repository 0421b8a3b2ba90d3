"""JSON rosters: a list of objects, or an object with such a list under `people`; the place of every value is kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

from rooms.roster.model import Cell, Place, Problem, RosterInvalid

_SPACE = re.compile(r"[ \t\r\n]*")


class Record(dict[str, tuple[Any, Place]]):
    """Field → value and the place of its name."""

    def __init__(self, values: Mapping[str, tuple[Any, Place]], place: Place) -> None:
        super().__init__(values)
        self.place = place


def read_json(text: str) -> list[Record]:
    """Raises `RosterInvalid` where the text is no JSON or has another shape."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        problem = Problem(
            code="json_syntax", place=Place(error.lineno, error.colno), message=f"no JSON here: {error.msg}"
        )
        raise RosterInvalid([problem]) from None
    except (RecursionError, ValueError):  # nested too deeply, a number of thousands of digits
        raise RosterInvalid([_shape(Place(1, 1))]) from None
    start = _SPACE.match(text).end()  # type: ignore[union-attr]
    if text[start] == "{":
        found = re.compile(r'\{\s*"people"\s*:\s*(?=\[)').match(text, start)
        if not found:
            raise RosterInvalid([_shape(place_of(text, start))])
        start = found.end()
    if text[start] != "[":
        raise RosterInvalid([_shape(place_of(text, start))])
    records = []
    at = _SPACE.match(text, start + 1).end()  # type: ignore[union-attr]
    while text[at] != "]":
        pairs, end = json.JSONDecoder(object_pairs_hook=_Pairs).raw_decode(text, at)
        if not isinstance(pairs, _Pairs):
            raise RosterInvalid([_shape(place_of(text, at))])
        records.append(_record(text, at, pairs))
        at = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        if text[at] == ",":
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
    return records


def place_of(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


class _Pairs(list[tuple[str, Any]]):
    """An object as the pairs it is written with, so that a field given twice is seen."""


def _record(text: str, start: int, pairs: _Pairs) -> Record:
    values: dict[str, tuple[Any, Place]] = {}
    at = start
    for name, value in pairs:
        found = re.compile(re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*:").search(text, at)
        at = found.end() if found else at  # a name written with escapes is not found: the place before it serves
        place = place_of(text, found.start() if found else at)
        if name in values:
            message = f"“{name}” is given a second time"
            raise RosterInvalid([Problem(code="duplicate_field", place=place, message=message, header=name)])
        values[name] = (_plain(value, name, place), place)
    return Record(values, place_of(text, start))


def _plain(value: Any, name: str, place: Place) -> Any:
    """Pairs as a dict of texts (only `attributes` may be one), everything else as it is."""
    if not isinstance(value, _Pairs):
        return value
    return {key: Cell(_text(inner, f"{name}.{key}", place), place) for key, inner in value}


def _text(value: Any, name: str, place: Place) -> str:
    if isinstance(value, bool | int | float | str):
        return value if isinstance(value, str) else json.dumps(value)
    message = "a text or a number was expected"
    raise RosterInvalid([Problem(code="json_shape", place=place, message=message, header=name)])


def _shape(place: Place) -> Problem:
    message = 'a list of people was expected here: [{"email": …, "room": …}, …] or {"people": [{…}, …]}'
    return Problem(code="json_shape", place=place, message=message)
