"""What publishers send, as far as policy needs it: which layers of which medium come, how large, how loud. Pure.

A layer that has sent nothing for a while counts as stopped: muted, or given up by the browser for want of bandwidth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.media.forwarder import SourceActivity
from server.media.layers import Layer

QUIET_TICKS = 15
"""Ticks without a packet after which a layer counts as stopped."""
LAYER_QUIET_TICKS = 5
"""The same for one of several layers while another one comes: its viewers have to be given that one soon."""
SMOOTHING = 0.15
"""Of each tick's rate in the mean: about a second."""


@dataclass(slots=True)
class _Stream:
    source: int
    quiet: int = QUIET_TICKS
    height: int = 0
    bps: float = 0.0
    loudness: float = 0.0


class Feeds:
    """Streams by endpoint, medium and rid ("" where there is one layer only)."""

    def __init__(self, tick_s: float) -> None:
        self._tick_s = tick_s
        self._by_endpoint: dict[str, dict[str, dict[str, _Stream]]] = {}

    def add(self, endpoint: str, medium: str, rid: str, source: int) -> None:
        """A layer has become known."""
        self._by_endpoint.setdefault(endpoint, {}).setdefault(medium, {})[rid] = _Stream(source)

    def remove(self, endpoint: str) -> None:
        """An endpoint is gone."""
        self._by_endpoint.pop(endpoint, None)

    def source(self, endpoint: str, medium: str, rid: str) -> int | None:
        """The source of a layer that is known, whether or not it comes."""
        stream = self._by_endpoint.get(endpoint, {}).get(medium, {}).get(rid)
        return None if stream is None else stream.source

    def take(self, activity: Iterable[SourceActivity]) -> None:
        """One tick's activity of all sources."""
        by_source = {each.source: each for each in activity}
        for media in self._by_endpoint.values():
            for streams in media.values():
                for stream in streams.values():
                    did = by_source.get(stream.source)
                    if did is None:
                        continue
                    stream.quiet = 0 if did.packets else stream.quiet + 1
                    stream.height = did.height
                    stream.loudness = did.loudness
                    rate = did.octets * 8 / self._tick_s
                    stream.bps = rate if not stream.bps else stream.bps + (rate - stream.bps) * SMOOTHING

    def coming(self, endpoint: str) -> list[str]:
        """Media of which something comes."""
        media = self._by_endpoint.get(endpoint, {})
        return [medium for medium, streams in media.items() if any(s.quiet < QUIET_TICKS for s in streams.values())]

    def loudness(self, endpoint: str) -> float:
        """Of the microphone in the last tick: mean of 127 − dBov; 0 is silence."""
        return max(
            (stream.loudness for stream in self._by_endpoint.get(endpoint, {}).get("mic", {}).values()), default=0.0
        )

    def layers(self, endpoint: str, medium: str) -> Sequence[Layer]:
        """From small to large, those that come; where nothing comes, the one that was the first to be known."""
        streams = list(self._by_endpoint.get(endpoint, {}).get(medium, {}).values())
        found = (
            [s for s in streams if s.quiet < LAYER_QUIET_TICKS]
            or [s for s in streams if s.quiet < QUIET_TICKS]
            or streams[:1]
        )
        return [Layer(s.source, s.height, s.bps) for s in sorted(found, key=lambda s: (s.height, s.bps))]
