"""From a file's cells to rows: which column is what, and what each value must be."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from rooms.roster.csv_text import read_csv
from rooms.roster.json_text import Record, read_json
from rooms.roster.model import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ROSTER_BYTES,
    MAX_ROWS,
    Cell,
    Place,
    Problem,
    ProblemCode,
    RosterInvalid,
    RosterRow,
)

ATTRIBUTE = "attribute:"
"""Before the name of an attribute, in the header of its column."""

COLUMN_WORDS = {
    "email": (
        "email",
        "e mail",
        "mail",
        "email address",
        "e mail address",
        "e mail adresse",
        "adresse e mail",
        "courriel",
        "メール",
        "メールアドレス",
    ),
    "external_id": (
        "external id",
        "id",
        "user id",
        "student id",
        "participant id",
        "learner id",
        "identifiant",
        "学籍番号",
    ),
    "name": (
        "name",
        "full name",
        "display name",
        "participant",
        "nom",
        "nom complet",
        "名前",
        "氏名",
    ),
    "room": (
        "room",
        "group",
        "room name",
        "group name",
        "breakout",
        "breakout room",
        "pre assign room name",
        "raum",
        "salle",
        "groupe",
        "ルーム",
        "グループ",
    ),
    "score": (
        "score",
        "points",
        "grade",
        "pre work score",
        "note",
        "点数",
    ),
}
"""How columns are called that are known by their title, in English, French and Japanese; the client guesses by the same (tests/vectors/roster.json)."""
_ALIASES = {alias: field for field, aliases in COLUMN_WORDS.items() for alias in aliases}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+|[^@\s]+@localhost")


def is_email(text: str) -> bool:
    """Whether it looks like an address: something, an @, and a domain. Only a mail that arrives proves more."""
    return _EMAIL.fullmatch(text) is not None


def read_roster(data: bytes | str, kind: str | None = None) -> tuple[RosterRow, ...]:
    """Rows in the order of the file. `kind`: "csv" or "json"; left out, the first character tells.

    Raises `RosterInvalid` with every problem found.
    """
    text = _decoded(data)
    start = text.lstrip()[:1]
    if kind == "json" or (kind is None and start in ("[", "{")):
        rows, problems = _from_json(read_json(text))
    else:
        rows, problems = _from_csv(read_csv(text))
    problems += _duplicates(rows)
    if problems:
        raise RosterInvalid(sorted(problems, key=lambda problem: problem.place))
    return tuple(rows)


def _decoded(data: bytes | str) -> str:
    if len(data) > MAX_ROSTER_BYTES:
        message = f"the file has {len(data)} bytes; at most {MAX_ROSTER_BYTES} are taken"
        raise RosterInvalid([Problem(code="too_large", place=Place(1, 1), message=message)])
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Spreadsheets that do not write UTF-8 write the machine's code page; control characters say it is no text at all.
    text = data.decode("cp1252", errors="replace")
    bad = next((at for at, char in enumerate(text) if char < " " and char not in "\r\n\t"), None)
    if bad is not None:
        place = Place(text.count("\n", 0, bad) + 1, bad - text.rfind("\n", 0, bad))
        raise RosterInvalid([Problem(code="not_text", place=place, message="a CSV or JSON text file was expected")])
    return text


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _from_csv(records: Sequence[Sequence[Cell]]) -> tuple[list[RosterRow], list[Problem]]:
    if not records:
        return [], [_problem("empty", Place(1, 1), "a header line and people were expected")]
    header, *body = records
    fields, problems = _columns(header)
    if problems:
        return [], problems  # every row would complain about the same columns
    if len(body) > MAX_ROWS:
        return [], [_problem("too_many_rows", body[MAX_ROWS][0].place, f"at most {MAX_ROWS} people are taken")]
    rows = []
    for record in body:
        if len(record) != len(fields):
            message = f"{len(fields)} fields were expected as in the header; there are {len(record)}"
            problems.append(_problem("field_count", record[min(len(fields), len(record) - 1)].place, message))
            continue
        cells = {field: cell for field, cell in zip(fields, record, strict=True) if cell.text.strip()}
        titles = {field: title.text.strip() for field, title in zip(fields, header, strict=True)}
        rows.append(_row(record[0].place, cells, titles, problems))
    return rows, problems


def _columns(header: Sequence[Cell]) -> tuple[list[str], list[Problem]]:
    """The field of each column ("attribute:team" for an attribute), and what is wrong with the header."""
    fields: list[str] = []
    problems = []
    if len(header) > MAX_COLUMNS:
        problems.append(
            _problem("too_many_columns", header[MAX_COLUMNS].place, f"at most {MAX_COLUMNS} columns are taken")
        )
    for cell in header:
        title = cell.text.strip()
        field = field_of(title)
        if field is None:
            problems.append(_problem("unknown_header", cell.place, _unknown(title), title))
        elif field in fields:
            first = header[fields.index(field)].text.strip()
            problems.append(_problem("duplicate_header", cell.place, f"“{first}” means the same: keep one", title))
        fields.append(field or title)
    if not problems and not {"email", "external_id"} & set(fields):
        message = "a column email or external_id was expected, to know who is who"
        problems.append(_problem("no_key_column", header[0].place, message))
    return fields, problems


def field_of(title: str) -> str | None:
    """The field that a column of this title is ("attribute:team" for an attribute); None for a title that says none."""
    if title.lower().startswith(ATTRIBUTE):
        name = title[len(ATTRIBUTE) :].strip()
        return ATTRIBUTE + name if name else None
    return _ALIASES.get(re.sub(r"[\s_\-.]+", " ", title.lower()).strip())


def _unknown(title: str) -> str:
    close = get_close_matches(title.lower(), _ALIASES, n=1)
    hint = f"did you mean {_ALIASES[close[0]]}? " if close else ""
    return f"{hint}expected are {', '.join(COLUMN_WORDS)}, and {ATTRIBUTE}<name> for anything else"


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _from_json(records: Sequence[Record]) -> tuple[list[RosterRow], list[Problem]]:
    problems: list[Problem] = []
    rows = []
    if len(records) > MAX_ROWS:
        return [], [_problem("too_many_rows", records[MAX_ROWS].place, f"at most {MAX_ROWS} people are taken")]
    for record in records:
        cells: dict[str, Cell] = {}
        for name, (value, place) in record.items():
            for field, cell in _json_cells(name, value, place, problems):
                cells[field] = cell
        rows.append(_row(record.place, cells, {}, problems))
    return rows, problems


def _json_cells(name: str, value: Any, place: Place, problems: list[Problem]) -> Iterator[tuple[str, Cell]]:
    if name == "attributes":
        if isinstance(value, dict):
            yield from ((ATTRIBUTE + key, cell) for key, cell in value.items())
        else:
            problems.append(_problem("json_shape", place, 'an object {"name": "value"} was expected', name))
    elif name not in COLUMN_WORDS:
        expected = f"expected are {', '.join(COLUMN_WORDS)} and attributes"
        problems.append(_problem("unknown_field", place, expected, name))
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        if str(value).strip():
            yield name, Cell(str(value), place)
    elif value is not None:
        problems.append(_problem("json_shape", place, "a text or a number was expected", name))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _row(place: Place, cells: dict[str, Cell], titles: dict[str, str], problems: list[Problem]) -> RosterRow:
    """The row of these cells; what is wrong with them is added to the problems."""

    def complain(code: ProblemCode, field: str, message: str) -> None:
        problems.append(_problem(code, cells[field].place, message, titles.get(field, field)))

    values = {field: cell.text.strip() for field, cell in cells.items()}
    for field, value in values.items():
        if len(value) > MAX_CELL_CHARS:
            complain("too_long", field, f"{len(value)} characters; at most {MAX_CELL_CHARS} are taken")
    email = values.get("email", "").lower()
    if email and not is_email(email):
        complain("not_an_email", "email", f"“{values['email'][:60]}” is no email address; expected is name@example.org")
    if not email and "external_id" not in values:
        problems.append(_problem("no_key", place, "an email or an external_id was expected"))
    score = None
    if "score" in values:
        score = _number(values["score"])
        if score is None:
            complain("not_a_number", "score", f"“{values['score'][:60]}” is no number; expected is one like 3.5 or 3,5")
    return RosterRow(
        place=place,
        email=email,
        external_id=values.get("external_id", ""),
        name=values.get("name", ""),
        room=values.get("room", ""),
        score=score,
        attributes={
            field[len(ATTRIBUTE) :]: value for field, value in values.items() if field.startswith(ATTRIBUTE) and value
        },
    )


def _number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,2})?", text.lower()):
        return None
    return float(text.replace(",", "."))


def _duplicates(rows: Sequence[RosterRow]) -> list[Problem]:
    problems = []
    first: dict[tuple[str, str], Place] = {}
    for row in rows:
        for field, value in (("email", row.email), ("external_id", row.external_id)):
            if value and first.setdefault((field, value), row.place) is not row.place:
                line = first[field, value].line
                message = f"“{value[:60]}” is in line {line} already; every person was expected once"
                problems.append(_problem("duplicate_person", row.place, message, field))
    return problems


def _problem(code: ProblemCode, place: Place, message: str, header: str = "") -> Problem:
    return Problem(code=code, place=place, message=message, header=header)
