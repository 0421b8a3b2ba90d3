"""A workshop in which something of everything is going on, with names and texts as long as people make them.

Set up over the protocol, so that a page that comes in finds every panel full.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.harness import API_KEY, ServerProcess
from tests.socket_client import WireClient

LONG_NAME = "Maximiliane-Charlotte von Hohenzollern-Sigmaringen"
LONG_LINK = "https://example.com/" + "negotiation-basics-" * 8 + "final.pdf"
SHEET = """
version: 1
title: Negotiation basics
steps:
  - {kind: plenary, title: Welcome and what we want to have learnt by the end of the day, duration: 10 min, notes: Smile}
  - {kind: poll, title: Where do you stand?, duration: 2 min, poll: {question: "Well?", options: ["Yes", "No"]}}
  - {kind: breakouts, title: Role play in pairs, duration: 25 min, breakouts: {size: 2}, task: Talk, countdown: 10s}
  - {kind: break, title: Coffee, duration: 15 min}
  - {kind: plenary, title: Close, duration: 5 min}
"""


@dataclass(slots=True)
class Staged:
    """`everybody`: who speaks the protocol, the facilitator Fay first."""

    workshop_id: str
    everybody: list[WireClient]

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.everybody))


@asynccontextmanager
async def staged(server: ServerProcess, title: str = "Negotiation basics") -> AsyncIterator[Staged]:
    """Fay and three learners; agenda, chat, hands, polls of every kind, questions, a review round, breakouts, a call for help, an objection."""
    workshop = await server.create_workshop(title)
    roles = (("facilitator", "Fay"), ("learner", LONG_NAME), ("learner", "Bo"), ("learner", "佐藤 花子"))
    tokens = [await server.token(workshop, role, name, f"p_{index}") for index, (role, name) in enumerate(roles)]
    everybody = [await WireClient(server.base_url, token).connect() for token in tokens]
    try:
        await set_agenda(server, workshop)
        fay, *learners = everybody
        await fay.ok("StartAgenda")
        await talk(fay, learners)
        await ask(fay, learners)
        await review(fay, learners)
        await divide(fay, learners)
        yield Staged(workshop, everybody)
    finally:
        await Staged(workshop, everybody).close()


async def set_agenda(server: ServerProcess, workshop: str, sheet: str = SHEET) -> None:
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/yaml"}
    url = f"{server.base_url}/api/workshops/{workshop}/agenda"
    async with aiohttp.ClientSession() as http, http.put(url, data=sheet.encode(), headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def talk(fay: WireClient, learners: list[WireClient]) -> None:
    await fay.ok("PostMessage", channel="everyone", text="Good morning! Please say where you join from.")
    await learners[0].ok("PostMessage", channel="everyone", text=f"From the far end of the line. My notes: {LONG_LINK}")
    await learners[1].ok("PostMessage", channel="facilitators", text="I cannot hear the video.")
    await learners[2].ok("RaiseHand")
    await learners[0].ok("RaiseHand")
    await learners[1].ok("SetMedia", mic=True, camera=False, screen=False)
    await learners[0].ok("ObjectToAttendance", text="I was there from the beginning, my train went through a tunnel.")
    for text in ("How do I answer a first offer that is far too low?", "Will we get the slides? " + LONG_LINK):
        await learners[1].ok("AskQuestion", text=text)
    question = (await fay.until(lambda _: len(fay.of_kind("question")) == 2 and fay.of_kind("question")))[0]
    await learners[2].ok("VoteForQuestion", question_id=question["question_id"], up=True)
    await fay.ok(
        "AnswerQuestion", question_id=question["question_id"], text="With a question. We come to that at eleven."
    )


POLLS: tuple[dict[str, Any], ...] = (
    {
        "kind": "single",
        "question": "Who should make the first offer?",
        "options": [
            "The buyer",
            "The seller",
            "Whoever knows more about the market and can say so without giving it away",
        ],
    },
    {
        "kind": "multiple",
        "question": "Which of these have you used?",
        "options": ["Anchors", "Silence", "Deadlines"],
        "max_choices": 2,
    },
    {
        "kind": "scale",
        "question": "How sure do you feel?",
        "scale": {"low": 1, "high": 10, "low_label": "Not at all sure", "high_label": "Completely sure"},
    },
    {
        "kind": "ranking",
        "question": "What matters most?",
        "options": ["Price", "Time", "A relationship that lasts beyond the deal"],
    },
    {"kind": "text", "question": "What went well?", "anonymous": False},
    {"kind": "words", "question": "Negotiating in three words"},
    {
        "kind": "quiz",
        "question": "What does BATNA mean?",
        "options": ["The best alternative", "The best offer"],
        "right": [0],
        "explanation": "It is what you do when there is no deal.",
    },
)


async def ask(fay: WireClient, learners: list[WireClient]) -> None:
    """Every kind of poll, answered by two of three; the last but one is open, so that it can be answered."""
    for poll in POLLS:
        await fay.ok("CreatePoll", **poll, open=True, results="everyone")

    def opened() -> list[Any]:
        return [poll for poll in fay.of_kind("poll") if poll["status"] == "open"]

    polls = await fay.until(lambda _: len(opened()) == len(POLLS) and opened())
    for client, take in zip(learners[:2], (0, 1), strict=True):
        for poll in polls:
            ids = [option["option_id"] for option in poll["options"]]
            answer: dict[str, Any]
            match poll["poll_kind"]:
                case "scale":
                    answer = {"value": 7 + take}
                case "text" | "words":
                    answer = {"text": "listening, patience, " + "preparation" * (1 + 2 * take)}
                case "ranking":
                    answer = {"option_ids": ids}
                case _:
                    answer = {"option_ids": ids[take : take + 1]}
            await client.ok("CastBallot", poll_id=poll["poll_id"], **answer)
    for poll in polls:
        if poll["poll_kind"] not in ("ranking", "scale", "multiple"):
            await fay.ok("ClosePoll", poll_id=poll["poll_id"])


async def review(fay: WireClient, learners: list[WireClient]) -> None:
    anchors = [{"score": 1, "text": "One has to guess"}, {"score": 5, "text": "Nothing is left open"}]
    criteria = [
        {"title": "Clarity", "scale": {"least": 1, "most": 5, "anchors": anchors}, "comment": "required"},
        {"title": "Use of what the other side has said about its own interests", "comment": "optional"},
    ]
    settings = {"title": "First offers", "instructions": "Write the opening of your negotiation.", "reviews_each": 2}
    await fay.ok("CreateReviewRound", settings=settings, criteria=criteria)
    (found,) = await fay.until(lambda _: fay.of_kind("review_round"))
    await fay.ok("StartReviewRound", round_id=found["round_id"])
    for client in learners:
        await client.ok("DraftWork", round_id=found["round_id"], text="I would open with 120. " * 12, link=LONG_LINK)
        await client.ok("SubmitWork", round_id=found["round_id"])


async def divide(
    fay: WireClient, learners: list[WireClient], names: tuple[str, ...] = ("Red", "The room with the long name")
) -> None:
    task = {
        "text": "Compare the two offers and agree on what you would answer to each.",
        "steps": ["Read both", "Say which you would take and what you would ask for in return", "Decide"],
        "materials": [{"title": "Both offers, side by side, with the market's figures of last year", "url": LONG_LINK}],
    }
    await fay.ok(
        "OpenBreakouts",
        rooms=[{"name": name, "task": task} for name in names],
        duration_ms=900_000,
    )
    await learners[0].until(lambda found: found["participant:p_1"]["room_id"] != "plenary")
    await learners[0].ok("CallForHelp", text="We do not agree on what the second offer includes.")
    await learners[0].ok("MarkStep", step=0, done=True)
    await learners[1].ok("HandInWork", title="What we would answer", text="Neither.", url=LONG_LINK)
