"""Peer review: per submission and criterion what the reviews came to, made of the records that facilitators see.

So drafts are in nobody's export, a review is when it is submitted, and a result when reviewing is over (RV12, RV15).
"""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, Field

from rooms.events.review import Blind, Criterion, Phase
from rooms.ids import ReviewRoundId, SubmissionId
from rooms.review_records import AssignmentRecord, ReviewResultRecord, ReviewRoundRecord, SubmissionRecord
from rooms.state import WorkshopState
from server.export.people import Named, named
from server.export.records import seen
from server.export.tables import Row

HEADER: Final = (
    "round_id", "round", "phase", "submission_id", "authors", "author_ids", "reviews", "criterion_id", "criterion",
    "count", "median", "lowest", "highest", "spread", "overall_percent", "agreement_percent",
)  # fmt: skip


class ReviewedSubmission(BaseModel):
    submission_id: SubmissionId
    authors: list[Named]
    text: str
    link: str
    file_name: str
    result: ReviewResultRecord | None = Field(description="When reviewing is over.")
    reviews: list[AssignmentRecord] = Field(description="Assigned; with marks once submitted.")


class ReviewedRound(BaseModel):
    round_id: ReviewRoundId
    title: str
    phase: Phase
    blind: Blind
    revealed: bool
    criteria: list[Criterion]
    submissions: list[ReviewedSubmission]


class ReviewsExport(BaseModel):
    workshop_id: str
    title: str
    rounds: list[ReviewedRound]


def reviews_of(state: WorkshopState) -> ReviewsExport:
    rounds = [_round(state, round_id) for round_id in state.review_rounds]
    return ReviewsExport(
        workshop_id=state.workshop_id, title=state.title, rounds=[each for each in rounds if each is not None]
    )


def _round(state: WorkshopState, round_id: ReviewRoundId) -> ReviewedRound | None:
    record = seen(state, f"review_round:{round_id}", ReviewRoundRecord)
    if record is None:
        return None
    found = state.review_rounds[round_id]
    submissions = []
    for submission_id in found.submissions:
        work = seen(state, f"submission:{submission_id}", SubmissionRecord)
        if work is None:
            continue
        reviews = [
            seen(state, f"assignment:{review_id}", AssignmentRecord)
            for review_id in sorted(found.reviews_of.get(submission_id, ()))
        ]
        submission = ReviewedSubmission(
            submission_id=submission_id,
            authors=[named(state, who) for who in work.author_ids],
            text=work.text,
            link=work.link,
            file_name=work.file_name,
            result=seen(state, f"review_result:{submission_id}", ReviewResultRecord),
            reviews=[each for each in reviews if each is not None],
        )
        submissions.append(submission)
    return ReviewedRound(
        round_id=round_id,
        title=record.settings.title,
        phase=record.phase,
        blind=record.settings.blind,
        revealed=record.revealed,
        criteria=list(record.criteria),
        submissions=submissions,
    )


def rows(found: ReviewsExport) -> Iterator[Row]:
    """A line a submission and criterion that has scores; a submission without has one, too."""
    for each in found.rounds:
        titles = {criterion.criterion_id: criterion.title for criterion in each.criteria}
        for work in each.submissions:
            authors = (
                "; ".join(who.name for who in work.authors),
                " ".join(who.participant_id for who in work.authors),
            )
            begin = (each.round_id, each.title, each.phase, work.submission_id, *authors)
            result = work.result
            if result is None or not result.criteria:
                yield (*begin, None if result is None else result.reviews, *[None] * 9)
                continue
            for item in result.criteria:
                yield (
                    *begin, result.reviews, item.criterion_id, titles[item.criterion_id],
                    item.count, item.median, item.lowest, item.highest, item.spread,
                    result.overall_percent, result.agreement_percent,
                )  # fmt: skip
