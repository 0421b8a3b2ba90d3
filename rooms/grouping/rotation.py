"""Rounds of groups in which as few people as possible meet twice, past rounds included.

Where a construction exists (`designs`) it is the starting point, laid over the last past round if there is one, so
that the rounds that follow it are new to everybody; otherwise rounds are drawn at random within the constraints. Tabu
search improves either, and stops at once when no arrangement could be better. Many meetings (large groups, many rounds)
are improved by `mixing`, which needs no table of them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rooms.errors import Rejected
from rooms.explanation import reason
from rooms.grouping.board import Board
from rooms.grouping.designs import repeat_free
from rooms.grouping.explain import constraint_reasons, meeting_reasons, size_reasons
from rooms.grouping.history import meetings_in, past_columns, past_weights
from rooms.grouping.mixing import mixed_rounds
from rooms.grouping.model import MAX_ROUNDS, GroupingRequest, PastRound, Rotation, RotationRequest
from rooms.grouping.placement import Placement, place
from rooms.grouping.request import Settled, settle
from rooms.grouping.tabu import FORBIDDEN, Table, TabuSearch

MAX_MEETINGS = 30_000
"""Of two people, the past included, up to which `tabu` finds fewer repeated ones than `mixing`; beyond, it is slower and finds more."""
PERSON_ROUNDS = 60
"""People times rounds up to which a turn of the search costs about the same."""


def rotate(request: RotationRequest, entropy: bytes) -> Rotation:
    """Put the people into groups, several times.

    The same request and entropy give the same rounds. Raises like `assign`.
    """
    if not 1 <= request.rounds <= MAX_ROUNDS:
        raise Rejected(
            "rounds_out_of_range", f"A rotation has 1 to {MAX_ROUNDS} rounds, not {request.rounds}.", rule="GR7"
        )
    settled = settle(
        GroupingRequest(
            people=request.people,
            groups=request.groups,
            size=request.size,
            constraints=request.constraints,
            excluded=request.excluded,
        ),
        entropy,
    )
    board, placement = settled.place()
    found = play_rounds(settled, board, placement, request.rounds, request.history, request.effort)
    rounds = [settled.groups_from(group_of) for group_of in found]
    smallest = min(rounds, key=lambda groups: min(len(group.people) for group in groups))
    least = least_repeats([len(group.people) for group in smallest], request.rounds)
    return Rotation(
        rounds=tuple(rounds),
        explanation=(
            reason("method_rotation", rounds=request.rounds),
            *size_reasons(settled, smallest),
            *meeting_reasons(rounds, request.history, settled.constraints, least),
            *constraint_reasons(settled, smallest),
        ),
    )


def play_rounds(
    settled: Settled,
    board: Board,
    placement: Placement,
    rounds: int,
    history: Sequence[PastRound],
    effort: int,
) -> list[list[int]]:
    """The group of each person, round by round. `placement` is the first round's of the random start."""
    sizes = _loads(board, placement)
    columns = past_columns(settled.index, history)
    designed = _designed(settled, board, sizes, rounds, history)
    if _meetings(sizes, rounds)[0] + meetings_in(columns) > MAX_MEETINGS:
        whole = designed if len(designed) == rounds else _filled(settled, board, placement, [], rounds)
        mixed = mixed_rounds(settled, board, whole, columns)
        return [[group_of[unit] for unit in board.unit_of] for group_of in mixed]
    past = _unit_past(board, past_weights(columns))
    enough = least_cost(sizes, rounds) if not history and board.people == len(board.units) else 0.0
    turns = max(200, effort * PERSON_ROUNDS // (PERSON_ROUNDS + board.people * rounds))
    starts = []
    if designed:
        starts.append(designed)
    starts.append([])
    best: TabuSearch | None = None
    for start in starts:
        table = _table(board, _filled(settled, board, placement, start, rounds), past)
        search = TabuSearch(table, settled.draw)
        search.run(turns // len(starts), enough)
        if best is None or search.best_cost < best.best_cost:
            best = search
        if best.best_cost <= enough:
            break
    assert best is not None
    return [[group_of[unit] for unit in board.unit_of] for group_of in best.rounds]


def _unit_past(board: Board, weights: Mapping[int, Mapping[int, float]]) -> list[dict[int, float]]:
    """Past weights between units, from those between people, with units that may not meet at a prohibitive weight."""
    past: list[dict[int, float]] = [dict.fromkeys(foes, FORBIDDEN) for foes in board.foes]
    for person, row in weights.items():
        unit = board.unit_of[person]
        for other, weight in row.items():
            other_unit = board.unit_of[other]
            if other_unit != unit:
                past[unit][other_unit] = past[unit].get(other_unit, 0.0) + weight
    return past


# ── starting points ──────────────────────────────────────────────────────────────────────────────────────────────────
def _filled(
    settled: Settled, board: Board, placement: Placement, start: list[list[int]], rounds: int
) -> list[list[int]]:
    """The rounds of a start, and random ones after it; `placement` is the first of those."""
    more = range(rounds - len(start))
    return start + [_drawn(settled, board, None if turn else placement) for turn in more]


def _drawn(settled: Settled, board: Board, placement: Placement | None) -> list[int]:
    """The group of each unit, at random within the constraints."""
    if placement is None:
        again = place(board, settled.draw)
        assert isinstance(again, Placement), "what could be placed once can be placed again"
        placement = again
    slots = [group for group, count in enumerate(placement.places) for _ in range(count)]
    settled.draw.shuffle(slots)
    return [slots.pop() if group < 0 else group for group in placement.group_of]


def _designed(
    settled: Settled, board: Board, sizes: Sequence[int], rounds: int, history: Sequence[PastRound]
) -> list[list[int]]:
    """Constructed rounds, none if the constraints or the sizes do not fit a construction."""
    anywhere = (1 << board.groups) - 1
    if board.people != len(board.units) or any(mask != anywhere for mask in board.allowed):
        return []
    if max(sizes) - min(sizes) > 1 or max(sizes) > min(board.ceilings):
        return []
    design = repeat_free(board.people, board.groups)
    if not design:
        return []
    last = max(reversed(history), key=lambda past: past.weight, default=None)
    point_of, design = _labels(settled, board, design, last)
    # Groups are renamed in every round, so that nobody stays in the room of their number.
    names = list(range(board.groups))
    found = []
    for group_of in design[:rounds]:
        settled.draw.shuffle(names)
        found.append([names[group_of[point_of[unit]]] for unit in range(board.people)])
    return found


class _Labelled(NamedTuple):
    point_of: list[int]
    rounds: list[list[int]]


def _labels(settled: Settled, board: Board, design: list[list[int]], last: PastRound | None) -> _Labelled:
    """Which point of the design each unit is.

    With a past round: its groups become the design's first round, which is then left out. Otherwise at random, but
    people who must be apart next to each other, because neighbours are mostly in one column and never meet.
    """
    units = list(range(board.people))
    settled.draw.shuffle(units)
    if last is None:
        foes_first = sorted(
            units, key=lambda unit: min([unit, *board.foes[unit]]) if board.foes[unit] else board.people
        )
        point_of = [0] * board.people
        for point, unit in enumerate(foes_first):
            point_of[unit] = point
        return _Labelled(point_of, design)
    slots: list[list[int]] = [[] for _ in range(board.groups)]
    for point, group in enumerate(design[0]):
        slots[group].append(point)
    slots.sort(key=len)
    met = [[board.unit_of[settled.index[name]] for name in members if name in settled.index] for members in last.groups]
    met.sort(key=len)
    point_of = [-1] * board.people
    for met_before, points in zip(reversed(met), reversed(slots), strict=False):
        for unit in met_before:
            if points and point_of[unit] < 0:
                point_of[unit] = points.pop()
    left = [point for points in slots for point in points]
    for unit in units:
        if point_of[unit] < 0:
            point_of[unit] = left.pop()
    return _Labelled(point_of, design[1:])


def _table(board: Board, rounds: list[list[int]], past: list[dict[int, float]]) -> Table:
    """The search's table: units, then a gap for every group that is one smaller than its neighbours."""
    loads = [_loads_of(board, group_of) for group_of in rounds]
    bases = [max(pair) for pair in zip(board.forced(), board.floors, strict=True)]
    level = max(loads[0])
    # Only groups that could be of either size take part: not those at their own limit.
    either = [
        group
        for group in range(board.groups)
        if bases[group] < level <= board.ceilings[group] and loads[0][group] >= level - 1
    ]
    gaps = sum(loads[0][group] == level - 1 for group in either)
    mask = sum(1 << group for group in either)
    fits = gaps > 0 and all(
        sum(turn[group] == level - 1 for group in either) == gaps and min(turn[group] for group in either) >= level - 1
        for turn in loads
    )
    count = gaps if fits else 0
    first = len(board.units)
    gap_units = range(first, first + count)
    return Table(
        groups=board.groups,
        sizes=[*board.sizes, *([0] * count)],
        allowed=[*board.allowed, *([mask] * count)],
        past=[*past, *({other: FORBIDDEN for other in gap_units if other != gap} for gap in gap_units)],
        rounds=[
            [*group_of, *([group for group in either if turn[group] == level - 1] if fits else [])]
            for group_of, turn in zip(rounds, loads, strict=True)
        ],
    )


def _loads(board: Board, placement: Placement) -> list[int]:
    loads = list(placement.places)
    for unit, group in enumerate(placement.group_of):
        if group >= 0:
            loads[group] += board.sizes[unit]
    return loads


def _loads_of(board: Board, group_of: Sequence[int]) -> list[int]:
    loads = [0] * board.groups
    for unit, group in enumerate(group_of):
        loads[group] += board.sizes[unit]
    return loads


# ── what cannot be avoided ───────────────────────────────────────────────────────────────────────────────────────────
def _again_at_best(sizes: Sequence[int]) -> int:
    """Pairs of one round that, at the very least, have met in any given other round.

    A group of s people comes from g groups of the other round; spread as evenly as can be, s // g or one more come
    from each.
    """
    groups, again = len(sizes), 0
    for size in sizes:
        each, more = divmod(size, groups)
        again += (groups - more) * (each * (each - 1) // 2) + more * (each * (each + 1) // 2)
    return again


def _meetings(sizes: Sequence[int], rounds: int) -> tuple[int, int]:
    people = sum(sizes)
    return rounds * sum(size * (size - 1) // 2 for size in sizes), people * (people - 1) // 2


def least_repeats(sizes: Sequence[int], rounds: int) -> int:
    """A lower bound of meetings that are not a pair's first."""
    meetings, pairs = _meetings(sizes, rounds)
    return max((rounds - 1) * _again_at_best(sizes), meetings - pairs, 0)


def least_cost(sizes: Sequence[int], rounds: int) -> float:
    """A lower bound of the search's cost: Σ m(m-1)/2 counts, for each two rounds, the pairs that meet in both."""
    meetings, pairs = _meetings(sizes, rounds)
    each, more = divmod(meetings, pairs) if pairs else (0, 0)
    return max(rounds * (rounds - 1) // 2 * _again_at_best(sizes), pairs * (each * (each - 1) // 2) + more * each)
