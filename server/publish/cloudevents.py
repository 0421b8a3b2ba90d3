"""The envelope: CloudEvents 1.0, structured JSON mode, with the sequence, partitioning and tracing extensions.

`id` is a UUIDv5 of the source and the place in the journal, so that every telling of the same event has the same id. `sequence`
counts a workshop's published events from 1 without gaps; it has ten digits, because the extension wants it to sort
as text. `traceparent` (W3C Trace Context) is made from the command's id: what one command caused belongs together.
"""

import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from rooms.codec import plain
from rooms.ids import WorkshopId
from server.publish.catalogue import Data, event_type, schema_uri
from server.tracing import traceparent

CloudEvent = dict[str, Any]
"""A CloudEvent in its JSON form."""

CONTENT_TYPE = "application/cloudevents+json"
_SEQUENCE_DIGITS = 10


def source_of(workshop_id: WorkshopId) -> str:
    return f"/workshops/{workshop_id}"


def event_id(workshop_id: WorkshopId, seq: int, index: int) -> str:
    """The id of the `index`th event (from 0) that the journal's event `seq` is told as."""
    place = str(seq) if index == 0 else f"{seq}.{index}"
    return str(uuid.uuid5(_namespace(workshop_id), place))


@lru_cache(maxsize=20_000)
def registration(workshop_id: WorkshopId, participant_id: str) -> str:
    """A UUID for everything about one person in one workshop."""
    return str(uuid.uuid5(_namespace(workshop_id), f"registration:{participant_id}"))


def cloud_event(data: Data, *, seq: int, index: int, sequence: int, at_ms: int, subject: str) -> CloudEvent:
    """`seq` and `index` as for `event_id`; `at_ms` is Unix time in milliseconds."""
    workshop_id = data.workshop_id
    return {
        "specversion": "1.0",
        "id": event_id(workshop_id, seq, index),
        "source": source_of(workshop_id),
        "type": event_type(type(data)),
        "subject": subject,
        "time": timestamp(at_ms),
        "datacontenttype": "application/json",
        "dataschema": schema_uri(type(data)),
        "sequence": f"{sequence:0{_SEQUENCE_DIGITS}}",
        "partitionkey": str(workshop_id),
        "traceparent": traceparent(workshop_id, data.command_id),
        "data": plain(data),
    }


def timestamp(at_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=2_000)
def _namespace(workshop_id: WorkshopId) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, source_of(workshop_id))
