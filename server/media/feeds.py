"""What publishers send, as far as policy needs it: which layers of which medium come, how large, how loud. Pure.

A layer that has sent nothing for a while counts as stopped: muted, paused because nobody takes it, or given up by the browser for want of bandwidth.
It stays something that a viewer may want, with the height and rate it had; what can be given is what comes.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import count

from server.media.forwarder import SourceActivity
from server.media.layers import Layer
from server.media.values import MediaLimits

QUIET_TICKS = 15
"""Ticks without a packet after which a layer counts as stopped."""
LAYER_QUIET_TICKS = 5
"""The same for one of several layers while another one comes: its viewers have to be given that one soon."""
UNUSED_TIMES = 8
"""Half seconds without anybody who wants it, after which a layer is paused."""
FLOODED_TICKS = 20
"""Ticks in a row with more than is allowed, after which somebody counts as flooding."""
SMOOTHING = 0.15
"""Of each tick's rate in the mean: about a second."""


@dataclass(slots=True)
class _Stream:
    source: int
    rid: str = ""
    unused: int = 0
    """How often in a row nobody wanted it."""
    quiet: int = QUIET_TICKS
    height: int = 0
    temporal: bool = False
    bps: float = 0.0
    loudness: float = 0.0


class Feeds:
    """Streams by endpoint, medium and rid ("" where there is one layer only)."""

    def __init__(self, tick_s: float, limits: MediaLimits | None = None) -> None:
        self._tick_s = tick_s
        limits = limits or MediaLimits()
        self._most_packets, self._most_octets = limits.max_packets_per_second, limits.max_publish_bps / 8
        """A second, of one endpoint."""
        self._flooded: dict[str, int] = {}
        """Endpoint → ticks in a row in which it has sent more."""
        self._counter = count(1)
        self._by_endpoint: dict[str, dict[str, dict[str, _Stream]]] = {}
        self._paused: dict[tuple[str, str], list[str]] = {}
        """(endpoint, medium) → rids that it was told to pause."""
        self._revisions: dict[str, int] = {}
        """Endpoint → how often what it sends has become something else: other layers, heights, or whether they come."""
        self._streams: dict[int, _Stream] = {}

    def add(self, endpoint: str, medium: str, rid: str, source: int) -> None:
        """A layer has become known."""
        stream = self._streams[source] = _Stream(source, rid)
        self._by_endpoint.setdefault(endpoint, {}).setdefault(medium, {})[rid] = stream
        self._revise(endpoint)

    def remove(self, endpoint: str) -> None:
        """An endpoint is gone."""
        for medium, streams in self._by_endpoint.pop(endpoint, {}).items():
            self._paused.pop((endpoint, medium), None)
            for stream in streams.values():
                del self._streams[stream.source]
        self._revisions.pop(endpoint, None)
        self._flooded.pop(endpoint, None)

    def _revise(self, endpoint: str) -> None:
        self._revisions[endpoint] = next(self._counter)

    def revision(self, endpoint: str) -> int:
        """A number that is another one, and larger, when there is another answer to what an endpoint's layers are, rates aside."""
        return self._revisions.get(endpoint, 0)

    def bps(self, source: int | None) -> float:
        """The rate of a layer; 0 for none."""
        stream = None if source is None else self._streams.get(source)
        return 0.0 if stream is None else stream.bps

    def source(self, endpoint: str, medium: str, rid: str) -> int | None:
        """The source of a layer that is known, whether or not it comes."""
        stream = self._by_endpoint.get(endpoint, {}).get(medium, {}).get(rid)
        return None if stream is None else stream.source

    def flooding(self) -> Sequence[str]:
        """Who sends more than is allowed, and not just for a moment."""
        return [endpoint for endpoint, ticks in self._flooded.items() if ticks >= FLOODED_TICKS]

    def _count_excess(self, endpoint: str, did: Iterable[SourceActivity], passed_s: float) -> None:
        packets = octets = 0
        for each in did:
            packets += each.packets
            octets += each.octets
        if packets > self._most_packets * passed_s or octets > self._most_octets * passed_s:
            self._flooded[endpoint] = self._flooded.get(endpoint, 0) + 1
        elif self._flooded:
            self._flooded.pop(endpoint, None)

    def take(self, activity: Iterable[SourceActivity], passed_s: float = 0.0) -> Sequence[str]:
        """One tick's activity of all sources; the endpoints of which a layer comes again. `passed_s`: how long it was really, if longer."""
        began: list[str] = []
        passed_s = max(passed_s, self._tick_s)
        by_source = {each.source: each for each in activity}
        for endpoint, media in self._by_endpoint.items():
            sources = [stream.source for streams in media.values() for stream in streams.values()]
            self._count_excess(endpoint, [by_source[source] for source in sources if source in by_source], passed_s)
            for streams in media.values():
                for stream in streams.values():
                    did = by_source.get(stream.source)
                    if did is None:
                        continue
                    if did.packets:
                        if stream.quiet:
                            if stream.quiet >= LAYER_QUIET_TICKS:
                                self._revise(endpoint)
                                if len(streams) > 1:
                                    began.append(endpoint)
                            stream.quiet = 0
                    else:
                        stream.quiet += 1
                        if stream.quiet in (LAYER_QUIET_TICKS, QUIET_TICKS):
                            self._revise(endpoint)
                        if stream.quiet >= LAYER_QUIET_TICKS:
                            stream.loudness = 0.0
                            continue
                    if did.height != stream.height or did.temporal != stream.temporal:
                        stream.height, stream.temporal = did.height, did.temporal
                        self._revise(endpoint)
                    stream.loudness = did.loudness
                    rate = did.octets * 8 / self._tick_s
                    stream.bps = rate if not stream.bps else stream.bps + (rate - stream.bps) * SMOOTHING

        return began

    def coming(self, endpoint: str) -> list[str]:
        """Media of which something comes."""
        media = self._by_endpoint.get(endpoint, {})
        return [medium for medium, streams in media.items() if any(s.quiet < QUIET_TICKS for s in streams.values())]

    def loudness(self, endpoint: str) -> float:
        """Of the microphone in the last tick: mean of 127 − dBov; 0 is silence."""
        streams = self._by_endpoint.get(endpoint, {}).get("mic")
        return max([stream.loudness for stream in streams.values()]) if streams else 0.0

    def layers(self, endpoint: str, medium: str) -> Sequence[Layer]:
        """From small to large, those that come or have come; where nothing has, the one that was the first to be known."""
        streams = list(self._by_endpoint.get(endpoint, {}).get(medium, {}).values())
        if len(streams) == 1:
            only = streams[0]
            return [Layer(only.source, only.height, only.bps, only.temporal)]
        found = [s for s in streams if s.height or s.quiet < QUIET_TICKS] or streams[:1]
        return [Layer(s.source, s.height, s.bps, s.temporal) for s in sorted(found, key=lambda s: (s.height, s.bps))]

    def given(self, endpoint: str, medium: str, wanted: int) -> int:
        """The source to carry where `wanted` of `layers` is: itself if it comes, else the next smaller that does, else any, else itself."""
        streams = self._by_endpoint.get(endpoint, {}).get(medium, {}).values()
        if len(streams) == 1:
            return wanted
        ordered = sorted(streams, key=lambda s: (s.height, s.bps))
        at = next((place for place, s in enumerate(ordered) if s.source == wanted), 0)
        for quiet in (LAYER_QUIET_TICKS, QUIET_TICKS):
            for stream in (*reversed(ordered[: at + 1]), *ordered[at + 1 :]):
                if stream.quiet < quiet:
                    return stream.source
        return wanted

    def unused(self, used: Set[int]) -> Iterator[tuple[str, str, list[str]]]:
        """(endpoint, medium, rids) of the layers that nobody has wanted for a while, where that has changed. Call every half second.

        The smallest stays, so that whoever begins to look sees something at once; and a layer is not stopped before it has shown its height.
        """
        for endpoint, media in self._by_endpoint.items():
            for medium, streams in media.items():
                if len(streams) < 2:
                    continue
                smallest = min(streams.values(), key=lambda s: (s.height or 1 << 16, s.bps))
                for stream in streams.values():
                    needed = stream.source in used or stream is smallest or not stream.height
                    stream.unused = 0 if needed else stream.unused + 1
                paused = [s.rid for s in streams.values() if s.unused >= UNUSED_TIMES]
                if paused != self._paused.get((endpoint, medium), []):
                    self._paused[endpoint, medium] = paused
                    yield endpoint, medium, paused
