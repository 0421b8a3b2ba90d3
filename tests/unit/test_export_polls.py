"""Polls as programmes get them: who answered what only of named polls, and everything else that facilitators see."""

import csv
import io
from typing import Any

from rooms.commands.breakouts import OpenBreakouts
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, ShareResults
from rooms.events.polls import PollScale
from rooms.ids import PollId
from server.export import polls
from server.export.tables import csv_text
from tests.unit.workshop_case import Workshop


def asked(made: Workshop, **content: Any) -> PollId:
    given: dict[str, Any] = {"question": "Which?", "options": ("Red", "=Blue"), "open": True, **content}
    made.do("fay", CreatePoll(**given))
    return list(made.state.polls)[-1]


def choose(made: Workshop, who: str, poll_id: PollId, *indexes: int, **given: Any) -> None:
    options = made.state.polls[poll_id].content.options
    made.do(who, CastBallot(poll_id=poll_id, option_ids=tuple(options[index].option_id for index in indexes), **given))


def results(made: Workshop) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(polls.HEADER, polls.rows(polls.polls_of(made.state))))))


def voters(made: Workshop) -> list[dict[str, str]]:
    text = csv_text(polls.VOTERS_HEADER, polls.voter_rows(polls.polls_of(made.state)))
    return list(csv.DictReader(io.StringIO(text)))


def test_PO8_AT12_nobody_stands_in_the_export_of_an_anonymous_poll() -> None:
    made = Workshop()
    names = made.crowd(4)
    choice, text = asked(made), asked(made, kind="text", options=())
    for who in names:
        choose(made, who, choice, 0)
        made.do(who, CastBallot(poll_id=text, text=f"Words number {names.index(who)}"))
    for poll_id in (choice, text):
        made.do("fay", ClosePoll(poll_id=poll_id))
    found = polls.polls_of(made.state)
    assert voters(made) == []
    assert all(not each.votes for each in found.polls)
    told = found.model_dump_json()
    assert "Words number 3" in told
    assert not [who for who in names if f'"{who}"' in told]
    answers = [answer.answer_id for answer in found.polls[1].answers]
    assert answers == sorted(answers)


def test_PO6_who_answered_what_in_a_named_poll() -> None:
    made = Workshop()
    made.crowd(3)
    named, scale = asked(made, anonymous=False), asked(made, kind="scale", options=(), anonymous=False)
    choose(made, "l0", named, 1)
    choose(made, "l1", named, 0)
    made.do("l1", CastBallot(poll_id=scale, value=5))
    assert [(row["participant_id"], row["answer"]) for row in voters(made)] == [
        ("l0", "'=Blue"), ("l1", "Red"), ("l1", "5")
    ]  # fmt: skip


def test_PO9_PO10_PO13_PO14_every_kind_has_its_lines() -> None:
    made = Workshop()
    made.crowd(2)
    quiz = asked(made, kind="quiz", right=(0,), anonymous=False)
    scale = asked(made, kind="scale", options=(), scale=PollScale(low=1, high=3))
    words = asked(made, kind="words", options=())
    ranking = asked(made, kind="ranking")
    choose(made, "l0", quiz, 0)
    choose(made, "l1", quiz, 1)
    made.do("l0", CastBallot(poll_id=scale, value=2))
    made.do("l0", CastBallot(poll_id=words, text="Trust, time"))
    choose(made, "l0", ranking, 1, 0)
    for poll_id in (quiz, scale, words, ranking):
        made.do("fay", ClosePoll(poll_id=poll_id))
    rows = results(made)
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in ("quiz", "scale", "words", "ranking")}
    assert [(row["item"], row["right"], row["count"]) for row in by_kind["quiz"]] == [
        ("Red", "true", "1"), ("'=Blue", "false", "1")
    ]  # fmt: skip
    assert [(row["item"], row["count"], row["mean"]) for row in by_kind["scale"]] == [
        ("1", "0", "2.0"), ("2", "1", "2.0"), ("3", "0", "2.0")
    ]  # fmt: skip
    assert {row["item"].lower() for row in by_kind["words"]} == {"trust", "time"}
    assert [(row["item"], row["count"], row["score"]) for row in by_kind["ranking"]] == [
        ("Red", "0", "0"), ("'=Blue", "1", "1")
    ]  # fmt: skip
    assert [(row["name"], row["right"]) for row in voters(made)] == [("L0", "true"), ("L1", "false")]


def test_PO6_hidden_results_are_not_exported() -> None:
    made = Workshop()
    made.crowd(1)
    poll_id = asked(made)
    choose(made, "l0", poll_id, 0)
    made.do("fay", ShareResults(poll_id=poll_id, results="hidden"))
    assert polls.polls_of(made.state).polls[0].tally is None
    assert [(row["item"], row["count"]) for row in results(made)] == [("", "")]


def test_PO16_results_of_rooms_stand_beneath_those_of_all() -> None:
    made = Workshop()
    made.crowd(2)
    made.do("fay", OpenBreakouts(count=2))
    poll_id = asked(made, target="rooms", anonymous=False)
    choose(made, "l0", poll_id, 0)
    choose(made, "l1", poll_id, 0)
    rows = [(row["room"], row["item"], row["count"]) for row in results(made)]
    assert rows[:2] == [("", "Red", "2"), ("", "'=Blue", "0")]
    assert sorted(row for row in rows[2:] if row[1] == "Red") == [("Room 1", "Red", "1"), ("Room 2", "Red", "1")]
