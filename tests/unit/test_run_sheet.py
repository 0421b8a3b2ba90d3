"""Run sheets as documents: what is read, what is refused where, and that the example says what is true."""

import dataclasses
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rooms.events.agenda import AgendaSheet, BreakoutsStep, PollStep, ReviewStep
from rooms.events.breakouts import BreakoutPolicy, BreakoutSetup, RoomSetup, RoomTask
from rooms.events.polls import PollScale, PollSetup
from rooms.events.review import NewCriterion, Scale
from rooms.grouping.model import ByAttributes, Random
from server.agenda import durations
from server.agenda.commands import agenda_of
from server.agenda.reading import read, read_json, read_yaml
from server.agenda.shapes import shape
from server.agenda.tree import MAX_BYTES, SheetInvalid, from_yaml
from server.agenda.writing import document, write_json, write_yaml
from server.api.models import AgendaDocument
from server.refusals import Refusal

EXAMPLE = Path(__file__).parents[2] / "deploy/run-sheet.example.yaml"
HEAD = "version: 1\nsteps:\n"


def sheet(steps: str) -> AgendaSheet:
    return read_yaml((HEAD + dedent(steps)).encode())


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(SheetInvalid) as invalid:
        read_yaml(text if isinstance(text, bytes) else text.encode())
    return [str(problem) for problem in invalid.value.problems]


# ── times ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 min", 600), ("10min", 600), ("90s", 90), ("90 seconds", 90), ("1:30", 90), ("1:30:00", 5400), ("0", 0),
        ("1 h 30 min", 5400), ("1h30m", 5400), ("1.5 h", 5400), (" 2 Minutes ", 120), ("0.5 s", 0.5), ("250 ms", 0.25),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert durations.parsed(text) == seconds * 1_000


@pytest.mark.parametrize(
    "text", ["10", "", "min", "10 weeks", "1:60", "1:75:00", "1:2", "-5 min", "5 min 5 min", "1,5 h", "1e3 s"]
)
def test_what_is_no_time_is_not_read_as_one(text: str) -> None:
    assert durations.parsed(text) is None


@pytest.mark.parametrize("ms", [0, 1, 250, 999, 1_000, 1_001, 59_999, 60_000, 90_000, 3_600_000, 5_400_500, 86_400_000])
def test_a_time_that_was_written_reads_as_the_same(ms: int) -> None:
    assert durations.parsed(durations.written(ms)) == ms


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_everything_can_be_written_short() -> None:
    found = sheet("""
        - kind: breakouts
          title: Groups
          duration: 10 min
          breakouts:
            count: 2
            rooms: [Harbour, {name: Bridge, task: Talk}]
            assignment: {kind: attributes, attributes: [team], mode: mixed}
            policy: {warning: 30s}
        - kind: poll
          duration: 2 min
          poll: {question: How far?, kind: scale, scale: 0 to 10}
        - kind: review
          title: Essays
          review:
            times: {submit: 5 min, review: 5 min, discuss: 0, feedback: 1 min}
            criteria: [Clarity, {title: Depth, scale: 1 to 5}]
        - {kind: breakouts, title: Again, duration: 1 min, same_as: groups, task: More}
    """)
    groups, scale, essays, again = found.steps
    assert isinstance(groups, BreakoutsStep)
    assert groups.breakouts == BreakoutSetup(
        count=2,
        rooms=(RoomSetup(name="Harbour"), RoomSetup(name="Bridge", task=RoomTask(text="Talk"))),
        assignment=ByAttributes(attributes=("team",), mode="mixed"),
        policy=BreakoutPolicy(warning_ms=30_000),
    )
    assert isinstance(scale, PollStep)
    assert (scale.title, scale.poll) == (
        "How far?",
        PollSetup(question="How far?", kind="scale", scale=PollScale(low=0, high=10)),
    )
    assert isinstance(essays, ReviewStep)
    assert (essays.duration_ms, essays.review.title) == (660_000, "Essays")
    assert essays.review.criteria == (
        NewCriterion(title="Clarity"),
        NewCriterion(title="Depth", scale=Scale(least=1, most=5)),
    )
    assert isinstance(again, BreakoutsStep)
    assert (again.step_id, again.same_as, again.task) == ("again", "groups", RoomTask(text="More"))


def test_the_right_answers_of_a_quiz_are_named_by_their_text() -> None:
    found = sheet("""
        - {kind: poll, duration: 1 min, poll: {question: "1+1?", kind: quiz, options: [1, 2, 3], right: [2]}}
    """)
    assert isinstance(found.steps[0], PollStep)
    assert found.steps[0].poll is not None
    assert found.steps[0].poll.right == (1,)
    assert document(found)["steps"][0]["poll"]["right"] == ["2"]


def test_an_alias_stands_for_what_it_names() -> None:
    found = sheet("""
        - {kind: breakouts, title: A, duration: 1 min, breakouts: &two {size: 2, assignment: random}}
        - {kind: breakouts, title: B, duration: 1 min, breakouts: *two}
    """)
    assert [getattr(step, "breakouts", None) for step in found.steps] == [
        BreakoutSetup(size=2, assignment=Random())
    ] * 2


# ── what is wrong, and where ─────────────────────────────────────────────────────────────────────────────────────────
PLENARY = "  - {kind: plenary, title: A, duration: 1 min}\n"
WRONG: dict[str, tuple[str, str]] = {
    "no version": ("steps: []", "line 1, column 1, version: The first line should say `version: 1`."),
    "another version": ("version: 2\nsteps: []", "line 1, column 10, version: This server reads run sheets of version 1."),
    "a misspelt key": (HEAD + PLENARY + "tilte: x", "line 4, column 1, tilte: There is no 'tilte' here; did you mean title?"),
    "no list": ("version: 1\nsteps: 5", "line 2, column 8, steps: A list of steps should stand here"),
    "no step": (HEAD + "  - 5", "line 3, column 5, steps[1]: A step has at least a kind"),
    "no kind": (HEAD + "  - {title: A}", "steps[1].kind: The kind is missing: one of plenary, break, breakouts, poll, review."),
    "unknown kind": (HEAD + "  - {kind: party}", "line 3, column 12, steps[1].kind: 'party' is none of plenary"),
    "no duration": (HEAD + "  - {kind: break, title: A}", "steps[1].duration: duration is missing; a time like `10 min`"),
    "a bare number": (
        HEAD + "  - kind: break\n    title: A\n    duration: 10",
        "line 5, column 15, steps[1].duration: '10' is no time; write a time like `10 min`",
    ),
    "an empty value": (HEAD + "  - kind: break\n    title:\n    duration: 1 min", "steps[1].title: Nothing stands here; a text is wanted."),
    "no number": (
        HEAD + "  - {kind: breakouts, title: A, duration: 1 min, breakouts: {size: three}}",
        "steps[1].breakouts.size: 'three' stands here; a whole number is wanted.",
    ),
    "no choice": (
        HEAD + "  - {kind: breakouts, title: A, duration: 1 min, breakouts: {size: 3, policy: {late: no}}}",
        "steps[1].breakouts.policy.late: 'no' is none of hold, same_room, smallest.",
    ),
    "an unknown assignment": (
        HEAD + "  - {kind: breakouts, title: A, duration: 1 min, breakouts: {size: 3, assignment: magic}}",
        "steps[1].breakouts.assignment: 'magic' is none of random, attributes, score, roster, self_select, by_hand.",
    ),
    "an unknown key deep inside": (
        HEAD + "  - kind: poll\n    title: A\n    duration: 1 min\n    poll:\n      question: Q\n      opitons: [a, b]",
        "line 8, column 7, steps[1].poll.opitons: There is no 'opitons' here; did you mean options?",
    ),
    "a wrong answer": (
        HEAD + "  - {kind: poll, duration: 1 min, poll: {question: Q, kind: quiz, options: [a, b], right: [c]}}",
        "steps[1].poll.right: A right answer is the text of one of the options: a, b.",
    ),
    "against a rule": (
        HEAD + PLENARY + "  - kind: poll\n    duration: 1 min\n    poll: {question: Q, options: [a]}",
        "line 6, column 5, steps[2]: The poll has 1 option",
    ),
    "against a rule of the sheet": (
        HEAD + "  - {kind: plenary, id: x, title: A, duration: 1 min}\n" * 2,
        "line 4, column 5, steps[2]: Step 2 has the id 'x' of an earlier one",
    ),
    "a reference to nothing": (
        HEAD + PLENARY + "  - {kind: breakouts, title: B, duration: 1 min, same_as: a}",
        "line 4, column 5, steps[2]: Step “B”: same_as names 'a'",
    ),
    "no YAML": (HEAD + "  - kind: plenary\n   title: A", "line 4, column 4: This is not YAML"),
    "a tab": ("version: 1\nsteps:\n\t- kind: break", "line 3, column 1: This is not YAML"),
    "a key twice": ("version: 1\ntitle: A\ntitle: B", "line 3, column 1: The key 'title' stands already in line 2; each may stand once."),
    "a tag": ("version: !!python/object/apply:os.system [x]", "line 1, column 10: The tag"),
    "a list as a key": ("? [a]\n: 1", "line 1, column 3: A key must be a text"),
    "two documents": ("version: 1\n--- \nversion: 1", "line 2, column 1: A second document begins here"),
    "an alias of nothing": ("version: *x", "line 1, column 10"),
    "an alias of itself": ("version: &x [*x]", "line 1, column 14: The alias *x names nothing that is complete before it."),
    "nothing": ("", "The run sheet is empty."),
    "a text": ("hello", "line 1, column 1: A run sheet has the keys version, title, show and steps."),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str) -> None:
    text, expected = WRONG[name]
    assert any(expected in problem for problem in problems(text)), problems(text)


def test_everything_that_is_wrong_is_told_at_once_in_order() -> None:
    lines = [
        int(line)
        for each in problems(HEAD + "  - kind: x\n  - kind: break\n    titel: A\n")
        for line in re.findall(r"line (\d+)", each)
    ]
    assert lines == [3, 4, 4, 5]
    with pytest.raises(SheetInvalid) as invalid:
        read_yaml((HEAD + "  - kind: x\n" * 30).encode())
    assert str(invalid.value).endswith("And 10 more.")


HUGE = {
    "bytes": b"version: 1\n" + b"#" * MAX_BYTES,
    "levels": b"[" * 5_000,
    "levels by aliases": b"a: &a [[[[[[[x]]]]]]]\nb: &b [[[[[[*a]]]]]]\nc: [[[[[[[[*b]]]]]]]]",
    "values": b"- x\n" * 25_000,
    "values by aliases": b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(9)),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_is_too_much_is_refused(name: str) -> None:
    (problem,) = problems(HUGE[name])
    assert re.search(r"at most|more than", problem)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"version: \x01", "version: 1\n\ud800".encode("utf-8", "surrogatepass")])
def test_what_is_no_text_is_refused(text: bytes) -> None:
    assert len(problems(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[1, 2",
        b'{"version": NaN}',
        b"[" * 100_000,
        b'{"a": 1, "a": 2}',
        b"\xff",
        b'"version"',
        b"[" * 50 + b"]" * 50,
    ],
)
def test_json_that_is_wrong_is_refused(text: bytes) -> None:
    with pytest.raises(SheetInvalid):
        read_json(text)


def test_json_problems_name_the_field() -> None:
    with pytest.raises(Refusal, match=r"steps\[1\].duration: '5' is no time") as refused:
        agenda_of(AgendaDocument(version=1, steps=[{"kind": "break", "title": "A", "duration": 5}]))
    assert refused.value.code == "agenda_invalid"
    with pytest.raises(Refusal, match="line 1, column 10, version: This server"):
        agenda_of("version: 5\nsteps: []")


# ── the example ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_example_is_a_run_sheet_that_writes_and_reads_as_itself() -> None:
    example = read(from_yaml(EXAMPLE.read_bytes())).sheet
    assert len(example.steps) == 11
    assert read_yaml(write_yaml(example).encode()) == example
    assert read_json(write_json(example).encode()) == example


def test_the_example_names_every_key_of_a_step() -> None:
    text = EXAMPLE.read_text()
    named = set(re.findall(r"(\w+):", text)) | set(re.findall(r"`(\w+)`", text))

    def keys(message: Any) -> set[str]:
        own = set(shape(type(message)))
        for field in dataclasses.fields(message):
            value = getattr(message, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                own |= keys(each) if dataclasses.is_dataclass(each) else set()
        return own

    example = read_yaml(EXAMPLE.read_bytes())
    assert set().union(*(keys(step) for step in example.steps)) - named == set()
    assert {step.kind for step in example.steps} == {"plenary", "break", "breakouts", "poll", "review"}
