"""Rotation and jigsaw."""

import random
from collections import Counter
from itertools import combinations

import pytest

from rooms.errors import Rejected
from rooms.explanation import sentence
from rooms.grouping import (
    Apart,
    Capacity,
    Fixed,
    GroupingImpossible,
    Jigsaw,
    JigsawRequest,
    PastRound,
    Person,
    Rotation,
    RotationRequest,
    Together,
    jigsaw,
    rotate,
    tabu,
)
from rooms.grouping.designs import repeat_free
from rooms.grouping.history import meetings_in, past_columns, past_weights, recent
from rooms.grouping.meetings import PAIRS_NAMED, meet_again
from rooms.grouping.rotation import least_repeats
from rooms.ids import ParticipantId


def people(count: int) -> list[Person]:
    return [Person(id=ParticipantId(f"p{number}")) for number in range(count)]


def ids(*numbers: int) -> tuple[ParticipantId, ...]:
    return tuple(ParticipantId(f"p{number}") for number in numbers)


def meetings(rotation: Rotation) -> Counter[frozenset[str]]:
    return Counter(
        frozenset(pair) for groups in rotation.rounds for group in groups for pair in combinations(group.people, 2)
    )


def repeats(rotation: Rotation) -> int:
    return sum(count - 1 for count in meetings(rotation).values())


def past(rotation: Rotation) -> list[PastRound]:
    return [PastRound(groups=tuple(group.people for group in groups)) for groups in rotation.rounds]


@pytest.mark.parametrize(
    ("count", "size", "rounds"),
    [
        (32, 4, 6),
        (32, 4, 9),
        (30, 4, 6),
        (20, 4, 5),
        (24, 4, 5),
        (40, 4, 6),
        (15, 3, 7),
        (27, 3, 13),
        (10, 2, 9),
        (18, 3, 6),
    ],
)
def test_GR7_nobody_meets_twice_where_that_can_be(count: int, size: int, rounds: int) -> None:
    rotation = rotate(RotationRequest(people=people(count), size=size, rounds=rounds), b"seed")
    assert len(rotation.rounds) == rounds
    assert repeats(rotation) == 0
    assert [reason.code for reason in rotation.explanation[2:3]] == ["no_repeats"]
    for groups in rotation.rounds:
        lengths = [len(group.people) for group in groups]
        assert sum(lengths) == count
        assert max(lengths) - min(lengths) <= 1


def test_GR7_uneven_numbers_rotate_too() -> None:
    """23 people in 5 groups: 5,5,5,4,4 in every round, and five rounds without one repeated pair."""
    rotation = rotate(RotationRequest(people=people(23), groups=5, rounds=5), b"seed")
    assert all(sorted(len(group.people) for group in groups) == [4, 4, 5, 5, 5] for groups in rotation.rounds)
    assert repeats(rotation) == 0


def test_GR7_unavoidable_repeats_are_few_and_said() -> None:
    """12 people in 3 groups of 4: each two rounds share at least 3 pairs, which the search reaches."""
    rotation = rotate(RotationRequest(people=people(12), groups=3, rounds=3), b"seed")
    assert sum(count * (count - 1) // 2 for count in meetings(rotation).values()) == 9
    said = {reason.code: reason for reason in rotation.explanation}
    assert said["repeats_unavoidable"].params == {"least": least_repeats([4, 4, 4], 3)} == {"least": 6}
    assert said["repeats"].params["meetings"] == repeats(rotation)
    named = [reason for reason in rotation.explanation if reason.code == "repeated_pair"]
    assert len(named) == said["repeats"].params["pairs"]
    assert sentence(named[0]).endswith("meet 2 times.")


def test_GR7_rounds_without_a_construction_come_close_to_the_best_known() -> None:
    """24 people, 6 groups of 4, 6 rounds: at most a handful of 216 meetings are repeated."""
    assert repeats(rotate(RotationRequest(people=people(24), groups=6, rounds=6), b"seed")) <= 4


def test_GR7_constraints_hold_in_every_round() -> None:
    constraints = [
        Together(people=ids(0, 1)),
        Apart(people=ids(2, 3, 4)),
        Fixed(person=ids(5)[0], group=2),
        Capacity(group=0, size=3),
    ]
    rotation = rotate(RotationRequest(people=people(19), groups=5, rounds=4, constraints=constraints), b"seed")
    for groups in rotation.rounds:
        where = {name: group.index for group in groups for name in group.people}
        assert where["p0"] == where["p1"]
        assert len({where[name] for name in ids(2, 3, 4)}) == 3
        assert where["p5"] == 2
        assert len(groups[0].people) == 3
    count = meetings(rotation)
    assert sum(times - 1 for pair, times in count.items() if pair != {"p0", "p1"}) <= 2


def test_GR7_apart_is_kept_on_top_of_a_construction() -> None:
    constraints = [Apart(people=ids(0, 7, 14, 21, 28)), Apart(people=ids(1, 2))]
    rotation = rotate(RotationRequest(people=people(32), size=4, rounds=6, constraints=constraints), b"seed")
    together = meetings(rotation)
    assert not any(frozenset(pair) in together for pair in combinations(ids(0, 7, 14, 21, 28), 2))
    assert frozenset({"p1", "p2"}) not in together
    assert repeats(rotation) == 0


def test_GR8_past_rounds_count() -> None:
    first = rotate(RotationRequest(people=people(32), size=4, rounds=1), b"one")
    later = rotate(RotationRequest(people=people(32), size=4, rounds=6, history=past(first)), b"two")
    assert repeats(Rotation(rounds=first.rounds + later.rounds, explanation=())) == 0


def test_GR8_one_round_at_a_time_keeps_finding_new_partners() -> None:
    history: list[PastRound] = []
    for turn in range(4):
        rotation = rotate(RotationRequest(people=people(24), size=4, rounds=1, history=history), bytes([turn]))
        assert [reason.code for reason in rotation.explanation][2] == "no_repeats", f"round {turn + 1}"
        history += past(rotation)


def test_GR7_rounds_are_limited() -> None:
    with pytest.raises(Rejected, match="rounds_out_of_range"):
        rotate(RotationRequest(people=people(4), groups=2, rounds=51), b"seed")


def spread_over(rotation: Rotation) -> int:
    """The most people of one group who share a group in another round."""
    rounds = [[set(group.people) for group in groups] for groups in rotation.rounds]
    return max(len(a & b) for one, other in combinations(rounds, 2) for a in one for b in other)


def test_GR7_a_thousand_people_in_two_groups_over_fifty_rounds() -> None:
    """Twelve million meetings. Half of a group, 250 people, is together again in another round at best."""
    rotation = rotate(RotationRequest(people=people(1000), groups=2, rounds=50), b"seed")
    assert len(rotation.rounds) == 50
    assert {len(group.people) for groups in rotation.rounds for group in groups} == {500}
    assert spread_over(rotation) <= 260, "a random draw has 280 and more"


def test_GR7_rounds_of_large_groups_keep_to_constraints_and_spread() -> None:
    constraints = [Together(people=ids(0, 1, 2)), Apart(people=ids(3, 4)), Fixed(person=ids(5)[0], group=3)]
    request = RotationRequest(people=people(203), groups=5, rounds=12, constraints=constraints)
    rotation = rotate(request, b"seed")
    for groups in rotation.rounds:
        assert sorted(len(group.people) for group in groups) == [40, 40, 41, 41, 41]
        group_of = {name: group.index for group in groups for name in group.people}
        assert group_of["p0"] == group_of["p1"] == group_of["p2"]
        assert group_of["p3"] != group_of["p4"]
        assert group_of["p5"] == 3
    assert spread_over(rotation) <= 14, "8 at best; a random draw has 18 and more"
    assert rotate(request, b"seed") == rotation


def test_GR7_a_construction_is_used_for_large_groups_too() -> None:
    rotation = rotate(RotationRequest(people=people(29 * 29), groups=29, rounds=20), b"seed")
    assert [reason.code for reason in rotation.explanation][2] == "no_repeats"


def test_GR8_large_groups_of_the_past_count() -> None:
    first = rotate(RotationRequest(people=people(1000), groups=4, rounds=1), b"one")
    later = rotate(RotationRequest(people=people(1000), groups=4, rounds=1, history=past(first)), b"two")
    assert spread_over(Rotation(rounds=first.rounds + later.rounds, explanation=())) <= 66, "62 or 63 at best"


def test_GR8_the_latest_500_rounds_count() -> None:
    rounds = [PastRound(groups=(ids(turn, turn + 1),)) for turn in range(501)]
    assert recent(rounds) == rounds[1:]


def test_GR8_somebody_in_two_groups_of_one_past_round_has_met_both() -> None:
    index = {name: number for number, name in enumerate(ids(0, 1, 2))}
    columns = past_columns(index, [PastRound(groups=(ids(0, 1), ids(1, 2), ids(7, 0)), weight=0.5)])
    assert past_weights(columns) == {0: {1: 0.5}, 1: {0: 0.5, 2: 0.5}, 2: {1: 0.5}}
    assert meetings_in(columns) == 2


def test_GR12_who_meets_again_is_counted_like_a_table_of_all_pairs() -> None:
    draw = random.Random(4)

    def some_round() -> list[tuple[ParticipantId, ...]]:
        names = list(ids(*range(14)))
        draw.shuffle(names)
        return [tuple(names[:5]), tuple(names[5:10]), tuple(names[10:12])]

    for _ in range(20):
        rounds, earlier = [some_round() for _ in range(4)], [some_round() for _ in range(5)]
        earlier.append([ids(0, 99, 1)])
        wanted = [ids(0, 1, 2), ids(2, 77)]
        now = Counter(pair for groups in rounds for group in groups for pair in combinations(sorted(group), 2))
        before = Counter(pair for groups in earlier for group in groups for pair in combinations(sorted(group), 2))
        unwanted = {pair for group in wanted for pair in combinations(sorted(group), 2)}
        again = {p: n for p, n in now.items() if p not in unwanted and (n > 1 or before[p])}
        found = meet_again(rounds, earlier, wanted)
        assert found.pairs == len(again)
        assert found.meetings == sum(n if before[p] else n - 1 for p, n in again.items())
        worst = sorted(again, key=lambda pair: (-again[pair] - before[pair], pair))[:PAIRS_NAMED]
        assert [pair.people for pair in found.worst] == worst
        assert [(pair.times, pair.before) for pair in found.worst] == [(now[pair], before[pair]) for pair in worst]


def test_GR11_a_search_ends_when_its_looks_are_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RotationRequest(people=people(100), groups=4, rounds=8)
    monkeypatch.setattr(tabu, "LOOKS_IN_ALL", 1_000_000)
    short = repeats(rotate(request, b"seed"))
    monkeypatch.setattr(tabu, "LOOKS_IN_ALL", 0)
    assert short < repeats(rotate(request, b"seed"))


def test_GR11_the_same_entropy_gives_the_same_rounds() -> None:
    request = RotationRequest(people=people(22), groups=5, rounds=4)
    assert rotate(request, b"seed") == rotate(request, b"seed")
    assert rotate(request, b"seed").rounds != rotate(request, b"other").rounds


def test_constructions_never_repeat_a_pair() -> None:
    """Every construction for up to 16 groups of up to 9, and some larger ones, also with people missing."""
    found = 0
    for groups in (*range(2, 17), 25, 27):
        for size in range(2, 10):
            for missing in range(min(groups, 4)):
                count = groups * size - missing
                met: set[tuple[int, int]] = set()
                for group_of in repeat_free(count, groups):
                    members: dict[int, list[int]] = {}
                    for point, group in enumerate(group_of):
                        members.setdefault(group, []).append(point)
                    assert len(members) == groups
                    assert {len(group) for group in members.values()} <= {size, size - 1}
                    pairs = [pair for group in members.values() for pair in combinations(group, 2)]
                    assert met.isdisjoint(pairs)
                    met.update(pairs)
                    found += 1
    assert found > 2_000


# ── jigsaw ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def home_of(result: Jigsaw) -> dict[str, int]:
    return {name: group.index for group in result.homes for name in group.people}


def topic_of(result: Jigsaw) -> dict[str, int]:
    return {name: group.index for group in result.experts for name in group.people}


@pytest.mark.parametrize(("count", "topics"), [(12, 4), (11, 4), (23, 4), (7, 3), (5, 4), (50, 7), (4, 4)])
def test_GR6_every_home_group_has_an_expert_on_every_topic(count: int, topics: int) -> None:
    result = jigsaw(JigsawRequest(people=people(count), topics=topics), b"seed")
    expert, home = topic_of(result), home_of(result)
    assert len(expert) == len(home) == count
    assert len(result.homes) == count // topics
    for groups in (result.experts, result.homes):
        lengths = [len(group.people) for group in groups]
        assert max(lengths) - min(lengths) <= 1
    for group in result.homes:
        per_topic = Counter(expert[name] for name in group.people)
        assert set(per_topic) == set(range(topics))
    assert any(reason.code == "jigsaw_covered" for reason in result.explanation)


def test_GR6_constraints_of_both_kinds_hold() -> None:
    result = jigsaw(
        JigsawRequest(
            people=people(24),
            topics=4,
            expert_constraints=[Fixed(person=ids(5)[0], group=2)],
            home_constraints=[Together(people=ids(0, 1)), Apart(people=ids(2, 3)), Fixed(person=ids(7)[0], group=0)],
        ),
        b"seed",
    )
    expert, home = topic_of(result), home_of(result)
    assert expert["p5"] == 2
    assert home["p0"] == home["p1"]
    assert home["p2"] != home["p3"]
    assert home["p7"] == 0


def test_GR6_too_few_people_for_the_topics() -> None:
    with pytest.raises(Rejected) as refused:
        jigsaw(JigsawRequest(people=people(3), topics=4), b"seed")
    assert refused.value.code == "too_few_for_jigsaw"


def test_GR6_home_constraints_that_clash_are_named() -> None:
    clash = [Together(people=ids(0, 1)), Apart(people=ids(0, 1))]
    with pytest.raises(GroupingImpossible) as refused:
        jigsaw(JigsawRequest(people=people(12), topics=3, home_constraints=[*clash, Apart(people=ids(4, 5))]), b"seed")
    assert list(refused.value.clashing) == clash


def test_GR6_experts_on_one_topic_cannot_all_share_a_home() -> None:
    """Three of seven people study topic 1, so each of the two home groups has one or two of them."""
    three = ids(0, 1, 2)
    with pytest.raises(GroupingImpossible) as refused:
        jigsaw(
            JigsawRequest(
                people=people(7),
                topics=3,
                expert_constraints=[Fixed(person=name, group=0) for name in three],
                home_constraints=[Together(people=three)],
            ),
            b"seed",
        )
    assert list(refused.value.clashing) == [Together(people=three)]


def test_GR6_people_who_have_met_get_new_home_groups() -> None:
    first = jigsaw(JigsawRequest(people=people(16), topics=4), b"one")
    history = [PastRound(groups=tuple(group.people for group in first.homes))]
    second = jigsaw(JigsawRequest(people=people(16), topics=4, history=history), b"two")
    before = home_of(first)
    again = sum(before[a] == before[b] for group in second.homes for a, b in combinations(group.people, 2))
    assert again <= 2
