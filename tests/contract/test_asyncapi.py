"""The AsyncAPI document is one, refers to nothing that is not there, and what is published is what it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from server.publish.asyncapi import document
from server.publish.catalogue import CATALOGUE, event_type, schema_uri
from server.publish.narrative import Narrative
from tests.golden import OPTIONS, journals, read_journal

DOCUMENT = json.loads(json.dumps(document()))
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def at(reference: str) -> Any:
    found = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def problem(schema: dict[str, Any], value: Any, place: str = "$") -> str | None:
    """Where `value` is not as the schema says, as far as our schemas go."""
    known = {"type", "properties", "required", "items", "anyOf", "const", "enum", "$ref", "additionalProperties"}
    notes = {"title", "description", "default", "$id", "propertyNames", "discriminator", "oneOf"}
    assert schema.keys() <= known | notes, f"the check does not know {schema.keys() - known - notes}"
    if "$ref" in schema:
        return problem(at(schema["$ref"]), value, place)
    for choice in ("anyOf", "oneOf"):
        if choice in schema and all(problem(each, value, place) for each in schema[choice]):
            return f"{place}: {value!r} is none of what is possible"
    if "const" in schema and value != schema["const"]:
        return f"{place}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place}: {value!r} is not one of {schema['enum']}"
    if "type" in schema:
        wanted = TYPES[schema["type"]]
        if not isinstance(value, wanted) or (isinstance(value, bool) and schema["type"] != "boolean"):
            return f"{place}: {value!r} is no {schema['type']}"
    if isinstance(value, list):
        inner = (problem(schema.get("items", {}), each, f"{place}[{index}]") for index, each in enumerate(value))
        return next((each for each in inner if each), None)
    if isinstance(value, dict):
        missing = set(schema.get("required", ())) - value.keys()
        if missing:
            return f"{place}: {sorted(missing)} is missing"
        others = schema.get("additionalProperties", True)
        for name, each in value.items():
            rule = schema.get("properties", {}).get(name, others)
            if rule is False:
                return f"{place}: {name} is not expected"
            if isinstance(rule, dict) and (found := problem(rule, each, f"{place}.{name}")):
                return found
    return None


def test_it_is_an_asyncapi_document() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    for channel in DOCUMENT["channels"].values():
        assert channel["address"].startswith("/")
        assert set(channel["parameters"]) == {"workshop_id"}
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert at(operation["channel"]["$ref"]) in DOCUMENT["channels"].values()
        in_channel = operation["channel"]["$ref"] + "/messages/"
        assert all(each["$ref"].startswith(in_channel) for each in operation["messages"])
    for message in DOCUMENT["components"]["messages"].values():
        assert message.keys() >= {"name", "summary", "contentType", "payload"}


def test_every_reference_is_to_something_that_is_there() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > len(CATALOGUE)
    for reference in found:
        assert reference.startswith("#/")
        assert isinstance(at(reference), dict)


def test_every_event_type_has_a_message_and_a_schema_under_its_lasting_name() -> None:
    names = {event_type(each) for each in CATALOGUE}
    assert DOCUMENT["components"]["messages"].keys() == names
    for each in CATALOGUE:
        assert DOCUMENT["components"]["schemas"][event_type(each)]["$id"] == schema_uri(each)


@pytest.mark.parametrize("path", journals(), ids=lambda path: path.stem)
def test_what_is_published_is_what_the_document_says(path: Any) -> None:
    narrative, seen = Narrative(OPTIONS), set[str]()
    for recorded in read_journal(path):
        for event in json.loads(json.dumps(narrative.tell(recorded))):
            seen.add(event["type"])
            payload = DOCUMENT["components"]["messages"][event["type"]]["payload"]
            assert problem(payload, event) is None
    assert len(seen) > 15


def test_the_check_finds_what_is_wrong() -> None:
    payload = DOCUMENT["components"]["messages"]["org.atelier.hand.raised.v1"]["payload"]
    narrative = Narrative(OPTIONS)
    events = [each for recorded in read_journal(journals()[0]) for each in narrative.tell(recorded)]
    event = json.loads(json.dumps(next(each for each in events if each["type"] == "org.atelier.hand.raised.v1")))
    assert problem(payload, event) is None
    assert problem(payload, {**event, "type": "other"})
    assert problem(payload, {**event, "data": {**event["data"], "workshop_id": 7}})
    assert problem(payload, {**event, "data": {**event["data"], "actor": {}}})
    assert problem(payload, {name: value for name, value in event.items() if name != "sequence"})
