"""Turns finished groups into reasons. Everything is counted from the result itself, never from what was intended."""

from collections.abc import Sequence

from rooms.explanation import Reason, ReasonCode, reason
from rooms.grouping.history import recent
from rooms.grouping.meetings import meet_again
from rooms.grouping.model import (
    Apart,
    ByAttributes,
    ByScore,
    Capacity,
    Constraint,
    Fixed,
    Group,
    MaxSize,
    Method,
    MinSize,
    PastRound,
    Person,
    Random,
    Together,
)
from rooms.grouping.request import Settled

MEANS_LISTED = 12


def method_reason(method: Method) -> Reason:
    match method:
        case Random():
            return reason("method_random")
        case ByAttributes(mode="mixed"):
            return reason("method_attributes_mixed", attributes=", ".join(method.attributes))
        case ByAttributes():
            return reason("method_attributes_alike", attributes=", ".join(method.attributes))
        case ByScore(mode="balanced"):
            return reason("method_scores_balanced")
        case ByScore():
            return reason("method_scores_alike")


def size_reasons(settled: Settled, groups: Sequence[Group]) -> list[Reason]:
    sizes = [len(group.people) for group in groups]
    smallest, largest = min(sizes), max(sizes)
    code: ReasonCode = "sizes_even" if largest - smallest <= 1 else "sizes_uneven"
    reasons = [reason(code, groups=len(groups), smallest=smallest, largest=largest)]
    if len(groups) < settled.asked:
        reasons.append(reason("fewer_groups", asked=settled.asked, made=len(groups)))
    alone = [group.people[0] for group in groups if len(group.people) == 1]
    if alone:
        better = len(settled.people) // 2
        reasons.append(reason("alone", alone, better_groups=better if better < len(groups) else 0))
    return reasons


def constraint_reasons(settled: Settled, groups: Sequence[Group]) -> list[Reason]:
    reasons: list[Reason] = []
    constraints, index = settled.constraints, settled.index
    for item in constraints:
        match item:
            case Together() | Apart():
                here = [person for person in item.people if person in index]
                if len(here) > 1:
                    reasons.append(reason("kept_together" if isinstance(item, Together) else "kept_apart", here))
            case Fixed() if item.person in index:
                reasons.append(reason("fixed", [item.person], group=item.group + 1))
            case _:
                pass
    sizes = {group.index: len(group.people) for group in groups}
    full = {item.group for item in constraints if isinstance(item, Capacity) and sizes.get(item.group, 0) >= item.size}
    if full:
        reasons.append(reason("capacities", full=len(full), groups=settled.groups))
    if any(isinstance(item, MinSize | MaxSize) for item in constraints):
        least = max([1, *(item.size for item in constraints if isinstance(item, MinSize))])
        most = min([len(index), *(item.size for item in constraints if isinstance(item, MaxSize))])
        reasons.append(reason("size_limits", least=least, most=most))
    if settled.excluded:
        reasons.append(reason("excluded", [person.id for person in settled.excluded]))
    if settled.absent:
        reasons.append(reason("absent_ignored", count=settled.absent))
    return reasons


def attribute_reasons(people: Sequence[Person], groups: Sequence[Group], method: ByAttributes) -> list[Reason]:
    by_id = {person.id: person for person in people}
    reasons: list[Reason] = []
    for attribute in method.attributes:
        kinds = [{by_id[member].attributes.get(attribute, "") for member in group.people} for group in groups]
        everything: set[str] = set().union(*kinds)
        if method.mode == "mixed":
            spread = [len(kind) for kind in kinds]
            reasons.append(
                reason(
                    "attribute_spread",
                    attribute=attribute,
                    fewest=min(spread),
                    most=max(spread),
                    values=len(everything),
                )
            )
        else:
            uniform = sum(len(kind) == 1 for kind in kinds)
            reasons.append(reason("attribute_alike", attribute=attribute, uniform=uniform, groups=len(groups)))
        missing = [person.id for person in people if not person.attributes.get(attribute)]
        if missing:
            reasons.append(reason("attribute_missing", missing, attribute=attribute))
    return reasons


def score_reasons(people: Sequence[Person], groups: Sequence[Group]) -> list[Reason]:
    """Means of the scores people have; who has none counts in no mean here."""
    by_id = {person.id: person for person in people}
    means = []
    for group in groups:
        scores = [by_id[member].score for member in group.people]
        known = [score for score in scores if score is not None]
        if known:
            means.append(round(sum(known) / len(known), 2))
    reasons = []
    if means:
        everybody = [person.score for person in people if person.score is not None]
        shown = ", ".join(f"{mean:g}" for mean in means[:MEANS_LISTED]) + (" …" if len(means) > MEANS_LISTED else "")
        overall = round(sum(everybody) / len(everybody), 2)
        reasons.append(reason("scores", means=shown, lowest=min(means), highest=max(means), overall=overall))
    missing = [person.id for person in people if person.score is None]
    if missing:
        reasons.append(reason("scores_missing", missing))
    return reasons


def meeting_reasons(
    rounds: Sequence[Sequence[Group]],
    history: Sequence[PastRound],
    constraints: Sequence[Constraint],
    least: int = 0,
) -> list[Reason]:
    """Who meets again, in these rounds or since the past ones.

    Pairs that must be together do not count. `least`: the proven minimum of repeated meetings within the rounds.
    """
    again = meet_again(
        [[group.people for group in groups] for groups in rounds],
        [past.groups for past in recent(history)],
        [item.people for item in constraints if isinstance(item, Together)],
    )
    if not again.pairs:
        return [reason("no_repeats")]
    reasons = [reason("repeats", pairs=again.pairs, meetings=again.meetings)]
    if least:
        reasons.append(reason("repeats_unavoidable", least=least))
    for pair in again.worst:
        total = pair.times + pair.before
        reasons.append(reason("repeated_pair", pair.people, times=pair.times, before=pair.before, total=total))
    return reasons
