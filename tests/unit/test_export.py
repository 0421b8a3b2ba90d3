"""Exports: tables that a spreadsheet and a program read alike, and nothing in them that a facilitator may not see."""

import csv
import io

import pytest

from rooms.commands.breakouts import CloseBreakouts, HandInWork, OpenBreakouts
from rooms.commands.people import Rename
from rooms.commands.rosters import ImportRoster
from rooms.ids import API, ParticipantId
from rooms.roster import read_roster
from server.export import attendance, groups, reviews, snapshot
from server.export.tables import csv_text, moment
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT12_a_table_is_what_the_rfc_has() -> None:
    text = csv_text(("a", "b"), [("x,y", 'says "hi"'), ("two\nlines", None), ("é 日本", True), (-1.5, 3)])
    assert text == 'a,b\r\n"x,y","says ""hi"""\r\n"two\nlines",\r\né 日本,true\r\n-1.5,3\r\n'
    assert read(text)[1:] == [["x,y", 'says "hi"'], ["two\nlines", ""], ["é 日本", "true"], ["-1.5", "3"]]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|" /C calc"!A0', "=1,2"]
)
def test_AT12_no_cell_is_a_formula(text: str) -> None:
    ((cell,),) = read(csv_text(("name",), [(text,)]))[1:]
    assert cell == f"'{text}"


def test_AT12_names_cannot_smuggle_formulas_into_the_attendance() -> None:
    made = Workshop()
    made.crowd(1)
    made.do("l0", Rename(name='=HYPERLINK("http://evil.example","Ann")'))
    found = attendance.attendance_of(made.state, made.now_ms)
    table = read(csv_text(attendance.HEADER, attendance.rows(found)))
    assert table[0] == list(attendance.HEADER)
    assert {len(row) for row in table} == {len(attendance.HEADER)}
    assert not [cell for row in table for cell in row if cell.startswith("=")]


def test_moments_are_in_utc() -> None:
    assert (moment(1_767_225_600_000), moment(None)) == ("2026-01-01T00:00:00Z", "")


# ── attendance ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_AT11_the_attendance_lists_everybody_and_those_who_never_came() -> None:
    made = Workshop()
    made.do(API, ImportRoster(text="external_id,name\nl0,Ann\nl9,Zoe\n"))
    made.crowd(2)
    made.wait(60_000)
    found = attendance.attendance_of(made.state, made.now_ms)
    assert [(each.name, each.verdict) for each in found.people] == [
        ("Fay", "present"), ("L0", "present"), ("L1", "present"), ("Zoe", "absent")
    ]  # fmt: skip
    assert [each.name for each in attendance.attendance_of(made.state, made.now_ms, ParticipantId("l0")).people] == [
        "L0"
    ]
    rows = [dict(zip(attendance.HEADER, row, strict=True)) for row in attendance.rows(found)]
    assert (rows[1]["present_s"], rows[1]["percent"], rows[3]["participant_id"]) == (60.0, 100.0, None)


# ── groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_BR15_groups_have_their_rounds_rooms_people_and_works() -> None:
    made = Workshop()
    made.crowd(4)
    made.do("fay", OpenBreakouts(count=2))
    room = next(room for room in made.state.rooms.values() if "l0" in room.people)
    made.do("l0", HandInWork(title="List", text="One"))
    made.do("fay", CloseBreakouts())
    made.do("fay", OpenBreakouts(count=3))
    found = groups.groups_of(made.state)
    assert [(each.number, each.status, len(each.rooms)) for each in found.rounds] == [(1, "closed", 2), (2, "open", 3)]
    assert sorted(person.participant_id for room in found.rounds[0].rooms for person in room.people) == [
        "l0", "l1", "l2", "l3"
    ]  # fmt: skip
    assert [(work.title, work.room_id) for work in found.works] == [("List", room.room_id)]
    table = read(csv_text(groups.HEADER, groups.rows(found)))
    assert len(table) == 1 + 4 + 4
    assert read_roster(csv_text(("external_id", "room"), [(row[6], row[5]) for row in table[1:5]]))


# ── reviews ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_RV12_RV15_the_export_of_reviews_says_what_facilitators_may_know_and_when() -> None:
    case = Reviewing(learners=3, reviews_each=2, blind="double", reveal="never")
    case.draft("l0", "A secret draft")
    assert "secret draft" not in reviews.reviews_of(case.state).model_dump_json()
    case.to_review()
    first, *others = case.reviews()
    case.mark(first, comment="Unsent words")
    assert "Unsent words" not in reviews.reviews_of(case.state).model_dump_json()
    for review in others:
        case.finish(review, scores=(5, 10))
    found = reviews.reviews_of(case.state)
    assert all(work.result is None for work in found.rounds[0].submissions)
    case.finish(first, scores=(1, 10))
    case.advance()
    found = reviews.reviews_of(case.state)
    results = [work.result for work in found.rounds[0].submissions]
    assert all(result is not None and result.reviews == 2 for result in results)
    table = read(csv_text(reviews.HEADER, reviews.rows(found)))
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert len(rows) == 3 * 2
    marked = [row for row in rows if row["submission_id"] == first.submission_id and row["criterion"] == "Clarity"]
    assert [(row["count"], row["median"], row["lowest"], row["highest"], row["spread"]) for row in marked] == [
        ("2", "3.0", "1", "5", "2.0")
    ]


def test_the_state_is_what_facilitators_see_but_for_rooms_and_persons() -> None:
    made = Workshop()
    made.crowd(2)
    found = snapshot.state_of(made.state, made.now_ms)
    seen = made.sees("fay")
    assert found.records == {key: record for key, record in seen.items() if key != "me:fay"}
    assert set(snapshot.state_for(made.projection, ParticipantId("l0"), made.now_ms).records) == set(made.sees("l0"))
