"""What a grouping is asked for and what it answers: people, methods, constraints, groups.

Groups are numbered from 0 in the order of the rooms they stand for. Constraints may name people who are not among
those to be grouped (a list made beforehand, somebody ill today): they are ignored and the explanation says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rooms.errors import Rejected
from rooms.explanation import Reason, listed
from rooms.ids import ParticipantId
from rooms.messages import message

MAX_PEOPLE = 10_000
MAX_GROUPS = 1_000
MAX_ROUNDS = 50
MAX_CONSTRAINTS = 2_000
MAX_PAST_ROUNDS = 500
"""The latest so many count for new partners."""
CONSTRAINTS_TOLD = 12
"""Of a clash, in its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be placed. `name` is used for error messages only."""

    id: ParticipantId
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    score: float | None = None


# ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class Random:
    kind: Literal["random"] = "random"


@message
class ByAttributes:
    """`mixed`: every group like the whole; `alike`: every group of one kind. The first attribute weighs most."""

    attributes: tuple[str, ...]
    mode: Literal["mixed", "alike"]
    kind: Literal["attributes"] = "attributes"


@message
class ByScore:
    """`balanced`: equal group means, stronger with weaker; `alike`: neighbours in score."""

    mode: Literal["balanced", "alike"]
    kind: Literal["score"] = "score"


Method = Random | ByAttributes | ByScore


# ── constraints ──────────────────────────────────────────────────────────────────────────────────────────────────────
@message
class Together:
    people: tuple[ParticipantId, ...]
    kind: Literal["together"] = "together"


@message
class Apart:
    """No two of them in one group."""

    people: tuple[ParticipantId, ...]
    kind: Literal["apart"] = "apart"


@message
class MinSize:
    """Of every group."""

    size: int
    kind: Literal["min_size"] = "min_size"


@message
class MaxSize:
    """Of every group."""

    size: int
    kind: Literal["max_size"] = "max_size"


@message
class Capacity:
    """Of one group: at most `size` people; 0 closes it."""

    group: int
    size: int
    kind: Literal["capacity"] = "capacity"


@message
class Fixed:
    """Placed by hand."""

    person: ParticipantId
    group: int
    kind: Literal["fixed"] = "fixed"


Constraint = Together | Apart | MinSize | MaxSize | Capacity | Fixed


@message
class PastRound:
    """Groups that have met before. `weight` 1 is a round of this workshop; an earlier workshop may count less."""

    groups: tuple[tuple[ParticipantId, ...], ...]
    weight: float = 1.0


# ── requests and answers ─────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingRequest:
    """Exactly one of `groups` (how many) and `size` (people in a group, at most) is given."""

    people: Sequence[Person]
    groups: int | None = None
    size: int | None = None
    method: Method = field(default_factory=Random)
    constraints: Sequence[Constraint] = ()
    excluded: Sequence[ParticipantId] = ()
    history: Sequence[PastRound] = ()
    effort: int = 20_000
    """Exchanges tried to improve the groups; the time taken grows with it, not with the clock."""


@message
class Group:
    index: int
    people: tuple[ParticipantId, ...]
    """In the order they were given."""


@message
class Grouping:
    """`groups` in order of index, none empty; everybody asked for is in exactly one."""

    groups: tuple[Group, ...]
    explanation: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRequest:
    """Several rounds at once, with as few people as possible meeting twice; the constraints hold in every round."""

    people: Sequence[Person]
    rounds: int
    groups: int | None = None
    size: int | None = None
    constraints: Sequence[Constraint] = ()
    excluded: Sequence[ParticipantId] = ()
    history: Sequence[PastRound] = ()
    effort: int = 20_000


@message
class Rotation:
    rounds: tuple[tuple[Group, ...], ...]
    """Each like `Grouping.groups`."""
    explanation: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JigsawRequest:
    """`topics` expert groups, then home groups. People can be fixed to a topic with `expert_constraints`."""

    people: Sequence[Person]
    topics: int
    expert_constraints: Sequence[Constraint] = ()
    home_constraints: Sequence[Constraint] = ()
    excluded: Sequence[ParticipantId] = ()
    history: Sequence[PastRound] = ()
    effort: int = 20_000


@message
class Jigsaw:
    """`experts[t]` studies topic t; every home group has somebody from each of them."""

    experts: tuple[Group, ...]
    homes: tuple[Group, ...]
    explanation: tuple[Reason, ...]


class GroupingImpossible(Rejected):
    """The constraints contradict each other.

    `clashing` is a minimal set: without any one of them the rest could be met. Code `constraints_clash` when that is
    proved; `grouping_not_found` when the search gave up: each of them still mattered to it, or it was given up, too,
    and they are all constraints there are.
    """

    def __init__(
        self, clashing: Sequence[Constraint], *, people: int, groups: int, proved: bool, names: Mapping[str, str]
    ) -> None:
        described = "; ".join(describe(constraint, names) for constraint in clashing[:CONSTRAINTS_TOLD])
        if len(clashing) > CONSTRAINTS_TOLD:
            described += f"; and {len(clashing) - CONSTRAINTS_TOLD} more"
        verdict = "cannot all be met" if proved else "could not all be met by the search"
        super().__init__(
            "constraints_clash" if proved else "grouping_not_found",
            f"With {people} people in {groups} groups these constraints {verdict}: {described}. "
            "Drop or change one of them.",
            rule="GR10",
        )
        self.clashing = tuple(clashing)


def describe(constraint: Constraint, names: Mapping[str, str] | None = None) -> str:
    """The constraint in English; groups are counted from 1, as people do."""
    known = names or {}

    def named(people: Sequence[str]) -> str:
        return listed([known.get(person) or person for person in people])

    match constraint:
        case Together():
            return f"{named(constraint.people)} must be together"
        case Apart():
            return f"{named(constraint.people)} must be apart"
        case MinSize():
            return f"every group has at least {constraint.size} people"
        case MaxSize():
            return f"every group has at most {constraint.size} people"
        case Capacity():
            return f"group {constraint.group + 1} has at most {constraint.size} people"
        case Fixed():
            return f"{named([constraint.person])} is placed in group {constraint.group + 1}"
