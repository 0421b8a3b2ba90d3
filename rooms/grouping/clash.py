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


def minimal_clash(
    index: Mapping[str, int], groups: int, constraints: Sequence[Constraint], seed: int, quota_of: Sequence[int] = ()
) -> tuple[tuple[Constraint, ...], bool]:
    """The clashing constraints, in the order given, and whether the clash is proved."""

    def holds(chosen: Sequence[int]) -> bool | None:
        board = compile_board(index, groups, [constraints[number] for number in sorted(chosen)], quota_of)
        return feasible(board, Draw(seed))

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
    clash = explain([], False, everything) if everything else []
    if holds(clash) is True:
        clash = everything
    for number in list(clash):
        rest = [other for other in clash if other != number]
        if holds(rest) is not True:
            clash = rest
    return tuple(constraints[number] for number in sorted(clash)), holds(clash) is False
