"""Where a workshop goes that nobody owns: to the least loaded node that takes work, staying here when that gains little."""

from collections.abc import Sequence

from server.cluster.registry import NodeInfo

GAIN = 0.05
"""Less difference in load than this is not worth sending somebody elsewhere."""


def choose(nodes: Sequence[NodeInfo], here: str, *, new: bool, without: str = "") -> NodeInfo | None:
    """The node for a workshop; `here` is the asked node's name, `new` a workshop yet to be made (those obey the load marks; the others have
    people waiting). None if no node may take it. `without` names a node that is not to have it."""
    able = [
        node for node in nodes if not node.draining and node.name != without and (not new or node.load < node.load_mark)
    ]
    if not able:
        return None
    best = min(able, key=lambda node: (node.load, node.name))
    mine = next((node for node in able if node.name == here), None)
    return mine if mine is not None and mine.load - best.load < GAIN else best
