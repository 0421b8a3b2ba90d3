"""Who has met whom before, as a *column* a round: the group that each person was in.

A column takes a place a person, whatever the size of the groups; the pairs that met in groups of five hundred would be
a hundred thousand a round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rooms.grouping.model import MAX_PAST_ROUNDS, PastRound

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Column:
    """`group_of`: the group of each person in that round, by index; `NOWHERE` for those who met nobody who is here."""

    group_of: list[int]
    weight: float


def recent(history: Sequence[PastRound]) -> Sequence[PastRound]:
    """The rounds that count: the latest `MAX_PAST_ROUNDS`."""
    return history[-MAX_PAST_ROUNDS:]


def past_columns(index: Mapping[str, int], history: Sequence[PastRound]) -> list[Column]:
    """The past of the people who are here: a column a round, or more if somebody was in several of its groups."""
    columns: list[Column] = []
    for past in recent(history):
        column: Column | None = None
        for number, group in enumerate(past.groups):
            here = {index[name] for name in group if name in index}
            if len(here) < 2:
                continue
            if column is None or any(column.group_of[person] != NOWHERE for person in here):
                column = Column(group_of=[NOWHERE] * len(index), weight=past.weight)
                columns.append(column)
            for person in here:
                column.group_of[person] = number
    return columns


def meetings_in(columns: Sequence[Column]) -> int:
    """Of two people, over all columns."""
    total = 0
    for column in columns:
        sizes: dict[int, int] = {}
        for group in column.group_of:
            sizes[group] = sizes.get(group, 0) + 1
        total += sum(size * (size - 1) // 2 for group, size in sizes.items() if group != NOWHERE)
    return total


def past_weights(columns: Sequence[Column]) -> dict[int, dict[int, float]]:
    """Person → person → summed weight of their meetings, both ways. Its size is that of `meetings_in`."""
    weights: dict[int, dict[int, float]] = {}
    for column in columns:
        members: dict[int, list[int]] = {}
        for person, group in enumerate(column.group_of):
            if group != NOWHERE:
                members.setdefault(group, []).append(person)
        for here in members.values():
            for first, second in combinations(here, 2):
                for one, other in ((first, second), (second, first)):
                    row = weights.setdefault(one, {})
                    row[other] = row.get(other, 0.0) + column.weight
    return weights
