"""The published events as an AsyncAPI 3.0 document, generated from the catalogue."""

from importlib.metadata import version
from typing import Any

from server.publish.catalogue import CATALOGUE, event_type, schemas
from server.publish.cloudevents import CONTENT_TYPE

_ENVELOPE_STRINGS = (
    "id", "source", "type", "subject", "time", "dataschema", "sequence", "partitionkey", "traceparent",
)  # fmt: skip


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
        "operations": {"publish": {"action": "send", "channel": {"$ref": "#/channels/workshop"}}},
        "components": {"messages": messages, "schemas": schemas()},
    }


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
