"""Rounds of large groups in which few people meet twice, found without a table of who meets whom.

Theory of operation. How often pairs meet again, summed over all pairs, is the sum over any two rounds of the pairs that
share a group in both; and for two rounds that only depends on how many people each group of the one has in each group
of the other. It is least when every group spreads evenly over those of every other round. So one round after the other is
drawn within the constraints and then improved by exchanges against the past and the rounds before it. In groups so large
that `tabu` would need millions of pairs, nearly all there is to gain is in that.
"""

from collections.abc import Sequence

from rooms.grouping.aims import NewPartnersAim
from rooms.grouping.board import Board
from rooms.grouping.exchange import improve
from rooms.grouping.history import Column
from rooms.grouping.request import Settled

TRIES_EACH = 3
"""Exchanges tried for each person and round, if there are not too many rounds before it."""
LOOKS_IN_ALL = 10_000_000
"""Past rounds looked at in all exchanges: about two seconds."""


def mixed_rounds(
    settled: Settled, board: Board, starts: Sequence[Sequence[int]], past: Sequence[Column]
) -> list[list[int]]:
    """The group of each unit, round by round, from `starts`, which keep to the constraints."""
    columns = list(past)
    found: list[list[int]] = []
    for start in starts:
        group_of_unit = list(start)
        group_of = [group_of_unit[unit] for unit in board.unit_of]
        if columns:
            aim = NewPartnersAim(columns, group_of, board.groups)
            tries = min(TRIES_EACH * len(board.units), LOOKS_IN_ALL // (len(starts) * len(columns)))
            while aim.cost > 1e-9 and tries > 0:
                improve(board, group_of_unit, [aim], min(tries, len(board.units)), settled.draw)
                tries -= len(board.units)
            group_of = [group_of_unit[unit] for unit in board.unit_of]
        found.append(group_of_unit)
        columns.append(Column(group_of=group_of, weight=1.0))
    return found
