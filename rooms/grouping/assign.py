"""One set of groups from one request."""

from collections.abc import Sequence

from rooms.explanation import Reason
from rooms.grouping.aims import Aim, NewPartnersAim, ScoreAim, SpreadAim
from rooms.grouping.board import Board
from rooms.grouping.exchange import improve
from rooms.grouping.explain import (
    attribute_reasons,
    constraint_reasons,
    meeting_reasons,
    method_reason,
    score_reasons,
    size_reasons,
)
from rooms.grouping.history import past_columns
from rooms.grouping.model import ByAttributes, ByScore, Group, Grouping, GroupingRequest, Random
from rooms.grouping.placement import Placement
from rooms.grouping.request import Settled, settle
from rooms.grouping.rotation import play_rounds

METHOD_WEIGHT = 100.0
"""The method comes first; new partners break its ties."""
PAST_LOOKS = 1_000_000
"""Past rounds looked at in all exchanges: half a second."""
TIER_WEIGHT = 0.02
"""Of mixing strong and weak people, against equal means."""


def assign(request: GroupingRequest, entropy: bytes) -> Grouping:
    """Put the people into groups.

    The same request and entropy give the same groups. Raises `Rejected` for a request that makes no sense and
    `GroupingImpossible` for constraints that clash.
    """
    settled = settle(request, entropy)
    board, placement = settled.place()
    if isinstance(request.method, Random) and request.history:
        group_of = play_rounds(settled, board, placement, 1, request.history, request.effort)[0]
    else:
        order, snake = _dealing_order(settled, request)
        group_of = deal(board, placement, order, fill=_fills(request), snake=snake)
        aims = _aims(settled, request, group_of)
        tries = request.effort + 20 * len(settled.people) if aims else 10 * len(settled.people)
        tries = min(tries, PAST_LOOKS // max(1, len(request.history)))
        if aims or any(group >= 0 for group in placement.group_of):
            group_of = exchanged(settled, board, group_of, aims, tries)
    groups = settled.groups_from(group_of)
    return Grouping(groups=groups, explanation=tuple(_explain(settled, request, groups)))


def deal(board: Board, placement: Placement, order: Sequence[int], *, fill: bool, snake: bool = False) -> list[int]:
    """The group of each person: the placed ones as placed, the free ones in `order` into the places left.

    `fill` fills group after group; otherwise they are dealt like cards, back and forth with `snake`.
    """
    group_of = [placement.group_of[board.unit_of[person]] for person in range(board.people)]
    places = list(placement.places)
    cards = iter([person for person in order if group_of[person] < 0])
    if fill:
        for group, count in enumerate(places):
            for _ in range(count):
                group_of[next(cards)] = group
        return group_of
    groups, forwards = [group for group, count in enumerate(places) if count], True
    while groups:
        for group in groups if forwards else reversed(groups):
            group_of[next(cards)] = group
            places[group] -= 1
        forwards = forwards != snake
        groups = [group for group in groups if places[group]]
    return group_of


def exchanged(settled: Settled, board: Board, group_of: Sequence[int], aims: Sequence[Aim], tries: int) -> list[int]:
    """The group of each person after `tries` exchanges."""
    group_of_unit = [group_of[unit[0]] for unit in board.units]
    improve(board, group_of_unit, aims, tries, settled.draw)
    return [group_of_unit[unit] for unit in board.unit_of]


def _fills(request: GroupingRequest) -> bool:
    return not isinstance(request.method, Random) and request.method.mode == "alike"


def _dealing_order(settled: Settled, request: GroupingRequest) -> tuple[list[int], bool]:
    """In which order to deal the free people, and whether back and forth."""
    order = list(range(len(settled.people)))
    settled.draw.shuffle(order)
    match request.method:
        case Random():
            return order, False
        case ByAttributes():
            columns = [_values(settled, attribute) for attribute in request.method.attributes]
            order.sort(key=lambda person: tuple(column[person] for column in columns))
            return order, False
        case ByScore():
            scores = _scores(settled)
            order.sort(key=lambda person: -scores[person])
            return order, True


def _values(settled: Settled, attribute: str) -> list[int]:
    """Everybody's value as a number, the commonest value 0."""
    texts = [person.attributes.get(attribute, "") for person in settled.people]
    counts: dict[str, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    ranks = {text: rank for rank, text in enumerate(sorted(counts, key=lambda text: (-counts[text], text)))}
    return [ranks[text] for text in texts]


def _scores(settled: Settled) -> list[float]:
    """Scores in standard deviations from the mean; 0 for whoever has none."""
    known = [person.score for person in settled.people if person.score is not None]
    if not known:
        return [0.0] * len(settled.people)
    mean = sum(known) / len(known)
    deviation = (sum((score - mean) ** 2 for score in known) / len(known)) ** 0.5 or 1.0
    return [0.0 if person.score is None else (person.score - mean) / deviation for person in settled.people]


def _aims(settled: Settled, request: GroupingRequest, group_of: Sequence[int]) -> list[Aim]:
    aims: list[Aim] = []
    match request.method:
        case Random():
            pass
        case ByAttributes():
            sign = 1 if request.method.mode == "mixed" else -1
            for rank, attribute in enumerate(request.method.attributes):
                weight = sign * METHOD_WEIGHT / 2**rank
                aims.append(SpreadAim(_values(settled, attribute), group_of, settled.groups, weight))
        case ByScore():
            scores = _scores(settled)
            balanced = request.method.mode == "balanced"
            aims.append(ScoreAim(scores, group_of, settled.groups, METHOD_WEIGHT if balanced else -METHOD_WEIGHT))
            if balanced:
                aims.append(SpreadAim(_tiers(scores, settled.groups), group_of, settled.groups, TIER_WEIGHT))
    columns = past_columns(settled.index, request.history)
    if columns:
        aims.append(NewPartnersAim(columns, group_of, settled.groups))
    return aims


def _tiers(scores: Sequence[float], groups: int) -> list[int]:
    """Everybody's rank divided by the number of groups: tier 0 has the best one for each group."""
    tiers = [0] * len(scores)
    for rank, person in enumerate(sorted(range(len(scores)), key=lambda person: -scores[person])):
        tiers[person] = rank // groups
    return tiers


def _explain(settled: Settled, request: GroupingRequest, groups: Sequence[Group]) -> list[Reason]:
    reasons = [method_reason(request.method), *size_reasons(settled, groups)]
    match request.method:
        case ByAttributes():
            reasons += attribute_reasons(settled.people, groups, request.method)
        case ByScore():
            reasons += score_reasons(settled.people, groups)
        case Random():
            pass
    if request.history:
        reasons += meeting_reasons([groups], request.history, settled.constraints)
    return reasons + constraint_reasons(settled, groups)
