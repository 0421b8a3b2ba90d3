"""A peer review round through the running server, by the protocol alone: double-blind until the reveal."""

import asyncio
from typing import Any

import pytest

from tests.harness import ServerProcess
from tests.integration.conftest import Join
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")
CRITERIA = [
    {"title": "Clarity", "scale": {"least": 1, "most": 5, "anchors": [{"score": 5, "text": "Crystal clear"}]}},
    {"title": "Advice", "comment": "required"},
]


async def started(fay: WireClient, **settings: Any) -> str:
    await fay.ok("CreateReviewRound", settings={"title": "Essays", "reviews_each": 2, **settings}, criteria=CRITERIA)
    (record,) = await fay.until(lambda _: fay.of_kind("review_round"))
    await fay.ok("StartReviewRound", round_id=record["round_id"])
    return str(record["round_id"])


async def test_a_round_from_writing_to_rating(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    names = ("ann", "bob", "cid")
    learners = {name: await join(workshop_id, "learner", name) for name in names}
    round_id = await started(fay)
    for name, client in learners.items():
        await client.until(lambda _, client=client: client.of_kind("review_round"))
        await client.ok("DraftWork", round_id=round_id, text=f"Essay {names.index(name)}")
        await client.ok("SubmitWork", round_id=round_id)
    await fay.until(lambda _: len(fay.of_kind("submission")) == 3)
    await fay.ok("AdvanceReviewRound", round_id=round_id)
    for name, client in learners.items():
        reviews = await client.until(lambda _, client=client: client.of_kind("review"))
        assert len(reviews) == 2
        works = await client.until(lambda _, client=client: client.of_kind("reviewed_work"))
        assert {work["text"] for work in works} == {f"Essay {n}" for n in range(3) if names[n] != name}
        assert all(not work["author_ids"] for work in works)
        clarity, advice = client.of_kind("review_round")[0]["criteria"]
        for review in reviews:
            named = {"review_id": review["review_id"]}
            incomplete = await client.command("SubmitReview", **named)
            assert (incomplete["code"], incomplete["rule"]) == ("review_incomplete", "RV11")
            await client.ok("WriteMark", **named, criterion_id=clarity["criterion_id"], score=4)
            await client.ok("WriteMark", **named, criterion_id=advice["criterion_id"], comment=f"Says {name}")
            await client.ok("SubmitReview", **named)
    await fay.until(lambda _: fay.of_kind("review_progress")[0]["done"] == 6)
    assert not any(client.of_kind("feedback") for client in learners.values())
    theirs = learners["bob"].of_kind("review")[0]["review_id"]
    stolen = await learners["ann"].command("SubmitReview", review_id=theirs)
    assert stolen["code"] == "unknown_review"

    await fay.ok("AdvanceReviewRound", round_id=round_id)
    ann = learners["ann"]
    feedback = await ann.until(lambda _: ann.of_kind("feedback"))
    assert {each["reviewer_id"] for each in feedback} == {"bob", "cid"}
    (result,) = await ann.until(lambda _: ann.of_kind("review_result"))
    assert (result["reviews"], result["criteria"][0]["median"], result["agreement_percent"]) == (2, 4.0, 100.0)
    await ann.ok("RateReview", review_id=feedback[0]["review_id"], rating=5, comment="Thanks")
    await fay.ok("AdvanceReviewRound", round_id=round_id)
    rated = learners[feedback[0]["reviewer_id"]]
    await rated.until(
        lambda _: [r for r in rated.of_kind("review") if r["rating"] == {"rating": 5, "comment": "Thanks"}]
    )


async def test_a_discussion_opens_rooms_by_the_timer_and_a_resumed_client_has_its_draft(
    server: ServerProcess, join: Join
) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    bob = await join(workshop_id, "learner", "bob")
    times = {"submit_ms": None, "review_ms": 3_000, "discuss_ms": 1_000, "feedback_ms": None}
    round_id = await started(fay, reviews_each=1, times=times)
    await ann.ok("DraftWork", round_id=round_id, text="Half an ess")
    await ann.close()
    ann = await join(workshop_id, "learner", "ann")
    assert ann.of_kind("my_work")[0]["text"] == "Half an ess"
    await bob.ok("DraftWork", round_id=round_id, text="An essay")
    await fay.ok("AdvanceReviewRound", round_id=round_id)  # takes both drafts
    (review,) = await bob.until(lambda _: bob.of_kind("review"))
    clarity, advice = bob.of_kind("review_round")[0]["criteria"]
    await bob.ok("WriteMark", review_id=review["review_id"], criterion_id=clarity["criterion_id"], score=1)
    await bob.ok("WriteMark", review_id=review["review_id"], criterion_id=advice["criterion_id"], comment="More")
    (discussion,) = await ann.until(lambda _: ann.of_kind("discussion"))  # the review was complete
    assert sorted(discussion["participant_ids"]) == ["ann", "bob"]
    await ann.until(lambda records: records["participant:ann"]["room_id"] == discussion["room_id"])
    await ann.until(lambda records: records["participant:ann"]["room_id"] == "plenary")
    assert ann.of_kind("review_round")[0]["phase"] == "feedback"
    async with asyncio.timeout(60):
        await ann.until(lambda _: not ann.of_kind("discussion"))
