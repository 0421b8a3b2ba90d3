"""Who speaks in a room, from the audio levels that clients put on their packets (RFC 6464).

Theory of operation. A tenth of a second gives one loudness for each microphone. It is smoothed, quickly upwards and slowly downwards, so that a first
syllable counts at once and a pause between words does not. Those who are heard stay so until somebody else is clearly louder.
"""

from collections.abc import Iterable, Mapping, Sequence

SPEAKING_ABOVE = 70.0
"""Loudness (127 − dBov, mean of packets) above which somebody speaks: louder than −57 dBov."""
QUIET_BELOW = 60.0
LOUDER_BY = 6.0
"""How much louder than somebody who is heard another must be to take their place."""
RISE = 0.9
FALL = 0.12


class Speakers:
    """One room's speakers."""

    def __init__(self) -> None:
        self._loudness: dict[str, float] = {}
        self._speaking: tuple[str, ...] = ()
        self._heard: dict[int, list[str]] = {}
        """By how many: clients have different numbers of slots."""
        self._order: list[str] = []

    @property
    def speaking(self) -> Sequence[str]:
        """Who speaks now, loudest first."""
        return self._speaking

    @property
    def recent(self) -> Sequence[str]:
        """Everybody who has spoken, the latest first."""
        return self._order

    def update(self, loudness: Mapping[str, float]) -> bool:
        """Take in a tenth of a second; whether the speakers are others than before."""
        for endpoint in [known for known in self._loudness if known not in loudness]:
            del self._loudness[endpoint]
        for endpoint, value in loudness.items():
            before = self._loudness.get(endpoint, 0.0)
            self._loudness[endpoint] = before + (value - before) * (RISE if value > before else FALL)
        level = self._loudness
        speaking = tuple(
            sorted(
                (e for e in level if level[e] > (QUIET_BELOW if e in self._speaking else SPEAKING_ABOVE)),
                key=lambda e: (-round(level[e] / LOUDER_BY), e),
            )
        )
        for endpoint in reversed(speaking):
            if endpoint in self._order:
                self._order.remove(endpoint)
            self._order.insert(0, endpoint)
        self._order = [endpoint for endpoint in self._order if endpoint in level]
        changed = speaking != self._speaking
        self._speaking = speaking
        return changed

    def loudest(self, count: int, candidates: Iterable[str]) -> Sequence[str]:
        """The `count` who should be heard, and after them one more, whom each of them hears instead of themselves; stable."""
        there = set(candidates)
        loudest_first = sorted(there, key=lambda endpoint: (-self._level(endpoint), endpoint))
        order = [each for each in dict.fromkeys((*self._heard.get(count, ()), *loudest_first)) if each in there]
        first, rest = order[:count], order[count:]
        while first and rest:
            softest, loudest = min(first, key=self._level), max(rest, key=self._level)
            if not self._outdoes(loudest, softest):
                break
            first[first.index(softest)] = loudest
            rest[rest.index(loudest)] = softest
        if rest:
            loudest = max(rest, key=self._level)
            if self._outdoes(loudest, rest[0]):
                rest.insert(0, loudest)
        self._heard[count] = [*first, *rest[:1]]
        return self._heard[count]

    def latest_first(self, endpoints: Iterable[str]) -> Sequence[str]:
        """Those who spoke last before those who spoke earlier, and who never did last, in the order they had."""
        place = {endpoint: at for at, endpoint in enumerate(self._order)}
        return sorted(endpoints, key=lambda endpoint: place.get(endpoint, len(place)))

    def _level(self, endpoint: str) -> float:
        return self._loudness.get(endpoint, 0.0)

    def _outdoes(self, endpoint: str, other: str) -> bool:
        """Whether somebody should be heard in the place of another."""
        return self._level(endpoint) > max(SPEAKING_ABOVE, self._level(other) + LOUDER_BY)
