"""Polls of every kind and the question board through the running server, by the protocol alone."""

from typing import Any

import pytest

from tests.harness import ServerProcess
from tests.integration.conftest import Join
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED: dict[str, dict[str, Any]] = {
    "single": {"options": ["A", "B"]},
    "multiple": {"options": ["A", "B", "C"], "min_choices": 2, "max_choices": 2},
    "ranking": {"options": ["A", "B", "C"]},
    "quiz": {"options": ["A", "B"], "right": [1], "explanation": "B comes second."},
    "scale": {"scale": {"low": 0, "high": 10, "low_label": "no", "high_label": "yes"}},
    "text": {},
    "words": {"max_choices": 2},
}
CHOSEN = {"single": [1], "multiple": [0, 2], "ranking": [2, 0, 1], "quiz": [1]}
TOLD: dict[str, dict[str, Any]] = {
    "single": {"counts": [0, 3]},
    "multiple": {"counts": [3, 0, 3]},
    "ranking": {"counts": [0, 0, 3], "scores": [3, 0, 6]},
    "quiz": {"counts": [0, 3], "right": 3},
    "scale": {"mean": 8.0},
    "text": {},
    "words": {"words": [{"word": "fun", "count": 3}, {"word": "trust", "count": 3}]},
}


async def crowd(server: ServerProcess, join: Join) -> tuple[str, WireClient, list[WireClient]]:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    return workshop_id, fay, [await join(workshop_id, "learner", name) for name in ("ann", "bob", "cyd")]


async def opened(fay: WireClient, kind: str, **fields: Any) -> dict[str, Any]:
    question = f"{kind}?"
    await fay.ok("CreatePoll", kind=kind, question=question, open=True, **{**ASKED[kind], **fields})
    found = await fay.until(lambda _: [each for each in fay.of_kind("poll") if each["question"] == question])
    return dict(found[-1])


def answer(poll: dict[str, Any]) -> dict[str, Any]:
    kind = poll["poll_kind"]
    if kind in CHOSEN:
        return {"option_ids": [poll["options"][index]["option_id"] for index in CHOSEN[kind]]}
    return {"value": 8} if kind == "scale" else {"text": "Trust, fun!"}


@pytest.mark.parametrize("kind", sorted(ASKED))
async def test_a_poll_of_every_kind_is_asked_answered_and_told(server: ServerProcess, join: Join, kind: str) -> None:
    workshop_id, fay, learners = await crowd(server, join)
    poll = await opened(fay, kind, results="everyone")
    poll_id = poll["poll_id"]
    for learner in learners:
        await learner.until(lambda records: records[f"poll:{poll_id}"]["status"] == "open")
        await learner.ok("CastBallot", poll_id=poll_id, **answer(poll))
    ann, bob, _ = learners
    own = (await ann.until(lambda _: ann.of_kind("ballot")))[0]
    assert own["participant_id"] == "ann"
    assert not [key for key in ann.records if key.startswith("answer_key:")], "not before it is closed"
    await fay.ok("ClosePoll", poll_id=poll_id)
    await bob.until(lambda records: records[f"poll:{poll_id}"]["status"] == "closed")
    tally = bob.records[f"tally:{poll_id}"]
    told = {**tally, **{name: [each["count"] for each in tally[name]] for name in ("counts", "scores")}}
    assert {name: told[name] for name in TOLD[kind]} == TOLD[kind]
    assert (tally["ballots"], tally["eligible"]) == (3, 4)
    assert [each["text"] for each in bob.of_kind("answer")] == (["Trust, fun!"] * 3 if kind == "text" else [])
    assert {each["author_id"] for each in bob.of_kind("answer")} <= {None}
    assert (f"answer_key:{poll_id}" in bob.records) == (kind == "quiz")
    assert [each["participant_id"] for each in bob.of_kind("ballot")] == ["bob"]
    assert fay.of_kind("ballot") == []
    late = await join(workshop_id, "learner", "late")
    assert late.records[f"tally:{poll_id}"] == tally


async def test_a_late_joiner_sees_the_open_poll_and_a_rejoin_is_not_counted_twice(
    server: ServerProcess, join: Join
) -> None:
    workshop_id, fay, (ann, _, _) = await crowd(server, join)
    poll = await opened(fay, "single", anonymous=False)
    late = await join(workshop_id, "learner", "late")
    assert late.records[f"poll:{poll['poll_id']}"]["status"] == "open"
    await late.ok("CastBallot", poll_id=poll["poll_id"], **answer(poll))
    await ann.ok("CastBallot", poll_id=poll["poll_id"], **answer(poll))
    await ann.ok("Leave")
    again = await join(workshop_id, "learner", "ann")
    assert [each["participant_id"] for each in again.of_kind("ballot")] == ["ann"]
    first = poll["options"][0]["option_id"]
    await again.ok("CastBallot", poll_id=poll["poll_id"], option_ids=[first])
    key = f"tally:{poll['poll_id']}"
    await fay.until(lambda records: [each["count"] for each in records[key]["counts"]] == [1, 1])
    assert (fay.records[key]["ballots"], fay.records[key]["eligible"]) == (2, 5)


async def test_groups_agree_and_a_timer_closes_the_poll(server: ServerProcess, join: Join) -> None:
    _, fay, learners = await crowd(server, join)
    await fay.ok("OpenBreakouts", count=1)
    ann, bob, cyd = learners
    await cyd.until(lambda records: records["participant:cyd"]["room_id"] != "plenary")
    poll = await opened(fay, "scale", target="groups", duration_ms=600_000)
    key = f"tally:{poll['poll_id']}"
    for learner, value in ((ann, 3), (bob, 3), (cyd, 9)):
        await learner.ok("CastBallot", poll_id=poll["poll_id"], value=value)
    room_id = ann.records["participant:ann"]["room_id"]
    group = f"group_answer:{poll['poll_id']}:{room_id}"
    await ann.until(lambda records: len(records[group]["votes"]) == 3)
    assert not ann.records[group]["agreed"]
    assert group not in fay.records
    await cyd.ok("CastBallot", poll_id=poll["poll_id"], value=3)
    await fay.until(lambda records: records[key]["mean"] == 3.0)
    assert (fay.records[key]["ballots"], fay.records[key]["eligible"]) == (1, 1)
    await fay.ok("ChangePollTimer", poll_id=poll["poll_id"], remaining_ms=1_000)
    await ann.until(lambda records: records[f"poll:{poll['poll_id']}"]["status"] == "closed")
    assert group not in ann.records
    refused = await ann.command("CastBallot", poll_id=poll["poll_id"], value=1)
    assert (refused["code"], refused["rule"]) == ("poll_not_open", "PO4")


async def test_a_second_vote_tells_how_many_changed_their_mind(server: ServerProcess, join: Join) -> None:
    _, fay, (ann, bob, _) = await crowd(server, join)
    poll = await opened(fay, "single")
    a, b = (option["option_id"] for option in poll["options"])
    for learner in (ann, bob):
        await learner.ok("CastBallot", poll_id=poll["poll_id"], option_ids=[a])
    await fay.ok("RepeatPoll", poll_id=poll["poll_id"])
    (second,) = await ann.until(lambda _: [each for each in ann.of_kind("poll") if each["follows"] == poll["poll_id"]])
    a2, b2 = (option["option_id"] for option in second["options"])
    assert {a, b}.isdisjoint({a2, b2})
    await ann.ok("CastBallot", poll_id=second["poll_id"], option_ids=[b2])
    await bob.ok("CastBallot", poll_id=second["poll_id"], option_ids=[a2])
    await fay.ok("ClosePoll", poll_id=second["poll_id"])
    (shift,) = await fay.until(lambda _: fay.of_kind("shift"))
    assert (shift["changed"], shift["kept"], shift["new"]) == (1, 1, 0)
    assert ann.of_kind("shift") == []


async def test_questions_are_asked_voted_for_merged_and_answered(server: ServerProcess, join: Join) -> None:
    _, fay, (ann, bob, cyd) = await crowd(server, join)
    await ann.ok("AskQuestion", text="Who begins?", anonymous=True)
    await bob.ok("AskQuestion", text="Who speaks first?")
    for client in (cyd, fay):
        await client.until(lambda _, client=client: len(client.of_kind("question")) == 2)
    named = {each["text"]: each["author_id"] for each in fay.of_kind("question")}
    assert named == {"Who begins?": None, "Who speaks first?": "bob"}
    ids = {each["text"]: each["question_id"] for each in cyd.of_kind("question")}
    hers, his = ids["Who begins?"], ids["Who speaks first?"]
    for learner, question_id in ((ann, hers), (bob, hers), (bob, his), (cyd, his)):
        await learner.ok("VoteForQuestion", question_id=question_id)
    await cyd.ok("VoteForQuestion", question_id=his, up=False)
    await cyd.ok("VoteForQuestion", question_id=his)
    await fay.ok("MergeQuestions", question_id=hers, into_id=his)
    await cyd.until(lambda records: records[f"question:{his}"]["votes"] == 3 and f"question:{hers}" not in records)
    await ann.until(lambda records: records[f"question:{hers}"]["merged_into"] == his)
    await fay.ok("AnswerQuestion", question_id=his, text="Ann.")
    await ann.until(lambda records: records[f"question:{his}"]["answer"] == "Ann.")
    assert {key for key in fay.records if key.startswith("my_question:")} == set()
    for client in (fay, bob, cyd):
        asked = [record for record in client.records.values() if record.get("question_id") == hers]
        assert "ann" not in repr(asked)
    refused = await cyd.command("DismissQuestion", question_id=his)
    assert refused["code"] == "not_allowed"
