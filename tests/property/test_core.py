"""Random commands over the whole core, and over single families of them, where they get further.

What must hold after every step: replayed state == live state; a rejected command and a decision change nothing (the case checks
it at each command); for every viewer, an old snapshot changed by the batches for its audiences equals a new one; and no viewer has
what it may not know, worked out by `oracle` from the events and not by the code under test.

Two ways: short stories by hypothesis, which shrinks what fails and prints the seed; and long walks from numbered seeds, which
reach states that short stories do not. ATELIER_EXAMPLES and ATELIER_STEPS say how many and how far;
`make properties` takes many of both.
"""

import os
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from rooms.commands.people import DropAllConnections
from rooms.commands.polls import CastBallot, CreatePoll
from rooms.commands.review import (
    AdvanceReviewRound,
    CreateReviewRound,
    DraftWork,
    NewCriterion,
    StartReviewRound,
    SubmitReview,
    WriteMark,
)
from rooms.commands.workshop import CloseWorkshop
from rooms.errors import Rejected
from rooms.events.review import ReviewRoundSettings, Scale
from rooms.ids import API, SYSTEM
from rooms.records import Record
from tests.property.any_command import COMMANDS, FAMILIES, OPEN_ENDED, any_command, neglected
from tests.property.machine import PEOPLE, Machine


class CoreMachine(Machine):
    @rule(seed=st.integers(0, 2**32))
    def anything(self, seed: int) -> None:
        self.attempt(*any_command(Random(seed), self.workshop.state, COMMANDS if seed % 40 == 39 else OPEN_ENDED))

    @rule(seed=st.integers(0, 2**32), family=st.sampled_from(sorted(FAMILIES.keys() - {"workshop"})))
    def one_of(self, seed: int, family: str) -> None:
        self.attempt(*any_command(Random(seed), self.workshop.state, FAMILIES[family]))

    @rule()
    def restart(self) -> None:
        self.attempt(SYSTEM, DropAllConnections())


CoreMachine.TestCase.settings = settings(
    max_examples=int(os.environ.get("ATELIER_EXAMPLES", "60")),
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
TestCore = CoreMachine.TestCase


def walk(seed: int, families: tuple[str, ...], steps: int) -> Machine:
    """A long story: mostly commands of some families, now and then somebody coming, going, or time passing."""
    machine, draw = CoreMachine(), Random(seed)
    machine.create(seed)
    chosen = [each for family in families for each in FAMILIES[family] if each is not CloseWorkshop]
    for step in range(steps):
        luck = draw.random()
        if luck < 0.8:
            machine.attempt(*any_command(draw, machine.workshop.state, chosen if draw.random() < 0.8 else OPEN_ENDED))
        elif luck < 0.92:
            machine.connect(draw.choice(sorted(PEOPLE)), draw.randint(0, 2))
        elif luck < 0.94:
            machine.disconnect(draw.choice(sorted(PEOPLE)), draw.randint(0, 2))
        else:
            machine.time_passes(draw.choice((0, 1_000, 7_000, 20_000)))
        machine.everybody_is_in_one_place()
        machine.who_belongs_where_is_kept_both_ways()
        machine.a_room_says_what_all_its_learners_say()
        if draw.random() < 0.2:
            machine.flush()
            machine.resume(draw.choice(sorted(PEOPLE)), draw.randint(0, 200))
        if step % 100 == 99:
            machine.replay_equals_live()
    machine.flush()
    machine.replay_equals_live()
    return machine


@pytest.mark.parametrize("seed", range(int(os.environ.get("ATELIER_WALKS", "3"))))
@pytest.mark.parametrize("family", ["lobby", "stage", "breakouts", "polls", "questions", "agenda", "review"])
def test_long_walks(family: str, seed: int) -> None:
    if family in ("lobby", "stage"):
        families: tuple[str, ...] = ("people", family)
    elif family == "polls":
        families = ("people", "breakouts", family, family)
    else:
        families = ("people", "chat", family, family)
    walk(seed, families, int(os.environ.get("ATELIER_STEPS", "350")))


# ── what the stories reach ───────────────────────────────────────────────────────────────────────────────────────────
def test_every_command_is_carried_out_somewhere_in_a_story() -> None:
    """From fixed seeds; prints what never was. A new command needs nothing but to be in `ClientCommand`."""
    accepted: Counter[str] = Counter()
    refused: dict[str, Counter[str]] = defaultdict(Counter)
    seeds = range(int(os.environ.get("ATELIER_COVERAGE_STORIES", "18")))
    for seed in seeds:
        machine, draw = CoreMachine(), Random(seed)
        machine.create(seed)
        _prelude(machine, seed)
        for step in range(400):
            if step % 60 == 0:  # the story stays with one matter for a while, or it gets nowhere
                family = draw.choice(sorted(FAMILIES)) if step else "review"
                matter = tuple(each for each in FAMILIES[family] if each in OPEN_ENDED)
            luck = draw.random()
            if luck < 0.1:
                machine.connect(draw.choice(sorted(PEOPLE)), draw.randint(0, 2))
            elif luck < 0.14:
                machine.time_passes(draw.choice((0, 1_000, 7_000)))
            else:
                types = matter * (luck < 0.7) or (neglected(draw, accepted) if luck < 0.85 else OPEN_ENDED)
                _try(machine, any_command(draw, machine.workshop.state, types), accepted, refused)
        machine.flush()
        _try(machine, (API, CloseWorkshop()), accepted, refused)
        machine.flush()
        machine.replay_equals_live()
        if all(accepted[each.__name__] for each in COMMANDS):
            break
    never = {each.__name__: dict(refused[each.__name__]) for each in COMMANDS if not accepted[each.__name__]}
    print(f"seeds {seeds}; least often: {accepted.most_common()[-10:]}; never, and why: {never}")
    assert never == {}, "these were never carried out; what they were refused for stands beside them"


def _prelude(machine: CoreMachine, seed: int) -> None:
    """A story begins where it takes luck to get to: an open question has answers; reviews are written, or (odd seeds) given back."""
    do, learners = machine.workshop.do, ("l0", "l1", "l2")
    do("fay", CreatePoll(kind="text", question="Why?", options=(), open=True))
    poll_id = next(iter(machine.workshop.state.polls))
    rubric = (NewCriterion(title="Clarity", scale=Scale(least=1, most=3)),)
    do("fay", CreateReviewRound(settings=ReviewRoundSettings(title="Round", reviews_each=1), criteria=rubric))
    round_id = next(iter(machine.workshop.state.review_rounds))
    do("fay", StartReviewRound(round_id=round_id))
    for who in learners:
        do(who, CastBallot(poll_id=poll_id, text=f"Because {who}"))
        do(who, DraftWork(round_id=round_id, text=f"By {who}"))
    do("fay", AdvanceReviewRound(round_id=round_id))
    found = machine.workshop.state.review_rounds[round_id]
    for review in found.reviews.values():
        mark = WriteMark(review_id=review.review_id, criterion_id=next(iter(found.criteria)), score=2)
        do(review.reviewer_id, mark)
        if seed % 2:
            do(review.reviewer_id, SubmitReview(review_id=review.review_id))
    if seed % 2:
        do("fay", AdvanceReviewRound(round_id=round_id))


def _try(
    machine: CoreMachine, given: tuple[str, Any], accepted: Counter[str], refused: dict[str, Counter[str]]
) -> None:
    who, command = given
    try:
        happened = machine.workshop.do(who, command)
    except Rejected as refusal:
        refused[command.type][refusal.code] += 1
    else:
        accepted[command.type] += bool(happened)


PUBLIC = frozenset({"workshop", "participant", "room", "breakouts", "attendance_session"})
"""Kinds of records that anybody inside may have."""


def test_the_oracles_know_every_kind_of_record() -> None:
    """A record that no oracle names could go to anybody unnoticed: judge it there, or say here that it is for all."""
    told = "".join(path.read_text() for path in Path(__file__).parent.glob("*oracle.py"))
    judged = {each.__dataclass_fields__["kind"].default for each in get_args(Record) if f"{each.__name__}(" in told}
    kinds = {each.__dataclass_fields__["kind"].default for each in get_args(Record)}
    assert kinds - judged - PUBLIC == set()
    assert judged & PUBLIC == set()
