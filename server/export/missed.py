"""What somebody missed (rule AT15): steps of the agenda, breakout rooms, polls, and work to hand in.

Read from the same sums as the attendance: an activity that was not offered to somebody ran while they were away, one that was offered and not done
they left out. A step counts as missed if they were there for less than half of the time it ran (the last time, if it ran more than once). What still
runs, and what a person could not do (polls for groups they were in none of), is nobody's to miss.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from rooms.attendance.folding import joined, offered_to
from rooms.attendance_state import Attendance
from rooms.events.agenda import StepKind
from rooms.events.breakouts import OpenedRoom, RoomTask
from rooms.events.polls import PollKind, PollOption
from rooms.ids import OptionId, ParticipantId, PollId, ReviewRoundId, RoundId, StepId
from rooms.poll_state import Poll
from rooms.polling import key_is_told
from rooms.state import WorkshopState

Why = Literal["away", "not_done"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose summary it is (None: somebody of the roster who never came), until when who is here counts as present, and whether they read it themselves."""

    state: WorkshopState
    who: ParticipantId | None
    now_ms: int
    own: bool

    @property
    def person(self) -> Attendance | None:
        return None if self.who is None else self.state.attendance.people.get(self.who)

    def knows_key(self, poll: Poll) -> bool:
        """Whether the key of a quiz can be told: to the person when everybody may know it, to others when it is closed."""
        return key_is_told(self.state, poll) if self.own else poll.status == "closed"

    def tells(self, poll: Poll) -> bool:
        """Whether it can be told if the person voted in this poll (AT5)."""
        kept = self.state.attendance
        return self.own or not kept.uncounted & (1 << kept.numbers[poll.poll_id])


class MissedStep(BaseModel):
    step_id: StepId
    kind: StepKind
    title: str
    started_at_ms: int
    took_ms: int
    present_ms: int = Field(description="Of it, while this person was there.")


class MissedBreakouts(BaseModel):
    round_id: RoundId
    number: int = Field(description="From 1, of all that were opened in the workshop.")
    why: Why
    room: str | None = Field(description="The name of the room they belonged to; null if there was none.")
    task: RoomTask | None = Field(description="What that room had to do.")


class AskedPoll(BaseModel):
    poll_id: PollId
    question: str
    kind: PollKind
    options: list[PollOption]
    right_ids: list[OptionId] | None = Field(description="Of a quiz, once it may be told; else null.")
    explanation: str = Field(description="Likewise; else empty.")


class MissedPoll(AskedPoll):
    why: Why
    anonymous: bool


class MissedWork(BaseModel):
    round_id: ReviewRoundId
    title: str
    why: Why


class Missed(BaseModel):
    steps: list[MissedStep]
    breakouts: list[MissedBreakouts]
    polls: list[MissedPoll]
    works: list[MissedWork]


def missed_by(reading: Reading) -> Missed:
    """What a learner missed; facilitators and observers miss nothing."""
    person = reading.person
    if person is not None and person.role != "learner":
        return Missed(steps=[], breakouts=[], polls=[], works=[])
    return Missed(
        steps=list(_steps(reading)),
        breakouts=list(_breakouts(reading)),
        polls=list(_polls(reading)),
        works=list(_works(reading)),
    )


def asked(reading: Reading, poll: Poll) -> AskedPoll:
    content = poll.content
    told = content.kind == "quiz" and reading.knows_key(poll)
    return AskedPoll(
        poll_id=poll.poll_id,
        question=content.question,
        kind=content.kind,
        options=list(content.options),
        right_ids=list(content.right_ids) if told else None,
        explanation=content.explanation if told else "",
    )


def _why(reading: Reading, activity: PollId | ReviewRoundId | RoundId) -> Why | None:
    """Why an activity was not done; None if it was."""
    person, kept = reading.person, reading.state.attendance
    if person is None:
        return "away"
    bit = 1 << kept.numbers[activity]
    if person.done & bit:
        return None
    return "not_done" if offered_to(kept, person) & bit else "away"


def _steps(reading: Reading) -> Iterator[MissedStep]:
    agenda = reading.state.agenda
    for step_id, run in {} if agenda is None else agenda.runs.items():
        if run.step.kind == "break" or run.status != "done" or run.started_at_ms is None or run.ended_at_ms is None:
            continue
        present_ms, took_ms = _present(reading, run.started_at_ms, run.ended_at_ms), run.ended_at_ms - run.started_at_ms
        if 2 * present_ms < took_ms:
            yield MissedStep(
                step_id=step_id,
                kind=run.step.kind,
                title=run.step.title,
                started_at_ms=run.started_at_ms,
                took_ms=took_ms,
                present_ms=present_ms,
            )


def _present(reading: Reading, since_ms: int, until_ms: int) -> int:
    """How much of that time they were there."""
    person = reading.person
    if person is None:
        return 0
    stays = person.stays
    if person.stretch is not None and not person.stretch.lost:
        stays = joined(stays, person.stretch.since_ms, reading.now_ms)
    return sum(max(0, min(until_ms, end) - max(since_ms, begin)) for begin, end in stays)


def _breakouts(reading: Reading) -> Iterator[MissedBreakouts]:
    state, kept = reading.state, reading.state.attendance
    running = None if state.breakouts is None else state.breakouts.round_id
    rounds = [RoundId(each) for each, number in kept.numbers.items() if kept.breakouts & (1 << number)]
    for number, round_id in enumerate(rounds, 1):
        why = _why(reading, round_id)
        if why is None or round_id == running:
            continue
        room = _room(reading, round_id)
        yield MissedBreakouts(
            round_id=round_id,
            number=number,
            why=why,
            room=None if room is None else room.name,
            task=None if room is None else room.task,
        )


def _room(reading: Reading, round_id: RoundId) -> OpenedRoom | None:
    past = reading.state.rounds.get(round_id)
    rooms = () if past is None else past.rooms
    belongs = (room for room in rooms if reading.who in room.participant_ids or reading.who in room.expected_ids)
    return next(belongs, None)


def _polls(reading: Reading) -> Iterator[MissedPoll]:
    kept = reading.state.attendance
    for poll in reading.state.polls.values():
        if poll.status != "closed" or poll.content.target == "groups" or poll.poll_id not in kept.numbers:
            continue
        why = _why(reading, poll.poll_id)
        if why is not None and reading.tells(poll):
            yield MissedPoll(**dict(asked(reading, poll)), why=why, anonymous=poll.content.anonymous)


def _works(reading: Reading) -> Iterator[MissedWork]:
    kept = reading.state.attendance
    for round_id, found in reading.state.review_rounds.items():
        if round_id not in kept.numbers or round_id in kept.handing_in:
            continue
        why = _why(reading, round_id)
        if why is not None:
            yield MissedWork(round_id=round_id, title=found.settings.title, why=why)
