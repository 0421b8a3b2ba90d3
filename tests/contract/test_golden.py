"""Journals that were written long ago replay: every version of every event's shape, and whole workshops."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rooms import codec
from rooms.views import all_keys, render
from rooms.workshop import evolve, initial_state
from tests.golden import journals, published, read_journal, samples, stored_samples

STORED = stored_samples()
CHANGED = (
    "The shape of {name} is not what version {version} was. Journals that exist have the old shape, so: leave the old sample as it is, "
    "raise VERSIONS[{name!r}] in rooms/codec.py, add an upcaster for ({name!r}, {version}) to UPCASTERS that makes the old dict into the new one, and run "
    "`make golden`. A field that is added with a default needs none of this. ({problem})"
)


def within(old: Any, new: Any, place: str = "") -> str | None:
    """What of `old` is not in `new` (which may have further fields), or None."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        problems = (within(value, new.get(name, "nothing"), f"{place}.{name}") for name, value in old.items())
        return next((each for each in problems if each is not None), None)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        problems = (within(a, b, f"{place}[{index}]") for index, (a, b) in enumerate(zip(old, new, strict=True)))
        return next((each for each in problems if each is not None), None)
    return None if old == new else f"{place}: {old!r} is read as {new!r}"


def test_every_event_type_has_a_sample_of_its_present_version() -> None:
    missing = [f"{each['type']} version {each['v']}" for each in samples() if (each["type"], each["v"]) not in STORED]
    assert missing == [], "these are new: run `make golden`, which adds them to tests/vectors/events.jsonl"


def test_every_version_before_the_present_has_a_sample_and_an_upcaster() -> None:
    for name, present in codec.VERSIONS.items():
        for version in range(1, present):
            assert (name, version) in codec.UPCASTERS, f"there is no upcaster for {name} version {version}"
            assert (name, version) in STORED, f"the sample of {name} version {version} was taken out: put it back"


@pytest.mark.parametrize(("name", "version"), sorted(STORED))
def test_what_was_written_in_any_version_is_read(name: str, version: int) -> None:
    old = STORED[name, version]
    assert name in codec.event_types(), (
        f"{name} stands in journals that exist; its class must stay, even if nothing makes it any more"
    )
    try:
        event = codec.decode(old)
    except (TypeError, KeyError, ValueError) as error:
        raise AssertionError(CHANGED.format(name=name, version=version, problem=error)) from error
    if version == codec.VERSIONS.get(name, 1):
        problem = within(old, codec.encode(event))
        assert problem is None, CHANGED.format(name=name, version=version, problem=problem)


@pytest.mark.parametrize("path", journals(), ids=lambda path: path.stem)
def test_whole_journals_replay_and_are_published_with_the_same_ids(path: Path) -> None:
    log = list(read_journal(path))
    state = initial_state()
    for recorded in log:
        state = evolve(state, recorded)
    assert state.seq == len(log)
    for key in all_keys(state):
        render(state, key)
    first = json.loads(path.with_suffix(".published.json").read_text())
    now = published(log)
    remaining = iter(now)
    lost = [each for each in first if each not in remaining]
    assert lost == [], (
        "what was published once is published otherwise now: receivers that know the ids would be led astray"
    )


def test_a_journal_from_before_lengths_replays_to_the_same_state() -> None:
    old, new = (list(read_journal(path)) for path in journals()[:2])
    assert [each.event for each in old] == [each.event for each in new]
