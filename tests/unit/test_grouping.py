"""Groups: sizes, methods, explanations."""

import itertools
from collections import Counter
from statistics import mean

import pytest

from rooms.errors import Rejected
from rooms.explanation import sentence
from rooms.grouping import (
    ByAttributes,
    ByScore,
    Fixed,
    Grouping,
    GroupingRequest,
    PastRound,
    Person,
    Random,
    Together,
    assign,
)
from rooms.ids import ParticipantId


def people(count: int) -> list[Person]:
    return [Person(id=ParticipantId(f"p{number}"), name=f"Name {number}") for number in range(count)]


def sizes(grouping: Grouping) -> list[int]:
    return sorted((len(group.people) for group in grouping.groups), reverse=True)


def codes(grouping: Grouping) -> dict[str, dict[str, object]]:
    return {reason.code: dict(reason.params) for reason in grouping.explanation}


def test_GR1_everybody_but_the_excluded_is_in_exactly_one_group() -> None:
    grouping = assign(
        GroupingRequest(people=people(20), groups=4, excluded=[ParticipantId("p3"), ParticipantId("p7")]), b"seed"
    )
    placed = Counter(name for group in grouping.groups for name in group.people)
    assert placed == Counter({f"p{number}": 1 for number in range(20) if number not in (3, 7)})
    excluded = next(reason for reason in grouping.explanation if reason.code == "excluded")
    assert sentence(excluded, {"p3": "Ann", "p7": "Bo"}) == "Ann and Bo are in no group, as asked."


def test_GR1_nobody_to_group_is_refused() -> None:
    with pytest.raises(Rejected, match="nobody_to_group"):
        assign(GroupingRequest(people=people(1), groups=1, excluded=[ParticipantId("p0")]), b"seed")


@pytest.mark.parametrize(("groups", "size"), [(None, None), (3, 3), (0, None), (None, 0), (1001, None)])
def test_GR2_exactly_one_of_groups_and_size_within_range(groups: int | None, size: int | None) -> None:
    with pytest.raises(Rejected) as refused:
        assign(GroupingRequest(people=people(9), groups=groups, size=size), b"seed")
    assert refused.value.rule == "GR2"


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        (30, 4, [4] * 6 + [3] * 2),
        (9, 4, [3, 3, 3]),
        (5, 4, [3, 2]),
        (8, 4, [4, 4]),
        (3, 2, [3]),  # 2 and 1 would leave somebody alone
        (7, 2, [3, 2, 2]),
        (1, 4, [1]),
        (4, 1, [1, 1, 1, 1]),
    ],
)
def test_GR2_groups_of_at_most_the_size_but_nobody_alone(count: int, size: int, expected: list[int]) -> None:
    assert sizes(assign(GroupingRequest(people=people(count), size=size), b"seed")) == expected


@pytest.mark.parametrize("groups", range(1, 14))
@pytest.mark.parametrize("count", [1, 2, 9, 13])
def test_GR3_sizes_differ_by_at_most_one(count: int, groups: int) -> None:
    result = sizes(assign(GroupingRequest(people=people(count), groups=groups), b"seed"))
    assert sum(result) == count
    assert result[0] - result[-1] <= 1
    assert len(result) == min(groups, count)


def test_GR3_which_groups_are_larger_is_drawn_too() -> None:
    larger = {
        group.index
        for seed in range(40)
        for group in assign(GroupingRequest(people=people(9), groups=4), bytes([seed])).groups
        if len(group.people) == 3
    }
    assert larger == {0, 1, 2, 3}


def test_GR3_sizes_forced_apart_are_as_even_as_possible_and_said() -> None:
    crowd = tuple(ParticipantId(f"p{number}") for number in range(6))
    grouping = assign(GroupingRequest(people=people(14), groups=5, constraints=[Together(people=crowd)]), b"seed")
    assert sizes(grouping) == [6, 2, 2, 2, 2]
    assert codes(grouping)["sizes_uneven"] == {"groups": 5, "smallest": 2, "largest": 6}


def test_GR4_nine_people_in_six_rooms_leave_none_empty_and_the_lonely_are_named() -> None:
    grouping = assign(GroupingRequest(people=people(9), groups=6), b"seed")
    assert sizes(grouping) == [2, 2, 2, 1, 1, 1]
    alone = next(reason for reason in grouping.explanation if reason.code == "alone")
    assert set(alone.people) == {group.people[0] for group in grouping.groups if len(group.people) == 1}
    assert sentence(alone).endswith("are alone in a group; with 4 groups nobody would be.")


def test_GR4_more_groups_than_people_makes_fewer_groups() -> None:
    grouping = assign(GroupingRequest(people=people(3), groups=5), b"seed")
    assert sizes(grouping) == [1, 1, 1]
    assert codes(grouping)["fewer_groups"] == {"asked": 5, "made": 3}


def test_GR4_rooms_keep_their_numbers_when_some_stay_empty() -> None:
    grouping = assign(
        GroupingRequest(people=people(2), groups=5, constraints=[Fixed(person=ParticipantId("p0"), group=4)]), b"seed"
    )
    assert {group.index: group.people for group in grouping.groups}[4] == ("p0",)
    assert len(grouping.groups) == 2


def test_GR5_random_groups_are_fair() -> None:
    """Everybody meets everybody about equally often over many draws."""
    together = sum(
        any(
            {"p0", "p5"} <= set(group.people)
            for group in assign(GroupingRequest(people=people(12), groups=4), bytes([seed, turn])).groups
        )
        for seed in range(100)
        for turn in range(10)
    )
    assert 140 <= together <= 225  # expected 1000 · 2/11 = 182, standard deviation 12


def test_GR5_random_stays_fair_around_constraints() -> None:
    """Where a pair that is kept together goes, and with whom, is drawn."""
    pair = Together(people=(ParticipantId("p0"), ParticipantId("p1")))
    companions: Counter[str] = Counter()
    for seed in range(300):
        grouping = assign(GroupingRequest(people=people(9), groups=3, constraints=[pair]), seed.to_bytes(2, "big"))
        companions.update(next(group.people for group in grouping.groups if "p0" in group.people))
    assert companions["p0"] == companions["p1"] == 300
    assert all(20 <= companions[f"p{number}"] <= 70 for number in range(2, 9))  # expected 300/7 = 43


def mixed_people() -> list[Person]:
    return [
        Person(id=ParticipantId(f"p{number}"), attributes={"team": "ABC"[number % 3], "site": "XY"[number // 6 % 2]})
        for number in range(24)
    ]


def test_GR5_mixed_spreads_every_value_evenly() -> None:
    persons = mixed_people()
    team = {person.id: person.attributes["team"] for person in persons}
    site = {person.id: person.attributes["site"] for person in persons}
    grouping = assign(
        GroupingRequest(people=persons, groups=4, method=ByAttributes(attributes=("team", "site"), mode="mixed")), b"s"
    )
    for group in grouping.groups:
        assert Counter(team[name] for name in group.people) == {"A": 2, "B": 2, "C": 2}
        assert Counter(site[name] for name in group.people) == {"X": 3, "Y": 3}
    assert codes(grouping)["attribute_spread"] == {"attribute": "site", "fewest": 2, "most": 2, "values": 2}


def test_GR5_alike_gathers_values() -> None:
    persons = mixed_people()
    team = {person.id: person.attributes["team"] for person in persons}
    grouping = assign(
        GroupingRequest(people=persons, groups=6, method=ByAttributes(attributes=("team",), mode="alike")), b"s"
    )
    assert all(len({team[name] for name in group.people}) == 1 for group in grouping.groups)
    assert codes(grouping)["attribute_alike"] == {"attribute": "team", "uniform": 6, "groups": 6}


def test_GR5_a_missing_attribute_is_a_value_and_said() -> None:
    persons = [*mixed_people()[:8], Person(id=ParticipantId("new"))]
    grouping = assign(
        GroupingRequest(people=persons, groups=3, method=ByAttributes(attributes=("team",), mode="mixed")), b"s"
    )
    missing = next(reason for reason in grouping.explanation if reason.code == "attribute_missing")
    assert missing.people == ("new",)


def scored(count: int) -> list[Person]:
    return [Person(id=ParticipantId(f"p{number}"), score=float(number * number % 101)) for number in range(count)]


def test_GR5_balanced_scores_have_close_means_and_mixed_tiers() -> None:
    persons = scored(40)
    score = {person.id: person.score or 0.0 for person in persons}
    grouping = assign(GroupingRequest(people=persons, groups=8, method=ByScore(mode="balanced")), b"s")
    means = [mean(score[name] for name in group.people) for group in grouping.groups]
    assert max(means) - min(means) < 1.0
    best = sorted(score.values())[-8:]
    assert all(max(score[name] for name in group.people) >= best[0] for group in grouping.groups)
    said = codes(grouping)["scores"]
    assert (said["lowest"], said["highest"]) == (round(min(means), 2), round(max(means), 2))


def test_GR5_alike_scores_are_neighbours() -> None:
    persons = scored(30)
    score = {person.id: person.score or 0.0 for person in persons}
    grouping = assign(GroupingRequest(people=persons, groups=6, method=ByScore(mode="alike")), b"s")
    ranges = sorted(
        (min(score[n] for n in group.people), max(score[n] for n in group.people)) for group in grouping.groups
    )
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(ranges))


def test_GR5_people_without_a_score_count_as_average_and_are_named() -> None:
    persons = [*scored(8), Person(id=ParticipantId("new"))]
    grouping = assign(GroupingRequest(people=persons, groups=3, method=ByScore(mode="balanced")), b"s")
    missing = next(reason for reason in grouping.explanation if reason.code == "scores_missing")
    assert sentence(missing, {"new": "Zoe"}) == "Zoe is without a score and counted as average."


def test_GR8_new_partners_from_the_past() -> None:
    first = assign(GroupingRequest(people=people(16), groups=4), b"one")
    past = PastRound(groups=tuple(group.people for group in first.groups))
    second = assign(GroupingRequest(people=people(16), groups=4, history=[past]), b"two")
    before = {name: number for number, group in enumerate(past.groups) for name in group}
    assert all(len({before[name] for name in group.people}) == 4 for group in second.groups)
    assert "no_repeats" in codes(second)


def test_GR8_an_earlier_workshop_weighs_less() -> None:
    """Four people in pairs: the two past pairings cannot both be avoided with the third one forbidden by weight."""

    def pairing(*pairs: str, weight: float) -> PastRound:
        return PastRound(
            groups=tuple(tuple(ParticipantId(f"p{digit}") for digit in pair) for pair in pairs), weight=weight
        )

    history = [pairing("01", "23", weight=1.0), pairing("02", "13", weight=0.3), pairing("03", "12", weight=1.0)]
    for seed in range(3):
        grouping = assign(GroupingRequest(people=people(4), groups=2, history=history), bytes([seed]))
        assert {frozenset(group.people) for group in grouping.groups} == {
            frozenset({"p0", "p2"}),
            frozenset({"p1", "p3"}),
        }
        pairs = [reason for reason in grouping.explanation if reason.code == "repeated_pair"]
        assert [sentence(reason) for reason in pairs] == [
            "p0 and p2 meet 1 time, after 1 meeting before.",
            "p1 and p3 meet 1 time, after 1 meeting before.",
        ]


@pytest.mark.parametrize(
    "method", [Random(), ByScore(mode="balanced"), ByAttributes(attributes=("team",), mode="mixed")]
)
def test_GR11_the_same_entropy_gives_the_same_groups(method: Random | ByScore | ByAttributes) -> None:
    request = GroupingRequest(people=mixed_people(), groups=5, method=method)
    assert assign(request, b"seed") == assign(request, b"seed")
    assert assign(request, b"seed").groups != assign(request, b"other").groups
