"""Improves a placed arrangement by exchanging units of equal size between groups, never breaking a constraint.

Sizes stay as they are. An exchange that does not make the aims worse is kept, so the search also walks along
plateaus; without any aim it is a shuffle that makes constrained arrangements random, too.
"""

from collections.abc import Sequence
from random import Random as Draw

from rooms.grouping.aims import Aim
from rooms.grouping.board import Board


def improve(board: Board, group_of_unit: list[int], aims: Sequence[Aim], tries: int, draw: Draw) -> None:
    """Try `tries` random exchanges, changing `group_of_unit` in place."""
    partners: dict[tuple[int, int], list[int]] = {}
    kind_of = [_kind(board, unit) for unit in range(len(board.units))]
    for unit, kind in enumerate(kind_of):
        if board.allowed[unit].bit_count() > 1:
            partners.setdefault(kind, []).append(unit)
    movable = [unit for kind in partners.values() if len(kind) > 1 for unit in kind]
    if not movable:
        return
    random, count = draw.random, len(movable)
    for _ in range(tries):
        first = movable[int(random() * count)]
        choices = partners[kind_of[first]]
        second = choices[int(random() * len(choices))]
        here, there = group_of_unit[first], group_of_unit[second]
        if here == there or not _may_exchange(board, group_of_unit, first, second):
            continue
        if board.sizes[first] == 1:
            person, other = board.units[first][0], board.units[second][0]
            if sum(aim.swap_change(person, other, here, there) for aim in aims) > 1e-9:
                continue
            _exchange(board, aims, first, second, here, there)
        elif _exchange(board, aims, first, second, here, there) > 1e-9:
            _exchange(board, aims, first, second, there, here)
            continue
        group_of_unit[first], group_of_unit[second] = there, here


def _kind(board: Board, unit: int) -> tuple[int, int]:
    """Units of one kind may change places: same size, and same quota kind (a mixed unit only with itself)."""
    kinds = {board.quota_of[person] for person in board.units[unit]}
    return board.sizes[unit], kinds.pop() if len(kinds) == 1 else -2 - unit


def _may_exchange(board: Board, group_of_unit: Sequence[int], first: int, second: int) -> bool:
    here, there = group_of_unit[first], group_of_unit[second]
    if not (board.allowed[first] >> there & 1 and board.allowed[second] >> here & 1):
        return False
    return not any(group_of_unit[foe] == there and foe != second for foe in board.foes[first]) and not any(
        group_of_unit[foe] == here and foe != first for foe in board.foes[second]
    )


def _exchange(board: Board, aims: Sequence[Aim], first: int, second: int, here: int, there: int) -> float:
    change = 0.0
    for aim in aims:
        for person in board.units[first]:
            change += aim.move(person, here, there)
        for person in board.units[second]:
            change += aim.move(person, there, here)
    return change
