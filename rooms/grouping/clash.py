"""Which constraints contradict each other: a minimal set, found by QuickXplain (Junker, AAAI 2004).

QuickXplain halves the constraints and keeps only those halves that matter, so it asks "is there any placement?" about
k·log(n/k) times for a set of k among n. A last pass drops each constraint of the set in turn, so that the answer is
minimal even where a question was too hard to be decided (undecided counts as "no placement").
"""

from collections.abc import Mapping, Sequence
from random import Random as Draw

from rooms.grouping.board import compile_board
from rooms.grouping.model import Constraint
from rooms.grouping.placement import feasible

LOOKS_IN_ALL = 8_000_000
"""Units looked at, over all questions, before the search for a smaller set is given up."""


class _Exhausted(Exception):
    """The questions have become too many."""


def minimal_clash(
    index: Mapping[str, int], groups: int, constraints: Sequence[Constraint], seed: int, quota_of: Sequence[int] = ()
) -> tuple[tuple[Constraint, ...], bool]:
    """The clashing constraints, in the order given, and whether the clash is proved.

    All constraints, unproved, if a smaller set would take too long to find.
    """
    looks_left = LOOKS_IN_ALL

    def holds(chosen: Sequence[int]) -> bool | None:
        board = compile_board(index, groups, [constraints[number] for number in sorted(chosen)], quota_of)
        nonlocal looks_left
        answer, looks = feasible(board, Draw(seed))
        looks_left -= looks
        if looks_left < 0:
            raise _Exhausted
        return answer

    def explain(background: list[int], grew: bool, candidates: list[int]) -> list[int]:
        if grew and holds(background) is not True:
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        from_second = explain(background + first, True, second)
        from_first = explain(background + from_second, bool(from_second), first)
        return from_first + from_second

    everything = list(range(len(constraints)))
    try:
        clash = explain([], False, everything) if everything else []
        if holds(clash) is True:
            clash = everything
        for number in list(clash):
            rest = [other for other in clash if other != number]
            if holds(rest) is not True:
                clash = rest
        return tuple(constraints[number] for number in sorted(clash)), holds(clash) is False
    except _Exhausted:
        return tuple(constraints), False
