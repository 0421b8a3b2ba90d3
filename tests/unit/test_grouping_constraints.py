"""Groups under constraints, and constraints that clash."""

import pytest

from rooms.errors import Rejected
from rooms.explanation import sentence
from rooms.grouping import (
    Apart,
    Capacity,
    Constraint,
    Fixed,
    Grouping,
    GroupingImpossible,
    GroupingRequest,
    MaxSize,
    MinSize,
    Person,
    Together,
    assign,
)
from rooms.ids import ParticipantId


def ids(*numbers: int) -> tuple[ParticipantId, ...]:
    return tuple(ParticipantId(f"p{number}") for number in numbers)


def group_of(grouping: Grouping) -> dict[str, int]:
    return {name: group.index for group in grouping.groups for name in group.people}


def group(count: int, groups: int, *constraints: Constraint) -> Grouping:
    persons = [Person(id=ParticipantId(f"p{number}"), name=f"Name {number}") for number in range(count)]
    return assign(GroupingRequest(people=persons, groups=groups, constraints=constraints), b"seed")


def test_GR9_together_apart_and_fixed_hold() -> None:
    where = group_of(
        group(
            12,
            4,
            Together(people=ids(0, 1)),
            Together(people=ids(1, 2)),
            Apart(people=ids(2, 3, 4, 5)),
            Fixed(person=ids(6)[0], group=3),
        )
    )
    assert where["p0"] == where["p1"] == where["p2"]
    assert len({where[name] for name in ids(2, 3, 4, 5)}) == 4
    assert where["p6"] == 3


def test_GR9_a_manual_placement_is_completed_around() -> None:
    fixed = [Fixed(person=name, group=number % 2) for number, name in enumerate(ids(0, 1, 2, 3))]
    result = group(12, 4, *fixed)
    assert [len(entry.people) for entry in result.groups] == [3, 3, 3, 3]
    assert [group_of(result)[item.person] for item in fixed] == [0, 1, 0, 1]
    assert sum(reason.code == "fixed" for reason in result.explanation) == 4


def test_GR9_an_overfull_manual_placement_leaves_the_others_even() -> None:
    fixed = [Fixed(person=name, group=0) for name in ids(0, 1, 2, 3, 4, 5)]
    assert [len(entry.people) for entry in group(15, 4, *fixed).groups] == [6, 3, 3, 3]


def test_GR9_capacities_hold_and_the_rest_is_even() -> None:
    result = group(13, 4, Capacity(group=1, size=2), Capacity(group=2, size=0))
    assert {entry.index: len(entry.people) for entry in result.groups} in ({0: 6, 1: 2, 3: 5}, {0: 5, 1: 2, 3: 6})
    capacities = next(reason for reason in result.explanation if reason.code == "capacities")
    assert sentence(capacities) == "2 groups of 4 reached the limit set for it."


def test_GR9_groups_with_different_limits_are_not_taken_for_one_another() -> None:
    persons = [Person(id=ParticipantId(f"p{number}")) for number in range(9)]
    constraints = [Together(people=ids(8, 5)), Capacity(group=1, size=2), Apart(people=ids(4, 6))]
    for seed in range(40):
        result = assign(GroupingRequest(people=persons, groups=2, constraints=constraints), bytes([seed]))
        assert [len(entry.people) for entry in result.groups] == [7, 2]


@pytest.mark.parametrize("seed", range(5))
def test_GR3_the_first_placement_found_is_improved_until_it_is_the_most_even(seed: int) -> None:
    """3, 2, 1 is the best there is; putting each unit into the emptiest group may end in 4, 1, 1."""
    persons = [Person(id=ParticipantId(f"p{number}")) for number in range(6)]
    constraints = [Apart(people=ids(2, 1, 5)), Together(people=ids(0, 3)), Apart(people=ids(2, 4, 5))]
    result = assign(GroupingRequest(people=persons, groups=3, constraints=constraints), bytes([seed]))
    assert sorted(len(entry.people) for entry in result.groups) == [1, 2, 3]


def test_GR9_sizes_within_limits() -> None:
    assert all(len(entry.people) == 3 for entry in group(12, 4, MinSize(size=3), MaxSize(size=3)).groups)


def test_GR9_pairs_that_fill_groups_exactly() -> None:
    """Groups of 3 can hold one pair each, so four pairs in four groups leave one way only."""
    pairs = [Together(people=ids(2 * number, 2 * number + 1)) for number in range(4)]
    result = group(12, 4, *pairs)
    assert [len(entry.people) for entry in result.groups] == [3, 3, 3, 3]


def test_GR9_a_thousand_people_with_tight_constraints() -> None:
    """200 groups of 5, each with one couple, two who must be apart from others, and one who is fixed."""
    couples = [Together(people=ids(number, number + 1)) for number in range(0, 400, 2)]
    apart = [Apart(people=ids(*range(start, start + 200))) for start in (400, 600)]
    fixed = [Fixed(person=ParticipantId(f"p{800 + number}"), group=number) for number in range(200)]
    result = group(1000, 200, *couples, *apart, *fixed)
    where = group_of(result)
    assert {len(entry.people) for entry in result.groups} == {5}
    assert len({where[name] for name in ids(*range(400, 600))}) == 200
    assert all(where[f"p{800 + number}"] == number for number in range(200))


CLASHES: list[tuple[int, int, list[Constraint], list[int]]] = [
    # people, groups, constraints, which of them clash
    (6, 3, [Together(people=ids(0, 1)), Apart(people=ids(0, 1)), Together(people=ids(2, 3))], [0, 1]),
    (6, 3, [MaxSize(size=4), Apart(people=ids(0, 1, 2, 3))], [1]),
    (6, 3, [Together(people=ids(0, 1)), Together(people=ids(1, 2)), Apart(people=ids(2, 5, 0))], [0, 1, 2]),
    (6, 3, [Fixed(person=ids(0)[0], group=0), Fixed(person=ids(0)[0], group=1), MinSize(size=1)], [0, 1]),
    (6, 3, [Fixed(person=ids(0)[0], group=0), Fixed(person=ids(1)[0], group=1), Together(people=ids(0, 1))], [0, 1, 2]),
    (9, 3, [Together(people=ids(0, 1, 2, 3)), MaxSize(size=3)], [0, 1]),
    (9, 3, [MinSize(size=1), MaxSize(size=2)], [1]),
    (10, 3, [MinSize(size=4)], [0]),
    (10, 3, [*(Capacity(group=number, size=3) for number in range(3)), MinSize(size=1)], [0, 1, 2]),
    (6, 2, [*(Apart(people=ids(*pair)) for pair in ((0, 1), (1, 2), (3, 4), (0, 2)))], [0, 1, 3]),
    (4, 2, [Capacity(group=0, size=1), Fixed(person=ids(0)[0], group=0), Fixed(person=ids(1)[0], group=0)], [0, 1, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("count", "groups", "constraints", "expected"), CLASHES)
def test_GR10_a_clash_names_a_minimal_set(
    count: int, groups: int, constraints: list[Constraint], expected: list[int]
) -> None:
    with pytest.raises(GroupingImpossible) as refused:
        group(count, groups, *constraints)
    assert refused.value.code == "constraints_clash"
    assert refused.value.rule == "GR10"
    assert list(refused.value.clashing) == [constraints[number] for number in expected]
    for left_out in expected:  # minimal: without any one of them there is a way
        others = [constraints[number] for number in expected if number != left_out]
        group(count, groups, *others)


def test_GR10_a_clash_is_found_among_hundreds_of_constraints() -> None:
    innocent: list[Constraint] = [Apart(people=ids(number, number + 300)) for number in range(150)]
    guilty: list[Constraint] = [
        Together(people=ids(700, 701)),
        Together(people=ids(701, 702)),
        Apart(people=ids(700, 702)),
    ]
    with pytest.raises(GroupingImpossible) as refused:
        group(800, 160, *innocent[:50], guilty[0], *innocent[50:], guilty[1], guilty[2])
    assert list(refused.value.clashing) == guilty


def test_GR10_a_search_that_would_take_too_long_is_given_up_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.grouping.clash.LOOKS_IN_ALL", 500)
    constraints = [Apart(people=ids(number, number + 1)) for number in range(20)]
    constraints += [Together(people=ids(0, 1)), Apart(people=ids(2, 3, 4))]
    with pytest.raises(GroupingImpossible) as refused:
        group(30, 4, *constraints)
    assert refused.value.code == "grouping_not_found"
    assert list(refused.value.clashing) == constraints
    assert "; and 10 more. Drop or change one of them." in refused.value.message


def test_GR10_the_message_speaks_of_people_by_name() -> None:
    with pytest.raises(GroupingImpossible) as refused:
        group(6, 3, Together(people=ids(0, 1)), Apart(people=ids(0, 1)))
    assert refused.value.message == (
        "With 6 people in 3 groups these constraints cannot all be met: Name 0 and Name 1 must be together; "
        "Name 0 and Name 1 must be apart. Drop or change one of them."
    )


def test_GR12_absent_people_in_constraints_are_ignored_and_said() -> None:
    result = group(6, 2, Together(people=ids(0, 98)), Fixed(person=ids(99)[0], group=1))
    absent = next(reason for reason in result.explanation if reason.code == "absent_ignored")
    assert sentence(absent) == "2 people named in the constraints are not here."
    assert not any(reason.code in ("kept_together", "fixed") for reason in result.explanation)


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        (Fixed(person=ids(0)[0], group=3), "group_out_of_range"),
        (Capacity(group=-1, size=3), "group_out_of_range"),
        (Capacity(group=0, size=-1), "size_out_of_range"),
        (MinSize(size=0), "size_out_of_range"),
    ],
)
def test_GR9_constraints_that_make_no_sense_are_refused(constraint: Constraint, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        group(6, 3, constraint)
    assert refused.value.code == code
