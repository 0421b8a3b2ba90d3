"""Why an automatic decision (groups, reviewers) came out as it did, for the facilitator who has to answer for it.

An explanation is a tuple of `Reason`s, most important first. A reason is a stable code with parameters, so that the
client can say it in any language; the people it is about stand apart from the parameters as ids, so that no name gets
into the journal. `sentence` says it in English.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from rooms.ids import ParticipantId
from rooms.messages import message

ReasonCode = Literal[
    # groups: the method
    "method_random", "method_attributes_mixed", "method_attributes_alike", "method_scores_balanced",
    "method_scores_alike", "method_jigsaw", "method_rotation",
    # groups: their sizes
    "sizes_even", "sizes_uneven", "fewer_groups", "alone",
    # groups: what the method reached
    "attribute_spread", "attribute_alike", "attribute_missing", "scores", "scores_missing",
    "jigsaw_covered", "jigsaw_doubled",
    # groups: who meets again
    "no_repeats", "repeats", "repeats_unavoidable", "repeated_pair",
    # groups: what limited the choice
    "kept_together", "kept_apart", "fixed", "capacities", "size_limits", "excluded", "absent_ignored",
    # reviews
    "reviews_complete", "reviews_lacking", "submission_lacking", "loads_even", "loads_uneven", "kept_assignments",
    "more_than_asked", "reassigned", "not_reassigned",
]  # fmt: skip

Params = Mapping[str, int | float | str]


@message
class Reason:
    """One item of an explanation.

    `params` are plain numbers and texts to put into a sentence, none of them about a single person except where the
    code's sentence says so; `people` are those the reason names, in the order the sentence names them.
    """

    code: ReasonCode
    params: dict[str, int | float | str]
    people: tuple[ParticipantId, ...] = ()


def reason(code: ReasonCode, people: Sequence[str] = (), **params: int | float | str) -> Reason:
    """A `Reason` with keyword parameters."""
    return Reason(code=code, params=params, people=tuple(ParticipantId(person) for person in people))


def sentence(item: Reason, names: Mapping[str, str] | None = None) -> str:
    """The reason in English. `names`: id → name; an id without a name stands for itself."""
    known = names or {}
    return _SENTENCES[item.code](item.params, [known.get(person) or person for person in item.people])


def listed(names: Sequence[str], most: int = 12) -> str:
    """ "Ann, Bo and Cy"; beyond `most` names "… and 5 others"."""
    shown = [*names] if len(names) <= most else [*names[:most], f"{len(names) - most} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nobody"


def counted(number: int | float | str, singular: str, plural: str | None = None) -> str:
    """ "1 person", "2 people"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def _people(number: int | float | str) -> str:
    return counted(number, "person", "people")


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _sizes(p: Params) -> str:
    if p["smallest"] == p["largest"]:
        return f"{counted(p['groups'], 'group')} of {_people(p['largest'])}"
    return f"{counted(p['groups'], 'group')} of {p['smallest']} to {p['largest']} people"


def _alone(p: Params, names: Sequence[str]) -> str:
    advice = f"; with {counted(p['better_groups'], 'group')} nobody would be" if p["better_groups"] else ""
    return f"{listed(names)} {_are(names)} alone in a group{advice}."


def _lacking(p: Params, names: Sequence[str]) -> str:
    why = (
        f"only {_people(p['eligible'])} may review it" if p["cause"] == "too_few_eligible"
        else f"everybody who may review it already has {counted(p['max_load'], 'review')}"
    )  # fmt: skip
    return f"The submission by {listed(names)} has {p['has']} of {counted(p['wanted'], 'review')}: {why}."


def _repeated(p: Params, names: Sequence[str]) -> str:
    before = f", after {counted(p['before'], 'meeting')} before" if p["before"] else ""
    return f"{listed(names)} meet {counted(p['times'], 'time')}{before}."


def _range(least: int | float | str, most: int | float | str) -> str:
    return counted(most, "review") if least == most else f"{least} to {counted(most, 'review')}"


_Sentence = Callable[[Params, list[str]], str]
_SENTENCES: dict[ReasonCode, _Sentence] = {
    "method_random": lambda p, n: "The groups were drawn at random.",
    "method_attributes_mixed": lambda p, n: f"People who differ in {p['attributes']} were put together.",
    "method_attributes_alike": lambda p, n: f"People who are alike in {p['attributes']} were put together.",
    "method_scores_balanced": lambda p, n: (
        "Every group has about the same mean score, with stronger and weaker people in each."
    ),
    "method_scores_alike": lambda p, n: "People with similar scores were put together.",
    "method_jigsaw": lambda p, n: (
        f"{counted(p['topics'], 'expert group')} first, one a topic; then {counted(p['homes'], 'home group')} "
        "with an expert on every topic."
    ),
    "method_rotation": lambda p, n: f"{counted(p['rounds'], 'round')} with as few people as possible meeting twice.",
    "sizes_even": lambda p, n: f"{_sizes(p)}.",
    "sizes_uneven": lambda p, n: f"{_sizes(p)}: no more even sizes were found within the constraints.",
    "fewer_groups": lambda p, n: (
        f"{counted(p['made'], 'group')} instead of {p['asked']}, because no group is left empty."
    ),
    "alone": _alone,
    "attribute_spread": lambda p, n: (
        f"{p['attribute']}: a group has {p['fewest']} to {p['most']} different values, of {p['values']} in all."
    ),
    "attribute_alike": lambda p, n: (
        f"{p['attribute']}: in {p['uniform']} of {counted(p['groups'], 'group')} all have the same value."
    ),
    "attribute_missing": lambda p, n: (
        f"{listed(n)} {_are(n)} without {p['attribute']}; that counted as a value of its own."
    ),
    "scores": lambda p, n: (
        f"Mean scores per group: {p['means']} (lowest {p['lowest']}, highest {p['highest']}, everybody {p['overall']})."
    ),
    "scores_missing": lambda p, n: f"{listed(n)} {_are(n)} without a score and counted as average.",
    "jigsaw_covered": lambda p, n: "Every home group has at least one expert on every topic.",
    "jigsaw_doubled": lambda p, n: f"In {counted(p['homes'], 'home group')} some topic has two experts or more.",
    "no_repeats": lambda p, n: "Nobody meets anybody again.",
    "repeats": lambda p, n: (
        f"{counted(p['pairs'], 'pair')} of people meet again: {counted(p['meetings'], 'meeting')} that are not a first."
    ),
    "repeats_unavoidable": lambda p, n: (
        f"With these sizes and rounds at least {counted(p['least'], 'repeated meeting')} cannot be avoided."
    ),
    "repeated_pair": _repeated,
    "kept_together": lambda p, n: f"{listed(n)} were kept together.",
    "kept_apart": lambda p, n: f"{listed(n)} were kept apart.",
    "fixed": lambda p, n: f"{listed(n)} stayed in group {p['group']}, where they had been placed by hand.",
    "capacities": lambda p, n: f"{counted(p['full'], 'group')} of {p['groups']} reached the limit set for it.",
    "size_limits": lambda p, n: f"Every group has {p['least']} to {p['most']} people, as asked.",
    "excluded": lambda p, n: f"{listed(n)} {_are(n)} in no group, as asked.",
    "absent_ignored": lambda p, n: (
        f"{_people(p['count'])} named in the constraints {'is' if p['count'] == 1 else 'are'} not here."
    ),
    "reviews_complete": lambda p, n: f"Every submission has {counted(p['wanted'], 'reviewer')}.",
    "reviews_lacking": lambda p, n: (
        f"{counted(p['submissions'], 'submission')} of {p['of']} lack {counted(p['reviews'], 'review')} in all."
    ),
    "submission_lacking": _lacking,
    "loads_even": lambda p, n: f"Every reviewer has {_range(p['least'], p['most'])}.",
    "loads_uneven": lambda p, n: (
        f"Reviewers have {p['least']} to {p['most']} reviews: more equal loads are not possible with who may "
        "review what and what was assigned before."
    ),
    "kept_assignments": lambda p, n: (
        f"{counted(p['count'], 'assignment')} made before {'was' if p['count'] == 1 else 'were'} kept."
    ),
    "more_than_asked": lambda p, n: (
        f"The submission by {listed(n)} keeps {p['has']} reviewers, more than the {p['wanted']} asked."
    ),
    "reassigned": lambda p, n: f"{counted(p['count'], 'unfinished review')} of people who left went to others.",
    "not_reassigned": lambda p, n: (
        f"{counted(p['count'], 'unfinished review')} of people who left found nobody else who may do it."
    ),
}  # fmt: skip
