"""Rosters: any text is rows or a `RosterInvalid`, and what a spreadsheet writes is read back."""

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.roster import RosterInvalid, read_roster

anything = st.one_of(
    st.text(alphabet='email,;\t"\n\r@x.org[]{}: 1é\x00\ufeff', max_size=60),
    st.text(max_size=40),
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["email", "people", "score", "attributes", "x"]), inner, max_size=3)
        ),
    ).map(json.dumps),
)


@settings(max_examples=500)
@given(anything, st.sampled_from([None, "csv", "json"]))
def test_RO2_whatever_comes_is_read_or_refused_with_a_place(data: bytes | str, kind: str | None) -> None:
    try:
        read_roster(data, kind)
    except RosterInvalid as error:
        for problem in error.problems:
            assert problem.place >= (1, 1)


texts = st.text(st.characters(exclude_categories=("C",)) | st.sampled_from('",;\n'), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=8, unique_by=lambda row: row[0]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_RO1_what_a_spreadsheet_writes_is_read_back(
    entries: list[tuple[str, str]], delimiter: str, encoding: str, line_end: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["external_id", "name"])
    writer.writerows(entries)
    rows = read_roster(out.getvalue().encode(encoding), "csv")
    assert [(row.external_id, row.name) for row in rows] == entries
