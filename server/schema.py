"""One source for every shape: adapters that validate what comes in, and the JSON Schema that clients and documents are made of."""

import json
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rooms.commands import ClientCommand
from rooms.records import Record
from server.api.models import ArrivalAnswer
from server.export.attendance import AttendanceExport
from server.export.groups import GroupsExport
from server.export.learner import LearnerSummaryExport
from server.export.summary import WorkshopSummary
from server.outgoing import SAID, Reaction
from server.refusals import Refusal, explain

COMMANDS: TypeAdapter[ClientCommand] = TypeAdapter(Annotated[ClientCommand, Field(discriminator="type")])

MAX_SDP_CHARS = 150_000
MAX_SLOTS = 64
MAX_TILES = 64
MAX_CAPTION_CHARS = 500

SlotMedia = Literal["mic", "camera", "screen", "screen_audio", "audio", "video"]


def command_of(fields: dict[str, Any]) -> ClientCommand:
    """The command that these fields (without `id`) are, exactly as the JSON Schema has it.

    Raises `Refusal` (`command_unknown`, `command_invalid`). The fields are read as the JSON they stand for, strictly: a
    number is no boolean, bytes are no text. (Read as Python values, strictness would refuse a list for a tuple, and
    leniency would take whatever can be made into the right type.)
    """
    if not isinstance(fields.get("type"), str):
        raise _unknown()
    try:
        text = json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        message = "A command holds what JSON can hold: no bytes, no NaN, no nesting without end."
        raise Refusal("command_invalid", message) from None
    try:
        return COMMANDS.validate_json(text, strict=True)
    except ValidationError as error:
        if error.errors()[0]["type"].startswith("union_tag"):
            raise _unknown() from None
        raise Refusal("command_invalid", f"The command is wrong: {explain(error)}") from None


def _unknown() -> Refusal:
    return Refusal("command_unknown", "type: there is no such command; /api/schema.json lists them.")


class Wire(BaseModel):
    """Base of what travels beside commands and records."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Hello(Wire):
    last_seq: int | None = Field(default=None, ge=0)


class Slot(Wire):
    """One m-line of the offer."""

    mid: str = Field(min_length=1, max_length=16)
    direction: Literal["send", "receive"]
    media: SlotMedia


class MediaOffer(Wire):
    sdp: str = Field(min_length=1, max_length=MAX_SDP_CHARS)
    slots: list[Slot] = Field(max_length=MAX_SLOTS)


class ShownTile(Wire):
    participant_id: str = Field(max_length=64)
    media: Literal["camera", "screen"]
    width: int = Field(ge=0, le=16_384)
    height: int = Field(ge=0, le=16_384)


class MediaView(Wire):
    tiles: list[ShownTile] = Field(max_length=MAX_TILES)


class React(Wire):
    """Something for everybody in the room to see for a moment; a signal, kept nowhere."""

    reaction: Reaction


class Caption(Wire):
    """A line of what somebody says, as far as it is known. The same `line` again is more of it, or says it better, until it is `final`."""

    line: int = Field(ge=0, le=2**31)
    text: str = Field(min_length=1, max_length=MAX_CAPTION_CHARS)
    final: bool
    lang: str = Field(default="", max_length=35, pattern=r"^[A-Za-z0-9-]*$", description="BCP 47")


@cache
def records() -> TypeAdapter[Record]:
    """Made when it is first asked for: a server that runs does not need it."""
    return TypeAdapter(Annotated[Record, Field(discriminator="kind")])


READ = (ArrivalAnswer, AttendanceExport, GroupsExport, LearnerSummaryExport, WorkshopSummary)
"""What the client reads over HTTP."""


def json_schema() -> dict[str, Any]:
    """Every message in both directions and what the client reads over HTTP, as one JSON Schema (2020-12) with a `$defs` entry for each."""
    definitions: dict[str, Any] = {}
    messages: dict[str, TypeAdapter[Any]] = {
        "ClientCommand": COMMANDS,
        "Record": records(),
        "Hello": TypeAdapter(Hello),
        "MediaOffer": TypeAdapter(MediaOffer),
        "MediaView": TypeAdapter(MediaView),
        "React": TypeAdapter(React),
        "Caption": TypeAdapter(Caption),
        **SAID,
    }
    for name, adapter in messages.items():
        schema = adapter.json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        definitions[name] = schema
    for answer in READ:
        schema = answer.model_json_schema(ref_template="#/$defs/{model}")
        for name, definition in (schema.pop("$defs", {}) | {answer.__name__: schema}).items():
            # An answer has all of its fields, whatever their defaults. Shapes that messages have, too, stay as they are there.
            definitions.setdefault(name, definition | {"required": list(definition["properties"])})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Atelier",
        "$defs": dict(sorted(definitions.items())),
    }
