"""Who may know what of peer review, worked out from the events alone; a part of `oracle`."""

from dataclasses import dataclass, field

from rooms.events import Event
from rooms.events.review import (
    AssignedReview,
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewRoundCreated,
    ReviewRoundSettings,
    ReviewsAssigned,
    ReviewsWithdrawn,
    WorkDrafted,
    WorkSubmitted,
)
from rooms.ids import ParticipantId, ReviewId, ReviewRoundId, SubmissionId
from rooms.records import Record
from rooms.review_records import (
    AssignmentRecord,
    DiscussionRecord,
    FeedbackRecord,
    MyWorkRecord,
    ReviewedWorkRecord,
    ReviewProgressRecord,
    ReviewRecord,
    ReviewResultRecord,
    ReviewRoundRecord,
    SubmissionRecord,
)


@dataclass
class ReviewOracle:
    settings: dict[ReviewRoundId, ReviewRoundSettings] = field(default_factory=dict)
    started: set[ReviewRoundId] = field(default_factory=set)
    revealed: set[ReviewRoundId] = field(default_factory=set)
    drafts: dict[tuple[ReviewRoundId, ParticipantId], WorkDrafted] = field(default_factory=dict)
    authors: dict[SubmissionId, tuple[ParticipantId, ...]] = field(default_factory=dict)
    reviews: dict[ReviewId, AssignedReview] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        match event:
            case ReviewRoundCreated():
                self.settings[event.round_id] = event.settings
            case ReviewPhaseStarted():
                self.started.add(event.round_id)
            case ReviewNamesRevealed():
                self.revealed.add(event.round_id)
            case WorkDrafted():
                self.drafts[event.round_id, event.author_id] = event
            case WorkSubmitted():
                draft = self.drafts[event.round_id, event.author_id]
                self.authors[event.submission_id] = (draft.author_id, *draft.coauthor_ids)
            case ReviewsAssigned():
                self.reviews.update({each.review_id: each for each in event.reviews})
            case ReviewsWithdrawn():
                for review_id in event.review_ids:
                    del self.reviews[review_id]
            case _:
                pass

    def check(self, who: ParticipantId, runs_it: bool, record: Record) -> None:
        """The record, if it is of peer review, is one this viewer may have."""
        match record:
            case ReviewRoundRecord():
                assert runs_it or record.round_id in self.started
            case ReviewProgressRecord() | AssignmentRecord():
                assert runs_it
            case MyWorkRecord():
                assert record.participant_id == who
            case SubmissionRecord() | ReviewResultRecord():
                assert runs_it or who in self.authors[record.submission_id]
            case ReviewRecord():
                assert self.reviews[record.review_id].reviewer_id == who
            case ReviewedWorkRecord():
                reviews = [each for each in self.reviews.values() if each.submission_id == record.submission_id]
                assert who in {each.reviewer_id for each in reviews}
                if self.settings[record.round_id].blind == "double" and record.round_id not in self.revealed:
                    assert record.author_ids == ()
                    assert record.file_name == ""
            case FeedbackRecord():
                assert who in self.authors[record.submission_id]
                blind = self.settings[record.round_id].blind != "none" and record.round_id not in self.revealed
                assert not blind or record.own or record.reviewer_id is None
            case DiscussionRecord():
                assert runs_it or who in record.participant_ids
                assert self.settings[record.round_id].blind == "none" or record.round_id in self.revealed
            case _:
                pass
