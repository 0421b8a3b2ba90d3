"""Grouping against brute force on small cases, and its rules on larger ones."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rooms.explanation import sentence
from rooms.grouping import (
    Apart,
    ByAttributes,
    ByScore,
    Capacity,
    Constraint,
    Fixed,
    GroupingImpossible,
    GroupingRequest,
    JigsawRequest,
    MaxSize,
    Method,
    MinSize,
    PastRound,
    Person,
    Random,
    RotationRequest,
    Together,
    assign,
    jigsaw,
    rotate,
)
from rooms.ids import ParticipantId

SLOWEST_MS = 30_000
"""Far from what it takes, on any machine, and far from what trying everything would."""


def name(number: int) -> ParticipantId:
    return ParticipantId(f"p{number}")


def holds(where: Sequence[int], groups: int, constraint: Constraint) -> bool:
    """Whether `where` (person → group) satisfies a constraint: the rules once more, in the plainest words."""
    sizes = [where.count(group) for group in range(groups)]
    match constraint:
        case Together():
            return len({where[int(who[1:])] for who in constraint.people}) == 1
        case Apart():
            return len({where[int(who[1:])] for who in constraint.people}) == len(set(constraint.people))
        case MinSize():
            return min(sizes) >= constraint.size
        case MaxSize():
            return max(sizes) <= constraint.size
        case Capacity():
            return sizes[constraint.group] <= constraint.size
        case Fixed():
            return where[int(constraint.person[1:])] == constraint.group


def placements(people: int, groups: int, constraints: Sequence[Constraint]) -> Iterator[tuple[int, ...]]:
    for where in product(range(groups), repeat=people):
        if all(holds(where, groups, constraint) for constraint in constraints):
            yield where


def squares(where: Sequence[int]) -> int:
    return sum(count * count for count in Counter(where).values())


@st.composite
def constraint_lists(draw: st.DrawFn, people: int, groups: int, most: int = 5) -> list[Constraint]:
    some = st.lists(st.integers(0, people - 1), min_size=2, max_size=3, unique=True).map(
        lambda them: tuple(map(name, them))
    )
    one = st.one_of(
        st.builds(Together, people=some),
        st.builds(Apart, people=some),
        st.builds(Fixed, person=st.integers(0, people - 1).map(name), group=st.integers(0, groups - 1)),
        st.builds(Capacity, group=st.integers(0, groups - 1), size=st.integers(1, people)),
        st.builds(MinSize, size=st.integers(1, 3)),
        st.builds(MaxSize, size=st.integers(1, people)),
    )
    return draw(st.lists(one, max_size=most))


@settings(max_examples=250, deadline=SLOWEST_MS)
@given(st.data())
def test_GR3_GR9_GR10_agree_with_brute_force(data: st.DataObject) -> None:
    """A placement is found exactly when there is one, with the least sum of squared sizes; a clash is minimal."""
    groups = data.draw(st.integers(1, 3), label="groups")
    people = data.draw(st.integers(max(groups, 2), 6), label="people")
    constraints = data.draw(constraint_lists(people, groups), label="constraints")
    request = GroupingRequest(
        people=[Person(id=name(number)) for number in range(people)], groups=groups, constraints=constraints
    )
    possible = list(placements(people, groups, constraints))
    entropy = data.draw(st.binary(max_size=4), label="entropy")
    if not possible:
        with pytest.raises(GroupingImpossible) as refused:
            assign(request, entropy)
        clash = refused.value
        assert clash.code == "constraints_clash"
        assert not any(placements(people, groups, clash.clashing))
        for number in range(len(clash.clashing)):
            rest = clash.clashing[:number] + clash.clashing[number + 1 :]
            assert any(placements(people, groups, rest))
        return
    grouping = assign(request, entropy)
    where = [-1] * people
    for group in grouping.groups:
        for who in group.people:
            where[int(who[1:])] = group.index
    assert tuple(where) in possible
    assert squares(where) == min(map(squares, possible))


@st.composite
def persons(draw: st.DrawFn) -> list[Person]:
    count = draw(st.integers(1, 40))
    return [
        Person(
            id=name(number),
            attributes=draw(st.dictionaries(st.sampled_from(["team", "site"]), st.sampled_from("ABC"), max_size=2)),
            score=draw(st.none() | st.floats(-100, 100)),
        )
        for number in range(count)
    ]


methods: st.SearchStrategy[Method] = st.one_of(
    st.just(Random()),
    st.builds(ByScore, mode=st.sampled_from(["balanced", "alike"])),
    st.builds(
        ByAttributes,
        attributes=st.sampled_from([("team",), ("team", "site")]),
        mode=st.sampled_from(["mixed", "alike"]),
    ),
)


@settings(max_examples=150, deadline=SLOWEST_MS)
@given(persons(), methods, st.data())
def test_GR1_GR3_GR9_GR11_hold_for_every_method(everybody: list[Person], method: Method, data: st.DataObject) -> None:
    groups = data.draw(st.integers(1, 12), label="groups")
    constraints = data.draw(constraint_lists(len(everybody), groups), label="constraints") if len(everybody) > 2 else []
    halves = [tuple(person.id for person in everybody[start::2]) for start in (0, 1)]
    history = data.draw(st.sampled_from([(), (PastRound(groups=tuple(halves)),)]), label="history")
    request = GroupingRequest(
        people=everybody, groups=groups, method=method, constraints=constraints, history=history, effort=500
    )
    entropy = data.draw(st.binary(max_size=4), label="entropy")
    try:
        grouping = assign(request, entropy)
    except GroupingImpossible:
        assume(False)
        return
    assert grouping == assign(request, entropy)
    placed = [who for group in grouping.groups for who in group.people]
    assert sorted(placed) == sorted(person.id for person in everybody)
    where = [-1] * len(everybody)
    for group in grouping.groups:
        for who in group.people:
            where[int(who[1:])] = group.index
    # With more groups than people only those stay that a constraint speaks of by number.
    spoken = [item.group + 1 for item in constraints if isinstance(item, Fixed | Capacity)]
    made = max([min(groups, len(everybody)), *spoken])
    for constraint in constraints:
        assert holds(where, made, constraint)
    if not constraints:
        sizes = [len(group.people) for group in grouping.groups]
        assert max(sizes) - min(sizes) <= 1
        assert len(sizes) == min(groups, len(everybody))
    assert all(sentence(reason) for reason in grouping.explanation)


@settings(max_examples=100, deadline=SLOWEST_MS)
@given(st.integers(2, 40), st.integers(2, 8), st.binary(max_size=4))
def test_GR6_jigsaw_covers_every_topic(people: int, topics: int, entropy: bytes) -> None:
    assume(people >= topics)
    result = jigsaw(JigsawRequest(people=[Person(id=name(number)) for number in range(people)], topics=topics), entropy)
    topic_of = {who: group.index for group in result.experts for who in group.people}
    assert all({topic_of[who] for who in home.people} == set(range(topics)) for home in result.homes)
    for groups in (result.experts, result.homes):
        sizes = [len(group.people) for group in groups]
        assert sum(sizes) == people
        assert max(sizes) - min(sizes) <= 1


@settings(max_examples=60, deadline=SLOWEST_MS)
@given(st.integers(4, 7), st.integers(2, 3), st.data())
def test_GR8_one_more_round_is_as_new_as_brute_force_finds(people: int, groups: int, data: st.DataObject) -> None:
    history = [
        PastRound(
            groups=tuple(
                tuple(name(number) for number in range(people) if where[number] == group) for group in range(groups)
            ),
            weight=data.draw(st.sampled_from([1.0, 0.5]), label="weight"),
        )
        for where in data.draw(
            st.lists(st.tuples(*[st.integers(0, groups - 1)] * people), min_size=1, max_size=3), label="past"
        )
    ]
    weights: Counter[tuple[str, str]] = Counter()
    for past in history:
        for group in past.groups:
            for pair in combinations(sorted(group), 2):
                weights[pair] += past.weight  # type: ignore[assignment]

    def cost(where: Sequence[int]) -> float:
        return sum(
            weights[name(one), name(two)] for one, two in combinations(range(people), 2) if where[one] == where[two]
        )

    even = [
        where
        for where in product(range(groups), repeat=people)
        if set(Counter(where).values()) <= {people // groups, -(-people // groups)} and len(set(where)) == groups
    ]
    everybody = [Person(id=name(number)) for number in range(people)]
    found = assign(GroupingRequest(people=everybody, groups=groups, history=history, effort=3_000), b"seed")
    where = [0] * people
    for group in found.groups:
        for who in group.people:
            where[int(who[1:])] = group.index
    assert cost(where) == min(map(cost, even))


@settings(max_examples=60, deadline=SLOWEST_MS)
@given(st.integers(2, 26), st.integers(1, 6), st.integers(1, 4), st.data())
def test_GR7_GR9_rotation_keeps_sizes_and_constraints(
    people: int, groups: int, rounds: int, data: st.DataObject
) -> None:
    assume(groups <= people)
    constraints = data.draw(constraint_lists(people, groups, 3), label="constraints") if people > 2 else []
    request = RotationRequest(
        people=[Person(id=name(number)) for number in range(people)],
        groups=groups,
        rounds=rounds,
        constraints=constraints,
        effort=1_000,
    )
    try:
        rotation = rotate(request, b"seed")
    except GroupingImpossible:
        assume(False)
        return
    assert len(rotation.rounds) == rounds
    sizes = {tuple(sorted(len(group.people) for group in turn)) for turn in rotation.rounds}
    for turn in rotation.rounds:
        where = [-1] * people
        for group in turn:
            for who in group.people:
                where[int(who[1:])] = group.index
        assert min(where) >= 0
        assert all(holds(where, groups, constraint) for constraint in constraints)
    if not constraints:
        assert len(sizes) == 1
        assert sizes.pop()[-1] == -(-people // groups)
