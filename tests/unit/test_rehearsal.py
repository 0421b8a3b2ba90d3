"""Rehearsals: every finding is found in a sheet that has that fault, and a sound sheet has none."""

import json
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from server.__main__ import _parser
from server.agenda.reading import read_yaml
from server.rehearsal import cli
from server.rehearsal.people import Cast
from server.rehearsal.play import Report, as_json, as_text, rehearse

EXAMPLE = Path(__file__).parents[2] / "deploy/run-sheet.example.yaml"
SOUND = """
- {kind: plenary, title: Welcome, duration: 15 min}
- {kind: poll, duration: 5 min, poll: {question: "What for?", kind: words}}
- kind: breakouts
  title: Threes
  duration: 15 min
  breakouts: {size: 3, policy: {late: smallest, repair: automatic}}
  task: {text: Talk, steps: [One, Two, Three]}
- {kind: break, title: Coffee, duration: 10 min, advance: auto}
- kind: review
  title: Essays
  review:
    reviews_each: 2
    times: {submit: 25 min, read: 0, review: 25 min, discuss: 0, feedback: 5 min}
    criteria: [{title: Clarity, scale: 1 to 5}]
- {kind: poll, duration: 5 min, poll: {question: "Right?", kind: quiz, options: [a, b], right: [a]}}
- {kind: plenary, title: Close, duration: 15 min}
"""
CALM = Cast(late=0, dropout=0, slow=0)


def played(steps: str, cast: Cast = CALM, seed: int = 1, **fields: Any) -> Report:
    return rehearse(read_yaml(f"version: 1\ntitle: T\nsteps:\n{dedent(steps)}".encode()), cast, seed, **fields)


def rooms(more: str, minutes: int = 15) -> str:
    return f"- {{kind: breakouts, title: Rooms, duration: {minutes} min, {more}}}"


def review(times: str, more: str = "reviews_each: 2", duration: str = "60 min") -> str:
    return f"""
    - kind: review
      title: Essays
      duration: {duration}
      review: {{{more}, times: {{{times}}}, criteria: [{{title: Clarity, scale: 1 to 5}}]}}
    """


PHASES = "submit: 20 min, review: 20 min, feedback: 5 min"
ROSTER = "name,external_id,room\n" + "".join(f"P{n},x{n},{'Red' if n < 5 else 'Blue'}\n" for n in range(10))
FAULTS: dict[str, tuple[str, str, str, Cast, dict[str, Any]]] = {
    "a step that cannot start": ("roster_missing", "serious", rooms("breakouts: {assignment: roster}"), CALM, {}),
    "a step that cannot start by itself": (
        "roster_missing", "serious",
        "- {kind: break, title: B, duration: 5 min, advance: auto}\n" + rooms("breakouts: {assignment: roster}"), CALM, {},
    ),
    "more rooms than people": ("fewer_rooms", "warning", rooms("breakouts: {count: 30}"), CALM, {}),
    "people alone by plan": ("alone", "serious", rooms("breakouts: {count: 24}"), CALM, {}),
    "people left alone": (
        "alone", "serious", rooms("breakouts: {size: 2, policy: {repair: off}}", 60), Cast(late=0, dropout=0.6), {},
    ),
    "a room whose people never come": (
        "empty_room", "serious", rooms("breakouts: {assignment: roster}"), Cast(learners=5, late=0, dropout=0), {"roster": ROSTER},
    ),
    "a room that nobody chooses": (
        "empty_room", "warning", rooms("breakouts: {count: 9, assignment: self_select}"), Cast(learners=4, late=0, dropout=0), {},
    ),
    "no time to speak": ("too_little_time", "serious", rooms("breakouts: {size: 8}", 5), CALM, {}),
    "little time to speak": ("too_little_time", "warning", rooms("breakouts: {size: 8}", 10), CALM, {}),
    "no time for the task": (
        "too_many_steps", "warning", rooms("breakouts: {size: 2}, task: {steps: [a, b, c, d, e, f, g]}", 5), CALM, {},
    ),
    "latecomers left over": (
        "left_waiting", "serious", rooms("breakouts: {size: 3, policy: {late: hold}}", 30), Cast(late=0.4, dropout=0), {},
    ),
    "a poll that is too short": ("few_answers", "serious", "- {kind: poll, duration: 15s, poll: {question: Q, kind: text}}", CALM, {}),
    "a poll with a short timer": (
        "few_answers", "serious", "- {kind: poll, duration: 5 min, poll: {question: Q, kind: text, duration: 20s}}", CALM, {},
    ),
    "a poll for groups without rooms": (
        "few_answers", "serious",
        "- {kind: poll, duration: 5 min, poll: {question: Q, kind: single, options: [a, b], target: groups}}", CALM, {},
    ),
    "too few to review": ("too_few_reviewers", "serious", review(PHASES, "reviews_each: 3"), Cast(learners=3, late=0, dropout=0), {}),
    "no time to write": ("few_works", "serious", review("submit: 1 min, review: 20 min, feedback: 5 min"), CALM, {}),
    "little time to write": ("unfinished_works", "serious", review("submit: 4 min, review: 20 min, feedback: 5 min"), CALM, {}),
    "no time to review": ("unfinished_reviews", "serious", review("submit: 20 min, review: 3 min, feedback: 5 min"), CALM, {}),
    "reviewers who are slow": ("unfinished_reviews", "serious", review("submit: 30 min, review: 8 min, feedback: 5 min"), Cast(slow=1.0), {}),
    "phases that do not fit": ("phases_too_long", "serious", review(PHASES, duration="30 min"), CALM, {}),
    "a round that is cut short": ("review_cut_short", "serious", review(PHASES, duration="30 min"), CALM, {}),
    "steps without air": ("drift", "warning", "- {kind: plenary, title: A, duration: 1 min}\n" * 40, CALM, {}),
    "more than there is time for": ("too_long", "serious", "- {kind: plenary, title: A, duration: 1 h}", CALM, {"length_ms": 1_800_000}),
    "no break": ("no_break", "warning", "- {kind: plenary, title: A, duration: 1 h}\n" * 2, CALM, {}),
    "nobody there": ("nobody_to_group", "serious", rooms("breakouts: {size: 2}"), Cast(absent=1.0, late=0, dropout=0), {}),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    code, severity, steps, cast, fields = FAULTS[fault]
    report = played(steps, cast, **fields)
    assert (code, severity) in [(finding.code, finding.severity) for finding in report.findings], as_text(report)


@pytest.mark.parametrize("seed", range(5))
def test_a_sound_sheet_has_no_findings(seed: int) -> None:
    report = played(SOUND, Cast(), seed)
    assert report.findings == (), as_text(report)
    assert (report.late, report.dropouts, len(report.steps)) == (2, 2, 7)


def test_what_is_played_is_in_the_report() -> None:
    report = played(SOUND)
    assert [step.title for step in report.steps][:3] == ["Welcome", "What for?", "Threes"]
    assert report.steps[2].remarks == ["8 rooms of 3"]
    assert all(step.started_ms is not None and step.ended_ms is not None for step in report.steps)
    assert report.took_ms >= report.planned_ms
    text = as_text(report)
    assert "24 learners, 0 late, 0 losing the connection. Seed 1." in text
    assert text.endswith("No serious findings, no warnings.")


def test_the_same_seed_plays_the_same_workshop() -> None:
    reports = [
        as_json(rehearse(read_yaml(EXAMPLE.read_bytes()), Cast(late=0.3, dropout=0.3), seed)) for seed in (7, 7, 8)
    ]
    assert reports[0] == reports[1]
    assert reports[0] != reports[2]


@pytest.mark.parametrize("seed", range(4))
def test_the_example_can_be_run(seed: int) -> None:
    report = rehearse(read_yaml(EXAMPLE.read_bytes()), Cast(), seed)
    assert report.serious == 0, as_text(report)


def test_it_is_quick() -> None:
    sheet = read_yaml(EXAMPLE.read_bytes())
    begun = time.process_time()
    rehearse(sheet, Cast(), 1)
    assert time.process_time() - begun < 1


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ran(*arguments: str) -> tuple[int, str]:
        status = cli.run(_parser().parse_args(["rehearse", *arguments]))
        out, err = capsys.readouterr()
        return status, out + err

    status, text = ran(str(EXAMPLE), "--seed=1", "--learners=12")
    assert (status, "12 learners" in text) == (0, True)
    status, text = ran(str(EXAMPLE), "--seed=1", "--json", "--length=1 h")
    assert (status, [each["code"] for each in json.loads(text)["findings"]][-1:]) == (1, ["too_long"])
    assert json.loads(text)["seed"] == 1
    status, text = ran(str(EXAMPLE))
    assert "Seed " in text
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nsteps:\n  - kind: party\n")
    assert ran(str(wrong)) == (
        2,
        f"atelier: {wrong}:\nline 3, column 11, steps[1].kind: 'party' is none of plenary, break, breakouts, poll, review.\n",
    )
    wrong.write_text("version: 1\nsteps: []\n")
    assert ran(str(wrong))[0] == 2
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    groups = tmp_path / "groups.json"
    groups.write_text(json.dumps({"version": 1, "steps": [
        {"kind": "breakouts", "title": "Rooms", "duration": "15 min", "breakouts": {"assignment": "roster"}},
    ]}))  # fmt: skip
    status, text = ran(str(groups), "--seed=1", f"--roster={roster}", "--late=0", "--dropout=0")
    assert (status, "10 learners" in text, "2 rooms of 5" in text) == (0, True, True)
    roster.write_text("name\nAnn\n")
    assert ran(str(groups), f"--roster={roster}")[0] == 2
    with pytest.raises(SystemExit) as missing:
        ran(str(tmp_path / "none.yaml"))
    assert missing.value.code == 2
    with pytest.raises(SystemExit):
        ran(str(EXAMPLE), "--late=2")
