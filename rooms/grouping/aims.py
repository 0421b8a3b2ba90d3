"""What makes one arrangement better than another, as sums that an exchange of people changes by a little.

An aim keeps its figures per group. `swap_change` tells what an exchange of two people would change, without making it: most
are only looked at. `move` carries one person's move out and returns the change. Costs add up; lower is better.
"""

from collections.abc import Sequence
from typing import Protocol

from rooms.grouping.history import NOWHERE, Column


class Aim(Protocol):
    def swap_change(self, first: int, second: int, here: int, there: int) -> float:
        """Of the cost, if `first` goes from `here` to `there` and `second` the other way."""
        ...

    def move(self, person: int, source: int, target: int) -> float: ...


class SpreadAim:
    """Σ over groups and values of count²: smallest when every value is spread evenly, largest when gathered.

    `weight` > 0 spreads, < 0 gathers. `values`: a small integer for each person.
    """

    def __init__(self, values: Sequence[int], group_of: Sequence[int], groups: int, weight: float) -> None:
        self.values, self.weight = values, weight
        self.counts = [[0] * groups for _ in range(max(values, default=-1) + 1)]
        for value, group in zip(values, group_of, strict=True):
            self.counts[value][group] += 1

    def swap_change(self, first: int, second: int, here: int, there: int) -> float:
        value, other = self.values[first], self.values[second]
        if value == other:
            return 0.0
        counts, others = self.counts[value], self.counts[other]
        return 2 * self.weight * (counts[there] - counts[here] + others[here] - others[there] + 2)

    def move(self, person: int, source: int, target: int) -> float:
        counts = self.counts[self.values[person]]
        change = 2 * (counts[target] - counts[source] + 1)
        counts[source] -= 1
        counts[target] += 1
        return self.weight * change


class ScoreAim:
    """Σ over groups of (sum of scores)² / people, scores measured from the mean in standard deviations.

    `weight` > 0: smallest when all groups have the overall mean. `weight` < 0: smallest when scores vary least
    within groups (the within and the between sum of squares add up to a constant).
    """

    def __init__(self, scores: Sequence[float], group_of: Sequence[int], groups: int, weight: float) -> None:
        self.scores, self.weight = scores, weight
        self.sums, self.counts = [0.0] * groups, [0] * groups
        for score, group in zip(scores, group_of, strict=True):
            self.sums[group] += score
            self.counts[group] += 1

    def swap_change(self, first: int, second: int, here: int, there: int) -> float:
        more = self.scores[first] - self.scores[second]
        lost = (more - 2 * self.sums[here]) / self.counts[here]
        gained = (more + 2 * self.sums[there]) / self.counts[there]
        return self.weight * more * (lost + gained)

    def _cost(self, group: int) -> float:
        return self.sums[group] ** 2 / self.counts[group] if self.counts[group] else 0.0

    def move(self, person: int, source: int, target: int) -> float:
        before = self._cost(source) + self._cost(target)
        self.sums[source] -= self.scores[person]
        self.sums[target] += self.scores[person]
        self.counts[source] -= 1
        self.counts[target] += 1
        return self.weight * (self._cost(source) + self._cost(target) - before)


class NewPartnersAim:
    """Σ of the past weights of pairs that are in one group; `cost` is the sum as it is now.

    Counted from how many people of each past group are in each group now, so that a look costs as much as there
    are past rounds, however large the groups were.
    """

    def __init__(self, columns: Sequence[Column], group_of: Sequence[int], groups: int) -> None:
        self.cost = 0.0
        self._weights = [column.weight for column in columns]
        self._rows: list[list[list[float]]] = [[] for _ in group_of]
        """Of each person, column by column: the weight of people of their past group in each group now."""
        self._nobody = [[0.0] * groups for _ in group_of]
        """A row for each person that stands where they were in no group, and is like nobody else's."""
        for column in columns:
            self._add(column, group_of, groups)
        self._own = [
            sum(weight for row, weight in zip(rows, self._weights, strict=True) if row is not nobody)
            for rows, nobody in zip(self._rows, self._nobody, strict=True)
        ]

    def _add(self, column: Column, group_of: Sequence[int], groups: int) -> None:
        by_past_group: dict[int, list[float]] = {}
        for past, rows, group, nobody in zip(column.group_of, self._rows, group_of, self._nobody, strict=True):
            if past == NOWHERE:
                rows.append(nobody)
                continue
            row = by_past_group.get(past)
            if row is None:
                row = by_past_group[past] = [0.0] * groups
            self.cost += row[group]
            row[group] += column.weight
            rows.append(row)

    def swap_change(self, first: int, second: int, here: int, there: int) -> float:
        change = self._own[first] + self._own[second]
        for row, other, weight in zip(self._rows[first], self._rows[second], self._weights, strict=True):
            if row is other:  # They were in one group: neither meets or leaves the other.
                change -= 2 * weight
            else:
                change += row[there] - row[here] + other[here] - other[there]
        return change

    def move(self, person: int, source: int, target: int) -> float:
        change, nobody = self._own[person], self._nobody[person]
        for row, weight in zip(self._rows[person], self._weights, strict=True):
            if row is not nobody:
                change += row[target] - row[source]
                row[source] -= weight
                row[target] += weight
        self.cost += change
        return change
