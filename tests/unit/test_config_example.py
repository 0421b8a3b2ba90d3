"""deploy/config.example.yaml shows every setting, and its values are the defaults."""

import re
from pathlib import Path

from server import config

EXAMPLE = Path(__file__).parents[2] / "deploy/config.example.yaml"


def test_the_example_loads_and_says_the_defaults() -> None:
    assert config.load(EXAMPLE) == config.load()


def test_the_example_names_every_setting() -> None:
    named = set(re.findall(r"^[# ]*(\w+):", EXAMPLE.read_text(), re.MULTILINE))
    settings = (config.Settings, config.Limits, config.PublishSettings)
    assert {field for each in settings for field in each.model_fields} <= named
