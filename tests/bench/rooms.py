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
from itertools import combinations

from rooms.allocation import AllocationRequest, Assignment, Eligibility, Submission, allocate
from rooms.grouping import (
    Apart,
    ByAttributes,
    ByScore,
    Constraint,
    Fixed,
    GroupingRequest,
    Method,
    Person,
    Random,
    Rotation,
    RotationRequest,
    Together,
    assign,
    rotate,
)
from rooms.ids import ParticipantId, SubmissionId

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
        taken = best_seconds(lambda request=request: assign(request, b"seed"))  # type: ignore[misc]
        figures.append(Figure(f"group_1000_{name}", taken, "s", 1.0))
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
        figures.append(Figure(name, best_seconds(lambda request=request: rotate(request, b"seed")), "s", 5.0))  # type: ignore[misc]
        figures.append(Figure(f"{name}_repeats", repeats(rotate(request, b"seed")), "", most))
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


SECTIONS: dict[str, Callable[[], Sequence[Figure]]] = {
    "grouping": grouping_figures,
    "rotation": rotation_figures,
    "allocation": allocation_figures,
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
