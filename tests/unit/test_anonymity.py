"""Who has the published stream with its ids and times, every export after every step, and the roster, learns nothing of who voted or asked without a name.

The same things happen at the same times, with other people behind the anonymous ones. If anything that anybody but those people can get were different, it
would tell something; the tests compare all of it, after every step.
"""

import itertools
import json
from typing import Any

import pytest

from rooms.commands.people import RaiseHand
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.commands.questions import AnswerQuestion, AskQuestion, VoteForQuestion
from rooms.commands.workshop import CloseWorkshop
from rooms.ids import PollId
from server.export import attendance, groups, polls, questions, snapshot, summary
from server.export.learner import summaries_export
from server.export.participation import participation_export
from server.publish.narrative import Narrative, Options
from tests.unit.workshop_case import Workshop

PEOPLE = [f"l{index}" for index in range(8)]
OTHERS = [PEOPLE[3:] + PEOPLE[:3], PEOPLE[::-1], PEOPLE[1:] + PEOPLE[:1]]


class Watched(Workshop):
    """Keeps all that a facilitator's client, a programme and a receiver of events can see, after each step."""

    def __init__(self) -> None:
        super().__init__(seed=7)
        self.crowd(len(PEOPLE))
        self.seen: list[Any] = []
        self._told = Narrative(Options(home_page="https://x.example", names=True, chat_text=True))
        self._read = 0

    def step(self, who: str, command: Any) -> None:
        self.wait(1_000)
        self.do(who, command)
        published = [event for recorded in self.log[self._read :] for event in self._told.tell(recorded)]
        self._read = len(self.log)
        exports = (
            attendance.attendance_of(self.state, self.now_ms),
            participation_export(self.state, self.now_ms),
            summaries_export(self.state, self.now_ms, after=0, limit=100),
            summary.summary_of(self.state, self.now_ms),
            polls.polls_of(self.state),
            questions.questions_of(self.state),
            groups.groups_of(self.state),
            snapshot.state_of(self.state, self.now_ms),
        )
        self.seen.append((published, [json.loads(each.model_dump_json()) for each in exports], self.sees("fay")))

    def poll(self, kind: str) -> PollId:
        options = ("A", "B") if kind in ("single", "quiz") else ()
        right = (0,) if kind == "quiz" else ()
        asked = CreatePoll(question="Which?", kind=kind, options=options, right=right, results="everyone", open=True)
        self.step("fay", asked)
        return list(self.state.polls)[-1]

    def vote(self, who: str, poll_id: PollId, number: int) -> None:
        content = self.state.polls[poll_id].content
        if content.kind in ("text", "words"):
            self.step(who, CastBallot(poll_id=poll_id, text=f"word {number}"))
        elif content.kind == "scale":
            self.step(who, CastBallot(poll_id=poll_id, value=1 + number % 5))
        else:
            chosen = content.options[number % 2].option_id
            self.step(who, CastBallot(poll_id=poll_id, option_ids=(chosen,)))


def voted(kind: str, behind: list[str]) -> list[Any]:
    """Everybody votes, one changes their mind, the poll is asked again, the workshop ends; `behind`: who does what is anonymous."""
    watched = Watched()
    poll_id = watched.poll(kind)
    for number, who in enumerate(behind):
        watched.vote(who, poll_id, number)
        watched.step(PEOPLE[number], RaiseHand())
    if kind != "quiz":
        watched.vote(behind[0], poll_id, 9)
    watched.step("fay", ClosePoll(poll_id=poll_id))
    watched.step("fay", OpenPoll(poll_id=poll_id))
    if kind != "quiz":
        watched.vote(behind[1], poll_id, 12)
    watched.step("fay", ClosePoll(poll_id=poll_id))
    watched.step("fay", CloseWorkshop())
    return watched.seen


@pytest.mark.parametrize("kind", ["single", "quiz", "scale", "text", "words"])
def test_PO6_PO15_AT12_who_is_behind_an_anonymous_ballot_changes_nothing_that_can_be_seen(kind: str) -> None:
    first = voted(kind, PEOPLE)
    for behind in OTHERS:
        for step, (one, other) in enumerate(zip(first, voted(kind, behind), strict=True)):
            assert one == other, f"step {step}"


def asked(behind: list[str]) -> list[Any]:
    watched = Watched()
    for number in range(3):
        watched.step(behind[number], AskQuestion(text=f"Question {number}", anonymous=True))
    first, second, _ = watched.state.questions
    for who in behind[3:6]:
        watched.step(who, VoteForQuestion(question_id=second, up=True))
    watched.step("fay", AnswerQuestion(question_id=first, text="So."))
    watched.step("fay", CloseWorkshop())
    return watched.seen


def test_QU3_QU5_AT12_who_asked_without_a_name_or_voted_changes_nothing_that_can_be_seen() -> None:
    for behind in OTHERS:
        assert asked(PEOPLE) == asked(behind)


def test_PO15_what_changes_between_two_looks_is_never_the_answer_of_one_or_two() -> None:
    """All that is seen of the numbers, in the export and in the published end, whatever the order of votes, changes and closings."""
    for order in itertools.islice(itertools.permutations(range(7)), 0, 5_040, 720):
        watched = Watched()
        poll_id = watched.poll("single")
        for number in order:
            watched.vote(PEOPLE[number], poll_id, 0)
        watched.step("fay", ClosePoll(poll_id=poll_id))
        watched.step("fay", OpenPoll(poll_id=poll_id))
        watched.vote(PEOPLE[7], poll_id, 1)
        watched.step("fay", ClosePoll(poll_id=poll_id))
        looks = [exports[4]["polls"][0]["tally"]["counts"] for _, exports, _ in watched.seen]
        moved = [
            sum(abs(now["count"] - then["count"]) for now, then in zip(second, first, strict=True))
            for first, second in itertools.pairwise(looks)
        ]
        assert {each for each in moved if each} == {3, 4}
        told = [event["data"] for events, _, _ in watched.seen for event in events if "poll.answered" in event["type"]]
        assert [each["participant"]["name"] for each in told] == PEOPLE[:7], "the eighth would be told alone"


def test_AT5_PO15_of_fewer_than_three_nobody_says_that_they_voted() -> None:
    """The results of two that say the same would be their votes, for whoever knew who the two are."""
    watched = Watched()
    poll_id = watched.poll("single")
    for who in PEOPLE[:2]:
        watched.vote(who, poll_id, 0)
    watched.step("fay", ClosePoll(poll_id=poll_id))
    watched.step("fay", CloseWorkshop())
    published = [event for events, _, _ in watched.seen for event in events]
    (closed,) = [event["data"] for event in published if "poll.closed" in event["type"]]
    assert (closed["ballots"], closed["counts"]) == (2, None)
    assert not [event for event in published if "poll.answered" in event["type"]]
    finalised = [event["data"]["polls"] for event in published if "attendance.finalised" in event["type"]]
    assert finalised == [{"done": 0, "offered": 0}] * 9
