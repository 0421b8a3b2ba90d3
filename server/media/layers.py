"""How much of each picture a viewer gets: pure, from what is shown, what publishers send and what the viewer's network
takes.

Theory of operation. `allocate` gives every picture its smallest layer first, in the viewer's order, or half of that layer's frames where the whole does not
fit, and then better ones in the same order, up to what the tile needs and while the budget lasts. So under pressure the last pictures go first,
and sound, which is subtracted before, last. A better layer must fit with a margin, one that is carried already need not: this is the hysteresis.

Chromium sends estimates (REMB) only while it sends a picture itself, so there is another figure behind them: what arrived when packets were lost or
late, growing slowly since.

A receiver's estimate (REMB) grows by 8% a second at most and not far beyond what comes, so a low one proves nothing:
only one that
*falls* below what is sent, or loss, is a sign of congestion. When something better is wanted, `Downlink` therefore
tries one step of it (a probe made of real media). What a few
seconds of it did not congest counts as proven, until there is congestion; after that the next try waits, longer each
time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 0.75
"""A layer with this share of a tile's height is good enough for it: scaling up by a third is hardly seen."""
MARGIN = 1.15
THIN = 0.6
"""Of a layer's bits, what half its frames cost: those that are left out are the smaller ones."""
SHARE = 0.9
"""Of an estimate, what is given to pictures and sound; the rest is for retransmissions and reports."""
ASSUMED_BPS = 150_000
"""A layer that has not been measured."""
PROBE_MS = 3_000
FIRST_BACKOFF_MS = 3_000
LONGEST_BACKOFF_MS = 12_000
LOSS_LIMIT = 0.1
LOSS_HALF_LIFE_MS = 2_000
LEAST_EXPECTED = 40
"""A share of fewer packets says nothing."""
FALLING = 0.97
FLOOR_BPS = 200_000
"""What is tried for pictures where nothing is lost, however low the estimate: one that has starved cannot recover."""
FRESH_MS = 8_000
QUEUE_MS = 150
"""A round trip that is so much longer than the shortest one shows a queue."""
LOWER_TO = 0.85
LOWER_EVERY_MS = 1_000
LEAST_CEILING_BPS = 60_000
GROWTH_A_SECOND = 1.06
FORGOTTEN_BPS = 8_000_000
"""A ceiling that has grown so high is none."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoding of a picture: its source, height in pixels (0: not known yet) and bits a second."""

    source: int
    height: int
    bps: float
    temporal: bool = False
    """Whether every other frame can be left out (VP8 temporal layers)."""


@dataclass(frozen=True, slots=True)
class Want:
    """A slot that shows a picture `height` pixels high (0: unknown), its layers from small to large, and the source it carries now."""

    mid: str
    height: int
    layers: Sequence[Layer]
    current: int | None
    thin: bool = False
    """Whether it carries half the frames only."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Mid → source; the cost, and what it would cost to give the first picture that lacks something one step more (None: none lacks)."""

    sources: dict[str, int | None]
    cost_bps: float
    next_cost_bps: float | None
    thin: frozenset[str] = frozenset()
    """Mids that get half the frames only, because their smallest layer does not fit otherwise."""


def importance(*, screen: bool, place: int, spoken: bool) -> tuple[int, int]:
    """What to sort the pictures of one viewer by: screens, what the viewer shows first (pinned), who spoke lately, the rest in the viewer's order."""
    return (0 if screen else 1 if place == 0 else 2 if spoken else 3), place


def ideal(want: Want) -> int:
    """Position of the smallest layer that is enough for the tile."""
    for position, layer in enumerate(want.layers):
        if want.height and layer.height >= want.height * ENOUGH:
            return position
    return len(want.layers) - 1


def allocate(wants: Sequence[Want], budget_bps: float | None) -> Allocation:
    """See the module's text; without a budget everybody gets what is enough. `wants` are in the viewer's order."""
    chosen: dict[str, int] = {}
    thin: set[str] = set()
    spent = 0.0

    def fits(cost: float) -> bool:
        return budget_bps is None or spent + cost <= budget_bps

    for want in wants:
        if not want.layers:
            continue
        cost = _cost(want, 0)
        if fits(cost * (MARGIN if want.thin else 1)):
            chosen[want.mid] = 0
            spent += cost
            continue
        temporal = want.layers[0].temporal
        cost *= THIN if temporal else 1
        if (temporal and fits(cost)) or (not chosen and budget_bps is not None and cost <= 2 * budget_bps):
            chosen[want.mid] = 0
            spent += cost
            thin.update((want.mid,) if temporal else ())
    for want in wants:
        if want.mid not in chosen or want.mid in thin:  # what is left would not have carried all of its smallest
            continue
        held = next((at for at, layer in enumerate(want.layers) if layer.source == want.current), -1)
        for position in range(ideal(want), 0, -1):
            more = _cost(want, position) - _cost(want, 0)
            if fits(more if position <= held else more * MARGIN):
                chosen[want.mid] = position
                spent += more
                break
    next_cost = None
    for want in wants:
        at = chosen.get(want.mid, -1)
        if want.mid in thin:
            next_cost = spent + _cost(want, 0) * (1 - THIN)
            break
        if want.layers and at < ideal(want):
            next_cost = spent + _cost(want, at + 1) - (_cost(want, at) if at >= 0 else 0.0)
            break
    sources = {w.mid: w.layers[chosen[w.mid]].source if w.mid in chosen else None for w in wants}
    return Allocation(sources, spent, next_cost, frozenset(thin))


def _cost(want: Want, position: int) -> float:
    return want.layers[position].bps or ASSUMED_BPS


class Downlink:
    """One viewer's budget. Times are milliseconds of any steady clock."""

    def __init__(self) -> None:
        self.estimate_bps: float | None = None
        """What the receiver said last (REMB)."""
        self.loss = 0.0
        self._ceiling_bps: float | None = None
        """Where the receiver says nothing: what a congestion has left, growing since."""
        self._lowered_ms = self._grown_ms = 0
        self._least_rtt_ms: int | None = None
        self._expected = self._lost = 0.0
        self._told_ms = 0
        self._delayed = 0
        self._estimated_ms = 0
        self._sent_bps = 0.0
        self._proven_bps = 0.0
        self._probe_bps = 0.0
        self._probe_began_ms: int | None = None
        self._next_probe_ms = 0
        self._backoff_ms = FIRST_BACKOFF_MS

    def estimated(self, now_ms: int, bps: int) -> None:
        """The receiver has said what it can take."""
        before, self.estimate_bps, self._estimated_ms = self.estimate_bps, float(bps), now_ms
        if before is not None and bps < min(FALLING * before, self._sent_bps):
            self._congested(now_ms)

    def lost(self, now_ms: int, expected: int, lost: int, rtt_ms: int | None = None) -> None:
        """The receiver has said how many packets it missed of how many, and how long the way there and back takes now."""
        fades = 0.5 ** ((now_ms - self._told_ms) / LOSS_HALF_LIFE_MS)
        self._told_ms = now_ms
        self._expected, self._lost = self._expected * fades + expected, self._lost * fades + lost
        self.loss = self._lost / max(self._expected, LEAST_EXPECTED)
        delayed = False
        if rtt_ms is not None:
            self._least_rtt_ms = rtt_ms if self._least_rtt_ms is None else min(self._least_rtt_ms + 1, rtt_ms)
            self._delayed = self._delayed + 1 if rtt_ms > self._least_rtt_ms + QUEUE_MS else 0
            delayed = self._delayed > 1  # once may be a busy machine
        if self.loss >= LOSS_LIMIT or delayed:
            self._congested(now_ms)
            if now_ms - self._lowered_ms >= LOWER_EVERY_MS:
                before = self._sent_bps if self._ceiling_bps is None else min(self._sent_bps, self._ceiling_bps)
                self._ceiling_bps = max(LEAST_CEILING_BPS, LOWER_TO * before * (1 - self.loss))
                self._lowered_ms = self._grown_ms = now_ms
                self._expected = self._lost = 0.0  # what happens now is judged anew

    def _available_bps(self, now_ms: int) -> float | None:
        """What the network takes, as far as is known; None: no sign of a limit."""
        if self.estimate_bps is not None and now_ms - self._estimated_ms <= FRESH_MS:
            return self.estimate_bps
        if self._ceiling_bps is not None and now_ms - self._lowered_ms > LOWER_EVERY_MS:
            self._ceiling_bps *= GROWTH_A_SECOND ** ((now_ms - self._grown_ms) / 1000)
            self._grown_ms = now_ms
            if self._ceiling_bps > FORGOTTEN_BPS:
                self._ceiling_bps = None
        return self._ceiling_bps

    def budget_bps(self, now_ms: int, sound_bps: float) -> float | None:
        """What there is for pictures; None where there is no sign of a limit."""
        available_bps = self._available_bps(now_ms)
        if available_bps is None:
            return None
        began_ms = self._probe_began_ms
        if began_ms is not None and now_ms - began_ms > PROBE_MS:
            if self._sent_bps * MARGIN * MARGIN >= self._probe_bps:  # it was really sent
                self._proven_bps = self._probe_bps
            self._probe_began_ms = None
            self._backoff_ms, self._next_probe_ms = FIRST_BACKOFF_MS, now_ms
        tried = self._probe_bps if self._probe_began_ms is not None else 0.0
        lossy = self.loss >= LOSS_LIMIT
        share = SHARE * (1 - self.loss / 2) if lossy else SHARE
        total = max(available_bps * share, self._proven_bps, tried)
        return max(total - sound_bps, 0.0 if lossy else FLOOR_BPS)

    def free(self, now_ms: int) -> bool:
        """Whether there is no sign of a limit, so that an allocation depends on what is sent and shown alone."""
        return self._available_bps(now_ms) is None

    def sent(self, bps: float) -> None:
        """What is sent now, pictures and sound, where the allocation has stayed what it was."""
        self._sent_bps = bps

    def allocated(self, now_ms: int, allocation: Allocation, sound_bps: float) -> bool:
        """Look at an allocation; whether to allocate once more, because a probe begins."""
        self._sent_bps = allocation.cost_bps + sound_bps
        if allocation.next_cost_bps is None or self._probe_began_ms is not None or now_ms < self._next_probe_ms:
            return False
        if self._available_bps(now_ms) is None or self.loss >= LOSS_LIMIT:
            return False
        self._probe_bps = (allocation.next_cost_bps + sound_bps) * MARGIN
        self._probe_began_ms = now_ms
        return True

    def _congested(self, now_ms: int) -> None:
        if self._probe_began_ms is not None:
            self._probe_began_ms = None
            self._backoff_ms = min(self._backoff_ms * 2, LONGEST_BACKOFF_MS)
        self._proven_bps = 0.0
        self._next_probe_ms = now_ms + self._backoff_ms
