"""Speed of the core. Each figure is the best of a few runs, against its bound; the last line has all figures.

python -m tests.bench.rooms [--only WORD]
"""

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from rooms.allocation import AllocationRequest, Assignment, Eligibility, Submission, allocate
from rooms.commands import Command, Stamp
from rooms.commands.breakouts import MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.people import Connect
from rooms.commands.polls import CastBallot, CreatePoll, OpenPoll
from rooms.commands.review import (
    AdvanceReviewRound,
    CreateReviewRound,
    DraftWork,
    NewCriterion,
    StartReviewRound,
    WriteMark,
)
from rooms.commands.workshop import CreateWorkshop
from rooms.events import Recorded
from rooms.events.review import PhaseTimes, ReviewRoundSettings, Scale
from rooms.grouping import (
    Apart,
    ByAttributes,
    ByScore,
    Constraint,
    Fixed,
    GroupingRequest,
    Method,
    PastRound,
    Person,
    Random,
    Rotation,
    RotationRequest,
    Together,
    assign,
    rotate,
)
from rooms.ids import API, ConnectionId, ParticipantId, SubmissionId, WorkshopId
from rooms.workshop import decide, evolve, initial_state

RUNS = 3


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    bound: float
    """In the same unit: at least, for rates ("/s"); at most, for everything else."""

    @property
    def good(self) -> bool:
        return self.value >= self.bound if self.unit.endswith("/s") else self.value <= self.bound

    def __str__(self) -> str:
        return f"{self.name}={self.value:.3g}{self.unit}"


def best_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The shortest of a few runs, in seconds."""
    taken = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def thousand() -> tuple[list[Person], list[Constraint]]:
    """1,000 people with attributes and scores, and 190 constraints for 200 groups."""
    draw = random.Random(1)
    people = [
        Person(
            id=ParticipantId(f"p{number}"),
            attributes={"team": draw.choice("ABCDE"), "site": draw.choice("XYZ")},
            score=draw.gauss(50, 15),
        )
        for number in range(1000)
    ]
    names = [person.id for person in people]
    draw.shuffle(names)
    constraints: list[Constraint] = [Together(people=tuple(names[3 * n : 3 * n + 2])) for n in range(60)]
    constraints += [Apart(people=tuple(names[200 + 3 * n : 203 + 3 * n])) for n in range(100)]
    constraints += [Fixed(person=names[600 + n], group=n * 3) for n in range(30)]
    return people, constraints


def grouping_figures() -> list[Figure]:
    people, constraints = thousand()
    methods: dict[str, Method] = {
        "random": Random(),
        "mixed": ByAttributes(attributes=("team", "site"), mode="mixed"),
        "alike": ByAttributes(attributes=("team", "site"), mode="alike"),
        "balanced": ByScore(mode="balanced"),
    }
    figures = []
    for name, method in methods.items():
        request = GroupingRequest(people=people, groups=200, method=method, constraints=constraints)
        taken = best_seconds(partial(assign, request, b"seed"))
        figures.append(Figure(f"group_1000_{name}", taken, "s", 1.0))
    draw = random.Random(2)
    for groups in (2, 200):
        names = [person.id for person in people]
        past = []
        for _ in range(50):
            draw.shuffle(names)
            past.append(PastRound(groups=tuple(tuple(names[group::groups]) for group in range(groups))))
        for name in ("random", "balanced"):
            request = GroupingRequest(people=people, groups=groups, method=methods[name], history=past)
            taken = best_seconds(partial(assign, request, b"seed"))
            figures.append(Figure(f"group_1000_in_{groups}_{name}_after_50_rounds", taken, "s", 1.0))
    return figures


def repeats(rotation: Rotation) -> int:
    met: set[tuple[str, str]] = set()
    again = 0
    for groups in rotation.rounds:
        for group in groups:
            for pair in combinations(sorted(group.people), 2):
                again += pair in met
                met.add(pair)
    return again


def rotation_figures() -> list[Figure]:
    figures = []
    for people, groups, rounds, most in ((32, 8, 6, 0), (30, 8, 6, 0), (23, 5, 5, 0), (24, 6, 5, 0), (24, 6, 6, 4)):
        everybody = [Person(id=ParticipantId(f"p{number}")) for number in range(people)]
        request = RotationRequest(people=everybody, groups=groups, rounds=rounds)
        name = f"rotate_{people}_in_{groups}_{rounds}_rounds"
        figures.append(Figure(name, best_seconds(partial(rotate, request, b"seed")), "s", 5.0))
        figures.append(Figure(f"{name}_repeats", repeats(rotate(request, b"seed")), "", most))
    everybody, _ = thousand()
    for groups in (2, 25):
        request = RotationRequest(people=everybody, groups=groups, rounds=50)
        name = f"rotate_1000_in_{groups}_50_rounds"
        figures.append(Figure(name, best_seconds(partial(rotate, request, b"seed"), runs=1), "s", 5.0))
    return figures


def allocation_figures() -> list[Figure]:
    """1,000 submissions, 3 reviews each, nobody from one's own group of 25, a tenth assigned by hand to a few people."""
    people = [ParticipantId(f"p{number}") for number in range(1000)]
    submissions = [Submission(id=SubmissionId(f"s{number}"), authors=(name,)) for number, name in enumerate(people)]
    kept = [
        Assignment(submission_id=item.id, reviewer_id=people[900 + number % 7])
        for number, item in enumerate(submissions[:100])
    ]
    request = AllocationRequest(
        submissions=submissions,
        reviewers=people,
        reviews_each=3,
        eligibility=Eligibility(group_rule="other", group_of={name: str(n // 25) for n, name in enumerate(people)}),
        kept=kept,
    )
    scarce = AllocationRequest(submissions=submissions, reviewers=people[:700], reviews_each=3, max_load=4)
    added = allocate(request, b"seed").added
    lacking = 3000 - len(kept) - len(added)
    return [
        Figure("allocate_1000_k3", best_seconds(lambda: allocate(request, b"seed")), "s", 2.0),
        Figure("allocate_1000_k3_lacking", lacking, "", 0),
        Figure("allocate_1000_k3_scarce", best_seconds(lambda: allocate(scarce, b"seed")), "s", 2.0),
    ]


class Crowd:
    """A workshop of so many people, the host included, in many rooms with an open poll; no journal, no projection."""

    def __init__(self, people: int, rooms: int) -> None:
        self.state = initial_state()
        self.log: list[Recorded] = []
        self.count = 0
        self.do(API, CreateWorkshop(workshop_id=WorkshopId("w_1"), title="Bench"))
        self.host = ParticipantId("host")
        self.do(self.host, Connect(connection_id=ConnectionId("host"), name="Host", role="facilitator"))
        self.people = [ParticipantId(f"p{number}") for number in range(people - 1)]
        for who in self.people:
            self.do(who, Connect(connection_id=ConnectionId(who), name=who, role="learner"))
        self.do(self.host, OpenBreakouts(count=rooms))
        self.rooms = [room for room in self.state.rooms.values() if room.kind == "breakout"]
        self.do(self.host, CreatePoll(question="Which?", options=("A", "B", "C", "D")))
        (self.poll,) = self.state.polls.values()
        self.do(self.host, OpenPoll(poll_id=self.poll.poll_id))

    def do(self, actor: ParticipantId, command: Command) -> None:
        self.count += 1
        stamp = Stamp(now_ms=self.count, actor=actor, entropy=self.count.to_bytes(32, "big"))
        for event in decide(self.state, command, stamp):
            recorded = Recorded(seq=self.state.seq + 1, at_ms=self.count, actor=actor, command_id="c", event=event)
            evolve(self.state, recorded)
            self.log.append(recorded)

    def do_all(self, given: Sequence[tuple[ParticipantId, Command]]) -> None:
        for actor, command in given:
            self.do(actor, command)

    def commands(self, kind: str, count: int) -> list[tuple[ParticipantId, Command]]:
        """`count` commands of a kind that all change something, from everybody in turn."""
        given: list[tuple[ParticipantId, Command]] = []
        for number in range(count):
            turn, index = divmod(number, len(self.people))
            who = self.people[index]
            if kind == "ballot":
                option = self.poll.content.options[(index + turn) % 4].option_id
                given.append((who, CastBallot(poll_id=self.poll.poll_id, option_ids=(option,))))
            elif kind == "chat":
                given.append((who, PostMessage(channel="room", text=f"message {number}")))
            else:
                room = self.rooms[(index + turn * 7 + 1) % len(self.rooms)]
                given.append((self.host, MoveParticipants(participant_ids=(who,), room_id=room.room_id)))
        return given


def command_seconds(people: int, rooms: int, kind: str, count: int) -> float:
    """Of one command, decided and evolved."""
    taken = []
    for _ in range(RUNS):
        crowd = Crowd(people, rooms)
        given = crowd.commands(kind, count)
        before = len(crowd.log)
        taken.append(best_seconds(partial(crowd.do_all, given), runs=1))
        assert len(crowd.log) - before >= count * 0.9, "most commands must have changed something"
    return min(taken) / count


def core_figures() -> list[Figure]:
    figures = []
    for kind in ("ballot", "chat", "move"):
        figures.append(Figure(f"{kind}_1000_in_200", 1 / command_seconds(1_000, 200, kind, 5_000), "/s", 5_000))
        small, large = (command_seconds(people, 20, kind, 5_000) for people in (100, 10_000))
        figures.append(Figure(f"{kind}_cost_10000_over_100", large / small, "x", 2.0))
    crowd = Crowd(1_000, 200)
    kinds = [crowd.commands(kind, 34_000) for kind in ("ballot", "chat", "move")]
    for given in zip(*kinds, strict=True):
        for each in given:
            crowd.do(*each)
    log = crowd.log[:100_000]

    def replay() -> None:
        state = initial_state()
        for recorded in log:
            state = evolve(state, recorded)

    figures.append(Figure(f"replay_{len(log)}_events", best_seconds(replay), "s", 5.0))
    return figures


def review_figures() -> list[Figure]:
    """A peer review round of 1,000 people: what they do, and the boundary where 3,000 reviews are given out."""
    crowd = Crowd(1_000, 200)
    criteria = tuple(NewCriterion(title=f"Criterion {n}", scale=Scale(least=1, most=5)) for n in range(5))
    settings = ReviewRoundSettings(title="Round", group_rule="other", times=PhaseTimes(discuss_ms=None))
    crowd.do(crowd.host, CreateReviewRound(settings=settings, criteria=criteria))
    (found,) = crowd.state.review_rounds.values()
    crowd.do(crowd.host, StartReviewRound(round_id=found.round_id))
    drafts = [DraftWork(round_id=found.round_id, text=f"Text {number}") for number in range(5)]
    given: list[tuple[ParticipantId, Command]] = [(who, draft) for draft in drafts for who in crowd.people]
    rate = len(given) / best_seconds(partial(crowd.do_all, given), runs=1)
    figures = [Figure("review_draft_1000", rate, "/s", 5_000)]
    onwards = AdvanceReviewRound(round_id=found.round_id)
    figures.append(
        Figure("review_hand_out_1000_k3", best_seconds(lambda: crowd.do(crowd.host, onwards), runs=1), "s", 1.0)
    )
    given = [
        (review.reviewer_id, WriteMark(review_id=review.review_id, criterion_id=criterion, score=3))
        for criterion in found.criteria
        for review in found.reviews.values()
    ]
    rate = len(given) / best_seconds(partial(crowd.do_all, given), runs=1)
    figures.append(Figure("review_mark_1000", rate, "/s", 5_000))
    figures.append(
        Figure("review_discussions_1000", best_seconds(lambda: crowd.do(crowd.host, onwards), runs=1), "s", 1.0)
    )
    assert found.phase == "discuss", "the reviews must have been taken and discussions planned"
    return figures


SECTIONS: dict[str, Callable[[], Sequence[Figure]]] = {
    "grouping": grouping_figures,
    "rotation": rotation_figures,
    "allocation": allocation_figures,
    "core": core_figures,
    "review": review_figures,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(SECTIONS), help="one section only")
    only = parser.parse_args().only
    figures: list[Figure] = []
    for name, section in SECTIONS.items():
        if only in (None, name):
            for figure in section():
                figures.append(figure)
                verdict = "" if figure.good else "  MISSED"
                print(
                    f"{figure.name:38} {figure.value:10.3f} {figure.unit:4} bound {figure.bound:g}{verdict}", flush=True
                )
    print("bench-rooms: " + " ".join(map(str, figures)))
    return 0 if all(figure.good for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
