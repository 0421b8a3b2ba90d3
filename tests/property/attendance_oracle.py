"""Attendance from raw intervals, in the plainest way; shares no code with `rooms.attendance`.

A story is told to it as it is given to the workshop: who connects, loses a connection, leaves, moves, returns, and when. It keeps lists of
intervals, merges and intersects them at the end, and adds up.
"""

from dataclasses import dataclass, field

Interval = tuple[int, int]


def merged(intervals: list[Interval]) -> list[Interval]:
    """Without overlaps, in order; those without length stay: a glimpse of a connection begins the grace anew."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def common(first: list[Interval], second: list[Interval]) -> int:
    """How long both last at once."""
    pairs = [(max(a, c), min(b, d)) for a, b in merged(first) for c, d in merged(second)]
    return sum(end - start for start, end in pairs if start < end)


def length(intervals: list[Interval]) -> int:
    return sum(end - start for start, end in merged(intervals))


@dataclass
class Life:
    """One person: `visits` are the intervals of single connections, between one leaving on purpose and the next."""

    visits: list[list[Interval]] = field(default_factory=lambda: [[]])
    open_tabs: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, str]] = field(default_factory=list)
    """From when on in which room."""
    noticed: dict[int, int] = field(default_factory=dict)
    """End of a connection → when the server, which was down, began the grace."""

    def open(self, tab: str, at: int) -> None:
        self.open_tabs.setdefault(tab, at)

    def close(self, tab: str, at: int) -> None:
        if tab in self.open_tabs:
            self.visits[-1].append((self.open_tabs.pop(tab), at))

    def crash(self, at: int, back_at: int) -> None:
        """The server died after `at` and was there again at `back_at`."""
        for tab in list(self.open_tabs):
            self.close(tab, at)
            self.noticed[at] = back_at

    def leave(self, at: int) -> None:
        for tab in list(self.open_tabs):
            self.close(tab, at)
        self.visits.append([])

    def connected(self, now: int) -> list[Interval]:
        return merged([each for visit in self._visits(now) for each in visit])

    def _visits(self, now: int) -> list[list[Interval]]:
        return [*self.visits[:-1], [*self.visits[-1], *((start, now) for start in self.open_tabs.values())]]

    def present(self, now: int, grace: int) -> list[Interval]:
        """Connected, or back within the grace without having left in between."""
        found: list[Interval] = []
        for visit in self._visits(now):
            held: list[Interval] = []
            for start, end in merged(visit):
                if held and start - self.noticed.get(held[-1][1], held[-1][1]) < grace:
                    held[-1] = (held[-1][0], end)
                else:
                    held.append((start, end))
            found += held
        return found

    def in_rooms(self, now: int, grace: int) -> dict[str, int]:
        sums: dict[str, int] = {}
        ends = [*(at for at, _ in self.places[1:]), now]
        for (start, room), end in zip(self.places, ends, strict=True):
            ms = common([(start, end)], self.present(now, grace))
            sums[room] = sums.get(room, 0) + ms
        return {room: ms for room, ms in sums.items() if ms}
