"""Jigsaw: everybody becomes an expert on one topic, then teaches it in a home group with experts on all the others.

Numbers that do not divide: there are as many home groups as leave every one of them an expert on every topic, n //
topics. Whoever is over makes a home group larger (a topic has two experts there), spread so that sizes differ by at
most one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rooms.errors import Rejected
from rooms.explanation import Reason, reason
from rooms.grouping.aims import Aim, NewPartnersAim
from rooms.grouping.assign import assign, exchanged
from rooms.grouping.explain import constraint_reasons, meeting_reasons, size_reasons
from rooms.grouping.history import past_columns
from rooms.grouping.model import (
    Apart,
    Group,
    Grouping,
    GroupingImpossible,
    GroupingRequest,
    Jigsaw,
    JigsawRequest,
    Together,
)
from rooms.grouping.request import Settled, settle

EXPERT_DRAWS = 8
"""Expert groups drawn before home groups that clash with the constraints are given up."""


def jigsaw(request: JigsawRequest, entropy: bytes) -> Jigsaw:
    """Expert groups and home groups from one action. Raises like `assign`."""
    left_out = set(request.excluded)
    people = [person for person in request.people if person.id not in left_out]
    if request.topics < 2:
        raise Rejected("topics_out_of_range", "A jigsaw needs two topics or more.", rule="GR6")
    if len(people) < request.topics:
        raise Rejected(
            "too_few_for_jigsaw",
            f"{len(people)} people cannot be experts on {request.topics} topics; choose at most {len(people)}.",
            rule="GR6",
        )
    clash: GroupingImpossible | None = None
    for attempt in range(EXPERT_DRAWS):
        seed = entropy + bytes([attempt])
        experts = _experts(request, seed)
        homes_request = GroupingRequest(
            people=people,
            groups=len(people) // request.topics,
            constraints=request.home_constraints,
            history=request.history,
            effort=request.effort,
        )
        settled = settle(homes_request, seed)
        try:
            homes = _homes(settled, homes_request, experts)
        except GroupingImpossible as error:
            clash = error
            if not request.home_constraints:
                raise
            continue
        return Jigsaw(
            experts=experts.groups, homes=homes, explanation=_explain(request, settled, experts.groups, homes)
        )
    assert clash is not None
    raise clash


def _experts(request: JigsawRequest, seed: bytes) -> Grouping:
    """The expert groups; people who share a home study different topics, if that can be."""
    wanted = GroupingRequest(
        people=request.people,
        groups=request.topics,
        constraints=request.expert_constraints,
        excluded=request.excluded,
    )
    apart = [Apart(people=item.people) for item in request.home_constraints if isinstance(item, Together)]
    if apart:
        try:
            return assign(replace(wanted, constraints=[*wanted.constraints, *apart]), seed)
        except GroupingImpossible:
            pass
    return assign(wanted, seed)


def _homes(settled: Settled, request: GroupingRequest, experts: Grouping) -> tuple[Group, ...]:
    topic_of = [0] * len(settled.people)
    for topic, group in enumerate(experts.groups):
        for name in group.people:
            topic_of[settled.index[name]] = topic
    board, placement = settled.place(topic_of)
    group_of = [placement.group_of[unit] for unit in board.unit_of]
    columns = past_columns(settled.index, request.history)
    aims: list[Aim] = [NewPartnersAim(columns, group_of, settled.groups)] if columns else []
    tries = request.effort if aims else 10 * len(settled.people)
    return settled.groups_from(exchanged(settled, board, group_of, aims, tries))


def _explain(
    request: JigsawRequest, settled: Settled, experts: Sequence[Group], homes: Sequence[Group]
) -> tuple[Reason, ...]:
    topic_of = {name: topic for topic, group in enumerate(experts) for name in group.people}
    doubled = sum(max(Counter(topic_of[name] for name in home.people).values()) > 1 for home in homes)
    expert_settled = replace(settled, constraints=list(request.expert_constraints), groups=request.topics, absent=0)
    expert_settled.asked = request.topics
    expert_settled.excluded = [person for person in request.people if person.id in set(request.excluded)]
    reasons = [
        reason("method_jigsaw", topics=len(experts), homes=len(homes)),
        *size_reasons(expert_settled, experts),
        *size_reasons(settled, homes),
    ]
    if all(len({topic_of[name] for name in home.people}) == len(experts) for home in homes):
        reasons.append(reason("jigsaw_covered"))
    if doubled:
        reasons.append(reason("jigsaw_doubled", homes=doubled))
    if request.history:
        reasons += meeting_reasons([homes], request.history, settled.constraints)
    return (*reasons, *constraint_reasons(expert_settled, experts), *constraint_reasons(settled, homes))
