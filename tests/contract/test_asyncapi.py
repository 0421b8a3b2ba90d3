"""The AsyncAPI document is one by AsyncAPI's own schema, and what is published is what it says."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7

from server.publish.asyncapi import document
from server.publish.catalogue import CATALOGUE, event_type, schema_uri
from server.publish.narrative import Narrative
from tests.contract.test_catalogue import EVENTS
from tests.golden import OPTIONS, journals, read_journal

DOCUMENT = json.loads(json.dumps(document()))
MESSAGES = DOCUMENT["components"]["messages"]
OFFICIAL = Path(__file__).parents[2] / "client_web/node_modules/@asyncapi/specs/schemas/3.0.0.json"
"""Of the npm package that the AsyncAPI parser validates with."""
HERE = "urn:test:document"
REGISTRY: Registry[Any] = Registry().with_resource(HERE, DRAFT7.create_resource(DOCUMENT))


@cache
def official() -> jsonschema.protocols.Validator:
    return jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text()))


@cache
def message(name: str) -> jsonschema.protocols.Validator:
    return jsonschema.Draft7Validator({"$ref": f"{HERE}#/components/messages/{name}/payload"}, registry=REGISTRY)


def problems(name: str, event: dict[str, Any]) -> list[str]:
    """Where an event is not as the message of that name says."""
    return [each.message for each in message(name).iter_errors(event)]


def published() -> list[dict[str, Any]]:
    """Everything that can be published, and what was published of journals of all times."""
    found = [event for _, _, event in EVENTS]
    for path in journals():
        narrative = Narrative(OPTIONS)
        found += [event for each in read_journal(path) for event in json.loads(json.dumps(narrative.tell(each)))]
    return found


def test_it_is_an_asyncapi_document_by_the_official_schema() -> None:
    assert [f"{each.json_path}: {each.message}" for each in official().iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("operations", "publish", "action"), "sned"),
        (("info", "version"), None),
    ],
)
def test_the_official_schema_finds_what_is_wrong(place: tuple[str, ...], value: object) -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    inner = broken
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    assert not official().is_valid(broken)


def test_operations_and_messages_belong_together() -> None:
    (channel,) = DOCUMENT["channels"].values()
    (operation,) = DOCUMENT["operations"].values()
    assert operation["channel"] == {"$ref": "#/channels/workshop"}
    assert {each["$ref"] for each in operation["messages"]} == {
        f"#/channels/workshop/messages/{each}" for each in MESSAGES
    }
    assert channel["messages"] == {each: {"$ref": f"#/components/messages/{each}"} for each in MESSAGES}
    assert all(each.keys() >= {"name", "summary", "contentType", "payload"} for each in MESSAGES.values())


def test_every_event_type_has_a_message_and_a_schema_with_its_lasting_name() -> None:
    assert MESSAGES.keys() == {event_type(each) for each in CATALOGUE}
    for each in CATALOGUE:
        schema = DOCUMENT["components"]["schemas"][event_type(each)]
        jsonschema.Draft7Validator.check_schema(schema)
        assert schema["x-dataschema"] == schema_uri(each)


def test_what_is_published_is_what_the_document_says() -> None:
    events = published()
    assert {event["type"] for event in events} == MESSAGES.keys()
    for event in events:
        assert problems(event["type"], event) == []


def test_what_is_not_published_so_is_found() -> None:
    name = "org.atelier.hand.raised.v1"
    event = next(each for each in published() if each["type"] == name)
    assert problems(name, event) == []
    assert problems(name, {**event, "type": "other"})
    assert problems(name, {**event, "data": {**event["data"], "workshop_id": 7}})
    assert problems(name, {**event, "data": {**event["data"], "actor": {}}})
    assert problems(name, {**event, "data": {**event["data"], "unheard_of": 1}})
    assert problems(name, {key: value for key, value in event.items() if key != "sequence"})
