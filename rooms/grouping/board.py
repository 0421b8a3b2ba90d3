"""A grouping request compiled to integers: units, masks and bounds.

People who must be together are one *unit*; everything after this works on units (people are indexes from 0, groups
too). A set of groups is an integer with one bit a group. `quota_of` gives each person a kind whose members must be
spread as evenly as counts allow (jigsaw: one expert a topic in every home group); -1 is no kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooms.grouping.model import Apart, Capacity, Constraint, Fixed, MaxSize, MinSize, Together


@dataclass(slots=True)
class Board:
    people: int
    groups: int
    units: list[tuple[int, ...]]
    """The people of each unit, by index."""
    unit_of: list[int]
    sizes: list[int]
    """People in each unit."""
    allowed: list[int]
    """Groups each unit may go to."""
    foes: list[list[int]]
    """Units that may not share a group with this one."""
    floors: list[int]
    ceilings: list[int]
    """Fewest and most people of each group."""
    pinned_groups: int
    """Groups that somebody is fixed to: not interchangeable with others."""
    quota_of: list[int]
    quotas: list[int]
    """People of each quota kind."""
    contradiction: bool
    """Somebody must be both together with and apart from somebody."""

    def forced(self) -> list[int]:
        """People that are fixed to each group."""
        loads = [0] * self.groups
        for unit, mask in enumerate(self.allowed):
            if mask and mask & (mask - 1) == 0:
                loads[mask.bit_length() - 1] += self.sizes[unit]
        return loads

    def is_free(self, unit: int) -> bool:
        """A single person who can go anywhere, whoever is there."""
        return (
            self.sizes[unit] == 1
            and not self.foes[unit]
            and self.allowed[unit] == (1 << self.groups) - 1
            and self.quota_of[self.units[unit][0]] < 0
        )


def compile_board(
    index: Mapping[str, int], groups: int, constraints: Sequence[Constraint], quota_of: Sequence[int] = ()
) -> Board:
    """`index`: id → 0…n-1. Names in the constraints that are not in it are ignored; groups must be in range."""
    people = len(index)
    root = _joined(people, index, constraints)
    units: dict[int, list[int]] = {}
    for person in range(people):
        units.setdefault(root[person], []).append(person)
    members = [tuple(unit) for unit in units.values()]
    unit_of = [0] * people
    for number, unit in enumerate(members):
        for person in unit:
            unit_of[person] = number
    kinds = list(quota_of) or [-1] * people
    board = Board(
        people=people,
        groups=groups,
        units=members,
        unit_of=unit_of,
        sizes=[len(unit) for unit in members],
        allowed=[(1 << groups) - 1] * len(members),
        foes=[[] for _ in members],
        floors=[0] * groups,
        ceilings=[people] * groups,
        pinned_groups=0,
        quota_of=kinds,
        quotas=[kinds.count(kind) for kind in range(max(kinds, default=-1) + 1)],
        contradiction=False,
    )
    for constraint in constraints:
        _apply(board, index, constraint)
    # A group that is closed altogether is not too small.
    board.floors = [floor if ceiling else 0 for floor, ceiling in zip(board.floors, board.ceilings, strict=True)]
    return board


def _joined(people: int, index: Mapping[str, int], constraints: Sequence[Constraint]) -> list[int]:
    """The first person of everybody's unit (union-find)."""
    root = list(range(people))

    def find(person: int) -> int:
        while root[person] != person:
            root[person] = root[root[person]]
            person = root[person]
        return person

    for constraint in constraints:
        if isinstance(constraint, Together):
            present = [index[name] for name in constraint.people if name in index]
            for other in present[1:]:
                first, second = sorted((find(present[0]), find(other)))
                root[second] = first
    return [find(person) for person in range(people)]


def _apply(board: Board, index: Mapping[str, int], constraint: Constraint) -> None:
    match constraint:
        case Together():
            pass
        case Apart():
            present = sorted({index[name] for name in constraint.people if name in index})
            apart = sorted({board.unit_of[person] for person in present})
            board.contradiction |= len(apart) < len(present)
            for unit in apart:
                known = set(board.foes[unit])
                board.foes[unit] += [other for other in apart if other != unit and other not in known]
        case MinSize():
            for group in range(board.groups):
                board.floors[group] = max(board.floors[group], constraint.size)
        case MaxSize():
            for group in range(board.groups):
                board.ceilings[group] = min(board.ceilings[group], constraint.size)
        case Capacity():
            board.ceilings[constraint.group] = min(board.ceilings[constraint.group], constraint.size)
        case Fixed():
            board.pinned_groups |= 1 << constraint.group
            if constraint.person in index:
                board.allowed[board.unit_of[index[constraint.person]]] &= 1 << constraint.group
