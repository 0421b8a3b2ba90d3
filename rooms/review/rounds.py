"""Preparing a round: what makes its settings and its rubric valid (RV1)."""

from collections.abc import Sequence

from rooms.allocation import MAX_REVIEWS_EACH
from rooms.commands import Stamp
from rooms.commands.review import CreateReviewRound
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.review import (
    Anchor,
    Criterion,
    NewCriterion,
    PhaseTimes,
    ReviewRoundCreated,
    ReviewRoundSettings,
    Scale,
)
from rooms.ids import CriterionId, ReviewRoundId, derive
from rooms.limits import MAX_TITLE_CHARS
from rooms.review import limits
from rooms.state import WorkshopState
from rooms.text import cleaned


def decide_create(state: WorkshopState, command: CreateReviewRound, stamp: Stamp) -> tuple[Event, ...]:
    if len(state.review_rounds) >= limits.MAX_REVIEW_ROUNDS:
        raise _refused("too_many_rounds", f"A workshop can have {limits.MAX_REVIEW_ROUNDS} review rounds.")
    return (
        ReviewRoundCreated(
            round_id=ReviewRoundId(derive("rr", stamp.entropy)),
            settings=_settings(command.settings),
            criteria=_criteria(command.criteria, stamp),
        ),
    )


def _refused(code: str, message: str) -> Rejected:
    return Rejected(code, message, rule="RV1")


def _settings(given: ReviewRoundSettings) -> ReviewRoundSettings:
    _check_times(given.times)
    if not 1 <= given.reviews_each <= MAX_REVIEWS_EACH:
        message = f"{given.reviews_each} reviews a submission were asked for; 1 to {MAX_REVIEWS_EACH} are possible."
        raise _refused("reviews_out_of_range", message)
    if given.max_load is not None and given.max_load < 1:
        raise _refused("max_load_out_of_range", "The limit for one person is 1 review or more.")
    hidden_for_good = given.blind != "none" and given.reveal != "after_review"
    if hidden_for_good and given.times.discuss_ms != 0:
        message = "A discussion shows who wrote and who reviewed; leave it out, or reveal the names after the reviews."
        raise _refused("discussion_reveals", message)
    return ReviewRoundSettings(
        title=cleaned(given.title, "title", MAX_TITLE_CHARS, rule="RV1"),
        instructions=cleaned(
            given.instructions, "instructions", limits.MAX_INSTRUCTIONS_CHARS, rule="RV1", may_be_empty=True
        ),
        reviews_each=given.reviews_each,
        group_rule=given.group_rule,
        max_load=given.max_load,
        blind=given.blind,
        reveal=given.reveal,
        self_review=given.self_review,
        times=given.times,
    )


def _check_times(times: PhaseTimes) -> None:
    may_be_left_out = {"read": times.read_ms, "discuss": times.discuss_ms, "feedback": times.feedback_ms}
    for phase, ms in {**may_be_left_out, "submit": times.submit_ms, "review": times.review_ms}.items():
        if ms is None or (ms == 0 and phase in may_be_left_out):
            continue
        if not limits.MIN_PHASE_MS <= ms <= limits.MAX_PHASE_MS:
            message = f"The phase {phase} lasts 1 second to 24 hours, not {ms} ms; null is until it is ended by hand."
            raise _refused("phase_time", message)


def _criteria(given: Sequence[NewCriterion], stamp: Stamp) -> tuple[Criterion, ...]:
    if not 1 <= len(given) <= limits.MAX_CRITERIA:
        message = f"The rubric has {len(given)} criteria; 1 to {limits.MAX_CRITERIA} are possible."
        raise _refused("criteria_count", message)
    criteria = tuple(_criterion(each, CriterionId(derive("c", stamp.entropy, n))) for n, each in enumerate(given))
    if len({criterion.title for criterion in criteria}) < len(criteria):
        raise _refused("criteria_repeat", "Two criteria have the same title; make each different.")
    return criteria


def _criterion(given: NewCriterion, criterion_id: CriterionId) -> Criterion:
    title = cleaned(given.title, "criterion", limits.MAX_CRITERION_CHARS, rule="RV1")
    if given.scale is None and given.comment == "none":
        raise _refused("nothing_to_judge", f"“{title}” has neither a scale nor a comment; give it one of them.")
    if not 0 <= given.weight <= limits.MAX_WEIGHT:
        message = f"The weight of “{title}” is {given.weight}; 0 to {limits.MAX_WEIGHT} are possible."
        raise _refused("weight_out_of_range", message)
    return Criterion(
        criterion_id=criterion_id,
        title=title,
        description=cleaned(
            given.description, "description", limits.MAX_INSTRUCTIONS_CHARS, rule="RV1", may_be_empty=True
        ),
        scale=None if given.scale is None else _scale(given.scale, title),
        weight=given.weight,
        comment=given.comment,
    )


def _scale(given: Scale, title: str) -> Scale:
    if not 0 <= given.least < given.most <= limits.MAX_SCORE:
        message = f"The scale of “{title}” goes from {given.least} to {given.most}; it must rise, within 0 to {limits.MAX_SCORE}."
        raise _refused("scale", message)
    scores = [anchor.score for anchor in given.anchors]
    if len(set(scores)) < len(scores) or not all(given.least <= score <= given.most for score in scores):
        raise _refused(
            "anchors", f"“{title}” must have at most one anchor for a score, and only for scores on its scale."
        )
    return Scale(
        least=given.least,
        most=given.most,
        anchors=tuple(
            Anchor(score=anchor.score, text=cleaned(anchor.text, "anchor", limits.MAX_ANCHOR_CHARS, rule="RV1"))
            for anchor in given.anchors
        ),
    )
