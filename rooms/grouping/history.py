"""Who has met whom before."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from rooms.grouping.model import MAX_MEETINGS, PastRound


def recent(history: Sequence[PastRound]) -> list[PastRound]:
    """The latest rounds, as many as have `MAX_MEETINGS` meetings at most."""
    kept: list[PastRound] = []
    left = MAX_MEETINGS
    for past in reversed(history):
        left -= sum(len(group) * (len(group) - 1) // 2 for group in past.groups)
        if left < 0:
            break
        kept.append(past)
    return kept[::-1]


def past_meetings(history: Sequence[PastRound]) -> dict[tuple[str, str], int]:
    """(id, id) in sorted order → how often they have met, whatever the weights."""
    met: dict[tuple[str, str], int] = {}
    for past in recent(history):
        for group in past.groups:
            for pair in combinations(sorted(set(group)), 2):
                met[pair] = met.get(pair, 0) + 1
    return met


def past_weights(index: Mapping[str, int], history: Sequence[PastRound]) -> dict[int, dict[int, float]]:
    """Person → person → summed weight of their meetings, both ways, for people who are here."""
    weights: dict[int, dict[int, float]] = {}
    for past in recent(history):
        for group in past.groups:
            here = sorted({index[name] for name in group if name in index})
            for first, second in combinations(here, 2):
                for one, other in ((first, second), (second, first)):
                    row = weights.setdefault(one, {})
                    row[other] = row.get(other, 0.0) + past.weight
    return weights
