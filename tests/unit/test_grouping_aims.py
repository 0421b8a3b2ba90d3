"""The aims' arithmetic: what an exchange is said to change is what it changes."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from rooms.grouping.aims import Aim, NewPartnersAim, ScoreAim, SpreadAim
from rooms.grouping.history import Column

PEOPLE, GROUPS = 12, 4
DRAW = Random(5)
VALUES = [DRAW.randrange(3) for _ in range(PEOPLE)]
SCORES = [DRAW.gauss(0, 1) for _ in range(PEOPLE)]
PAST = [
    Column([DRAW.randrange(-1, 3) for _ in range(PEOPLE)], weight)
    for weight in (0.5, 2.0, 1.0)  # -1: in none
]


def spread_cost(group_of: Sequence[int]) -> float:
    return 3.0 * sum(
        sum(VALUES[person] == value and group_of[person] == group for person in range(PEOPLE)) ** 2
        for value in range(3)
        for group in range(GROUPS)
    )


def score_cost(group_of: Sequence[int]) -> float:
    members = [[SCORES[person] for person in range(PEOPLE) if group_of[person] == group] for group in range(GROUPS)]
    return -2.0 * sum(sum(scores) ** 2 / len(scores) for scores in members if scores)


def partners_cost(group_of: Sequence[int]) -> float:
    return sum(
        column.weight
        for column in PAST
        for one in range(PEOPLE)
        for other in range(one)
        if group_of[one] == group_of[other] and column.group_of[one] == column.group_of[other] >= 0
    )


CASES: list[tuple[Callable[[Sequence[int]], Aim], Callable[[Sequence[int]], float]]] = [
    (lambda group_of: SpreadAim(VALUES, group_of, GROUPS, 3.0), spread_cost),
    (lambda group_of: ScoreAim(SCORES, group_of, GROUPS, -2.0), score_cost),
    (lambda group_of: NewPartnersAim(PAST, group_of, GROUPS), partners_cost),
]


@pytest.mark.parametrize(("make", "cost"), CASES)
def test_an_exchange_changes_the_cost_by_what_was_said(
    make: Callable[[Sequence[int]], Aim], cost: Callable[[Sequence[int]], float]
) -> None:
    draw = Random(9)
    group_of = [person % GROUPS for person in range(PEOPLE)]
    aim = make(group_of)
    for _ in range(200):
        first, second = draw.sample(range(PEOPLE), 2)
        here, there = group_of[first], group_of[second]
        if here == there:
            continue
        before = cost(group_of)
        said = aim.swap_change(first, second, here, there)
        done = aim.move(first, here, there) + aim.move(second, there, here)
        group_of[first], group_of[second] = there, here
        assert said == pytest.approx(done)
        assert done == pytest.approx(cost(group_of) - before)
        if isinstance(aim, NewPartnersAim):
            assert aim.cost == pytest.approx(cost(group_of))
