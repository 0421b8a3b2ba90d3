"""What one person takes from a workshop (rule AT15): what they missed, answered wrong, still owe, asked, and were told about their work.

For a follow-up quiz or a coach to start from. Everything in it is what the person may know at that moment: feedback and results are the records they see, so
blind reviews stay blind, and the key of a quiz is told when everybody may know it. A reader who is not the person (a facilitator, a
programme) gets the same less what only the person may know: nothing of anonymous polls before they count (AT5) and never an answer in one, no
question asked anonymously.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, TypeVar

from pydantic import BaseModel, Field

from rooms.attendance import AttendanceReport, ParticipationReport, participation_of, participation_of_unseen, report_of
from rooms.attendance import unseen as unseen_reports
from rooms.events.review import Criterion, Phase
from rooms.ids import OptionId, ParticipantId, QuestionId, ReviewId, ReviewRoundId, SubmissionId
from rooms.question_records import QuestionStatus
from rooms.records import person_audience
from rooms.review.lookup import may_submit_review
from rooms.review.reviewing import missing
from rooms.review_records import FeedbackRecord, ReviewResultRecord, SubmissionRecord
from rooms.review_state import Review, ReviewRound
from rooms.state import WorkshopState
from rooms.views import render
from server.export.missed import AskedPoll, Missed, Reading, asked, missed_by

R = TypeVar("R")


class WrongAnswer(AskedPoll):
    answered_ids: list[OptionId]


class Quizzes(BaseModel):
    """Of those that are closed and whose key may be told."""

    answered: int
    right: int
    wrong: list[WrongAnswer]


class DueReview(BaseModel):
    review_id: ReviewId
    round_id: ReviewRoundId
    round_title: str
    submission_id: SubmissionId
    own: bool = Field(description="Of their own work.")
    status: Literal["due", "not_done"] = Field(description="Whether it can still be done.")
    missing: list[str] = Field(description="Titles of the criteria that lack what they need.")


class Feedback(BaseModel):
    """On a submission of theirs; `reviews` and `result` once the time for reviewing is over."""

    round_id: ReviewRoundId
    round_title: str
    phase: Phase
    criteria: list[Criterion]
    submission: SubmissionRecord
    result: ReviewResultRecord | None
    reviews: list[FeedbackRecord] = Field(description="In the order of their ids, which are drawn.")


class AskedQuestion(BaseModel):
    question_id: QuestionId
    text: str
    anonymous: bool
    status: QuestionStatus
    answer: str = Field(description="Of the question it was merged into, if it was.")


class LearnerSummary(BaseModel):
    """`participant_id` is null for somebody of the roster who never came, and missed everything."""

    participant_id: ParticipantId | None
    attendance: AttendanceReport
    participation: ParticipationReport
    missed: Missed
    quizzes: Quizzes
    reviews_due: list[DueReview]
    feedback: list[Feedback]
    questions: list[AskedQuestion]


class LearnerSummaryExport(BaseModel):
    workshop_id: str
    title: str
    at_ms: int = Field(description="Until when people who are there count as present, Unix milliseconds.")
    final: bool = Field(description="Whether the workshop has ended.")
    summary: LearnerSummary


class LearnerSummariesExport(BaseModel):
    workshop_id: str
    title: str
    at_ms: int = Field(description="Until when people who are there count as present, Unix milliseconds.")
    final: bool = Field(description="Whether the workshop has ended.")
    learners: list[LearnerSummary]
    next: int | None = Field(description="Give this as `after` to go on; null at the end.")


def summary_export(state: WorkshopState, who: ParticipantId, now_ms: int, *, own: bool) -> LearnerSummaryExport | None:
    """One person's summary; None for somebody who was never here."""
    summary = _Summaries(state, now_ms).of(who, own=own)
    if summary is None:
        return None
    return LearnerSummaryExport(
        workshop_id=state.workshop_id,
        title=state.title,
        at_ms=now_ms,
        final=state.status == "closed",
        summary=summary,
    )


def summaries_export(state: WorkshopState, now_ms: int, *, after: int, limit: int) -> LearnerSummariesExport:
    """Learners in the order they first came, then those of the roster who never came; `after` of them are passed over."""
    summaries = _Summaries(state, now_ms)
    came = [who for who, person in state.attendance.people.items() if person.role == "learner"]
    here = [found for who in came[after : after + limit] if (found := summaries.of(who, own=False)) is not None]
    absent = summaries.unseen(max(0, after - len(came)), limit - len(here))
    total = len(came) + sum(entry.participant_id is None for entry in state.roster.entries.values())
    return LearnerSummariesExport(
        workshop_id=state.workshop_id,
        title=state.title,
        at_ms=now_ms,
        final=state.status == "closed",
        learners=[*here, *absent],
        next=after + limit if after + limit < total else None,
    )


class _Summaries:
    """Summaries of one moment. What people owe is sorted by person once, so that many summaries cost one look at each review."""

    def __init__(self, state: WorkshopState, now_ms: int) -> None:
        self._state = state
        self._now_ms = now_ms
        self._owed: defaultdict[ParticipantId, list[tuple[ReviewRound, Review]]] = defaultdict(list)
        for found in state.review_rounds.values():
            for review in found.reviews.values():
                if not review.submitted:
                    self._owed[review.reviewer_id].append((found, review))

    def of(self, who: ParticipantId, *, own: bool) -> LearnerSummary | None:
        attendance = report_of(self._state, who, self._now_ms)
        participation = participation_of(self._state, who, self._now_ms)
        if attendance is None or participation is None:
            return None
        return self._made(Reading(self._state, who, self._now_ms, own), attendance, participation)

    def unseen(self, after: int, limit: int) -> list[LearnerSummary]:
        """Those of the roster who never came."""
        if limit <= 0:
            return []
        pairs = zip(
            unseen_reports(self._state, self._now_ms), participation_of_unseen(self._state, self._now_ms), strict=True
        )
        reading = Reading(self._state, None, self._now_ms, own=False)
        return [self._made(reading, *each) for each in islice(pairs, after, after + limit)]

    def _made(
        self, reading: Reading, attendance: AttendanceReport, participation: ParticipationReport
    ) -> LearnerSummary:
        who = reading.who
        return LearnerSummary(
            participant_id=who,
            attendance=attendance,
            participation=participation,
            missed=missed_by(reading),
            quizzes=_quizzes(reading),
            reviews_due=[] if who is None else [self._due(*each) for each in self._owed[who]],
            feedback=[] if who is None else list(_feedback(self._state, who)),
            questions=[] if who is None else list(_questions(reading)),
        )

    def _due(self, found: ReviewRound, review: Review) -> DueReview:
        can_be_done = found.phase == "read" or may_submit_review(found, review.reviewer_id, self._now_ms)
        return DueReview(
            review_id=review.review_id,
            round_id=found.round_id,
            round_title=found.settings.title,
            submission_id=review.submission_id,
            own=review.own,
            status="due" if can_be_done else "not_done",
            missing=[found.criteria[each].title for each in missing(found, review)],
        )


def _quizzes(reading: Reading) -> Quizzes:
    """Answers in an anonymous quiz are the person's own to read."""
    answered, wrong = 0, []
    for poll in reading.state.polls.values():
        ballot = None if reading.who is None else poll.ballots.get(reading.who)
        if poll.content.kind != "quiz" or poll.status != "closed" or ballot is None or not reading.knows_key(poll):
            continue
        if poll.content.anonymous and not reading.own:
            continue
        answered += 1
        if set(ballot.option_ids) != set(poll.content.right_ids):
            wrong.append(WrongAnswer(**dict(asked(reading, poll)), answered_ids=list(ballot.option_ids)))
    return Quizzes(answered=answered, right=answered - len(wrong), wrong=wrong)


def _feedback(state: WorkshopState, who: ParticipantId) -> Iterator[Feedback]:
    for found in state.review_rounds.values():
        submission_id = found.submission_of.get(who)
        submission = (
            None if submission_id is None else _theirs(state, f"submission:{submission_id}", SubmissionRecord, who)
        )
        if submission_id is None or submission is None:
            continue
        reviews = (
            _theirs(state, f"feedback:{review_id}", FeedbackRecord, who)
            for review_id in sorted(found.reviews_of.get(submission_id, ()))
        )
        yield Feedback(
            round_id=found.round_id,
            round_title=found.settings.title,
            phase=found.phase,
            criteria=list(found.criteria.values()),
            submission=submission,
            result=_theirs(state, f"review_result:{submission_id}", ReviewResultRecord, who),
            reviews=[each for each in reviews if each is not None],
        )


def _theirs(state: WorkshopState, key: str, kind: type[R], who: ParticipantId) -> R | None:
    """The record of that key, if it is one that this person sees."""
    shown = render(state, key)
    if shown is None or person_audience(who) not in shown[1] or not isinstance(shown[0], kind):
        return None
    return shown[0]


def _questions(reading: Reading) -> Iterable[AskedQuestion]:
    for question in reading.state.questions.values():
        if question.participant_id == reading.who and (reading.own or not question.anonymous):
            into = question.merged_into
            yield AskedQuestion(
                question_id=question.question_id,
                text=question.text,
                anonymous=question.anonymous,
                status=question.status,
                answer=question.answer if into is None else reading.state.questions[into].answer,
            )
