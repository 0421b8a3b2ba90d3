"""Any run sheet that the rules take is written as a document that reads as the same sheet."""

import dataclasses
from random import Random
from typing import Any, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agenda.sheet import check_references, checked_steps
from rooms.commands.agenda import SetAgenda
from rooms.errors import Rejected
from rooms.events.agenda import AgendaSheet
from rooms.workshop import initial_state
from server.agenda.reading import read_json, read_yaml
from server.agenda.tree import SheetInvalid
from server.agenda.writing import write_json, write_yaml
from tests.property.any_command import any_message

TEXTS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        [
            "1:30",
            "yes",
            "null",
            "~",
            "- a",
            "a: b",
            "a #b",
            "'x'",
            '"',
            "\n",
            "a\nb",
            "a\n\n b \n",
            "\x85",
            "a\u2028b\x85\n\u2029",
            "|",
            ">",
            "*a",
            "&a",
            "!x",
        ]
    ),
)


def retold(draw: Random, message: Any, texts: list[str]) -> Any:
    """The message with some of its texts replaced."""
    hints, changed = get_type_hints(type(message)), {}
    for field in dataclasses.fields(message):
        value = getattr(message, field.name)
        if dataclasses.is_dataclass(value):
            changed[field.name] = retold(draw, value, texts)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(
                retold(draw, each, texts)
                if dataclasses.is_dataclass(each)
                else draw.choice(texts)
                if hints[field.name] == tuple[str, ...] and draw.random() < 0.5
                else each
                for each in value
            )
        elif hints[field.name] is str and draw.random() < 0.5:
            changed[field.name] = draw.choice(texts)
    return dataclasses.replace(message, **changed)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), texts=st.lists(TEXTS, min_size=3, max_size=3))
def test_what_was_written_reads_as_the_same_sheet(seed: int, texts: list[str]) -> None:
    draw = Random(seed)
    steps = []
    for _ in range(8):
        for step in any_message(draw, initial_state(), SetAgenda).steps:
            step = retold(draw, step, texts)
            try:
                checked_steps([*steps, step])
                steps.append(step)
            except Rejected:
                pass
    checked = list(checked_steps(steps))
    while checked:
        try:
            check_references(checked)
            break
        except Rejected:
            checked.pop()
    sheet = AgendaSheet(
        title=texts[0].strip() if texts[0].isprintable() else "",
        show=draw.choice(("all", "current")),
        steps=tuple(checked),
    )
    assert read_yaml(write_yaml(sheet).encode()) == sheet
    assert read_json(write_json(sheet).encode()) == sheet


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_whatever_comes_is_a_sheet_or_refused(body: bytes) -> None:
    for read in (read_yaml, read_json):
        try:
            read(body)
        except SheetInvalid as invalid:
            assert invalid.problems
