"""Counts who meets again in finished rounds, without a table of all pairs.

Theory of operation. People are numbered in the order of their ids and a group is an integer with a bit for each member. For
one person at a time, the groups they were in are added up as *planes*: bit v of plane k is bit k of the number
of times that this person has met person v. So a thousand people in two groups over fifty rounds, twelve million
meetings, are fifty additions for each person, and nothing is kept of one person when the next one's turn comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rooms.ids import ParticipantId

PAIRS_NAMED = 20
"""Repeated meetings that are listed by name."""

Planes = list[int]
Rounds = Sequence[Sequence[Sequence[ParticipantId]]]
"""Round → group → people."""


@dataclass(frozen=True, slots=True)
class Pair:
    people: tuple[ParticipantId, ParticipantId]
    """In sorted order."""
    times: int
    """In the rounds themselves."""
    before: int


@dataclass(frozen=True, slots=True)
class Again:
    pairs: int
    """Pairs that meet in the rounds and have met before, in an earlier one of them or in the past."""
    meetings: int
    """Of these pairs, but for each pair's very first."""
    worst: list[Pair]
    """Those who meet most often, the past counted; at most `PAIRS_NAMED`."""


def meet_again(rounds: Rounds, past: Rounds, wanted: Iterable[Sequence[ParticipantId]] = ()) -> Again:
    """Pairs within a group of `wanted` do not count. Who is in the past only is ignored."""
    names = sorted({name for groups in rounds for group in groups for name in group})
    bit_of = {name: 1 << number for number, name in enumerate(names)}
    now, before = _masks(rounds, bit_of), _masks(past, bit_of)
    uncounted = _united(wanted, bit_of)
    pairs = meetings = 0
    worst: list[tuple[int, int, int, int, int]] = []  # (-total, number, number, times, before): sorts as it is listed
    for number, name in enumerate(names):
        times, earlier = _added(now.get(name, ())), _added(before.get(name, ()))
        later = -1 << (number + 1)
        met, met_before = _any(times), _any(earlier)
        again = (_any(times[1:]) | (met & met_before)) & later & ~uncounted.get(name, 0)
        if not again:
            continue
        pairs += again.bit_count()
        meetings += sum((plane & again).bit_count() << place for place, plane in enumerate(times))
        meetings -= (again & ~met_before).bit_count()
        least = -worst[-1][0] if len(worst) == PAIRS_NAMED else 0
        found = [
            (-total, number, other, _read(times, other), _read(earlier, other))
            for total, other in _most(_sum(times, earlier), again, least)
        ]
        worst = sorted([*worst, *found])[:PAIRS_NAMED]
    named = [Pair((names[one], names[other]), times, earlier) for _, one, other, times, earlier in worst]
    return Again(pairs=pairs, meetings=meetings, worst=named)


def _masks(rounds: Rounds, bit_of: dict[ParticipantId, int]) -> dict[ParticipantId, list[int]]:
    """The groups that each person was in."""
    groups_of: dict[ParticipantId, list[int]] = {}
    for groups in rounds:
        for group in groups:
            here = {name for name in group if name in bit_of}
            if len(here) > 1:
                mask = sum(bit_of[name] for name in here)
                for name in here:
                    groups_of.setdefault(name, []).append(mask)
    return groups_of


def _united(wanted: Iterable[Sequence[ParticipantId]], bit_of: dict[ParticipantId, int]) -> dict[ParticipantId, int]:
    """Whose meetings with each person do not count."""
    united: dict[ParticipantId, int] = {}
    for group in wanted:
        mask = sum(bit_of[name] for name in set(group) if name in bit_of)
        for name in set(group):
            united[name] = united.get(name, 0) | mask
    return united


def _added(masks: Iterable[int]) -> Planes:
    planes: Planes = []
    for mask in masks:
        carry = mask
        for place, plane in enumerate(planes):
            planes[place] = plane ^ carry
            carry &= plane
            if not carry:
                break
        if carry:
            planes.append(carry)
    return planes


def _sum(first: Planes, second: Planes) -> Planes:
    total, carry = [], 0
    for place in range(max(len(first), len(second)) + 1):
        one = first[place] if place < len(first) else 0
        other = second[place] if place < len(second) else 0
        total.append(one ^ other ^ carry)
        carry = (one & other) | (carry & (one ^ other))
    return total


def _any(planes: Iterable[int]) -> int:
    found = 0
    for plane in planes:
        found |= plane
    return found


def _read(planes: Planes, number: int) -> int:
    return sum((plane >> number & 1) << place for place, plane in enumerate(planes))


def _most(planes: Planes, among: int, above: int) -> list[tuple[int, int]]:
    """(count, number) of those with the highest counts, all above a limit, at most `PAIRS_NAMED`."""
    found: list[tuple[int, int]] = []
    while among and len(found) < PAIRS_NAMED:
        highest, level = among, 0
        for place in range(len(planes) - 1, -1, -1):
            if highest & planes[place]:
                highest &= planes[place]
                level |= 1 << place
        if level <= above:
            break
        among &= ~highest
        while highest and len(found) < PAIRS_NAMED:
            low = highest & -highest
            found.append((level, low.bit_length() - 1))
            highest ^= low
    return found
