"""Tabu search for rounds of groups in which few people meet twice (the social golfer problem, weighted).

Cost. Units u and v that share a group in m rounds, and have a past weight h, cost h·m + |u||v|·m(m-1)/2: nothing for a
first meeting of strangers, and each further meeting more than the one before. The change of one more meeting
is therefore h + |u||v|·(meetings so far), which is what `_rows` holds.

Moves. In one round two units of one size change groups. All exchanges of a few people who meet somebody again are
compared, the best one is made even if it is worse, and the two may not move again for a few turns. A group that
is one person smaller has a *gap*, a unit of size 0, so that moving somebody is an exchange with a gap; two
gaps cost too much to share a group. Units that may not share a group are kept apart the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random as Draw

FORBIDDEN = 1e6
"""Past weight of units that may not share a group."""
LOOKS = 8
"""People whose exchanges are compared in one turn."""
TENURE = (4, 12)
"""For how many turns, at least and below, somebody who moved may not move again."""
LOOKS_IN_ALL = 12_000_000
"""Meetings looked at before a search ends, whatever turns are left: two or three seconds. Only large groups over many rounds come near it."""
SHAKE_AFTER = 400
"""Turns without a better result after which a few random exchanges are made."""


@dataclass(slots=True)
class Table:
    """Units (the board's, then gaps), their sizes, the groups they may go to, and past weights."""

    groups: int
    sizes: list[int]
    allowed: list[int]
    past: list[dict[int, float]]
    rounds: list[list[int]] = field(default_factory=list)
    """Group of each unit, round by round."""

    def may_go(self, unit: int, group: int) -> bool:
        return bool(self.allowed[unit] >> group & 1)


class TabuSearch:
    """Improves `table.rounds` in place; afterwards they are the best found, of cost `best_cost`."""

    def __init__(self, table: Table, draw: Draw, movable_rounds: Sequence[int] | None = None) -> None:
        self.table, self.draw = table, draw
        self.rounds, self.sizes = table.rounds, table.sizes
        self.open_rounds = range(len(table.rounds)) if movable_rounds is None else movable_rounds
        units = range(len(table.sizes))
        self._rows: list[dict[int, float]] = [dict(row) for row in table.past]
        self.members = [self._groups(group_of) for group_of in self.rounds]
        for groups in self.members:
            for group in groups:
                for unit in group:
                    for other in group:
                        if other != unit:
                            self._meet(unit, other, 1)
        self.own = [[self._conflict(turn, unit) for unit in units] for turn in range(len(self.rounds))]
        self.cost = self._total()
        self.best_cost = self.cost
        self._tabu: dict[tuple[int, int], int] = {}
        self._movable = [mask.bit_count() > 1 for mask in table.allowed]
        self.looks_left = LOOKS_IN_ALL

    def _groups(self, group_of: Sequence[int]) -> list[list[int]]:
        groups: list[list[int]] = [[] for _ in range(self.table.groups)]
        for unit, group in enumerate(group_of):
            groups[group].append(unit)
        return groups

    def _meet(self, unit: int, other: int, times: int) -> None:
        weight = self.sizes[unit] * self.sizes[other] * times
        if weight:
            row = self._rows[unit]
            row[other] = row.get(other, 0) + weight

    def _conflict(self, turn: int, unit: int) -> float:
        """What the unit's meetings in this round cost, given all other rounds."""
        row, size = self._rows[unit], self.sizes[unit]
        total = 0.0
        for other in self.members[turn][self.rounds[turn][unit]]:
            if other != unit:
                total += row.get(other, 0) - size * self.sizes[other]
        return total

    def _total(self) -> float:
        """The cost, afresh: Σ of h·m + w·m(m-1)/2 over pairs, from rows that hold h + w·m."""
        total = 0.0
        for unit, row in enumerate(self._rows):
            for other, held in row.items():
                if other > unit:
                    past = self.table.past[unit].get(other, 0)
                    weight = self.sizes[unit] * self.sizes[other]
                    times = round((held - past) / weight) if weight else self._shared(unit, other)
                    total += past * times + weight * times * (times - 1) / 2
        return total

    def _shared(self, unit: int, other: int) -> int:
        return sum(group_of[unit] == group_of[other] for group_of in self.rounds)

    def run(self, turns: int, enough: float = 0.0) -> None:
        """At most `turns` exchanges and `looks_left` looks, until the cost is `enough`."""
        best = [list(group_of) for group_of in self.rounds]
        hot = self._hot()
        refresh = max(1, len(self.open_rounds) * len(self.sizes) // 300)
        since_best = 0
        for turn in range(turns):
            if self.best_cost <= enough + 1e-9 or self.looks_left <= 0:
                break
            if turn % refresh == 0:
                hot = self._hot()
            if since_best and since_best % SHAKE_AFTER == 0:
                self._shake()
                hot = self._hot()
            since_best += 1
            found = self._best_exchange(hot, turn)
            if found is None:
                continue
            number, first, second = found
            self._exchange(number, first, second)
            until = turn + self.draw.randrange(*TENURE)
            self._tabu[number, first] = self._tabu[number, second] = until
            if self.cost < self.best_cost - 1e-9:
                self.best_cost, since_best = self.cost, 0
                best = [list(group_of) for group_of in self.rounds]
        self.rounds[:] = best

    def _hot(self) -> list[tuple[int, int]]:
        """(round, unit) of movable units that meet somebody again."""
        return [
            (number, unit)
            for number in self.open_rounds
            for unit, conflict in enumerate(self.own[number])
            if conflict > 0 and self._movable[unit]
        ]

    def _best_exchange(self, hot: Sequence[tuple[int, int]], turn: int) -> tuple[int, int, int] | None:
        looks = hot if len(hot) <= LOOKS else self.draw.sample(hot, LOOKS)
        best, best_change, ties = None, float("inf"), 0
        for number, unit in looks:
            if self.own[number][unit] <= 0:
                continue
            found = self._best_partner(number, unit, turn)
            if found is None:
                continue
            partner, change = found
            ties = ties + 1 if change == best_change else 1
            if change < best_change or (change == best_change and self.draw.random() * ties < 1):
                best, best_change = (number, unit, partner), change
        return best

    def _best_partner(self, number: int, unit: int, turn: int) -> tuple[int, float] | None:
        group_of, own, sizes = self.rounds[number], self.own[number], self.sizes
        here, size, row = group_of[unit], sizes[unit], self._rows[unit]
        meets: dict[int, float] = {}  # group → what it costs the unit to join it
        for other, weight in row.items():
            group = group_of[other]
            meets[group] = meets.get(group, 0) + weight
        met: dict[int, float] = {}  # other unit → what it costs it to join this group
        for member in self.members[number][here]:
            self.looks_left -= len(self._rows[member])
            for other, weight in self._rows[member].items():
                met[other] = met.get(other, 0) + weight
        self.looks_left -= len(group_of)
        best, best_change, ties, mine = -1, float("inf"), 0, own[unit]
        unit_tabu = self._tabu.get((number, unit), -1) > turn
        for other, group in enumerate(group_of):
            if group == here or not self._movable[other] or (sizes[other] != size and sizes[other] + size != 1):
                continue
            change = meets.get(group, 0) + met.get(other, 0) - 2 * row.get(other, 0) - mine - own[other]
            if change > best_change:
                continue
            tabu = unit_tabu or self._tabu.get((number, other), -1) > turn
            if tabu and self.cost + change >= self.best_cost - 1e-9:
                continue
            if not (self.table.may_go(unit, group) and self.table.may_go(other, here)):
                continue
            ties = ties + 1 if change == best_change else 1
            if change < best_change or self.draw.random() * ties < 1:
                best, best_change = other, change
        return None if best < 0 else (best, best_change)

    def _exchange(self, number: int, first: int, second: int) -> None:
        members, group_of, own = self.members[number], self.rounds[number], self.own[number]
        here, there = group_of[first], group_of[second]
        self.looks_left -= 2 * (len(members[here]) + len(members[there])) * len(self.rounds)
        before = own[first] + own[second]
        for unit, group in ((first, here), (second, there)):
            members[group].remove(unit)
            for other in members[group]:
                own[other] -= self._rows[other].get(unit, 0) - self.sizes[unit] * self.sizes[other]
                self._change_meetings(number, unit, other, -1)
        group_of[first], group_of[second] = there, here
        for unit, group in ((first, there), (second, here)):
            for other in members[group]:
                own[other] += self._rows[other].get(unit, 0)
                self._change_meetings(number, unit, other, 1)
            members[group].append(unit)
            own[unit] = self._conflict(number, unit)
        self.cost += own[first] + own[second] - before

    def _change_meetings(self, number: int, unit: int, other: int, times: int) -> None:
        """One more or one fewer meeting in this round, felt by every other round in which the two meet."""
        weight = self.sizes[unit] * self.sizes[other] * times
        if not weight:
            return
        for turn, group_of in enumerate(self.rounds):
            if turn != number and group_of[unit] == group_of[other]:
                self.own[turn][unit] += weight
                self.own[turn][other] += weight
        for one, two in ((unit, other), (other, unit)):
            row = self._rows[one]
            held = row.get(two, 0) + weight
            if held:
                row[two] = held
            else:
                row.pop(two, None)

    def _shake(self) -> None:
        """A few random exchanges, to look elsewhere."""
        for _ in range(3 + self.draw.randrange(5)):
            number = self.draw.choice(self.open_rounds)
            first, second = self.draw.randrange(len(self.sizes)), self.draw.randrange(len(self.sizes))
            here, there = self.rounds[number][first], self.rounds[number][second]
            if (
                here != there
                and self.sizes[first] == self.sizes[second]
                and self._movable[first]
                and self._movable[second]
                and self.table.may_go(first, there)
                and self.table.may_go(second, here)
            ):
                self._exchange(number, first, second)
