"""Which layer of which picture: allocation under a budget, and how a budget grows again."""

import itertools
import random

from server.media.layers import Downlink, Layer, Want, allocate, importance


def want(mid: str, height: int, first: int, current: int | None = None) -> Want:
    layers = [Layer(first, 180, 150_000), Layer(first + 1, 360, 500_000), Layer(first + 2, 720, 1_200_000)]
    return Want(mid, height, layers, current)


def test_without_a_budget_each_tile_gets_the_smallest_layer_that_is_enough() -> None:
    wants = [want("a", 720, 10), want("b", 300, 20), want("c", 100, 30), want("d", 0, 40)]
    assert allocate(wants, None).sources == {"a": 12, "b": 21, "c": 30, "d": 42}
    assert allocate([Want("x", 100, [], None)], None).sources == {"x": None}


def test_everybody_gets_a_picture_before_anybody_gets_a_better_one() -> None:
    wants = [want("a", 720, 10), want("b", 720, 20), want("c", 720, 30)]
    assert allocate(wants, 500_000).sources == {"a": 10, "b": 20, "c": 30}
    assert allocate(wants, 1_000_000).sources == {"a": 11, "b": 20, "c": 30}
    assert allocate(wants, 310_000).sources == {"a": 10, "b": 20, "c": None}
    assert allocate(wants, 100_000).sources == {"a": 10, "b": None, "c": None}  # the first is given up last
    assert allocate(wants, 20_000).sources == {"a": None, "b": None, "c": None}


def test_a_picture_that_does_not_fit_gets_half_its_frames_if_those_do() -> None:
    layers = [Layer(1, 180, 150_000, temporal=True), Layer(2, 360, 500_000, temporal=True)]
    first, second = Want("a", 180, layers, None), Want("b", 180, layers, None)
    allocation = allocate([first, second], 245_000)
    assert (allocation.sources, allocation.thin) == ({"a": 1, "b": 1}, {"b"})
    assert allocation.next_cost_bps == 300_000
    assert allocate([first, second], 235_000).sources == {"a": 1, "b": None}
    assert allocate([first, second], 305_000).thin == frozenset()
    held = Want("b", 180, layers, 1, thin=True)
    assert allocate([first, held], 310_000).thin == {"b"}, "more only with a margin"
    assert allocate([first, held], 325_000).thin == frozenset()
    assert allocate([want("a", 180, 1)], 100_000).thin == frozenset()


def test_what_is_carried_is_kept_where_something_better_would_not_be_taken_up() -> None:
    for budget, current, expected in ((510_000, None, 10), (510_000, 11, 11), (480_000, 11, 10), (570_000, None, 11)):
        assert allocate([want("a", 720, 10, current)], budget).sources == {"a": expected}, (budget, current)


class Link:
    """A receiver's network of so many bits a second, and a REMB that follows what comes, as browsers make it.

    With a `sign` there is none, and congestion shows by `loss` or `delay` alone; `noise` is lost in any case.
    """

    def __init__(self, capacity_bps: float, *, sign: str = "", noise: float = 0.0) -> None:
        self.capacity_bps = capacity_bps
        self.sign = sign
        self.noise = noise
        self.rng = random.Random(4)
        self.downlink = Downlink()
        self.now_ms = 0
        self.current: int | None = None
        self.received_bps = 40_000.0
        self.estimate_bps = 40_000.0

    def run(self, seconds: float, height: int = 720) -> list[int | None]:
        """The source carried after each half second."""
        carried = []
        for _ in range(int(seconds * 2)):
            self.now_ms += 500
            congested = self.received_bps > self.capacity_bps
            grown = max(self.estimate_bps, min(1.04 * self.estimate_bps, 1.5 * self.received_bps + 10_000))
            self.estimate_bps = min(0.85 * self.capacity_bps, self.estimate_bps) if congested else grown
            if not self.sign:
                self.downlink.estimated(self.now_ms, int(self.estimate_bps))
            over = max(0.0, 1 - self.capacity_bps / self.received_bps)
            lost = {"loss": over, "delay": 0.0, "": 0.2 if congested else 0.0}[self.sign]
            sent = max(1, int(self.received_bps / 2 / 8 / 1_000))
            missed = sum(self.rng.random() < max(lost, self.noise) for _ in range(sent))
            rtt_ms = 400 if congested and self.sign == "delay" else 60
            self.downlink.lost(self.now_ms, sent, missed, rtt_ms)
            for _ in range(2):
                budget = self.downlink.budget_bps(self.now_ms, 40_000)
                allocation = allocate([want("a", height, 10, self.current)], budget)
                if not self.downlink.allocated(self.now_ms, allocation, 40_000):
                    break
            self.current = allocation.sources["a"]
            self.received_bps = allocation.cost_bps + 40_000
            carried.append(self.current)
        return carried


def test_a_link_that_can_take_it_reaches_the_best_layer_by_probing() -> None:
    carried = Link(5e6).run(15)
    assert carried[-1] == 12


def test_a_cut_brings_a_layer_down_within_five_seconds_and_its_release_back_within_twenty() -> None:
    link = Link(5e6)
    assert link.run(15)[-1] == 12
    link.capacity_bps = 300_000
    down = link.run(60)
    assert 12 not in down[10:]
    assert down.count(10) > len(down) * 0.7, down  # probes are rare
    link.capacity_bps = 5e6
    assert 12 in link.run(20)


def test_without_estimates_losses_and_delays_do_the_same() -> None:
    """Chromium sends no REMB while its own camera is off."""
    for sign in ("loss", "delay"):
        link = Link(5e6, sign=sign)
        assert link.run(5)[-1] == 12
        link.capacity_bps = 300_000
        down = link.run(60)
        assert 12 not in down[10:], (sign, down)
        assert down.count(10) > len(down) * 0.6, (sign, down)
        link.capacity_bps = 5e6
        assert 12 in link.run(25), sign


def test_some_loss_on_a_good_link_changes_nothing() -> None:
    link = Link(5e6, sign="loss", noise=0.06)
    assert set(link.run(60)) == {12}


def test_probes_are_rare_on_a_link_that_does_not_grow() -> None:
    link = Link(350_000)
    carried = link.run(180)
    probes = [at for at in range(1, len(carried)) if carried[at] != 10 and carried[at - 1] == 10]
    assert 2 <= len(probes) <= 20
    assert min(after - before for before, after in itertools.pairwise(probes)) >= 12
    assert carried.count(10) > 0.7 * len(carried)


def test_screens_then_the_first_then_who_spoke_lately_then_the_rest() -> None:
    pictures = {
        "rest": importance(screen=False, place=1, spoken=False),
        "speaker": importance(screen=False, place=7, spoken=True),
        "pinned": importance(screen=False, place=0, spoken=False),
        "screen": importance(screen=True, place=9, spoken=False),
        "later": importance(screen=False, place=3, spoken=False),
    }
    assert sorted(pictures, key=lambda name: pictures[name]) == ["screen", "pinned", "speaker", "rest", "later"]
