"""Work in turns: everybody once an interval, never all at once, and nobody forgotten."""

from collections import Counter

from server.media.rota import Rota

STEP_US, INTERVAL_US = 20_000, 100_000


def test_everybody_has_one_turn_an_interval_and_no_step_has_all_of_them() -> None:
    rota: Rota[int] = Rota(INTERVAL_US)
    for item in range(103):
        rota.add(item)
    now_us, turns = 1_000_000, Counter[int]()
    assert len(rota.due(now_us)) == 103  # the first call is as if all had waited
    for _ in range(50):
        now_us += STEP_US
        due = rota.due(now_us)
        assert 20 <= len(due) <= 21
        turns.update(due)
    assert set(turns) == set(range(103))
    assert set(turns.values()) <= {9, 10}


def test_who_comes_waits_an_interval_at_most_and_who_goes_has_no_turn() -> None:
    rota: Rota[str] = Rota(INTERVAL_US)
    now_us = 5_000_000
    for item in "abcd":
        rota.add(item)
    rota.due(now_us)
    rota.add("new")
    rota.remove("a")
    seen = [item for step in range(1, 6) for item in rota.due(now_us + step * STEP_US)]
    assert sorted(seen) == ["b", "c", "d", "new"]


def test_after_a_long_pause_everybody_has_one_turn_and_not_several() -> None:
    rota: Rota[str] = Rota(INTERVAL_US)
    rota.add("a")
    rota.add("b")
    rota.due(1_000_000)
    assert sorted(rota.due(90_000_000)) == ["a", "b"]
    assert rota.due(90_000_000) == []
    assert Rota[str](INTERVAL_US).due(1) == []
