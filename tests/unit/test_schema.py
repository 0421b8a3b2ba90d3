"""The client's types come from the server's classes, and so does what is taken from a client."""

import json
from pathlib import Path
from typing import Any

import pytest

from rooms.commands.breakouts import MoveParticipants
from rooms.commands.people import SetMedia
from rooms.ids import PLENARY, ParticipantId
from server.refusals import Refusal
from server.schema import command_of, json_schema

FILE = Path(__file__).parents[2] / "client_web/src/protocol/schema.json"


def test_the_clients_schema_is_fresh() -> None:
    assert json.loads(FILE.read_text()) == json_schema(), "run `make schema`"


def test_a_command_is_what_the_schema_has() -> None:
    assert command_of({"type": "SetMedia", "mic": True, "camera": False, "screen": False}) == SetMedia(
        mic=True, camera=False, screen=False
    )
    moved = command_of({"type": "MoveParticipants", "participant_ids": ["ann"], "room_id": "plenary"})
    assert moved == MoveParticipants(participant_ids=(ParticipantId("ann"),), room_id=PLENARY)


WRONG: list[tuple[dict[Any, Any], str, str]] = [
    ({"type": "SetMedia", "mic": "yes", "camera": 1, "screen": 0}, "command_invalid", "SetMedia.mic"),
    ({"type": "OpenBreakouts", "count": True}, "command_invalid", "OpenBreakouts.count"),
    ({"type": "OpenBreakouts", "count": "2"}, "command_invalid", "OpenBreakouts.count"),
    ({"type": "OpenBreakouts", "count": float("nan")}, "command_invalid", "NaN"),
    ({"type": "PostMessage", "channel": "everyone", "text": b"bytes"}, "command_invalid", "bytes"),
    ({"type": "PostMessage", "channel": "everyone", "text": 5}, "command_invalid", "PostMessage.text"),
    ({"type": "PostMessage", "channel": "nobody", "text": "x"}, "command_invalid", "PostMessage.channel"),
    ({"type": "RaiseHand", "actor": "fay"}, "command_invalid", "RaiseHand.actor"),
    ({"type": "RaiseHand", b"more": 1}, "command_invalid", "bytes"),
    ({"type": "Tick"}, "command_unknown", "type"),
    ({"type": "Connect", "connection_id": "c", "name": "x", "role": "facilitator"}, "command_unknown", "type"),
    ({"type": ["RaiseHand"]}, "command_unknown", "type"),
    ({"type": None}, "command_unknown", "type"),
    ({}, "command_unknown", "type"),
]


@pytest.mark.parametrize(("fields", "code", "about"), WRONG)
def test_what_only_resembles_a_command_is_refused(fields: dict[Any, Any], code: str, about: str) -> None:
    with pytest.raises(Refusal) as refused:
        command_of(fields)
    assert refused.value.code == code
    assert about in refused.value.message


@pytest.mark.parametrize("depth", [200, 900, 20_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    with pytest.raises(Refusal, match="command_invalid"):
        command_of({"type": "PostMessage", "channel": "everyone", "text": nested})
    with pytest.raises(Refusal, match="command_unknown"):
        command_of({"type": nested})
