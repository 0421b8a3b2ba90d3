"""Rows, cells and what can be wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rooms.errors import Rejected

MAX_ROSTER_BYTES = 5_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELL_CHARS = 500
MAX_PROBLEMS = 20
"""Problems that are told at once; a file with more is mostly one mistake."""

ProblemCode = Literal[
    "empty", "too_large", "too_many_rows", "too_many_columns", "not_text", "quote_not_closed", "text_after_quote",
    "quote_inside", "field_count", "no_key_column", "unknown_header", "duplicate_header", "no_key", "duplicate_person",
    "not_an_email", "not_a_number", "too_long", "json_syntax", "json_shape", "unknown_field", "duplicate_field",
]  # fmt: skip


class Place(NamedTuple):
    """Where something starts, both from 1. In CSV a line is a line of the file, also within a quoted field."""

    line: int
    column: int


class Cell(NamedTuple):
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a file: where, what, and in `message` what was expected there."""

    code: ProblemCode
    place: Place
    message: str
    header: str = ""
    """The column's header or the field's name, if it is about one."""

    def __str__(self) -> str:
        about = f" ({self.header})" if self.header else ""
        return f"line {self.place.line}, column {self.place.column}{about}: {self.message}"


class RosterInvalid(Rejected):
    """The file cannot be taken. `problems` are in the order of the file, at most `MAX_PROBLEMS` of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = list(problems)[:MAX_PROBLEMS]
        more = f" And {len(problems) - len(shown)} more." if len(problems) > len(shown) else ""
        super().__init__("roster_invalid", "; ".join(map(str, shown)) + "." + more, rule="RO2")
        self.problems = tuple(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One person as the file has them; at least one of `email` and `external_id` is given."""

    place: Place
    email: str = ""
    """Lower case."""
    external_id: str = ""
    name: str = ""
    room: str = ""
    score: float | None = None
    attributes: dict[str, str] = field(default_factory=dict)
