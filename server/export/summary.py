"""What a workshop came to, on one page: who was there, who talked how much, how polls and reviews came out, what the agenda took.

For the facilitators' page after the end and for programmes; at any time before, it says how things stand. Made of the attendance (rules AT) and of the records
that facilitators see; of polls the results alone, never who answered what.
"""

from collections import Counter
from collections.abc import Iterable
from statistics import mean

from pydantic import BaseModel, Field

from rooms.agenda_records import StepStatus
from rooms.attendance import AttendanceReport, report_of, unseen
from rooms.attendance.formula import session_length_ms
from rooms.events.agenda import StepKind
from rooms.events.review import Criterion, Phase
from rooms.ids import ReviewRoundId, StepId, SubmissionId
from rooms.review_records import ReviewResultRecord, ReviewRoundRecord, SubmissionRecord
from rooms.roles import HOSTS
from rooms.state import WorkshopState
from server.export.people import Named, named
from server.export.polls import PollResult, result_of
from server.export.records import seen


class AttendanceTotals(BaseModel):
    """Verdicts count learners; those of the roster who never came are absent."""

    came: int = Field(description="People who were ever there, whatever their role.")
    learners: int = Field(description="Learners who were ever there.")
    never_came: int = Field(description="People of the roster who never came.")
    present: int
    partial: int
    absent: int
    mean_percent: float | None = Field(
        description="Of the learners who came, their percentages of the session; null without any."
    )
    objections_open: int = Field(description="Objections that nobody has answered.")


class Talk(BaseModel):
    who: Named
    spoken_ms: int
    share_percent: float = Field(description="Of all that was spoken.")


class StepSummary(BaseModel):
    step_id: StepId
    kind: StepKind
    title: str
    status: StepStatus
    planned_ms: int
    started_at_ms: int | None = Field(description="The last time it ran, Unix milliseconds; null if it never did.")
    took_ms: int | None = Field(description="The last time it ran; null if it never did.")


class SubmissionSummary(BaseModel):
    submission_id: SubmissionId
    authors: list[Named]
    reviews_assigned: int
    reviews_done: int
    result: ReviewResultRecord | None = Field(description="When reviewing is over.")


class ReviewRoundSummary(BaseModel):
    round_id: ReviewRoundId
    title: str
    phase: Phase
    criteria: list[Criterion]
    reviews_assigned: int
    reviews_done: int
    overall_percent: float | None = Field(description="Mean over the submissions that have a result.")
    agreement_percent: float | None = Field(description="Likewise.")
    submissions: list[SubmissionSummary]


class Activity(BaseModel):
    """How often what happened, all people together."""

    messages: int
    hands: int
    questions: int
    questions_answered: int
    help_calls: int
    breakout_rounds: int
    room_works: int


class WorkshopSummary(BaseModel):
    workshop_id: str
    title: str
    at_ms: int = Field(description="Of when this is, Unix milliseconds.")
    final: bool = Field(description="Whether the workshop has ended.")
    began_at_ms: int | None = Field(description="When the first person came.")
    ended_at_ms: int | None = Field(description="When it was closed.")
    session_ms: int = Field(description="What counts as 100 % of attendance; 0 where no session has begun.")
    attendance: AttendanceTotals
    talk: list[Talk] = Field(description="Who was heard, the one who spoke most first.")
    talk_hosts_percent: float | None = Field(description="The facilitators' share of it; null if nobody was heard.")
    activity: Activity
    agenda: list[StepSummary]
    polls: list[PollResult]
    reviews: list[ReviewRoundSummary]


def summary_of(state: WorkshopState, now_ms: int) -> WorkshopSummary:
    kept = state.attendance
    reports = [report for who in kept.people if (report := report_of(state, who, now_ms)) is not None]
    polls = (result_of(state, poll) for poll in state.polls.values())
    rounds = (_round(state, round_id) for round_id in state.review_rounds)
    spoken_ms = sum(each.spoken_ms for each in reports)
    by_hosts_ms = sum(each.spoken_ms for each in reports if each.role in HOSTS)
    return WorkshopSummary(
        workshop_id=state.workshop_id,
        title=state.title,
        at_ms=now_ms,
        final=state.status == "closed",
        began_at_ms=kept.began_at_ms,
        ended_at_ms=kept.closed_at_ms,
        session_ms=session_length_ms(kept, now_ms),
        attendance=_totals(state, reports, now_ms),
        talk=list(_talk(state, reports, spoken_ms)),
        talk_hosts_percent=_percent(by_hosts_ms, spoken_ms) if spoken_ms else None,
        activity=_activity(state),
        agenda=list(_steps(state, now_ms)),
        polls=[each for each in polls if each is not None],
        reviews=[each for each in rounds if each is not None],
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


def _totals(state: WorkshopState, reports: list[AttendanceReport], now_ms: int) -> AttendanceTotals:
    learners = [each for each in reports if each.role == "learner"]
    missing = list(unseen(state, now_ms))
    verdicts = Counter(each.verdict for each in (*learners, *missing))
    percents = [each.percent for each in learners if each.percent is not None]
    people = state.attendance.people.values()
    return AttendanceTotals(
        came=len(reports),
        learners=len(learners),
        never_came=len(missing),
        present=verdicts["present"],
        partial=verdicts["partial"],
        absent=verdicts["absent"],
        mean_percent=_mean(percents),
        objections_open=sum(each.objection is not None and not each.objection.answered for each in people),
    )


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return round(mean(numbers), 1) if numbers else None


def _talk(state: WorkshopState, reports: list[AttendanceReport], spoken_ms: int) -> Iterable[Talk]:
    for each in sorted(reports, key=lambda report: (-report.spoken_ms, str(report.participant_id))):
        if each.spoken_ms and each.participant_id is not None:
            share = _percent(each.spoken_ms, spoken_ms)
            yield Talk(who=named(state, each.participant_id), spoken_ms=each.spoken_ms, share_percent=share)


def _activity(state: WorkshopState) -> Activity:
    """Anonymous questions are counted here, because this is about nobody."""
    people = state.attendance.people.values()
    return Activity(
        messages=sum(each.contributions.messages for each in people),
        hands=sum(each.contributions.hands for each in people),
        questions=len(state.questions),
        questions_answered=sum(each.status == "answered" for each in state.questions.values()),
        help_calls=sum(each.contributions.help_calls for each in people),
        breakout_rounds=state.attendance.breakouts.bit_count(),
        room_works=len(state.works),
    )


def _steps(state: WorkshopState, now_ms: int) -> Iterable[StepSummary]:
    until_ms = state.attendance.closed_at_ms or now_ms  # of a step that ran when the workshop was closed
    for step_id, run in {} if state.agenda is None else state.agenda.runs.items():
        ended_at_ms = until_ms if run.ended_at_ms is None else run.ended_at_ms
        yield StepSummary(
            step_id=step_id,
            kind=run.step.kind,
            title=run.step.title,
            status=run.status,
            planned_ms=run.step.duration_ms,
            started_at_ms=run.started_at_ms,
            took_ms=None if run.started_at_ms is None else ended_at_ms - run.started_at_ms,
        )


def _round(state: WorkshopState, round_id: ReviewRoundId) -> ReviewRoundSummary | None:
    record = seen(state, f"review_round:{round_id}", ReviewRoundRecord)
    if record is None:
        return None
    found = state.review_rounds[round_id]
    submissions = []
    for submission_id in sorted(found.submissions):
        work = seen(state, f"submission:{submission_id}", SubmissionRecord)
        if work is not None:
            result = seen(state, f"review_result:{submission_id}", ReviewResultRecord)
            reviews = [found.reviews[each] for each in found.reviews_of.get(submission_id, ())]
            submissions.append(
                SubmissionSummary(
                    submission_id=submission_id,
                    authors=[named(state, who) for who in work.author_ids],
                    reviews_assigned=len(reviews),
                    reviews_done=sum(each.submitted for each in reviews),
                    result=result,
                )
            )
    results = [each.result for each in submissions if each.result is not None]
    overall = (each.overall_percent for each in results)
    agreement = (each.agreement_percent for each in results)
    return ReviewRoundSummary(
        round_id=round_id,
        title=record.settings.title,
        phase=record.phase,
        criteria=list(record.criteria),
        reviews_assigned=found.assigned,
        reviews_done=found.done,
        overall_percent=_mean(each for each in overall if each is not None),
        agreement_percent=_mean(each for each in agreement if each is not None),
        submissions=submissions,
    )
