"""Places the units that constraints speak of, exactly if it can, and says how many places are left in each group.

Theory of operation. A depth-first search places the most constrained unit first (fewest groups left, then largest)
into the emptiest group. Every placement narrows the choices of its foes at once; empty groups that nothing tells apart
are tried once. Two passes:

1. *Even*: the loads that filling the groups like water would give are the only ones allowed. If it succeeds, the sizes
   are as even as anything could be.
2. *As even as possible*: branch and bound on the sum of squared sizes, within a node limit.

People no constraint speaks of are not searched for: they fill what is left, smallest group first, which is optimal
for the sum of squares whatever the others do. Without a limit reached, "none" is a proof.
"""

import heapq
from dataclasses import dataclass
from random import Random as Draw

from rooms.grouping.board import Board

LOOKS = 600_000
"""Units looked at before a pass gives up, beside those of one straight dive; at least `LEAST_NODES` placements are tried."""
LEAST_NODES = 500
MOST_NODES = 6_000


@dataclass(frozen=True, slots=True)
class Placement:
    group_of: list[int]
    """Group of each unit; -1 for the free ones."""
    places: list[int]
    """How many free people go to each group."""


@dataclass(frozen=True, slots=True)
class Impossible:
    proved: bool


def place(board: Board, draw: Draw) -> Placement | Impossible:
    """The most even placement found."""
    if not _could_fit(board):
        return Impossible(proved=True)
    floors, ceilings = _even_bounds(board)
    limit = node_limit(board)
    even = _Search(board, floors, ceilings, draw, limit)
    if even.run(first_only=True):
        return even.best_placement()
    search = _Search(board, board.floors, board.ceilings, draw, limit)
    for _ in range(3):
        if search.run(first_only=False):
            return search.best_placement()
        if not search.gave_up:
            return Impossible(proved=True)
        search = _Search(board, board.floors, board.ceilings, draw, limit)
    return Impossible(proved=False)


def feasible(board: Board, draw: Draw) -> tuple[bool | None, int]:
    """Whether there is any placement, None if the search gave up; and how many units it looked at to say so."""
    if not _could_fit(board):
        return False, len(board.units)
    limit = node_limit(board)
    search = _Search(board, board.floors, board.ceilings, draw, limit)
    found = search.run(first_only=True)
    looks = len(board.units) * (1 + limit - search.nodes_left)
    return (True if found else None if search.gave_up else False), looks


def node_limit(board: Board) -> int:
    """Placements one pass may try: a straight dive, and fewer beyond it the more there is to look at each time."""
    units = len(board.units)
    return units + min(MOST_NODES, max(LEAST_NODES, LOOKS // max(units, board.groups)))


def _could_fit(board: Board) -> bool:
    return (
        not board.contradiction
        and all(board.allowed)
        and sum(board.ceilings) >= board.people >= sum(board.floors)
        and all(floor <= ceiling for floor, ceiling in zip(board.floors, board.ceilings, strict=True))
        and all(load <= ceiling for load, ceiling in zip(board.forced(), board.ceilings, strict=True))
    )


def _even_bounds(board: Board) -> tuple[list[int], list[int]]:
    """The bounds within which every placement has the least sum of squared sizes, if there is one at all."""
    bases = [max(pair) for pair in zip(board.forced(), board.floors, strict=True)]
    loads = list(bases)
    level = fill(loads, board.ceilings, board.people - sum(loads))
    floors = [min(max(level - 1, base), ceiling) for base, ceiling in zip(bases, board.ceilings, strict=True)]
    ceilings = [min(max(level, base), ceiling) for base, ceiling in zip(bases, board.ceilings, strict=True)]
    return floors, ceilings


def fill(loads: list[int], ceilings: list[int], people: int, draw: Draw | None = None) -> int:
    """Add people one by one to the smallest group below its ceiling, in place; the highest level reached by it.

    Ties go to the lower group, or at random with `draw`. Needs enough room.
    """
    heap = [(load, draw.random() if draw else 0.0, group) for group, load in enumerate(loads) if load < ceilings[group]]
    heapq.heapify(heap)
    level = 0
    for _ in range(people):
        load, tie, group = heapq.heappop(heap)
        loads[group] = level = load + 1
        if level < ceilings[group]:
            heapq.heappush(heap, (level, tie, group))
    return level


class _Search:
    """One depth-first search. The state is undone step by step on the way back."""

    def __init__(self, board: Board, floors: list[int], ceilings: list[int], draw: Draw, node_limit: int) -> None:
        self.board, self.floors, self.ceilings, self.draw = board, floors, ceilings, draw
        self.nodes_left = node_limit
        self.gave_up = False
        self.loads = [0] * board.groups
        self.group_of = [-1] * len(board.units)
        self.masks = list(board.allowed)
        self.waiting = [unit for unit in range(len(board.units)) if not board.is_free(unit)]
        draw.shuffle(self.waiting)
        # Kind by kind, so that each kind fills every group before the next one starts.
        self.waiting.sort(key=lambda unit: board.quota_of[board.units[unit][0]])
        self.free = len(board.units) - len(self.waiting)
        self.unplaced = board.people
        self.deficit = sum(floors)
        self.fits = {
            size: sum(1 << group for group in range(board.groups) if size <= ceilings[group])
            for size in {board.sizes[unit] for unit in self.waiting}
        }
        self.kinds = [
            [board.quota_of[person] for person in unit if board.quota_of[person] >= 0] for unit in board.units
        ]
        self.kind_loads = [[0] * board.groups for _ in board.quotas]
        self.full_left = [count % board.groups for count in board.quotas]
        self.best_score = -1
        self.best: Placement | None = None

    def best_placement(self) -> Placement:
        assert self.best is not None
        return self.best

    def run(self, *, first_only: bool) -> bool:
        """Search; whether a placement was found. `gave_up` says if the node limit cut it short."""
        if sum(self.ceilings) < self.board.people or self.deficit > self.unplaced:
            return False
        path: list[tuple[int, list[int], list[tuple[int, int]]]] = []
        while True:
            unit, mask = self._next_unit()
            if unit < 0:
                self._leaf()
                if first_only and self.best is not None:
                    return True
            elif mask:
                path.append((unit, self._choices(unit, mask), []))
            if not self._advance(path):
                return self.best is not None

    def _advance(self, path: list[tuple[int, list[int], list[tuple[int, int]]]]) -> bool:
        """Put the deepest open unit into its next group, going back where none is left; False at the end."""
        while path:
            unit, choices, trail = path[-1]
            if self.group_of[unit] >= 0:
                self._take_back(unit, trail)
            if not choices:
                path.pop()
                continue
            if self.nodes_left == 0:
                self.gave_up = True
                return False
            self.nodes_left -= 1
            self._put(unit, choices.pop(), trail)
            if self.deficit <= self.unplaced and self._may_improve() and self._quotas_hold(unit):
                return True
        return False

    def _next_unit(self) -> tuple[int, int]:
        """The waiting unit with the fewest groups open to it, and those; (-1, 0) when all are placed."""
        best, best_mask, best_rank = -1, 0, (1 << 30, 0, 0)
        sizes, foes, fits, masks = self.board.sizes, self.board.foes, self.fits, self.masks
        for unit in self.waiting:
            if self.group_of[unit] >= 0:
                continue
            mask = masks[unit] & fits[sizes[unit]]
            count = mask.bit_count()
            if count <= best_rank[0]:
                rank = (count, -sizes[unit], -len(foes[unit]))
                if rank < best_rank:
                    best, best_mask, best_rank = unit, mask, rank
                    if not mask:
                        break
        return best, best_mask

    def _choices(self, unit: int, mask: int) -> list[int]:
        """Groups to try, the best last. Of empty groups that nothing tells apart, one."""
        choices: list[tuple[int, float, int]] = []
        seen: set[tuple[int, int]] = set()
        groups = []
        while mask:
            low = mask & -mask
            groups.append(low.bit_length() - 1)
            mask ^= low
        self.draw.shuffle(groups)
        for group in groups:
            load = self.loads[group]
            if load == 0 and not self.board.pinned_groups >> group & 1:
                bounds = (self.floors[group], self.ceilings[group])
                if bounds in seen:
                    continue
                seen.add(bounds)
            if self._quota_open(unit, group):
                choices.append((-load, self.draw.random(), group))
        choices.sort()
        return [group for _, _, group in choices]

    def _put(self, unit: int, group: int, trail: list[tuple[int, int]]) -> None:
        bit = 1 << group
        for foe in self.board.foes[unit]:
            if self.masks[foe] & bit and self.group_of[foe] < 0:
                trail.append((foe, self.masks[foe]))
                self.masks[foe] &= ~bit
        self.group_of[unit] = group
        self._change_load(group, self.board.sizes[unit])
        for kind in self.kinds[unit]:
            self._change_kind(kind, group, 1)

    def _take_back(self, unit: int, trail: list[tuple[int, int]]) -> None:
        group = self.group_of[unit]
        for kind in self.kinds[unit]:
            self._change_kind(kind, group, -1)
        self._change_load(group, -self.board.sizes[unit])
        self.group_of[unit] = -1
        while trail:
            foe, mask = trail.pop()
            self.masks[foe] = mask

    def _change_load(self, group: int, by: int) -> None:
        before = self.loads[group]
        after = self.loads[group] = before + by
        floor, bit = self.floors[group], 1 << group
        self.deficit += max(0, floor - after) - max(0, floor - before)
        self.unplaced -= by
        for size in self.fits:
            if after + size <= self.ceilings[group]:
                self.fits[size] |= bit
            else:
                self.fits[size] &= ~bit

    # A kind with q people in g groups: every group has q // g of them, or one more in q % g groups.
    def _change_kind(self, kind: int, group: int, by: int) -> None:
        least = self.board.quotas[kind] // self.board.groups
        before = self.kind_loads[kind][group]
        after = self.kind_loads[kind][group] = before + by
        self.full_left[kind] += (before > least) - (after > least)

    def _quota_open(self, unit: int, group: int) -> bool:
        kinds = self.kinds[unit]
        for kind in set(kinds):
            least = self.board.quotas[kind] // self.board.groups
            after = self.kind_loads[kind][group] + kinds.count(kind)
            if after > least + 1 or (after == least + 1 and self.full_left[kind] == 0):
                return False
        return True

    def _quotas_hold(self, unit: int) -> bool:
        return all(self.full_left[kind] >= 0 for kind in self.kinds[unit])

    def _may_improve(self) -> bool:
        """Whether the sum of squares could still come out below the best found."""
        if self.best is None:
            return True
        loads = sorted(self.loads)
        left, level, width = self.unplaced, loads[0], 0
        total = sum(load * load for load in loads)
        # Water: raise the lowest groups together until nothing is left; without ceilings, so a lower bound.
        while width < len(loads) and loads[width] == level:
            width += 1
        while left > 0:
            top = loads[width] if width < len(loads) else level + left
            rise = min(top - level, left // width)
            if rise == 0:
                total += left * ((level + 1) ** 2 - level**2)
                break
            total += width * ((level + rise) ** 2 - level**2)
            left -= rise * width
            level += rise
            while width < len(loads) and loads[width] <= level:
                width += 1
        return total < self.best_score

    def _leaf(self) -> None:
        """Everybody constrained is placed: fill up and keep it if it is the most even so far."""
        loads = list(self.loads)
        short = [max(0, floor - load) for floor, load in zip(self.floors, loads, strict=True)]
        loads = [load + need for load, need in zip(loads, short, strict=True)]
        fill(loads, self.ceilings, self.free - sum(short), self.draw)
        score = sum(load * load for load in loads)
        if self.best is None or score < self.best_score:
            places = [load - used for load, used in zip(loads, self.loads, strict=True)]
            self.best, self.best_score = Placement(list(self.group_of), places), score
