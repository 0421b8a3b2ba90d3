"""Ballots: what each kind of poll takes as an answer, and how answers are counted. Rules PO9 to PO16 in SPEC.md.

A tally is kept up to date ballot by ballot (`Tally.add` with a count of +1 or -1), so that a vote costs what it changes and the
numbers are always those of the ballots there are.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rooms import limits
from rooms.commands.polls import CastBallot
from rooms.errors import Rejected
from rooms.events.polls import PollContent, PollKind, PollOption, PollScale, PollSetup
from rooms.ids import AnswerId, OptionId, PollId, RoomId, derive
from rooms.text import JOINERS, cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """An answer as it counts. `room_id`: where it was cast, for polls that are counted by rooms."""

    option_ids: tuple[OptionId, ...] = ()
    value: int | None = None
    text: str = ""
    room_id: RoomId | None = None
    answer_id: AnswerId | None = None

    @property
    def answer(self) -> tuple[tuple[OptionId, ...], int | None, str]:
        """What is said, without where it was said."""
        return self.option_ids, self.value, self.text


@dataclass(slots=True)
class Tally:
    """Numbers of ballots. Which of the parts are used depends on the kind of poll."""

    ballots: int = 0
    counts: dict[OptionId, int] = field(default_factory=dict)
    """Ballots that chose an option; in a ranking, that put it first."""
    scores: dict[OptionId, int] = field(default_factory=dict)
    """Ranking: Borda points, n - 1 for the first of n options, 0 for the last and for those left out."""
    values: dict[int, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    right: int = 0
    """Quiz: ballots that are exactly right."""

    def add(self, content: PollContent, ballot: Ballot, by: int) -> None:
        """Count a ballot (`by` 1) or take it away (-1)."""
        self.ballots += by
        chosen = ballot.option_ids[:1] if content.kind == "ranking" else ballot.option_ids
        for option_id in chosen:
            self.counts[option_id] += by
        if content.kind == "ranking":
            for place, option_id in enumerate(ballot.option_ids):
                self.scores[option_id] += by * (len(content.options) - 1 - place)
        if ballot.value is not None:
            self.values[ballot.value] += by
        if content.kind == "words":
            for word in ballot.text.split("\n"):
                self.words[word] = self.words.get(word, 0) + by
                if not self.words[word]:
                    del self.words[word]
        if content.kind == "quiz":
            self.right += by * (set(ballot.option_ids) == set(content.right_ids))


def empty_tally(content: PollContent) -> Tally:
    """Every option and every value with zero ballots."""
    options = [option.option_id for option in content.options]
    scale = content.scale
    return Tally(
        counts=dict.fromkeys(options, 0),
        scores=dict.fromkeys(options, 0) if content.kind == "ranking" else {},
        values={} if scale is None else dict.fromkeys(range(scale.low, scale.high + 1), 0),
    )


def mean(values: Mapping[int, int]) -> float | None:
    """The mean of a distribution, to two places; None of nothing."""
    number = sum(values.values())
    return round(sum(value * count for value, count in values.items()) / number, 2) if number else None


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────
def checked_content(setup: PollSetup, poll_id: PollId, entropy: bytes) -> PollContent:
    """What a poll asks, or `Rejected`."""
    question = cleaned(setup.question, "question", limits.MAX_QUESTION_CHARS, rule="PO2")
    if setup.duration_ms is not None:
        checked_duration(setup.duration_ms)
    options = _options(setup, entropy)
    least, most = _choices(setup, len(options))
    if setup.kind != "quiz" and (setup.right or setup.explanation):
        raise Rejected("not_a_quiz", "Only a quiz has right answers and an explanation.", rule="PO14")
    if setup.target == "groups" and setup.kind in ("text", "words"):
        message = "A group agrees on a choice or a number; ask it for text by handing in work instead."
        raise Rejected("kind_of_groups", message, rule="PO16")
    return PollContent(
        poll_id=poll_id,
        question=question,
        kind=setup.kind,
        options=options,
        anonymous=setup.anonymous,
        min_choices=least,
        max_choices=most,
        scale=_scale(setup),
        right_ids=_right(setup, options),
        explanation=cleaned(setup.explanation, "explanation", limits.MAX_TASK_CHARS, rule="PO14", may_be_empty=True),
        target=setup.target,
        duration_ms=setup.duration_ms,
        results=setup.results,
    )


def checked_duration(duration_ms: int) -> None:
    if not 1_000 <= duration_ms <= limits.MAX_BREAKOUT_MS:
        message = f"A poll of {duration_ms} ms was asked for; between 1 second and 24 hours is possible."
        raise Rejected("duration", message, rule="PO17")


_WITH_OPTIONS: tuple[PollKind, ...] = ("single", "multiple", "ranking", "quiz")


def _options(setup: PollSetup, entropy: bytes) -> tuple[PollOption, ...]:
    if setup.kind not in _WITH_OPTIONS:
        if setup.options:
            raise Rejected("option_count", f"A poll of the kind {setup.kind} has no options.", rule="PO2")
        return ()
    if not 2 <= len(setup.options) <= limits.MAX_OPTIONS:
        message = f"The poll has {len(setup.options)} options; between 2 and {limits.MAX_OPTIONS} are needed."
        raise Rejected("option_count", message, rule="PO2")
    texts = [cleaned(text, "option", limits.MAX_OPTION_CHARS, rule="PO2") for text in setup.options]
    if len(set(texts)) < len(texts):
        raise Rejected("options_repeat", "Two options have the same text; make each different.", rule="PO2")
    return tuple(
        PollOption(option_id=OptionId(derive("o", entropy, index)), text=text) for index, text in enumerate(texts)
    )


def _choices(setup: PollSetup, options: int) -> tuple[int, int]:
    match setup.kind:
        case "multiple":
            least, most, of = 1, options, options
        case "ranking":
            least, most, of = options, options, options
        case "words":
            least, most, of = 1, 3, limits.MAX_WORDS
        case "quiz":
            least, most, of = 1, 1 if len(setup.right) == 1 else options, options
        case _:
            least, most, of = 1, 1, 1
    least = least if setup.min_choices is None else setup.min_choices
    most = most if setup.max_choices is None else setup.max_choices
    if setup.kind == "ranking" and setup.min_choices is None:
        least = min(least, most)
    if not 1 <= least <= most <= of:
        message = (
            f"From {least} to {most} choices were asked for; 1 to {of} are possible, the least not above the most."
        )
        raise Rejected("choice_limits", message, rule="PO9")
    return least, most


def _scale(setup: PollSetup) -> PollScale | None:
    if setup.kind != "scale":
        if setup.scale is not None:
            raise Rejected("scale", "Only a poll of the kind scale has a scale.", rule="PO10")
        return None
    scale = setup.scale or PollScale()
    if not scale.low < scale.high or scale.high - scale.low > limits.MAX_SCALE_STEPS:
        message = (
            f"A scale from {scale.low} to {scale.high} was asked for; "
            f"it must go upwards, by at most {limits.MAX_SCALE_STEPS} steps."
        )
        raise Rejected("scale", message, rule="PO10")
    if abs(scale.low) > limits.MAX_SCALE_VALUE or abs(scale.high) > limits.MAX_SCALE_VALUE:
        message = f"A scale's numbers are between {-limits.MAX_SCALE_VALUE} and {limits.MAX_SCALE_VALUE}."
        raise Rejected("scale", message, rule="PO10")

    def label(text: str) -> str:
        return cleaned(text, "label", limits.MAX_OPTION_CHARS, rule="PO10", may_be_empty=True)

    return PollScale(
        low=scale.low, high=scale.high, low_label=label(scale.low_label), high_label=label(scale.high_label)
    )


def _right(setup: PollSetup, options: tuple[PollOption, ...]) -> tuple[OptionId, ...]:
    if setup.kind != "quiz":
        return ()
    if not setup.right or not all(0 <= index < len(options) for index in setup.right):
        message = f"A quiz needs right answers: indexes of its options, from 0 to {len(options) - 1}."
        raise Rejected("right_answers", message, rule="PO14")
    return tuple(options[index].option_id for index in sorted(set(setup.right)))


# ── what is answered ─────────────────────────────────────────────────────────────────────────────────────────────────
def checked_ballot(content: PollContent, command: CastBallot, room_id: RoomId | None) -> Ballot:
    """The answer as it will count, or `Rejected`."""
    given = {"option_ids": bool(command.option_ids), "value": command.value is not None, "text": bool(command.text)}
    needed, check = _CHECKS[content.kind]
    unexpected = [name for name, is_given in given.items() if is_given and name != needed]
    if unexpected:
        message = f"A poll of the kind {content.kind} takes `{needed}`, not `{unexpected[0]}`."
        raise Rejected("answer_kind", message, rule="PO4")
    ballot = check(content, command)
    return ballot if content.target == "workshop" else _at(ballot, room_id)


def _at(ballot: Ballot, room_id: RoomId | None) -> Ballot:
    return Ballot(option_ids=ballot.option_ids, value=ballot.value, text=ballot.text, room_id=room_id)


def _choice(content: PollContent, command: CastBallot) -> Ballot:
    known = {option.option_id for option in content.options}
    for option_id in command.option_ids:
        if option_id not in known:
            raise Rejected("unknown_option", f"This poll has no option with the id {option_id!r}.", rule="PO5")
    chosen = command.option_ids
    if len(set(chosen)) < len(chosen):
        raise Rejected("option_twice", "An option was chosen twice; choose each once.", rule="PO9")
    if not content.min_choices <= len(chosen) <= content.max_choices:
        number = (
            f"{content.min_choices}"
            if content.min_choices == content.max_choices
            else f"{content.min_choices} to {content.max_choices}"
        )
        raise Rejected(
            "choice_count", f"This poll takes {number} of its options; {len(chosen)} were given.", rule="PO9"
        )
    if content.kind == "ranking":
        return Ballot(option_ids=chosen)
    # In the poll's order: the order of clicks says nothing.
    return Ballot(option_ids=tuple(option.option_id for option in content.options if option.option_id in chosen))


def _value(content: PollContent, command: CastBallot) -> Ballot:
    scale = content.scale
    assert scale is not None
    if command.value is None or not scale.low <= command.value <= scale.high:
        message = f"This scale goes from {scale.low} to {scale.high}; {command.value} was given."
        raise Rejected("value_out_of_range", message, rule="PO10")
    return Ballot(value=command.value)


def _text(_content: PollContent, command: CastBallot) -> Ballot:
    return Ballot(text=cleaned(command.text, "answer", limits.MAX_ANSWER_CHARS, rule="PO12"))


def _words(content: PollContent, command: CastBallot) -> Ballot:
    words = list(dict.fromkeys(filter(None, map(normalised, _BETWEEN_WORDS.split(command.text)))))
    if not content.min_choices <= len(words) <= content.max_choices:
        message = (
            f"This poll takes {content.min_choices} to {content.max_choices} different words, "
            f"separated by commas; {len(words)} were given."
        )
        raise Rejected("choice_count", message, rule="PO13")
    for word in words:
        if len(word) > limits.MAX_WORD_CHARS:
            message = f"A word has {len(word)} characters; at most {limits.MAX_WORD_CHARS} are allowed."
            raise Rejected("answer_too_long", message, rule="PO13")
    return Ballot(text="\n".join(words))


_BETWEEN_WORDS = re.compile("[,;\\n\u3001\uff0c\uff1b]")
_AROUND_WORDS = "".join(set(JOINERS + " .!?\"'“”„«»()[]{}…。!?「」"))


def normalised(word: str) -> str:
    """A word as it is counted: however it is written, spaced, or quoted, it is the same word."""
    shown = "".join(char for char in unicodedata.normalize("NFKC", word) if char.isprintable() or char in JOINERS)
    return " ".join(shown.casefold().split()).strip(_AROUND_WORDS)


_CHECKS: Mapping[PollKind, tuple[str, Callable[[PollContent, CastBallot], Ballot]]] = {
    "single": ("option_ids", _choice),
    "multiple": ("option_ids", _choice),
    "ranking": ("option_ids", _choice),
    "quiz": ("option_ids", _choice),
    "scale": ("value", _value),
    "text": ("text", _text),
    "words": ("text", _words),
}
