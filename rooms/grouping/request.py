"""Checks a request and settles how many groups there will be, before anything is placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random as Draw

from rooms.errors import Rejected
from rooms.grouping.board import Board, compile_board
from rooms.grouping.clash import minimal_clash
from rooms.grouping.model import (
    MAX_CONSTRAINTS,
    MAX_GROUPS,
    MAX_PEOPLE,
    Apart,
    Capacity,
    Constraint,
    Fixed,
    Group,
    GroupingImpossible,
    GroupingRequest,
    MaxSize,
    MinSize,
    Person,
    Together,
)
from rooms.grouping.placement import Impossible, Placement, place
from rooms.ids import ParticipantId


@dataclass(slots=True)
class Settled:
    """A checked request: who is placed, in how many groups, under which constraints."""

    people: list[Person]
    index: dict[str, int]
    excluded: list[Person]
    groups: int
    asked: int
    """Groups asked for, before those that nobody is left for were dropped."""
    constraints: list[Constraint]
    absent: int
    """People named in constraints who are not here."""
    draw: Draw
    seed: int

    def place(self, quota_of: Sequence[int] = ()) -> tuple[Board, Placement]:
        """The constrained people placed. Raises `GroupingImpossible`."""
        board = compile_board(self.index, self.groups, self.constraints, quota_of)
        placement = place(board, self.draw)
        if isinstance(placement, Impossible):
            clashing, proved = minimal_clash(self.index, self.groups, self.constraints, self.seed, quota_of)
            names: dict[str, str] = {person.id: person.name for person in [*self.people, *self.excluded]}
            raise GroupingImpossible(clashing, people=len(self.people), groups=self.groups, proved=proved, names=names)
        return board, placement

    def groups_from(self, group_of: Sequence[int]) -> tuple[Group, ...]:
        """Groups by index from everybody's group, those with nobody in them left out."""
        members: dict[int, list[ParticipantId]] = {}
        for person, group in zip(self.people, group_of, strict=True):
            members.setdefault(group, []).append(person.id)
        return tuple(Group(index=group, people=tuple(members[group])) for group in sorted(members))


def settle(request: GroupingRequest, entropy: bytes) -> Settled:
    """Raises `Rejected` for a request that makes no sense whoever is here."""
    _check(request)
    left_out = set(request.excluded)
    people = [person for person in request.people if person.id not in left_out]
    if not people:
        raise Rejected("nobody_to_group", "There is nobody to put into groups.", rule="GR1")
    index: dict[str, int] = {person.id: number for number, person in enumerate(people)}
    asked = request.groups or group_count(len(people), request.size or 1, request.constraints)
    named = _named(request.constraints)
    used = [item.group for item in request.constraints if isinstance(item, Fixed) and item.person in index]
    # A group that nobody is left for is dropped, but not one that is spoken of: people know the rooms by number.
    groups = max([min(asked, len(people)), *(group + 1 for group in used), *_capped(request.constraints)])
    seed = int.from_bytes(entropy, "big")
    return Settled(
        people=people,
        index=index,
        excluded=[person for person in request.people if person.id in left_out],
        groups=groups,
        asked=asked,
        constraints=list(request.constraints),
        absent=len(named - index.keys()),
        draw=Draw(seed),
        seed=seed,
    )


def group_count(people: int, size: int, constraints: Sequence[Constraint]) -> int:
    """How many groups of at most `size`; fewer where somebody would be alone or a minimum size asks for it."""
    most = min([size, *(item.size for item in constraints if isinstance(item, MaxSize))])
    least = max([1, *(item.size for item in constraints if isinstance(item, MinSize))])
    count = -(-people // max(1, most))
    if people > 1 and size > 1 and most > 1 and people < 2 * count and people // 2 * (most + 1) >= people:
        count = people // 2
    return max(1, min(count, people // least))


def _capped(constraints: Sequence[Constraint]) -> list[int]:
    return [item.group + 1 for item in constraints if isinstance(item, Capacity)]


def _named(constraints: Sequence[Constraint]) -> set[str]:
    named: set[str] = set()
    for item in constraints:
        match item:
            case Together() | Apart():
                named.update(item.people)
            case Fixed():
                named.add(item.person)
            case _:
                pass
    return named


def _check(request: GroupingRequest) -> None:
    def refuse(code: str, message: str, rule: str = "GR1") -> None:
        raise Rejected(code, message, rule=rule)

    if len(request.people) > MAX_PEOPLE:
        refuse("too_many_people", f"At most {MAX_PEOPLE} people can be grouped; there are {len(request.people)}.")
    if len({person.id for person in request.people}) < len(request.people):
        refuse("person_twice", "Somebody is listed twice; every person may be listed once.")
    if (request.groups is None) == (request.size is None):
        refuse("groups_or_size", "Give either how many groups there should be or how many people a group has.", "GR2")
    for value in (request.groups, request.size):
        if value is not None and not 1 <= value <= MAX_GROUPS:
            refuse("group_count_out_of_range", f"Groups and sizes go from 1 to {MAX_GROUPS}; this is {value}.", "GR2")
    if request.size is not None and len(request.people) > MAX_GROUPS * request.size:
        refuse("group_count_out_of_range", f"That would make more than {MAX_GROUPS} groups.", "GR2")
    if len(request.constraints) > MAX_CONSTRAINTS:
        refuse("too_many_constraints", f"At most {MAX_CONSTRAINTS} constraints can be met at once.")
    for item in request.constraints:
        if isinstance(item, Fixed | Capacity):
            if request.groups is None:
                refuse("groups_needed", "Say how many groups there are when a constraint speaks of one of them.", "GR2")
            elif not 0 <= item.group < request.groups:
                refuse("group_out_of_range", f"There is no group {item.group + 1}; there are {request.groups}.", "GR2")
        if isinstance(item, MinSize | MaxSize | Capacity) and item.size < (0 if isinstance(item, Capacity) else 1):
            refuse("size_out_of_range", f"A size of {item.size} makes no sense here.", "GR9")
