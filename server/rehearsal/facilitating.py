"""The facilitator of a rehearsal: goes by the sheet, and on to the next step when the time is over.

They take a moment at every change (`CHANGE_S`). When a step cannot start they start it anyway, which is a finding. Review phases without a
time of their own share what the timed ones leave of their step.
"""

from rooms.agenda.times import current_run, next_run
from rooms.commands.agenda import NextStep, StartAgenda
from rooms.commands.people import Connect
from rooms.commands.review import AdvanceReviewRound
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.events.agenda import ReviewStep, StepHeld, StepStarted
from rooms.events.review import PhaseTimes, ReviewPhaseStarted
from rooms.ids import ConnectionId, ParticipantId, ReviewRoundId, StepId
from server.rehearsal.stage import Stage
from server.rehearsal.watching import Watcher

WHO = ParticipantId("facilitator")
CHANGE_S = 10
"""From the end of a step to the next one: a sentence, a click."""


class Facilitator:
    def __init__(self, stage: Stage, watcher: Watcher) -> None:
        self._stage = stage
        self._watcher = watcher
        stage.listeners.append(self._heard)

    def come(self) -> None:
        self._stage.do(WHO, Connect(connection_id=ConnectionId("f"), name="Facilitator", role="facilitator"))

    def start(self) -> None:
        self._go(StartAgenda(), StartAgenda(anyway=True))

    def _go(self, command: StartAgenda | NextStep, anyway: StartAgenda | NextStep) -> None:
        agenda = self._stage.state.agenda
        following = None if agenda is None else next_run(agenda)
        try:
            self._stage.do(WHO, command)
        except Rejected as refused:
            if following is not None:
                self._watcher.cannot_start(following.step, refused)
            self._stage.try_to(WHO, anyway)

    def _heard(self, recorded: Recorded) -> None:
        match recorded.event:
            case StepStarted(step_id=step_id, ends_at_ms=ends_at_ms):
                agenda = self._stage.state.agenda
                run = None if agenda is None else agenda.runs[step_id]
                if run is not None and run.step.advance == "manual":
                    over_ms = ends_at_ms - recorded.at_ms + CHANGE_S * 1_000
                    self._stage.later(over_ms, lambda: self._next(step_id))
            case StepHeld(step_id=step_id):
                self._stage.later(CHANGE_S * 1_000, lambda: self._next(step_id))
            case ReviewPhaseStarted(round_id=round_id, ends_at_ms=None, phase=phase) if phase != "closed":
                self._stage.later(self._share_ms(), lambda: self._advance(round_id, phase))
            case _:
                pass

    def _next(self, step_id: StepId) -> None:
        agenda = self._stage.state.agenda
        if agenda is not None and agenda.status == "running" and agenda.current == step_id:
            self._go(NextStep(from_id=step_id), NextStep(from_id=step_id, anyway=True))

    def _share_ms(self) -> int:
        """Of the review step's time, for a phase that has none of its own."""
        agenda = self._stage.state.agenda
        run = None if agenda is None else current_run(agenda)
        if run is None or not isinstance(run.step, ReviewStep):
            return 300_000
        times = phase_times(run.step.review.times)
        free = sum(ms is None for ms in times.values())
        rest_ms = run.step.duration_ms - sum(ms or 0 for ms in times.values())
        return max(30_000, rest_ms // max(1, free))

    def _advance(self, round_id: ReviewRoundId, phase: str) -> None:
        if self._stage.state.review_rounds[round_id].phase == phase:
            self._stage.try_to(WHO, AdvanceReviewRound(round_id=round_id))


def phase_times(times: PhaseTimes) -> dict[str, int | None]:
    """The phases that take place, with their times."""
    found = {
        "submit": times.submit_ms,
        "read": times.read_ms,
        "review": times.review_ms,
        "discuss": times.discuss_ms,
        "feedback": times.feedback_ms,
    }
    return {phase: ms for phase, ms in found.items() if ms != 0}
