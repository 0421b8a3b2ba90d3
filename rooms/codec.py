"""Events to plain dicts (for JSON) and back, with a schema version on each.

An encoded event is `{"type": …, "v": …, <fields>}`. `v` is the version of that event type's shape; it counts from 1 and goes up when a
shape changes, together with an upcaster here that makes the older dict into the newer. So a journal written years ago
replays, and the event classes only know the present.

Encoders and decoders are built once a type from its annotations: nested messages, tuples, optional values, and what JSON has.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from rooms.events import Event
from rooms.messages import ERASED

VERSIONS: Mapping[str, int] = {"MessagePosted": 2, "WorkHandedIn": 2, "ListeningChanged": 2}
"""Event type → its present version, where that is not 1."""


def _with_length(fields: dict[str, Any]) -> dict[str, Any]:
    """Until then the length was that of the text; of a text that is erased already it cannot be known."""
    return {**fields, "length": 0 if fields["text"] == ERASED else len(fields["text"])}


def _to_several(fields: dict[str, Any]) -> dict[str, Any]:
    """Until then it was one room at a time."""
    room_id = fields.pop("room_id")
    return {**fields, "room_ids": [] if room_id is None else [room_id]}


UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {
    ("MessagePosted", 1): _with_length,
    ("WorkHandedIn", 1): _with_length,
    ("ListeningChanged", 1): _to_several,
}
"""(event type, version) → makes a dict of that version one of the next."""

_TYPES: dict[str, type[Any]] = {event.__name__: event for event in get_args(Event)}


class UnknownEvent(Exception):
    """The journal holds an event that this version of the software does not know: it was written by a newer one."""


def event_types() -> Mapping[str, type[Any]]:
    """Every event type by its name."""
    return _TYPES


def encode(event: Event) -> dict[str, Any]:
    """The event as a dict of JSON values."""
    return {"v": VERSIONS.get(event.type, 1), **_encode(event)}


def decode(encoded: Mapping[str, Any]) -> Event:
    """The event of a dict that `encode` made, in this or an earlier version. Raises `UnknownEvent`."""
    fields = dict(encoded)
    name, version = fields["type"], fields.pop("v")
    event_type = _TYPES.get(name)
    if event_type is None or version > VERSIONS.get(name, 1):
        raise UnknownEvent(f"{name} version {version} is not known here; it was written by a newer version.")
    for older in range(version, VERSIONS.get(name, 1)):
        fields = UPCASTERS[name, older](fields)
    decoded: Event = _decoder(event_type)(fields)
    return decoded


def plain(message: Any) -> dict[str, Any]:
    """A record (or any message) as a dict of JSON values."""
    encoded: dict[str, Any] = _encode(message)
    return encoded


_JSON_ITSELF = frozenset({str, int, bool, float, type(None)})


def _encode(value: Any) -> Any:
    # Asked a thousand times for every newcomer to a workshop of a thousand, so what is most frequent comes first.
    kind = type(value)
    if kind in _JSON_ITSELF:
        return value
    if kind is tuple:
        return [_encode(each) for each in value]
    names = _FIELD_NAMES.get(kind) or _field_names(kind)
    if names:
        return {name: _encode(getattr(value, name)) for name in names}
    if kind is dict:
        return {key: _encode(each) for key, each in value.items()}
    return value


_FIELD_NAMES: dict[type[Any], tuple[str, ...]] = {}


def _field_names(message_type: type[Any]) -> tuple[str, ...]:
    """Of a dataclass; nothing for any other type."""
    if not dataclasses.is_dataclass(message_type):
        return ()
    names = _FIELD_NAMES[message_type] = tuple(each.name for each in dataclasses.fields(message_type))
    return names


Decoder = Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


_DECODERS: dict[Any, Decoder] = {}


def _decoder(hint: Any) -> Decoder:
    """How to make a value of the annotated type from its JSON form."""
    decoder = _DECODERS.get(hint)
    if decoder is None:
        decoder = _DECODERS[hint] = _build_decoder(hint)
    return decoder


def _build_decoder(hint: Any) -> Decoder:
    if isinstance(hint, NewType):
        return _decoder(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional_decoder(hint, args)
    if origin is tuple:
        each = _decoder(args[0])
        return lambda value: tuple(each(item) for item in value)
    if origin is dict:
        each_value = _decoder(args[1])
        return lambda value: {key: each_value(item) for key, item in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _message_decoder(hint)
    if origin is Literal or hint in (str, int, float, bool):
        return _as_it_is
    raise TypeError(f"events cannot hold {hint!r}: the codec does not know how to decode it")


def _optional_decoder(hint: Any, args: tuple[Any, ...]) -> Decoder:
    hints = [arg for arg in args if arg is not type(None)]
    members = [_decoder(arg) for arg in hints]
    if all(member is _as_it_is for member in members):
        return _as_it_is
    if len(members) == 1:
        member = members[0]
    elif all(dataclasses.is_dataclass(arg) for arg in hints):
        by_kind = dict(zip(map(_kind, hints), members, strict=True))

        def member(value: Any) -> Any:
            return by_kind[value["kind"]](value)

    else:
        raise TypeError(f"events cannot hold {hint!r}: of unions, the codec knows those of messages with a `kind`")
    return lambda value: None if value is None else member(value)


def _kind(message_type: type[Any]) -> str:
    """The value of the `kind` that tells messages of a union apart."""
    (kind,) = get_args(get_type_hints(message_type)["kind"])
    return str(kind)


def _message_decoder(message_type: type[Any]) -> Decoder:
    hints = get_type_hints(message_type)
    decoders = {name: _decoder(hints[name]) for name in _field_names(message_type)}
    special = {name: each for name, each in decoders.items() if each is not _as_it_is}

    def decode_message(value: Mapping[str, Any]) -> Any:
        fields = dict(value)
        for name, each in special.items():
            if name in fields:
                fields[name] = each(fields[name])
        return message_type(**fields)

    return decode_message
