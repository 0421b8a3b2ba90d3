"""Looks on and notes what goes wrong. Every finding says what happened, to how many, and what would help."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from rooms.agenda.times import current_run, planned_end_ms
from rooms.agenda_state import StepRun
from rooms.errors import Rejected
from rooms.events import Recorded
from rooms.events.agenda import AgendaEnded, BreakoutsStep, ReviewStep, Step, StepEnded, StepHeld, StepStarted
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened
from rooms.events.polls import PollClosed
from rooms.events.review import ReviewPhaseStarted, WorkSubmitted
from rooms.ids import PLENARY, ParticipantId, PollId, ReviewRoundId, RoomId, StepId
from rooms.review_state import ReviewRound
from rooms.state import Participant, WorkshopState
from server.agenda.durations import written
from server.rehearsal.stage import Stage

Severity = Literal["serious", "warning"]
ALONE_S = 120
"""Alone for longer is a finding; a partner's reconnecting and the repair take about 75 s."""
WAITING_S = 120
SPEAK_SERIOUS_S, SPEAK_S = 60, 90
"""Time in a room for each person in it."""
STEP_S = 60
"""For a step of a task."""
FEW_SERIOUS, FEW = 0.5, 0.75
"""Answers, of those who could answer."""
UNFINISHED_SERIOUS, UNFINISHED = 0.3, 0.1
"""Reviews, and works that were taken while they were being written."""
DRIFT_SERIOUS, DRIFT = 0.15, 0.05
"""Of the planned time, and at least 15 and 5 minutes."""
LONG_MS = 90 * 60_000
"""Without a break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    severity: Severity
    code: str
    message: str
    step_id: StepId | None = None
    title: str = ""
    at_ms: int = 0
    """Since the start of the rehearsal."""


@dataclass(slots=True)
class StepReport:
    """How a step went: when it started and ended, and what was done, in words."""

    step_id: StepId
    title: str
    kind: str
    planned_ms: int
    started_ms: int | None = None
    ended_ms: int | None = None
    remarks: list[str] = field(default_factory=list)


class Watcher:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.findings: list[Finding] = []
        self.steps: dict[StepId, StepReport] = {}
        self._alone: dict[RoomId, int] = {}
        self._waiting: dict[ParticipantId, int] = {}
        self._waited: dict[ParticipantId, int] = {}
        self._used: set[RoomId] = set()
        self._phases: dict[ReviewRoundId, str] = {}
        self._taken: Counter[ReviewRoundId] = Counter()
        self._opened_ms: dict[PollId, int] = {}
        self._settled = 0
        stage.listeners.append(self._heard)

    # ── noting ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def find(self, severity: Severity, code: str, message: str, step: Step | None = None) -> None:
        """Note a finding, once for a step and code."""
        run = self._run()
        about = step or (None if run is None else run.step)
        step_id = None if about is None else about.step_id
        if not any((each.code, each.step_id) == (code, step_id) for each in self.findings):
            finding = Finding(
                severity=severity,
                code=code,
                message=message,
                step_id=step_id,
                title="" if about is None else about.title,
                at_ms=self._stage.elapsed_ms,
            )
            self.findings.append(finding)

    def cannot_start(self, step: Step, refused: Rejected) -> None:
        self.find("serious", refused.code, refused.message, step)

    def _run(self) -> StepRun | None:
        agenda = self._stage.state.agenda
        return None if agenda is None else current_run(agenda)

    def _remark(self, text: str) -> None:
        run = self._run()
        if run is not None and run.step.step_id in self.steps:
            self.steps[run.step.step_id].remarks.append(text)

    # ── listening ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _heard(self, recorded: Recorded) -> None:
        match recorded.event:
            case StepStarted() as started:
                self._step_started(started)
            case StepEnded(step_id=step_id):
                self.steps[step_id].ended_ms = self._stage.elapsed_ms
            case StepHeld(problem=problem):
                self.find("serious", problem.code, f"The next step did not start by itself: {problem.message}")
            case AgendaEnded():
                self._agenda_ended()
            case PollClosed(poll_id=poll_id):
                self._poll_closed(poll_id)
            case WorkSubmitted(round_id=round_id, automatic=True):
                self._taken[round_id] += 1
            case ReviewPhaseStarted(round_id=round_id, phase=phase):
                self._phase(self._stage.state.review_rounds[round_id], phase)
            case BreakoutsOpened():
                self._used.clear()
            case BreakoutsClosed():
                self._rooms_closed()
            case _:
                pass
        self._look_at_rooms(recorded)

    def _step_started(self, started: StepStarted) -> None:
        run = self._run()
        assert run is not None
        step = run.step
        report = StepReport(step.step_id, step.title, step.kind, step.duration_ms, self._stage.elapsed_ms)
        self.steps[step.step_id] = report
        for warning in started.warnings:
            serious = warning.code == "too_few_reviewers"
            self.find("serious" if serious else "warning", warning.code, warning.message)
        if isinstance(step, BreakoutsStep) and started.round_id is not None:
            self._rooms_started(step)
        if isinstance(step, ReviewStep):
            self._check_review_time(step)

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _rooms_started(self, step: BreakoutsStep) -> None:
        state = self._stage.state
        if state.breakouts is None:
            return
        sizes = [state.rooms[room_id].learners for room_id in state.breakouts.room_ids]
        ends_at_ms = state.breakouts.ends_at_ms or self._stage.now_ms + step.duration_ms
        seconds = (ends_at_ms - self._stage.now_ms) / 1_000
        self._remark(f"{len(sizes)} rooms" + (f" of {_range(sizes)}" if any(sizes) else " to choose from"))
        each_s = seconds / max(1, *sizes) if sizes else seconds
        if any(sizes) and each_s < SPEAK_S:
            message = (
                f"{max(sizes)} people share a room for {written(round(seconds) * 1_000)}: {round(each_s)} s for each. "
                f"Give more time, or make the rooms smaller; {SPEAK_S} s for each is little already."
            )
            self.find("serious" if each_s < SPEAK_SERIOUS_S else "warning", "too_little_time", message)
        tasks = [state.rooms[room_id].task for room_id in state.breakouts.room_ids]
        most = max((len(task.steps) for task in tasks if task is not None), default=0)
        if most and seconds / most < STEP_S:
            message = (
                f"The task has {most} steps for {written(round(seconds) * 1_000)}; take some out, or give more time."
            )
            self.find("warning", "too_many_steps", message)

    def _look_at_rooms(self, recorded: Recorded) -> None:
        """Who is alone or waits, as of this event; what began earlier and is over is judged."""
        state, now_ms = self._stage.state, recorded.at_ms
        run = self._run()
        ours = state.breakouts is not None and run is not None and run.round_id == state.breakouts.round_id
        alone, waiting = (_alone(state), _waiting(state)) if ours else (set(), set())
        if ours and state.breakouts is not None:
            self._used.update(room_id for room_id in state.breakouts.room_ids if any(_learners(state, room_id)))
        for room_id in [each for each in self._alone if each not in alone]:
            self._was_alone(room_id, now_ms - self._alone.pop(room_id))
        for room_id in alone:
            self._alone.setdefault(room_id, now_ms)
        for who in [each for each in self._waiting if each not in waiting]:
            waited_ms = now_ms - self._waiting.pop(who)
            if waited_ms > WAITING_S * 1_000:
                self._waited[who] = max(self._waited.get(who, 0), waited_ms)
        for who in waiting:
            self._waiting.setdefault(who, now_ms)

    def _was_alone(self, room_id: RoomId, ms: int) -> None:
        if ms <= ALONE_S * 1_000:
            return
        room = self._stage.state.rooms[room_id]
        message = (
            f"Somebody was alone in “{room.name}” for {written(ms // 1_000 * 1_000)}. `repair: automatic` moves people "
            "whose partners have gone; larger rooms lose fewer."
        )
        self.find("serious", "alone", message)

    def _rooms_closed(self) -> None:
        state = self._stage.state
        last = next(reversed(state.rounds.values()), None)
        if last is None or any(room.room_id in state.discussion_rooms for room in last.rooms):
            return
        empty = [room.name for room in last.rooms if room.room_id not in self._used]
        if empty:
            message = f"Nobody was ever in {', '.join(empty[:5])}. Plan fewer rooms, or place people in them."
            self.find("warning" if last.choose else "serious", "empty_room", message)
        waited = {**self._waited}
        for who, since_ms in self._waiting.items():
            if self._stage.now_ms - since_ms > WAITING_S * 1_000:
                waited[who] = self._stage.now_ms - since_ms
        self._waiting.clear()
        self._waited.clear()
        if waited:
            many = len(waited) > 0.25 * max(1, len(list(_present(state))))
            message = (
                f"{_people(len(waited))} waited in the plenary, for up to {written(max(waited.values()) // 1_000 * 1_000)}, "
                "because they came when the rooms were open. `policy: {late: smallest}` finds them a room."
            )
            self.find("serious" if many else "warning", "left_waiting", message)

    # ── polls ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _poll_closed(self, poll_id: PollId) -> None:
        poll = self._stage.state.polls[poll_id]
        groups = poll.content.target == "groups"
        answers = len(poll.group_answers) if groups else len(poll.ballots)
        eligible = poll.closed_eligible if groups else max(answers, poll.closed_eligible - 1)  # not the facilitator
        self._remark(f"{answers} of {eligible} answered")
        share = answers / eligible if eligible else 0.0
        if share < FEW:
            message = (
                f"{answers} of {eligible} {'rooms' if groups else 'people'} answered “{poll.content.question[:60]}”. "
                "Leave it open longer, or ask for less."
            )
            self.find("serious" if share < FEW_SERIOUS else "warning", "few_answers", message)

    # ── reviews ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _check_review_time(self, step: ReviewStep) -> None:
        times = step.review.times
        phases = (times.submit_ms, times.read_ms, times.review_ms, times.discuss_ms, times.feedback_ms)
        total = sum(ms or 0 for ms in phases)
        if total > step.duration_ms:
            message = (
                f"Its phases take {written(total)}, the step has {written(step.duration_ms)}; a discussion takes its time "
                "once for every turn. Make the step longer, or the phases shorter."
            )
            self.find("serious", "phases_too_long", message)

    def _phase(self, found: ReviewRound, phase: str) -> None:
        before = self._phases.get(found.round_id, "draft")
        self._phases[found.round_id] = phase
        if before == "submit":
            self._works_taken(found)
        if before == "review":
            self._reviews_over(found)
        if phase == "closed" and before in ("submit", "read", "review"):
            message = f"The round was closed while people were in the phase “{before}”. The step needs more time."
            self.find("serious", "review_cut_short", message)

    def _works_taken(self, found: ReviewRound) -> None:
        learners = len(list(_present(self._stage.state)))
        works, taken = len(found.submissions), self._taken[found.round_id]
        self._remark(f"{works} works of {learners} learners")
        if works and taken / works > UNFINISHED:
            message = f"{taken} of {works} works were taken as they stood, because the time was over; give more time to write."
            severity: Severity = "serious" if taken / works > UNFINISHED_SERIOUS else "warning"
            self.find(severity, "unfinished_works", message)
        if works < (1 - UNFINISHED_SERIOUS) * learners:
            message = f"{works} of {learners} learners had anything to hand in; give more time to write."
            self.find("serious", "few_works", message)
        if any(each.code == "reviews_lacking" for each in found.explanation):
            message = (
                f"Not every work gets {found.settings.reviews_each} reviews: there are too few people who may review it. "
                "Ask for fewer reviews, or loosen group_rule and max_load."
            )
            self.find("serious", "too_few_reviewers", message)

    def _reviews_over(self, found: ReviewRound) -> None:
        missing = found.assigned - found.done
        self._remark(f"{found.done} of {found.assigned} reviews done")
        if found.assigned and missing / found.assigned > UNFINISHED:
            severity: Severity = "serious" if missing / found.assigned > UNFINISHED_SERIOUS else "warning"
            message = (
                f"{missing} of {found.assigned} reviews were not finished when the time was over. Give more time, "
                "or fewer reviews or criteria."
            )
            self.find(severity, "unfinished_reviews", message)

    # ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _agenda_ended(self) -> None:
        agenda = self._stage.state.agenda
        planned_ms = None if agenda is None else planned_end_ms(agenda)
        if agenda is None or planned_ms is None or agenda.started_at_ms is None:
            return
        late_ms, length_ms = self._stage.now_ms - planned_ms, planned_ms - agenda.started_at_ms
        if late_ms > max(300_000, DRIFT * length_ms):
            serious = late_ms > max(900_000, DRIFT_SERIOUS * length_ms)
            message = f"It ends {written(late_ms // 1_000 * 1_000)} later than planned. Leave time between the steps."
            self.find("serious" if serious else "warning", "drift", message, list(agenda.runs.values())[-1].step)

    def finish(self) -> None:
        """What can be said when everything is over."""
        agenda = self._stage.state.agenda
        if agenda is not None and agenda.status != "ended":
            self.find("serious", "not_finished", "The agenda did not come to its end.")
        together_ms = 0
        for run in () if agenda is None else agenda.runs.values():
            together_ms = 0 if run.step.kind == "break" else together_ms + run.step.duration_ms
            if together_ms > LONG_MS:
                message = f"People sit for {written(together_ms)} without a break; put one in before."
                self.find("warning", "no_break", message, run.step)
                break


def _present(state: WorkshopState) -> Iterator[Participant]:
    return (each for each in state.participants.values() if each.role == "learner" and not each.left)


def _learners(state: WorkshopState, room_id: RoomId) -> list[ParticipantId]:
    """Learners in a room who are connected."""
    people = (state.participants[who] for who in state.rooms[room_id].people)
    return [each.participant_id for each in people if each.role == "learner" and each.connections]


def _alone(state: WorkshopState) -> set[RoomId]:
    rooms = () if state.breakouts is None else state.breakouts.room_ids
    return {room_id for room_id in rooms if len(_learners(state, room_id)) == 1}


def _waiting(state: WorkshopState) -> set[ParticipantId]:
    return set(_learners(state, PLENARY))


def _range(sizes: list[int]) -> str:
    least, most = min(sizes), max(sizes)
    return str(most) if least == most else f"{least} to {most}"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
