"""Token buckets, and whose call it is behind proxies."""

import pytest

from server.rates import Buckets, Callers


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    buckets = Buckets(2, 3, now_s=lambda: now[0])
    assert [buckets.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert buckets.take("b")
    now[0] = 1.0
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]


def test_full_buckets_are_forgotten_and_there_are_never_too_many() -> None:
    now = [0.0]
    buckets = Buckets(1, 10, max_buckets=100, now_s=lambda: now[0])
    for n in range(1000):
        buckets.take(f"a{n}")
    assert len(buckets) <= 100
    now[0] = 1_000.0
    for _ in range(100):
        buckets.take("b")
    assert len(buckets) == 1


@pytest.mark.parametrize(
    ("remote", "forwarded", "caller"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not a proxy of ours, so what it says is worth nothing
        ("10.0.0.9", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.9", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.9", "nonsense", "?"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        (None, None, "?"),
    ],
)
def test_the_caller_is_who_the_trusted_proxies_say(remote: str | None, forwarded: str | None, caller: str) -> None:
    assert Callers(["10.0.0.0/8"]).caller(remote, forwarded) == caller
