"""Who comes, when, how fast and how diligent. Times in seconds unless a name says otherwise.

The medians are those a facilitator would plan with; people spread around them by a factor (log-normal), the slow ones by more.
"""

from dataclasses import dataclass, field
from random import Random

from rooms.ids import ConnectionId, ParticipantId

ANSWER_S = {"single": 20, "multiple": 30, "scale": 15, "ranking": 50, "text": 60, "words": 30, "quiz": 30}
"""Median time from seeing a poll to answering it, without reading."""
READ_CHARS_PER_S = 20
"""About 240 words a minute."""
WRITE_S = 360
"""Median time for the work of a review round."""
REVIEW_S = 120
"""Median time to read a work, before judging it."""
CRITERION_S = 30
"""Median time for one criterion."""
RATE_S = 30
CHOOSE_S = 20
"""Median time to choose a room."""
SPREAD = 0.35
SLOW_FACTOR = 2.2


@dataclass(frozen=True, slots=True)
class Cast:
    """What the rehearsal is asked for; shares of the learners from 0 to 1."""

    learners: int = 24
    late: float = 0.1
    """Come after the start, up to 15 minutes."""
    dropout: float = 0.1
    """Lose their connection at some time; half of them come back."""
    slow: float = 0.1
    """Take more than twice the time."""
    absent: float = 0.0
    """Never come."""


@dataclass(slots=True)
class Learner:
    """One simulated learner. `comes_ms` is from the start; `lost_ms` when the connection is lost, `back_ms` when it is there again."""

    who: ParticipantId
    name: str
    comes_ms: int
    lost_ms: int | None
    back_ms: int | None
    pace: float
    """1 is the median; 2 takes twice the time."""
    answers: float
    """How likely they answer a poll at all."""
    knows: float
    """How likely a quiz answer is right."""
    external_id: str = ""
    email: str = ""
    connections: int = 0
    here: bool = field(default=False)

    def connection(self) -> ConnectionId:
        return ConnectionId(f"{self.who}/{self.connections}")


def drawn(draw: Random, cast: Cast, length_ms: int, roster: list[tuple[str, str, str]]) -> list[Learner]:
    """The learners. `roster`: (name, external id, email) of those expected, in place of invented ones."""
    learners = []
    late = set(draw.sample(range(cast.learners), _count(cast.learners, cast.late)))
    lost = set(draw.sample(range(cast.learners), _count(cast.learners, cast.dropout)))
    slow = set(draw.sample(range(cast.learners), _count(cast.learners, cast.slow)))
    absent = set(draw.sample(range(cast.learners), _count(cast.learners, cast.absent)))
    for number in range(cast.learners):
        name, external_id, email = roster[number] if number < len(roster) else (f"Learner {number + 1}", "", "")
        pace = draw.lognormvariate(0, SPREAD) * (SLOW_FACTOR if number in slow else 1)
        comes_ms = round(draw.uniform(60_000, min(900_000, length_ms / 2))) if number in late else 0
        lost_ms = back_ms = None
        if number in lost:
            lost_ms = max(comes_ms, round(draw.uniform(0.1, 0.9) * length_ms))
            back_ms = lost_ms + round(draw.uniform(10_000, 300_000)) if draw.random() < 0.5 else None
        learner = Learner(
            who=ParticipantId(f"learner-{number + 1}"),
            name=name or f"Learner {number + 1}",
            comes_ms=comes_ms,
            lost_ms=lost_ms,
            back_ms=back_ms,
            pace=pace,
            answers=draw.uniform(0.9, 1.0),
            knows=draw.uniform(0.3, 0.95),
            external_id=external_id,
            email=email,
        )
        if number not in absent:
            learners.append(learner)
    return learners


def _count(learners: int, share: float) -> int:
    return min(learners, round(learners * share))
