"""The bad network does what it says, the same for the same seed."""

import itertools
import random

import pytest

from tests.relay import Direction, Link


def run(link: Link, *, seed: int = 1, count: int = 4_000, every_s: float = 0.001, size: int = 972) -> list[list[float]]:
    direction = Direction(random.Random(seed))
    return [direction.dues(link, at * every_s, size) for at in range(count)]


def test_losses_repetitions_and_overtaking_have_the_shares_that_were_asked_for() -> None:
    dues = run(Link(loss=0.05, duplicated=0.1, reordered=0.02, delay_ms=20))
    assert dues.count([]) / len(dues) == pytest.approx(0.05, abs=0.012)
    assert sum(len(each) == 2 for each in dues) / len(dues) == pytest.approx(0.095, abs=0.015)
    came = [each[0] for each in dues if each]
    late = sum(after < before for before, after in itertools.pairwise(came))
    assert late / len(came) == pytest.approx(0.02, abs=0.008)
    assert dues == run(Link(loss=0.05, duplicated=0.1, reordered=0.02, delay_ms=20))
    assert dues != run(Link(loss=0.05, duplicated=0.1, reordered=0.02, delay_ms=20), seed=2)


def test_jitter_never_overtakes_and_a_throttled_link_has_its_rate_and_a_bounded_queue() -> None:
    came = [each[0] for each in run(Link(jitter_ms=40))]
    assert came == sorted(came)
    dues = run(Link(rate_bps=800_000, queue_ms=100))  # 8 Mbit/s are sent
    passed = [each[0] for each in dues if each]
    assert len(passed) / 4 == pytest.approx(100, rel=0.05)
    assert max(due - at * 0.001 for at, each in enumerate(dues) for due in each) <= 0.115
