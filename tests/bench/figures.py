"""How a benchmark's last line names what it measured."""

import statistics
from collections.abc import Sequence


def figures(name: str, seconds: Sequence[float]) -> str:
    """Median, 95th percentile and maximum, in seconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{name}_median_s={statistics.median(ordered):.2f} {name}_p95_s={p95:.2f} {name}_max_s={ordered[-1]:.2f}"
