"""What publishers send: layers that stop and come again, and those that nobody takes."""

from server.media.feeds import FLOODED_TICKS, Feeds
from server.media.forwarder import SourceActivity
from server.media.values import MediaLimits

HEIGHTS = {1: 180, 2: 360, 3: 720}


def camera() -> Feeds:
    feeds = Feeds(0.1)
    for source, rid in ((1, "q"), (2, "h"), (3, "f")):
        feeds.add("ann", "camera", rid, source)
    return feeds


def run(feeds: Feeds, ticks: int, *coming: int) -> list[str]:
    began = []
    for _ in range(ticks):
        began += feeds.take(
            SourceActivity(n, 10 if n in coming else 0, 0.0, 1_000 * n if n in coming else 0, HEIGHTS[n])
            for n in HEIGHTS
        )
    return began


def test_a_layer_that_stops_may_still_be_wanted_and_the_next_smaller_one_is_given() -> None:
    feeds = camera()
    run(feeds, 20, 1, 2, 3)
    rate = feeds.layers("ann", "camera")[2].bps
    assert feeds.given("ann", "camera", 3) == 3
    assert run(feeds, 20, 1, 2) == []
    assert [layer.source for layer in feeds.layers("ann", "camera")] == [1, 2, 3]
    assert feeds.layers("ann", "camera")[2].bps > rate / 2, "what it costs is not forgotten"
    assert feeds.given("ann", "camera", 3) == 2
    assert run(feeds, 1, 1, 2, 3) == ["ann"]
    assert feeds.given("ann", "camera", 3) == 3
    run(feeds, 20)
    assert feeds.given("ann", "camera", 3) == 3, "where nothing comes, what is wanted is waited for"


def test_layers_that_nobody_wants_are_paused_after_a_while_and_resumed_at_once() -> None:
    feeds = camera()
    run(feeds, 20, 1, 2, 3)
    told = [list(feeds.unused({2})) for _ in range(12)]
    assert [each for each in told if each] == [[("ann", "camera", ["f"])]]
    assert told.index([("ann", "camera", ["f"])]) == 7
    assert list(feeds.unused({2, 3})) == [("ann", "camera", [])]
    for _ in range(20):
        last = list(feeds.unused(set()))
    assert last == []
    assert list(feeds.unused({3})) == [("ann", "camera", ["h"])], "the smallest is never paused"


def test_a_layer_is_not_paused_before_it_has_shown_its_height() -> None:
    feeds = camera()
    feeds.take([SourceActivity(1, 10, 0.0, 1_000, 180), SourceActivity(3, 1, 0.0, 100, 0)])
    assert [list(feeds.unused(set())) for _ in range(20)] == [[]] * 20


def test_who_sends_too_much_for_long_floods_and_a_burst_or_a_late_tick_does_not() -> None:
    feeds = Feeds(0.1, MediaLimits(max_packets_per_second=1_000, max_publish_bps=8_000_000))
    for source, (name, medium) in enumerate((("ann", "mic"), ("ann", "camera"), ("bob", "mic")), start=1):
        feeds.add(name, medium, "", source)

    def send(ticks: int, *, packets: int = 1, octets: int = 100, passed_s: float = 0.1) -> list[str]:
        for _ in range(ticks):
            mine = [SourceActivity(source, packets, 0.0, octets) for source in (1, 2)]
            feeds.take([*mine, SourceActivity(3, 1, 0.0, 100)], passed_s)
        return list(feeds.flooding())

    assert send(100, packets=50, octets=50_000) == [], "as much as is allowed"
    assert send(FLOODED_TICKS - 1, packets=60) == []
    assert send(1) == []
    assert send(FLOODED_TICKS - 1, packets=60) == [], "they must be in a row"
    assert send(1, packets=60) == ["ann"]
    assert send(1) == []
    assert send(FLOODED_TICKS, octets=60_000) == ["ann"]
    assert send(1) == []
    assert send(FLOODED_TICKS, packets=500, passed_s=1.0) == []
    assert send(FLOODED_TICKS, packets=60) == ["ann"]
    feeds.remove("ann")
    assert feeds.flooding() == []
