"""Every rule of SPEC.md is cited by a test, and every refusal in the core cites a rule of SPEC.md."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = re.compile(r"^- \*\*([A-Z]{2}\d+)\*\*", re.MULTILINE)


def rules() -> set[str]:
    found = RULE.findall((ROOT / "rooms/SPEC.md").read_text())
    assert len(found) == len(set(found)), "two rules have the same id"
    return set(found)


def test_every_rule_is_cited_by_a_test() -> None:
    cited: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"def (test_\w+)", path.read_text()):
            cited.update(re.findall(r"_([A-Z]{2}\d+)", name))
    assert rules() - cited == set()


def test_every_refusal_cites_a_rule_that_exists() -> None:
    cited: set[str] = set()
    for path in (ROOT / "rooms").rglob("*.py"):
        cited.update(re.findall(r'rule="([A-Z]{2}\d+)"', path.read_text()))
    assert cited - rules() == set()


def test_every_command_has_roles_and_every_message_has_its_tables() -> None:
    from typing import get_args

    from rooms.commands import ClientCommand, Command
    from rooms.events import Event
    from rooms.roles import ALLOWED
    from rooms.views import _TOUCHERS
    from rooms.workshop import DECIDERS, EVOLVERS

    assert {command.__name__ for command in get_args(ClientCommand)} == set(ALLOWED)
    assert set(get_args(Command)) == set(DECIDERS)
    assert set(get_args(Event)) == set(EVOLVERS) == set(_TOUCHERS)
