"""The agenda."""

from typing import Literal

from rooms.events.agenda import AgendaSheet
from rooms.ids import StepId
from rooms.messages import message


@message
class SetAgenda(AgendaSheet):
    """Take a run sheet in place of the one before. While one runs, what is done or running stays. No steps: there is none."""

    type: Literal["SetAgenda"] = "SetAgenda"


@message
class StartAgenda:
    """Start the first step; the plan's times count from now."""

    anyway: bool = False
    """Also without what the step needs, if that cannot be opened."""
    type: Literal["StartAgenda"] = "StartAgenda"


@message
class NextStep:
    """End the step that runs and start the next one that is not skipped; after the last the agenda is over."""

    from_id: StepId | None = None
    """The step that is to end. If it has ended already (somebody else was quicker), this is refused."""
    anyway: bool = False
    type: Literal["NextStep"] = "NextStep"


@message
class PreviousStep:
    """Go back to the step before. What it had is opened again."""

    from_id: StepId | None = None
    anyway: bool = False
    type: Literal["PreviousStep"] = "PreviousStep"


@message
class GoToStep:
    """End the step that runs and start this one. Steps to come that are passed over are skipped."""

    step_id: StepId
    anyway: bool = False
    type: Literal["GoToStep"] = "GoToStep"


@message
class SkipStep:
    """Leave out a step that is to come, or not after all."""

    step_id: StepId
    skip: bool = True
    type: Literal["SkipStep"] = "SkipStep"


@message
class ExtendStep:
    """Give the running step more time, or less. What it opened gets the same."""

    by_ms: int
    type: Literal["ExtendStep"] = "ExtendStep"


@message
class PrepareStep:
    """Make what a step needs now, to look at and change: groups, a poll, a review round. Nothing that runs is touched."""

    step_id: StepId
    type: Literal["PrepareStep"] = "PrepareStep"
