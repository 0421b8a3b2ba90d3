"""Who reviews what: exactly k reviews a submission, as equal as possible a reviewer, and what to say where that fails.

Theory of operation. Reviews are edges of a bipartite graph between submissions and the reviewers who may review them; those
made before (by hand, or in an earlier round) stay as they are. Two kinds of path make the rest exact:

- *Growing.* A submission that lacks a review takes the least loaded reviewer open to it; where everybody open to it is at
  the limit, an alternating path moves other new reviews aside until somebody below the limit is reached. Nothing a
  submission has is ever taken from it, and every submission gets its n-th review before any gets its n+1-th. So if no
  path is found, no allocation gives more (augmenting paths, Berge).
- *Balancing.* A path from a reviewer to another with at least two reviews fewer moves one review along it. When no such
  path is left, the sum of squared loads is least, and so no other allocation has more equal loads (Harvey, Ladner,
  Lovász and Tamir, Semi-matchings for bipartite graphs and load balancing, 2006).

Sets of reviewers are integers with one bit a reviewer. Reviewers are numbered in drawn order and ties are drawn, so the
entropy decides everything that the rules leave open. SPEC.md, RA1 to RA9.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random as Draw
from typing import Literal

from rooms.errors import Rejected
from rooms.explanation import Reason, reason
from rooms.ids import ParticipantId, SubmissionId
from rooms.messages import message

MAX_SUBMISSIONS = 10_000
MAX_REVIEWS_EACH = 20
LACKING_NAMED = 50
"""Submissions without all their reviews that the explanation lists one by one."""

GroupRule = Literal["any", "other", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    id: SubmissionId
    authors: tuple[ParticipantId, ...]


@message
class Assignment:
    submission_id: SubmissionId
    reviewer_id: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who may review what: never an author; with `other`, nobody from a group of an author; with `same`, only those.

    Somebody who is in no group shares one with nobody.
    """

    group_rule: GroupRule = "any"
    group_of: Mapping[ParticipantId, str] = field(default_factory=dict)
    barred: Sequence[Assignment] = ()
    """Pairs that are ruled out for other reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRequest:
    """`reviewers`: who may get reviews, whether they submitted or not. `kept`: assignments that stay, whatever the rules."""

    submissions: Sequence[Submission]
    reviewers: Sequence[ParticipantId]
    reviews_each: int
    eligibility: Eligibility = field(default_factory=Eligibility)
    kept: Sequence[Assignment] = ()
    max_load: int | None = None
    """Most reviews a reviewer gets, kept ones included; no limit if left out."""


@message
class Allocation:
    added: tuple[Assignment, ...]
    """New assignments, submissions in the order given."""
    explanation: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    """A review somebody has to do, or has done (`submitted`)."""

    submission_id: SubmissionId
    reviewer_id: ParticipantId
    submitted: bool


@message
class Move:
    submission_id: SubmissionId
    from_id: ParticipantId
    to_id: ParticipantId


@message
class Reassignment:
    moves: tuple[Move, ...]
    stuck: tuple[Assignment, ...]
    """Unfinished reviews of people who left that nobody else may do; they stay theirs."""
    explanation: tuple[Reason, ...]


def allocate(request: AllocationRequest, entropy: bytes) -> Allocation:
    """Complete the kept assignments. The same request and entropy give the same allocation. Raises `Rejected`."""
    _check(request)
    graph = _graph(request.submissions, request.reviewers, request.eligibility, request.kept, Draw(entropy))
    has = Counter(item.submission_id for item in request.kept)
    had = [has[submission.id] for submission in request.submissions]
    graph.max_load = request.max_load
    graph.grow([max(0, request.reviews_each - count) for count in had], had)
    graph.balance()
    added = [
        Assignment(submission_id=submission.id, reviewer_id=graph.names[reviewer])
        for number, submission in enumerate(request.submissions)
        for reviewer in _bits(graph.given[number])
    ]
    return Allocation(added=tuple(added), explanation=tuple(_explain(request, graph, had)))


def reassign(
    submissions: Sequence[Submission],
    reviewers: Sequence[ParticipantId],
    reviews: Sequence[OpenReview],
    entropy: bytes,
    eligibility: Eligibility | None = None,
) -> Reassignment:
    """Give the unfinished reviews of everybody who is not among `reviewers` to the least loaded eligible of them.

    Submitted reviews stay, and so does every review of somebody who is there.
    """
    here = set(reviewers)
    kept = [Assignment(submission_id=item.submission_id, reviewer_id=item.reviewer_id) for item in reviews]
    graph = _graph(submissions, reviewers, eligibility or Eligibility(), kept, Draw(entropy))
    waiting: dict[SubmissionId, list[ParticipantId]] = {}
    for item in reviews:
        if not item.submitted and item.reviewer_id not in here:
            waiting.setdefault(item.submission_id, []).append(item.reviewer_id)
    graph.grow([len(waiting.get(submission.id, ())) for submission in submissions], [0] * len(submissions))
    graph.balance()
    moves: list[Move] = []
    stuck: list[Assignment] = []
    for number, submission in enumerate(submissions):
        takers = [graph.names[reviewer] for reviewer in _bits(graph.given[number])]
        for position, leaver in enumerate(waiting.get(submission.id, ())):
            if position < len(takers):
                moves.append(Move(submission_id=submission.id, from_id=leaver, to_id=takers[position]))
            else:
                stuck.append(Assignment(submission_id=submission.id, reviewer_id=leaver))
    reasons = []
    if moves:
        reasons.append(reason("reassigned", count=len(moves)))
    if stuck:
        reasons.append(reason("not_reassigned", count=len(stuck)))
    return Reassignment(moves=tuple(moves), stuck=tuple(stuck), explanation=tuple(reasons))


def _check(request: AllocationRequest) -> None:
    if not 1 <= request.reviews_each <= MAX_REVIEWS_EACH:
        wanted = f"A submission gets 1 to {MAX_REVIEWS_EACH} reviews, not {request.reviews_each}."
        raise Rejected("reviews_out_of_range", wanted, rule="RA1")
    if request.max_load is not None and request.max_load < 1:
        raise Rejected("max_load_out_of_range", "A reviewer's limit is 1 review or more.", rule="RA2")
    if len(request.submissions) > MAX_SUBMISSIONS:
        raise Rejected("too_many_submissions", f"At most {MAX_SUBMISSIONS} submissions can be allocated.", rule="RA1")
    by_id = {submission.id: submission for submission in request.submissions}
    if len(by_id) < len(request.submissions) or len(set(request.reviewers)) < len(request.reviewers):
        raise Rejected("listed_twice", "Every submission and every reviewer may be listed once.", rule="RA1")
    if len(set(request.kept)) < len(request.kept):
        raise Rejected("assigned_twice", "Somebody is assigned to the same submission twice.", rule="RA4")
    for item in request.kept:
        if item.submission_id not in by_id:
            raise Rejected("unknown_submission", f"There is no submission {item.submission_id}.", rule="RA4")
        if item.reviewer_id in by_id[item.submission_id].authors:
            raise Rejected("own_submission", "Nobody can be assigned their own submission.", rule="RA3")


# ── the graph ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Graph:
    names: list[ParticipantId]
    """Of the reviewers, by number."""
    open_to: list[int]
    """Submission → reviewers who may get it and do not have it yet."""
    loads: list[int]
    """Reviewer → reviews, kept ones included."""
    draw: Draw
    max_load: int | None = None
    given: list[int] = field(init=False)
    """Submission → reviewers who got it here."""
    got: list[set[int]] = field(init=False)
    """The same the other way round."""
    _spent: int = 0
    """Reviewers from whom no path leads to anybody below the limit: none ever will."""
    _at_load: dict[int, int] = field(init=False)
    """Load → reviewers who have it."""

    def __post_init__(self) -> None:
        self.given = [0] * len(self.open_to)
        self.got = [set() for _ in self.names]
        self._at_load = {}
        for reviewer, load in enumerate(self.loads):
            self._at_load[load] = self._at_load.get(load, 0) | 1 << reviewer

    def grow(self, needs: Sequence[int], had: Sequence[int]) -> None:
        """Give every submission as many of the reviews it needs as can be, those with the fewest first."""
        top = max((need + count for need, count in zip(needs, had, strict=True)), default=0)
        order = list(range(len(needs)))
        for level in range(top):
            self.draw.shuffle(order)
            for submission in order:
                given = self.given[submission].bit_count()
                if given < needs[submission] and had[submission] + given == level:
                    self._give_one(submission)

    def balance(self) -> None:
        """Move reviews until no other allocation of as many to each submission has more equal loads."""
        improved = True
        while improved:
            improved = False
            for load in sorted(self._at_load, reverse=True):
                for reviewer in _bits(self._at_load.get(load, 0)):
                    improved |= self._lighten(reviewer, load)

    def _give_one(self, submission: int) -> bool:
        candidates = self.open_to[submission] & ~self.given[submission] & ~self._spent
        for load in sorted(self._at_load):
            if self.max_load is not None and load >= self.max_load:
                break
            if candidates & self._at_load[load]:
                self._add(submission, self._drawn(candidates & self._at_load[load]))
                return True
        if self.max_load is None or not candidates:
            return False
        return self._along_path(submission, None, self._below(self.max_load))

    def _lighten(self, reviewer: int, load: int) -> bool:
        """Move one review away from a reviewer, to end with somebody who has at least two fewer."""
        targets = self._below(load - 1)
        return bool(targets) and self.loads[reviewer] == load and self._along_path(None, reviewer, targets)

    def _along_path(self, submission: int | None, reviewer: int | None, targets: int) -> bool:
        """Shift reviews along the shortest path from a submission that needs one, or a reviewer who has one too many.

        Each step goes from a reviewer over a review they got here to somebody else who may have it.
        """
        came: dict[int, tuple[int | None, int]] = {}  # reviewer → (the one before, the submission handed on)
        seen = self._spent if reviewer is None else 1 << reviewer
        queue: list[tuple[int | None, int]] = []
        if submission is not None:
            queue.append((None, submission))
        elif reviewer is not None:
            queue += [(reviewer, own) for own in sorted(self.got[reviewer])]
        for before, number in queue:
            fresh = self.open_to[number] & ~self.given[number] & ~seen
            if fresh & targets:
                last = self._drawn(fresh & targets)
                came[last] = (before, number)
                self._shift(last, came)
                return True
            seen |= fresh
            for found in _bits(fresh):
                came[found] = (before, number)
                queue += [(found, own) for own in self.got[found]]
        if submission is not None:
            self._spent |= seen
        return False

    def _shift(self, last: int, came: Mapping[int, tuple[int | None, int]]) -> None:
        taker: int | None = last
        while taker is not None and taker in came:
            before, submission = came[taker]
            if before is not None:
                self._remove(submission, before)
            self._add(submission, taker)
            taker = before

    def _add(self, submission: int, reviewer: int) -> None:
        self.given[submission] |= 1 << reviewer
        self.got[reviewer].add(submission)
        self._reload(reviewer, 1)

    def _remove(self, submission: int, reviewer: int) -> None:
        self.given[submission] &= ~(1 << reviewer)
        self.got[reviewer].discard(submission)
        self._reload(reviewer, -1)

    def _reload(self, reviewer: int, by: int) -> None:
        load, bit = self.loads[reviewer], 1 << reviewer
        self._at_load[load] &= ~bit
        if not self._at_load[load]:
            del self._at_load[load]
        self.loads[reviewer] = load + by
        self._at_load[load + by] = self._at_load.get(load + by, 0) | bit

    def _below(self, load: int) -> int:
        """Reviewers with fewer reviews than `load`."""
        mask = 0
        for other, reviewers in self._at_load.items():
            if other < load:
                mask |= reviewers
        return mask

    def _drawn(self, mask: int) -> int:
        """One of a set: the first from a drawn number on."""
        start = self.draw.randrange(len(self.names))
        rest = mask >> start << start or mask
        return (rest & -rest).bit_length() - 1


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _graph(
    submissions: Sequence[Submission],
    reviewers: Sequence[ParticipantId],
    eligibility: Eligibility,
    kept: Sequence[Assignment],
    draw: Draw,
) -> _Graph:
    names = list(reviewers)
    draw.shuffle(names)
    bit_of = {name: 1 << number for number, name in enumerate(names)}
    group_masks: dict[str, int] = {}
    for name in names:
        if name in eligibility.group_of:
            group = eligibility.group_of[name]
            group_masks[group] = group_masks.get(group, 0) | bit_of[name]
    closed: dict[SubmissionId, int] = {}
    for item in (*kept, *eligibility.barred):
        closed[item.submission_id] = closed.get(item.submission_id, 0) | bit_of.get(item.reviewer_id, 0)
    open_to = []
    for submission in submissions:
        mask = (1 << len(names)) - 1
        if eligibility.group_rule != "any":
            groups = {eligibility.group_of[name] for name in submission.authors if name in eligibility.group_of}
            shared = 0
            for group in groups:
                shared |= group_masks.get(group, 0)
            mask = shared if eligibility.group_rule == "same" else mask & ~shared
        for name in submission.authors:
            mask &= ~bit_of.get(name, 0)
        open_to.append(mask & ~closed.get(submission.id, 0))
    count = Counter(item.reviewer_id for item in kept)
    return _Graph(names=names, open_to=open_to, loads=[count[name] for name in names], draw=draw)


# ── what the facilitator is told ─────────────────────────────────────────────────────────────────────────────────────
def _explain(request: AllocationRequest, graph: _Graph, had: Sequence[int]) -> Iterator[Reason]:
    wanted = request.reviews_each
    lacking = []
    for number, submission in enumerate(request.submissions):
        has = had[number] + graph.given[number].bit_count()
        if has < wanted:
            # Who may review it: those it is open to, and those who already do.
            eligible = had[number] + graph.open_to[number].bit_count()
            cause = "too_few_eligible" if eligible < wanted else "max_load"
            lacking.append((submission, has, eligible, cause))
    if not lacking:
        yield reason("reviews_complete", wanted=wanted)
    else:
        reviews = sum(wanted - has for _, has, _, _ in lacking)
        yield reason("reviews_lacking", submissions=len(lacking), of=len(request.submissions), reviews=reviews)
    for submission, has, eligible, cause in lacking[:LACKING_NAMED]:
        yield reason(
            "submission_lacking",
            submission.authors,
            submission_id=submission.id,
            has=has,
            wanted=wanted,
            eligible=eligible,
            max_load=request.max_load or 0,
            cause=cause,
        )
    if graph.loads:
        least, most = min(graph.loads), max(graph.loads)
        yield reason("loads_even" if most - least <= 1 else "loads_uneven", least=least, most=most)
    if request.kept:
        yield reason("kept_assignments", count=len(request.kept))
    for number, submission in enumerate(request.submissions):
        if had[number] > wanted:
            yield reason("more_than_asked", submission.authors, has=had[number], wanted=wanted)
