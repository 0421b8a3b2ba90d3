"""The client's types come from the server's classes."""

import json
from pathlib import Path

from server.schema import json_schema

FILE = Path(__file__).parents[2] / "client_web/src/protocol/schema.json"


def test_the_clients_schema_is_fresh() -> None:
    assert json.loads(FILE.read_text()) == json_schema(), "run `make schema`"
