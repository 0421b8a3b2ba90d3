"""How the types of a run sheet look when written down. Used both ways, by `reading` and `writing`."""

import dataclasses
import types
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from rooms.events.agenda import AgendaSheet
from rooms.events.breakouts import RoomSetup, RoomTask
from rooms.events.polls import PollScale
from rooms.events.review import NewCriterion, Scale

VERSION = 1
"""Of the document's form."""
MAIN_FIELD: dict[type[Any], str] = {RoomSetup: "name", RoomTask: "text", NewCriterion: "title"}
"""Messages that can be written as one text, where nothing else is said."""
SCALES: dict[type[Any], tuple[str, str]] = {Scale: ("least", "most"), PollScale: ("low", "high")}
"""Messages that can be written as `1 to 5`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: its `name` there and `key` in the document; `ms` if it is a time."""

    name: str
    key: str
    hint: Any
    default: Any
    ms: bool

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING


_SHAPES: dict[Any, dict[str, Field]] = {}


def shape(message_type: type[Any]) -> dict[str, Field]:
    """The fields of a message by their keys in the document. `type` and the `kind` of a union are left out."""
    if message_type in _SHAPES:
        return _SHAPES[message_type]
    hints = get_type_hints(message_type)
    found = {}
    for each in dataclasses.fields(message_type):
        if each.name == "type" or (each.name == "kind" and tag(message_type) is not None):
            continue
        ms = each.name.endswith("_ms")
        key = "id" if each.name == "step_id" else each.name.removesuffix("_ms")
        found[key] = Field(name=each.name, key=key, hint=hints[each.name], default=each.default, ms=ms)
    _SHAPES[message_type] = found
    return found


def tag(message_type: type[Any]) -> str | None:
    """The `kind` that tells a message of a union apart, if it has one value only."""
    hint = get_type_hints(message_type).get("kind")
    values = get_args(hint) if get_origin(hint) is Literal else ()
    return str(values[0]) if len(values) == 1 else None


def members(hint: Any) -> tuple[list[Any], bool]:
    """What a hint allows (newtypes unwrapped), and whether nothing at all is allowed too."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if get_origin(hint) not in (Union, types.UnionType):
        return [hint], False
    args = get_args(hint)
    return [members(arg)[0][0] for arg in args if arg is not type(None)], type(None) in args


SHEET = shape(AgendaSheet)
