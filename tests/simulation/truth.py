"""What is true of somebody's presence, as the people themselves know it; the server is not asked.

Instants are seconds of this process's monotonic clock. What a person did happened at some instant between two others (`Between`): between
asking for the first time and the answer. Usually these are milliseconds; where the server died in between they are as long as it took
to get an answer, and then the truth is not known better than that. A measured time is as wrong as it lies outside of what is possible.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Between:
    first: float
    last: float

    @property
    def doubt(self) -> float:
        return self.last - self.first


def at(instant: float) -> Between:
    return Between(instant, instant)


@dataclass(slots=True)
class Possible:
    """The shortest and the longest that a sum of times can be, in seconds."""

    least: float = 0.0
    most: float = 0.0

    def add(self, begin: Between, end: Between) -> None:
        self.least += max(0.0, end.first - begin.last)
        self.most += end.last - begin.first

    def error(self, seconds: float) -> float:
        """How far a measured sum is from what is possible."""
        return max(0.0, self.least - seconds, seconds - self.most)


@dataclass(slots=True)
class Presence:
    """One person's stays: from joining (or returning) to leaving, or to losing the connection for good."""

    stays: list[tuple[Between, Between]] = field(default_factory=list)
    begun: Between | None = None
    """Of the stay that has not ended."""
    unclear: list[float] = field(default_factory=list)
    """Gaps so long that they may have counted as leaving."""

    def come(self, when: Between) -> None:
        assert self.begun is None
        self.begun = when

    def go(self, when: Between) -> None:
        assert self.begun is not None
        self.stays.append((self.begun, when))
        self.begun = None

    def possible(self) -> Possible:
        sums = Possible()
        for begin, end in self.stays:
            sums.add(begin, end)
        sums.least -= sum(self.unclear)
        return sums


@dataclass(slots=True)
class Whereabouts:
    """In which rooms somebody was who never left: moves, in order."""

    moves: list[tuple[Between, str]] = field(default_factory=list)

    def move(self, when: Between, room: str) -> None:
        if not self.moves or self.moves[-1][1] != room:
            self.moves.append((when, room))

    def possible(self, end: Between) -> dict[str, Possible]:
        sums: dict[str, Possible] = {}
        ends = [*(when for when, _ in self.moves[1:]), end]
        for (begin, room), until in zip(self.moves, ends, strict=True):
            sums.setdefault(room, Possible()).add(begin, until)
        return sums
