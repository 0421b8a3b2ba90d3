"""How commands, events and records are declared: frozen, slotted, keyword-only dataclasses with a `type` tag.

The tag is a `Literal`, so that the boundary (`server.schema`) can tell members of a union apart and derive the
JSON Schema, the client's types and the documents from these classes and from nothing else. Unknown fields are
refused at the boundary.

Personal data. A field declared with `personal(subject)` holds something about the person whose id stands in the
field named `subject`. The journal seals such fields with that person's key, so that erasing the key erases the
text and leaves the event.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_PERSONAL = "personal"
ERASED = "[erased]"
"""What a sealed text reads as once its person's key is gone."""


def personal(subject: str, **options: Any) -> Any:
    """A dataclass field with text about the person named by the sibling field `subject`."""
    return dataclasses.field(metadata={_PERSONAL: subject}, **options)


def personal_fields(message_type: type[Any]) -> dict[str, str]:
    """Field name → name of the field that holds the person's id, for every personal field of a message type."""
    return {
        field.name: field.metadata[_PERSONAL]
        for field in dataclasses.fields(message_type)
        if _PERSONAL in field.metadata
    }


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field, personal))
def message(cls: type[T]) -> type[T]:
    """Class decorator for every command, event, record and value that crosses a boundary."""
    cls.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)
