"""CSV by RFC 4180: a header, commas, CRLF, UTF-8, quotes where they are needed. Text that a spreadsheet would run as a formula is made harmless.

A text that begins with one of `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it (AT12). Numbers of ours are
written as they are. Whoever reads the file with a program and wants the text as it was takes the JSON, or drops a leading apostrophe before one of these.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

Cell = str | int | float | bool | None
Row = Sequence[Cell]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Sequence[str], rows: Iterable[Row]) -> str:
    """The table as a text; None is an empty field, a truth value `true` or `false`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
    return out.getvalue()


def _written(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def moment(at_ms: int | None) -> str:
    """Unix milliseconds as ISO 8601 in UTC; empty for None."""
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds(ms: int) -> float:
    return round(ms / 1000, 1)
