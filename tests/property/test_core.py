"""Random commands over the whole core, and over single families of them, where they get further.

What must hold after every step: replayed state == live state; a rejected command and a decision change nothing (the case checks
it at each command); for every viewer, an old snapshot changed by the batches for its audiences equals a new one; and no viewer has
what it may not know, worked out by `oracle` from the events and not by the code under test.

Two ways: short stories by hypothesis, which shrinks what fails and prints the seed; and long walks from numbered seeds, which
reach states that short stories do not. ATELIER_EXAMPLES and ATELIER_STEPS say how many and how far.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from rooms.commands.people import DropAllConnections
from rooms.commands.workshop import CloseWorkshop
from rooms.ids import SYSTEM
from tests.property.any_command import COMMANDS, FAMILIES, any_command
from tests.property.machine import PEOPLE, Machine

OPEN_ENDED = tuple(each for each in COMMANDS if each is not CloseWorkshop)


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
    max_examples=int(os.environ.get("ATELIER_EXAMPLES", "150")),
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
@pytest.mark.parametrize("family", ["lobby", "stage", "breakouts", "polls", "questions", "agenda"])
def test_long_walks(family: str, seed: int) -> None:
    if family in ("lobby", "stage"):
        families: tuple[str, ...] = ("people", family)
    elif family == "polls":
        families = ("people", "breakouts", family, family)
    else:
        families = ("people", "chat", family, family)
    walk(seed, families, int(os.environ.get("ATELIER_STEPS", "600")))
