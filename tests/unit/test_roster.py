"""Rosters from CSV and JSON."""

import json
from pathlib import Path

import pytest

from rooms.ids import ParticipantId
from rooms.roster import Problem, RosterInvalid, RosterPerson, RosterRow, match, read_roster, rooms_of
from rooms.roster.reading import COLUMN_WORDS, field_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "roster.json").read_text())
"""Shared with the client, which guesses what a roster's columns are before it is sent."""


def problems(data: bytes | str, kind: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(RosterInvalid) as refused:
        read_roster(data, kind)
    return refused.value.problems


def only(data: bytes | str) -> tuple[str, int, int]:
    (problem,) = problems(data)
    return problem.code, *problem.place


def test_RO1_a_plain_csv() -> None:
    (row,) = read_roster("email,external_id,name,room,score,attribute:team\nAnn@Example.org,7,Ann,Red,3.5,Sales\n")
    assert (row.email, row.external_id, row.name, row.room, row.score) == ("ann@example.org", "7", "Ann", "Red", 3.5)
    assert row.attributes == {"team": "Sales"}
    assert row.place == (2, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfemail;name;score\r\nann@example.org;M\xc3\xbcller, Ann;3,5\r\n;;\r\n",  # Excel, "CSV UTF-8", in Europe
        "email;name;score\r\nann@example.org;Müller, Ann;3,5\r\n".encode("cp1252"),  # Excel, "CSV"
        "email\tname\tscore\nann@example.org\tMüller, Ann\t3.5\n".encode("utf-16"),  # Excel, "Unicode text"
        'sep=|\nemail|name|score\nann@example.org|"Müller, Ann"|3.5',
        'email,name,score\rann@example.org,"Müller, Ann","3,5"\r\r',  # old Macintosh line ends
        "\n\nE-Mail Address;Full Name;Points\nann@example.org;Müller, Ann;3.5",
    ],
)
def test_RO1_files_as_spreadsheets_write_them(data: bytes | str) -> None:
    (row,) = read_roster(data)
    assert (row.email, row.name, row.score) == ("ann@example.org", "Müller, Ann", 3.5)


def test_RO1_quoted_fields_may_hold_delimiters_quotes_and_lines() -> None:
    rows = read_roster('email,name\na@x.org,"Ann ""Bo"" Cy,\nof two lines"\nb@x.org,Bo')
    assert rows[0].name == 'Ann "Bo" Cy,\nof two lines'
    assert rows[1].place == (4, 1)


def test_RO1_json() -> None:
    text = (
        '[{"email": "a@x.org", "room": "Red", "score": 4, "attributes": {"team": "A", "year": 3}}, {"external_id": 12}]'
    )
    first, second = read_roster(text)
    assert (first.room, first.score, first.attributes) == ("Red", 4.0, {"team": "A", "year": "3"})
    assert second.external_id == "12"
    assert read_roster('{"people": [{"email": "a@x.org"}]}')[0].email == "a@x.org"
    assert read_roster("[]") == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", ("empty", 1, 1)),
        (" \n;;\n", ("empty", 1, 1)),
        ("sep=;", ("empty", 1, 1)),
        ('email,name\na@x.org,"Ann\nb@x.org,Bo\n', ("quote_not_closed", 2, 9)),
        ('email,name\na@x.org,"Ann" Bo\n', ("text_after_quote", 2, 14)),
        ('email,name\na@x.org,Ann "Bo"\n', ("quote_inside", 2, 13)),
        ("email,name\na@x.org\n", ("field_count", 2, 1)),
        ("email,name\na@x.org,Ann,Bo\n", ("field_count", 2, 13)),
        ("name,room\nAnn,Red\n", ("no_key_column", 1, 1)),
        ("email,emial\na@x.org,b@x.org\n", ("unknown_header", 1, 7)),
        ("email,mail\na@x.org,b@x.org\n", ("duplicate_header", 1, 7)),
        ("email,name\n,Ann\n", ("no_key", 2, 1)),
        ("email,name\nann at x,Ann\n", ("not_an_email", 2, 1)),
        ("email,score\na@x.org,many\n", ("not_a_number", 2, 9)),
        ("email,name\na@x.org,Ann\nb@x.org,Bo\nA@X.org,Cy\n", ("duplicate_person", 4, 1)),
        (f"email,name\na@x.org,{'x' * 501}\n", ("too_long", 2, 9)),
        (b"PK\x03\x04 not a text file \x81", ("not_text", 1, 3)),
        ('[{"email": "a@x.org"},\n {"email" "b@x.org"}]', ("json_syntax", 2, 11)),
        ('[{"email": "a@x.org"},\n 7]', ("json_shape", 2, 2)),
        ('{"persons": []}', ("json_shape", 1, 1)),
        ('[{"email": "a@x.org",\n  "grade": 1}]', ("unknown_field", 2, 3)),
        ('[{"email": "a@x.org",\n  "score": "many"}]', ("not_a_number", 2, 3)),
        ('[{"email": "a@x.org",\n  "name": ["Ann"]}]', ("json_shape", 2, 3)),
        ('[{"email": "a@x.org",\n  "email": "b@x.org"}]', ("duplicate_field", 2, 3)),
        ('[{"email": "a@x.org",\n  "attributes": ["team"]}]', ("json_shape", 2, 3)),
        ('[\n  {"name": "Ann"}]', ("no_key", 2, 3)),
        ('[{"email": "a@x.org"},\n {"email": "A@x.org"}]', ("duplicate_person", 2, 2)),
        ("[" * 100_000, ("json_shape", 1, 1)),
    ],
)  # fmt: skip
def test_RO2_errors_name_line_and_column(data: bytes | str, expected: tuple[str, int, int]) -> None:
    assert only(data) == expected


def test_RO2_errors_say_what_was_expected() -> None:
    with pytest.raises(RosterInvalid) as refused:
        read_roster("email,emial,room\na@x.org,,Red\n")
    assert refused.value.code == "roster_invalid"
    assert refused.value.rule == "RO2"
    assert refused.value.message == (
        "line 1, column 7 (emial): did you mean email? expected are email, external_id, name, room, score, "
        "and attribute:<name> for anything else."
    )


def test_RO2_all_errors_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems("email,score\nnobody,1\na@x.org,x\n,3\nb@x.org\n")
    assert [(problem.code, problem.place.line) for problem in found] == [
        ("not_an_email", 2),
        ("not_a_number", 3),
        ("no_key", 4),
        ("field_count", 5),
    ]


def test_RO2_a_flood_of_errors_is_cut_short() -> None:
    with pytest.raises(RosterInvalid) as refused:
        read_roster("email\n" + "nobody\n" * 100)
    assert len(refused.value.problems) == 20
    assert refused.value.message.endswith("And 179 more.")  # each is no email, and 99 come a second time


def test_RO3_sizes_are_limited() -> None:
    assert only("email\n" + "\n".join(f"p{number}@x.org" for number in range(10_001)))[0] == "too_many_rows"
    assert only("email\n" + "x" * 5_000_000)[0] == "too_large"
    assert (
        only(",".join(["email", *(f"attribute:a{number}" for number in range(100))]) + "\n" + "x" * 9)[0]
        == "too_many_columns"
    )


# ── matching ─────────────────────────────────────────────────────────────────────────────────────────────────────────
ANN, BO, CY = (
    RosterPerson(id=ParticipantId("ann"), email="Ann@x.org", external_id="1"),
    RosterPerson(id=ParticipantId("bo"), email="bo@x.org"),
    RosterPerson(id=ParticipantId("cy"), external_id="3"),
)


def rows(text: str) -> tuple[RosterRow, ...]:
    return read_roster("email,external_id,room\n" + text)


def test_RO4_rows_match_by_email_or_external_id() -> None:
    found = match(rows("ann@X.org,,Red\nBO@x.org,,Blue\n,3,Red\n"), [ANN, BO, CY])
    assert [(entry.row.place.line, entry.person) for entry in found.matched] == [(2, "ann"), (3, "bo"), (4, "cy")]
    assert found.unmatched == found.missing == ()
    assert rooms_of(found) == {"Red": ["ann", "cy"], "Blue": ["bo"]}


def test_RO5_unmatched_rows_and_people_in_no_row_are_listed() -> None:
    found = match(rows("zoe@x.org,,Red\nann@x.org,,\n"), [ANN, BO])
    assert [(entry.row.email, entry.why) for entry in found.unmatched] == [
        ("zoe@x.org", "Nobody here has this email or external id.")
    ]
    assert found.missing == ("bo",)
    assert rooms_of(found) == {}


def test_RO6_keys_of_different_people_match_neither() -> None:
    found = match(rows("bo@x.org,1,Red\n"), [ANN, BO])
    assert [entry.why for entry in found.unmatched] == ["The email and the external id belong to different people."]
    assert found.missing == ("ann", "bo")


def test_RO6_an_email_that_two_people_share_matches_neither() -> None:
    twin = RosterPerson(id=ParticipantId("twin"), email="bo@x.org")
    assert match(rows("bo@x.org,,Red\n"), [BO, twin]).matched == ()


def test_RO7_a_person_matches_one_row() -> None:
    found = match(rows("ann@x.org,,Red\n,1,Blue\n"), [ANN])
    assert [entry.row.place.line for entry in found.matched] == [2]
    assert [entry.why for entry in found.unmatched] == ["The row in line 2 is the same person."]


def test_RO1_columns_are_known_by_the_words_that_the_client_knows() -> None:
    assert {field: list(words) for field, words in COLUMN_WORDS.items()} == VECTORS["words"]
    told = {title: field_of(title) for title, _ in VECTORS["titles"]}
    assert told == dict(VECTORS["titles"])
