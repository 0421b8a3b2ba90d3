"""The published events as an AsyncAPI 3.0 document, generated from the catalogue."""

from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter

from server.publish.catalogue import CATALOGUE, event_type, schema_uri
from server.publish.cloudevents import CONTENT_TYPE

_ENVELOPE_STRINGS = (
    "id", "source", "type", "subject", "time", "dataschema", "sequence", "partitionkey", "traceparent",
)  # fmt: skip


_BY_NAME = tuple((event_type(each), each) for each in CATALOGUE)


def document() -> dict[str, Any]:
    """One channel (a workshop's events), one message for each event type."""
    messages = {event_type(each): _message(event_type(each), (each.__doc__ or "").strip()) for each in CATALOGUE}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Atelier: what happened in a workshop",
            "version": version("atelier"),
            "description": "CloudEvents 1.0, at least once, in order and without gaps for each workshop; `id` tells a repetition.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "workshop": {
                "address": "/workshops/{workshop_id}",
                "parameters": {"workshop_id": {"description": "The workshop; the events' `source` is this address."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/workshop"},
                "messages": [{"$ref": f"#/channels/workshop/messages/{name}"} for name in messages],
            }
        },
        "components": {"messages": messages, "schemas": _schemas()},
    }


def _schemas() -> dict[str, Any]:
    """The schema of each event type's `data`, and those of what they share. References are from the document's root, because that is
    where tools look that read the whole document; so the schemas have no `$id`, from which JSON Schema would read them instead."""
    adapters = [(event_type(each), "serialization", TypeAdapter(each)) for each in CATALOGUE]
    found, shared = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    named = {
        name: {"x-dataschema": schema_uri(each), **_inlined(found[name, "serialization"], shared)}
        for name, each in _BY_NAME
    }
    used = shared.get("$defs", {})
    return {**{name: used[name] for name in sorted(used.keys() - {each.__name__ for each in CATALOGUE})}, **named}


def _inlined(schema: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """Pydantic gives a type that it has put among the shared ones as a reference to there."""
    reference = schema.get("$ref")
    found: dict[str, Any] = schema if reference is None else shared["$defs"][reference.rpartition("/")[2]]
    return found


def _message(name: str, summary: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": " ".join(summary.split()) or name,
        "contentType": CONTENT_TYPE,
        "payload": {
            "type": "object",
            "required": ["specversion", *_ENVELOPE_STRINGS, "datacontenttype", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "datacontenttype": {"const": "application/json"},
                **{field: {"type": "string"} for field in _ENVELOPE_STRINGS},
                "type": {"const": name},
                "data": {"$ref": f"#/components/schemas/{name}"},
            },
        },
    }
