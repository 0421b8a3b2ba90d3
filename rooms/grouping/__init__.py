"""Puts people into groups, and says why these.

    assign(request, entropy)  one set of groups: at random, by attributes or by score
    rotate(request, entropy)  several rounds in which as few people as possible meet twice
    jigsaw(request, entropy)  expert groups, then home groups with one expert of each

Theory of operation. Constraints come first: `board` compiles them to integers, `placement` places the people they
speak of by an exact search, everybody else fills the places left, and `exchange` or `tabu` then changes people around
within the constraints until the aim (a spread, a mean, new partners) is as good as the effort allows. So a constraint
is never traded for a better aim, and sizes never for either. If nothing satisfies the constraints, `clash` names a
minimal set that contradicts itself.

Everything is a function of the request and the entropy; effort is counted in exchanges, not in seconds. SPEC.md, GR1
to GR12.
"""

from rooms.grouping.assign import assign
from rooms.grouping.jigsaw import jigsaw
from rooms.grouping.model import (
    Apart,
    ByAttributes,
    ByScore,
    Capacity,
    Constraint,
    Fixed,
    Group,
    Grouping,
    GroupingImpossible,
    GroupingRequest,
    Jigsaw,
    JigsawRequest,
    MaxSize,
    Method,
    MinSize,
    PastRound,
    Person,
    Random,
    Rotation,
    RotationRequest,
    Together,
)
from rooms.grouping.rotation import rotate

__all__ = [
    "Apart",
    "ByAttributes",
    "ByScore",
    "Capacity",
    "Constraint",
    "Fixed",
    "Group",
    "Grouping",
    "GroupingImpossible",
    "GroupingRequest",
    "Jigsaw",
    "JigsawRequest",
    "MaxSize",
    "Method",
    "MinSize",
    "PastRound",
    "Person",
    "Random",
    "Rotation",
    "RotationRequest",
    "Together",
    "assign",
    "jigsaw",
    "rotate",
]
