"""What makes a run sheet valid, and how one takes the place of another (AG1 to AG3)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rooms import limits
from rooms.agenda.opening import check_content, discarded
from rooms.agenda_state import Agenda
from rooms.commands import Stamp
from rooms.commands.agenda import SetAgenda
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.agenda import AgendaSet, BreakoutsStep, PollStep, Step
from rooms.ids import StepId
from rooms.state import WorkshopState
from rooms.text import cleaned

STEP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def decide_set(state: WorkshopState, command: SetAgenda, _stamp: Stamp) -> tuple[Event, ...]:
    before = state.agenda
    kept = past(before)
    if not command.steps and not kept:
        return () if before is None else (*_thrown_away(state, before, ()), _set(before, "", command, ()))
    fresh = checked_steps(command.steps)
    known = {step.step_id for step in kept}
    steps = (*kept, *(step for step in fresh if step.step_id not in known))
    if len(steps) > limits.MAX_AGENDA_STEPS:
        message = f"The agenda has {len(steps)} steps; at most {limits.MAX_AGENDA_STEPS} are possible."
        raise Rejected("too_many_agenda_steps", message, rule="AG1")
    check_references(steps)
    title = cleaned(command.title, "title", limits.MAX_TITLE_CHARS, rule="AG1", may_be_empty=True)
    if before is not None and (before.title, before.show, _steps(before)) == (title, command.show, steps):
        return ()
    lost = () if before is None else tuple(_thrown_away(state, before, steps))
    return (*lost, _set(before, title, command, steps))


def _set(before: Agenda | None, title: str, command: SetAgenda, steps: tuple[Step, ...]) -> AgendaSet:
    version = 1 if before is None else before.version + 1
    return AgendaSet(title=title, show=command.show, steps=steps, version=version)


def _steps(agenda: Agenda) -> tuple[Step, ...]:
    return tuple(run.step for run in agenda.runs.values())


def past(agenda: Agenda | None) -> tuple[Step, ...]:
    """The steps that a new sheet does not change: while the agenda runs, everything up to the running step."""
    if agenda is None or agenda.status != "running" or agenda.current is None:
        return ()
    steps = _steps(agenda)
    return steps[: list(agenda.runs).index(agenda.current) + 1]


def _thrown_away(state: WorkshopState, before: Agenda, steps: Sequence[Step]) -> Iterator[Event]:
    """Drafts of steps that are not there any more, or not as they were."""
    for run in before.runs.values():
        if run.status in ("todo", "skipped") and run.step not in steps:
            yield from discarded(state, run)


# ── what is valid ────────────────────────────────────────────────────────────────────────────────────────────────────
def checked_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with their texts cleaned and every one with an id, or `Rejected`, which names the step."""
    given = {step.step_id for step in steps if step.step_id}
    checked: list[Step] = []
    for number, step in enumerate(steps, 1):
        try:
            done = checked_step(step)
        except Rejected as refused:
            message = f"Step {number} (“{step.title[:60]}”): {refused.message}"
            raise Rejected(refused.code, message, rule=refused.rule) from None
        if not done.step_id:
            taken = given | {each.step_id for each in checked}
            done = replace(done, step_id=made_id(done.title, number, taken))
        elif any(each.step_id == done.step_id for each in checked):
            message = f"Step {number} has the id {done.step_id!r} of an earlier one; give each an id of its own."
            raise Rejected("step_id_repeats", message, rule="AG1")
        checked.append(done)
    return tuple(checked)


def checked_step(step: Step) -> Step:
    """One step by itself, with its texts cleaned, or `Rejected`. Needs no workshop."""
    title = cleaned(step.title, "title", limits.MAX_TITLE_CHARS, rule="AG1")
    notes = cleaned(step.notes, "notes", limits.MAX_NOTES_CHARS, rule="AG1", may_be_empty=True)
    if step.step_id and not STEP_ID.fullmatch(step.step_id):
        message = "The id of a step has 1 to 64 letters, digits, `_` or `-`, and begins with a letter or digit."
        raise Rejected("step_id", message, rule="AG1")
    if not limits.MIN_AGENDA_MS <= step.duration_ms <= limits.MAX_AGENDA_MS:
        message = f"A step of {step.duration_ms} ms was asked for; 1 second to 24 hours is possible."
        raise Rejected("duration", message, rule="AG1")
    check_content(step)
    return replace(step, title=title, notes=notes)


def made_id(title: str, number: int, taken: Iterable[str]) -> StepId:
    """An id that a title suggests: "Vote again!" → `vote-again`."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:48].strip("-") or f"step-{number}"
    made, again = words, 2
    while made in taken:
        made, again = f"{words}-{again}", again + 1
    return StepId(made)


def check_references(steps: Sequence[Step]) -> None:
    """`same_as`, `continues` and `repeats` name an earlier step with rooms or a poll that can be had again."""
    before: dict[StepId, Step] = {}
    for step in steps:
        if isinstance(step, BreakoutsStep):
            for field, named in (("same_as", step.same_as), ("continues", step.continues)):
                if named is not None:
                    _check_reference(steps, before, step, field, named)
        if (
            isinstance(step, PollStep)
            and step.repeats is not None
            and not isinstance(before.get(step.repeats), PollStep)
        ):
            message = f"Step “{step.title}”: repeats names {step.repeats!r}, which is no poll step before it."
            raise Rejected("step_reference", message, rule="AG10")
        before[step.step_id] = step


def _check_reference(
    steps: Sequence[Step], before: dict[StepId, Step], step: BreakoutsStep, field: str, named: StepId
) -> None:
    first = before.get(named)
    if not isinstance(first, BreakoutsStep):
        message = f"Step “{step.title}”: {field} names {named!r}, which is no breakouts step before it."
        raise Rejected("step_reference", message, rule="AG10")
    if field == "same_as":
        return
    if first.breakouts is None and first.jigsaw is None:
        message = f"Step “{step.title}” continues “{first.title}”, which draws no groups of its own."
        raise Rejected("step_reference", message, rule="AG10")
    if first.jigsaw is not None and sum(each.continues == named for each in continuing(steps)) > 1:
        message = f"The jigsaw of “{first.title}” has one second part; two steps continue it."
        raise Rejected("step_reference", message, rule="AG10")


def continuing(steps: Sequence[Step]) -> list[BreakoutsStep]:
    """The steps that continue another."""
    return [step for step in steps if isinstance(step, BreakoutsStep) and step.continues is not None]
